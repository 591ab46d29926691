/* payer.h: customers, seen from their bills: what may become of one depends on what is open.
 *
 * A customer is changed, deleted and given subjects here, in one transaction with the look at its
 * subscriptions and invoices; the commands themselves are customer/customer.h's. What was metered
 * for an invoice that stands is never metered otherwise later: ownership of subjects changes behind
 * that time only.
 */
#ifndef BILL_PAYER_H
#define BILL_PAYER_H

#include "customer/customer.h"

struct payer_facts {
    bool is_subscribed;     /* a subscription that is not over */
    ulid current;           /* the one that runs now, or zero */
    bool has_lines;         /* pending ones */
    bool has_open_invoices; /* that are not settled */
    bool is_billed;         /* pending lines or invoices: the currency stays */
    instant metered_until;  /* end of the last service whose usage stands on an invoice */
};

/* What keeps such a customer from being deleted; FAULT_NONE: nothing does. Pure. */
enum fault payer_obstacle(const struct payer_facts *facts);

/* Replaces a customer: customer_update, with what the bills forbid. `change` needs its body and
 * what it keeps. */
NODISCARD enum err payer_update(struct cx *cx, text id_or_key, const struct customer_change *change,
                                struct customer *ret);

/* Deletes a customer: FAULT_CUSTOMER_IN_USE, FAULT_CUSTOMER_UNSETTLED. */
NODISCARD enum err payer_delete(struct cx *cx, text id_or_key);

/* Gives a subject to a customer: customer_assign, behind what was metered for it and for the owner
 * that it had. */
NODISCARD enum err payer_assign(struct cx *cx, const struct subject_assignment *wanted,
                                struct attribution *ret);

#endif
