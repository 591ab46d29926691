/* catalog_impact_fields.c: the money that a new price would move, as an answer. */
#include "bill/catalog_impact.h"

static const struct field line_rows[] = {
    FIELD(struct impact_line, key, TEXT, .flags = FIELD_REQUIRED, .about = "Of the rate card."),
    FIELD(struct impact_line, name, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct impact_line, before, DEC, .about = "What is charged so far; of what is not new."),
    FIELD(struct impact_line, after, DEC, .about = "What the new version would charge so far."),
    FIELD(struct impact_line, change, DEC, .flags = FIELD_REQUIRED),
};
static const struct fields line_fields = FIELDS("CatalogImpactLine", struct impact_line, line_rows);

static const struct field period_rows[] = {
    FIELD(struct invoice_period, from, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct invoice_period, to, INSTANT, .flags = FIELD_REQUIRED),
};
static const struct fields period_fields =
    FIELDS("CatalogImpactPeriod", struct invoice_period, period_rows);

static const struct field impact_rows[] = {
    FIELD_ID(struct catalog_impact, customer_id, .flags = FIELD_REQUIRED),
    FIELD(struct catalog_impact, customer_key, TEXT),
    FIELD(struct catalog_impact, customer_name, TEXT, .flags = FIELD_REQUIRED),
    FIELD_ID(struct catalog_impact, subscription_id, .flags = FIELD_REQUIRED),
    FIELD(struct catalog_impact, plan_key, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct catalog_impact, plan_version, INT, .flags = FIELD_REQUIRED,
          .about = "The version that it is on, and stays on until it is moved."),
    FIELD(struct catalog_impact, new_version, INT, .flags = FIELD_REQUIRED),
    FIELD(struct catalog_impact, currency, TEXT, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct catalog_impact, period, &period_fields, .flags = FIELD_REQUIRED,
                 .about = "The billing period that is open."),
    FIELD(struct catalog_impact, before, DEC),
    FIELD(struct catalog_impact, after, DEC),
    FIELD(struct catalog_impact, change, DEC),
    FIELD(struct catalog_impact, lines, LIST, .sub = &line_fields, .flags = FIELD_ALWAYS,
          .about = "The rate cards whose charges differ."),
    FIELD(struct catalog_impact, trouble, TEXT, .about = "Why it cannot be told."),
};
const struct fields catalog_impact_fields =
    FIELDS("CatalogImpact", struct catalog_impact, impact_rows);
