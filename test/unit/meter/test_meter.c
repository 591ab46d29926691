/* test_meter.c: the rules of a meter, its requests and its printed form. */
#include "lib/table.h"
#include "lib/tap.h"
#include "meter/meter.h"

static struct json json_of(struct arena *arena, text body)
{
    struct json root = { 0 };
    struct json_fault fault;
    MUST(json_parse(arena, body, &root, &fault));
    return root;
}

static void test_rules(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/meter/rule.vec", 3);
    while (table_next(&t)) {
        enum dialect dialect = text_equal(t.cells[0], TEXT("v1")) ? DIALECT_V1 : DIALECT_V3;
        struct json body = json_of(arena, t.cells[1]);
        struct problem problem;
        struct meter meter;
        problem_init(&problem, arena);
        bool is_fine = meter_create_read(dialect, arena, &body, &problem, &meter);
        text got = is_fine ? TEXT("ok") : problem.fields[0].field;
        if (!OK(text_equal(got, t.cells[2]), "4.1: %s:%d %.*s", t.path, t.line,
                TEXT_ARG(t.cells[1])))
            printf("# got '%.*s', want '%.*s'\n", TEXT_ARG(got), TEXT_ARG(t.cells[2]));
    }
    table_close(&t);
}

static void test_many_faults(struct arena *arena)
{
    struct json body = json_of(
        arena, TEXT("{\"key\":\"k\",\"name\":\"n\",\"aggregation\":\"sum\","
                    "\"event_type\":\"e\",\"dimensions\":{\"subject\":\"x\",\"a\":\"y\"}}"));
    struct problem problem;
    struct meter meter;
    problem_init(&problem, arena);
    OK(!meter_create_read(DIALECT_V3, arena, &body, &problem, &meter) && problem.field_count == 4,
       "all faults of a meter are listed at once");
    OK(problem.fault == FAULT_FIELDS_INVALID, "they make the request invalid");
}

static struct meter read_meter(struct arena *arena, enum dialect dialect, text body)
{
    struct json root = json_of(arena, body);
    struct problem problem;
    struct meter meter = { 0 };
    problem_init(&problem, arena);
    OK(meter_create_read(dialect, arena, &root, &problem, &meter), "a meter is read");
    return meter;
}

static text print_meter(struct arena *arena, enum dialect dialect, const struct meter *meter)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    meter_write(&w, dialect, meter);
    return buffer_text(&out);
}

static void test_dialects(struct arena *arena)
{
    struct meter meter = read_meter(
        arena, DIALECT_V1,
        TEXT("{\"slug\":\"tokens\",\"aggregation\":\"UNIQUE_COUNT\",\"eventType\":\"p\","
             "\"valueProperty\":\"$.t\",\"groupBy\":{\"m\":\"$.m\"},\"metadata\":{\"a\":\"b\"},"
             "\"eventFrom\":\"2025-01-01T00:00:00Z\"}"));
    IS_TEXT(meter.name, "tokens", "4.1: v1 takes the slug for a name");
    OK(meter.aggregation == METER_UNIQUE_COUNT, "4.1: v1 writes aggregations in upper case");
    meter.created_at = meter.updated_at = (instant){ 1700000000 * NS_PER_SECOND };
    meter.id.ulid.bytes[15] = 1;
    IS_TEXT(print_meter(arena, DIALECT_V3, &meter),
            "{\"id\":\"00000000000000000000000001\",\"key\":\"tokens\",\"name\":\"tokens\","
            "\"labels\":{\"a\":\"b\"},\"aggregation\":\"unique_count\",\"event_type\":\"p\","
            "\"events_from\":\"2025-01-01T00:00:00Z\",\"value_property\":\"$.t\","
            "\"dimensions\":{\"m\":\"$.m\"},\"created_at\":\"2023-11-14T22:13:20Z\","
            "\"updated_at\":\"2023-11-14T22:13:20Z\"}",
            "4.1: v3's words");
    IS_TEXT(print_meter(arena, DIALECT_V1, &meter),
            "{\"id\":\"00000000000000000000000001\",\"slug\":\"tokens\",\"name\":\"tokens\","
            "\"metadata\":{\"a\":\"b\"},\"aggregation\":\"UNIQUE_COUNT\",\"eventType\":\"p\","
            "\"eventFrom\":\"2025-01-01T00:00:00Z\",\"valueProperty\":\"$.t\","
            "\"groupBy\":{\"m\":\"$.m\"},\"createdAt\":\"2023-11-14T22:13:20Z\","
            "\"updatedAt\":\"2023-11-14T22:13:20Z\"}",
            "4.1: v1's words");
}

static void test_change(struct arena *arena)
{
    struct meter meter = read_meter(arena, DIALECT_V3,
                                    TEXT("{\"key\":\"k\",\"name\":\"n\",\"description\":\"d\","
                                         "\"aggregation\":\"count\",\"event_type\":\"e\","
                                         "\"dimensions\":{\"a\":\"$.a\"}}"));
    struct json body = json_of(arena, TEXT("{\"name\":\"new\"}"));
    struct problem problem;
    struct meter_change change;
    problem_init(&problem, arena);
    OK(meter_change_read(DIALECT_V3, arena, &body, &problem, &change), "an update is read");
    struct meter changed = meter_changed(&meter, &change, (instant){ 5 });
    IS_TEXT(changed.name, "new", "4.1: what stands in an update is changed");
    OK(changed.dimensions.count == 1 && text_equal(changed.description, TEXT("d")),
       "4.1: what does not is kept");
    OK(changed.updated_at.ns == 5, "an update has a time");
    body = json_of(arena, TEXT("{\"groupBy\":{},\"description\":null}"));
    OK(meter_change_read(DIALECT_V1, arena, &body, &problem, &change), "v1's update is read");
    changed = meter_changed(&meter, &change, (instant){ 6 });
    OK(changed.dimensions.count == 0 && changed.description.ptr == NULL,
       "4.1: an empty map or null empties");
    body = json_of(arena, TEXT("{\"key\":\"other\"}"));
    OK(!meter_change_read(DIALECT_V3, arena, &body, &problem, &change),
       "4.1: the key never changes");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_rules(arena);
    test_many_faults(arena);
    test_dialects(arena);
    test_change(arena);
    return tap_end();
}
