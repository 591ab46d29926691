/* filter.h: conditions on a text value, as the wire contract writes them.
 *
 * v3 (QueryFilterString): exactly one of eq, neq, in, nin, contains, ncontains, exists, and, or per
 * node. v1 (FilterString): exactly one of $eq, $ne, $in, $nin, $like, $nlike, $ilike, $nilike, $gt,
 * $gte, $lt, $lte, $and, $or. Both read into the same tree. No billing words here: features, meter
 * queries and event lists use it alike.
 *
 * So that a filter made in one dialect can be shown in the other and stored in either, each also
 * reads and prints a word of ours for what the contract gives it none: $exists in v1; like, nlike,
 * ilike, nilike, gt, gte, lt, lte in v3. v1 prints contains as $ilike, v3 prints ilike "%…%" as
 * contains: they say the same. Unknown operators are refused in both.
 */
#ifndef CODEC_FILTER_H
#define CODEC_FILTER_H

#include "base/problem.h"
#include "codec/fields.h"
#include "codec/json.h"

enum filter_op {
    FILTER_EQ,
    FILTER_NE,
    FILTER_IN,
    FILTER_NOT_IN,
    FILTER_CONTAINS, /* ASCII case folded */
    FILTER_NOT_CONTAINS,
    FILTER_LIKE, /* SQL pattern: % and _ */
    FILTER_NOT_LIKE,
    FILTER_ILIKE, /* the same, ASCII case folded */
    FILTER_NOT_ILIKE,
    FILTER_GT,
    FILTER_GTE,
    FILTER_LT,
    FILTER_LTE,
    FILTER_EXISTS,     /* the value is there */
    FILTER_NOT_EXISTS, /* it is not */
    FILTER_AND,
    FILTER_OR,
    FILTER_OP_COUNT
};

struct filter {
    enum filter_op op;
    text value;              /* EQ … LTE */
    struct text_list values; /* IN, NOT_IN */
    struct filter *parts;    /* AND, OR */
    size_t part_count;
};

/* One filter per name. */
struct filter_map {
    struct filter_entry {
        text name;
        struct filter filter;
    } * items;

    size_t count;
};

/* Reads a filter; a plain string means EQ, an array of strings IN; an operator that is null is not
 * there. Faults go to `problem` under `place`, which may be empty. Limits: LIMIT_FILTER_…. On
 * failure `ret` is untouched. */
NODISCARD bool filter_read(const struct json *value, enum dialect dialect, text place,
                           struct problem *problem, struct filter *ret);

/* Reads an object of filters by name. */
NODISCARD bool filter_map_read(const struct json *value, enum dialect dialect, text place,
                               struct problem *problem, struct filter_map *ret);

/* Prints in the dialect's words. */
void filter_write(const struct filter *filter, enum dialect dialect, struct json_writer *w);
void filter_map_write(const struct filter_map *map, enum dialect dialect, struct json_writer *w);

/* Whether the value passes. In a pattern % stands for any text, _ for one character, and a
 * backslash makes the next byte stand for itself. Order is that of bytes. A value that is not there
 * has ptr NULL: it equals "" for every op but EXISTS and NOT_EXISTS, as in the wire contract. */
bool filter_match(const struct filter *filter, text value);

#endif
