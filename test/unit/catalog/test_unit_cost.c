/* Unit costs of features, read and checked in both dialects, from a table. */
#include "catalog/feature.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, METER, DIALECT, COST, FAULTS, COLUMNS };

static text faults_text(struct arena *arena, const struct problem *problem)
{
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < problem->field_count; i++)
        buffer_format(&b, "%s%.*s %.*s", i > 0 ? ", " : "", TEXT_ARG(problem->fields[i].field),
                      TEXT_ARG(problem->fields[i].rule));
    return buffer_text(&b);
}

static text judge(struct arena *arena, const struct table *t, enum dialect dialect)
{
    text dimensions[] = { TEXT("provider"), TEXT("model"), TEXT("kind") };
    const struct feature_meter meter = { .dimensions = { dimensions, COUNT_OF(dimensions) } };
    text body = text_format(arena, "{\"key\":\"x\",\"name\":\"X\",\"%s\":%.*s}",
                            dialect == DIALECT_V1 ? "unitCost" : "unit_cost",
                            TEXT_ARG(t->cells[COST]));
    bool has_meter = text_equal(t->cells[METER], TEXT("yes"));
    struct json json;
    struct json_fault fault;
    struct problem problem;
    struct feature feature;
    problem_init(&problem, arena);
    MUST(json_parse(arena, body, &json, &fault));
    if (!fields_read(&feature_fields, dialect, &json, &problem, &feature) ||
        !unit_cost_check(&feature.unit_cost, has_meter ? &meter : NULL, dialect, &problem))
        return faults_text(arena, &problem);
    struct buffer b = { .arena = arena };
    struct json_writer w = json_writer_of(&b);
    fields_write(&unit_cost_fields, dialect, &w, &feature.unit_cost);
    tap_is_text(buffer_text(&b), t->cells[COST], __FILE__, __LINE__, "printed as written");
    return TEXT("ok");
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/catalog/unit_cost.vec", COLUMNS);
    while (table_next(&t)) {
        bool is_v1 = text_equal(t.cells[DIALECT], TEXT("v1"));
        tap_is_text(judge(arena, &t, is_v1 ? DIALECT_V1 : DIALECT_V3), t.cells[FAULTS], __FILE__,
                    __LINE__, table_name(&t));
    }
    table_close(&t);
    arena_free(arena);
    return tap_end();
}
