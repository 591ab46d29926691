/* key_filter.h: the blocked Bloom filter of a run of keys.
 *
 * Private to usage/'s key files. A key is asked of one line of 64 bytes, eight words with one bit
 * each. Lines go up with the keys, so a filter is made front to back from keys in order, and no
 * more of it than one line is needed at a time.
 */
#ifndef USAGE_KEY_FILTER_H
#define USAGE_KEY_FILTER_H

#include "usage/key_index.h"

#define KEY_FILTER_BITS       12 /* a key, on average */
#define KEY_FILTER_LINE_BYTES 64

struct key_filter_line {
    uint64_t words[8];
};

_Static_assert(sizeof(struct key_filter_line) == KEY_FILTER_LINE_BYTES, "one cache line");

/* Lines of a filter for so many keys. */
static inline uint64_t key_filter_lines(uint64_t count)
{
    return count * KEY_FILTER_BITS / (8 * KEY_FILTER_LINE_BYTES) + 1;
}

/* The line of a key of KEY_RUN_BITS: 40 of them times less than 2^24 lines. */
static inline uint64_t key_filter_line(uint64_t key, uint64_t lines)
{
    return (key >> (KEY_RUN_BITS - 40)) * lines >> 40;
}

/* Eight times six bits in the lower 48: which bit of each word. Keys of one line have their upper
 * bits in common, so all the lower ones must go in. */
static inline uint64_t key_filter_spread(uint64_t key)
{
    key *= UINT64_C(0x9e3779b97f4a7c15);
    key ^= key >> 32;
    key *= UINT64_C(0xd6e8feb86659fd93);
    return key >> 16;
}

static inline void key_filter_add(struct key_filter_line *line, uint64_t spread)
{
    for (unsigned i = 0; i < 8; i++)
        line->words[i] |= UINT64_C(1) << (spread >> 6 * i & 63);
}

/* Which bits are set is up to chance, so there are few branches: half of the words tell nearly
 * always. */
static inline bool key_filter_has(const struct key_filter_line *line, uint64_t spread)
{
    const uint64_t *words = line->words;
    uint64_t all = words[0] >> (spread & 63) & words[1] >> (spread >> 6 & 63) &
                   words[2] >> (spread >> 12 & 63) & words[3] >> (spread >> 18 & 63);
    if (__builtin_expect((all & 1) == 0, true))
        return false;
    all = words[4] >> (spread >> 24 & 63) & words[5] >> (spread >> 30 & 63) &
          words[6] >> (spread >> 36 & 63) & words[7] >> (spread >> 42 & 63);
    return (all & 1) != 0;
}

#endif
