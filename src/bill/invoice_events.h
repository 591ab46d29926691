/* invoice_events.h: the one place that tells others of invoices. */
#ifndef BILL_INVOICE_EVENTS_H
#define BILL_INVOICE_EVENTS_H

#include "bill/invoice_work.h"
#include "notify/outbox.h"

/* Writes down that an invoice was made or changed (OUTBOX_INVOICE_…), with the invoice as it is
 * now, in the transaction of the change. */
NODISCARD enum err bill_event(struct cx *cx, struct store_tx *tx, const char *type,
                              const struct invoice_work *work);

#endif
