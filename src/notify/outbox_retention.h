/* outbox_retention.h: how long the outbox is kept.
 *
 * Events are given up when they are older than the organization's outbox_retention, counted back
 * from the server's time in UTC, oldest first and without a hole: one whose delivery was begun and
 * is not done stays, and all after it. The newest event stays, too, and numbers go on where they
 * were. An event's age is that of its id: its own time may be a test clock's.
 *
 * Whoever reads the list at least once in that time misses nothing; whoever was away for longer
 * sees it by the numbers, which have no gaps.
 */
#ifndef NOTIFY_OUTBOX_RETENTION_H
#define NOTIFY_OUTBOX_RETENTION_H

#include "base/span.h"
#include "notify/outbox.h"

struct outbox_retention {
    span outbox_retention;
    instant keeps_from; /* read only: older events may be gone, now */
};

extern const struct fields outbox_retention_fields;

/* At least OUTBOX_DAYS_MIN days: who is told has to have the time to read. */
#define OUTBOX_DAYS_MIN 7
NODISCARD enum fault outbox_retention_check(span retention);

/* The organization's present setting. */
NODISCARD enum err outbox_retention_get(struct cx *cx, struct outbox_retention *ret);

/* Changes it. FAULT_OUTBOX_RETENTION_TOO_SHORT. */
NODISCARD enum err outbox_retention_set(struct cx *cx, const struct outbox_retention *wanted,
                                        struct outbox_retention *ret);

/* Gives up what is too old now, at most `limit` events, in a transaction of its own; how many. */
NODISCARD enum err outbox_prune(struct cx *cx, int64_t limit, int64_t *ret);

/* ---- for the flow ---- */

/* How many of the oldest events (struct outbox_event, in their order) can be given up: those that
 * were made before `before`, up to the first that stays. Pure. */
size_t outbox_prunable(const struct list *oldest, instant before);

/* The organization's oldest events but for its newest, without payloads. */
NODISCARD enum err outbox_oldest(struct cx *cx, struct store_tx *tx, int64_t limit,
                                 struct list *ret);

/* Removes the events up to a number, and remembers the numbers of the things they were about. */
NODISCARD enum err outbox_forget(struct cx *cx, struct store_tx *tx, int64_t up_to);

#endif
