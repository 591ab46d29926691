/* test_clock.h: clocks that single customers live on.
 *
 * A customer made on a test clock has its own present: its subscriptions, its invoices and the work
 * due for it are at the clock's time, while everybody else is at the server's. The clock stands
 * until it is advanced, and then the customer's whole life in between is run, due time by due time
 * (worker/worker.h does that).
 *
 * What it is not: the clock of the server, which may be a manual one too (base/clock.h). Events and
 * meters know nothing of it: an event without a time happened on the server's clock.
 *
 * Commands refuse through cx->problem (ERR_REFUSED). Answers live in cx->arena.
 */
#ifndef CUSTOMER_TEST_CLOCK_H
#define CUSTOMER_TEST_CLOCK_H

#include "codec/fields.h"
#include "codec/page.h"
#include "identity/cx.h"

enum test_clock_status { TEST_CLOCK_READY, TEST_CLOCK_ADVANCING, TEST_CLOCK_STATUS_COUNT };

struct test_clock {
    struct test_clock_id id;
    struct org_id org_id;
    text name;
    instant now;                   /* on the clock */
    instant advancing_to;          /* where it is on its way to; INSTANT_NONE while it stands */
    enum test_clock_status status; /* of answers */
    instant created_at;            /* these on the server's */
    instant updated_at;
    instant deleted_at;
};

struct test_clock_advance {
    instant to;
    bool has_wait;
    bool waits; /* the answer is to come when the clock is there */
};

/* Rows of the table, and answers; bodies that make one; bodies that move one. */
extern const struct fields test_clock_fields;
extern const struct fields test_clock_create_fields;
extern const struct fields test_clock_advance_fields;

/* Makes a clock that stands at body->now, or at the server's time when that is INSTANT_NONE.
 * FAULT_TEST_CLOCK_RANGE outside 1970 to 2199, FAULT_TEST_CLOCK_FULL when there are too many. */
NODISCARD enum err test_clock_create(struct cx *cx, const struct test_clock *body,
                                     struct test_clock *ret);

/* FAULT_TEST_CLOCK_ABSENT. */
NODISCARD enum err test_clock_get(struct cx *cx, struct test_clock_id id, struct test_clock *ret);

/* One page, oldest first: a list of struct test_clock. `ret_total` counts all pages. */
NODISCARD enum err test_clock_list(struct cx *cx, struct page page, struct list *ret,
                                   int64_t *ret_total);

/* FAULT_TEST_CLOCK_ABSENT, FAULT_TEST_CLOCK_IN_USE while a customer lives on it. */
NODISCARD enum err test_clock_delete(struct cx *cx, struct test_clock_id id);

/* Sends the clock on its way to an instant, in a transaction of its own; `ret_is_long` says whether
 * it is too long for a request to wait for unless it wants to. Nothing happens to one that is on
 * its way there. FAULT_TEST_CLOCK_ABSENT, FAULT_CLOCK_BACKWARDS, FAULT_TEST_CLOCK_ADVANCING when it
 * goes elsewhere, FAULT_TEST_CLOCK_RANGE when it is too far on, or past 2199. */
NODISCARD enum err test_clock_send(struct cx *cx, struct test_clock_id id, instant to,
                                   bool *ret_is_long);

/* Moves the clock on, in a transaction of its own; an instant that it has passed changes nothing.
 */
NODISCARD enum err test_clock_move(struct cx *cx, struct test_clock_id id, instant to);

/* The same at the end of an advance: the clock stands there. */
NODISCARD enum err test_clock_arrive(struct cx *cx, struct test_clock_id id, instant to);

/* The clocks of all organizations that are on their way, oldest first: a list of struct test_clock.
 */
NODISCARD enum err test_clocks_advancing(struct store *store, struct arena *arena,
                                         struct list *ret);

/* The clock in a transaction of the caller, for a customer to be made on it:
 * FAULT_TEST_CLOCK_ABSENT, FAULT_TEST_CLOCK_FULL when too many live on it. */
NODISCARD enum err test_clock_need(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                                   struct test_clock *ret);

#endif
