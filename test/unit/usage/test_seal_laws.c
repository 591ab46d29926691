/* test_seal_laws.c: sealing changes nothing that can be seen.
 *
 * Random work (batches with repetitions and conflicts, sealing now and then, by age and by size,
 * merging, restarts) on a store that seals in small pieces, beside a model that keeps every event
 * in an array. After each step some question is asked of both:
 *   - a scan with any filter, up or down;
 *   - the same by blocks: rows, times, subjects and values at paths;
 *   - whether an event is known, and whether another payload is a conflict;
 *   - the numbers in stats and receipts.
 */
#include "base/random.h"
#include "unit/usage/kit.h"
#include "usage/usage_inside.h"

#define EVENTS_MAX 4000U
#define STEPS      400
#define ROUNDS     6

struct world {
    struct random random;
    struct arena *arena;
    char directory[KIT_PATH];
    struct usage *usage;
    struct usage_event *events; /* those accepted, by sequence */
    uint64_t count;
    uint64_t next; /* number of the next new event */
    uint64_t duplicates;
    uint64_t conflicts;
    unsigned flaws;
    uint32_t rows; /* of a segment */
};

static void flaw(struct world *world, const char *what)
{
    if (world->flaws == 0)
        printf("# flaw: %s, with %llu events, %llu sealed\n", what,
               (unsigned long long)world->count,
               (unsigned long long)usage_sealed_sequence(world->usage));
    world->flaws++;
}

static text random_data(struct world *world, uint64_t number)
{
    switch (random_below(&world->random, 8)) {
    case 0:
        return TEXT_NONE;
    case 1:
        return TEXT("no json");
    case 2:
        return text_format(world->arena, "{ \"value\": \"%llu\", \"tag\": null }",
                           (unsigned long long)number % 10);
    case 3:
        return text_format(world->arena,
                           "{\"value\":%llu.50,\"tag\":\"t%llu\",\"deep\":{\"n\":[1,%llu]}}",
                           (unsigned long long)number, (unsigned long long)number % 4,
                           (unsigned long long)number % 3);
    case 4:
        return TEXT("{\"value\":{\"is\":\"object\"},\"tag\":[1,2]}");
    default:
        return text_format(world->arena, "{\"value\":%llu,\"tag\":\"t%llu\"}",
                           (unsigned long long)number * 31, (unsigned long long)number % 4);
    }
}

static struct usage_event event_make(struct world *world, uint64_t number)
{
    struct usage_event event = kit_event(world->arena, number);
    if (number % 4 != 0)
        event.id = text_format(world->arena, "0f3a5c7b-1e70-4000-8000-%012llx",
                               (unsigned long long)number * 7919);
    event.data = random_data(world, number);
    event.is_time_given = number % 6 != 0;
    event.time.ns += (int64_t)random_below(&world->random, 100) * NS_PER_SECOND;
    if (number % 9 == 0)
        event.data_schema = TEXT("http://schema");
    return event;
}

static void world_open(struct world *world)
{
    struct usage_config config = {
        .directory = world->directory,
        .io = kit_io_quick(),
        .segment_bytes = 6000,
        .seal_rows = world->rows,
        .seal_age_millisecond = 1 + (uint32_t)random_below(&world->random, 20),
        .cache_bytes = 64 * 1024,
        .parts_max = UINT32_MAX,
    };
    struct usage_replay replay;
    if (world->usage)
        usage_close(world->usage);
    MUST(usage_open(&config, &world->usage, &replay) == OK);
    if (replay.events != world->count || replay.cut_bytes != 0)
        flaw(world, "a restart finds another number of events");
}

/* A batch of new events and old ones, some of these changed. */
static void step_append(struct world *world)
{
    size_t size = random_below(&world->random, 60);
    struct usage_event *events = ARENA_ARRAY(world->arena, struct usage_event, size);
    struct usage_receipt receipt;
    uint64_t accepted = 0;
    uint64_t conflicts = 0;
    for (size_t i = 0; i < size; i++) {
        bool is_new = world->count == 0 || world->next >= EVENTS_MAX - 1 ||
                      random_below(&world->random, 4) != 0;
        if (is_new && world->next < EVENTS_MAX) {
            events[i] = event_make(world, world->next++);
            world->events[world->count] = events[i];
            world->events[world->count].sequence = world->count + 1;
            world->count++;
            accepted++;
        } else {
            events[i] = world->events[random_below(&world->random, world->count)];
            if (random_below(&world->random, 3) == 0) {
                events[i].data = TEXT("{\"value\":\"another\"}");
                conflicts++;
            } else if (random_below(&world->random, 3) == 0) {
                conflicts += events[i].is_time_given;
                events[i].time.ns++;
            }
        }
    }
    MUST(usage_append_wait(world->usage, events, size, &receipt) == OK);
    world->duplicates += size - accepted;
    world->conflicts += conflicts;
    if (receipt.accepted != accepted || receipt.duplicates != size - accepted)
        flaw(world, "accepted and duplicates are wrong");
    if (receipt.conflicts != conflicts)
        flaw(world, "conflicts are wrong");
    if (receipt.sequence_last != world->count || usage_sequence(world->usage) != world->count)
        flaw(world, "the sequence is wrong");
}

/* ---- questions ---- */

static bool is_wanted(const struct usage_filter *filter, const struct usage_event *event)
{
    bool is_subject = filter->subject_count == 0;
    for (size_t i = 0; i < filter->subject_count; i++)
        is_subject = is_subject || text_equal(filter->subjects[i], event->subject);
    return is_subject && memcmp(&filter->org, &event->org, sizeof(event->org)) == 0 &&
           (!filter->type.ptr || text_equal(filter->type, event->type)) &&
           event->sequence > filter->sequence_after &&
           (filter->sequence_max == 0 || event->sequence <= filter->sequence_max) &&
           !instant_before(event->time, filter->from) &&
           (instant_is_none(filter->to) || instant_before(event->time, filter->to));
}

static void random_filter(struct world *world, struct usage_filter *ret)
{
    struct random *random = &world->random;
    *ret = USAGE_FILTER_ALL;
    ret->org = kit_org(1 + (unsigned)random_below(random, 4));
    if (random_below(random, 2) == 0)
        ret->type = random_below(random, 2) == 0 ? TEXT("storage") : TEXT("api-call");
    if (random_below(random, 3) == 0) {
        text *subjects = ARENA_ARRAY(world->arena, text, 2);
        subjects[0] = text_format(world->arena, "customer-%u", (unsigned)random_below(random, 9));
        subjects[1] = TEXT("customer-3");
        ret->subjects = subjects;
        ret->subject_count = 2;
    }
    if (random_below(random, 2) == 0)
        ret->from.ns = (int64_t)random_below(random, world->next + 1) * NS_PER_SECOND;
    if (random_below(random, 2) == 0)
        ret->to.ns = (int64_t)random_below(random, world->next + 100) * NS_PER_SECOND;
    if (random_below(random, 3) == 0)
        ret->sequence_max = random_below(random, world->count + 100);
    if (random_below(random, 3) == 0)
        ret->sequence_after = random_below(random, world->count + 100);
    ret->is_newest_first = random_below(random, 2) == 0;
}

/* Walks through the model as a scan walks through the store. */
struct walk {
    struct world *world;
    const struct usage_filter *filter;
    uint64_t at; /* the sequence last seen */
    uint64_t left;
    const struct usage_paths *paths;
    bool is_wrong;
};

static const struct usage_event *walk_next(struct walk *walk)
{
    do
        walk->at = walk->filter->is_newest_first ? walk->at - 1 : walk->at + 1;
    while (walk->at >= 1 && walk->at <= walk->world->count &&
           !is_wanted(walk->filter, &walk->world->events[walk->at - 1]));
    if (walk->at < 1 || walk->at > walk->world->count)
        return NULL;
    return &walk->world->events[walk->at - 1];
}

static bool is_same(const struct usage_event *a, const struct usage_event *b)
{
    return a->sequence == b->sequence && memcmp(&a->org, &b->org, sizeof(a->org)) == 0 &&
           text_equal(a->id, b->id) && text_equal(a->source, b->source) &&
           text_equal(a->type, b->type) && text_equal(a->subject, b->subject) &&
           text_equal(a->data_schema, b->data_schema) && text_equal(a->data, b->data) &&
           instant_equal(a->time, b->time) && a->is_time_given == b->is_time_given &&
           instant_equal(a->ingested_at, b->ingested_at);
}

static bool walk_event(void *state, const struct usage_event *event)
{
    struct walk *walk = state;
    const struct usage_event *want = walk_next(walk);
    walk->is_wrong = walk->is_wrong || !want || !is_same(want, event);
    return !walk->is_wrong && --walk->left > 0;
}

static void step_scan(struct world *world)
{
    struct usage_filter filter;
    struct walk walk = { .world = world, .filter = &filter, .left = UINT64_MAX };
    random_filter(world, &filter);
    if (random_below(&world->random, 4) == 0)
        walk.left = 1 + random_below(&world->random, 20);
    walk.at = filter.is_newest_first ? world->count + 1 : 0;
    if (usage_scan(world->usage, &filter, walk_event, &walk) != OK || walk.is_wrong)
        flaw(world, "a scan finds what it should not");
    else if (walk.left > 0 && walk_next(&walk))
        flaw(world, "a scan leaves something out");
}

/* Whether a column says of a row what parsing the event's data says. */
static bool is_same_value(const struct usage_column *column, uint32_t row, const struct json *want)
{
    const struct json *got;
    if (column->codes[row] == USAGE_NOTHING)
        return want == NULL;
    if (!want || column->codes[row] >= column->value_count)
        return false;
    got = &column->values[column->codes[row]];
    return got->kind == want->kind &&
           (got->kind == JSON_ARRAY || got->kind == JSON_OBJECT ||
            (text_equal(got->text, want->text) && got->boolean == want->boolean));
}

static bool is_same_row(const struct walk *walk, const struct usage_block *block, uint32_t row,
                        const struct usage_event *want)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct json root;
    struct json_fault fault;
    bool is_json = !text_is_empty(want->data) && json_parse(arena, want->data, &root, &fault);
    if (block->sequence + row != want->sequence || row >= block->count ||
        !instant_equal(block->times[row], want->time) ||
        block->subjects[row] >= block->subject_count ||
        !text_equal(block->subject_names[block->subjects[row]], want->subject))
        return false;
    for (size_t i = 0; i < walk->paths->count; i++) {
        const struct json *value = is_json ? json_path_get(&root, &walk->paths->items[i]) : NULL;
        if (!is_same_value(&block->columns[i], row, value))
            return false;
    }
    return true;
}

static bool walk_block(void *state, const struct usage_block *block)
{
    struct walk *walk = state;
    for (uint32_t i = 0; i < block->row_count && !walk->is_wrong; i++) {
        const struct usage_event *want = walk_next(walk);
        walk->is_wrong = !want || !is_same_row(walk, block, block->rows[i], want);
    }
    walk->is_wrong = walk->is_wrong || block->row_count == 0;
    return !walk->is_wrong;
}

static void step_blocks(struct world *world)
{
    static const char *const names[] = { "$.value", "$.tag", "$.deep.n[1]", "$" };
    struct json_path items[COUNT_OF(names)];
    struct usage_paths paths = { items, random_below(&world->random, COUNT_OF(names) + 1) };
    struct usage_filter filter;
    struct walk walk = { .world = world, .filter = &filter, .paths = &paths };
    for (size_t i = 0; i < paths.count; i++)
        MUST(json_path_parse(world->arena, text_of(names[i]), &items[i]));
    random_filter(world, &filter);
    filter.is_newest_first = false;
    if (!filter.type.ptr)
        filter.type = TEXT("api-call");
    if (usage_scan_blocks(world->usage, &filter, &paths, walk_block, &walk) != OK || walk.is_wrong)
        flaw(world, "a scan by blocks finds what it should not");
    else if (walk_next(&walk))
        flaw(world, "a scan by blocks leaves something out");
}

static void step_stats(struct world *world)
{
    struct usage_stats stats;
    usage_stats(world->usage, &stats);
    if (stats.events != world->count || stats.sealed_events > world->count ||
        stats.erased_events != 0 || stats.is_failing)
        flaw(world, "stats are wrong");
    if (stats.sealed_events > 0 &&
        usage_epoch(world->usage, 1, stats.sealed_events) != usage_epoch(world->usage, 1, 1))
        flaw(world, "an epoch changed although nothing was erased");
}

static void step(struct world *world)
{
    switch (random_below(&world->random, 12)) {
    case 0:
        world_open(world);
        break;
    case 1:
        if (usage_seal(world->usage) != OK || usage_sealed_sequence(world->usage) != world->count)
            flaw(world, "sealing leaves something out");
        break;
    case 2:
        seal_await_rest(world->usage);
        break;
    case 3:
        step_stats(world);
        break;
    case 4:
    case 5:
    case 6:
        step_append(world);
        break;
    case 7:
    case 8:
        step_blocks(world);
        break;
    default:
        step_scan(world);
        break;
    }
}

static unsigned files_in(const char *directory, const char *prefix)
{
    unsigned count = 0;
    struct dirent *entry;
    DIR *listing = opendir(directory);
    MUST(listing != NULL);
    while ((entry = readdir(listing)) != NULL)
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    MUST(closedir(listing) == 0);
    return count;
}

static void round_run(uint64_t seed, int round)
{
    struct world world = { .random = random_seeded(seed + (uint64_t)round),
                           .arena = arena_new(),
                           .rows = round % 2 ? 16 : 300 };
    struct usage_stats stats;
    world.events = calloc(EVENTS_MAX, sizeof(*world.events));
    MUST(world.events != NULL);
    kit_make_directory(world.directory);
    world_open(&world);
    for (int i = 0; i < STEPS && world.flaws == 0; i++)
        step(&world);
    MUST(usage_seal(world.usage) == OK);
    seal_await_rest(world.usage);
    usage_stats(world.usage, &stats);
    for (int i = 0; i < 50 && world.flaws == 0; i++) {
        step_scan(&world);
        step_blocks(&world);
    }
    OK(world.flaws == 0, "round %d: %llu events, %llu duplicates, %llu conflicts, %llu segments",
       round, (unsigned long long)world.count, (unsigned long long)world.duplicates,
       (unsigned long long)world.conflicts, (unsigned long long)stats.sealed_segments);
    usage_close(world.usage);
    OK(files_in(world.directory, "usage-") == 1 &&
           files_in(world.directory, "sealed-") == stats.sealed_segments &&
           files_in(world.directory, "keys-") <= 24,
       "no file is left behind: %u of the log, %u segments, %u runs",
       files_in(world.directory, "usage-"), files_in(world.directory, "sealed-"),
       files_in(world.directory, "keys-"));
    kit_remove_directory(world.directory);
    arena_free(world.arena);
    free(world.events);
}

int main(void)
{
    const char *seed_text = getenv("SEED");
    int64_t seed = 20240304;
    if (seed_text)
        MUST(text_to_int(text_of(seed_text), &seed));
    printf("# SEED=%lld\n", (long long)seed);
    for (int round = 0; round < ROUNDS; round++)
        round_run((uint64_t)seed, round);
    return tap_end();
}
