/* tally_plain.h: the short form of a tally's bytes, read without a call: it is what rollups are
 * full of.
 *
 * Private to rollup/; tally_bytes.c has the whole form and says what the bytes are.
 */
#ifndef ROLLUP_TALLY_PLAIN_H
#define ROLLUP_TALLY_PLAIN_H

#include "rollup/tally.h"
#include "rollup/varint.h"

#define TALLY_SCALE_MASK    7
#define TALLY_SCALE_FOLLOWS 6
#define TALLY_COUNT_SHIFT   3

/* More events than there are: sums of so many counts stay in range. */
#define TALLY_COUNT_READ_MAX (1ULL << 48)

/* Whether tallies of this kind may have the short form. */
static inline bool tally_is_plain(enum tally_kind kind)
{
    return kind == TALLY_SUM || kind == TALLY_AVG || kind == TALLY_MIN || kind == TALLY_MAX;
}

/* Reads a tally in its short form and moves on; false, and nothing moved, for any other. */
static inline bool tally_read_plain(const unsigned char **at, const unsigned char *end,
                                    struct tally *ret)
{
    const unsigned char *from = *at;
    uint64_t folded;
    if (from == end)
        return false;
    int32_t scale = *from & TALLY_SCALE_MASK;
    uint64_t count = *from >> TALLY_COUNT_SHIFT;
    from++;
    if (scale >= TALLY_SCALE_FOLLOWS || (count == 0 && !varint_get(&from, end, &count)) ||
        count == 0 || count > TALLY_COUNT_READ_MAX || !varint_get(&from, end, &folded))
        return false;
    *ret = (struct tally){ .count = (int64_t)count, .value = { varint_unfold(folded), scale } };
    *at = from;
    return true;
}

#endif
