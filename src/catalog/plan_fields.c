/* plan_fields.c: a plan and its parts as request, response and row.
 *
 * Where the two dialects differ in shape, a row belongs to one of them only; what such a row fills
 * is a view (plan.h); views are not kept in the database.
 */
#include "catalog/plan.h"

#include "base/limits.h"

static const char *const settlement_words[] = { "credit_then_invoice", NULL };
static const char *const rate_card_type_words[] = { "flat_fee", "usage_based", NULL };
static const char *const entitlement_type_words[] = { "boolean", NULL };
static const char *const pro_rating_words[] = { "prorate_prices", NULL };

_Static_assert(COUNT_OF(settlement_words) == SETTLEMENT_COUNT + 1, "one word per mode");
_Static_assert(COUNT_OF(rate_card_type_words) == RATE_CARD_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(entitlement_type_words) == RATE_CARD_ENTITLEMENT_COUNT + 1,
               "one word per type");
_Static_assert(COUNT_OF(pro_rating_words) == PRO_RATING_MODE_COUNT + 1, "one word per mode");

/* ---- rate cards ---------------------------------------------------------------------------- */

static const struct field entitlement_rows[] = {
    FIELD_WORD(struct rate_card_entitlement, type, entitlement_type_words, .flags = FIELD_REQUIRED),
};

static const struct fields entitlement_fields =
    FIELDS("RateCardEntitlement", struct rate_card_entitlement, entitlement_rows);

static const struct field card_feature_rows[] = {
    FIELD_ID(struct rate_card_feature, id, .flags = FIELD_REQUIRED),
};

static const struct fields card_feature_fields =
    FIELDS("FeatureReference", struct rate_card_feature, card_feature_rows);

static const struct field rate_card_rows[] = {
    FIELD_WORD(struct rate_card, type, rate_card_type_words,
               .flags = FIELD_REQUIRED | FIELD_NOT_V3),
    FIELD(struct rate_card, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "Unique in its phase; the feature's key when there is a feature."),
    FIELD(struct rate_card, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct rate_card, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct rate_card, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS),
    FIELD_STRUCT(struct rate_card, feature, &card_feature_fields, .flags = FIELD_NOT_V1,
                 .set_offset = offsetof(struct rate_card, has_feature)),
    FIELD(struct rate_card, feature_key, TEXT, .flags = FIELD_NOT_V3, .form = FORM_KEY),
    FIELD(struct rate_card, billing_cadence, SPAN, .flags = FIELD_ALWAYS_V1 | FIELD_NOT_ZERO,
          .about = "How often the price is charged; without one it is charged once."),
    FIELD_STRUCT_AS(struct rate_card, pricing.price_v3, "price", &price_v3_fields,
                    .flags = FIELD_REQUIRED | FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                    .set_offset = offsetof(struct rate_card, pricing.has_price_v3)),
    FIELD_STRUCT_AS(struct rate_card, pricing.unit_config, "unit_config", &unit_config_fields,
                    .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                    .set_offset = offsetof(struct rate_card, pricing.has_unit_config),
                    .about = "From the unit that is metered to the one that is sold."),
    FIELD_STRUCT_AS(struct rate_card, pricing.commitments, "commitments", &commitments_fields,
                    .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                    .set_offset = offsetof(struct rate_card, pricing.has_commitments)),
    FIELD_STRUCT_AS(struct rate_card, pricing.discounts_v3, "discounts", &discounts_v3_fields,
                    .flags = FIELD_NOT_V1 | FIELD_NOT_COLUMN,
                    .set_offset = offsetof(struct rate_card, pricing.has_discounts_v3)),
    FIELD_WORD(struct rate_card, payment_term, payment_term_words, .flags = FIELD_NOT_V1,
               .fallback = TERM_IN_ARREARS + 1, .about = "When a flat price is due."),
    FIELD_STRUCT_AS(struct rate_card, pricing.price_v1, "price_v1", &price_v1_fields, .v1 = "price",
                    .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN | FIELD_ALWAYS,
                    .set_offset = offsetof(struct rate_card, pricing.has_price_v1)),
    FIELD_STRUCT_AS(struct rate_card, pricing.discounts_v1, "discounts_v1", &discounts_v1_fields,
                    .v1 = "discounts", .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN,
                    .set_offset = offsetof(struct rate_card, pricing.has_discounts_v1)),
    FIELD_STRUCT(struct rate_card, entitlement, &entitlement_fields, .v1 = "entitlementTemplate",
                 .set_offset = offsetof(struct rate_card, has_entitlement)),
    FIELD(struct rate_card, tax_config, JSON,
          .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN | FIELD_WRITE_ONLY),
    PRICE_TERMS_ROWS(struct rate_card, terms),
};

const struct fields rate_card_fields = FIELDS("RateCard", struct rate_card, rate_card_rows);

/* ---- phases -------------------------------------------------------------------------------- */

static const struct field phase_rows[] = {
    FIELD(struct plan_phase, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "Unique in its plan."),
    FIELD(struct plan_phase, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct plan_phase, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct plan_phase, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS),
    FIELD(struct plan_phase, duration, SPAN, .flags = FIELD_ALWAYS_V1 | FIELD_NOT_ZERO,
          .about = "How long the phase lasts; the last phase has no end."),
    FIELD(struct plan_phase, rate_cards, LIST, .sub = &rate_card_fields,
          .flags = FIELD_REQUIRED | FIELD_ALWAYS, .items_max = LIMIT_RATE_CARDS_MAX),
};

const struct fields plan_phase_fields = FIELDS("PlanPhase", struct plan_phase, phase_rows);

/* ---- plans --------------------------------------------------------------------------------- */

static const struct field pro_rating_rows[] = {
    FIELD_AS(struct plan_pro_rating, is_enabled, "enabled", BOOL, .fallback = 1),
    FIELD_WORD(struct plan_pro_rating, mode, pro_rating_words, .fallback = PRO_RATING_PRICES + 1),
};

static const struct fields pro_rating_fields =
    FIELDS("ProRatingConfig", struct plan_pro_rating, pro_rating_rows);

static const struct field alignment_rows[] = {
    FIELD(struct plan_alignment, billables_must_align, BOOL, .fallback = 1,
          .about = "Deprecated: always true."),
};

static const struct fields alignment_fields =
    FIELDS("Alignment", struct plan_alignment, alignment_rows);

static const struct field issue_rows[] = {
    FIELD(struct plan_issue, code, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct plan_issue, message, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct plan_issue, field, TEXT, .flags = FIELD_REQUIRED | FIELD_NOT_V1),
    FIELD(struct plan_issue, field_v1, TEXT, .v1 = "field", .flags = FIELD_REQUIRED | FIELD_NOT_V3),
};

const struct fields plan_issue_fields =
    FIELDS("ProductCatalogValidationError", struct plan_issue, issue_rows);

/* Rows that a create request and an update request share. */
#define PLAN_TEXTS                                                                                 \
    FIELD(struct plan, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),                    \
        FIELD(struct plan, description, TEXT, .form = FORM_DESCRIPTION),                           \
        FIELD(struct plan, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,              \
              .form = FORM_LABELS)

#define PLAN_PRO_RATING                                                                            \
    FIELD_AS(struct plan, is_pro_rating, "pro_rating_enabled", BOOL, .flags = FIELD_NOT_V1,        \
             .fallback = 1, .about = "Whether flat prices are prorated."),                         \
        FIELD_STRUCT(struct plan, pro_rating, &pro_rating_fields, .v1 = "proRatingConfig",         \
                     .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN,                                     \
                     .set_offset = offsetof(struct plan, has_pro_rating))

#define PLAN_ALIGNMENT                                                                             \
    FIELD_STRUCT(struct plan, alignment, &alignment_fields, .flags = FIELD_NOT_V3,                 \
                 .set_offset = offsetof(struct plan, has_alignment))

#define PLAN_PHASES                                                                                \
    FIELD(struct plan, phases, LIST, .sub = &plan_phase_fields, .flags = FIELD_REQUIRED,           \
          .items_min = 1, .items_max = LIMIT_PHASES_MAX)

#define PLAN_SETTLEMENT(more)                                                                      \
    FIELD_WORD(struct plan, settlement_mode, settlement_words, .flags = (more),                    \
               .fallback = SETTLEMENT_CREDIT_THEN_INVOICE + 1)

static const struct field plan_rows[] = {
    FIELD_ID(struct plan, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct plan, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct plan, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .about = "Unique together with the version; never changes."),
    FIELD(struct plan, version, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    PLAN_TEXTS,
    FIELD(struct plan, currency, TEXT, .flags = FIELD_REQUIRED, .form = FORM_CURRENCY),
    FIELD(struct plan, billing_cadence, SPAN, .flags = FIELD_REQUIRED | FIELD_NOT_ZERO,
          .about = "How often subscriptions are billed."),
    PLAN_PRO_RATING,
    PLAN_SETTLEMENT(0),
    PLAN_ALIGNMENT,
    FIELD(struct plan, effective_from, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD(struct plan, effective_to, INSTANT, .flags = FIELD_READ_ONLY),
    FIELD_WORD(struct plan, status, plan_status_words,
               .flags = FIELD_READ_ONLY | FIELD_REQUIRED | FIELD_NOT_COLUMN),
    PLAN_PHASES,
    FIELD(struct plan, validation_errors, LIST, .sub = &plan_issue_fields,
          .flags = FIELD_READ_ONLY | FIELD_ALWAYS,
          .about = "What has to be put right before the plan can be published."),
    FIELD(struct plan, created_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct plan, updated_at, INSTANT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD(struct plan, deleted_at, INSTANT, .flags = FIELD_READ_ONLY),
};

const struct fields plan_fields = FIELDS("Plan", struct plan, plan_rows);

static const struct field plan_update_rows[] = {
    PLAN_TEXTS,
    FIELD(struct plan, billing_cadence, SPAN,
          .flags = FIELD_REQUIRED | FIELD_NOT_ZERO | FIELD_NOT_V3),
    PLAN_PRO_RATING,
    PLAN_SETTLEMENT(FIELD_NOT_V3),
    PLAN_ALIGNMENT,
    PLAN_PHASES,
};

const struct fields plan_update_fields = FIELDS("PlanUpdate", struct plan, plan_update_rows);
