/* credit_note.h: what is given back of an issued invoice.
 *
 * An issued invoice never changes; a credit note takes back a part of its lines, with the taxes
 * they bear. What a line's notes come to together is reckoned from the whole that has been taken
 * back so far, less what earlier notes gave, so that notes over a whole line add up to the line,
 * whatever they were rounded to (architecture, rule 4: a credit is original minus kept).
 *
 * A credit note first lowers what the invoice still wants. What was paid beyond that is given back:
 * as a refund that is due, or as a credit of the customer's (credit_balance.h), which the next
 * invoices use before anybody is charged.
 *
 * Notes come from people, and by themselves where a subscription gives up time that it has paid for
 * in advance.
 */
#ifndef BILL_CREDIT_NOTE_H
#define BILL_CREDIT_NOTE_H

#include "bill/invoice_record.h"

ID_TYPE(credit_note);

enum credit_settlement {
    CREDIT_TO_BALANCE, /* for the customer's next invoices */
    CREDIT_TO_REFUND,  /* to be paid back */
    CREDIT_SETTLEMENT_COUNT
};

enum credit_source { CREDIT_BY_HAND, CREDIT_BY_SUBSCRIPTION, CREDIT_SOURCE_COUNT };

struct credit_line {
    struct line_id line_id;
    text name;
    dec amount;        /* of the line's price: with contained taxes, without added ones */
    struct list taxes; /* of struct line_tax: of this amount */
    struct rate_totals totals;
};

struct credit_note {
    struct credit_note_id id;
    struct org_id org_id;
    struct invoice_id invoice_id;
    struct customer_id customer_id;
    text number; /* "CN-TECU-1" */
    text currency;
    text reason;
    enum credit_settlement settlement;
    enum credit_source source;
    struct list lines; /* of struct credit_line */
    struct rate_totals totals;
    instant issued_at;
};

/* One line of a request. */
struct credit_wish {
    struct line_id line_id;
    dec amount; /* as in struct credit_line; invalid: all that is left */
};

struct credit_note_body {
    struct list lines; /* of struct credit_wish; none: all that is left of every line */
    text reason;
    enum credit_settlement settlement;
};

extern const struct fields credit_note_fields;
extern const struct fields credit_note_body_fields;

/* ---- rules (pure) -------------------------------------------------------------------------- */

/* What a line's price came to: its total without taxes that were added. */
dec credit_line_price(const struct line_record *line);

/* Takes back `amount` of a line of which `credited` was taken back before, both as in struct
 * credit_line; an invalid amount takes all that is left. FAULT_CREDIT_AMOUNT for an amount that is
 * not above 0 or finer than the currency, FAULT_CREDIT_TOO_LARGE for more than is left. Lists live
 * in the arena. */
NODISCARD enum fault credit_line_reckon(const struct line_record *line, dec credited, dec amount,
                                        struct arena *arena, struct credit_line *ret);

/* What a list of struct credit_note has taken back of a line; credit_given: of them, those that a
 * subscription issued. */
dec credit_taken(const struct list *notes, struct line_id line);
dec credit_given(const struct list *notes, struct line_id line);

/* What a list of struct credit_note comes to, taxes included. */
dec credit_total(const struct list *notes);

/* ---- commands ------------------------------------------------------------------------------ */

/* Issues a note on an issued invoice, and settles it. FAULT_INVOICE_ABSENT, FAULT_CREDIT_STATE for
 * an invoice that is not issued, voided or deleted, FAULT_CREDIT_LINE for a line that is not on it,
 * and the faults of credit_line_reckon, FAULT_CREDIT_TOO_LARGE when nothing is left. */
NODISCARD enum err credit_note_issue(struct cx *cx, struct invoice_id invoice,
                                     const struct credit_note_body *body, struct credit_note *ret);

/* FAULT_CREDIT_NOTE_ABSENT. */
NODISCARD enum err credit_note_get(struct cx *cx, struct credit_note_id id,
                                   struct credit_note *ret);

/* One page, oldest first: struct credit_note; of one invoice unless its id is zero. */
NODISCARD enum err credit_note_list(struct cx *cx, struct invoice_id invoice, struct page page,
                                    struct list *ret, int64_t *ret_total);

/* ---- in the caller's transaction ----------------------------------------------------------- */

/* Issues notes for what lines that followed a subscription are to give back (struct line_credit of
 * line.h), less what such notes have given, as far as their invoices are issued. Doing it twice
 * changes nothing. */
NODISCARD enum err credit_subscription(struct cx *cx, struct store_tx *tx,
                                       struct subscription_id subscription);

/* The same for the lines of an invoice that has just been issued. */
NODISCARD enum err credit_invoice(struct cx *cx, struct store_tx *tx, struct invoice_id invoice);

/* All notes on an invoice: struct credit_note. */
NODISCARD enum err credit_notes_of_invoice(struct cx *cx, struct store_tx *tx,
                                           struct invoice_id invoice, struct list *ret);

#endif
