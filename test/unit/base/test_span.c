/* Spans and periods from tables: one row, one rule. */
#include "base/span.h"

#include "lib/table.h"
#include "lib/tap.h"

static instant instant_cell(text cell)
{
    instant t;
    MUST(instant_parse(cell, &t));
    return t;
}

static text period_text(struct arena *arena, struct period p)
{
    return text_format(arena, "%.*s/%.*s", TEXT_ARG(instant_text(arena, p.from)),
                       TEXT_ARG(instant_text(arena, p.to)));
}

static void test_text(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/span.vec", 3);
    while (table_next(&t)) {
        span got = { .days = 42 };
        bool is_read = span_parse(t.cells[1], &got);
        text printed = is_read ? span_text(arena, got) : TEXT("none");
        IS_TEXT(printed, text_cstr(arena, t.cells[2]), table_name(&t));
        if (!is_read)
            OK(span_equal(got, (span){ .days = 42 }), "and leaves the result alone");
    }
    table_close(&t);
}

static void test_equality(void)
{
    span year;
    span months;
    MUST(span_parse(TEXT("P1Y"), &year) && span_parse(TEXT("P12M"), &months));
    OK(!span_equal(year, months), "twelve months are not written as a year");
    OK(span_is_zero(SPAN_NONE) && !span_is_zero(year), "only a span without parts is zero");
}

static void test_overflowing(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/overflow.vec", 5);
    while (table_next(&t)) {
        span s;
        MUST(span_parse(t.cells[3], &s));
        instant got = span_add_overflowing(instant_cell(t.cells[2]), s, zone_find(t.cells[1]));
        IS_TEXT(instant_text(arena, got), text_cstr(arena, t.cells[4]), table_name(&t));
    }
    table_close(&t);
}

enum { RULE, ZONE, ANCHOR, SPAN, WHICH, NUMBER, FROM, TO, PERIOD_COLUMNS };

static void test_periods(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/period.vec", PERIOD_COLUMNS);
    while (table_next(&t)) {
        const struct zone *zone = zone_find(t.cells[ZONE]);
        instant anchor = instant_cell(t.cells[ANCHOR]);
        instant at;
        span s;
        int64_t number;
        struct period p;
        MUST(zone != NULL && span_parse(t.cells[SPAN], &s));
        if (text_to_int(t.cells[WHICH], &number)) {
            p = period_nth(anchor, s, zone, number);
            at = p.from;
        } else {
            at = instant_cell(t.cells[WHICH]);
            p = period_at(anchor, s, zone, at);
            OK(period_holds(p, at) || at.ns == INT64_MAX, "%s: holds the instant", table_name(&t));
        }
        text want = text_format(arena, "%.*s/%.*s", TEXT_ARG(t.cells[FROM]), TEXT_ARG(t.cells[TO]));
        IS_TEXT(period_text(arena, p), text_cstr(arena, want), table_name(&t));
        if (text_to_int(t.cells[NUMBER], &number) && !period_is_empty(p))
            OK(span_index_at(anchor, s, zone, at) == number, "%s: its number", table_name(&t));
    }
    table_close(&t);
}

/* There are more nanoseconds in the range than numbers. */
static void test_numbers_end(void)
{
    instant first = { INT64_MIN + 1 };
    instant last = { INT64_MAX - 1 };
    span s = { .nanoseconds = 1 };
    OK(span_index_at(first, s, zone_utc(), last) == INT64_MAX, "the greatest number is the last");
    OK(span_index_at(INSTANT_MAX, s, zone_utc(), first) == INT64_MIN, "and the least the first");
    s.nanoseconds = 2;
    OK(period_holds(period_at(first, s, zone_utc(), last), last) &&
           period_holds(period_at(last, s, zone_utc(), first), first),
       "of pairs of nanoseconds there are fewer");
}

static struct period period_cell(text cell)
{
    text from = text_cut(&cell, '/');
    return (struct period){ instant_cell(from), instant_cell(cell) };
}

static void test_meetings(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/meet.vec", 4);
    while (table_next(&t)) {
        struct period one = period_cell(t.cells[1]);
        struct period other = period_cell(t.cells[2]);
        struct period both = period_meet(one, other);
        text got = period_is_empty(both) ? TEXT("empty") : period_text(arena, both);
        IS_TEXT(got, text_cstr(arena, t.cells[3]), table_name(&t));
        both = period_meet(other, one);
        got = period_is_empty(both) ? TEXT("empty") : period_text(arena, both);
        IS_TEXT(got, text_cstr(arena, t.cells[3]), "and the other way round");
        OK(!instant_before(both.to, both.from), "and never inside out");
    }
    table_close(&t);
}

static void test_half_open(void)
{
    struct period p = { { 10 }, { 20 } };
    OK(period_holds(p, (instant){ 10 }) && period_holds(p, (instant){ 19 }), "the start is inside");
    OK(!period_holds(p, (instant){ 20 }) && !period_holds(p, (instant){ 9 }), "the end is outside");
    OK(!period_is_empty(p) && period_is_empty((struct period){ { 10 }, { 10 } }),
       "only a period without length is empty");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_text(arena);
    test_equality();
    test_overflowing(arena);
    test_periods(arena);
    test_meetings(arena);
    test_half_open();
    test_numbers_end();
    return tap_end();
}
