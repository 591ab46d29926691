/* billing.h: the commands that keep what is to be billed in step with subscriptions.
 *
 * Starting, cancelling, continuing or deleting a subscription and the change to its pending lines
 * are one transaction: these are the functions that requests call (subscription.h has the rules).
 *
 * Lines are made up to the end of the billing period that holds the present, together with what is
 * charged in advance for the next one. When that period ends, a row of due_work says so, and the
 * worker calls bill_run_due.
 */
#ifndef BILL_BILLING_H
#define BILL_BILLING_H

#include "bill/due.h"
#include "bill/invoice.h"
#include "subscribe/subscription_command.h"

/* subscription_create, subscription_edit, subscription_cancel, subscription_continue and
 * subscription_delete, with the lines brought up to date. Faults as there. */
NODISCARD enum err bill_subscription_create(struct cx *cx, const struct subscription_body *body,
                                            struct subscription *ret);
NODISCARD enum err bill_subscription_edit(struct cx *cx, const struct subscription_target *target,
                                          const struct subscription_edit_body *body,
                                          struct subscription *ret);
NODISCARD enum err bill_subscription_cancel(struct cx *cx, const struct subscription_target *target,
                                            text timing, struct subscription *ret);
NODISCARD enum err bill_subscription_continue(struct cx *cx,
                                              const struct subscription_target *target,
                                              struct subscription *ret);
NODISCARD enum err bill_subscription_delete(struct cx *cx,
                                            const struct subscription_target *target);

/* Makes the pending lines of a subscription what they should be at cx->now, in the caller's
 * transaction: new ones are added, changed ones adjusted, surplus ones removed. Schedules the next
 * time. Doing it twice changes nothing. FAULT_SUBSCRIPTION_ABSENT. */
NODISCARD enum err bill_sync_subscription(struct cx *cx, struct store_tx *tx,
                                          struct subscription_id subscription);

/* Does one piece of due work and marks it as done, in one transaction. cx->now is the present,
 * cx->org the row's. On any error nothing is changed; the caller parks the row (due_park) or tries
 * again. */
NODISCARD enum err bill_run_due(struct cx *cx, const struct due_row *row);

#endif
