/* explain_fields.c: explanations as they are printed. */
#include "bill/explain.h"

static const struct field explained_period_rows[] = {
    FIELD(struct invoice_period, from, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct invoice_period, to, INSTANT, .flags = FIELD_REQUIRED),
};
static const struct fields explained_period_fields =
    FIELDS("ExplainedPeriod", struct invoice_period, explained_period_rows);

static const struct field explained_plan_rows[] = {
    FIELD_ID(struct explain_plan, id, .flags = FIELD_REQUIRED),
    FIELD(struct explain_plan, key, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct explain_plan, version, INT, .flags = FIELD_REQUIRED),
};
static const struct fields explained_plan_fields =
    FIELDS("ExplainedPlan", struct explain_plan, explained_plan_rows);

static const struct field explained_phase_rows[] = {
    FIELD_ID(struct explain_phase, id, .flags = FIELD_REQUIRED),
    FIELD(struct explain_phase, key, TEXT, .flags = FIELD_REQUIRED),
};
static const struct fields explained_phase_fields =
    FIELDS("ExplainedPhase", struct explain_phase, explained_phase_rows);

static const struct field explained_item_rows[] = {
    FIELD_ID(struct explain_item, id, .flags = FIELD_REQUIRED),
    FIELD(struct explain_item, key, TEXT, .flags = FIELD_REQUIRED,
          .about = "The key of the rate card."),
    FIELD(struct explain_item, version, INT, .flags = FIELD_REQUIRED),
};
static const struct fields explained_item_fields =
    FIELDS("ExplainedItem", struct explain_item, explained_item_rows);

static const struct field explained_source_rows[] = {
    FIELD_ID(struct explain_source, subscription_id, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct explain_source, plan, &explained_plan_fields,
                 .set_offset = offsetof(struct explain_source, has_plan),
                 .about = "Absent: the subscription has none."),
    FIELD_STRUCT(struct explain_source, phase, &explained_phase_fields, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct explain_source, item, &explained_item_fields, .flags = FIELD_REQUIRED),
    FIELD(struct explain_source, period_index, INT, .flags = FIELD_REQUIRED,
          .about = "0 is the period in which the item begins."),
    FIELD(struct explain_source, part_index, INT, .flags = FIELD_REQUIRED,
          .about = "Of a period that is billed in parts."),
    FIELD_STRUCT(struct explain_source, billing_period, &explained_period_fields,
                 .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct explain_source, full_service_period, &explained_period_fields,
                 .flags = FIELD_REQUIRED),
};
static const struct fields explained_source_fields =
    FIELDS("ExplainedSource", struct explain_source, explained_source_rows);

static const struct field explained_subject_rows[] = {
    FIELD(struct explain_subject, subject, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct explain_subject, from, INSTANT, .about = "Absent: from the beginning."),
    FIELD(struct explain_subject, to, INSTANT, .about = "Absent: for ever."),
};
static const struct fields explained_subject_fields =
    FIELDS("ExplainedSubject", struct explain_subject, explained_subject_rows);

static const struct field explained_feature_rows[] = {
    FIELD_ID(struct explain_feature, id, .flags = FIELD_REQUIRED),
    FIELD(struct explain_feature, key, TEXT),
    FIELD(struct explain_feature, filters, JSON),
};
static const struct fields explained_feature_fields =
    FIELDS("ExplainedFeature", struct explain_feature, explained_feature_rows);

static const struct field explained_meter_rows[] = {
    FIELD_ID(struct explain_meter, id),
    FIELD(struct explain_meter, key, TEXT),
    FIELD(struct explain_meter, aggregation, TEXT),
    FIELD(struct explain_meter, event_type, TEXT),
    FIELD(struct explain_meter, value_property, TEXT),
};
static const struct fields explained_meter_fields =
    FIELDS("ExplainedMeter", struct explain_meter, explained_meter_rows);

static const struct field explained_usage_rows[] = {
    FIELD_STRUCT(struct explain_usage, feature, &explained_feature_fields, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct explain_usage, meter, &explained_meter_fields, .flags = FIELD_REQUIRED),
    FIELD(struct explain_usage, subjects, LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .sub = &explained_subject_fields),
    FIELD_STRUCT(struct explain_usage, period, &explained_period_fields, .flags = FIELD_REQUIRED),
    FIELD(struct explain_usage, usage_sequence, INT, .flags = FIELD_REQUIRED,
          .about = "Events up to it were counted."),
    FIELD(struct explain_usage, metered_quantity, DEC, .flags = FIELD_REQUIRED),
    FIELD(struct explain_usage, prior_quantity, DEC, .flags = FIELD_REQUIRED,
          .about = "What was billed of it before."),
    FIELD(struct explain_usage, quantity, DEC, .flags = FIELD_REQUIRED),
    FIELD(struct explain_usage, is_gone, BOOL, .flags = FIELD_REQUIRED,
          .about = "The events are gone: the quantities are those that were stored."),
    FIELD(struct explain_usage, events, TEXT, .flags = FIELD_REQUIRED,
          .about = "Path of the list of events that counted."),
};
static const struct fields explained_usage_fields =
    FIELDS("ExplainedUsage", struct explain_usage, explained_usage_rows);

static const struct field explained_tax_rows[] = {
    FIELD_ID(struct line_tax, tax_code_id),
    FIELD(struct line_tax, name, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct line_tax, percentage, DEC, .flags = FIELD_REQUIRED),
    FIELD(struct line_tax, is_inclusive, BOOL, .flags = FIELD_REQUIRED),
    FIELD(struct line_tax, base, DEC, .flags = FIELD_REQUIRED),
    FIELD(struct line_tax, tax, DEC, .flags = FIELD_REQUIRED),
};
static const struct fields explained_tax_fields =
    FIELDS("ExplainedTax", struct line_tax, explained_tax_rows);

static const struct field rows[] = {
    FIELD_ID(struct explanation, invoice_id, .flags = FIELD_REQUIRED),
    FIELD(struct explanation, number, TEXT, .flags = FIELD_REQUIRED),
    FIELD_ID(struct explanation, line_id, .flags = FIELD_REQUIRED),
    FIELD(struct explanation, name, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct explanation, reference, TEXT,
          .about = "Subscription, phase, item with its version, and period."),
    FIELD(struct explanation, currency, TEXT, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct explanation, service_period, &explained_period_fields,
                 .flags = FIELD_REQUIRED),
    FIELD(struct explanation, is_stored, BOOL, .flags = FIELD_REQUIRED,
          .about = "Whether it was measured and priced before; else it is as it would be now."),
    FIELD_STRUCT(struct explanation, source, &explained_source_fields,
                 .set_offset = offsetof(struct explanation, has_source),
                 .about = "What set the price; absent for lines made by hand."),
    FIELD_STRUCT(struct explanation, rate_card, &invoice_rate_card_fields, .flags = FIELD_REQUIRED),
    FIELD_ID(struct explanation, adjusts_id,
             .about = "Of a correction: the line that it corrects."),
    FIELD_STRUCT(struct explanation, usage, &explained_usage_fields,
                 .set_offset = offsetof(struct explanation, has_usage),
                 .about = "What was counted; absent for prices that do not depend on usage."),
    FIELD(struct explanation, steps, TEXT_LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .about = "The arithmetic, a sentence for each step."),
    FIELD(struct explanation, taxes, LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .sub = &explained_tax_fields),
    FIELD_STRUCT(struct explanation, totals, &rate_totals_fields, .flags = FIELD_REQUIRED),
    FIELD(struct explanation, is_same, BOOL, .flags = FIELD_REQUIRED,
          .about = "Whether what is stored is what comes out."),
    FIELD(struct explanation, differences, LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .sub = &verify_difference_fields),
};
const struct fields explanation_fields = FIELDS("LineExplanation", struct explanation, rows);
