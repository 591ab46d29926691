/* worker.c: claiming due rows one by one, on either kind of clock. */
#include "worker/worker_inside.h"

#include "base/log.h"
#include "bill/billing.h"
#include "identity/org.h"
#include "worker/retention.h"

#define WORKER_ATTEMPTS_MAX 5
#define WORKER_BATCH        1024 /* pieces of work that are looked up at once */
#define WORKER_WAKE_NS      NS_PER_SECOND
#define WORKER_RETRY_NS     (10 * NS_PER_SECOND)
#define WORKER_RETENTION_NS NS_PER_HOUR /* between two looks for events that are too old */

struct worker *worker_new(const struct worker_config *config)
{
    struct worker *worker = calloc(1, sizeof *worker);
    pthread_condattr_t monotonic;

    MUST(worker);
    CHECK(config->store && config->usage && config->clock && config->ids);
    worker->config = *config;
    worker->retention_at = INSTANT_NONE;
    MUST(pthread_mutex_init(&worker->run_lock, NULL) == 0);
    MUST(pthread_mutex_init(&worker->lock, NULL) == 0);
    MUST(pthread_condattr_init(&monotonic) == 0);
    MUST(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    MUST(pthread_cond_init(&worker->wake, &monotonic) == 0);
    MUST(pthread_cond_init(&worker->clock_wake, &monotonic) == 0);
    MUST(pthread_condattr_destroy(&monotonic) == 0);
    return worker;
}

struct cx worker_cx(struct worker *worker, struct arena *arena, struct org_id org)
{
    struct cx cx = {
        .arena = arena,
        .store = worker->config.store,
        .usage = worker->config.usage,
        .rollup = worker->config.rollup,
        .ids = worker->config.ids,
        .random = worker->config.random,
        .org = org,
        .role = ROLE_ADMIN,
        .actor = TEXT("worker"),
        .now = clock_now(worker->config.clock),
    };

    problem_init(&cx.problem, arena);
    return cx;
}

/* A refusal will not change by waiting: parked at once. A trouble is tried again a few times. */
static enum err row_failed(struct worker *worker, struct cx *cx, const struct due_row *row,
                           enum err err)
{
    bool is_refused = err == ERR_REFUSED && problem_is_set(&cx->problem);
    text reason = is_refused ? problem_sentence(&cx->problem) : text_of(err_name(err));
    bool is_final = err == ERR_REFUSED || row->attempts + 1 >= WORKER_ATTEMPTS_MAX;

    log_warn(is_final ? "work_parked" : "work_failed", LOG_TEXT("kind", row->kind),
             LOG_TEXT("subject", ulid_text(cx->arena, row->subject_id.ulid)),
             LOG_TEXT("reason", reason));
    atomic_fetch_add(is_final ? &worker->parked : &worker->retried, 1);
    if (is_final)
        return due_park(worker->config.store, row, reason, cx->arena);
    return due_retry(worker->config.store, row, (instant){ cx->now.ns + WORKER_RETRY_NS },
                     cx->arena);
}

enum err worker_run_row(struct worker *worker, struct cx *cx, const struct due_row *row)
{
    enum err err = bill_run_due(cx, row);

    if (err != OK)
        return row_failed(worker, cx, row, err);
    atomic_fetch_add(&worker->done, 1);
    return OK;
}

/* Rows of a kind, each by itself. */
static enum err run_each(struct worker *worker, struct arena *arena, const struct due_row *rows,
                         size_t count)
{
    enum err err = OK;

    for (size_t i = 0; i < count && err == OK && !worker->is_stopping; i++) {
        struct cx cx = worker_cx(worker, arena, rows[i].org_id);

        err = worker_run_row(worker, &cx, &rows[i]);
    }
    return err;
}

/* Several rows of a kind at once. Where that does not go through, the next few are done each by
 * itself, so that one in trouble keeps none of the others. */
static enum err run_rows(struct worker *worker, struct arena *arena, const struct list *rows)
{
    struct due_batch batch = { rows->items, rows->count, &worker->is_stopping };
    struct cx cx = worker_cx(worker, arena, batch.rows[0].org_id);
    size_t done = 0;

    if (rows->count == 1)
        return run_each(worker, arena, batch.rows, 1);
    enum err err = bill_run_due_batch(&cx, &batch, &done);
    size_t left = rows->count - done;

    atomic_fetch_add(&worker->done, done);
    if (err == OK || err == ERR_STOPPED)
        return err;
    return run_each(worker, arena, batch.rows + done, left < DUE_PART ? left : DUE_PART);
}

/* What is due first, and what is like it; ERR_ABSENT when nothing is due. */
static enum err run_some(struct worker *worker, struct arena *arena)
{
    struct list rows;
    enum err err = due_next_batch(worker->config.store, clock_now(worker->config.clock),
                                  WORKER_BATCH, arena, &rows);

    if (err != OK)
        return err;
    return rows.count == 0 ? ERR_ABSENT : run_rows(worker, arena, &rows);
}

/* Gives up what is older than is kept. A failure is told and
 * looked into again at the next time: nobody waits for it. */
static void run_retention(struct worker *worker)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    instant now = clock_now(worker->config.clock);
    struct list orgs = { 0 };
    enum err err;

    if (!instant_is_none(worker->retention_at) &&
        now.ns - worker->retention_at.ns < WORKER_RETENTION_NS)
        return;
    worker->retention_at = now;
    err = org_list(worker->config.store, arena, &orgs);
    for (size_t i = 0; err == OK && i < orgs.count && !worker->is_stopping; i++) {
        struct cx cx = worker_cx(worker, arena, ((const struct org *)orgs.items)[i].id);

        err = retention_of_org(&cx, &worker->is_stopping);
    }
    if (err == OK && orgs.count > 0) {
        struct cx cx = worker_cx(worker, arena, ((const struct org *)orgs.items)[0].id);

        err = retention_of_all(&cx, &worker->is_stopping);
    }
    if (err != OK)
        log_warn("retention_failed", LOG_CSTR("error", err_name(err)));
}

static enum err run_all(struct worker *worker)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    enum err err;

    do {
        arena_reset(arena);
        err = worker->is_stopping ? ERR_STOPPED : run_some(worker, arena);
    } while (err == OK);
    return err == ERR_ABSENT ? OK : err;
}

enum err worker_run_due(struct worker *worker)
{
    enum err err;

    MUST(pthread_mutex_lock(&worker->run_lock) == 0);
    err = run_all(worker);
    run_retention(worker);
    MUST(pthread_mutex_unlock(&worker->run_lock) == 0);
    return err;
}

/* Steps through the due times up to `to`. A row that is tried again later has a later time, so each
 * step moves on. */
static enum err advance_steps(struct worker *worker, instant to)
{
    for (;;) {
        instant next;
        enum err err = run_all(worker);

        if (err == OK)
            err = due_next_at(worker->config.store, &next);
        if (err != OK)
            return err;
        if (instant_is_none(next) || instant_before(to, next))
            return OK;
        clock_set(worker->config.clock, next);
    }
}

enum err worker_advance(void *state, instant to)
{
    struct worker *worker = state;
    enum err err;

    CHECK(clock_is_manual(worker->config.clock));
    MUST(pthread_mutex_lock(&worker->run_lock) == 0);
    err = advance_steps(worker, to);
    if (err == OK) {
        clock_set(worker->config.clock, to);
        err = run_all(worker);
        run_retention(worker);
    }
    MUST(pthread_mutex_unlock(&worker->run_lock) == 0);
    return err;
}

/* Waits up to a second, or until the stop; whether to go on. */
static bool wait_for_next(struct worker *worker)
{
    int64_t until = clock_monotonic_ns() + WORKER_WAKE_NS;
    struct timespec at = { until / NS_PER_SECOND, until % NS_PER_SECOND };
    bool goes_on;

    MUST(pthread_mutex_lock(&worker->lock) == 0);
    if (!worker->is_stopping)
        pthread_cond_timedwait(&worker->wake, &worker->lock, &at);
    goes_on = !worker->is_stopping;
    MUST(pthread_mutex_unlock(&worker->lock) == 0);
    return goes_on;
}

static void *worker_loop(void *state)
{
    struct worker *worker = state;

    do {
        enum err err = worker_run_due(worker);

        if (err != OK && err != ERR_STOPPED)
            log_error("worker_failed", LOG_CSTR("error", err_name(err)));
    } while (wait_for_next(worker));
    return NULL;
}

void worker_start(struct worker *worker)
{
    CHECK(!worker->has_thread && !clock_is_manual(worker->config.clock));
    MUST(pthread_create(&worker->thread, NULL, worker_loop, worker) == 0);
    worker->has_thread = true;
}

void worker_interrupt(struct worker *worker)
{
    MUST(pthread_mutex_lock(&worker->lock) == 0);
    worker->is_stopping = true;
    MUST(pthread_cond_signal(&worker->wake) == 0);
    MUST(pthread_cond_broadcast(&worker->clock_wake) == 0);
    MUST(pthread_mutex_unlock(&worker->lock) == 0);
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    worker_interrupt(worker);
    if (worker->has_thread)
        MUST(pthread_join(worker->thread, NULL) == 0);
    worker_clocks_end(worker);
    pthread_cond_destroy(&worker->wake);
    pthread_mutex_destroy(&worker->lock);
    pthread_mutex_destroy(&worker->run_lock);
    pthread_cond_destroy(&worker->clock_wake);
    free(worker);
}

void worker_stats(struct worker *worker, struct worker_stats *ret)
{
    *ret = (struct worker_stats){
        .done = atomic_load(&worker->done),
        .retried = atomic_load(&worker->retried),
        .parked = atomic_load(&worker->parked),
    };
}
