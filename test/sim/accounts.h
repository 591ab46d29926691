/* accounts.h: money that was paid, given back and kept for later: each cent of it came from
 * somewhere and went somewhere, once.
 */
#ifndef TEST_SIM_ACCOUNTS_H
#define TEST_SIM_ACCOUNTS_H

#include "asking.h"

/* Holds the rows of an issued invoice against each other, against what was paid by hand, and
 * against what its lines have to give back. */
void accounts_audit_invoice(struct world *world, const struct seen *invoice);

/* What a customer has to its credit: entry by entry, and invoice by invoice against the payments of
 * each: of some of them, or of all. */
void accounts_audit_credit(struct world *world, const struct customer *customer, bool is_whole);

/* What was billed ahead and is not served after all is to be given back: original minus kept. */
void accounts_audit_stint(struct world *world, const struct customer *customer,
                          const struct stint *stint);

#endif
