/* payment_fields.c: the field tables of payments. They are ours, and answered by v3 only. */
#include "bill/payment.h"

static const char *const type_words[] = { "manual", "refund", "charge", "credit", NULL };
static const char *const body_type_words[] = { "manual", "refund", NULL }; /* their beginning */
static const char *const status_words[] = { "succeeded", "failed", "action_required", "disputed",
                                            NULL };

_Static_assert(COUNT_OF(type_words) == PAYMENT_TYPE_COUNT + 1, "one word per type");
_Static_assert(COUNT_OF(status_words) == PAYMENT_STATUS_COUNT + 1, "one word per status");

#define PRINTED (FIELD_READ_ONLY | FIELD_REQUIRED)

static const struct field reference_rows[] = {
    FIELD_ID(struct payment_reference, id, .flags = FIELD_REQUIRED),
};
static const struct fields reference_fields =
    FIELDS("PaymentReference", struct payment_reference, reference_rows);

static const struct field payment_rows[] = {
    FIELD_ID(struct payment, id, .flags = PRINTED),
    FIELD_ID(struct payment, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct payment, invoice_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct payment, customer_id, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct payment, invoice, &reference_fields, .flags = PRINTED | FIELD_NOT_COLUMN),
    FIELD_STRUCT(struct payment, customer, &reference_fields, .flags = PRINTED | FIELD_NOT_COLUMN),
    FIELD(struct payment, number, INT, .flags = PRINTED,
          .about = "Counts the invoice's payments and attempts."),
    FIELD_WORD(struct payment, type, type_words, .flags = PRINTED,
               .about = "charge: an app's attempt; manual: recorded or reported; refund: given "
                        "back; credit: from the customer's credit."),
    FIELD_WORD(struct payment, status, status_words, .flags = PRINTED),
    FIELD(struct payment, amount, DEC, .flags = PRINTED),
    FIELD(struct payment, currency, TEXT, .flags = PRINTED),
    FIELD(struct payment, method, TEXT),
    FIELD(struct payment, reference, TEXT),
    FIELD(struct payment, failure_code, TEXT,
          .about = "Why it did not succeed, such as card_declined."),
    FIELD(struct payment, received_at, INSTANT),
    FIELD(struct payment, created_at, INSTANT, .flags = PRINTED),
};
const struct fields payment_fields = FIELDS("Payment", struct payment, payment_rows);

static const struct field body_rows[] = {
    FIELD_WORD(struct payment_body, type, body_type_words, .fallback = 1,
               .about = "A payment, unless said."),
    FIELD(struct payment_body, amount, DEC, .flags = FIELD_REQUIRED | FIELD_NON_NEGATIVE),
    FIELD(struct payment_body, method, TEXT, .form = FORM_NAME,
          .about = "How it was paid, such as bank_transfer."),
    FIELD(struct payment_body, reference, TEXT, .form = FORM_NAME,
          .about = "What others call it, such as the number of a statement."),
    FIELD(struct payment_body, received_at, INSTANT, .about = "Now, unless said."),
};
const struct fields payment_body_fields =
    FIELDS("RecordPaymentRequest", struct payment_body, body_rows);

static const struct field balance_rows[] = {
    FIELD_STRUCT(struct invoice_balance, invoice, &reference_fields, .flags = PRINTED),
    FIELD(struct invoice_balance, currency, TEXT, .flags = PRINTED),
    FIELD(struct invoice_balance, status, TEXT, .flags = PRINTED,
          .about = "The invoice's extended status."),
    FIELD_AS(struct invoice_balance, sums.owed, "owed", DEC, .flags = PRINTED,
             .about =
                 "The invoice's total less what credit notes took back, 0 or more; nothing once it "
                 "is voided."),
    FIELD_AS(struct invoice_balance, sums.paid, "paid", DEC, .flags = PRINTED),
    FIELD_AS(struct invoice_balance, sums.refunded, "refunded", DEC, .flags = PRINTED),
    FIELD_AS(struct invoice_balance, sums.outstanding, "outstanding", DEC, .flags = PRINTED),
    FIELD_AS(struct invoice_balance, sums.refund_due, "refund_due", DEC, .flags = PRINTED,
             .about = "Paid beyond what is owed, and not given back yet."),
    FIELD_AS(struct invoice_balance, sums.failures, "failed_attempts", INT, .flags = PRINTED),
    FIELD(struct invoice_balance, due_at, INSTANT),
    FIELD(struct invoice_balance, next_retry_at, INSTANT,
          .about = "When the payment is tried again; absent when no attempt is planned."),
};
const struct fields invoice_balance_fields =
    FIELDS("InvoiceBalance", struct invoice_balance, balance_rows);
