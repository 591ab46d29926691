/* test_value.c: what is wrong with an event in the eyes of a meter (M1), and text forms. */
#include "lib/table.h"
#include "lib/tap.h"
#include "meter/value.h"

static struct meter meter_of(text aggregation)
{
    int word = words_find(meter_aggregation_words, aggregation);
    MUST(word != FIELD_ENUM_NONE);
    struct meter meter = { .aggregation = (enum meter_aggregation)word };
    if (meter.aggregation != METER_COUNT)
        meter.value_property = TEXT("$.duration_ms");
    return meter;
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/meter/value.vec", 3);
    while (table_next(&t)) {
        struct meter meter = meter_of(t.cells[0]);
        struct value_reader reader = value_reader_of(&meter, arena);
        struct usage_event event = { .data = t.cells[1] };
        if (text_equal(event.data, TEXT("-")))
            event.data = TEXT_NONE;
        text got = value_fault(&reader, &event, arena);
        got = text_is_empty(got) ? TEXT("ok") : text_trim(got);
        if (!OK(text_equal(got, t.cells[2]), "M1: %s:%d %.*s", t.path, t.line,
                TEXT_ARG(t.cells[1])))
            printf("# got '%.*s', want '%.*s'\n", TEXT_ARG(got), TEXT_ARG(t.cells[2]));
    }
    table_close(&t);
}

static void test_broken_data(struct arena *arena)
{
    struct meter meter = meter_of(TEXT("sum"));
    struct value_reader reader = value_reader_of(&meter, arena);
    struct usage_event event = { .data = TEXT("{") };
    text got = value_fault(&reader, &event, arena);
    OK(text_starts_with(got, TEXT("invalid event: failed to parse event data: ")),
       "M1: data that is no JSON is said to be none");
}

static void test_text_forms(struct arena *arena)
{
    static const struct {
        const char *data, *want;
    } rows[] = {
        { "{\"d\":123}", "123" },   { "{\"d\":\"x\"}", "x" },
        { "{\"d\":true}", "true" }, { "{\"d\":false}", "false" },
        { "{\"d\":null}", "null" }, { "{\"d\":[1]}", "" },
        { "{\"d\":{}}", "" },       { "{}", "" },
        { "{\"d\":1.50}", "1.50" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct usage_event event = { .data = text_of(rows[i].data) };
        struct json data;
        struct json_fault fault;
        MUST(value_data(&event, arena, &data, &fault));
        text got = value_text(json_member(&data, TEXT("d")));
        OK(text_equal(got, text_of(rows[i].want)), "5.5: a dimension's text form of %s",
           rows[i].data);
    }
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_vectors(arena);
    test_broken_data(arena);
    test_text_forms(arena);
    return tap_end();
}
