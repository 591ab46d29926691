/* credit_fields.c: the field tables of credit notes and of credit; they are ours, and answered by
 * v3 only. */
#include "bill/credit_balance.h"
#include "bill/credit_note.h"

#include "bill/invoice_tax.h"

static const char *const settlement_words[] = { "balance", "refund", NULL };
static const char *const source_words[] = { "manual", "subscription", NULL };
static const char *const entry_words[] = { "credit_note", "invoice", "used", "released", NULL };

_Static_assert(COUNT_OF(settlement_words) == CREDIT_SETTLEMENT_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(source_words) == CREDIT_SOURCE_COUNT + 1, "one word each");
_Static_assert(COUNT_OF(entry_words) == CREDIT_ENTRY_TYPE_COUNT + 1, "one word each");

#define PRINTED (FIELD_READ_ONLY | FIELD_REQUIRED)

/* ---- notes --------------------------------------------------------------------------------- */

static const struct field tax_rows[] = {
    FIELD_ID(struct line_tax, tax_code_id, .flags = PRINTED),
    FIELD(struct line_tax, name, TEXT, .flags = PRINTED),
    FIELD(struct line_tax, percentage, DEC, .flags = PRINTED),
    FIELD(struct line_tax, is_inclusive, BOOL, .flags = PRINTED,
          .about = "Whether the price contains it."),
    FIELD(struct line_tax, base, DEC, .flags = PRINTED, .about = "Without tax."),
    FIELD(struct line_tax, tax, DEC, .flags = PRINTED),
};
static const struct fields tax_fields = FIELDS("CreditNoteTax", struct line_tax, tax_rows);

static const struct field line_rows[] = {
    FIELD_ID(struct credit_line, line_id, .flags = PRINTED, .about = "The invoice's line."),
    FIELD(struct credit_line, name, TEXT, .flags = PRINTED),
    FIELD(struct credit_line, amount, DEC, .flags = PRINTED,
          .about = "Of the line's price, without taxes that are added to it."),
    FIELD(struct credit_line, taxes, LIST, .sub = &tax_fields, .flags = PRINTED | FIELD_ALWAYS),
    FIELD_STRUCT(struct credit_line, totals, &rate_totals_fields, .flags = PRINTED),
};
static const struct fields line_fields = FIELDS("CreditNoteLine", struct credit_line, line_rows);

static const struct field note_rows[] = {
    FIELD_ID(struct credit_note, id, .flags = PRINTED),
    FIELD_ID(struct credit_note, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct credit_note, invoice_id, .flags = PRINTED),
    FIELD_ID(struct credit_note, customer_id, .flags = PRINTED),
    FIELD(struct credit_note, number, TEXT, .flags = PRINTED,
          .about = "Of a series of its own, without gaps."),
    FIELD(struct credit_note, currency, TEXT, .flags = PRINTED),
    FIELD(struct credit_note, reason, TEXT),
    FIELD_WORD(struct credit_note, settlement, settlement_words, .flags = PRINTED),
    FIELD_WORD(struct credit_note, source, source_words, .flags = PRINTED,
               .about = "Whether somebody issued it, or a subscription that gave up paid time."),
    FIELD(struct credit_note, lines, LIST, .sub = &line_fields, .flags = PRINTED),
    FIELD_STRUCT(struct credit_note, totals, &rate_totals_fields, .flags = PRINTED),
    FIELD(struct credit_note, issued_at, INSTANT, .flags = PRINTED),
};
const struct fields credit_note_fields = FIELDS("CreditNote", struct credit_note, note_rows);

static const struct field wish_rows[] = {
    FIELD_ID(struct credit_wish, line_id, .flags = FIELD_REQUIRED),
    FIELD(struct credit_wish, amount, DEC,
          .about = "Of the line's price, without taxes that are added to it; all that is left, "
                   "unless said."),
};
static const struct fields wish_fields =
    FIELDS("CreditNoteLineRequest", struct credit_wish, wish_rows);

static const struct field body_rows[] = {
    FIELD(struct credit_note_body, lines, LIST, .sub = &wish_fields, .items_min = 1,
          .about = "What is given back; all that is left of every line, unless said."),
    FIELD(struct credit_note_body, reason, TEXT, .form = FORM_DESCRIPTION),
    FIELD_WORD(struct credit_note_body, settlement, settlement_words, .fallback = 1,
               .about = "What becomes of money that was paid already: balance keeps it for the "
                        "customer's next invoices, refund has it paid back."),
};
const struct fields credit_note_body_fields =
    FIELDS("IssueCreditNoteRequest", struct credit_note_body, body_rows);

/* ---- credit -------------------------------------------------------------------------------- */

static const struct field reference_rows[] = {
    FIELD_ID(struct payment_reference, id, .flags = FIELD_REQUIRED),
};
static const struct fields reference_fields =
    FIELDS("CreditReference", struct payment_reference, reference_rows);

static const struct field entry_rows[] = {
    FIELD_ID(struct credit_entry, id, .flags = PRINTED),
    FIELD_ID(struct credit_entry, org_id, .flags = FIELD_NOT_JSON),
    FIELD_ID(struct credit_entry, customer_id, .flags = FIELD_NOT_JSON),
    FIELD(struct credit_entry, currency, TEXT, .flags = PRINTED),
    FIELD(struct credit_entry, number, INT, .flags = PRINTED,
          .about = "Counts the customer's entries in the currency."),
    FIELD_WORD(struct credit_entry, type, entry_words, .flags = PRINTED),
    FIELD(struct credit_entry, amount, DEC, .flags = PRINTED, .about = "Below 0 where it is used."),
    FIELD(struct credit_entry, balance, DEC, .flags = PRINTED, .about = "After the entry."),
    FIELD_ID(struct credit_entry, invoice_id, .flags = FIELD_NOT_JSON),
    FIELD_STRUCT(struct credit_entry, invoice, &reference_fields,
                 .flags = PRINTED | FIELD_NOT_COLUMN),
    FIELD(struct credit_entry, created_at, INSTANT, .flags = PRINTED),
};
const struct fields credit_entry_fields =
    FIELDS("CustomerCreditEntry", struct credit_entry, entry_rows);

static const struct field balance_rows[] = {
    FIELD(struct credit_balance, currency, TEXT, .flags = PRINTED),
    FIELD(struct credit_balance, balance, DEC, .flags = PRINTED),
    FIELD(struct credit_balance, updated_at, INSTANT, .flags = PRINTED),
};
const struct fields credit_balance_fields =
    FIELDS("CustomerCreditBalance", struct credit_balance, balance_rows);
