/* test_key_laws.c: the key index against a list that is searched from end to end: nothing missed,
 * nothing that was not added, whatever the fingerprints; and a merge is the sum of its parts. */
#include "lib/law.h"
#include "unit/usage/kit.h"
#include "usage/key_index.h"

#define ROUNDS    60
#define KEYS_MAX  6000
#define QUESTIONS 200
#define RUNS_MAX  9

static char directory[KIT_PATH];

static const char *path_of(const char *name)
{
    static char path[KIT_PATH * 2];
    MUST(snprintf(path, sizeof(path), "%s/%s", directory, name) > 0);
    return path;
}

static uint64_t any(void)
{
    uint64_t n;
    random_fill(&law_random, &n, sizeof(n));
    return n;
}

enum shape { EVEN, FEW, HIGH_EQUAL, LOW_EQUAL, ENDS, NEAR, SHAPES };

/* A fingerprint of one of several unlucky kinds. */
static uint64_t fingerprint_of(enum shape shape, uint64_t fixed)
{
    switch (shape) {
    case EVEN:
        return any();
    case FEW: /* a hundred that come again and again */
        return (fixed + (uint64_t)law_between(0, 99)) * UINT64_C(0x9e3779b97f4a7c15);
    case HIGH_EQUAL: /* one bucket */
        return (fixed >> 24 << 24) | any() >> 40;
    case LOW_EQUAL:
        return (any() << 32) | (uint32_t)fixed;
    case ENDS:
        return law_between(0, 1) ? (uint64_t)law_between(0, 3) : UINT64_MAX - any() % 4;
    case NEAR: /* the same but for what a run does not keep, and one above */
        return fixed + ((uint64_t)law_between(0, 300) << 19);
    case SHAPES:
        break;
    }
    UNREACHABLE();
}

/* `count` entries with the sequences from `first` on; a tenth of them even, so shapes mix. */
static void entries_make(struct key_entry *entries, size_t count, uint64_t first, enum shape shape)
{
    uint64_t fixed = any();
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct key_entry){
            .fingerprint = fingerprint_of(law_between(0, 9) == 0 ? EVEN : shape, fixed),
            .sequence = first + i,
        };
}

/* A question: a key that was added, one near it, or any. */
static uint64_t question(const struct key_entry *entries, size_t count)
{
    uint64_t fingerprint = count == 0 ? any() : entries[(size_t)any() % count].fingerprint;
    switch (law_between(0, 3)) {
    case 0:
        return any();
    case 1:
        return fingerprint + ((uint64_t)law_between(-2, 2) << law_between(0, 63));
    default:
        return fingerprint;
    }
}

/* ---- the table ---- */

static bool table_is_right(const struct key_table *table, const struct key_entry *entries,
                           size_t count, uint64_t fingerprint)
{
    size_t seen = 0;
    size_t want = 0;
    size_t cursor = 0;
    uint64_t sequence;
    uint64_t before = 0;
    for (size_t i = 0; i < count; i++)
        want += entries[i].fingerprint == fingerprint;
    while (key_table_find(table, fingerprint, &cursor, &sequence)) {
        if (sequence < entries[0].sequence || sequence > entries[count - 1].sequence ||
            sequence == before)
            return false;
        before = sequence;
        seen += entries[sequence - entries[0].sequence].fingerprint == fingerprint;
    }
    return seen == want;
}

static void law_table(void)
{
    struct law law = { .name = "a table gives every key that was added under a fingerprint" };
    struct key_entry *entries = calloc(KEYS_MAX, sizeof(*entries));
    MUST(entries != NULL);
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = (size_t)law_between(1, KEYS_MAX);
        struct key_table *table = key_table_new();
        entries_make(entries, count, (uint64_t)law_between(1, INT64_MAX / 2),
                     (enum shape)(round % SHAPES));
        for (size_t i = 0; i < count; i++) {
            key_table_prefetch(table, entries[i].fingerprint);
            key_table_add(table, entries[i].fingerprint, entries[i].sequence);
            if (i % 97 == 0)
                law_case(&law, table_is_right(table, entries, i + 1, question(entries, i + 1)),
                         "round %d, after %zu keys", round, i + 1);
        }
        for (int i = 0; i < QUESTIONS; i++)
            law_case(&law, table_is_right(table, entries, count, question(entries, count)),
                     "round %d, question %d", round, i);
        key_table_free(table);
    }
    free(entries);
    law_end(&law);
}

/* ---- runs ---- */

static int compare(const void *a, const void *b)
{
    const struct key_entry *left = a;
    const struct key_entry *right = b;
    uint64_t low = left->fingerprint >> (64 - KEY_RUN_BITS);
    uint64_t high = right->fingerprint >> (64 - KEY_RUN_BITS);
    if (low != high)
        return low < high ? -1 : 1;
    return (left->sequence > right->sequence) - (left->sequence < right->sequence);
}

/* What a run must answer; `sorted` is by key, then sequence. */
static bool run_is_right(struct key_run *run, const struct key_entry *sorted, size_t count,
                         uint64_t fingerprint)
{
    uint64_t key = fingerprint >> (64 - KEY_RUN_BITS);
    uint64_t sequences[KEY_CANDIDATES_MAX];
    size_t found = SIZE_MAX;
    size_t first = 0;
    size_t want = 0;
    enum err err = key_run_find(run, fingerprint, sequences, &found);
    while (first < count && sorted[first].fingerprint >> (64 - KEY_RUN_BITS) < key)
        first++;
    while (first + want < count && sorted[first + want].fingerprint >> (64 - KEY_RUN_BITS) == key)
        want++;
    if (want > 0 && !key_run_may_hold(run, fingerprint))
        return false;
    if (want > KEY_CANDIDATES_MAX)
        return err == ERR_CORRUPT;
    if (err != OK || found != want)
        return false;
    for (size_t i = 0; i < want; i++)
        if (sequences[i] != sorted[first + i].sequence)
            return false;
    return true;
}

struct walk {
    const struct key_entry *sorted;
    size_t count;
    size_t at;
    bool is_wrong;
};

static void walk_visit(void *state, const struct key_entry *entry)
{
    struct walk *walk = state;
    if (walk->at >= walk->count || compare(&walk->sorted[walk->at], entry) != 0)
        walk->is_wrong = true;
    walk->at++;
}

static void no_damage(void *state, const struct usage_damage *damage)
{
    printf("# %s: %s\n", damage->file, damage->what);
    *(bool *)state = true;
}

/* The same questions one by one and many at once. */
static bool sieve_is_right(const struct key_run *run, const uint64_t *questions, size_t count)
{
    uint32_t passed[QUESTIONS];
    size_t passes = key_run_sieve(run, questions, count, passed);
    size_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        key_run_prefetch(run, questions[i]);
        if (key_run_may_hold(run, questions[i])) {
            if (at == passes || passed[at] != i)
                return false;
            at++;
        }
    }
    return at == passes;
}

/* All that can be asked of a file; `entries` gets sorted. */
static void run_try(struct law *law, const char *path, struct key_entry *entries, size_t count,
                    int round)
{
    uint64_t questions[QUESTIONS];
    struct walk walk = { .sorted = entries, .count = count };
    struct usage_damage damage;
    struct key_run *run;
    bool is_damaged = false;

    qsort(entries, count, sizeof(*entries), compare);
    MUST(key_run_open(usage_io_system(), path, &run, &damage) == OK);
    law_case(law, key_run_summary(run)->count == count, "round %d: count", round);
    for (int i = 0; i < QUESTIONS; i++) {
        questions[i] = question(entries, count);
        law_case(law, run_is_right(run, entries, count, questions[i]), "round %d, question %d",
                 round, i);
    }
    law_case(law, sieve_is_right(run, questions, QUESTIONS), "round %d: sieve", round);
    MUST(key_run_each(run, walk_visit, &walk, &damage) == OK);
    law_case(law, walk.at == count && !walk.is_wrong, "round %d: reading through", round);
    MUST(key_run_check(run, no_damage, &is_damaged) == OK);
    law_case(law, !is_damaged, "round %d: check", round);
    key_run_free(run);
}

static void shuffle(struct key_entry *entries, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = (size_t)random_below(&law_random, i);
        struct key_entry swap = entries[i - 1];
        entries[i - 1] = entries[other];
        entries[other] = swap;
    }
}

static void law_run(void)
{
    struct law law = { .name = "a run gives exactly the sequences under a key, ascending" };
    struct key_entry *entries = calloc(KEYS_MAX, sizeof(*entries));
    MUST(entries != NULL);
    for (int round = 0; round < ROUNDS; round++) {
        size_t count = round < 3 ? (size_t)round : (size_t)law_between(1, KEYS_MAX);
        uint64_t first = (uint64_t)law_between(1, INT64_MAX / 2);
        uint64_t last = first + count + (round % 4 == 0 ? UINT32_MAX - KEYS_MAX : 0);
        entries_make(entries, count, first, (enum shape)(round % SHAPES));
        if (round % 2)
            shuffle(entries, count);
        MUST(key_run_write(kit_io_quick(), path_of("run"),
                           &(struct key_run_keys){ entries, count, first, last }) == OK);
        run_try(&law, path_of("run"), entries, count, round);
    }
    free(entries);
    law_end(&law);
}

static void law_merge(void)
{
    struct law law = { .name = "a merge of runs is the run of all their keys" };
    struct key_entry *entries = calloc(RUNS_MAX * KEYS_MAX, sizeof(*entries));
    MUST(entries != NULL);
    for (int round = 0; round < ROUNDS; round++) {
        size_t runs = (size_t)law_between(1, RUNS_MAX);
        uint64_t first = (uint64_t)law_between(1, INT64_MAX / 2);
        struct key_run *parts[RUNS_MAX];
        struct usage_damage damage;
        size_t all = 0;
        for (size_t i = 0; i < runs; i++) {
            size_t count = (size_t)law_between(1, KEYS_MAX / 2);
            entries_make(entries + all, count, first + all, (enum shape)(round % SHAPES));
            MUST(key_run_write(kit_io_quick(), path_of("part"),
                               &(struct key_run_keys){ entries + all, count, first + all,
                                                       first + all + count - 1 }) == OK);
            MUST(key_run_open(usage_io_system(), path_of("part"), &parts[i], &damage) == OK);
            MUST(unlink(path_of("part")) == 0); /* it stays open */
            all += count;
        }
        MUST(key_run_merge(kit_io_quick(), path_of("whole"), parts, runs) == OK);
        for (size_t i = 0; i < runs; i++)
            key_run_free(parts[i]);
        run_try(&law, path_of("whole"), entries, all, round);
    }
    free(entries);
    law_end(&law);
}

/* The figures that the design rests on. */
static void test_sizes(void)
{
    enum { COUNT = 262144 };
    struct key_entry *entries = calloc(COUNT, sizeof(*entries));
    struct key_table *table = key_table_new();
    struct usage_damage damage;
    struct key_run *run;
    size_t passed = 0;

    MUST(entries != NULL);
    entries_make(entries, COUNT, 1, EVEN);
    for (size_t i = 0; i < COUNT; i++)
        key_table_add(table, entries[i].fingerprint, entries[i].sequence);
    OK(key_table_bytes(table) <= (size_t)20 * COUNT, "a table takes 20 bytes a key at most (%zu)",
       key_table_bytes(table) / COUNT);
    MUST(key_run_write(kit_io_quick(), path_of("run"),
                       &(struct key_run_keys){ entries, COUNT, 1, COUNT }) == OK);
    MUST(key_run_open(usage_io_system(), path_of("run"), &run, &damage) == OK);
    OK(key_run_summary(run)->bytes <= UINT64_C(9) * COUNT,
       "a run takes 9 bytes a key at most, its filter included (%llu / %d)",
       (unsigned long long)key_run_summary(run)->bytes, COUNT);
    for (int i = 0; i < 100000; i++)
        passed += key_run_may_hold(run, any());
    OK(passed < 1000, "one in a hundred keys at most passes the filter for nothing (%zu of 100000)",
       passed);
    key_run_free(run);
    key_table_free(table);
    free(entries);
}

int main(void)
{
    law_seed();
    kit_make_directory(directory);
    law_table();
    law_run();
    law_merge();
    test_sizes();
    kit_remove_directory(directory);
    return tap_end();
}
