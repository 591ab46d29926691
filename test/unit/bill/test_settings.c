/* Settings of profiles with those of customers over them (konnect 5.12, openmeter 8.2), and the
 * test cards of the sandbox. */
#include "bill/override.h"
#include "lib/table.h"
#include "lib/tap.h"

static struct profile_settings settings_read(struct arena *arena, enum dialect dialect, text body)
{
    struct profile_settings settings;
    struct problem problem;
    struct json json;
    struct json_fault fault;
    problem_init(&problem, arena);
    MUST(json_parse(arena, body, &json, &fault));
    MUST(fields_read(&profile_settings_fields, dialect, &json, &problem, &settings));
    settings_adopt(&settings, dialect);
    return settings;
}

static text settings_print(struct arena *arena, enum dialect dialect,
                           const struct profile_settings *settings)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    fields_write(&profile_settings_fields, dialect, &w, settings);
    return buffer_text(&out);
}

static void merge_try(struct arena *arena, const struct table *t)
{
    enum dialect dialect = text_equal(t->cells[1], TEXT("v1")) ? DIALECT_V1 : DIALECT_V3;
    struct profile_settings base = settings_read(arena, dialect, t->cells[2]);
    struct profile_settings own = settings_read(arena, dialect, t->cells[3]);
    struct problem problem;
    text rest = t->cells[4];
    settings_complete(&base);
    struct profile_settings merged = settings_merge(&base, &own);
    text printed = settings_print(arena, dialect, &merged);
    problem_init(&problem, arena);
    OK(settings_check(&own, &merged, dialect, &problem), "%s: nothing is wrong with it",
       text_cstr(arena, t->cells[0]));
    while (rest.ptr != NULL) {
        text part = text_trim(text_cut(&rest, ';'));
        OK(text_contains(printed, part), "%s", text_cstr(arena, t->cells[0]));
        if (!text_contains(printed, part))
            printf("# no %.*s in %.*s\n", TEXT_ARG(part), TEXT_ARG(printed));
    }
}

static void test_merge(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/settings.vec", 5);
    while (table_next(&t))
        merge_try(arena, &t);
    table_close(&t);
}

static void test_empty(struct arena *arena)
{
    struct profile_settings none = settings_none();
    struct profile_settings read = settings_read(arena, DIALECT_V3, TEXT("{}"));
    OK(settings_is_empty(&none) && settings_is_empty(&read), "settings that say nothing");
    IS_TEXT(settings_print(arena, DIALECT_V3, &none), "{}", "and print nothing");
    OK(span_equal(settings_span(TEXT("P1M")), (span){ .months = 1 }), "a checked duration");
}

static void test_cards(void)
{
    IS_TEXT(app_test_card_outcome(TEXT("4242 4242 4242 4242")), "paid", "a card that pays");
    IS_TEXT(app_test_card_outcome(TEXT("4000-0000-0000-0002")), "failed", "one that is declined");
    IS_TEXT(app_test_card_outcome(TEXT("4000002500003155")), "action_required",
            "one that wants its owner");
    IS_TEXT(app_test_card_outcome(TEXT("4000000000000259")), "disputed", "one that is disputed");
    OK(app_test_card_outcome(TEXT("4242424242424241")).ptr == NULL, "no test card");
    OK(app_test_card_outcome(TEXT("")).ptr == NULL, "no card");
    OK(app_test_card_outcome(TEXT("42424242424242424242424242424242424242424242")).ptr == NULL,
       "a number that is too long");
}

static void test_capabilities(void)
{
    for (int type = 0; type < APP_TYPE_COUNT; type++) {
        OK(app_can((enum app_type)type, APP_CALCULATE_TAX) &&
               app_can((enum app_type)type, APP_INVOICE_CUSTOMERS) &&
               app_can((enum app_type)type, APP_COLLECT_PAYMENTS),
           "%s can do what profiles need", app_type_words[type]);
        OK(!app_can((enum app_type)type, APP_REPORT_USAGE), "and does not report usage");
    }
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_merge(arena);
    test_empty(arena);
    test_cards();
    test_capabilities();
    return tap_end();
}
