/* test_laws.c: laws of the store, on random work.
 *   - any order of appends of the same events, cut into any batches, gives the same set;
 *   - sending any part again changes nothing;
 *   - restarts anywhere change nothing;
 *   - accepted and duplicates add up to what was sent.
 */
#include "base/random.h"
#include "unit/usage/kit.h"

#define EVENTS 300U
#define ROUNDS 12

struct work {
    struct random random;
    char directory[KIT_PATH];
    struct usage *usage;
    struct arena *arena;
    uint64_t sent;
    uint64_t accepted;
    uint64_t duplicates;
    uint64_t conflicts;
};

static void work_open(struct work *work)
{
    struct usage_config config = { .directory = work->directory,
                                   .io = kit_io_quick(),
                                   .segment_bytes = 4096 };
    struct usage_replay replay;
    if (work->usage)
        usage_close(work->usage);
    MUST(usage_open(&config, &work->usage, &replay) == OK);
    MUST(replay.events == work->accepted && replay.cut_bytes == 0);
}

/* Sends `count` of these events, in batches of any size, with restarts between some. */
static void work_send(struct work *work, const uint64_t *numbers, size_t count)
{
    struct usage_event events[40];
    for (size_t at = 0; at < count;) {
        size_t size = random_below(&work->random, COUNT_OF(events)) + 1;
        struct usage_receipt receipt;
        if (size > count - at)
            size = count - at;
        for (size_t i = 0; i < size; i++)
            events[i] = kit_event(work->arena, numbers[at + i]);
        MUST(usage_append_wait(work->usage, events, size, &receipt) == OK);
        work->sent += size;
        work->accepted += receipt.accepted;
        work->duplicates += receipt.duplicates;
        work->conflicts += receipt.conflicts;
        MUST(receipt.sequence_last == work->accepted);
        if (random_below(&work->random, 10) == 0)
            work_open(work);
        at += size;
    }
}

static void shuffle(struct random *random, uint64_t *numbers, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, i);
        uint64_t kept = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = kept;
    }
}

/* Whether each of the events is there once and nothing else. */
static bool is_full_set(struct work *work)
{
    unsigned times[EVENTS] = { 0 };
    struct kit_census census = { .room = EVENTS, .times = times };
    MUST(kit_take_census(work->usage, &census) == OK);
    for (unsigned i = 0; i < EVENTS; i++)
        if (times[i] != 1)
            return false;
    return !census.is_wrong && census.total == EVENTS;
}

static void round_run(uint64_t seed, int round)
{
    struct work work = { .random = random_seeded(seed + (uint64_t)round), .arena = arena_new() };
    uint64_t numbers[2 * EVENTS];
    size_t again = random_below(&work.random, EVENTS) + 1;

    kit_make_directory(work.directory);
    work_open(&work);
    for (size_t i = 0; i < EVENTS; i++)
        numbers[i] = i;
    for (size_t i = EVENTS; i < COUNT_OF(numbers); i++)
        numbers[i] = random_below(&work.random, EVENTS);
    shuffle(&work.random, numbers, COUNT_OF(numbers));
    work_send(&work, numbers, COUNT_OF(numbers));
    OK(is_full_set(&work), "round %d: any order and any batches give the same set", round);
    shuffle(&work.random, numbers, COUNT_OF(numbers));
    work_send(&work, numbers, again);
    OK(work.accepted == EVENTS && is_full_set(&work), "round %d: sending %zu again changes nothing",
       round, again);
    OK(work.accepted + work.duplicates == work.sent && work.conflicts == 0,
       "round %d: accepted and duplicates are what was sent", round);
    usage_close(work.usage);
    kit_remove_directory(work.directory);
    arena_free(work.arena);
}

int main(void)
{
    const char *seed_text = getenv("SEED");
    int64_t seed = 20240301;
    if (seed_text)
        MUST(text_to_int(text_of(seed_text), &seed));
    printf("# SEED=%lld\n", (long long)seed);
    for (int round = 0; round < ROUNDS; round++)
        round_run((uint64_t)seed, round);
    return tap_end();
}
