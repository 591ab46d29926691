/* invoices.c: invoices as they gather, rated live. */
#include "api/handlers.h"

#include "bill/invoice.h"

/* v3, ours: what the customer would be billed if the invoice were made now, one object for each
 * currency. The contract's own list leaves gathering invoices out. */
enum err invoices_preview(struct api_call *call)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);
    struct list invoices;
    ulid id;
    enum err err = path_ulid(call, 0, FAULT_CUSTOMER_ABSENT, &id);

    if (err == OK)
        err = invoice_preview(&call->cx, call->path_params[0], &invoices);
    if (err != OK)
        return err;
    json_object_begin(&w);
    json_key(&w, TEXT("data"));
    json_array_begin(&w);
    for (size_t i = 0; i < invoices.count; i++)
        fields_write(&invoice_fields, DIALECT_V3, &w, &((const struct invoice *)invoices.items)[i]);
    json_array_end(&w);
    json_object_end(&w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}
