/* life.c: whole-life previews; ours. */
#include "api/handlers.h"
#include "api/subscriptions.h"

#include "bill/life.h"

enum err subscriptions_preview_new(struct api_call *call)
{
    struct subscription_body body;
    struct life_request request;
    struct list invoices;
    enum err err = subscription_body_read(call, &subscription_preview_v3_fields, &body);

    if (err != OK)
        return err;
    request = (struct life_request){ body.until, body.quantities };
    err = life_preview_new(&call->cx, &body, &request, &invoices);
    return err == OK ? reply_data(call, &invoice_fields, &invoices) : err;
}

enum err subscriptions_preview(struct api_call *call)
{
    struct life_request request;
    struct list invoices;
    enum err err = body_read(call, &life_request_fields, &request);

    if (err == OK)
        err = life_preview(&call->cx, call->path_params[0], &request, &invoices);
    return err == OK ? reply_data(call, &invoice_fields, &invoices) : err;
}
