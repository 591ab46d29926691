/* app_external_fields.c: the field tables of custom invoicing's answers; v1, as in the contract. */
#include "bill/app_external.h"

static const char *const trigger_words[] = {
    "paid", "payment_failed", "payment_uncollectible", "payment_overdue", "action_required", "void",
    NULL
};

_Static_assert(COUNT_OF(trigger_words) == EXTERNAL_TRIGGER_COUNT + 1, "one word per trigger");

static const struct field line_rows[] = {
    FIELD_ID(struct external_line, line_id, .flags = FIELD_REQUIRED),
    FIELD(struct external_line, external_id, TEXT, .flags = FIELD_REQUIRED, .form = FORM_NON_EMPTY),
};
static const struct fields line_fields =
    FIELDS("CustomInvoicingLineExternalId", struct external_line, line_rows);

static const struct field discount_rows[] = {
    FIELD_ID(struct external_discount, line_discount_id, .flags = FIELD_REQUIRED),
    FIELD(struct external_discount, external_id, TEXT, .flags = FIELD_REQUIRED,
          .form = FORM_NON_EMPTY),
};
static const struct fields discount_fields =
    FIELDS("CustomInvoicingDiscountExternalId", struct external_discount, discount_rows);

static const struct field draft_invoicing_rows[] = {
    FIELD(struct external_draft_invoicing, invoice_number, TEXT, .form = FORM_NAME),
    FIELD(struct external_draft_invoicing, external_id, TEXT),
    FIELD(struct external_draft_invoicing, line_external_ids, LIST, .sub = &line_fields),
    FIELD(struct external_draft_invoicing, line_discount_external_ids, LIST,
          .sub = &discount_fields),
};
static const struct fields draft_invoicing_fields =
    FIELDS("CustomInvoicingSyncResult", struct external_draft_invoicing, draft_invoicing_rows);

static const struct field draft_rows[] = {
    FIELD_STRUCT(struct external_draft, invoicing, &draft_invoicing_fields,
                 .set_offset = offsetof(struct external_draft, has_invoicing)),
};
const struct fields external_draft_fields =
    FIELDS("CustomInvoicingDraftSynchronizedRequest", struct external_draft, draft_rows);

static const struct field issue_invoicing_rows[] = {
    FIELD(struct external_issue_invoicing, invoice_number, TEXT, .form = FORM_NAME,
          .about = "The draft's, when that got one; else a number of ours, INV-…."),
    FIELD(struct external_issue_invoicing, sent_to_customer_at, INSTANT),
};
static const struct fields issue_invoicing_fields = FIELDS(
    "CustomInvoicingFinalizedInvoicing", struct external_issue_invoicing, issue_invoicing_rows);

static const struct field issue_payment_rows[] = {
    FIELD(struct external_issue_payment, external_id, TEXT),
};
static const struct fields issue_payment_fields =
    FIELDS("CustomInvoicingFinalizedPayment", struct external_issue_payment, issue_payment_rows);

static const struct field issue_rows[] = {
    FIELD_STRUCT(struct external_issue, invoicing, &issue_invoicing_fields,
                 .set_offset = offsetof(struct external_issue, has_invoicing)),
    FIELD_STRUCT(struct external_issue, payment, &issue_payment_fields,
                 .set_offset = offsetof(struct external_issue, has_payment)),
};
const struct fields external_issue_fields =
    FIELDS("CustomInvoicingFinalizedRequest", struct external_issue, issue_rows);

static const struct field payment_rows[] = {
    FIELD_WORD(struct external_payment, trigger, trigger_words, .flags = FIELD_REQUIRED),
};
const struct fields external_payment_fields =
    FIELDS("CustomInvoicingUpdatePaymentStatusRequest", struct external_payment, payment_rows);
