/* percent.h: %XX in a cell of a test table stands for the byte with that code, so that tables can
 * hold line ends, bars and bytes that are not UTF-8. */
#ifndef TEST_LIB_PERCENT_H
#define TEST_LIB_PERCENT_H

#include "base/text.h"

static inline int percent_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static inline text percent_decode(struct arena *arena, text cell)
{
    struct buffer out = { .arena = arena };

    for (size_t i = 0; i < cell.len; i++) {
        int high = cell.ptr[i] == '%' && i + 2 < cell.len ? percent_digit(cell.ptr[i + 1]) : -1;
        int low = high >= 0 ? percent_digit(cell.ptr[i + 2]) : -1;

        if (low < 0) {
            buffer_add_char(&out, cell.ptr[i]);
            continue;
        }
        buffer_add_char(&out, (char)(high * 16 + low));
        i += 2;
    }
    return out.len ? buffer_text(&out) : TEXT("");
}

#endif
