/* test_threads.c: four threads append, four read, at the same time.
 *
 * The rules: each event is accepted once whoever sends it first; a reader at a snapshot sees all up
 * to it and the same each time; an acknowledged event is seen by the scan that follows.
 */
#include <pthread.h>

#include "unit/usage/kit.h"

#define APPENDERS    4U
#define READERS      4U
#define EVENTS       6000U
#define BATCH_EVENTS 20U

struct shared {
    struct usage *usage;
    _Atomic uint64_t accepted;
    _Atomic uint64_t duplicates;
    _Atomic uint64_t answers;
    _Atomic uint64_t flaws;
    _Atomic uint64_t scans;
    _Atomic bool is_over;
};

struct appender {
    struct shared *shared;
    unsigned number;
};

/* Counts what one snapshot shows of all three orgs. */
static uint64_t count_at(struct shared *shared, uint64_t sequence)
{
    unsigned *times = calloc(EVENTS, sizeof(*times));
    struct kit_census census = { .room = EVENTS, .times = times };
    MUST(times != NULL);
    for (unsigned org = 1; org <= 3; org++) {
        struct usage_filter filter = USAGE_FILTER_ALL;
        filter.org = kit_org(org);
        filter.sequence_max = sequence;
        census.sequence = 0;
        if (usage_scan(shared->usage, &filter, kit_count, &census) != OK || census.is_wrong)
            shared->flaws++;
    }
    for (unsigned i = 0; i < EVENTS; i++)
        if (times[i] > 1)
            shared->flaws++;
    free(times);
    return census.total;
}

static bool find_event(void *state, const struct usage_event *event)
{
    struct usage_event *wanted = state;
    if (!text_equal(event->id, wanted->id))
        return true;
    wanted->sequence = event->sequence;
    return false;
}

/* Each appender sends three quarters of all events, in an order of its own. */
static void *append_run(void *state)
{
    const struct appender *appender = state;
    struct shared *shared = appender->shared;
    struct arena *arena = arena_new();
    for (unsigned at = 0; at < EVENTS * 3 / 4; at += BATCH_EVENTS) {
        struct usage_event events[BATCH_EVENTS];
        struct usage_receipt receipt;
        struct usage_filter filter;
        arena_reset(arena);
        for (unsigned i = 0; i < BATCH_EVENTS; i++) {
            unsigned step = (at + i) * 7 + appender->number * (EVENTS / APPENDERS);
            events[i] = kit_event(arena, step % EVENTS);
        }
        MUST(usage_append_wait(shared->usage, events, BATCH_EVENTS, &receipt) == OK);
        shared->accepted += receipt.accepted;
        shared->duplicates += receipt.duplicates;
        shared->answers++;
        if (receipt.conflicts != 0 || usage_sequence(shared->usage) < receipt.sequence_last)
            shared->flaws++;
        filter = USAGE_FILTER_ALL;
        filter.org = events[3].org;
        filter.is_newest_first = true;
        MUST(usage_scan(shared->usage, &filter, find_event, &events[3]) == OK);
        if (events[3].sequence == 0)
            shared->flaws++;
    }
    arena_free(arena);
    return NULL;
}

static void *read_run(void *state)
{
    struct shared *shared = state;
    while (!shared->is_over) {
        uint64_t sequence = usage_sequence(shared->usage);
        struct usage_stats stats;
        if (sequence == 0)
            continue;
        if (count_at(shared, sequence) != sequence)
            shared->flaws++;
        usage_stats(shared->usage, &stats);
        if (stats.events < sequence)
            shared->flaws++;
        shared->scans++;
    }
    return NULL;
}

static void round_run(const struct usage_config *config, const char *what)
{
    struct shared shared = { 0 };
    struct appender appenders[APPENDERS];
    pthread_t threads[APPENDERS + READERS];

    MUST(usage_open(config, &shared.usage, NULL) == OK);
    for (unsigned i = 0; i < READERS; i++)
        MUST(pthread_create(&threads[APPENDERS + i], NULL, read_run, &shared) == 0);
    for (unsigned i = 0; i < APPENDERS; i++) {
        appenders[i] = (struct appender){ &shared, i };
        MUST(pthread_create(&threads[i], NULL, append_run, &appenders[i]) == 0);
    }
    for (unsigned i = 0; i < APPENDERS; i++)
        MUST(pthread_join(threads[i], NULL) == 0);
    shared.is_over = true;
    for (unsigned i = APPENDERS; i < APPENDERS + READERS; i++)
        MUST(pthread_join(threads[i], NULL) == 0);

    OK(shared.accepted == EVENTS, "%s: each of %u events is accepted once", what, EVENTS);
    OK(shared.duplicates == APPENDERS * EVENTS * 3 / 4 - EVENTS, "the others are duplicates");
    OK(shared.flaws == 0 && shared.scans > 0,
       "%llu snapshots show all up to their sequence, and what was acknowledged",
       (unsigned long long)shared.scans);
    OK(count_at(&shared, 0) == EVENTS, "all are there at the end, %llu of them sealed",
       (unsigned long long)usage_sealed_sequence(shared.usage));
    usage_close(shared.usage);
    MUST(usage_open(config, &shared.usage, NULL) == OK);
    OK(count_at(&shared, 0) == EVENTS, "and after a restart");
    usage_close(shared.usage);
}

int main(void)
{
    char directory[KIT_PATH];
    struct usage_config config;

    kit_make_directory(directory);
    config = kit_config(directory, kit_io_quick(), 64 * 1024);
    round_run(&config, "a log");
    kit_empty_directory(directory);
    config.segment_bytes = 16 * 1024;
    config.seal_rows = 500;
    config.seal_age_millisecond = 1;
    round_run(&config, "sealed and merged meanwhile");
    kit_remove_directory(directory);
    return tap_end();
}
