/* life_rows.h: a customer moved to the clock of a preview. Used by this module only. */
#ifndef BILL_LIFE_ROWS_H
#define BILL_LIFE_ROWS_H

#include "customer/customer.h"

/* Puts a customer, and what is due about it, on a test clock. */
NODISCARD enum err life_rows_move(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                  struct test_clock_id clock);

#endif
