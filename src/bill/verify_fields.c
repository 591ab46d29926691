/* verify_fields.c: what verifying found, as it is printed. */
#include "bill/verify.h"

static const struct field difference_rows[] = {
    FIELD_ID(struct verify_difference, line_id, .about = "Absent: of the invoice itself."),
    FIELD(struct verify_difference, field, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct verify_difference, stored, TEXT, .about = "Absent: nothing is stored."),
    FIELD(struct verify_difference, derived, TEXT,
          .about = "What comes out when it is reckoned again; absent: nothing."),
};
const struct fields verify_difference_fields =
    FIELDS("InvoiceDifference", struct verify_difference, difference_rows);

static const struct field report_rows[] = {
    FIELD_ID(struct verify_report, invoice_id, .flags = FIELD_REQUIRED),
    FIELD(struct verify_report, number, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct verify_report, lines, INT, .flags = FIELD_REQUIRED),
    FIELD(struct verify_report, unmeasured, INT, .flags = FIELD_REQUIRED,
          .about = "Lines whose events are gone: their quantities were taken as stored."),
    FIELD(struct verify_report, is_same, BOOL, .flags = FIELD_REQUIRED),
    FIELD(struct verify_report, differences, LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .sub = &verify_difference_fields),
};
const struct fields verify_report_fields =
    FIELDS("InvoiceVerification", struct verify_report, report_rows);

static const struct field page_rows[] = {
    FIELD(struct verify_page, invoices, INT, .flags = FIELD_REQUIRED),
    FIELD(struct verify_page, lines, INT, .flags = FIELD_REQUIRED),
    FIELD(struct verify_page, unmeasured, INT, .flags = FIELD_REQUIRED),
    FIELD(struct verify_page, differing, LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .sub = &verify_report_fields),
    FIELD_ID(struct verify_page, next_after, .about = "Absent: there are no more."),
};
const struct fields verify_page_fields =
    FIELDS("InvoiceVerificationPage", struct verify_page, page_rows);
