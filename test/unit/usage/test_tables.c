/* test_tables.c: the tables in memory by themselves: dedupe (growing in steps, fingerprints that
 * collide) and intern (numbers that stay, finders beside an adder). */
#include "usage/dedupe.h"
#include "usage/intern.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/random.h"
#include "lib/tap.h"

#define KEYS 200000U

/* What the store would keep: by sequence, the fingerprint and the key. */
struct keys {
    uint64_t fingerprints[KEYS + 1];
    uint32_t wanted;
    uint64_t asked;
};

static uint32_t low_of(void *state, uint32_t sequence)
{
    const struct keys *keys = state;
    return (uint32_t)keys->fingerprints[sequence];
}

static bool is_wanted(void *state, uint32_t sequence)
{
    struct keys *keys = state;
    keys->asked++;
    return sequence == keys->wanted;
}

static uint32_t find(const struct dedupe *dedupe, struct keys *keys, uint32_t sequence)
{
    keys->wanted = sequence;
    return dedupe_find(dedupe, keys->fingerprints[sequence], is_wanted, keys);
}

static void test_dedupe(void)
{
    struct keys *keys = calloc(1, sizeof(*keys));
    struct random random = random_seeded(7);
    struct dedupe *dedupe = dedupe_new(low_of, keys);
    uint32_t missing = 0;
    uint32_t found_early = 0;

    MUST(keys != NULL);
    OK(dedupe_find(dedupe, 1234, is_wanted, keys) == 0, "nothing is in an empty table");
    for (uint32_t i = 1; i <= KEYS; i++) {
        uint32_t any = 1 + (uint32_t)random_below(&random, i);
        random_fill(&random, &keys->fingerprints[i], sizeof(uint64_t));
        found_early += find(dedupe, keys, i) != 0;
        dedupe_insert(dedupe, keys->fingerprints[i], i);
        missing += find(dedupe, keys, any) != any || find(dedupe, keys, i) != i;
    }
    OK(missing == 0 && found_early == 0, "what was inserted is found at any moment of growing");
    OK(keys->asked < 2 * KEYS + KEYS / 100, "the caller compares keys only on equal fingerprints");
    for (uint32_t i = 1; i <= KEYS; i++)
        missing += find(dedupe, keys, i) != i;
    OK(missing == 0, "all of %u are found at the end", KEYS);
    OK(dedupe_bytes(dedupe) <= KEYS * 32, "within 32 bytes each, while growing too");
    dedupe_free(dedupe);
    free(keys);
}

/* Keys that share one fingerprint, and some that share its slot only. */
static void test_collisions(void)
{
    struct keys *keys = calloc(1, sizeof(*keys));
    struct dedupe *dedupe = dedupe_new(low_of, keys);
    uint32_t missing = 0;
    MUST(keys != NULL);
    for (uint32_t i = 1; i <= 3000; i++) {
        keys->fingerprints[i] = ((uint64_t)(i % 50) << 32) | 0xfffffffeU;
        dedupe_insert(dedupe, keys->fingerprints[i], i);
    }
    for (uint32_t i = 1; i <= 3000; i++)
        missing += find(dedupe, keys, i) != i;
    OK(missing == 0, "keys with one fingerprint are told apart by the caller");
    keys->wanted = 0;
    OK(dedupe_find(dedupe, 0xfffffffeU, is_wanted, keys) == 0, "none of them is taken for another");
    dedupe_free(dedupe);
    free(keys);
}

#define TEXTS 20000U

struct finder {
    struct intern *intern;
    _Atomic uint32_t added;
    _Atomic uint32_t flaws;
};

static text text_number(char room[32], uint32_t number)
{
    int length = snprintf(room, 32, "subject-%u", number);
    return (text){ room, (size_t)length };
}

static void *find_run(void *state)
{
    struct finder *finder = state;
    struct random random = random_seeded(11);
    while (finder->added < TEXTS) {
        char room[32];
        uint32_t count = finder->added;
        uint32_t wanted = (uint32_t)random_below(&random, TEXTS);
        uint32_t got = 0;
        bool is_found = intern_find(finder->intern, text_number(room, wanted), &got);
        if ((!is_found && wanted < count) || (is_found && got != wanted))
            finder->flaws++;
    }
    return NULL;
}

static void test_intern(void)
{
    struct finder finder = { .intern = intern_new(99) };
    pthread_t threads[2];
    char room[32];
    uint32_t wrong = 0;
    uint32_t number;

    OK(!intern_find(finder.intern, TEXT("x"), &number), "nothing is in an empty table");
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        MUST(pthread_create(&threads[i], NULL, find_run, &finder) == 0);
    for (uint32_t i = 0; i < TEXTS; i++) {
        wrong += intern_add(finder.intern, text_number(room, i)) != i;
        finder.added = i + 1;
        wrong += intern_add(finder.intern, text_number(room, i / 2)) != i / 2;
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        MUST(pthread_join(threads[i], NULL) == 0);
    OK(wrong == 0, "numbers count up and stay");
    OK(finder.flaws == 0, "finders beside the adder find all that was added");
    OK(intern_count(finder.intern) == TEXTS, "each text has one number");
    number = intern_add(finder.intern, TEXT_NONE);
    OK(intern_add(finder.intern, TEXT("")) == number && number == TEXTS,
       "the empty text is one, with or without a pointer");
    intern_free(finder.intern);
}

int main(void)
{
    test_dedupe();
    test_collisions();
    test_intern();
    return tap_end();
}
