/* plan_fields.c: a plan and its parts as request, response and row.
 *
 * Where the two dialects differ in shape, a row belongs to one of them only; what such a row fills
 * is a view (plan.h); views are not kept in the database.
 */
#include "catalog/plan_custom.h"

#include "base/limits.h"

static const char *const settlement_words[] = { "credit_then_invoice", "credit_only", NULL };
static const char *const pro_rating_words[] = { "prorate_prices", NULL };

_Static_assert(COUNT_OF(settlement_words) == SETTLEMENT_COUNT + 1, "one word per mode");
_Static_assert(COUNT_OF(pro_rating_words) == PRO_RATING_MODE_COUNT + 1, "one word per mode");

/* ---- phases -------------------------------------------------------------------------------- */

static const struct field phase_rows[] = {
    FIELD(struct plan_phase, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .code = "resource_key_empty", .about = "Unique in its plan."),
    FIELD(struct plan_phase, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,
          .code = "resource_name_empty"),
    FIELD(struct plan_phase, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct plan_phase, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS),
    FIELD(struct plan_phase, duration, SPAN, .flags = FIELD_ALWAYS_V1 | FIELD_NOT_ZERO,
          .code = "plan_phase_with_negative_duration",
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
    FIELD(struct plan_issue, attributes, TEXT_MAP,
          .about = "The keys of what it is about: phase, rate_card, addon."),
};

const struct fields plan_issue_fields =
    FIELDS("ProductCatalogValidationError", struct plan_issue, issue_rows);

/* Rows that a create request and an update request share. */
#define PLAN_TEXTS                                                                                 \
    FIELD(struct plan, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME,                     \
          .code = "resource_name_empty"),                                                          \
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
          .items_min = 1, .items_max = LIMIT_PHASES_MAX, .code = "plan_with_no_phases")

#define PLAN_SETTLEMENT(more)                                                                      \
    FIELD_WORD(struct plan, settlement_mode, settlement_words, .flags = (more),                    \
               .fallback = SETTLEMENT_CREDIT_THEN_INVOICE + 1)

static const struct field plan_rows[] = {
    FIELD_ID(struct plan, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    FIELD_ID(struct plan, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct plan, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY,
          .code = "resource_key_empty",
          .about = "Unique together with the version; never changes."),
    FIELD(struct plan, version, INT, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),
    PLAN_TEXTS,
    FIELD(struct plan, currency, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY,
          .code = "currency_invalid", .about = "An ISO 4217 code."),
    FIELD(struct plan, billing_cadence, SPAN, .flags = FIELD_REQUIRED | FIELD_NOT_ZERO,
          .code = "plan_billing_cadence_invalid", .about = "How often subscriptions are billed."),
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
    FIELD(struct plan, ends_at, INSTANT, .flags = FIELD_NOT_JSON),
    FIELD(struct plan, v1_refusal, TEXT, .flags = FIELD_NOT_JSON),
};

const struct fields plan_fields = FIELDS("Plan", struct plan, plan_rows);

static const struct field plan_update_rows[] = {
    PLAN_TEXTS,
    FIELD(struct plan, billing_cadence, SPAN,
          .flags = FIELD_REQUIRED | FIELD_NOT_ZERO | FIELD_NOT_V3,
          .code = "plan_billing_cadence_invalid"),
    PLAN_PRO_RATING,
    PLAN_SETTLEMENT(FIELD_NOT_V3),
    PLAN_ALIGNMENT,
    PLAN_PHASES,
};

const struct fields plan_update_fields = FIELDS("PlanUpdate", struct plan, plan_update_rows);

static const struct field plan_custom_rows[] = {
    PLAN_TEXTS,
    FIELD(struct plan, currency, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY,
          .code = "currency_invalid", .about = "An ISO 4217 code."),
    FIELD(struct plan, billing_cadence, SPAN, .flags = FIELD_REQUIRED | FIELD_NOT_ZERO,
          .code = "plan_billing_cadence_invalid", .about = "How often it is billed."),
    PLAN_PRO_RATING,
    PLAN_SETTLEMENT(0),
    PLAN_ALIGNMENT,
    PLAN_PHASES,
};

const struct fields plan_custom_fields = FIELDS("CustomPlanInput", struct plan, plan_custom_rows);

static const struct field publication_rows[] = {
    FIELD(struct plan_publication, effective_from, INSTANT,
          .about = "When the plan becomes active; now unless said."),
    FIELD(struct plan_publication, effective_to, INSTANT,
          .about = "When it is archived; without one it stays until it is replaced."),
};

const struct fields plan_publication_fields =
    FIELDS("PlanPublicationRequest", struct plan_publication, publication_rows);
