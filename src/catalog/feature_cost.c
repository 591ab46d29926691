/* feature_cost.c: which unit costs a feature may have. */
#include "catalog/feature.h"

/* The faults found so far. */
struct finding {
    struct problem *problem;
    enum dialect dialect;
    size_t count;
};

static void fault_add(struct finding *finding, const struct field *row, const char *rule,
                      text reason)
{
    struct arena *arena = finding->problem->arena;
    bool is_v1 = finding->dialect == DIALECT_V1;
    struct problem_field field = {
        .field = text_format(arena, "%s.%.*s", is_v1 ? "unitCost" : "unit_cost",
                             TEXT_ARG(field_key(row, finding->dialect, arena))),
        .rule = text_of(rule),
        .reason = reason,
        .source = SOURCE_BODY,
    };
    if (finding->count == 0)
        problem_set(finding->problem, FAULT_FEATURE_INVALID, "%s", "");
    problem_add_field(finding->problem, &field);
    finding->count++;
}

static const struct field *row_of(const char *name)
{
    const struct field *row = fields_find(&unit_cost_fields, text_of(name));
    CHECK(row != NULL);
    return row;
}

static void deny(struct finding *finding, const char *name, const struct unit_cost *cost)
{
    const struct field *row = row_of(name);
    if (!field_is_absent(row, cost))
        fault_add(finding, row, "unknown_property",
                  TEXT("is not a property of this type of unit cost"));
}

/* A value that is said, or else the dimension of the meter that has it. */
static void check_pair(struct finding *finding, const char *name, const char *property,
                       const struct unit_cost *cost, const struct feature_meter *meter)
{
    struct arena *arena = finding->problem->arena;
    const struct field *said = row_of(name);
    const struct field *dimension = row_of(property);
    bool is_said = !field_is_absent(said, cost);
    text key = field_to_text(dimension, cost, arena);

    if (!is_said && text_is_empty(key))
        fault_add(finding, said, "required",
                  text_format(arena, "this or %.*s is required",
                              TEXT_ARG(field_key(dimension, finding->dialect, arena))));
    if (is_said && !text_is_empty(key))
        fault_add(finding, said, "invalid",
                  text_format(arena, "excludes %.*s",
                              TEXT_ARG(field_key(dimension, finding->dialect, arena))));
    if (!text_is_empty(key) && (meter == NULL || !text_list_holds(&meter->dimensions, key)))
        fault_add(finding, dimension, "missing_reference",
                  TEXT("is not a dimension of the feature's meter"));
}

static const char *const llm_members[] = { "provider",   "provider_property",
                                           "model",      "model_property",
                                           "token_type", "token_type_property" };

bool unit_cost_check(const struct unit_cost *cost, const struct feature_meter *meter,
                     enum dialect dialect, struct problem *problem)
{
    CHECK(cost != NULL && problem != NULL);
    CHECK(cost->type >= 0 && cost->type < UNIT_COST_TYPE_COUNT);
    struct finding finding = { .problem = problem, .dialect = dialect };

    if (cost->type == UNIT_COST_MANUAL) {
        if (!dec_is_valid(cost->amount))
            fault_add(&finding, row_of("amount"), "required", TEXT("is a required field"));
        for (size_t i = 0; i < COUNT_OF(llm_members); i++)
            deny(&finding, llm_members[i], cost);
        return finding.count == 0;
    }
    deny(&finding, "amount", cost);
    for (size_t i = 0; i < COUNT_OF(llm_members); i += 2)
        check_pair(&finding, llm_members[i], llm_members[i + 1], cost, meter);
    return finding.count == 0;
}
