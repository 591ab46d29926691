/* invoice_tax_flow.c: what is known of taxes when an invoice is reckoned. */
#include "bill/invoice_work.h"

enum err invoice_work_book(struct cx *cx, struct invoice_work *work)
{
    CHECK(cx != NULL && work != NULL);
    const struct invoice_workflow *workflow = &work->record.workflow;
    struct tax_book book = {
        .is_enabled = workflow->is_tax_enabled,
        .has_default = workflow->has_default_tax,
        .profile_default = workflow->default_tax,
    };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct tax_defaults defaults;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = tax_rates_all(cx, tx, &book.rates);
    if (err != OK)
        return err;
    store_rollback(tx);
    tx = NULL;
    /* Without any rates the default does not matter. */
    if (book.is_enabled && book.rates.count > 0) {
        err = tax_defaults_read(cx, &defaults);
        if (err == OK)
            book.org_default = defaults.invoicing_id;
    }
    if (err == OK)
        work->book = book;
    return err;
}
