/* A plan's status is a function of its effective period and the instant. */
#include "catalog/plan.h"

#include "lib/table.h"
#include "lib/tap.h"

static instant instant_cell(text cell)
{
    instant t = INSTANT_NONE;
    if (!text_equal(cell, TEXT("-")))
        MUST(instant_parse(cell, &t));
    return t;
}

int main(void)
{
    struct arena *arena = arena_new();
    instant now = instant_cell(TEXT("2026-01-15T00:00:00Z"));
    bool is_reached[PLAN_STATUS_COUNT] = { false };
    struct table t = table_open(arena, "test/vectors/catalog/plan_status.vec", 3);
    while (table_next(&t)) {
        enum plan_status status =
            plan_status_at(instant_cell(t.cells[0]), instant_cell(t.cells[1]), now);
        is_reached[status] = true;
        tap_is_text(text_of(plan_status_words[status]), t.cells[2], __FILE__, __LINE__,
                    table_name(&t));
    }
    table_close(&t);
    for (int i = 0; i < PLAN_STATUS_COUNT; i++)
        OK(is_reached[i], "the table reaches %s", plan_status_words[i]);
    arena_free(arena);
    return tap_end();
}
