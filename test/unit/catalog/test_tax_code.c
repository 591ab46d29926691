/* Which tax codes an app can have, from a table; that no app has two. */
#include "catalog/tax_code.h"

#include "lib/table.h"
#include "lib/tap.h"

static void test_codes(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/catalog/tax_code.vec", 4);
    while (table_next(&t)) {
        int app = words_find(tax_app_words, t.cells[1]);
        text code = text_equal(t.cells[2], TEXT("-")) ? TEXT("") : t.cells[2];
        MUST(app >= 0);
        OK(tax_mapping_is_valid((enum tax_app)app, code) == text_equal(t.cells[3], TEXT("yes")),
           "%s: %.*s", table_name(&t), TEXT_ARG(t.cells[1]));
    }
    table_close(&t);
}

static void test_once(struct arena *arena)
{
    struct tax_mapping items[] = {
        { TAX_APP_STRIPE, TEXT("txcd_10000000") },
        { TAX_APP_SANDBOX, TEXT("x") },
        { TAX_APP_STRIPE, TEXT("txcd_10000001") },
    };
    struct problem problem;
    problem_init(&problem, arena);
    OK(tax_mappings_check(&(struct list){ items, 2 }, &problem) && !problem_is_set(&problem),
       "two apps with a code each");
    OK(!tax_mappings_check(&(struct list){ items, 3 }, &problem) && problem.field_count == 1,
       "an app with two codes is refused");
    IS_TEXT(problem.fields[0].field, "app_mappings[2].app_type", "at the second of them");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_codes(arena);
    test_once(arena);
    return tap_end();
}
