/* worker_clocks.c: advancing test clocks, for who waits and for who does not. */
#include "base/log.h"
#include "customer/test_clock.h"
#include "worker/worker_inside.h"

#define CLOCKS_RETRY_NS (10 * NS_PER_SECOND) /* after a trouble of the world */

/* A test clock that somebody is advancing; a part of that one's stack. */
struct clock_journey {
    struct test_clock_id clock;
    struct clock_journey *next;
};

static bool is_travelling(const struct worker *worker, struct test_clock_id clock)
{
    const struct clock_journey *journey = worker->journeys;

    while (journey && !ulid_equal(journey->clock.ulid, clock.ulid))
        journey = journey->next;
    return journey != NULL;
}

/* Takes the clock for oneself, after whoever has it: one clock is stepped by one thread. */
static void journey_begin(struct worker *worker, struct clock_journey *journey)
{
    MUST(pthread_mutex_lock(&worker->lock) == 0);
    while (is_travelling(worker, journey->clock))
        MUST(pthread_cond_wait(&worker->clock_wake, &worker->lock) == 0);
    journey->next = worker->journeys;
    worker->journeys = journey;
    MUST(pthread_mutex_unlock(&worker->lock) == 0);
}

static void journey_end(struct worker *worker, struct clock_journey *journey)
{
    struct clock_journey **place = &worker->journeys;

    MUST(pthread_mutex_lock(&worker->lock) == 0);
    while (*place != journey)
        place = &(*place)->next;
    *place = journey->next;
    MUST(pthread_cond_broadcast(&worker->clock_wake) == 0);
    MUST(pthread_mutex_unlock(&worker->lock) == 0);
}

/* Moves the clock to where the row falls due, unless it is past that, and does the row there. */
static enum err clock_step(struct worker *worker, const struct due_row *row, struct cx *cx)
{
    struct test_clock clock;
    enum err err = test_clock_move(cx, row->clock_id, row->retry_at);

    if (err == OK)
        err = test_clock_get(cx, row->clock_id, &clock);
    if (err != OK)
        return err;
    cx_enter_clock(cx, clock.id, clock.now);
    return worker_run_row(worker, cx, row);
}

/* Steps through what is due on a test clock up to `to`, and leaves it there. */
static enum err clock_steps(struct worker *worker, struct org_id org, struct test_clock_id id,
                            instant to)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();

    for (;;) {
        struct due_row row;
        struct cx cx;
        enum err err;

        arena_reset(arena);
        cx = worker_cx(worker, arena, org);
        err = due_first_of_clock(cx.store, id, arena, &row);
        if (err == ERR_ABSENT || (err == OK && instant_before(to, row.retry_at)))
            return test_clock_arrive(&cx, id, to);
        if (err == OK)
            err = worker->is_stopping ? ERR_STOPPED : clock_step(worker, &row, &cx);
        if (err != OK)
            return err;
    }
}

enum err worker_advance_clock(void *state, struct org_id org, struct test_clock_id clock,
                              instant to)
{
    struct worker *worker = state;
    struct clock_journey journey = { .clock = clock };
    enum err err;

    CHECK(!ulid_is_zero(clock.ulid) && !instant_is_none(to));
    journey_begin(worker, &journey);
    err = clock_steps(worker, org, clock, to);
    journey_end(worker, &journey);
    return err;
}

enum err worker_finish_clocks(struct worker *worker)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct list clocks = { 0 };
    enum err err = test_clocks_advancing(worker->config.store, arena, &clocks);

    for (size_t i = 0; i < clocks.count && err == OK; i++) {
        const struct test_clock *clock = &((const struct test_clock *)clocks.items)[i];

        err = worker->is_stopping
                  ? ERR_STOPPED
                  : worker_advance_clock(worker, clock->org_id, clock->id, clock->advancing_to);
    }
    return err;
}

/* Waits until a test clock is to be advanced, at the latest until `until` (monotonic; 0: for ever);
 * whether to go on. */
static bool wait_for_clocks(struct worker *worker, int64_t until)
{
    struct timespec at = { until / NS_PER_SECOND, until % NS_PER_SECOND };
    bool goes_on;

    MUST(pthread_mutex_lock(&worker->lock) == 0);
    while (!worker->is_stopping && !worker->has_clocks_waiting) {
        if (until == 0)
            MUST(pthread_cond_wait(&worker->clock_wake, &worker->lock) == 0);
        else if (pthread_cond_timedwait(&worker->clock_wake, &worker->lock, &at) != 0)
            break;
    }
    worker->has_clocks_waiting = false;
    goes_on = !worker->is_stopping;
    MUST(pthread_mutex_unlock(&worker->lock) == 0);
    return goes_on;
}

static void *clocks_loop(void *state)
{
    struct worker *worker = state;
    int64_t until = 0;

    while (wait_for_clocks(worker, until)) {
        enum err err = worker_finish_clocks(worker);

        until = 0;
        if (err != OK && err != ERR_STOPPED) {
            log_error("test_clocks_failed", LOG_CSTR("error", err_name(err)));
            until = clock_monotonic_ns() + CLOCKS_RETRY_NS;
        }
    }
    return NULL;
}

void worker_start_clocks(struct worker *worker)
{
    CHECK(!worker->has_clock_thread);
    worker->has_clocks_waiting = true; /* some may have been under way when the program ended */
    MUST(pthread_create(&worker->clock_thread, NULL, clocks_loop, worker) == 0);
    worker->has_clock_thread = true;
}

void worker_wake_clocks(void *state)
{
    struct worker *worker = state;

    CHECK(worker->has_clock_thread);
    MUST(pthread_mutex_lock(&worker->lock) == 0);
    worker->has_clocks_waiting = true;
    MUST(pthread_cond_broadcast(&worker->clock_wake) == 0);
    MUST(pthread_mutex_unlock(&worker->lock) == 0);
}

void worker_clocks_end(struct worker *worker)
{
    if (worker->has_clock_thread)
        MUST(pthread_join(worker->clock_thread, NULL) == 0);
    CHECK(worker->journeys == NULL);
}
