/* random.h: chance, handed in.
 *
 * The program gets its randomness from the kernel; tests and generators from a seed, so that a
 * run can be repeated.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include "base/base.h"

struct random {
    void (*fill)(struct random *self, void *ret, size_t size);
    uint64_t state[4]; /* used by the seeded kind only */
};

/* Fills from getrandom(2). Thread-safe. */
struct random random_system(void);

/* A repeatable sequence (xoshiro256**, seeded by splitmix64). Not for secrets, not thread-safe. */
struct random random_seeded(uint64_t seed);

/* Fills `size` bytes at `ret`; never fails. */
void random_fill(struct random *random, void *ret, size_t size);

/* A uniform number below `bound` (bound > 0), without modulo bias. */
uint64_t random_below(struct random *random, uint64_t bound);

#endif
