/* subscription_fields.c: the field tables of subscriptions. Views are rows without a column. */
#include "base/limits.h"
#include "subscribe/subscription_inside.h"

const char *const subscription_cost_basis_words[] = { "dynamic", "pinned", NULL };
const char *const subscription_settlement_words[] = { "credit_then_invoice", "credit_only", NULL };
static const char *const proration_words[] = { "prorate_prices", NULL };

const char *const subscription_sort_words[] = { "active_from", "active_to", "id", NULL };

_Static_assert(COUNT_OF(subscription_sort_words) == SUBSCRIPTION_SORT_COUNT + 1,
               "one word per order");
_Static_assert(COUNT_OF(proration_words) == PRORATION_COUNT + 1, "one word per mode");
_Static_assert(COUNT_OF(subscription_cost_basis_words) == COST_BASIS_COUNT + 1,
               "one word per mode");
_Static_assert(COUNT_OF(subscription_settlement_words) == SETTLEMENT_COUNT + 1,
               "one word per mode");

#define ANSWER  (FIELD_READ_ONLY | FIELD_REQUIRED)
#define VIEW    (FIELD_READ_ONLY | FIELD_NOT_COLUMN)
#define VIEW_V1 (FIELD_READ_ONLY | FIELD_NOT_COLUMN | FIELD_NOT_V3)
#define VIEW_V3 (FIELD_READ_ONLY | FIELD_NOT_COLUMN | FIELD_NOT_V1)

static const struct field pin_rows[] = {
    FIELD_ID(struct cost_basis_pin, custom_currency_id, .flags = FIELD_REQUIRED),
    FIELD(struct cost_basis_pin, invoice_currency, TEXT, .flags = FIELD_REQUIRED),
    FIELD_ID(struct cost_basis_pin, cost_basis_id, .flags = FIELD_REQUIRED),
};
static const struct fields pin_fields =
    FIELDS("SubscriptionCostBasisPin", struct cost_basis_pin, pin_rows);

static const struct field item_rows[] = {
    FIELD_ID(struct subscription_item, id, .flags = FIELD_READ_ONLY),
    FIELD_ID(struct subscription_item, phase_id, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_item, key, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, name, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, description, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, position, INT, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_item, version, INT, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_item, active_from, INSTANT),
    FIELD(struct subscription_item, active_to, INSTANT),
    FIELD_STRUCT(struct subscription_item, rate_card, &rate_card_fields, .flags = FIELD_NOT_V1,
                 .about = "What the customer gets and pays, as it was in the plan."),
    FIELD_ID(struct subscription_item, base_id, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct subscription_item, base_card, &rate_card_fields, .flags = FIELD_NOT_JSON,
                 .set_offset = offsetof(struct subscription_item, has_base_card)),
    FIELD_ID(struct subscription_item, addon_id, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_item, created_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, updated_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, currency, TEXT, .flags = VIEW_V1),
    FIELD(struct subscription_item, feature_key, TEXT, .flags = VIEW_V1),
    FIELD(struct subscription_item, billing_cadence, JSON, .flags = VIEW_V1 | FIELD_ALWAYS),
    FIELD(struct subscription_item, price, JSON, .flags = VIEW_V1 | FIELD_ALWAYS),
    FIELD(struct subscription_item, discounts, JSON, .flags = VIEW_V1),
    FIELD(struct subscription_item, tax_config, JSON, .flags = VIEW_V1),
};
const struct fields subscription_item_fields =
    FIELDS("SubscriptionItem", struct subscription_item, item_rows);

static const struct field phase_rows[] = {
    FIELD_ID(struct subscription_phase, id, .flags = FIELD_READ_ONLY),
    FIELD(struct subscription_phase, key, TEXT),
    FIELD(struct subscription_phase, name, TEXT),
    FIELD(struct subscription_phase, description, TEXT),
    FIELD(struct subscription_phase, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,
          .form = FORM_LABELS),
    FIELD(struct subscription_phase, active_from, INSTANT),
    FIELD(struct subscription_phase, active_to, INSTANT),
    FIELD_AS(struct subscription_phase, shown, "items", LIST, .sub = &subscription_item_fields,
             .flags = VIEW | FIELD_ALWAYS),
    FIELD(struct subscription_phase, created_at, INSTANT),
    FIELD(struct subscription_phase, updated_at, INSTANT),
    FIELD(struct subscription_phase, item_timelines, JSON, .flags = VIEW_V1),
};
const struct fields subscription_phase_fields =
    FIELDS("SubscriptionPhase", struct subscription_phase, phase_rows);

static const struct field plan_rows[] = {
    FIELD_ID(struct subscription_plan, id),
    FIELD(struct subscription_plan, key, TEXT),
    FIELD(struct subscription_plan, version, INT),
};
static const struct fields plan_reference_fields =
    FIELDS("SubscriptionPlanReference", struct subscription_plan, plan_rows);

static const struct field proration_rows[] = {
    FIELD_AS(struct subscription_proration, is_enabled, "enabled", BOOL),
    FIELD_WORD(struct subscription_proration, mode, proration_words),
};
static const struct fields proration_fields =
    FIELDS("SubscriptionProRatingConfig", struct subscription_proration, proration_rows);

static const struct field period_rows[] = {
    FIELD(struct subscription_period, from, INSTANT),
    FIELD(struct subscription_period, to, INSTANT),
};
static const struct fields period_fields =
    FIELDS("ClosedPeriod", struct subscription_period, period_rows);

static const struct field alignment_rows[] = {
    FIELD(struct subscription_alignment, billables_must_align, BOOL, .fallback = 1),
    FIELD_STRUCT_AS(struct subscription_alignment, current_period, "current_aligned_billing_period",
                    &period_fields, .flags = FIELD_READ_ONLY,
                    .set_offset = offsetof(struct subscription_alignment, has_current_period)),
};
const struct fields subscription_alignment_fields =
    FIELDS("SubscriptionAlignment", struct subscription_alignment, alignment_rows);

#define ROWS_BRIEF                                                                                 \
    FIELD_ID(struct subscription, id, .flags = FIELD_READ_ONLY | FIELD_REQUIRED),                  \
        FIELD_ID(struct subscription, org_id, .flags = FIELD_NOT_JSON),                            \
        FIELD(struct subscription, name, TEXT, .flags = ANSWER),                                   \
        FIELD(struct subscription, description, TEXT),                                             \
        FIELD(struct subscription, labels, TEXT_MAP, .v1 = "metadata", .flags = FIELD_ALWAYS,      \
              .form = FORM_LABELS),                                                                \
        FIELD_ID(struct subscription, customer_id, .flags = ANSWER),                               \
        FIELD_ID(struct subscription, plan_id, .flags = FIELD_NOT_V1),                             \
        FIELD(struct subscription, plan_key, TEXT, .flags = FIELD_NOT_JSON),                       \
        FIELD(struct subscription, plan_version, INT, .flags = FIELD_NOT_JSON),                    \
        FIELD(struct subscription, version, INT, .flags = FIELD_READ_ONLY | FIELD_NOT_V1,          \
              .items_min = 1, .items_max = INT64_MAX,                                              \
              .about = "One more with each change; what If-Match names."),                         \
        FIELD(struct subscription, annotations, TEXT_MAP, .flags = FIELD_READ_ONLY),               \
        FIELD_STRUCT(struct subscription, plan, &plan_reference_fields, .flags = VIEW,             \
                     .set_offset = offsetof(struct subscription, has_plan)),                       \
        FIELD(struct subscription, invoice_currency, TEXT, .v1 = "currency"),                      \
        FIELD_WORD(struct subscription, cost_basis_mode, subscription_cost_basis_words,            \
                   .flags = FIELD_READ_ONLY, .fallback = COST_BASIS_DYNAMIC + 1),                  \
        FIELD(struct subscription, cost_basis_pins, LIST, .sub = &pin_fields,                      \
              .flags = FIELD_READ_ONLY | FIELD_ALWAYS),                                            \
        FIELD(struct subscription, billing_cadence, SPAN, .flags = ANSWER),                        \
        FIELD(struct subscription, billing_anchor, INSTANT, .flags = ANSWER),                      \
        FIELD(struct subscription, time_zone, TEXT, .flags = FIELD_READ_ONLY | FIELD_NOT_V1,       \
              .about = "In whose calendar periods are counted; UTC when absent."),                 \
        FIELD(struct subscription, is_pro_rating, BOOL, .flags = FIELD_NOT_JSON),                  \
        FIELD_STRUCT_AS(struct subscription, pro_rating, "pro_rating_config", &proration_fields,   \
                        .flags = VIEW),                                                            \
        FIELD_WORD(struct subscription, settlement_mode, subscription_settlement_words,            \
                   .fallback = SETTLEMENT_CREDIT_THEN_INVOICE + 1),                                \
        FIELD_WORD(struct subscription, status, subscription_status_words,                         \
                   .flags = VIEW | FIELD_REQUIRED),                                                \
        FIELD(struct subscription, active_from, INSTANT, .flags = ANSWER),                         \
        FIELD(struct subscription, active_to, INSTANT),                                            \
        FIELD(struct subscription, created_at, INSTANT, .flags = ANSWER),                          \
        FIELD(struct subscription, updated_at, INSTANT, .flags = ANSWER),                          \
        FIELD(struct subscription, deleted_at, INSTANT),                                           \
        FIELD_STRUCT(struct subscription, alignment, &subscription_alignment_fields,               \
                     .flags = VIEW_V1 | FIELD_REQUIRED)

static const struct field subscription_rows[] = {
    ROWS_BRIEF,
    FIELD_STRUCT(struct subscription, current_period, &period_fields, .flags = VIEW_V3,
                 .set_offset = offsetof(struct subscription, has_current_period)),
    FIELD(struct subscription, phases, LIST, .sub = &subscription_phase_fields,
          .flags = VIEW | FIELD_ALWAYS),
};
const struct fields subscription_fields =
    FIELDS("Subscription", struct subscription, subscription_rows);

static const struct field pair_rows[] = {
    FIELD_STRUCT(struct subscription_pair, current, &subscription_brief_fields,
                 .flags = ANSWER | FIELD_NOT_V3),
    FIELD_STRUCT(struct subscription_pair, current, &subscription_fields,
                 .flags = ANSWER | FIELD_NOT_V1),
    FIELD_STRUCT(struct subscription_pair, next, &subscription_fields, .flags = ANSWER),
};
const struct fields subscription_pair_fields =
    FIELDS("SubscriptionChangeResponse", struct subscription_pair, pair_rows);

static const struct field brief_rows[] = { ROWS_BRIEF };
const struct fields subscription_brief_fields =
    FIELDS("SubscriptionBrief", struct subscription, brief_rows);
