/* Which tax codes an app can have, from a table; that no app has two. Which rates hold when. */
#include "catalog/tax_rates.h"

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

static text rates_text(const struct list *rates, const char *at, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    instant t;
    size_t count;
    MUST(instant_parse(text_of(at), &t));
    const struct tax_rate *held = tax_rates_at(rates, t, arena, &count);
    for (size_t i = 0; i < count; i++)
        buffer_format(&out, "%s%.*s=%.*s", i > 0 ? " " : "", TEXT_ARG(held[i].name),
                      TEXT_ARG(dec_text(arena, held[i].percentage)));
    return buffer_text(&out);
}

static void test_rates(struct arena *arena)
{
    instant spring, summer;
    MUST(instant_parse(TEXT("2026-03-01T00:00:00Z"), &spring));
    MUST(instant_parse(TEXT("2026-07-01T00:00:00Z"), &summer));
    struct tax_rate_entry entries[] = {
        { TEXT("VAT"), dec_of_int(20), summer },
        { TEXT("VAT"), dec_of_int(16), INSTANT_NONE },
        { TEXT("Levy"), dec_of_int(2), spring },
        { TEXT("VAT"), dec_of_int(19), spring },
    };
    const struct list rates = { entries, COUNT_OF(entries) };
    IS_TEXT(rates_text(&rates, "2026-02-28T23:59:59Z", arena), "VAT=16",
            "a rate without a start holds from the beginning");
    IS_TEXT(rates_text(&rates, "2026-03-01T00:00:00Z", arena), "VAT=19 Levy=2",
            "the latest that has begun holds, in whatever order they are written");
    IS_TEXT(rates_text(&rates, "2026-07-01T00:00:00Z", arena), "VAT=20 Levy=2",
            "each name is a line of its own");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_codes(arena);
    test_once(arena);
    test_rates(arena);
    return tap_end();
}
