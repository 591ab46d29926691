/* varint.h: whole numbers in as few bytes as they need, least part first, seven bits a byte.
 *
 * Private to rollup/. Signed numbers are folded (0, -1, 1, -2, …), so that small ones of either
 * sign are short. Reading never goes beyond `end`: it returns false there, and for numbers that are
 * too large.
 */
#ifndef ROLLUP_VARINT_H
#define ROLLUP_VARINT_H

#include "base/dec.h"

__extension__ typedef unsigned __int128 varint_wide;

#define VARINT_MAX      10 /* bytes of a 64-bit number */
#define VARINT_WIDE_MAX 19 /* and of one of 128 bits */

static inline uint64_t varint_fold(int64_t n)
{
    return ((uint64_t)n << 1) ^ (uint64_t)(n >> 63);
}

static inline int64_t varint_unfold(uint64_t n)
{
    return (int64_t)(n >> 1) ^ -(int64_t)(n & 1);
}

/* Writes at `to`; returns the end. */
static inline unsigned char *varint_put(unsigned char *to, uint64_t n)
{
    for (; n >= 0x80; n >>= 7)
        *to++ = (unsigned char)(n | 0x80);
    *to++ = (unsigned char)n;
    return to;
}

/* The same for 128 bits. */
static inline unsigned char *varint_put_wide(unsigned char *to, varint_wide n)
{
    for (; n >= 0x80; n >>= 7)
        *to++ = (unsigned char)(n | 0x80);
    *to++ = (unsigned char)n;
    return to;
}

/* Reads at `*at` and moves it on. */
NODISCARD static inline bool varint_get(const unsigned char **at, const unsigned char *end,
                                        uint64_t *ret)
{
    const unsigned char *from = *at;
    uint64_t n = 0;
    if (from < end && *from < 0x80) {
        *ret = *from;
        *at = from + 1;
        return true;
    }
    for (int shift = 0; from < end && shift < 64; shift += 7) {
        uint64_t byte = *from++;
        if (shift == 63 && byte > 1)
            return false;
        n |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = n;
            *at = from;
            return true;
        }
    }
    return false;
}

/* The same for 128 bits. */
NODISCARD static inline bool varint_get_wide(const unsigned char **at, const unsigned char *end,
                                             varint_wide *ret)
{
    const unsigned char *from = *at;
    varint_wide n = 0;
    for (int shift = 0; from < end && shift < 128; shift += 7) {
        varint_wide byte = *from++;
        if (shift == 126 && byte > 3)
            return false;
        n |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = n;
            *at = from;
            return true;
        }
    }
    return false;
}

#endif
