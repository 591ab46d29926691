/* feature_fields.c: a feature as request, response and row. */
#include "catalog/feature.h"

const char *const feature_sort_words[] = { "created_at", "updated_at", "id", "key", "name", NULL };

_Static_assert(COUNT_OF(feature_sort_words) == FEATURE_SORT_COUNT + 1, "one word per order");

static const struct field reference_rows[] = {
    FIELD_ID(struct feature_meter_reference, id, .flags = FIELD_REQUIRED,
             .about = "The meter's id."),
    FIELD(struct feature_meter_reference, filters, JSON,
          .about = "Conditions on the meter's dimensions, by name."),
};

static const struct fields reference_fields =
    FIELDS("FeatureMeterReference", struct feature_meter_reference, reference_rows);

static const char *const unit_cost_words[] = { "manual", "llm", NULL };
const char *const token_type_words[] = { "input",     "output",  "cache_read", "cache_write",
                                         "reasoning", "request", "response",   NULL };

_Static_assert(COUNT_OF(unit_cost_words) == UNIT_COST_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(token_type_words) == TOKEN_TYPE_COUNT + 1, "one word per type");

static const struct field pricing_rows[] = {
    FIELD(struct llm_pricing, input_per_token, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE),
    FIELD(struct llm_pricing, output_per_token, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE),
    FIELD(struct llm_pricing, cache_read_per_token, DEC, .flags = FIELD_NON_NEGATIVE),
    FIELD(struct llm_pricing, cache_write_per_token, DEC, .flags = FIELD_NON_NEGATIVE),
    FIELD(struct llm_pricing, reasoning_per_token, DEC, .flags = FIELD_NON_NEGATIVE),
};

const struct fields llm_pricing_fields =
    FIELDS("LLMCostModelPricing", struct llm_pricing, pricing_rows);

static const struct field unit_cost_rows[] = {
    FIELD_WORD(struct unit_cost, type, unit_cost_words, .flags = FIELD_REQUIRED),
    FIELD(struct unit_cost, amount, DEC, .flags = FIELD_NON_NEGATIVE,
          .about = "Of manual: US dollars for each unit."),
    FIELD(struct unit_cost, provider, TEXT, .form = FORM_NON_EMPTY,
          .about = "Of llm: who runs the model."),
    FIELD(struct unit_cost, provider_property, TEXT, .form = FORM_NON_EMPTY,
          .about = "Of llm, in place of provider: the dimension of the meter that has it."),
    FIELD(struct unit_cost, model, TEXT, .form = FORM_NON_EMPTY, .about = "Of llm: the model."),
    FIELD(struct unit_cost, model_property, TEXT, .form = FORM_NON_EMPTY,
          .about = "Of llm, in place of model: the dimension of the meter that has it."),
    FIELD_WORD(struct unit_cost, token_type, token_type_words,
               .about = "Of llm: the kind of tokens; request is input, response is output."),
    FIELD(struct unit_cost, token_type_property, TEXT, .form = FORM_NON_EMPTY,
          .about = "Of llm, in place of token_type: the dimension of the meter that has it."),
    FIELD_STRUCT(struct unit_cost, pricing, &llm_pricing_fields,
                 .flags = FIELD_READ_ONLY | FIELD_NOT_COLUMN,
                 .set_offset = offsetof(struct unit_cost, has_pricing),
                 .about = "Of llm: what the price list says, when provider and model are said."),
};

const struct fields unit_cost_fields = FIELDS("FeatureUnitCost", struct unit_cost, unit_cost_rows);

#define UNIT_COST                                                                                  \
    FIELD_STRUCT(struct feature, unit_cost, &unit_cost_fields,                                     \
                 .set_offset = offsetof(struct feature, has_unit_cost),                            \
                 .about = "What a unit costs who sells it; never invoiced.")

static const struct field feature_rows[] = {
    FIELD_ID(struct feature, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct feature, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct feature, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "Unique among the active features; never changes."),
    FIELD(struct feature, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct feature, description, TEXT, .flags = FIELD_NOT_V1, .form = FORM_DESCRIPTION),
    FIELD(struct feature, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS),
    FIELD_ID(struct feature, meter_id, .flags = FIELD_NOT_JSON),
    FIELD(struct feature, meter_key, TEXT, .v1 = "meterSlug", .flags = FIELD_NOT_V3,
          .form = FORM_KEY, .about = "The key of the meter that measures the feature's usage."),
    FIELD(struct feature, filters, JSON, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct feature, meter, &reference_fields, .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                 .set_offset = offsetof(struct feature, has_meter),
                 .about = "The meter that measures the feature's usage."),
    FIELD(struct feature, advanced_filters, JSON, .v1 = "advancedMeterGroupByFilters",
          .flags = FIELD_NOT_V3, .about = "Conditions on the meter's dimensions, by name."),
    FIELD(struct feature, simple_filters, TEXT_MAP, .v1 = "meterGroupByFilters",
          .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN,
          .about = "Deprecated: the conditions that are equalities."),
    UNIT_COST,
    FIELD(struct feature, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct feature, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_AS(struct feature, archived_at, "deleted_at", INSTANT, .v1 = "archivedAt",
             .flags = FIELD_READ_ONLY, .about = "When the feature was archived."),
};

const struct fields feature_fields = FIELDS("Feature", struct feature, feature_rows);

static const struct field feature_update_rows[] = { UNIT_COST };

const struct fields feature_update_fields =
    FIELDS("FeatureUpdate", struct feature, feature_update_rows);
