/* payment_inside.h: what payments and credit share. Used by this module only. */
#ifndef BILL_PAYMENT_INSIDE_H
#define BILL_PAYMENT_INSIDE_H

#include "bill/credit_note.h"
#include "bill/invoice_work.h"
#include "bill/payment.h"

/* An invoice in hand, with what was paid on it and taken back of it. */
struct payment_case {
    struct invoice_work work;
    struct list payments; /* of struct payment */
    struct list notes;    /* of struct credit_note */
    struct payment_balance balance;
};

/* Reads it, and enters its customer's clock. FAULT_INVOICE_ABSENT. */
NODISCARD enum err payment_case_read(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                     struct payment_case *ret);

/* Moves the invoice, and takes back the attempts that were planned. */
NODISCARD enum err payment_case_move(struct cx *cx, struct store_tx *tx, struct payment_case *one,
                                     enum invoice_trigger trigger);

/* Whether the invoice's state has a row for the trigger. */
bool payment_case_can(struct cx *cx, const struct payment_case *one, enum invoice_trigger trigger);

/* What an invoice asks for before credit notes: nothing once it is voided, before it is issued, and
 * where it comes to less than nothing. */
dec payment_asked(const struct invoice_record *record);

/* What it still wants when `notes` (struct credit_note) took back a part. */
dec payment_owed(const struct invoice_record *record, const struct list *notes);

/* Where the invoice stands, also while it is being issued. */
NODISCARD enum err payment_balance_read(struct cx *cx, struct store_tx *tx,
                                        const struct invoice_record *record,
                                        struct payment_balance *ret);

/* The next row of an invoice that has `count`, to be filled. */
struct payment payment_row_of(struct cx *cx, const struct invoice_record *record, int64_t count);

/* Stores a row and tells others of it. ERR_CONFLICT when the invoice has one with its number. */
NODISCARD enum err payment_row_add(struct cx *cx, struct store_tx *tx,
                                   const struct payment *payment);

/* Keeps an amount that was paid on the invoice and is to be given back as credit; recorded as a
 * refund. */
NODISCARD enum err credit_keep(struct cx *cx, struct store_tx *tx,
                               const struct invoice_record *invoice, dec amount);

#endif
