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

#include <stdatomic.h>

#include "bill/due.h"
#include "bill/invoice.h"
#include "subscribe/pending.h"

/* subscription_create, subscription_edit, subscription_cancel and so on, with the lines brought up
 * to date. Faults as there. */
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
NODISCARD enum err bill_subscription_change(struct cx *cx, const struct subscription_target *target,
                                            const struct subscription_body *body,
                                            struct subscription_pair *ret);
NODISCARD enum err bill_subscription_migrate(struct cx *cx,
                                             const struct subscription_target *target,
                                             const struct subscription_migrate_body *body,
                                             struct subscription_pair *ret);
NODISCARD enum err bill_subscription_restore(struct cx *cx,
                                             const struct subscription_target *target,
                                             struct subscription *ret);
NODISCARD enum err bill_subscription_delete(struct cx *cx,
                                            const struct subscription_target *target);

/* subscription_addon_create, …_update, …_withdraw, likewise. */
NODISCARD enum err bill_subscription_addon_create(struct cx *cx,
                                                  const struct subscription_target *target,
                                                  const struct subscription_addon_body *body,
                                                  struct subscription_addon *ret);
NODISCARD enum err bill_subscription_addon_update(struct cx *cx,
                                                  const struct subscription_addon_target *target,
                                                  const struct subscription_addon_body *body,
                                                  struct subscription_addon *ret);

/* Withdraws a change that has not taken effect (subscribe/pending.h). */
NODISCARD enum err bill_subscription_withdraw(struct cx *cx, const struct pending_target *target);

/* bill_subscription_migrate in the caller's transaction. */
NODISCARD enum err bill_migrate_in(struct cx *cx, struct store_tx *tx,
                                   const struct subscription_target *target,
                                   const struct subscription_migrate_body *body,
                                   struct subscription_pair *ret);

/* What issued lines of a subscription were billed too much (struct line_credit, line.h), by line.
 * FAULT_SUBSCRIPTION_ABSENT. */
NODISCARD enum err bill_subscription_credits(struct cx *cx, text id, struct list *ret);

/* Makes the pending lines of a subscription what they should be at cx->now, in the caller's
 * transaction: new ones are added, changed ones adjusted, surplus ones removed. Schedules the next
 * time. Doing it twice changes nothing. FAULT_SUBSCRIPTION_ABSENT. */
NODISCARD enum err bill_sync_subscription(struct cx *cx, struct store_tx *tx,
                                          struct subscription_id subscription);

/* The same of a subscription that was just made, as of its start when that has passed: the periods
 * since then fall due one after the other. */
NODISCARD enum err bill_sync_started(struct cx *cx, struct store_tx *tx,
                                     const struct subscription *subscription);

/* Does one piece of due work and marks it as done, in one transaction. cx->now is the present,
 * cx->org the row's. On any error nothing is changed; the caller parks the row (due_park) or tries
 * again. */
NODISCARD enum err bill_run_due(struct cx *cx, const struct due_row *row);

/* Pieces of due work of one kind and one organization. */
struct due_batch {
    const struct due_row *rows;
    size_t count;
    const atomic_bool *is_stopping; /* whether to leave off at the next part; NULL: never */
};

/* How many pieces are one part of a batch. */
#define DUE_PART 64

/* Does a batch, each part of it in one transaction, in order. `ret_done` says how many pieces are
 * done, also on an error: of the part after them none is, and each of its pieces is to be done by
 * itself (bill_run_due). What somebody else has done meanwhile counts as done. ERR_STOPPED. With
 * more than one part, a second thread gathers them ahead. */
NODISCARD enum err bill_run_due_batch(const struct cx *cx, const struct due_batch *due,
                                      size_t *ret_done);

/* The syncing kind, in a transaction of the caller. ERR_ABSENT when somebody else did it. */
NODISCARD enum err bill_sync_due(struct cx *cx, struct store_tx *tx, const struct due_row *row);

#endif
