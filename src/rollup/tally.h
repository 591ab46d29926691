/* tally.h: a partial aggregate: what is known of some events' values so far.
 *
 * Tallies merge: the tally of two sets of events is the merge of their tallies, whatever the sets
 * and the order, and to the same digits. That is what rollups rest on: an answer put together from
 * rollups and one computed from raw events are the same bytes.
 *
 * Sums are exact decimals, and overflow only when the sum of all does not fit, whatever the partial
 * sums on the way do. An average is the exact quotient rounded half away from zero to
 * TALLY_AVG_SCALE fractional digits (more when the sum has more, fewer when 38 digits would not
 * hold it). A quantile is exact, by nearest rank: the least value v such that at least q of all
 * values are <= v (Hyndman and Fan, 1996, definition 1). A unique count is exact.
 */
#ifndef ROLLUP_TALLY_H
#define ROLLUP_TALLY_H

#include "base/dec.h"
#include "base/instant.h"
#include "base/text.h"

#define TALLY_AVG_SCALE 19

enum tally_kind {
    TALLY_COUNT,
    TALLY_SUM,
    TALLY_AVG,
    TALLY_MIN,
    TALLY_MAX,
    TALLY_LATEST,   /* by event time, ties by sequence number */
    TALLY_UNIQUE,   /* keeps the distinct texts */
    TALLY_QUANTILE, /* keeps the distinct numbers and how often each came */
    TALLY_KIND_COUNT
};

/* The distinct values of a tally, and a sum that does not fit a dec; in an arena; opaque. */
struct tally_set;
struct tally_wide;

/* Zeroed: nothing yet. Copied by assignment, but then only one of the two may be added to. */
struct tally {
    int64_t count;     /* events with a value */
    instant latest_at; /* LATEST: time and number of the event that the value is from */
    dec value;         /* SUM, AVG: the sum; MIN, MAX, LATEST: the value; invalid: see wide */
    uint64_t latest_sequence;

    union {
        struct tally_set *set;   /* UNIQUE, QUANTILE */
        struct tally_wide *wide; /* SUM, AVG: the sum, once it has not fitted a dec */
    };
};

/* One event's value. `number` is not looked at by COUNT and UNIQUE, `word` only by UNIQUE. */
struct tally_item {
    dec number;
    text word;
    instant at;
    uint64_t sequence;
};

/* Adds an event. What grows does so in the arena; words are copied. */
void tally_add(struct tally *tally, enum tally_kind kind, const struct tally_item *item,
               struct arena *arena);

/* Adds all that `from` holds; `from` stays as it is, and may go afterwards. */
void tally_merge(struct tally *tally, enum tally_kind kind, const struct tally *from,
                 struct arena *arena);

/* The value, without trailing zeros; invalid on overflow. The tally is not empty. `quantile` is
 * looked at by QUANTILE only: above 0, at most 1. */
dec tally_value(const struct tally *tally, enum tally_kind kind, dec quantile);

/* As bytes, for a rollup's file: appended to `out`, and read back from the front of `*from`; false
 * when the bytes are none. Equal tallies have equal bytes. The tally is not empty. */
void tally_write(const struct tally *tally, enum tally_kind kind, struct buffer *out);
NODISCARD bool tally_read(text *from, enum tally_kind kind, struct arena *arena, struct tally *ret);

#endif
