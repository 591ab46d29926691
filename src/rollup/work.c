/* work.c: what the background thread does: for each view, one step after the other, until nothing
 * is left: take away what is stale, merge neighbours, fill the first gap.
 *
 * MERGING. MERGE_RUNS neighbours are merged when the largest is at most a quarter of them all. So
 * an event is written again only into a run at least four times as large (eight times, when runs
 * are alike, as they mostly are), and there are never many runs.
 */
#include <errno.h>
#include <sys/prctl.h>

#include "base/turn.h"
#include "rollup/rollup_parts.h"

#define NICE     19   /* of the thread: behind whatever answers somebody */
#define RUN_COST 4096 /* a run counts as so many events more: small ones are alike */

/* While events wait to be sealed, so many sealed ones may wait to be rolled up: a burst gets all of
 * the processors, and questions about it take raw events meanwhile. */
#define DEFER_EVENTS 4000000U

/* What a step came to. */
enum step { STEP_NOTHING, STEP_DONE };

/* ---- steps -------------------------------------------------------------------------------- */

void rollup_new_path(struct rollup *rollup, const struct view *view, char ret[ROLLUP_PATH_MAX])
{
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    uint64_t serial = rollup->serial++;
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    rollup_path(rollup, view->definition.view.id, serial, ret);
}

static bool bury_stale(struct rollup *rollup, struct view *view, const struct run_list *runs)
{
    bool is_any = false;
    for (size_t i = 0; i < runs->count; i++) {
        if (rollup_is_fresh(rollup, runs->items[i]))
            continue;
        rollup_bury(rollup, view, runs->items[i]);
        is_any = true;
    }
    return is_any;
}

static uint64_t weight_of(const struct run *run)
{
    return run->summary.events + RUN_COST;
}

/* The cheapest MERGE_RUNS neighbours that are worth merging; false when there are none. */
static bool find_merge(const struct run_list *runs, size_t *ret)
{
    uint64_t best = UINT64_MAX;
    for (size_t i = 0; i + MERGE_RUNS <= runs->count; i++) {
        uint64_t all = 0;
        uint64_t largest = 0;
        bool is_whole = true;
        for (size_t k = i; k < i + MERGE_RUNS; k++) {
            uint64_t weight = weight_of(runs->items[k]);
            all += weight;
            largest = weight > largest ? weight : largest;
            is_whole &= k == i ||
                        runs->items[k]->summary.first == runs->items[k - 1]->summary.last + 1;
        }
        if (!is_whole || largest > all / 4 || all >= best)
            continue;
        best = all;
        *ret = i;
    }
    return best != UINT64_MAX;
}

static enum err merge_step(struct rollup *rollup, struct view *view, const struct run_list *runs,
                           size_t from)
{
    char path[ROLLUP_PATH_MAX];
    struct run_list inputs = { runs->items + from, MERGE_RUNS };
    uint64_t first = inputs.items[0]->summary.first;
    uint64_t last = inputs.items[MERGE_RUNS - 1]->summary.last;
    size_t corrupt = MERGE_RUNS;
    rollup_new_path(rollup, view, path);
    struct merge merge = {
        .io = rollup->io,
        .runs = inputs.items,
        .count = inputs.count,
        .path = path,
        .epoch = usage_epoch(rollup->usage, first, last),
        .everyone = BUILD_EVERYONE_AUTO,
        .is_stopping = &rollup->is_stopping,
    };
    /* In this order: what is erased from here on makes the merged run stale. */
    if (bury_stale(rollup, view, &inputs))
        return OK;
    enum err err = merge_runs(&merge, &corrupt);
    bool is_lost = err == ERR_CORRUPT || err == ERR_ABSENT;
    if (is_lost && corrupt < inputs.count) {
        rollup_bury(rollup, view, inputs.items[corrupt]);
        return OK;
    }
    return err == OK ? rollup_publish(rollup, view, path, &inputs) : err;
}

/* A range of sequences without a run. */
struct gap {
    uint64_t first, last;
    bool is_tail; /* behind all runs */
};

static bool find_gap(struct rollup *rollup, const struct run_list *runs, struct gap *ret)
{
    uint64_t next = 1;
    for (size_t i = 0; i < runs->count; i++) {
        const struct run_summary *summary = &runs->items[i]->summary;
        if (summary->first != next) {
            *ret = (struct gap){ next, summary->first - 1, false };
            return true;
        }
        next = summary->last + 1;
    }
    *ret = (struct gap){ next, usage_sealed_sequence(rollup->usage), true };
    return ret->first <= ret->last;
}

/* Whether there are more urgent things, and not too much waits already. */
static bool can_wait(struct rollup *rollup, const struct run_list *runs)
{
    struct gap gap;
    return usage_is_behind(rollup->usage) &&
           (!find_gap(rollup, runs, &gap) || gap.last - gap.first < DEFER_EVENTS);
}

static enum err build_step(struct rollup *rollup, struct view *view, const struct gap *gap)
{
    static const struct run_list none;
    char path[ROLLUP_PATH_MAX];
    uint64_t last;
    rollup_new_path(rollup, view, path);
    struct build build = {
        .usage = rollup->usage,
        .io = rollup->io,
        .definition = &view->definition,
        .first = gap->first,
        .last = gap->last,
        .path = path,
        .everyone = BUILD_EVERYONE_AUTO,
        .is_stopping = &rollup->is_stopping,
    };
    enum err err = build_run(&build, &last);
    if (err == ERR_CONFLICT)
        return OK;
    return err == OK ? rollup_publish(rollup, view, path, &none) : err;
}

/* Does the next thing for the view. `is_eager`: also for a few events. */
static enum err step(struct rollup *rollup, struct view *view, bool is_eager, enum step *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct run_list runs = rollup_runs(rollup, view, false, 0, arena);
    struct gap gap;
    size_t from = 0;
    enum err err = OK;
    *ret = STEP_DONE;
    if (bury_stale(rollup, view, &runs))
        err = OK;
    else if (!is_eager && can_wait(rollup, &runs))
        *ret = STEP_NOTHING;
    else if (find_merge(&runs, &from))
        err = merge_step(rollup, view, &runs, from);
    else if (find_gap(rollup, &runs, &gap) &&
             (is_eager || !gap.is_tail || gap.last - gap.first >= ROLLUP_EVENTS_MIN))
        err = build_step(rollup, view, &gap);
    else
        *ret = STEP_NOTHING;
    rollup_release_runs(rollup, &runs);
    return err;
}

struct view **rollup_hold_all(struct rollup *rollup, struct arena *arena, size_t *ret_count)
{
    MUST(pthread_mutex_lock(&rollup->lock) == 0);
    struct view **views = ARENA_ARRAY(arena, struct view *, rollup->view_count);
    for (size_t i = 0; i < rollup->view_count; i++) {
        views[i] = rollup->views[i];
        views[i]->holders++;
    }
    *ret_count = rollup->view_count;
    MUST(pthread_mutex_unlock(&rollup->lock) == 0);
    return views;
}

/* One step for each view, so that none waits for all others. One that fails holds up nobody: the
 * first error is told. */
static enum err round_of_steps(struct rollup *rollup, bool is_eager, enum step *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    size_t count;
    enum err first = OK;
    *ret = STEP_NOTHING;
    struct view **views = rollup_hold_all(rollup, arena, &count);
    for (size_t i = 0; i < count; i++) {
        enum step done = STEP_NOTHING;
        enum err err = OK;
        if (!atomic_load(&rollup->is_stopping))
            err = step(rollup, views[i], is_eager, &done);
        first = first == OK ? err : first;
        if (err == OK && done == STEP_DONE)
            *ret = STEP_DONE;
        rollup_release(rollup, views[i]);
    }
    return first;
}

static enum err work(struct rollup *rollup, bool is_eager)
{
    enum step done = STEP_DONE;
    enum err first = OK;
    MUST(pthread_mutex_lock(&rollup->work_lock) == 0);
    while (done == STEP_DONE && !atomic_load(&rollup->is_stopping)) {
        enum err err = round_of_steps(rollup, is_eager, &done);
        first = first == OK ? err : first;
    }
    MUST(pthread_mutex_unlock(&rollup->work_lock) == 0);
    return first;
}

enum err rollup_catch_up(struct rollup *rollup)
{
    CHECK(rollup != NULL);
    return work(rollup, true);
}

/* ---- the thread --------------------------------------------------------------------------- */

void rollup_wake(struct rollup *rollup)
{
    if (!rollup->has_thread)
        return;
    MUST(pthread_mutex_lock(&rollup->wake_lock) == 0);
    rollup->is_awake = true;
    MUST(pthread_cond_signal(&rollup->wake) == 0);
    MUST(pthread_mutex_unlock(&rollup->wake_lock) == 0);
}

static void sealed(void *state)
{
    rollup_wake(state);
}

/* Sleeps until woken, or until it is time for what is waiting. Returns whether it is time. */
static bool sleep_until_woken(struct rollup *rollup, const struct timespec *due)
{
    int outcome = 0;
    MUST(pthread_mutex_lock(&rollup->wake_lock) == 0);
    while (!rollup->is_awake && outcome != ETIMEDOUT)
        outcome = pthread_cond_timedwait(&rollup->wake, &rollup->wake_lock, due);
    rollup->is_awake = false;
    MUST(pthread_mutex_unlock(&rollup->wake_lock) == 0);
    return outcome == ETIMEDOUT;
}

static struct timespec due_after_now(void)
{
    struct timespec due;
    MUST(clock_gettime(CLOCK_MONOTONIC, &due) == 0);
    due.tv_sec += ROLLUP_WAIT_SECONDS;
    return due;
}

static bool is_past(const struct timespec *due)
{
    struct timespec now;
    MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec > due->tv_sec || (now.tv_sec == due->tv_sec && now.tv_nsec >= due->tv_nsec);
}

/* Errors are not told: what could not be done is tried again when the thread wakes next, and until
 * then readers take raw events. */
static void *run_thread(void *state)
{
    struct rollup *rollup = state;
    struct timespec due = due_after_now();
    (void)prctl(PR_SET_NAME, "rollup");
    turn_behind(NICE);
    while (!atomic_load(&rollup->is_stopping)) {
        bool is_due = sleep_until_woken(rollup, &due) || is_past(&due);
        (void)work(rollup, is_due);
        if (is_due)
            due = due_after_now();
    }
    return NULL;
}

void rollup_start_thread(struct rollup *rollup)
{
    pthread_condattr_t kind;
    MUST(pthread_condattr_init(&kind) == 0);
    MUST(pthread_condattr_setclock(&kind, CLOCK_MONOTONIC) == 0);
    MUST(pthread_mutex_init(&rollup->wake_lock, NULL) == 0);
    MUST(pthread_cond_init(&rollup->wake, &kind) == 0);
    MUST(pthread_condattr_destroy(&kind) == 0);
    rollup->has_thread = true;
    MUST(pthread_create(&rollup->thread, NULL, run_thread, rollup) == 0);
    usage_listen(rollup->usage, sealed, rollup);
}

void rollup_stop_thread(struct rollup *rollup)
{
    if (!rollup->has_thread)
        return;
    usage_listen(rollup->usage, NULL, NULL);
    atomic_store(&rollup->is_stopping, true);
    rollup_wake(rollup);
    MUST(pthread_join(rollup->thread, NULL) == 0);
    MUST(pthread_cond_destroy(&rollup->wake) == 0);
    MUST(pthread_mutex_destroy(&rollup->wake_lock) == 0);
    rollup->has_thread = false;
}
