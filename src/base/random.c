/* random.c: the kernel's randomness, and a seeded sequence for tests and generators. */
#include "base/random.h"

#include <errno.h>
#include <sys/random.h>

static void fill_system(struct random *self, void *ret, size_t size)
{
    unsigned char *at = ret;

    (void)self;
    while (size > 0) {
        ssize_t got = getrandom(at, size, 0);

        if (got < 0) {
            MUST(errno == EINTR);
            continue;
        }
        at += got;
        size -= (size_t)got;
    }
}

struct random random_system(void)
{
    return (struct random){ .fill = fill_system };
}

static uint64_t rotate_left(uint64_t x, int by)
{
    return (x << by) | (x >> (64 - by));
}

/* xoshiro256** by Blackman and Vigna. */
static uint64_t seeded_next(uint64_t s[4])
{
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate_left(s[3], 45);
    return result;
}

static void fill_seeded(struct random *self, void *ret, size_t size)
{
    unsigned char *at = ret;

    while (size > 0) {
        uint64_t n = seeded_next(self->state);
        size_t part = size < sizeof n ? size : sizeof n;

        memcpy(at, &n, part);
        at += part;
        size -= part;
    }
}

struct random random_seeded(uint64_t seed)
{
    struct random random = { .fill = fill_seeded };

    for (size_t i = 0; i < COUNT_OF(random.state); i++) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        random.state[i] = z ^ (z >> 31);
    }
    return random;
}

void random_fill(struct random *random, void *ret, size_t size)
{
    random->fill(random, ret, size);
}

uint64_t random_below(struct random *random, uint64_t bound)
{
    uint64_t reject_below, n;

    CHECK(bound > 0);
    /* Values below 2^64 mod bound would be hit once more often than others. */
    reject_below = (0 - bound) % bound;
    do
        random_fill(random, &n, sizeof n);
    while (n < reject_below);
    return n % bound;
}
