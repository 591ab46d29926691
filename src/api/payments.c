/* payments.c: what was paid on invoices (ours, v3), and custom invoicing's answers (v1). */
#include "api/handlers.h"

#include "bill/app_external.h"
#include "bill/payment.h"

static enum err path_invoice(struct api_call *call, struct invoice_id *ret)
{
    return path_ulid(call, 0, FAULT_INVOICE_ABSENT, &ret->ulid);
}

enum err payments_create(struct api_call *call)
{
    struct invoice_id id;
    struct payment_body body;
    struct payment made;
    enum err err = path_invoice(call, &id);

    if (err == OK)
        err = body_read(call, &payment_body_fields, &body);
    if (err == OK)
        err = payment_record(&call->cx, id, &body, &made);
    return err == OK ? reply_one(call, &payment_fields, &made) : err;
}

enum err payments_list(struct api_call *call)
{
    struct page page = param_page(call);
    struct invoice_id id;
    struct list list;
    int64_t total;
    enum err err = path_invoice(call, &id);

    if (err == OK)
        err = problem_err(&call->cx.problem);
    if (err == OK)
        err = payment_list(&call->cx, id, page, &list, &total);
    return err == OK ? reply_page(call, &payment_fields, &list, page, total) : err;
}

enum err payments_balance(struct api_call *call)
{
    struct invoice_id id;
    struct invoice_balance balance;
    enum err err = path_invoice(call, &id);

    if (err == OK)
        err = payment_balance_get(&call->cx, id, &balance);
    return err == OK ? reply_one(call, &invoice_balance_fields, &balance) : err;
}

enum err payments_give_up(struct api_call *call)
{
    struct invoice_id id;
    struct invoice_balance balance;
    enum err err = path_invoice(call, &id);

    if (err == OK)
        err = payment_give_up(&call->cx, id, &balance);
    return err == OK ? reply_one(call, &invoice_balance_fields, &balance) : err;
}

/* ---- custom invoicing ---------------------------------------------------------------------- */

enum err external_draft_done(struct api_call *call)
{
    struct invoice_id id;
    struct external_draft body;
    enum err err = path_invoice(call, &id);

    if (err == OK)
        err = body_read(call, &external_draft_fields, &body);
    if (err == OK)
        err = external_draft_synchronized(&call->cx, id, &body);
    return err == OK ? reply_empty(call) : err;
}

enum err external_issuing_done(struct api_call *call)
{
    struct invoice_id id;
    struct external_issue body;
    enum err err = path_invoice(call, &id);

    if (err == OK)
        err = body_read(call, &external_issue_fields, &body);
    if (err == OK)
        err = external_issuing_synchronized(&call->cx, id, &body);
    return err == OK ? reply_empty(call) : err;
}

enum err external_payment_done(struct api_call *call)
{
    struct invoice_id id;
    struct external_payment body;
    enum err err = path_invoice(call, &id);

    if (err == OK)
        err = body_read(call, &external_payment_fields, &body);
    if (err == OK)
        err = external_payment_status(&call->cx, id, &body);
    return err == OK ? reply_empty(call) : err;
}
