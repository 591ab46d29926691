/* Cadences: T5's divisibility, a plan's allowed cadences, the shortest one. */
#include "catalog/cadence.h"

#include "lib/table.h"
#include "lib/tap.h"

static span span_cell(text cell)
{
    span s;
    MUST(span_parse(cell, &s));
    return s;
}

static bool yes_cell(text cell)
{
    MUST(text_equal(cell, TEXT("yes")) || text_equal(cell, TEXT("no")));
    return text_equal(cell, TEXT("yes"));
}

static void test_divides(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/catalog/cadence.vec", 3);
    while (table_next(&t)) {
        span larger = span_cell(t.cells[0]);
        span smaller = span_cell(t.cells[1]);
        bool want = yes_cell(t.cells[2]);
        OK(cadence_divides(larger, smaller) == want, "%s / %.*s", table_name(&t),
           TEXT_ARG(t.cells[1]));
        if (want)
            OK(cadence_aligns(smaller, larger), "either way round");
    }
    table_close(&t);
}

static void test_plan_cadence(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/catalog/plan_cadence.vec", 3);
    while (table_next(&t)) {
        span s = span_cell(t.cells[0]);
        OK(cadence_is_plan_cadence(s) == yes_cell(t.cells[1]), "%s: of a plan", table_name(&t));
        OK(cadence_is_hour_or_more(s) == yes_cell(t.cells[2]), "%s: an hour", table_name(&t));
    }
    table_close(&t);
}

int main(void)
{
    struct arena *arena = arena_new();
    test_divides(arena);
    test_plan_cadence(arena);
    arena_free(arena);
    return tap_end();
}
