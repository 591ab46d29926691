/* invoices.c: invoices as they gather, rated live. */
#include "api/handlers.h"

#include "bill/invoice.h"

/* v3, ours: what the customer would be billed if the invoice were made now, one object for each
 * currency. The contract's own list leaves gathering invoices out. */
enum err invoices_preview(struct api_call *call)
{
    struct list invoices;
    ulid id;
    enum err err = path_ulid(call, 0, FAULT_CUSTOMER_ABSENT, &id);

    if (err == OK)
        err = invoice_preview(&call->cx, call->path_params[0], &invoices);
    return err == OK ? reply_data(call, &invoice_fields, &invoices) : err;
}

/* v1: the invoices there are, all of which gather; a list that asks for another status is empty.
 * Lines are printed when expand names them. */
enum err invoices_list(struct api_call *call)
{
    struct invoice_query query = {
        .customers = param_list(call, "customers"),
        .page = param_page(call),
    };
    struct text_list statuses = param_list(call, "statuses");
    struct text_list expand = param_list(call, "expand");
    struct list invoices = { 0 };
    int64_t total = 0;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK && (statuses.count == 0 || text_list_holds(&statuses, TEXT("gathering"))))
        err = invoice_list(&call->cx, &query, &invoices, &total);
    if (err != OK)
        return err;
    for (size_t i = 0; !text_list_holds(&expand, TEXT("lines")) && i < invoices.count; i++)
        ((struct invoice *)invoices.items)[i].lines = (struct list){ 0 };
    return reply_page(call, &invoice_fields, &invoices, query.page, total);
}

enum err invoices_get(struct api_call *call)
{
    struct invoice invoice;
    struct invoice_id id;
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &id.ulid);

    if (err == OK)
        err = invoice_get(&call->cx, id, &invoice);
    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}
