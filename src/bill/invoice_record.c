/* invoice_record.c: the rows of standard invoices and their lines. */
#include "bill/invoice_record.h"

#include "bill/invoice_tax.h"

/* ---- lines --------------------------------------------------------------------------------- */

static const char *const category_words[] = { "regular", "commitment", NULL };

static const struct field share_rows[] = {
    FIELD(struct share_record, place, INT),
    FIELD(struct share_record, value, DEC),
    FIELD(struct share_record, quantity, DEC),
};
static const struct fields share_fields = FIELDS("Share", struct share_record, share_rows);

/* What cannot be reckoned from the rest. */
static const struct field detail_rows[] = {
    FIELD(struct rate_detail, child_id, TEXT),
    FIELD(struct rate_detail, name, TEXT),
    FIELD(struct rate_detail, quantity, DEC),
    FIELD(struct rate_detail, unit_amount, DEC),
    FIELD(struct rate_detail, amount, DEC),
    FIELD(struct rate_detail, percentage_discount, DEC),
    FIELD(struct rate_detail, maximum_discount, DEC),
    FIELD_WORD(struct rate_detail, category, category_words),
    FIELD_STRUCT(struct rate_detail, totals, &rate_totals_fields, .flags = FIELD_REQUIRED),
};
static const struct fields detail_fields = FIELDS("Detail", struct rate_detail, detail_rows);

static const struct field tax_rows[] = {
    FIELD_ID(struct line_tax, tax_code_id),  FIELD(struct line_tax, name, TEXT),
    FIELD(struct line_tax, percentage, DEC), FIELD(struct line_tax, is_inclusive, BOOL),
    FIELD(struct line_tax, base, DEC),       FIELD(struct line_tax, tax, DEC),
};
static const struct fields tax_fields = FIELDS("LineTax", struct line_tax, tax_rows);

#define LINE(member, column, KIND, ...)                                                            \
    FIELD_AS(struct line_record, line.member, column, KIND __VA_OPT__(, ) __VA_ARGS__)
#define LINE_ID(member, column) FIELD_ID_AS(struct line_record, line.member, column)

static const struct field line_rows[] = {
    LINE_ID(id, "id"),
    LINE_ID(org_id, "org_id"),
    LINE_ID(invoice_id, "invoice_id"),
    LINE_ID(subscription_id, "subscription_id"),
    LINE_ID(phase_id, "phase_id"),
    LINE_ID(item_id, "item_id"),
    LINE(period_index, "period_index", INT),
    LINE(part_index, "part_index", INT),
    LINE_ID(group_id, "group_id"),
    LINE(is_open_part, "is_open_part", BOOL),
    LINE_ID(adjusts_id, "adjusts_id"),
    FIELD_WORD_AS(struct line_record, line.managed_by, "managed_by", line_managed_by_words),
    LINE(reference, "reference", TEXT),
    LINE(name, "name", TEXT),
    LINE(description, "description", TEXT),
    LINE(labels, "labels", TEXT_MAP),
    LINE_ID(feature_id, "feature_id"),
    LINE(feature_key, "feature_key", TEXT),
    LINE(currency, "currency", TEXT),
    FIELD_STRUCT_AS(struct line_record, line.terms, "terms", &price_terms_fields,
                    .flags = FIELD_REQUIRED),
    FIELD_STRUCT_AS(struct line_record, line.tax, "tax", &rate_card_tax_v1_fields,
                    .set_offset = offsetof(struct line_record, line.has_tax)),
    FIELD_WORD_AS(struct line_record, line.payment_term, "payment_term", payment_term_words),
    LINE(is_pro_rating, "is_pro_rating", BOOL),
    LINE(service_from, "service_from", INSTANT),
    LINE(service_to, "service_to", INSTANT),
    LINE(full_from, "full_from", INSTANT),
    LINE(full_to, "full_to", INSTANT),
    LINE(billing_from, "billing_from", INSTANT),
    LINE(billing_to, "billing_to", INSTANT),
    LINE(invoice_at, "invoice_at", INSTANT),
    LINE(collect_at, "collect_at", INSTANT),
    LINE(created_at, "created_at", INSTANT),
    LINE(updated_at, "updated_at", INSTANT),
    LINE(deleted_at, "deleted_at", INSTANT),
    FIELD_WORD_AS(struct line_record, line.invoice_state, "invoice_state", invoice_state_words),
    FIELD(struct line_record, is_rated, BOOL),
    FIELD(struct line_record, metered_quantity, DEC),
    FIELD(struct line_record, prior_quantity, DEC),
    FIELD(struct line_record, prior_total, DEC),
    FIELD(struct line_record, shares, LIST, .sub = &share_fields),
    FIELD(struct line_record, usage_sequence, INT),
    FIELD(struct line_record, quantity, DEC),
    FIELD(struct line_record, converted_quantity, DEC),
    FIELD(struct line_record, discounted_quantity, DEC),
    FIELD(struct line_record, discounted_prior, DEC),
    FIELD(struct line_record, details, LIST, .sub = &detail_fields),
    FIELD(struct line_record, taxes, LIST, .sub = &tax_fields),
    FIELD_STRUCT(struct line_record, totals, &rate_totals_fields,
                 .set_offset = offsetof(struct line_record, has_totals)),
    FIELD(struct line_record, external_id, TEXT),
    FIELD(struct line_record, discount_external_ids, TEXT_MAP),
};
const struct fields line_record_fields = FIELDS("LineRecord", struct line_record, line_rows);

/* ---- invoices ------------------------------------------------------------------------------ */

static const struct field invoice_rows[] = {
    FIELD_ID(struct invoice_record, id),
    FIELD_ID(struct invoice_record, org_id),
    FIELD_ID(struct invoice_record, customer_id),
    FIELD_ID(struct invoice_record, profile_id),
    FIELD_WORD_AS(struct invoice_record, state, "status", invoice_state_words),
    FIELD(struct invoice_record, version, INT),
    FIELD(struct invoice_record, number, TEXT),
    FIELD(struct invoice_record, currency, TEXT),
    FIELD(struct invoice_record, description, TEXT),
    FIELD(struct invoice_record, labels, TEXT_MAP),
    FIELD_STRUCT(struct invoice_record, supplier, &invoice_supplier_fields,
                 .flags = FIELD_REQUIRED),
    FIELD_STRUCT(struct invoice_record, customer, &invoice_customer_fields,
                 .flags = FIELD_REQUIRED),
    FIELD_AS(struct invoice_record, customer.name, "customer_name", TEXT),
    FIELD_STRUCT(struct invoice_record, workflow, &invoice_workflow_fields,
                 .flags = FIELD_REQUIRED),
    FIELD_AS(struct invoice_record, period.from, "period_from", INSTANT),
    FIELD_AS(struct invoice_record, period.to, "period_to", INSTANT),
    FIELD(struct invoice_record, collection_at, INSTANT),
    FIELD(struct invoice_record, quantity_snapshotted_at, INSTANT),
    FIELD(struct invoice_record, draft_until, INSTANT),
    FIELD(struct invoice_record, issued_at, INSTANT),
    FIELD(struct invoice_record, due_at, INSTANT),
    FIELD(struct invoice_record, sent_at, INSTANT),
    FIELD(struct invoice_record, voided_at, INSTANT),
    FIELD(struct invoice_record, void_reason, TEXT),
    FIELD_STRUCT(struct invoice_record, totals, &rate_totals_fields, .flags = FIELD_REQUIRED),
    FIELD(struct invoice_record, issues, LIST, .sub = &invoice_issue_fields),
    FIELD(struct invoice_record, invoicing_id, TEXT),
    FIELD(struct invoice_record, payment_id, TEXT),
    FIELD(struct invoice_record, created_at, INSTANT),
    FIELD(struct invoice_record, updated_at, INSTANT),
    FIELD(struct invoice_record, deleted_at, INSTANT),
};
const struct fields invoice_record_fields =
    FIELDS("InvoiceRecord", struct invoice_record, invoice_rows);
