/* draft_follow.h: drafts follow the subscriptions whose lines they hold, as long as they may be
 * edited. Used by this module only.
 *
 * Two steps, because what was used is measured without a transaction. With the change of the
 * subscription the draft's lines get their new times, and the draft is `draft.updating`: nobody can
 * issue it as it was. Then it is measured, rated and sent on its way again: at once by the command
 * that changed the subscription, else by the due work that was written with the change.
 *
 * A draft of which nothing is left is deleted.
 */
#ifndef BILL_DRAFT_FOLLOW_H
#define BILL_DRAFT_FOLLOW_H

#include "bill/line.h"
#include "identity/cx.h"

/* In the transaction of the change: struct line_drafted of any number of drafts. */
NODISCARD enum err draft_follow(struct cx *cx, struct store_tx *tx, const struct list *drafted);

/* After it: settles the customer's drafts that were changed. What cannot be done now is left to the
 * due work, so there is nothing to report. The thread holds no transaction. */
void draft_settle(struct cx *cx, struct customer_id customer);

/* After somebody outside, who had the draft, gave it back: what its subscriptions gave up meanwhile
 * was noted to be credited; as it may be edited again, it follows them. What cannot be done stays
 * noted. The thread holds no transaction. */
void draft_resume(struct cx *cx, struct invoice_id id);

#endif
