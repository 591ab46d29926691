/* subscription_fields.c: the field tables of subscriptions. Views are rows without a column. */
#include "base/limits.h"
#include "subscribe/subscription.h"

static const char *const proration_words[] = { "prorate_prices", NULL };
static const char *const cost_basis_words[] = { "dynamic", NULL };
static const char *const settlement_words[] = { "credit_then_invoice", "credit_only", NULL };

const char *const subscription_sort_words[] = { "active_from", "active_to", "id", NULL };

_Static_assert(COUNT_OF(subscription_sort_words) == SUBSCRIPTION_SORT_COUNT + 1,
               "one word per order");
_Static_assert(COUNT_OF(proration_words) == PRORATION_COUNT + 1, "one word per mode");
_Static_assert(COUNT_OF(cost_basis_words) == COST_BASIS_COUNT + 1, "one word per mode");
_Static_assert(COUNT_OF(settlement_words) == SETTLEMENT_COUNT + 1, "one word per mode");

#define ANSWER  (FIELD_READ_ONLY | FIELD_REQUIRED)
#define VIEW    (FIELD_READ_ONLY | FIELD_NOT_COLUMN)
#define VIEW_V1 (FIELD_READ_ONLY | FIELD_NOT_COLUMN | FIELD_NOT_V3)
#define VIEW_V3 (FIELD_READ_ONLY | FIELD_NOT_COLUMN | FIELD_NOT_V1)

static const struct field item_rows[] = {
    FIELD_ID(struct subscription_item, id, .flags = FIELD_READ_ONLY),
    FIELD_ID(struct subscription_item, phase_id, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_item, key, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, name, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, description, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, position, INT, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_item, active_from, INSTANT),
    FIELD(struct subscription_item, active_to, INSTANT),
    FIELD_STRUCT(struct subscription_item, rate_card, &rate_card_fields, .flags = FIELD_NOT_V1,
                 .about = "What the customer gets and pays, as it was in the plan."),
    FIELD(struct subscription_item, created_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, updated_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD(struct subscription_item, currency, TEXT, .flags = VIEW_V1),
    FIELD(struct subscription_item, feature_key, TEXT, .flags = VIEW_V1),
    FIELD(struct subscription_item, billing_cadence, JSON, .flags = VIEW_V1 | FIELD_ALWAYS),
    FIELD(struct subscription_item, price, JSON, .flags = VIEW_V1 | FIELD_ALWAYS),
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
    FIELD(struct subscription_phase, position, INT, .flags = FIELD_NOT_JSON),
    FIELD(struct subscription_phase, active_from, INSTANT),
    FIELD(struct subscription_phase, active_to, INSTANT),
    FIELD(struct subscription_phase, items, LIST, .sub = &subscription_item_fields,
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
static const struct fields alignment_fields =
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
        FIELD_STRUCT(struct subscription, plan, &plan_reference_fields, .flags = VIEW,             \
                     .set_offset = offsetof(struct subscription, has_plan)),                       \
        FIELD(struct subscription, invoice_currency, TEXT, .v1 = "currency"),                      \
        FIELD_WORD(struct subscription, cost_basis_mode, cost_basis_words, .flags = VIEW,          \
                   .fallback = COST_BASIS_DYNAMIC + 1),                                            \
        FIELD(struct subscription, cost_basis_pins, TEXT_LIST, .flags = VIEW | FIELD_ALWAYS),      \
        FIELD(struct subscription, billing_cadence, SPAN, .flags = ANSWER),                        \
        FIELD(struct subscription, billing_anchor, INSTANT, .flags = ANSWER),                      \
        FIELD(struct subscription, time_zone, TEXT, .flags = FIELD_READ_ONLY | FIELD_NOT_V1,       \
              .about = "In whose calendar periods are counted; UTC when absent."),                 \
        FIELD(struct subscription, is_pro_rating, BOOL, .flags = FIELD_NOT_JSON),                  \
        FIELD_STRUCT_AS(struct subscription, pro_rating, "pro_rating_config", &proration_fields,   \
                        .flags = VIEW),                                                            \
        FIELD_WORD(struct subscription, settlement_mode, settlement_words,                         \
                   .fallback = SETTLEMENT_CREDIT_THEN_INVOICE + 1),                                \
        FIELD_WORD(struct subscription, status, subscription_status_words,                         \
                   .flags = VIEW | FIELD_REQUIRED),                                                \
        FIELD(struct subscription, active_from, INSTANT, .flags = ANSWER),                         \
        FIELD(struct subscription, active_to, INSTANT),                                            \
        FIELD(struct subscription, created_at, INSTANT, .flags = ANSWER),                          \
        FIELD(struct subscription, updated_at, INSTANT, .flags = ANSWER),                          \
        FIELD(struct subscription, deleted_at, INSTANT)

static const struct field subscription_rows[] = {
    ROWS_BRIEF,
    FIELD_STRUCT(struct subscription, current_period, &period_fields, .flags = VIEW_V3,
                 .set_offset = offsetof(struct subscription, has_current_period)),
    FIELD_STRUCT(struct subscription, alignment, &alignment_fields,
                 .flags = VIEW_V1 | FIELD_REQUIRED),
    FIELD(struct subscription, phases, LIST, .sub = &subscription_phase_fields,
          .flags = VIEW | FIELD_ALWAYS),
};
const struct fields subscription_fields =
    FIELDS("Subscription", struct subscription, subscription_rows);

static const struct field brief_rows[] = { ROWS_BRIEF };
const struct fields subscription_brief_fields =
    FIELDS("SubscriptionBrief", struct subscription, brief_rows);

/* ---- bodies -------------------------------------------------------------------------------- */

static const struct field customer_choice_rows[] = {
    FIELD_ID(struct subscription_customer_choice, id),
    FIELD(struct subscription_customer_choice, key, TEXT, .form = FORM_EXTERNAL_KEY),
};
static const struct fields customer_choice_fields =
    FIELDS("SubscriptionCustomerChoice", struct subscription_customer_choice, customer_choice_rows);

static const struct field plan_choice_rows[] = {
    FIELD_ID(struct subscription_plan_choice, id),
    FIELD(struct subscription_plan_choice, key, TEXT, .form = FORM_KEY),
    FIELD(struct subscription_plan_choice, version, INT, .flags = FIELD_NON_NEGATIVE),
};
static const struct fields plan_choice_fields =
    FIELDS("SubscriptionPlanChoice", struct subscription_plan_choice, plan_choice_rows);

static const struct field plan_choice_v1_rows[] = {
    FIELD(struct subscription_plan_choice, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY),
    FIELD(struct subscription_plan_choice, version, INT, .flags = FIELD_NON_NEGATIVE),
};
static const struct fields plan_choice_v1_fields =
    FIELDS("PlanReferenceInput", struct subscription_plan_choice, plan_choice_v1_rows);

#define ROWS_BODY                                                                                  \
    FIELD(struct subscription_body, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),      \
        FIELD(struct subscription_body, billing_anchor, INSTANT,                                   \
              .about = "Billing periods are counted from it; the start when absent."),             \
        FIELD_WORD(struct subscription_body, settlement_mode, settlement_words),                   \
        FIELD_WORD(struct subscription_body, cost_basis_mode, cost_basis_words,                    \
                   .fallback = COST_BASIS_DYNAMIC + 1)

static const struct field body_v3_rows[] = {
    FIELD_STRUCT(struct subscription_body, customer, &customer_choice_fields,
                 .flags = FIELD_REQUIRED,
                 .set_offset = offsetof(struct subscription_body, has_customer)),
    FIELD_STRUCT(struct subscription_body, plan, &plan_choice_fields, .flags = FIELD_REQUIRED,
                 .set_offset = offsetof(struct subscription_body, has_plan)),
    ROWS_BODY,
};
const struct fields subscription_body_v3_fields =
    FIELDS("SubscriptionCreate", struct subscription_body, body_v3_rows);

static const struct field body_v1_rows[] = {
    FIELD_ID(struct subscription_body, customer_id),
    FIELD(struct subscription_body, customer_key, TEXT, .form = FORM_EXTERNAL_KEY),
    FIELD_STRUCT(struct subscription_body, plan, &plan_choice_v1_fields, .flags = FIELD_REQUIRED,
                 .set_offset = offsetof(struct subscription_body, has_plan)),
    FIELD(struct subscription_body, name, TEXT, .form = FORM_NAME),
    FIELD(struct subscription_body, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct subscription_body, timing, TEXT, .form = FORM_NON_EMPTY,
          .about = "immediate, or an RFC 3339 instant."),
    FIELD(struct subscription_body, starting_phase, TEXT, .form = FORM_NON_EMPTY),
    FIELD_STRUCT(struct subscription_body, alignment, &alignment_fields,
                 .set_offset = offsetof(struct subscription_body, has_alignment)),
    ROWS_BODY,
};
const struct fields subscription_body_v1_fields =
    FIELDS("PlanSubscriptionCreate", struct subscription_body, body_v1_rows);

static const struct field cancel_rows[] = {
    FIELD(struct subscription_cancel_body, timing, TEXT, .form = FORM_NON_EMPTY,
          .about = "immediate, next_billing_cycle, or the end of a billing period."),
};
const struct fields subscription_cancel_fields =
    FIELDS("SubscriptionCancel", struct subscription_cancel_body, cancel_rows);
