/* subscription_body_fields.c: the field tables of requests. */
#include "base/limits.h"
#include "subscribe/advice.h"
#include "subscribe/subscription_inside.h"

static const char *const op_words[] = {
    "add_item", "remove_item", "add_phase", "remove_phase", "stretch_phase", "unschedule_edit", NULL
};
static const char *const shift_words[] = { "next", "prev", NULL };

_Static_assert(COUNT_OF(op_words) == EDIT_OP_COUNT + 1, "one word per operation");
_Static_assert(COUNT_OF(shift_words) == EDIT_SHIFT_COUNT + 1, "one word per direction");

/* ---- edits --------------------------------------------------------------------------------- */

static const struct field edit_phase_rows[] = {
    FIELD(struct edit_phase, key, TEXT, .flags = FIELD_REQUIRED, .form = FORM_KEY),
    FIELD(struct edit_phase, name, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NAME),
    FIELD(struct edit_phase, description, TEXT, .form = FORM_DESCRIPTION),
    FIELD(struct edit_phase, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),
    FIELD(struct edit_phase, start_after, SPAN,
          .about = "From the start of the subscription to the start of the phase."),
    FIELD(struct edit_phase, duration, SPAN, .flags = FIELD_NOT_ZERO,
          .about = "Of a phase that is not the last one."),
};
static const struct fields edit_phase_fields =
    FIELDS("SubscriptionPhaseCreate", struct edit_phase, edit_phase_rows);

static const struct field edit_rows[] = {
    FIELD_WORD(struct subscription_edit, op, op_words, .flags = FIELD_REQUIRED),
    FIELD(struct subscription_edit, phase_key, TEXT, .form = FORM_NON_EMPTY,
          .about = "Of all operations on a phase or its items."),
    FIELD(struct subscription_edit, item_key, TEXT, .form = FORM_NON_EMPTY,
          .about = "Of remove_item."),
    FIELD_STRUCT(struct subscription_edit, rate_card, &rate_card_fields,
                 .set_offset = offsetof(struct subscription_edit, has_rate_card),
                 .about = "Of add_item."),
    FIELD_STRUCT(struct subscription_edit, phase, &edit_phase_fields,
                 .set_offset = offsetof(struct subscription_edit, has_phase),
                 .about = "Of add_phase."),
    FIELD_WORD(struct subscription_edit, shift, shift_words,
               .about = "Of remove_phase: whether the phases behind it begin earlier (next), or "
                        "the one before it ends later (prev)."),
    FIELD(struct subscription_edit, extend_by, TEXT, .form = FORM_NON_EMPTY,
          .about = "Of stretch_phase: an ISO 8601 duration, with a minus sign to shorten."),
};
const struct fields subscription_edit_fields =
    FIELDS("SubscriptionEditOperation", struct subscription_edit, edit_rows);

static const struct field edit_body_rows[] = {
    FIELD(struct subscription_edit_body, customizations, LIST, .sub = &subscription_edit_fields,
          .flags = FIELD_REQUIRED, .items_max = LIMIT_CUSTOMIZATIONS_MAX,
          .about = "Applied in order, all of them or none."),
    FIELD(struct subscription_edit_body, timing, TEXT, .form = FORM_NON_EMPTY,
          .about = "immediate or next_billing_cycle."),
};
const struct fields subscription_edit_body_fields =
    FIELDS("SubscriptionEdit", struct subscription_edit_body, edit_body_rows);

/* ---- starting and changing ----------------------------------------------------------------- */

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

#define ROWS_BODY(choice)                                                                          \
    FIELD_STRUCT(struct subscription_body, plan, choice,                                           \
                 .set_offset = offsetof(struct subscription_body, has_plan),                       \
                 .about = "Either this or a custom plan."),                                        \
        FIELD_STRUCT(struct subscription_body, custom_plan, &plan_custom_fields,                   \
                     .set_offset = offsetof(struct subscription_body, has_custom_plan),            \
                     .about = "A plan for this subscription alone."),                              \
        FIELD(struct subscription_body, name, TEXT, .form = FORM_NAME),                            \
        FIELD(struct subscription_body, description, TEXT, .form = FORM_DESCRIPTION),              \
        FIELD(struct subscription_body, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),  \
        FIELD(struct subscription_body, starting_phase, TEXT, .form = FORM_NON_EMPTY,              \
              .about = "The key of the phase to begin with."),                                     \
        FIELD(struct subscription_body, billing_anchor, INSTANT,                                   \
              .about =                                                                             \
                  "Billing periods are counted from it; of a new subscription the start when "     \
                  "absent, of a change the anchor that was."),                                     \
        FIELD_WORD(struct subscription_body, settlement_mode, subscription_settlement_words),      \
        FIELD_WORD(struct subscription_body, cost_basis_mode, subscription_cost_basis_words,       \
                   .fallback = COST_BASIS_DYNAMIC + 1),                                            \
        FIELD(struct subscription_body, customizations, LIST, .sub = &subscription_edit_fields,    \
              .items_max = LIMIT_CUSTOMIZATIONS_MAX,                                               \
              .about = "Changes to the plan for this subscription, as of an edit.")

#define ROW_CUSTOMER_V3                                                                            \
    FIELD_STRUCT(struct subscription_body, customer, &customer_choice_fields,                      \
                 .flags = FIELD_REQUIRED,                                                          \
                 .set_offset = offsetof(struct subscription_body, has_customer))

#define ROW_ALIGNMENT                                                                              \
    FIELD_STRUCT(struct subscription_body, alignment, &subscription_alignment_fields,              \
                 .set_offset = offsetof(struct subscription_body, has_alignment))

#define ROW_TIMING(more, says)                                                                     \
    FIELD(struct subscription_body, timing, TEXT, .flags = (more), .form = FORM_NON_EMPTY,         \
          .about = (says))

static const struct field body_v3_rows[] = {
    ROW_CUSTOMER_V3,
    ROW_TIMING(0, "immediate, or an RFC 3339 instant."),
    ROWS_BODY(&plan_choice_fields),
};
const struct fields subscription_body_v3_fields =
    FIELDS("SubscriptionCreate", struct subscription_body, body_v3_rows);

static const struct field quantity_rows[] = {
    FIELD(struct subscription_quantity, feature_key, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_KEY),
    FIELD(struct subscription_quantity, quantity, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE,
          .about = "For each full period; less for a shorter one."),
};
const struct fields subscription_quantity_fields =
    FIELDS("SubscriptionQuantity", struct subscription_quantity, quantity_rows);

static const struct field preview_v3_rows[] = {
    ROW_CUSTOMER_V3,
    ROW_TIMING(0, "immediate, or an RFC 3339 instant."),
    ROWS_BODY(&plan_choice_fields),
    FIELD(struct subscription_body, until, INSTANT, .flags = FIELD_REQUIRED,
          .about = "How far; at most ten years."),
    FIELD(struct subscription_body, quantities, LIST, .sub = &subscription_quantity_fields,
          .about = "Usage to come, by feature; of others there is what is there already."),
};
const struct fields subscription_preview_v3_fields =
    FIELDS("SubscriptionPreview", struct subscription_body, preview_v3_rows);

static const struct field body_v1_rows[] = {
    FIELD_ID(struct subscription_body, customer_id),
    FIELD(struct subscription_body, customer_key, TEXT, .form = FORM_EXTERNAL_KEY),
    ROW_TIMING(0, "immediate, or an RFC 3339 instant."),
    ROW_ALIGNMENT,
    ROWS_BODY(&plan_choice_v1_fields),
};
const struct fields subscription_body_v1_fields =
    FIELDS("PlanSubscriptionCreate", struct subscription_body, body_v1_rows);

static const struct field change_v3_rows[] = {
    ROW_CUSTOMER_V3,
    ROW_TIMING(FIELD_REQUIRED, "immediate, next_billing_cycle, or an RFC 3339 instant."),
    ROWS_BODY(&plan_choice_fields),
};
const struct fields subscription_change_v3_fields =
    FIELDS("SubscriptionChange", struct subscription_body, change_v3_rows);

static const struct field change_v1_rows[] = {
    ROW_TIMING(FIELD_REQUIRED, "immediate, next_billing_cycle, or an RFC 3339 instant."),
    ROW_ALIGNMENT,
    ROWS_BODY(&plan_choice_v1_fields),
};
const struct fields subscription_change_v1_fields =
    FIELDS("PlanSubscriptionChange", struct subscription_body, change_v1_rows);

static const struct field advice_body_rows[] = {
    FIELD_STRUCT(struct subscription_body, plan, &plan_choice_fields,
                 .set_offset = offsetof(struct subscription_body, has_plan)),
    FIELD_STRUCT(struct subscription_body, custom_plan, &plan_custom_fields,
                 .set_offset = offsetof(struct subscription_body, has_custom_plan)),
    FIELD_WORD(struct subscription_body, settlement_mode, subscription_settlement_words),
};
const struct fields subscription_advice_body_fields =
    FIELDS("SubscriptionTimingQuestion", struct subscription_body, advice_body_rows);

static const struct field migrate_rows[] = {
    FIELD(struct subscription_migrate_body, timing, TEXT, .form = FORM_NON_EMPTY,
          .about = "immediate, next_billing_cycle, or an RFC 3339 instant."),
    FIELD(struct subscription_migrate_body, target_version, INT, .items_min = 1,
          .items_max = INT64_MAX, .about = "The active version when absent."),
    FIELD(struct subscription_migrate_body, starting_phase, TEXT, .form = FORM_NON_EMPTY),
    FIELD(struct subscription_migrate_body, billing_anchor, INSTANT),
};
const struct fields subscription_migrate_fields =
    FIELDS("SubscriptionMigrate", struct subscription_migrate_body, migrate_rows);

/* ---- ending -------------------------------------------------------------------------------- */

static const struct field cancel_rows[] = {
    FIELD(struct subscription_cancel_body, timing, TEXT, .form = FORM_NON_EMPTY,
          .about = "immediate, next_billing_cycle, or the end of a billing period."),
};
const struct fields subscription_cancel_fields =
    FIELDS("SubscriptionCancel", struct subscription_cancel_body, cancel_rows);
