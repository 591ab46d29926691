/* feature.c: which features may be created. */
#include "catalog/feature.h"

#define CONDITIONS_MAX 10 /* of one feature, as the wire contract has it */

/* Meters whose usage can be sold: one number per period that does not go down by counting more. */
static const char *const allowed_aggregations[] = {
    "sum",
    "count",
    "unique_count",
    "latest",
    "quantile", /* ours from here: each is one quantity of a period */
    "time_weighted_average",
    "integral",
    "sliding_unique_count",
    NULL,
};

/* The faults found so far. */
struct finding {
    struct problem *problem;
    enum dialect dialect;
    size_t count;
};

static void fault_add(struct finding *finding, text place, struct problem_field field)
{
    field.field = place;
    field.source = SOURCE_BODY;
    if (finding->count == 0)
        problem_set(finding->problem, FAULT_FEATURE_INVALID, "%s", "");
    problem_add_field(finding->problem, &field);
    finding->count++;
}

static text filters_place(enum dialect dialect)
{
    return dialect == DIALECT_V1 ? TEXT("advancedMeterGroupByFilters") : TEXT("meter.filters");
}

static void check_key(struct finding *finding, text key)
{
    ulid id;
    if (ulid_parse(key, &id))
        fault_add(finding, TEXT("key"),
                  (struct problem_field){ .rule = TEXT("invalid"),
                                          .reason = TEXT("must not have the form of an id") });
}

static void check_aggregation(struct finding *finding, text aggregation)
{
    if (words_find(allowed_aggregations, aggregation) != FIELD_ENUM_NONE)
        return;
    text place = finding->dialect == DIALECT_V1 ? TEXT("meterSlug") : TEXT("meter.id");
    fault_add(finding, place,
              (struct problem_field){
                  .rule = TEXT("invalid"),
                  .reason = text_format(finding->problem->arena,
                                        "a feature cannot be sold by a meter whose aggregation is "
                                        "%.*s",
                                        TEXT_ARG(aggregation)),
              });
}

static void check_conditions(struct finding *finding, const struct filter_map *conditions,
                             const struct feature_meter *meter)
{
    text place = filters_place(finding->dialect);
    if (meter == NULL && conditions->count > 0) {
        fault_add(finding, place,
                  (struct problem_field){ .rule = TEXT("dependent_fields"),
                                          .reason = TEXT("needs a meter to filter") });
        return;
    }
    if (conditions->count > CONDITIONS_MAX)
        fault_add(finding, place,
                  (struct problem_field){ .rule = TEXT("max_items"),
                                          .reason = TEXT("must not have more than 10 items"),
                                          .bound = CONDITIONS_MAX,
                                          .has_bound = true });
    for (size_t i = 0; i < conditions->count; i++) {
        text name = conditions->items[i].name;
        if (text_list_holds(&meter->dimensions, name))
            continue;
        fault_add(
            finding,
            text_format(finding->problem->arena, "%.*s.%.*s", TEXT_ARG(place), TEXT_ARG(name)),
            (struct problem_field){ .rule = TEXT("missing_reference"),
                                    .reason = TEXT("is not a dimension of the meter") });
    }
}

bool feature_check(const struct feature *input, const struct filter_map *conditions,
                   const struct feature_meter *meter, enum dialect dialect, struct problem *problem)
{
    CHECK(input != NULL && conditions != NULL && problem != NULL);
    CHECK(meter == NULL || !ulid_is_zero(meter->id));
    struct finding finding = { .problem = problem, .dialect = dialect };
    check_key(&finding, input->key);
    if (meter != NULL)
        check_aggregation(&finding, meter->aggregation);
    check_conditions(&finding, conditions, meter);
    bool is_costed = !input->has_unit_cost ||
                     unit_cost_check(&input->unit_cost, meter, dialect, problem);
    return finding.count == 0 && is_costed;
}
