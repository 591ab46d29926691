/* sync_rows.h: what keeping lines in step with subscriptions reads and writes besides lines: how
 * far it has come, and what issued lines are to give back. Used by this module only. */
#ifndef BILL_SYNC_ROWS_H
#define BILL_SYNC_ROWS_H

#include "bill/line.h"

struct sync_state {
    instant synced_to;  /* lines are there up to it; INSTANT_NONE: never */
    instant settled_to; /* what ended before it cannot change any more; INSTANT_NONE: nothing */
};

/* What was noted; none when the subscription was never looked at. */
NODISCARD enum err sync_rows_state(struct cx *cx, struct store_tx *tx,
                                   struct subscription_id subscription, struct sync_state *ret);
NODISCARD enum err sync_rows_set_state(struct cx *cx, struct store_tx *tx,
                                       struct subscription_id subscription,
                                       const struct sync_state *state);

/* Whether the subscription and what was noted of it are as they were read. */
NODISCARD enum err sync_rows_is_at(struct cx *cx, struct store_tx *tx,
                                   const struct subscription *subscription,
                                   const struct sync_state *state, bool *ret);

/* The lines of an item from a period on, and all lines of items that were taken out of a
 * subscription again: struct pending_line. */
NODISCARD enum err sync_rows_lines_of_item(struct cx *cx, struct store_tx *tx, struct item_id item,
                                           int64_t first, struct list *ret);
NODISCARD enum err sync_rows_lines_of_removed(struct cx *cx, struct store_tx *tx,
                                              struct subscription_id subscription,
                                              struct list *ret);

/* What lines of a subscription, of an invoice are to give back: struct line_credit; to note it
 * anew, to forget it. */
NODISCARD enum err sync_rows_credits(struct cx *cx, struct store_tx *tx,
                                     struct subscription_id subscription, struct list *ret);
NODISCARD enum err sync_rows_credits_of_invoice(struct cx *cx, struct store_tx *tx,
                                                struct invoice_id invoice, struct list *ret);
NODISCARD enum err sync_rows_credit_set(struct cx *cx, struct store_tx *tx,
                                        const struct line_credit *credit);
NODISCARD enum err sync_rows_credit_delete(struct cx *cx, struct store_tx *tx, struct line_id line);

#endif
