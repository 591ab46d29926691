/* invoice_fields.c: the field tables of invoices: answers only, in both dialects. */
#include "bill/invoice.h"

const char *const invoice_status_words[] = {
    "gathering", "draft", "issuing",       "issued", "payment_processing",
    "overdue",   "paid",  "uncollectible", "voided", "delete",
    "deleted",   NULL
};

static const char *const invoice_type_words[] = { "standard", NULL };
static const char *const category_words[] = { "regular", "commitment", NULL };
static const char *const detail_type_words[] = { "flat_fee", NULL };
const char *const line_managed_by_words[] = { "subscription", "system", "manual", NULL };
static const char *const line_status_words[] = { "valid", "detailed", NULL };
static const char *const line_type_v1_words[] = { "usage_based", NULL };
static const char *const line_type_v3_words[] = { "standard_line", NULL };
static const char *const controller_words[] = { "system", "manual", NULL };

_Static_assert(COUNT_OF(invoice_status_words) == INVOICE_STATUS_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(invoice_type_words) == INVOICE_TYPE_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(category_words) == RATE_CATEGORY_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(detail_type_words) == DETAIL_TYPE_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(line_managed_by_words) == MANAGED_BY_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(line_status_words) == LINE_STATUS_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(line_type_v1_words) == LINE_TYPE_V1_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(line_type_v3_words) == LINE_TYPE_V3_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(controller_words) == LINE_CONTROLLER_COUNT + 1, "one word each");

/* ---- parts --------------------------------------------------------------------------------- */

static const struct field period_rows[] = {
    FIELD(struct invoice_period, from, INSTANT),
    FIELD(struct invoice_period, to, INSTANT),
};
static const struct fields period_fields =
    FIELDS("ClosedPeriod", struct invoice_period, period_rows);

static const struct field reference_rows[] = {
    FIELD_ID(struct invoice_reference, id),
};
static const struct fields reference_fields =
    FIELDS("IDResource", struct invoice_reference, reference_rows);

#define SET_OF(type, member) .set_offset = offsetof(type, member)

static const struct field percentage_rows[] = {
    FIELD(struct percentage_v1, percentage, DEC, .flags = FIELD_REQUIRED | FIELD_NUMBER),
    FIELD_ID(struct percentage_v1, correlation_id, .flags = FIELD_READ_ONLY,
             .about = "The same on all parts of a period."),
};
static const struct fields percentage_fields =
    FIELDS("BillingDiscountPercentage", struct percentage_v1, percentage_rows);

static const struct field usage_discount_rows[] = {
    FIELD(struct usage_discount_v1, quantity, DEC, .flags = FIELD_REQUIRED),
    FIELD_ID(struct usage_discount_v1, correlation_id, .flags = FIELD_READ_ONLY,
             .about = "The same on all parts of a period."),
};
static const struct fields usage_discount_fields =
    FIELDS("BillingDiscountUsage", struct usage_discount_v1, usage_discount_rows);

static const struct field card_discounts_rows[] = {
    FIELD_STRUCT(struct discounts_v1, percentage, &percentage_fields,
                 SET_OF(struct discounts_v1, has_percentage)),
    FIELD_STRUCT(struct discounts_v1, usage, &usage_discount_fields,
                 SET_OF(struct discounts_v1, has_usage)),
};
static const struct fields card_discounts_fields =
    FIELDS("BillingDiscounts", struct discounts_v1, card_discounts_rows);

static const struct field rate_card_rows[] = {
    FIELD_STRUCT_AS(struct invoice_rate_card, pricing.price_v3, "price", &price_v3_fields,
                    .flags = FIELD_NOT_V1, SET_OF(struct invoice_rate_card, pricing.has_price_v3)),
    FIELD_STRUCT_AS(struct invoice_rate_card, pricing.price_v1, "price_v1", &price_v1_fields,
                    .v1 = "price", .flags = FIELD_NOT_V3,
                    SET_OF(struct invoice_rate_card, pricing.has_price_v1)),
    FIELD(struct invoice_rate_card, feature_key, TEXT),
    FIELD_STRUCT_AS(struct invoice_rate_card, tax, "tax_config", &rate_card_tax_v3_fields,
                    .flags = FIELD_NOT_V1, SET_OF(struct invoice_rate_card, has_tax_v3)),
    FIELD_STRUCT_AS(struct invoice_rate_card, tax, "tax_config_v1", &rate_card_tax_v1_fields,
                    .v1 = "taxConfig", .flags = FIELD_NOT_V3,
                    SET_OF(struct invoice_rate_card, has_tax)),
    FIELD_STRUCT_AS(struct invoice_rate_card, pricing.discounts_v3, "discounts",
                    &discounts_v3_fields, .flags = FIELD_NOT_V1,
                    SET_OF(struct invoice_rate_card, pricing.has_discounts_v3)),
    FIELD_STRUCT_AS(struct invoice_rate_card, pricing.discounts_v1, "discounts_v1",
                    &card_discounts_fields, .v1 = "discounts", .flags = FIELD_NOT_V3,
                    SET_OF(struct invoice_rate_card, pricing.has_discounts_v1)),
    FIELD_STRUCT_AS(struct invoice_rate_card, pricing.unit_config, "unit_config",
                    &unit_config_fields, .flags = FIELD_NOT_V1,
                    SET_OF(struct invoice_rate_card, pricing.has_unit_config)),
};
const struct fields invoice_rate_card_fields =
    FIELDS("InvoiceLineRateCard", struct invoice_rate_card, rate_card_rows);

/* ---- discounts ----------------------------------------------------------------------------- */

static const char *const discount_reason_words[] = { "maximum_spend", "ratecard_percentage",
                                                     "ratecard_usage", NULL };
_Static_assert(COUNT_OF(discount_reason_words) == DISCOUNT_REASON_COUNT + 1, "one word each");

static const struct field reason_rows[] = {
    FIELD_WORD(struct discount_reason_v1, type, discount_reason_words),
    FIELD(struct discount_reason_v1, percentage, DEC, .flags = FIELD_NUMBER),
    FIELD(struct discount_reason_v1, quantity, DEC),
    FIELD_ID(struct discount_reason_v1, correlation_id),
};
static const struct fields reason_fields =
    FIELDS("BillingDiscountReason", struct discount_reason_v1, reason_rows);

static const struct field external_v1_rows[] = {
    FIELD(struct invoice_external_v1, invoicing, TEXT),
    FIELD(struct invoice_external_v1, payment, TEXT),
};
static const struct fields external_v1_fields =
    FIELDS("InvoiceExternalIds", struct invoice_external_v1, external_v1_rows);

static const struct field external_v3_rows[] = {
    FIELD(struct invoice_external_v3, invoicing_id, TEXT),
    FIELD(struct invoice_external_v3, payment_id, TEXT),
};
static const struct fields external_v3_fields =
    FIELDS("InvoiceExternalReferences", struct invoice_external_v3, external_v3_rows);

static const struct field discount_rows[] = {
    FIELD_ID(struct invoice_discount, id),
    FIELD_WORD(struct invoice_discount, reason, discount_reason_words, .flags = FIELD_NOT_V1),
    FIELD_STRUCT_AS(struct invoice_discount, reason_v1, "reason_v1", &reason_fields, .v1 = "reason",
                    .flags = FIELD_NOT_V3),
    FIELD(struct invoice_discount, description, TEXT),
    FIELD(struct invoice_discount, amount, DEC),
    FIELD(struct invoice_discount, quantity, DEC),
    FIELD_AS(struct invoice_discount, prior_quantity, "pre_line_period_quantity", DEC,
             .flags = FIELD_NOT_V3),
    FIELD_STRUCT_AS(struct invoice_discount, external_v1, "external_ids", &external_v1_fields,
                    .flags = FIELD_NOT_V3, SET_OF(struct invoice_discount, has_external)),
    FIELD_STRUCT_AS(struct invoice_discount, external_v3, "external_references",
                    &external_v3_fields, .flags = FIELD_NOT_V1,
                    SET_OF(struct invoice_discount, has_external)),
    FIELD(struct invoice_discount, created_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD(struct invoice_discount, updated_at, INSTANT, .flags = FIELD_NOT_V3),
};
static const struct fields discount_fields =
    FIELDS("InvoiceLineDiscount", struct invoice_discount, discount_rows);

static const struct field discounts_rows[] = {
    FIELD_AS(struct invoice_discounts, amounts, "amount", LIST, .sub = &discount_fields),
    FIELD_AS(struct invoice_discounts, usages, "usage", LIST, .sub = &discount_fields),
};
static const struct fields discounts_fields =
    FIELDS("InvoiceLineDiscounts", struct invoice_discounts, discounts_rows);

/* ---- taxes --------------------------------------------------------------------------------- */

static const char *const behavior_words[] = { "inclusive", "exclusive", NULL };
_Static_assert(COUNT_OF(behavior_words) == TAX_BEHAVIOR_COUNT + 1, "one word per behavior");

static const struct field tax_item_rows[] = {
    FIELD_STRUCT(struct invoice_tax_item, config, &rate_card_tax_v1_fields),
    FIELD(struct invoice_tax_item, percent, DEC, .flags = FIELD_NUMBER),
    FIELD_WORD(struct invoice_tax_item, behavior, behavior_words),
};
static const struct fields tax_item_fields =
    FIELDS("InvoiceLineTaxItem", struct invoice_tax_item, tax_item_rows);

static const struct field number_reference_rows[] = {
    FIELD_ID(struct invoice_number_reference, id),
    FIELD(struct invoice_number_reference, number, TEXT),
};
static const struct fields number_reference_fields =
    FIELDS("InvoiceReference", struct invoice_number_reference, number_reference_rows);

static const struct field origin_v1_rows[] = {
    FIELD_STRUCT(struct invoice_origin_v1, subscription, &reference_fields),
    FIELD_STRUCT(struct invoice_origin_v1, phase, &reference_fields),
    FIELD_STRUCT(struct invoice_origin_v1, item, &reference_fields),
    FIELD_STRUCT(struct invoice_origin_v1, billing_period, &period_fields),
};
static const struct fields origin_v1_fields =
    FIELDS("InvoiceLineSubscriptionReference", struct invoice_origin_v1, origin_v1_rows);

/* ---- detailed lines ------------------------------------------------------------------------ */

static const char *const flat_words[] = { "flat", NULL };

static const struct field detail_price_rows[] = {
    FIELD_WORD(struct invoice_detail_price, type, flat_words),
    FIELD(struct invoice_detail_price, amount, DEC),
    FIELD_WORD(struct invoice_detail_price, payment_term, payment_term_words),
};
static const struct fields detail_price_fields =
    FIELDS("FlatPriceWithPaymentTerm", struct invoice_detail_price, detail_price_rows);

static const struct field detail_card_rows[] = {
    FIELD_STRUCT(struct invoice_detail_card, price, &detail_price_fields),
    FIELD(struct invoice_detail_card, quantity, DEC),
    FIELD_STRUCT_AS(struct invoice_detail_card, tax, "tax_config", &rate_card_tax_v1_fields,
                    SET_OF(struct invoice_detail_card, has_tax)),
};
static const struct fields detail_card_fields =
    FIELDS("InvoiceDetailedLineRateCard", struct invoice_detail_card, detail_card_rows);

static const struct field detail_rows[] = {
    FIELD_ID(struct invoice_detail, id),
    FIELD(struct invoice_detail, name, TEXT),
    FIELD(struct invoice_detail, quantity, DEC),
    FIELD(struct invoice_detail, unit_price, DEC, .v1 = "perUnitAmount"),
    FIELD_WORD(struct invoice_detail, category, category_words),
    FIELD_STRUCT(struct invoice_detail, discounts, &discounts_fields,
                 SET_OF(struct invoice_detail, has_discounts)),
    FIELD_STRUCT(struct invoice_detail, totals, &rate_totals_fields),
    FIELD_STRUCT(struct invoice_detail, service_period, &period_fields, .v1 = "period"),
    FIELD(struct invoice_detail, created_at, INSTANT),
    FIELD(struct invoice_detail, updated_at, INSTANT),
    FIELD(struct invoice_detail, currency, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct invoice_detail, invoice_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD_WORD(struct invoice_detail, payment_term, payment_term_words, .flags = FIELD_NOT_V3),
    FIELD_WORD(struct invoice_detail, type, detail_type_words, .flags = FIELD_NOT_V3),
    FIELD_WORD(struct invoice_detail, managed_by, line_managed_by_words, .flags = FIELD_NOT_V3),
    FIELD_WORD(struct invoice_detail, status, line_status_words, .flags = FIELD_NOT_V3),
    FIELD_STRUCT(struct invoice_detail, rate_card, &detail_card_fields, .flags = FIELD_NOT_V3),
    FIELD_STRUCT_AS(struct invoice_detail, rate_card.tax, "tax_config", &rate_card_tax_v1_fields,
                    .flags = FIELD_NOT_V3, SET_OF(struct invoice_detail, rate_card.has_tax)),
    FIELD_STRUCT(struct invoice_detail, invoice, &number_reference_fields, .flags = FIELD_NOT_V3,
                 SET_OF(struct invoice_detail, has_invoice)),
    FIELD_STRUCT_AS(struct invoice_detail, origin, "subscription", &origin_v1_fields,
                    .flags = FIELD_NOT_V3, SET_OF(struct invoice_detail, has_origin)),
    FIELD(struct invoice_detail, taxes, LIST, .sub = &tax_item_fields, .flags = FIELD_NOT_V3),
};
const struct fields invoice_detail_fields =
    FIELDS("InvoiceDetailedLine", struct invoice_detail, detail_rows);

/* ---- lines --------------------------------------------------------------------------------- */

static const struct field origin_phase_rows[] = {
    FIELD_ID(struct invoice_origin_phase, id),
    FIELD_STRUCT(struct invoice_origin_phase, item, &reference_fields),
};
static const struct fields origin_phase_fields =
    FIELDS("SubscriptionPhaseReference", struct invoice_origin_phase, origin_phase_rows);

static const struct field origin_v3_rows[] = {
    FIELD_ID(struct invoice_origin_v3, id),
    FIELD_STRUCT(struct invoice_origin_v3, phase, &origin_phase_fields),
};
static const struct fields origin_v3_fields =
    FIELDS("SubscriptionReference", struct invoice_origin_v3, origin_v3_rows);

static const struct field usage_rows[] = {
    FIELD(struct invoice_usage, raw_quantity, DEC),
    FIELD(struct invoice_usage, invoiced_quantity, DEC),
    FIELD(struct invoice_usage, display_unit, TEXT),
};
static const struct fields usage_fields =
    FIELDS("InvoiceUsageQuantityDetail", struct invoice_usage, usage_rows);

static const struct field line_rows[] = {
    FIELD_ID(struct invoice_line, id),
    FIELD(struct invoice_line, name, TEXT),
    FIELD(struct invoice_line, description, TEXT),
    FIELD(struct invoice_line, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),
    FIELD(struct invoice_line, created_at, INSTANT),
    FIELD(struct invoice_line, updated_at, INSTANT),
    FIELD(struct invoice_line, deleted_at, INSTANT),
    FIELD_WORD_AS(struct invoice_line, type_v1, "type_v1", line_type_v1_words, .v1 = "type",
                  .flags = FIELD_NOT_V3),
    FIELD_WORD_AS(struct invoice_line, type_v3, "type", line_type_v3_words, .flags = FIELD_NOT_V1),
    FIELD_STRUCT(struct invoice_line, service_period, &period_fields, .v1 = "period"),
    FIELD_STRUCT(struct invoice_line, rate_card, &invoice_rate_card_fields),
    FIELD_STRUCT_AS(struct invoice_line, rate_card.pricing.price_v1, "price", &price_v1_fields,
                    .flags = FIELD_NOT_V3,
                    SET_OF(struct invoice_line, rate_card.pricing.has_price_v1)),
    FIELD_AS(struct invoice_line, rate_card.feature_key, "feature_key", TEXT,
             .flags = FIELD_NOT_V3),
    FIELD(struct invoice_line, quantity, DEC, .flags = FIELD_NOT_V3),
    FIELD(struct invoice_line, metered_quantity, DEC, .flags = FIELD_NOT_V3),
    FIELD_AS(struct invoice_line, prior_quantity, "pre_line_period_quantity", DEC,
             .flags = FIELD_NOT_V3),
    FIELD_AS(struct invoice_line, metered_prior, "metered_pre_line_period_quantity", DEC,
             .flags = FIELD_NOT_V3),
    FIELD_STRUCT_AS(struct invoice_line, usage, "usage_quantity_detail", &usage_fields,
                    .flags = FIELD_NOT_V1, .set_offset = offsetof(struct invoice_line, has_usage)),
    FIELD_STRUCT(struct invoice_line, discounts, &discounts_fields,
                 SET_OF(struct invoice_line, has_discounts)),
    FIELD_AS(struct invoice_line, details, "detailed_lines", LIST, .v1 = "children",
             .sub = &invoice_detail_fields, .flags = FIELD_ALWAYS),
    FIELD_STRUCT(struct invoice_line, totals, &rate_totals_fields),
    FIELD(struct invoice_line, taxes, LIST, .sub = &tax_item_fields, .flags = FIELD_NOT_V3),
    FIELD_STRUCT(struct invoice_line, invoice, &number_reference_fields, .flags = FIELD_NOT_V3,
                 SET_OF(struct invoice_line, has_invoice)),
    FIELD(struct invoice_line, currency, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct invoice_line, invoice_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD_WORD(struct invoice_line, managed_by, line_managed_by_words, .flags = FIELD_NOT_V3),
    FIELD_WORD(struct invoice_line, status, line_status_words, .flags = FIELD_NOT_V3),
    FIELD_WORD(struct invoice_line, lifecycle_controller, controller_words, .flags = FIELD_NOT_V1),
    FIELD_STRUCT_AS(struct invoice_line, rate_card.tax, "tax_config", &rate_card_tax_v1_fields,
                    .flags = FIELD_NOT_V3, SET_OF(struct invoice_line, rate_card.has_tax)),
    FIELD_STRUCT_AS(struct invoice_line, external_v1, "external_ids", &external_v1_fields,
                    .flags = FIELD_NOT_V3, SET_OF(struct invoice_line, has_external_v1)),
    FIELD_STRUCT_AS(struct invoice_line, external_v3, "external_references", &external_v3_fields,
                    .flags = FIELD_NOT_V1, SET_OF(struct invoice_line, has_external_v3)),
    FIELD_STRUCT_AS(struct invoice_line, origin_v1, "subscription_v1", &origin_v1_fields,
                    .v1 = "subscription", .flags = FIELD_NOT_V3,
                    SET_OF(struct invoice_line, has_origin)),
    FIELD_STRUCT_AS(struct invoice_line, origin_v3, "subscription", &origin_v3_fields,
                    .flags = FIELD_NOT_V1, SET_OF(struct invoice_line, has_origin)),
};
const struct fields invoice_line_fields = FIELDS("InvoiceLine", struct invoice_line, line_rows);

/* ---- invoices ------------------------------------------------------------------------------ */

static const struct field attribution_rows[] = {
    FIELD(struct customer_attribution, subject_keys, TEXT_LIST, .flags = FIELD_ALWAYS),
};
static const struct fields attribution_fields =
    FIELDS("CustomerUsageAttribution", struct customer_attribution, attribution_rows);

static const struct field tax_id_rows[] = {
    FIELD(struct invoice_tax_id, code, TEXT),
};
static const struct fields tax_id_fields =
    FIELDS("PartyTaxIdentity", struct invoice_tax_id, tax_id_rows);

static const struct field customer_rows[] = {
    FIELD_ID(struct invoice_customer, id),
    FIELD(struct invoice_customer, key, TEXT),
    FIELD(struct invoice_customer, name, TEXT),
    FIELD_STRUCT(struct invoice_customer, usage_attribution, &attribution_fields,
                 .set_offset = offsetof(struct invoice_customer, has_usage_attribution)),
    FIELD_STRUCT(struct invoice_customer, billing_address, &address_fields, .flags = FIELD_NOT_V1,
                 .set_offset = offsetof(struct invoice_customer, has_billing_address)),
    FIELD(struct invoice_customer, addresses, LIST, .sub = &address_fields,
          .flags = FIELD_NOT_V3 | FIELD_NOT_COLUMN),
    FIELD_STRUCT(struct invoice_customer, tax_id, &tax_id_fields, .flags = FIELD_NOT_V3,
                 SET_OF(struct invoice_customer, has_tax_id)),
};
const struct fields invoice_customer_fields =
    FIELDS("InvoiceCustomer", struct invoice_customer, customer_rows);

static const struct field addresses_rows[] = {
    FIELD_STRUCT(struct invoice_addresses, billing_address, &address_fields,
                 .flags = FIELD_REQUIRED),
};
static const struct fields addresses_fields =
    FIELDS("PartyAddresses", struct invoice_addresses, addresses_rows);

static const struct field supplier_rows[] = {
    FIELD(struct invoice_supplier_view, id, TEXT),
    FIELD(struct invoice_supplier_view, key, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct invoice_supplier_view, name, TEXT),
    FIELD_STRUCT(struct invoice_supplier_view, tax_id, &tax_id_fields,
                 SET_OF(struct invoice_supplier_view, has_tax_id)),
    FIELD_AS(struct invoice_supplier_view, addresses_v1, "addresses_v1", LIST, .v1 = "addresses",
             .sub = &address_fields, .flags = FIELD_NOT_V3),
    FIELD_STRUCT_AS(struct invoice_supplier_view, addresses_v3, "addresses", &addresses_fields,
                    .flags = FIELD_NOT_V1, SET_OF(struct invoice_supplier_view, has_addresses)),
};
const struct fields invoice_supplier_view_fields =
    FIELDS("InvoiceSupplier", struct invoice_supplier_view, supplier_rows);

static const struct field status_rows[] = {
    FIELD_AS(struct invoice_status_details, is_immutable, "immutable", BOOL),
    FIELD_AS(struct invoice_status_details, is_failed, "failed", BOOL),
    FIELD(struct invoice_status_details, extended_status, TEXT),
    FIELD_AS(struct invoice_status_details, actions_v1, "actions_v1", JSON,
             .v1 = "availableActions", .flags = FIELD_NOT_V3),
    FIELD_AS(struct invoice_status_details, actions_v3, "available_actions", JSON,
             .flags = FIELD_NOT_V1),
};
static const struct fields status_fields =
    FIELDS("InvoiceStatusDetails", struct invoice_status_details, status_rows);

static const struct field apps_rows[] = {
    FIELD_STRUCT(struct invoice_apps, tax, &reference_fields, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct invoice_apps, invoicing, &reference_fields, .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct invoice_apps, payment, &reference_fields, .flags = FIELD_REQUIRED),
};
static const struct fields apps_fields =
    FIELDS("InvoiceAppReferences", struct invoice_apps, apps_rows);

static const struct field workflow_rows[] = {
    FIELD_STRUCT(struct invoice_workflow_view, apps, &apps_fields, .flags = FIELD_NOT_V1,
                 .set_offset = offsetof(struct invoice_workflow_view, has_apps)),
    FIELD_AS(struct invoice_workflow_view, apps_v1, "apps_v1", JSON, .v1 = "apps",
             .flags = FIELD_NOT_V3,
             .about = "References to the apps, or the apps when expand names them."),
    FIELD_ID_AS(struct invoice_workflow_view, source_profile_v1, "source_billing_profile_id",
                .flags = FIELD_NOT_V3),
    FIELD_STRUCT_AS(struct invoice_workflow_view, source_profile_v3, "source_billing_profile",
                    &reference_fields, .flags = FIELD_NOT_V1),
    FIELD_AS(struct invoice_workflow_view, settings_v1, "settings_v1", JSON, .v1 = "workflow",
             .flags = FIELD_NOT_V3),
    FIELD_AS(struct invoice_workflow_view, settings_v3, "workflow", JSON, .flags = FIELD_NOT_V1),
};
static const struct fields workflow_fields =
    FIELDS("InvoiceWorkflowSettings", struct invoice_workflow_view, workflow_rows);

static const struct field issue_rows[] = {
    FIELD_ID(struct invoice_issue, id, .flags = FIELD_NOT_V3),
    FIELD(struct invoice_issue, severity, TEXT),
    FIELD(struct invoice_issue, code, TEXT),
    FIELD(struct invoice_issue, message, TEXT),
    FIELD(struct invoice_issue, field, TEXT),
    FIELD(struct invoice_issue, component, TEXT, .flags = FIELD_NOT_V3),
    FIELD(struct invoice_issue, attributes, TEXT_MAP, .v1 = "metadata"),
    FIELD(struct invoice_issue, created_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD(struct invoice_issue, updated_at, INSTANT, .flags = FIELD_NOT_V3),
};
const struct fields invoice_issue_fields =
    FIELDS("InvoiceValidationIssue", struct invoice_issue, issue_rows);

static const char *const terms_words[] = { "instant", "due_date", NULL };
_Static_assert(COUNT_OF(terms_words) == TERMS_COUNT + 1, "one word each");

static const struct field due_rows[] = {
    FIELD(struct payment_due, due_at, INSTANT),
    FIELD(struct payment_due, amount, DEC),
    FIELD(struct payment_due, percent, DEC, .flags = FIELD_NUMBER),
    FIELD(struct payment_due, currency, TEXT),
};
static const struct fields due_fields = FIELDS("PaymentDueDate", struct payment_due, due_rows);

static const struct field terms_rows[] = {
    FIELD_WORD(struct payment_terms, type, terms_words),
    FIELD(struct payment_terms, detail, TEXT),
    FIELD_AS(struct payment_terms, due, "due_at", LIST, .sub = &due_fields),
};
static const struct fields terms_fields = FIELDS("PaymentTerms", struct payment_terms, terms_rows);

static const struct field payment_rows[] = {
    FIELD_STRUCT(struct invoice_payment_view, terms, &terms_fields),
};
static const struct fields payment_fields =
    FIELDS("InvoicePaymentTerms", struct invoice_payment_view, payment_rows);

static const char *const preceding_words[] = { "credit_note_original_invoice", NULL };

static const struct field preceding_rows[] = {
    FIELD_WORD(struct invoice_preceding, type, preceding_words),
    FIELD(struct invoice_preceding, reason, TEXT),
    FIELD(struct invoice_preceding, number, TEXT),
    FIELD(struct invoice_preceding, issued_at, INSTANT),
    FIELD(struct invoice_preceding, url, TEXT),
};
static const struct fields preceding_fields =
    FIELDS("InvoiceDocumentRef", struct invoice_preceding, preceding_rows);

static const struct field invoice_rows[] = {
    FIELD_ID(struct invoice, id),
    FIELD(struct invoice, number, TEXT),
    FIELD(struct invoice, description, TEXT),
    FIELD(struct invoice, labels, TEXT_MAP, .v1 = "metadata", .form = FORM_LABELS),
    FIELD_WORD(struct invoice, type, invoice_type_words),
    FIELD_WORD(struct invoice, status, invoice_status_words),
    FIELD_STRUCT(struct invoice, status_details, &status_fields),
    FIELD(struct invoice, currency, TEXT),
    FIELD_STRUCT(struct invoice, customer, &invoice_customer_fields),
    FIELD_STRUCT(struct invoice, supplier, &invoice_supplier_view_fields),
    FIELD_STRUCT(struct invoice, workflow, &workflow_fields),
    FIELD_STRUCT_AS(struct invoice, period, "service_period", &period_fields, .v1 = "period",
                    .set_offset = offsetof(struct invoice, has_period)),
    FIELD_STRUCT(struct invoice, totals, &rate_totals_fields),
    FIELD(struct invoice, collection_at, INSTANT,
          .about = "Late events count until then; of a gathering invoice, when the first of the "
                   "lines is to be invoiced."),
    FIELD(struct invoice, quantity_snapshotted_at, INSTANT, .v1 = "quantitySnapshotedAt"),
    FIELD(struct invoice, draft_until, INSTANT, .about = "Then it is issued by itself."),
    FIELD(struct invoice, issued_at, INSTANT),
    FIELD(struct invoice, due_at, INSTANT),
    FIELD_AS(struct invoice, sent_at, "sent_to_customer_at", INSTANT),
    FIELD(struct invoice, voided_at, INSTANT, .flags = FIELD_NOT_V3),
    FIELD_STRUCT_AS(struct invoice, external_v1, "external_ids", &external_v1_fields,
                    .flags = FIELD_NOT_V3, SET_OF(struct invoice, has_external_v1)),
    FIELD_STRUCT_AS(struct invoice, external_v3, "external_references", &external_v3_fields,
                    .flags = FIELD_NOT_V1, SET_OF(struct invoice, has_external_v3)),
    FIELD(struct invoice, created_at, INSTANT),
    FIELD(struct invoice, updated_at, INSTANT),
    FIELD(struct invoice, deleted_at, INSTANT),
    FIELD(struct invoice, lines, LIST, .sub = &invoice_line_fields),
    FIELD_AS(struct invoice, issues, "validation_issues", LIST, .sub = &invoice_issue_fields),
    FIELD_STRUCT(struct invoice, payment, &payment_fields, .flags = FIELD_NOT_V3,
                 SET_OF(struct invoice, has_payment)),
    FIELD(struct invoice, preceding, LIST, .sub = &preceding_fields, .flags = FIELD_NOT_V3,
          .about = "The invoices that this one corrects, when expand names it."),
};
const struct fields invoice_fields = FIELDS("Invoice", struct invoice, invoice_rows);
