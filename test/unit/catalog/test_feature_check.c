/* Which features may be created, from a table. */
#include "catalog/feature_conditions.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, KEY, AGGREGATION, DIALECT, CONDITIONS, FAULTS, COLUMNS };

static bool is_none(text cell)
{
    return text_equal(cell, TEXT("-"));
}

static text faults_text(struct arena *arena, const struct problem *problem)
{
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < problem->field_count; i++)
        buffer_format(&b, "%s%.*s %.*s", i > 0 ? ", " : "", TEXT_ARG(problem->fields[i].field),
                      TEXT_ARG(problem->fields[i].rule));
    return problem->field_count > 0 ? buffer_text(&b) : TEXT("ok");
}

static void test_row(struct arena *arena, const struct table *t)
{
    text dimensions[] = { TEXT("model"), TEXT("region") };
    bool is_v1 = text_equal(t->cells[DIALECT], TEXT("v1"));
    enum dialect dialect = is_v1 ? DIALECT_V1 : DIALECT_V3;
    text conditions = is_none(t->cells[CONDITIONS]) ? TEXT_NONE : t->cells[CONDITIONS];
    struct feature_meter meter = {
        .id = { { 1 } },
        .key = TEXT("m"),
        .aggregation = t->cells[AGGREGATION],
        .dimensions = { dimensions, COUNT_OF(dimensions) },
    };
    struct feature input = {
        .key = t->cells[KEY],
        .filters = is_v1 ? TEXT_NONE : conditions,
        .advanced_filters = is_v1 ? conditions : TEXT_NONE,
    };
    struct filter_map map;
    struct problem problem;
    problem_init(&problem, arena);
    MUST(feature_conditions_read(&input, arena, &problem, &map));
    bool has_meter = !is_none(t->cells[AGGREGATION]);
    bool is_ok = feature_check(&input, &map, has_meter ? &meter : NULL, dialect, &problem);
    tap_is_text(faults_text(arena, &problem), t->cells[FAULTS], __FILE__, __LINE__, table_name(t));
    OK(is_ok == (problem.fault == FAULT_NONE), "a fault refuses");
    OK(is_ok || problem.fault == FAULT_FEATURE_INVALID, "the fault has the feature's name");
}

/* The two forms of one condition, and the deprecated one. */
static void test_views(struct arena *arena)
{
    struct feature feature = {
        .meter_id = { { { 1 } } },
        .filters = TEXT("{\"model\":\"gpt\",\"region\":{\"neq\":\"eu\"}}"),
    };
    struct problem problem;
    problem_init(&problem, arena);
    MUST(feature_conditions_read(&feature, arena, &problem, &feature.conditions));
    feature_mirror(&feature, arena);
    IS_TEXT(feature.filters, "{\"model\":{\"eq\":\"gpt\"},\"region\":{\"neq\":\"eu\"}}", "v3 form");
    IS_TEXT(feature.advanced_filters, "{\"model\":{\"$eq\":\"gpt\"},\"region\":{\"$ne\":\"eu\"}}",
            "v1 form");
    OK(feature.simple_filters.count == 1, "only an equality is a simple filter");
    IS_TEXT(text_map_get(&feature.simple_filters, TEXT("model")), "gpt", "simple form");
    OK(feature.has_meter, "the reference is shown");

    struct text_pair pair = { TEXT("model"), TEXT("x") };
    struct feature simple = { .simple_filters = { &pair, 1 } };
    struct filter_map map;
    MUST(feature_conditions_read(&simple, arena, &problem, &map));
    OK(map.count == 1 && map.items[0].filter.op == FILTER_EQ, "a simple filter is an equality");
    IS_TEXT(map.items[0].filter.value, "x", "of its value");
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/catalog/feature_check.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    test_views(arena);
    arena_free(arena);
    return tap_end();
}
