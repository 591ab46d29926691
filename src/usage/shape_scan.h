/* shape_scan.h: where the scalars of JSON text end.
 *
 * Private to usage/shape*.c. Each reads at `at`, with SHAPE_PADDING readable bytes behind `end`,
 * and returns where the scalar ends; NULL when there is none in the eyes of json_parse, or in
 * doubt.
 */
#ifndef USAGE_SHAPE_SCAN_H
#define USAGE_SHAPE_SCAN_H

#include "base/text.h"

/* A string with its quotes. */
const char *shape_scan_string(const char *at, const char *end);

/* A number, true, false or null. */
const char *shape_scan_word(const char *at, const char *end);

/* Any of them. */
static inline const char *shape_scan_leaf(const char *at, const char *end)
{
    if (at == end)
        return NULL;
    return *at == '"' ? shape_scan_string(at, end) : shape_scan_word(at, end);
}

#endif
