/* test_query_rules.c: what a query may say, in both dialects, and how answers are printed. */
#include "lib/table.h"
#include "meter/query_write.h"
#include "unit/meter/events.h"

static struct text_pair dimension_items[] = {
    { TEXT_INIT("model"), TEXT_INIT("$.model") },
    { TEXT_INIT("kind"), TEXT_INIT("$.kind") },
};

static struct meter meter_new(struct org_id org)
{
    return (struct meter){
        .org = org,
        .key = TEXT("m"),
        .aggregation = METER_SUM,
        .event_type = TEXT("t"),
        .events_from = INSTANT_NONE,
        .value_property = TEXT("$.v"),
        .dimensions = { dimension_items, COUNT_OF(dimension_items) },
    };
}

/* ---- rules -------------------------------------------------------------------------------- */

static bool read_and_check(struct arena *arena, enum dialect dialect, text body,
                           struct problem *problem)
{
    struct meter meter = meter_new((struct org_id){ 0 });
    struct json root = { 0 };
    struct json_fault fault;
    struct meter_query query;
    MUST(json_parse(arena, body, &root, &fault));
    if (!meter_query_read(dialect, arena, &root, problem, &query))
        return false;
    meter_query_normalize(&query, arena);
    return meter_query_check(&meter, &query, dialect, problem);
}

static void test_rules(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/meter/query_rule.vec", 3);
    while (table_next(&t)) {
        enum dialect dialect = text_equal(t.cells[0], TEXT("v1")) ? DIALECT_V1 : DIALECT_V3;
        struct problem problem;
        problem_init(&problem, arena);
        bool is_fine = read_and_check(arena, dialect, t.cells[1], &problem);
        text got = is_fine ? TEXT("ok") : problem.fields[0].field;
        if (!OK(text_equal(got, t.cells[2]), "4.3: %s:%d %.*s", t.path, t.line,
                TEXT_ARG(t.cells[1])))
            printf("# got '%.*s', want '%.*s'\n", TEXT_ARG(got), TEXT_ARG(t.cells[2]));
    }
    table_close(&t);
}

static void test_messages(struct arena *arena)
{
    struct problem problem;
    problem_init(&problem, arena);
    OK(!read_and_check(arena, DIALECT_V1, TEXT("{\"groupBy\":[\"color\"]}"), &problem) &&
           problem.fault == FAULT_QUERY_INVALID,
       "4.3: an unknown group is a query that is not valid");
    IS_TEXT(problem.detail, "invalid group by: color", "4.3: and it is named");
}

static void test_reading(struct arena *arena)
{
    struct json root = { 0 };
    struct json_fault fault;
    struct problem problem;
    struct meter_query query;
    problem_init(&problem, arena);
    text body = TEXT("{\"from\":\"2025-01-01T00:00:00Z\",\"granularity\":\"PT1H\","
                     "\"group_by_dimensions\":[\"model\",\"model\"],\"filters\":{\"dimensions\":{"
                     "\"subject\":{\"eq\":\"c1\"},\"customer_id\":{\"in\":[\"X\",\"Y\"]},"
                     "\"kind\":{\"neq\":\"a\"}}}}");
    MUST(json_parse(arena, body, &root, &fault));
    OK(meter_query_read(DIALECT_V3, arena, &root, &problem, &query), "v3's body is read");
    OK(query.window == METER_WINDOW_HOUR && instant_is_none(query.to), "4.3: granularity PT1H");
    OK(query.has_subjects && query.subjects.count == 1 && query.has_customers &&
           query.customer_ids.count == 2,
       "4.3: filters on subject and customer_id are no dimensions");
    OK(query.filters.count == 1 && query.filters.items[0].filter.op == FILTER_NE,
       "4.3: other filters are");
    meter_query_normalize(&query, arena);
    OK(query.group_by.count == 3 && text_equal(query.group_by.items[1], TEXT("subject")) &&
           text_equal(query.group_by.items[2], TEXT("customer_id")),
       "4.3: filtering by subject or customer groups by it; names stand once");
    body = TEXT("{\"windowSize\":\"DAY\",\"filterGroupBy\":{\"kind\":[\"a\",\"b\"]}}");
    MUST(json_parse(arena, body, &root, &fault));
    OK(meter_query_read(DIALECT_V1, arena, &root, &problem, &query) &&
           query.window == METER_WINDOW_DAY && query.filters.count == 1 &&
           query.filters.items[0].filter.op == FILTER_IN,
       "4.3: v1's words, filterGroupBy lists values");
}

/* ---- printing ----------------------------------------------------------------------------- */

static text print(struct arena *arena, enum dialect dialect, const struct meter_result *result)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    meter_result_write(&w, dialect, result);
    return buffer_text(&out);
}

static text print_csv(struct arena *arena, enum dialect dialect, const struct meter_result *result)
{
    struct buffer out = { .arena = arena };
    meter_result_csv(&out, dialect, result);
    return buffer_text(&out);
}

static struct meter_row row_new(const char *value)
{
    struct meter_row row = {
        .from = fixture_instant("2025-01-01T00:00:00Z"),
        .to = fixture_instant("2025-01-02T00:01:00Z"),
    };
    MUST(dec_parse(text_of(value), &row.value));
    return row;
}

static void test_plain(struct arena *arena)
{
    struct meter_row row = row_new("2000");
    struct meter_result result = { INSTANT_NONE, INSTANT_NONE, METER_WINDOW_NONE, .rows = &row,
                                   .count = 1 };
    IS_TEXT(print(arena, DIALECT_V1, &result),
            "{\"data\":[{\"value\":2000,\"windowStart\":\"2025-01-01T00:00:00Z\","
            "\"windowEnd\":\"2025-01-02T00:01:00Z\",\"subject\":null,\"groupBy\":{}}]}",
            "W1: v1, no windows");
    IS_TEXT(print(arena, DIALECT_V3, &result),
            "{\"data\":[{\"value\":\"2000\",\"from\":\"2025-01-01T00:00:00Z\","
            "\"to\":\"2025-01-02T00:01:00Z\",\"dimensions\":{}}]}",
            "W1: v3, no windows");
    IS_TEXT(print_csv(arena, DIALECT_V1, &result),
            "window_start,window_end,value\n"
            "2025-01-01T00:00:00Z,2025-01-02T00:01:00Z,2000.000000\n",
            "W1: CSV of v1");
    IS_TEXT(print_csv(arena, DIALECT_V3, &result),
            "from,to,value\n2025-01-01T00:00:00Z,2025-01-02T00:01:00Z,2000\n", "CSV of v3");
    result.count = 0;
    IS_TEXT(print(arena, DIALECT_V1, &result), "{\"data\":[]}", "4.3: no events, no rows");
}

static void test_grouped(struct arena *arena)
{
    struct meter_row row = row_new("0.123456789012345678901");
    struct meter_customer customer = { .key = TEXT("acme"), .name = TEXT("Acme, \"Inc\"") };
    text names[] = { TEXT("model") };
    text values[] = { TEXT("a\nb") };
    customer.id.bytes[15] = 1;
    row.subject = TEXT("c1");
    row.customer = &customer;
    row.dimensions = values;
    struct meter_result result = {
        .from = row.from,
        .to = row.to,
        .window = METER_WINDOW_MONTH,
        .dimensions = { names, 1 },
        .has_subject = true,
        .has_customer = true,
        .rows = &row,
        .count = 1,
    };
    IS_TEXT(print(arena, DIALECT_V1, &result),
            "{\"from\":\"2025-01-01T00:00:00Z\",\"to\":\"2025-01-02T00:01:00Z\","
            "\"windowSize\":\"MONTH\",\"data\":[{\"value\":0.123456789012345678901,"
            "\"windowStart\":\"2025-01-01T00:00:00Z\",\"windowEnd\":\"2025-01-02T00:01:00Z\","
            "\"subject\":\"c1\",\"customerId\":\"00000000000000000000000001\","
            "\"groupBy\":{\"model\":\"a\\nb\"}}]}",
            "4.3: v1, grouped: a number of exactly these digits");
    IS_TEXT(print(arena, DIALECT_V3, &result),
            "{\"from\":\"2025-01-01T00:00:00Z\",\"to\":\"2025-01-02T00:01:00Z\","
            "\"data\":[{\"value\":\"0.123456789012345678901\",\"from\":\"2025-01-01T00:00:00Z\","
            "\"to\":\"2025-01-02T00:01:00Z\",\"dimensions\":{\"subject\":\"c1\","
            "\"customer_id\":\"00000000000000000000000001\",\"model\":\"a\\nb\"}}]}",
            "4.3: v3, grouped");
    IS_TEXT(print_csv(arena, DIALECT_V3, &result),
            "from,to,subject,customer_id,customer_key,customer_name,model,value\n"
            "2025-01-01T00:00:00Z,2025-01-02T00:01:00Z,c1,00000000000000000000000001,acme,"
            "\"Acme, \"\"Inc\"\"\",\"a\nb\",0.123456789012345678901\n",
            "4.3: v3's CSV, quoted where needed");
    IS_TEXT(print_csv(arena, DIALECT_V1, &result),
            "window_start,window_end,subject,customer_id,model,value\n"
            "2025-01-01T00:00:00Z,2025-01-02T00:01:00Z,c1,00000000000000000000000001,\"a\nb\","
            "0.123457\n",
            "4.3: v1's CSV has 6 decimals");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_rules(arena);
    test_messages(arena);
    test_reading(arena);
    test_plain(arena);
    test_grouped(arena);
    return tap_end();
}
