/* column_same.h: whether two short runs of bytes are the same, without a call.
 *
 * Private to usage/. Writing a segment asks this some ten times an event, mostly of 5 to 20 bytes.
 */
#ifndef USAGE_COLUMN_SAME_H
#define USAGE_COLUMN_SAME_H

#include "base/text.h"

static inline uint64_t column_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

static inline bool column_same(const char *a, const char *b, size_t size)
{
    const size_t step = sizeof(uint64_t);
    if (size < step) {
        for (size_t i = 0; i < size; i++)
            if (a[i] != b[i])
                return false;
        return true;
    }
    for (size_t i = 0; i < size - step; i += step)
        if (column_word(a + i) != column_word(b + i))
            return false;
    /* The last word may have bytes of the one before. */
    return column_word(a + size - step) == column_word(b + size - step);
}

static inline bool column_same_text(text a, text b)
{
    return a.len == b.len && column_same(a.ptr, b.ptr, a.len);
}

#endif
