/* payment_rows.h: payments in the store. Used by this module only. */
#ifndef BILL_PAYMENT_ROWS_H
#define BILL_PAYMENT_ROWS_H

#include "bill/payment.h"

/* All rows of an invoice, by number: struct payment with its views. */
NODISCARD enum err payment_rows_of_invoice(struct cx *cx, struct store_tx *tx,
                                           struct invoice_id invoice, struct list *ret);

/* Stores a new row. ERR_CONFLICT when the invoice has one with its number. */
NODISCARD enum err payment_rows_insert(struct store_tx *tx, const struct payment *payment);

/* When the payment of an invoice is tried again; INSTANT_NONE when that is not planned. */
NODISCARD enum err payment_rows_retry_at(struct cx *cx, struct store_tx *tx,
                                         struct invoice_id invoice, instant *ret);

#endif
