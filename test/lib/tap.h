/* tap.h: the whole test framework: results as TAP lines, read by prove.
 *
 *   int main(void)
 *   {
 *       OK(dec_equal(a, b), "R4: 10 units at 100");
 *       IS_TEXT(dec_text(arena, a), "1.50", "keeps its scale");
 *       return tap_end();
 *   }
 */
#ifndef TEST_LIB_TAP_H
#define TEST_LIB_TAP_H

#include <stdio.h>

#include "base/text.h"

static int tap_count;
static int tap_failures;

PRINTF_LIKE(4, 5)

static inline bool tap_ok(bool is_ok, const char *file, int line, const char *format, ...)
{
    va_list values;
    tap_count++;
    printf("%sok %d - ", is_ok ? "" : "not ", tap_count);
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    printf("\n");
    if (!is_ok) {
        tap_failures++;
        printf("#   at %s:%d\n", file, line);
    }
    fflush(stdout);
    return is_ok;
}

static inline bool tap_is_text(text got, text want, const char *file, int line, const char *name)
{
    bool is_ok = tap_ok(text_equal(got, want), file, line, "%s", name);
    if (!is_ok)
        printf("#   got  '%.*s'\n#   want '%.*s'\n", TEXT_ARG(got), TEXT_ARG(want));
    return is_ok;
}

/* Prints the plan; the exit status of the test program. */
static inline int tap_end(void)
{
    printf("1..%d\n", tap_count);
    return tap_failures ? 1 : 0;
}

#define OK(cond, ...)            tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
#define IS_TEXT(got, want, name) tap_is_text((got), text_of(want), __FILE__, __LINE__, (name))

#endif
