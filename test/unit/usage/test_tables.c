/* test_tables.c: the tables in memory by themselves: intern (numbers that stay, finders beside an
 * adder). */
#include "usage/intern.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/random.h"
#include "lib/tap.h"

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

static uint32_t add(struct intern *intern, text t)
{
    return intern_add(intern, t, intern_hash(t, intern_salt(intern)));
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
        wrong += add(finder.intern, text_number(room, i)) != i;
        finder.added = i + 1;
        wrong += add(finder.intern, text_number(room, i / 2)) != i / 2;
    }
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        MUST(pthread_join(threads[i], NULL) == 0);
    OK(wrong == 0, "numbers count up and stay");
    OK(finder.flaws == 0, "finders beside the adder find all that was added");
    OK(intern_count(finder.intern) == TEXTS, "each text has one number");
    number = add(finder.intern, TEXT_NONE);
    OK(add(finder.intern, TEXT("")) == number && number == TEXTS,
       "the empty text is one, with or without a pointer");
    intern_free(finder.intern);
}

int main(void)
{
    test_intern();
    return tap_end();
}
