/* app_external.c: custom invoicing as an app: it waits where its hooks say so, and for the payment.
 */
#include "bill/app_external.h"

#include "bill/app_rows.h"
#include "bill/invoice_apps.h"
#include "bill/payment.h"

static enum err hooks_gather(const struct app_call *call, struct app *ret)
{
    struct app_id id = { call->app->id.ulid };
    return app_rows_get(call->cx, call->tx, id, ret);
}

static enum err external_upsert(const struct app_call *call, struct app_result *ret)
{
    struct app app;
    enum err err = hooks_gather(call, &app);
    if (err == OK && app.enable_draft_sync_hook)
        ret->outcome = APP_WAITS;
    return err;
}

static enum err external_finalize(const struct app_call *call, struct app_result *ret)
{
    struct app app;
    enum err err = hooks_gather(call, &app);
    if (err == OK && app.enable_issuing_sync_hook)
        ret->outcome = APP_WAITS;
    return err;
}

/* Somebody may have paid by other ways already; else the payment is reported. */
static enum err external_pay(const struct app_call *call, struct app_result *ret)
{
    struct payment_balance balance;
    enum err err = payment_outstanding(call, &balance);
    if (err == OK && dec_is_zero(balance.outstanding))
        ret->trigger = TRIGGER_PAID;
    return err;
}

const struct invoice_app invoice_app_external = {
    .type = "external_invoicing",
    .tax = invoice_tax_lines,
    .upsert = external_upsert,
    .finalize = external_finalize,
    .pay = external_pay,
};
