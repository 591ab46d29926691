/* verify_rows.h: which invoices there are to verify. Used by this module only. */
#ifndef BILL_VERIFY_ROWS_H
#define BILL_VERIFY_ROWS_H

#include "bill/invoice.h"

struct issued_invoice {
    struct any_id id;
    text number;
};

/* Issued invoices behind `after`, by id: at most `limit` struct issued_invoice. */
NODISCARD enum err verify_rows_issued(struct cx *cx, struct store_tx *tx, struct invoice_id after,
                                      int64_t limit, struct list *ret);

#endif
