/* plan_card_fields.c: a rate card as request, response and part of a row.
 *
 * Where the two dialects differ in shape, a row belongs to one of them only; what such a row fills
 * is a view (plan_card.h); views are not kept in the database.
 */
#include "catalog/plan_card.h"

static const char *const rate_card_type_words[] = { "flat_fee", "usage_based", NULL };
static const char *const entitlement_type_words[] = { "metered", "static", "boolean", NULL };
static const char *const tax_behavior_words[] = { "inclusive", "exclusive", NULL };

_Static_assert(COUNT_OF(rate_card_type_words) == RATE_CARD_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(entitlement_type_words) == RATE_CARD_ENTITLEMENT_COUNT + 1,
               "one word per type");
_Static_assert(COUNT_OF(tax_behavior_words) == TAX_BEHAVIOR_COUNT + 1, "one word per behavior");

/* ---- entitlements -------------------------------------------------------------------------- */

static const struct field entitlement_rows[] = {
    FIELD_WORD(struct rate_card_entitlement, type, entitlement_type_words, .flags = FIELD_REQUIRED),
    FIELD(struct rate_card_entitlement, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_NOT_V3,
          .form = FORM_LABELS),
    FIELD(struct rate_card_entitlement, is_soft_limit, BOOL,
          .set_offset = offsetof(struct rate_card_entitlement, has_is_soft_limit),
          .about = "Of metered: whether access goes on when the limit is reached."),
    FIELD_AS(struct rate_card_entitlement, issue_after_reset, "limit", DEC, .v1 = "issueAfterReset",
             .flags = FIELD_NUMBER | FIELD_NON_NEGATIVE,
             .about = "Of metered: the usage that is granted in each usage period."),
    FIELD(struct rate_card_entitlement, issue_after_reset_priority, INT, .flags = FIELD_NOT_V3,
          .items_min = 1, .items_max = 255, .about = "Of metered: the priority of that grant."),
    FIELD(struct rate_card_entitlement, preserve_overage_at_reset, BOOL, .flags = FIELD_NOT_V3,
          .set_offset = offsetof(struct rate_card_entitlement, has_preserve_overage),
          .about = "Of metered: whether overage is taken into the next usage period."),
    FIELD(struct rate_card_entitlement, usage_period, SPAN, .flags = FIELD_NOT_ZERO,
          .code = "entitlement_template_negative_usage_period",
          .about = "Of metered: how often usage is reset; the billing cadence unless said."),
    FIELD(struct rate_card_entitlement, config, JSON, .flags = FIELD_NOT_V1,
          .about = "Of static: a JSON object, returned with the customer's access."),
    FIELD_AS(struct rate_card_entitlement, config_text, "config_text", TEXT, .v1 = "config",
             .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN,
             .about = "Of static: a JSON object as a string, returned with the customer's access."),
};

static const struct fields entitlement_fields =
    FIELDS("RateCardEntitlement", struct rate_card_entitlement, entitlement_rows);

/* ---- taxes --------------------------------------------------------------------------------- */

static const struct field tax_reference_rows[] = {
    FIELD_ID(struct tax_code_reference, id, .flags = FIELD_REQUIRED),
};
static const struct fields tax_reference_fields =
    FIELDS("TaxCodeReference", struct tax_code_reference, tax_reference_rows);

static const struct field tax_provider_rows[] = {
    FIELD(struct card_tax_provider, code, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY),
};
static const struct fields tax_provider_fields =
    FIELDS("TaxProviderCode", struct card_tax_provider, tax_provider_rows);

/* v3's, and v1's, which the store has too. */
static const struct field tax_v3_rows[] = {
    FIELD_WORD(struct rate_card_tax, behavior, tax_behavior_words,
               .about = "Whether the price holds the tax; the billing profile's unless said."),
    FIELD_STRUCT(struct rate_card_tax, code, &tax_reference_fields, .flags = FIELD_REQUIRED,
                 .set_offset = offsetof(struct rate_card_tax, has_code)),
};
const struct fields rate_card_tax_v3_fields =
    FIELDS("RateCardTaxConfig", struct rate_card_tax, tax_v3_rows);

static const struct field tax_v1_rows[] = {
    FIELD_WORD(struct rate_card_tax, behavior, tax_behavior_words,
               .about = "Whether the price holds the tax; the billing profile's unless said."),
    FIELD_ID_AS(struct rate_card_tax, code.id, "tax_code_id",
                .about = "The tax code; it goes before the providers' codes."),
    FIELD_STRUCT(struct rate_card_tax, stripe, &tax_provider_fields,
                 .set_offset = offsetof(struct rate_card_tax, has_stripe),
                 .about = "Deprecated: Stripe's code, txcd_ and eight digits."),
    FIELD_STRUCT(struct rate_card_tax, custom_invoicing, &tax_provider_fields,
                 .set_offset = offsetof(struct rate_card_tax, has_custom_invoicing),
                 .about = "Deprecated: the code of a custom invoicing provider."),
};
const struct fields rate_card_tax_v1_fields =
    FIELDS("TaxConfig", struct rate_card_tax, tax_v1_rows);

/* ---- rate cards ---------------------------------------------------------------------------- */

static const struct field card_feature_rows[] = {
    FIELD_ID(struct rate_card_feature, id),
    FIELD(struct rate_card_feature, key, TEXT, .flags = FIELD_WRITE_ONLY | FIELD_NOT_COLUMN,
          .form = FORM_KEY, .about = "The feature by its key, in place of the id or beside it."),
};

static const struct fields card_feature_fields =
    FIELDS("FeatureReference", struct rate_card_feature, card_feature_rows);

#define PRICING(member, column, table, has, ...)                                                   \
    FIELD_STRUCT_AS(struct rate_card, pricing.member, column, &table,                              \
                    .set_offset = offsetof(struct rate_card, pricing.has), __VA_ARGS__)

static const struct field rate_card_rows[] = {
    FIELD_WORD(struct rate_card, type, rate_card_type_words,
               .flags = FIELD_REQUIRED | FIELD_NOT_V3),
    FIELD(struct rate_card, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .code = "resource_key_empty",
          .about = "Unique in its phase; the feature's key when there is a feature."),
    FIELD(struct rate_card, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,
          .code = "resource_name_empty"),
    FIELD(struct rate_card, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct rate_card, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS),
    FIELD_STRUCT(struct rate_card, feature, &card_feature_fields, .flags = FIELD_NOT_V1,
                 .set_offset = offsetof(struct rate_card, has_feature)),
    FIELD(struct rate_card, feature_key, TEXT, .flags = FIELD_NOT_V3, .form = FORM_KEY),
    FIELD(struct rate_card, currency, TEXT, .flags = FIELD_NOT_V1, .form = FORM_NON_EMPTY,
          .code = "currency_invalid", .about = "In place of the plan's currency."),
    FIELD(struct rate_card, billing_cadence, SPAN, .flags = FIELD_ALWAYS_V1 | FIELD_NOT_ZERO,
          .code = "billing_cadence_invalid_value",
          .about = "How often the price is charged; without one it is charged once."),
    PRICING(price_v3, "price", price_v3_fields, has_price_v3,
            .flags = FIELD_REQUIRED | FIELD_NOT_V1 | FIELD_NOT_COLUMN),
    PRICING(unit_config, "unit_config", unit_config_fields, has_unit_config,
            .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
            .about = "From the unit that is metered to the one that is sold."),
    PRICING(commitments, "commitments", commitments_fields, has_commitments,
            .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN),
    PRICING(discounts_v3, "discounts", discounts_v3_fields, has_discounts_v3,
            .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN),
    FIELD_WORD(struct rate_card, payment_term, payment_term_words, .flags = FIELD_NOT_V1,
               .fallback = TERM_IN_ARREARS + 1, .about = "When a flat price is due."),
    FIELD_STRUCT_AS(struct rate_card, terms.proration, "proration", &price_proration_fields,
                    .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                    .set_offset = offsetof(struct rate_card, terms.has_proration),
                    .about = "How a part of a period is charged, where the plan prorates."),
    PRICING(price_v1, "price_v1", price_v1_fields, has_price_v1, .v1 = "price",
            .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN | FIELD_ALWAYS),
    PRICING(discounts_v1, "discounts_v1", discounts_v1_fields, has_discounts_v1, .v1 = "discounts",
            .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN),
    FIELD_STRUCT(struct rate_card, tax_config, &rate_card_tax_v3_fields,
                 .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                 .set_offset = offsetof(struct rate_card, has_tax_config_v3)),
    FIELD_STRUCT(struct rate_card, tax_config, &rate_card_tax_v1_fields, .flags = FIELD_NOT_V3,
                 .set_offset = offsetof(struct rate_card, has_tax_config)),
    FIELD_STRUCT(struct rate_card, entitlement, &entitlement_fields, .v1 = "entitlementTemplate",
                 .set_offset = offsetof(struct rate_card, has_entitlement),
                 .about = "What a subscriber may use; needs a feature."),
    PRICE_TERMS_ROWS(struct rate_card, terms),
};

const struct fields rate_card_fields = FIELDS("RateCard", struct rate_card, rate_card_rows);
