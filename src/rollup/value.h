/* value.h: what a JSON value in an event's data is worth: a number, a word, a dimension.
 *
 * One set of rules for queries, rollups and the event list's complaints (openmeter.md 4.2).
 */
#ifndef ROLLUP_VALUE_H
#define ROLLUP_VALUE_H

#include "codec/json.h"

enum value_state {
    VALUE_FOUND,
    VALUE_NO_DATA, /* the event has no data, or null */
    VALUE_MISSING, /* nothing at the path */
    VALUE_NULL,
    VALUE_KIND, /* true, false, an array or an object */
    VALUE_NOT_NUMBER,
    VALUE_NAN,
    VALUE_INFINITE,
    VALUE_STATE_COUNT
};

/* A number at `at` (NULL: nothing there): a JSON number, or a string that is one. */
enum value_state value_number(const struct json *at, dec *ret);

/* The text form that dimensions are grouped by and unique counts count: a string as it is, a number
 * as written, true, false, null; "" for nothing, arrays and objects. */
text value_text(const struct json *at);

#endif
