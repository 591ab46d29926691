/* clock.c: the only place that reads the time of day. */
#include "base/clock.h"

#include <stdatomic.h>

static instant read_system(const struct clock *self)
{
    struct timespec now;

    (void)self;
    MUST(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (instant){ (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec };
}

struct clock *clock_system(void)
{
    static struct clock system_clock = { .now = read_system };

    return &system_clock;
}

static instant read_manual(const struct clock *self)
{
    return (instant){ atomic_load(&self->manual_ns) };
}

void clock_init_manual(struct clock *clock, instant start)
{
    clock->now = read_manual;
    atomic_init(&clock->manual_ns, start.ns);
}

bool clock_is_manual(const struct clock *clock)
{
    return clock->now == read_manual;
}

void clock_set(struct clock *clock, instant to)
{
    int64_t was = atomic_load(&clock->manual_ns);

    CHECK(clock_is_manual(clock));
    while (was < to.ns && !atomic_compare_exchange_weak(&clock->manual_ns, &was, to.ns))
        ;
}

instant clock_now(const struct clock *clock)
{
    return clock->now(clock);
}

int64_t clock_monotonic_ns(void)
{
    struct timespec now;

    MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec;
}
