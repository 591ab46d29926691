/* test_laws.c: laws of the store, on random work.
 *   - any order of appends of the same events, cut into any batches, gives the same set;
 *   - sending any part again changes nothing;
 *   - restarts anywhere change nothing;
 *   - accepted and duplicates add up to what was sent;
 *   - a filter finds what looking at each event would, over many blocks of the index.
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
    struct usage_config config = kit_config(work->directory, kit_io_quick(), 4096);
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

#define MANY 20000U

/* What a filter has to find, in the order it has to. */
struct expectation {
    const struct usage_filter *filter;
    const struct usage_event *events; /* all, by sequence - 1 */
    uint64_t count;                   /* of all */
    uint64_t at;                      /* sequence that was visited last; 0 or past the end before */
    uint64_t wrong;
};

static bool is_wanted(const struct usage_filter *filter, const struct usage_event *event)
{
    bool is_subject = filter->subject_count == 0;
    for (size_t i = 0; i < filter->subject_count; i++)
        is_subject = is_subject || text_equal(filter->subjects[i], event->subject);
    return is_subject && memcmp(&filter->org, &event->org, sizeof(event->org)) == 0 &&
           (!filter->type.ptr || text_equal(filter->type, event->type)) &&
           event->sequence > filter->sequence_after && event->time.ns >= filter->from.ns &&
           (instant_is_none(filter->to) || event->time.ns < filter->to.ns);
}

/* The next sequence that is wanted; one past either end when there is none. */
static uint64_t expect_next(const struct expectation *expectation)
{
    uint64_t at = expectation->at;
    do
        at = expectation->filter->is_newest_first ? at - 1 : at + 1;
    while (at >= 1 && at <= expectation->count &&
           !is_wanted(expectation->filter, &expectation->events[at - 1]));
    return at;
}

static bool expect_visit(void *state, const struct usage_event *event)
{
    struct expectation *expectation = state;
    expectation->at = expect_next(expectation);
    expectation->wrong += event->sequence != expectation->at;
    return expectation->wrong == 0;
}

static void random_filter(struct random *random, struct usage_filter *ret, text *ret_subject)
{
    *ret = USAGE_FILTER_ALL;
    ret->org = kit_org(1 + (unsigned)random_below(random, 3));
    if (random_below(random, 3) == 0)
        ret->type = TEXT("storage");
    if (random_below(random, 3) == 0) {
        *ret_subject = TEXT("customer-3");
        ret->subjects = ret_subject;
        ret->subject_count = 1;
    }
    if (random_below(random, 2) == 0)
        ret->from.ns = (int64_t)random_below(random, MANY) * NS_PER_SECOND;
    if (random_below(random, 2) == 0)
        ret->to.ns = (int64_t)random_below(random, MANY) * NS_PER_SECOND;
    if (random_below(random, 2) == 0)
        ret->sequence_max = random_below(random, MANY + 1000);
    if (random_below(random, 3) == 0)
        ret->sequence_after = random_below(random, MANY + 1000);
    ret->is_newest_first = random_below(random, 2) == 0;
}

/* Events roughly in order of time, as they come. */
static void test_filters(uint64_t seed)
{
    struct work work = { .random = random_seeded(seed), .arena = arena_new() };
    struct usage_event *events = calloc(MANY, sizeof(*events));
    uint64_t numbers[MANY];
    uint64_t wrong = 0;
    uint64_t sequence_max;
    text subject;

    MUST(events != NULL);
    kit_make_directory(work.directory);
    work_open(&work);
    for (size_t i = 0; i < MANY; i++)
        numbers[i] = i;
    for (size_t i = 0; i + 100 <= MANY; i += 50)
        shuffle(&work.random, numbers + i, 100);
    for (size_t i = 0; i < MANY; i++) {
        events[i] = kit_event(work.arena, numbers[i]);
        events[i].sequence = i + 1;
    }
    for (size_t i = 0; i < MANY; i += 1000) {
        struct usage_receipt receipt;
        MUST(usage_append_wait(work.usage, events + i, 1000, &receipt) == OK);
    }
    for (int i = 0; i < 300; i++) {
        struct usage_filter filter;
        struct expectation expectation = { .filter = &filter, .events = events, .count = MANY };
        random_filter(&work.random, &filter, &subject);
        sequence_max = filter.sequence_max;
        if (sequence_max != 0 && sequence_max < MANY)
            expectation.count = sequence_max;
        expectation.at = filter.is_newest_first ? expectation.count + 1 : 0;
        MUST(usage_scan(work.usage, &filter, expect_visit, &expectation) == OK);
        expectation.at = expect_next(&expectation);
        wrong += expectation.wrong;
        wrong += expectation.at >= 1 && expectation.at <= expectation.count; /* one was left out */
    }
    OK(wrong == 0, "300 filters over %u events find what looking at each would", MANY);
    usage_close(work.usage);
    kit_remove_directory(work.directory);
    arena_free(work.arena);
    free(events);
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
    test_filters((uint64_t)seed);
    return tap_end();
}
