/* sync_inside.h: the lines of one subscription brought up to date, in two halves, so that due work
 * gathers and decides many before it writes any. Used by this module only.
 */
#ifndef BILL_SYNC_INSIDE_H
#define BILL_SYNC_INSIDE_H

#include "bill/billing.h"
#include "bill/sync_rows.h"

/* What the lines of a subscription are decided from. */
struct sync_material {
    struct subscription subscription; /* as it is stored */
    struct subscription cut;          /* at its end */
    struct list present;              /* of struct pending_line: those that can still change */
    struct sync_state state;
    struct list credits;              /* of struct line_credit: noted before */
    struct invoice_workflow workflow; /* its customer's */
};

/* Up to where lines are to be there, and when to look again. */
struct sync_plan {
    instant horizon;    /* INSTANT_NONE: it has not begun, nothing to do */
    instant next;       /* INSTANT_NONE: never */
    instant settled_to; /* what ended before it is never looked at again: changes take effect
                           at the present or later, and what is billed with the present period
                           is billed earlier when that is cut */
};

struct sync_work {
    instant as_of;
    struct sync_material material;
    struct sync_plan plan;
    struct line_changes changes;
};

/* Reads, and decides the lines as of an instant, which is the present or a past at which work fell
 * due. FAULT_SUBSCRIPTION_ABSENT, and what lines_wanted refuses. */
NODISCARD enum err sync_gather(struct cx *cx, struct store_tx *tx, struct subscription_id id,
                               instant as_of, struct sync_work *ret);

/* Writes what was decided. When it was gathered in another transaction, sync_still_holds is asked
 * first. */
NODISCARD enum err sync_apply(struct cx *cx, struct store_tx *tx, const struct sync_work *work);

/* Whether what was decided still is right: only lines are added, and nobody has changed the
 * subscription or synced it since. */
NODISCARD enum err sync_still_holds(struct cx *cx, struct store_tx *tx,
                                    const struct sync_work *work, bool *ret);

#endif
