/* fields_diff.h: what differs between two structs of one field table, value by value. Pure.
 *
 * Values are compared by what they mean: 1.50 is 1.5, the members of raw JSON may stand in any
 * order. Items of a list that have a key (of their own, or that of the thing they refer to) are
 * held against the item with the same key; others against the one in the same place.
 */
#ifndef CODEC_FIELDS_DIFF_H
#define CODEC_FIELDS_DIFF_H

#include "codec/fields.h"

enum difference_kind {
    DIFFERENCE_ADDED,
    DIFFERENCE_REMOVED,
    DIFFERENCE_CHANGED,
    DIFFERENCE_KIND_COUNT
};

/* NULL-terminated, in the order of the enum: "added", … */
extern const char *const difference_kind_words[];

struct difference {
    enum difference_kind kind;
    text path;   /* "plans[pro].phases[trial].rate_cards[seats].price.amount" */
    text before; /* JSON; empty when added */
    text after;  /* JSON; empty when removed */
};

extern const struct fields difference_fields;

/* Differences found so far; start with an arena and zeros. */
struct differences {
    struct arena *arena;
    struct difference *items;
    size_t count;
    size_t room;
};

/* Adds what differs, in the order of the table, in v3 words. `before` or `after` may be NULL: then
 * every value that the other has is added, or removed. `path` is where they stand. */
void fields_diff(const struct fields *table, text path, const void *before, const void *after,
                 struct differences *diff);

#endif
