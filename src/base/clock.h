/* clock.h: the clock, injected.
 *
 * Nothing in the tree reads the time of day but clock_system. Everything else is handed a
 * `struct clock *` or an instant.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/instant.h"

struct clock {
    instant (*now)(const struct clock *self);
    _Atomic int64_t manual_ns; /* used by the manual kind only */
};

/* The clock of the machine, in UTC. Static; never freed. */
struct clock *clock_system(void);

/* Makes a clock that stands at `start` until clock_set moves it. */
void clock_init_manual(struct clock *clock, instant start);

/* Whether the clock only moves when told to. */
bool clock_is_manual(const struct clock *clock);

/* Moves a manual clock; it never goes back (an earlier instant changes nothing). */
void clock_set(struct clock *clock, instant to);

/* The time, UTC. Thread-safe. */
instant clock_now(const struct clock *clock);

/* Nanoseconds of the monotonic clock: for measuring how long something took, nothing else. */
int64_t clock_monotonic_ns(void);

#endif
