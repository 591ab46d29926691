/* invoice_edits.c: drafts and gathering invoices replaced. */
#include "api/handlers.h"

#include "bill/invoice_edit.h"
#include "bill/invoicing.h"

static enum err edit_read(struct api_call *call, struct invoice_edit *ret)
{
    const struct fields *table = call->dialect == DIALECT_V1 ? &invoice_edit_v1_fields
                                                             : &invoice_edit_v3_fields;
    enum err err = body_read(call, table, ret);

    for (size_t i = 0; err == OK && i < ret->lines.count; i++) {
        text place = text_format(call->cx.arena, "lines[%zu]", i);

        if (!line_body_settle((struct line_body *)ret->lines.items + i, call->dialect, place,
                              &call->cx.problem))
            err = ERR_REFUSED;
    }
    if (err == OK && !invoice_edit_settle(ret, call->dialect, &call->cx.problem))
        err = ERR_REFUSED;
    return err;
}

/* v3 knows no gathering invoices. */
static enum err edit_find(struct api_call *call, struct invoice_id *ret)
{
    struct invoice invoice;
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &ret->ulid);

    if (err != OK || call->dialect == DIALECT_V1)
        return err;
    err = invoice_get(&call->cx, *ret, false, &invoice);
    if (err == OK && invoice.status == INVOICE_GATHERING)
        err = problem_refuse(&call->cx.problem, FAULT_INVOICE_ABSENT, "%.*s",
                             TEXT_ARG(call->path_params[0]));
    return err;
}

enum err invoices_update(struct api_call *call)
{
    struct invoice_edit edit;
    struct invoice invoice;
    struct invoice_id id;
    enum err err = edit_find(call, &id);

    if (err == OK)
        err = edit_read(call, &edit);
    if (err == OK)
        err = bill_invoice_edit(&call->cx, id, &edit, &invoice);
    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}
