/* payer_rows.h: a customer's bills in the store. Used by this module's flows only. */
#ifndef BILL_PAYER_ROWS_H
#define BILL_PAYER_ROWS_H

#include "bill/payer.h"

/* Fills the members that rows of invoices tell. */
NODISCARD enum err payer_rows_facts(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                    struct payer_facts *ret);

#endif
