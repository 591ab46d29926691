/* credit_rows.h: credit notes and credit in the store. Used by this module only. */
#ifndef BILL_CREDIT_ROWS_H
#define BILL_CREDIT_ROWS_H

#include "bill/credit_balance.h"
#include "bill/credit_note.h"

/* Stores a new note. */
NODISCARD enum err credit_rows_note_insert(struct store_tx *tx, const struct credit_note *note);

/* ERR_ABSENT. */
NODISCARD enum err credit_rows_note_get(struct cx *cx, struct store_tx *tx,
                                        struct credit_note_id id, struct credit_note *ret);

/* All notes of an invoice, oldest first. */
NODISCARD enum err credit_rows_notes_of(struct cx *cx, struct store_tx *tx,
                                        struct invoice_id invoice, struct list *ret);

/* One page, oldest first, and how many there are; of one invoice unless its id is zero. */
NODISCARD enum err credit_rows_note_page(struct cx *cx, struct store_tx *tx,
                                         struct invoice_id invoice, struct page page,
                                         struct list *ret);
NODISCARD enum err credit_rows_note_count(struct cx *cx, struct store_tx *tx,
                                          struct invoice_id invoice, int64_t *ret);

/* The newest entry of a customer in a currency; ERR_ABSENT. */
NODISCARD enum err credit_rows_last(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                    text currency, struct credit_entry *ret);

/* ERR_CONFLICT when the customer has an entry with its number. */
NODISCARD enum err credit_rows_entry_insert(struct store_tx *tx, const struct credit_entry *entry);

/* What a customer has: struct credit_balance, by currency. */
NODISCARD enum err credit_rows_balances(struct cx *cx, struct store_tx *tx,
                                        struct customer_id customer, struct list *ret);

/* One page of a customer's entries, newest first, and how many there are. */
NODISCARD enum err credit_rows_entry_page(struct cx *cx, struct store_tx *tx,
                                          struct customer_id customer, struct page page,
                                          struct list *ret);
NODISCARD enum err credit_rows_entry_count(struct cx *cx, struct store_tx *tx,
                                           struct customer_id customer, int64_t *ret);

#endif
