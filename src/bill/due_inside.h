/* due_inside.h: due work on invoices, one by one or many in one transaction. Used by this module
 * only. */
#ifndef BILL_DUE_INSIDE_H
#define BILL_DUE_INSIDE_H

#include "bill/invoice_collect_inside.h"
#include "bill/invoice_move.h"

/* What a row of DUE_INVOICE_COLLECT is to make; nothing when its gathering invoice is gone. `read`
 * is what the rows of a batch have read so far, or NULL. */
NODISCARD enum err collect_gather(struct cx *cx, const struct due_row *row,
                                  struct meters_read *read, struct collection *ret);

/* The trigger that a row pulls; false for other kinds. */
bool due_move_of(const struct due_row *row, struct invoice_move *ret);

#endif
