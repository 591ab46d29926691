/* span.h: ISO 8601 durations, and the periods they tile time with.
 *
 * A span keeps its parts as they were written (P12M stays P12M, it is never P1Y), because the wire
 * contract echoes them. Adding one follows the calendar of a zone: years and months together,
 * clamped to the last day of the month; then weeks and days; then hours, minutes and seconds as
 * elapsed time.
 *
 * Periods are half-open [from, to) and always computed from the original anchor: anchor + k spans,
 * never end + one span, so 31 January, 28 February, 31 March (architecture, rule 2).
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include "base/instant.h"

typedef struct span {
    int32_t years, months, weeks, days, hours, minutes, seconds;
    int32_t nanoseconds; /* fraction of the seconds */
} span;

#define SPAN_NONE ((span){ 0 })

struct period {
    instant from; /* inside */
    instant to;   /* outside */
};

/* Reads PnYnMnWnDTnHnMnS; a fraction is allowed on the seconds only, at least one part must be
 * there, no sign. False for anything else or when a part does not fit. */
NODISCARD bool span_parse(text t, span *ret);

#define SPAN_TEXT_MAX 96

/* Prints the parts that are not zero, "PT0S" when none is. Returns the length; NUL-terminated. */
size_t span_print(span s, char ret[SPAN_TEXT_MAX]);
text span_text(struct arena *arena, span s);

/* Whether every part is zero. */
bool span_is_zero(span s);

/* Whether both have the same parts. */
bool span_equal(span a, span b);

/* `anchor` plus `count` spans (count may be negative), in the calendar of `zone`, clamped as
 * described above. Wall time is kept across changes of the clock when the span has whole days.
 * Results outside the range of an instant stop at its ends. */
instant span_add(instant anchor, span s, int64_t count, const struct zone *zone);

/* `anchor` plus one span, without clamping: days past a month's end run over into the next month,
 * so 31 January plus a month is 3 March (2 March in a leap year). For the expiry of grants, as the
 * wire contract has it. Results outside the range of an instant stop at its end. */
instant span_add_overflowing(instant anchor, span s, const struct zone *zone);

/* The period number k such that anchor + k spans <= t < anchor + (k + 1) spans; k may be
 * negative. The span must not be zero. */
int64_t span_index_at(instant anchor, span s, const struct zone *zone, instant t);

/* The period that holds `t`. The span must not be zero. */
struct period period_at(instant anchor, span s, const struct zone *zone, instant t);

/* The k-th period from the anchor. */
struct period period_nth(instant anchor, span s, const struct zone *zone, int64_t k);

/* Whether from <= t < to. */
bool period_holds(struct period p, instant t);

/* Whether it holds no instant at all: from >= to. */
bool period_is_empty(struct period p);

/* The part that both have in common; empty (from == to) when they do not meet. */
struct period period_meet(struct period a, struct period b);

#endif
