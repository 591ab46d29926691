/* llm_price_fields.c: prices of language models as request, response and row. */
#include "base/limits.h"
#include "catalog/llm_price.h"

static const struct field named_rows[] = {
    FIELD(struct llm_named, id, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct llm_named, name, TEXT, .flags = FIELD_REQUIRED),
};

static const struct fields provider_fields =
    FIELDS("LLMCostProvider", struct llm_named, named_rows);
static const struct fields model_fields = FIELDS("LLMCostModel", struct llm_named, named_rows);

static const struct field price_rows[] = {
    FIELD_ID(struct llm_price, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct llm_price, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct llm_price, provider_id, TEXT, .flags = FIELD_NOT_JSON),
    FIELD(struct llm_price, model_id, TEXT, .flags = FIELD_NOT_JSON),
    FIELD(struct llm_price, model_key, TEXT, .flags = FIELD_NOT_JSON),
    FIELD(struct llm_price, model_name, TEXT, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct llm_price, provider, &provider_fields,
                 .flags = FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_COLUMN),
    FIELD_STRUCT(struct llm_price, model, &model_fields,
                 .flags = FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_COLUMN),
    FIELD_STRUCT(struct llm_price, pricing, &llm_pricing_fields,
                 .flags = FIELD_READ_ONLY | FIELD_REQUIRED, .about = "For one token."),
    FIELD(struct llm_price, currency, TEXT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_WORD(struct llm_price, source, llm_source_words,
               .flags = FIELD_READ_ONLY | FIELD_REQUIRED,
               .about = "system: of the price list; manual: an override."),
    FIELD(struct llm_price, effective_from, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct llm_price, effective_to, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct llm_price, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct llm_price, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
};

const struct fields llm_price_fields = FIELDS("LLMCostPrice", struct llm_price, price_rows);

static const struct field override_rows[] = {
    FIELD_AS(struct llm_price, provider_id, "provider", TEXT, .flags = FIELD_REQUIRED,
             .form = FORM_NAME, .about = "Who runs the model."),
    FIELD(struct llm_price, model_id, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct llm_price, model_name, TEXT, .form = FORM_NAME,
          .about = "For people; the id unless said."),
    FIELD_STRUCT(struct llm_price, pricing, &llm_pricing_fields, .flags = FIELD_REQUIRED,
                 .about = "For one token."),
    FIELD(struct llm_price, currency, TEXT, .flags = FIELD_REQUIRED, .form = FORM_CURRENCY,
          .about = "Costs of features are looked up in US dollars."),
    FIELD(struct llm_price, effective_from, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct llm_price, effective_to, INSTANT),
};

const struct fields llm_override_fields =
    FIELDS("LLMCostOverrideCreate", struct llm_price, override_rows);

static const struct field list_rows[] = {
    FIELD(struct llm_price_list, prices, LIST, .sub = &llm_override_fields, .flags = FIELD_REQUIRED,
          .items_min = 1, .items_max = LIMIT_LLM_PRICES_MAX),
};

const struct fields llm_price_list_fields =
    FIELDS("LLMCostPriceList", struct llm_price_list, list_rows);
