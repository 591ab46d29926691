/* invoice_apps.c: the apps that this program has. */
#include "bill/invoice_app.h"

#include "bill/invoice_apps.h"

static const struct invoice_app *const apps[] = { &invoice_app_sandbox, &invoice_app_external };

const struct invoice_app *invoice_app_find(text type)
{
    for (size_t i = 0; i < COUNT_OF(apps); i++) {
        if (text_equal(type, text_of(apps[i]->type)))
            return apps[i];
    }
    return NULL;
}
