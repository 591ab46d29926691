/* Clocks: the machine's, and the one that stands until it is moved. */
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>

#include "lib/tap.h"

static void test_system(void)
{
    struct clock *clock = clock_system();
    struct timespec before, after;
    MUST(clock_gettime(CLOCK_REALTIME, &before) == 0);
    instant now = clock_now(clock);
    MUST(clock_gettime(CLOCK_REALTIME, &after) == 0);
    OK(now.ns >= before.tv_sec * NS_PER_SECOND + before.tv_nsec &&
           now.ns <= after.tv_sec * NS_PER_SECOND + after.tv_nsec,
       "the system's clock shows the time of day");
    OK(!clock_is_manual(clock) && clock == clock_system(), "it is one, and moves by itself");
    int64_t one = clock_monotonic_ns();
    struct timespec wait = { 0, 2000000 };
    MUST(nanosleep(&wait, NULL) == 0);
    int64_t passed = clock_monotonic_ns() - one;
    OK(passed >= 2000000 && passed < 60 * NS_PER_SECOND, "the monotonic clock measures");
}

static void test_manual(void)
{
    struct clock clock;
    clock_init_manual(&clock, (instant){ 1000 });
    OK(clock_is_manual(&clock), "a manual clock is known as one");
    OK(clock_now(&clock).ns == 1000 && clock_now(&clock).ns == 1000, "and stands");
    clock_set(&clock, (instant){ 1001 });
    OK(clock_now(&clock).ns == 1001, "until it is set");
    clock_set(&clock, (instant){ 1000 });
    OK(clock_now(&clock).ns == 1001, "it never goes back");
    clock_set(&clock, (instant){ 1001 });
    OK(clock_now(&clock).ns == 1001, "the same time changes nothing");
    clock_init_manual(&clock, (instant){ -5 });
    clock_set(&clock, (instant){ -3 });
    OK(clock_now(&clock).ns == -3, "it may stand before 1970");
    clock_set(&clock, INSTANT_MAX);
    OK(clock_now(&clock).ns == INT64_MAX, "and go to the end of time");
}

enum { SETTERS = 4, STEPS = 50000 };

static struct clock shared;
static atomic_bool went_back;
static atomic_bool is_over;

/* Setters race through the same instants in different orders. */
static void *set_times(void *state)
{
    int64_t first = *(const int64_t *)state;
    for (int64_t i = 0; i < STEPS; i++)
        clock_set(&shared, (instant){ first + i * SETTERS });
    return NULL;
}

static void *watch(void *state)
{
    int64_t last = 0;
    (void)state;
    while (!atomic_load(&is_over)) {
        int64_t now = clock_now(&shared).ns;
        if (now < last)
            atomic_store(&went_back, true);
        last = now;
    }
    return NULL;
}

static void test_threads(void)
{
    pthread_t setters[SETTERS], watcher;
    int64_t firsts[SETTERS];
    clock_init_manual(&shared, (instant){ 0 });
    MUST(pthread_create(&watcher, NULL, watch, NULL) == 0);
    for (int64_t i = 0; i < SETTERS; i++) {
        firsts[i] = i;
        MUST(pthread_create(&setters[i], NULL, set_times, &firsts[i]) == 0);
    }
    for (int64_t i = 0; i < SETTERS; i++)
        MUST(pthread_join(setters[i], NULL) == 0);
    atomic_store(&is_over, true);
    MUST(pthread_join(watcher, NULL) == 0);
    OK(!atomic_load(&went_back), "nobody sees a clock go back that four threads set");
    OK(clock_now(&shared).ns == (int64_t)SETTERS * STEPS - 1, "the latest time wins");
}

int main(void)
{
    test_system();
    test_manual();
    test_threads();
    return tap_end();
}
