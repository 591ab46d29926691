/* test_crash.c: a process that appends, killed with SIGKILL at a random moment, again and again
 * over the same directory. What it told to be acknowledged is there afterwards, once, and no
 * batch is there in part. (What a machine without power loses is in test_power.c.) */
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#include "base/random.h"
#include "unit/usage/kit.h"

#define ROUNDS        200
#define THREADS       3U
#define BATCH_EVENTS  4U
#define BATCHES_MAX   200000U
#define SEGMENT_BYTES (32U * 1024)

/* One appending thread of the child. */
struct sender {
    struct usage *usage;
    uint64_t next; /* its next batch */
    int fd;        /* where it tells what was acknowledged */
};

static void batch_make(struct arena *arena, uint64_t batch, struct usage_event *ret_events)
{
    for (uint64_t i = 0; i < BATCH_EVENTS; i++)
        ret_events[i] = kit_event(arena, batch * BATCH_EVENTS + i);
}

/* Appends until killed. Each batch is sent twice, as by a client whose answer was lost. */
static void *send_run(void *state)
{
    struct sender *sender = state;
    struct arena *arena = arena_new();
    for (; sender->next < BATCHES_MAX; sender->next += THREADS) {
        struct usage_event events[BATCH_EVENTS];
        struct usage_receipt receipt;
        arena_reset(arena);
        batch_make(arena, sender->next, events);
        MUST(usage_append_wait(sender->usage, events, BATCH_EVENTS, &receipt) == OK);
        MUST(write(sender->fd, &sender->next, sizeof(uint64_t)) == sizeof(uint64_t));
        MUST(usage_append_wait(sender->usage, events, BATCH_EVENTS, &receipt) == OK);
        MUST(receipt.duplicates == BATCH_EVENTS);
    }
    return NULL;
}

/* In every second round all is sealed and merged in small pieces while it comes in. */
static struct usage_config config_of(const char *directory, int round)
{
    struct usage_config config = kit_config(directory, NULL, SEGMENT_BYTES);
    config.seal_rows = 200;
    if (round % 2 == 1)
        config.seal_age_millisecond = 1;
    return config;
}

_Noreturn static void child_run(const char *directory, const uint64_t *next, int fd, int round)
{
    struct usage_config config = config_of(directory, round);
    struct sender senders[THREADS];
    pthread_t threads[THREADS];
    struct usage *usage;
    MUST(usage_open(&config, &usage, NULL) == OK);
    for (unsigned i = 0; i < THREADS; i++) {
        senders[i] = (struct sender){ usage, next[i], fd };
        MUST(pthread_create(&threads[i], NULL, send_run, &senders[i]) == 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        MUST(pthread_join(threads[i], NULL) == 0);
    _exit(0);
}

/* Starts a child, kills it after `microseconds`, and marks what it told. The number of it. */
static uint64_t round_run(const char *directory, bool *is_acknowledged, uint64_t *next, int round,
                          useconds_t microseconds)
{
    uint64_t told = 0;
    uint64_t batch;
    int status;
    int fds[2];
    pid_t child;
    MUST(pipe(fds) == 0);
    fflush(stdout);
    child = fork();
    MUST(child >= 0);
    if (child == 0)
        child_run(directory, next, fds[1], round);
    MUST(close(fds[1]) == 0);
    usleep(microseconds);
    MUST(kill(child, SIGKILL) == 0);
    MUST(waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    while (read(fds[0], &batch, sizeof(batch)) == sizeof(batch)) {
        MUST(batch < BATCHES_MAX && !is_acknowledged[batch]);
        is_acknowledged[batch] = true;
        next[batch % THREADS] = batch + THREADS;
        told++;
    }
    MUST(close(fds[0]) == 0);
    return told;
}

/* What is wrong with the store after a kill; NULL when nothing. */
static const char *flaw_in(const char *directory, const bool *is_acknowledged, uint64_t *ret_total)
{
    struct usage_config config = kit_config(directory, NULL, SEGMENT_BYTES);
    struct kit_census census = { .room = (uint64_t)BATCHES_MAX * BATCH_EVENTS };
    const char *flaw = NULL;
    struct usage *usage;
    if (usage_open(&config, &usage, NULL) != OK)
        return "does not open";
    census.times = calloc(census.room, sizeof(*census.times));
    MUST(census.times != NULL);
    if (kit_take_census(usage, &census) != OK || census.is_wrong)
        flaw = "does not read";
    for (size_t i = 0; i < BATCHES_MAX && !flaw; i++) {
        const unsigned *times = &census.times[i * BATCH_EVENTS];
        if (times[0] > 1)
            flaw = "has an event twice";
        else if (times[0] != times[1] || times[0] != times[2] || times[0] != times[3])
            flaw = "has a part of a batch";
        else if (is_acknowledged[i] && times[0] != 1)
            flaw = "lost an acknowledged batch";
    }
    usage_close(usage);
    free(census.times);
    *ret_total = census.total;
    return flaw;
}

int main(void)
{
    char directory[KIT_PATH];
    bool *is_acknowledged = calloc(BATCHES_MAX, sizeof(*is_acknowledged));
    uint64_t next[THREADS] = { 0, 1, 2 };
    const char *seed_text = getenv("SEED");
    int64_t seed = 20240302;
    struct random random;
    uint64_t told = 0;
    uint64_t total = 0;
    const char *flaw = NULL;
    int round;

    MUST(is_acknowledged != NULL);
    if (seed_text)
        MUST(text_to_int(text_of(seed_text), &seed));
    printf("# SEED=%lld\n", (long long)seed);
    random = random_seeded((uint64_t)seed);
    kit_make_directory(directory);
    for (round = 0; round < ROUNDS && !flaw; round++) {
        useconds_t wait = (useconds_t)(1000 + random_below(&random, 40000));
        told += round_run(directory, is_acknowledged, next, round, wait);
        flaw = flaw_in(directory, is_acknowledged, &total);
    }
    OK(!flaw, "killed %d times: every acknowledged batch is there, once%s%s", round,
       flaw ? "; the store " : "", flaw ? flaw : "");
    OK(told > ROUNDS, "%llu batches were acknowledged, %llu events are there",
       (unsigned long long)told, (unsigned long long)total);
    OK(total >= told * BATCH_EVENTS, "there are no fewer than were acknowledged");
    kit_remove_directory(directory);
    free(is_acknowledged);
    return tap_end();
}
