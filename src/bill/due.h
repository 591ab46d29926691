/* due.h: work that falls due at an instant.
 *
 * A row says what kind of work, on which thing, and when. The worker asks for the next row that is
 * due, does it, and marks it in the same transaction as the work. A row is unique by (kind,
 * subject, due_at): scheduling it again changes nothing, so work may be scheduled by everyone who
 * knows of it. A row that cannot be done is parked with a reason and stays to be looked at;
 * the others go on.
 *
 * A row belongs to a clock: to the server's, or to the test clock that was entered when it was
 * scheduled, because that is whose customer it is about. Each is taken on its own clock only.
 *
 * What it is not: a queue of messages. The work itself reads what is true when it runs.
 */
#ifndef BILL_DUE_H
#define BILL_DUE_H

#include "base/id.h"
#include "codec/fields.h"
#include "identity/cx.h"

ID_TYPE(due);
ID_TYPE(due_subject); /* what the work is on: the kind says what sort of id */

/* Kinds of work. */
#define DUE_SUBSCRIPTION_SYNC "subscription.sync"
#define DUE_INVOICE_COLLECT                                                                        \
    "invoice.collect"                         /* on a gathering invoice: lines are to be invoiced  \
                                               */
#define DUE_INVOICE_ADVANCE "invoice.advance" /* on a draft: its time to wait is over */
#define DUE_INVOICE_RETRY   "invoice.retry"   /* on an issued invoice: its payment is tried again */
#define DUE_INVOICE_OVERDUE "invoice.overdue" /* on an issued invoice: it should be paid by now */

struct due_row {
    struct due_id id;
    struct org_id org_id;
    text kind;
    struct due_subject_id subject_id;
    instant due_at;
    int64_t attempts;   /* how often it failed */
    instant retry_at;   /* not before; due_at at first */
    text parked_reason; /* ptr NULL while it is to be done */
    instant created_at;
    struct test_clock_id clock_id; /* zero: the server's clock */
};

extern const struct fields due_row_fields;

/* Adds a row for the organization of the context, on the clock of the context, unless there is one.
 */
NODISCARD enum err due_schedule(struct cx *cx, struct store_tx *tx, text kind, ulid subject,
                                instant due_at);

/* Takes back everything scheduled of a kind for a thing, parked rows too. */
NODISCARD enum err due_cancel(struct cx *cx, struct store_tx *tx, text kind, ulid subject);

/* The row of any organization that has been due longest at `now` on the server's clock and is not
 * parked; ERR_ABSENT when none is. Texts live in the arena. */
NODISCARD enum err due_next(struct store *store, instant now, struct arena *arena,
                            struct due_row *ret);

/* The rows that have been due longest, of one instant those of one kind first: at most `limit` of
 * one kind and organization, as a list of struct due_row; empty when none is due. */
NODISCARD enum err due_next_batch(struct store *store, instant now, int64_t limit,
                                  struct arena *arena, struct list *ret);

/* How much is due on the server's clock at `now`, and since when the oldest of it (INSTANT_NONE:
 * nothing is). Parked rows do not count. */
NODISCARD enum err due_backlog(struct store *store, instant now, int64_t *ret_count,
                               instant *ret_since);

/* When the earliest row on the server's clock that is not parked falls due; INSTANT_NONE when there
 * is none. */
NODISCARD enum err due_next_at(struct store *store, instant *ret);

/* The row of a test clock that is not parked and falls due before all others of it; ERR_ABSENT when
 * there is none. */
NODISCARD enum err due_first_of_clock(struct store *store, struct test_clock_id clock,
                                      struct arena *arena, struct due_row *ret);

/* Removes a row whose work is done, in the transaction of the work. ERR_ABSENT when somebody else
 * did it: roll back. */
NODISCARD enum err due_done(struct store_tx *tx, const struct due_row *row, struct arena *arena);

/* Notes a failure: to be tried again at `retry_at`. A transaction of its own. */
NODISCARD enum err due_retry(struct store *store, const struct due_row *row, instant retry_at,
                             struct arena *arena);

/* Sets a row aside with a reason, in a transaction of its own. */
NODISCARD enum err due_park(struct store *store, const struct due_row *row, text reason,
                            struct arena *arena);

/* Sets a parked row of the context's organization going again, now. FAULT_DUE_ABSENT when no parked
 * row has the id. */
NODISCARD enum err due_unpark(struct cx *cx, struct due_id id);

/* How many rows are parked, of all organizations. */
NODISCARD enum err due_parked_count(struct store *store, int64_t *ret);

/* The parked rows of the context's organization: a list of struct due_row, oldest first. */
NODISCARD enum err due_parked(struct cx *cx, struct list *ret);

#endif
