/* The sentences that explain a line, from a table. */
#include "rating/explain.h"

#include "unit/rating/terms.h"

enum { RULE, TERMS, QUANTITY, PART, SENTENCES, COLUMNS };

static void test_row(struct arena *arena, const struct table *t)
{
    struct row row = { .input = { .name = TEXT("Runs"), .currency = currency_find(TEXT("USD")) } };
    struct buffer out = { .arena = arena };
    struct rate_result result;
    row.input.terms = &row.terms;
    read_row(&row, t->cells[TERMS], t->cells[QUANTITY], t->cells[PART]);
    MUST(rate_line(&row.input, arena, &result) == FAULT_NONE);
    struct explain_steps sentences = { .arena = arena };
    rate_explain(&row.input, &result, &sentences);
    for (size_t i = 0; i < sentences.count; i++)
        buffer_format(&out, "%s%.*s", i > 0 ? " ~ " : "", TEXT_ARG(sentences.items[i]));
    tap_is_text(buffer_text(&out), t->cells[SENTENCES], __FILE__, __LINE__, table_name(t));
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/rating/explain.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    arena_free(arena);
    return tap_end();
}
