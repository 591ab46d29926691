/* invoice_simulate.c: invoices that are reckoned and forgotten. v1. */
#include "api/handlers.h"

#include "bill/invoice_simulate.h"

enum err invoices_simulate(struct api_call *call)
{
    struct cx *cx = &call->cx;
    struct invoice_simulation simulation;
    struct invoice invoice;
    enum err err = body_read(call, &invoice_simulation_fields, &simulation);

    if (err == OK && !invoice_simulation_settle(&simulation, &cx->problem))
        err = ERR_REFUSED;
    if (err == OK)
        err = bill_invoice_simulate(cx, call->path_params[0], &simulation, &invoice);
    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}
