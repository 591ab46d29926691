/* value.h: what a JSON value in an event's data is worth: a number, a word, a dimension.
 *
 * One set of rules for queries, rollups and the event list's complaints.
 */
#ifndef ROLLUP_VALUE_H
#define ROLLUP_VALUE_H

#include "codec/json.h"
#include "rollup/tally.h"

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

/* The same for a dimension that is to be filtered: TEXT_NONE, without a pointer, where there is
 * nothing at the path, which is something else than "". */
text value_dimension(const struct json *at);

/* Whether an event with this at the value's path (NULL: nothing) counts in such a tally; then its
 * `number` or `word` is set in `ret`, borrowed from `at`. A unique count counts every text form but
 * that of null, the others numbers only. */
bool value_item(enum tally_kind kind, const struct json *at, struct tally_item *ret);

#endif
