/* worker.h: the loop that does what is due.
 *
 * Due work is rows with a time (bill/due.h). On the system's clock a thread of its own wakes when
 * the next row falls due, at the latest after a second. On a manual clock nothing happens by
 * itself: worker_advance steps the clock from one due time to the next, does what is due there,
 * and ends at the instant asked for, so that months go by period by period.
 *
 * Work that is due on a test clock (customer/test_clock.h) is not taken by either: it is done by
 * worker_advance_clock, which steps that clock the same way and disturbs nobody on another. Clocks
 * that are under way and that nobody waits for are advanced by a second thread, on either kind of
 * server clock; it also goes on where an earlier process was ended.
 *
 * Once an hour of its clock, after the due work, it gives up what is older than is kept: events of
 * usage, the outbox, answers to repeated requests (worker/retention.h).
 *
 * A row that fails is tried again after a while; one that keeps failing is parked with a reason
 * and does not stop the others (architecture, rule 9).
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include "identity/cx.h"

struct worker;

struct worker_config {
    struct store *store;
    struct usage *usage;
    struct rollup *rollup;
    struct clock *clock;
    struct ids *ids;
    struct random *random;
};

/* Freed with worker_free. */
struct worker *worker_new(const struct worker_config *config);

/* Starts the thread; only for a clock that runs by itself. */
void worker_start(struct worker *worker);

/* Starts the thread that advances test clocks which are under way. */
void worker_start_clocks(struct worker *worker);

/* From now on nothing more is begun: a worker_advance under way ends with ERR_STOPPED after the row
 * in hand. Called before what waits for it is stopped. */
void worker_interrupt(struct worker *worker);

/* Stops the thread, when there is one, after the work in hand, and frees the worker. */
void worker_free(struct worker *worker);

/* Does everything due at the clock's present instant. Returns OK also when rows were parked. */
NODISCARD enum err worker_run_due(struct worker *worker);

/* Moves the manual clock to `to`, doing all that falls due on the way. One call at a time; others
 * wait. `state` is the struct worker *: the shape that the api wants. */
NODISCARD enum err worker_advance(void *state, instant to);

/* Moves a test clock to `to`, doing all that falls due on it on the way. The clock keeps every
 * step, so an advance that was interrupted goes on where it was. One call at a time for a clock;
 * others wait. `state` is the struct worker *. */
NODISCARD enum err worker_advance_clock(void *state, struct org_id org, struct test_clock_id clock,
                                        instant to);

/* Has the thread that worker_start_clocks started look for clocks that are under way. `state` is
 * the struct worker *. */
void worker_wake_clocks(void *state);

/* Advances all test clocks that are under way to where they are going. */
NODISCARD enum err worker_finish_clocks(struct worker *worker);

struct worker_stats {
    uint64_t done; /* rows since the start */
    uint64_t retried;
    uint64_t parked;
};

/* Thread-safe. */
void worker_stats(struct worker *worker, struct worker_stats *ret);

#endif
