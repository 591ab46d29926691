/* seal_rows.h: what an issued invoice said, as digests. Used by this module only.
 *
 * When an invoice is issued, a digest of its row and one of each of its lines are kept. So
 * verifying also finds a change that reckoning again cannot: of a number, a date, the copy of a
 * customer.
 *
 * What it is not: a signature. Whoever may write the rows may write the digests, too.
 */
#ifndef BILL_SEAL_ROWS_H
#define BILL_SEAL_ROWS_H

#include "bill/invoice.h"

/* Seals an invoice that is being issued, when all of it is stored. */
NODISCARD enum err seal_rows_write(struct cx *cx, struct store_tx *tx, struct invoice_id id);

/* Where what is stored is not what was sealed. */
struct seal_break {
    struct any_id line_id; /* zero: in the invoice itself, or a line too many or too few */
    text stored;           /* digests */
    text sealed;
};

/* The breaks of an issued invoice's seal: struct seal_break. None of an invoice that was issued
 * before there were seals. */
NODISCARD enum err seal_rows_check(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                   struct list *ret);

#endif
