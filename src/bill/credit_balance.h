/* credit_balance.h: money that a customer has to its credit, by currency.
 *
 * It comes from credit notes on invoices that are paid already, and from invoices that come to less
 * than nothing: such a one is never to be paid, what is left over is kept here. The next invoices
 * use it before anybody is charged. Every change is an entry with the balance after it; entries are
 * never changed, and a balance never falls below zero.
 */
#ifndef BILL_CREDIT_BALANCE_H
#define BILL_CREDIT_BALANCE_H

#include "bill/payment.h"

ID_TYPE(credit_entry);

enum credit_entry_type {
    CREDIT_FROM_NOTE,    /* given back by a credit note */
    CREDIT_FROM_INVOICE, /* an invoice that came to less than nothing */
    CREDIT_USED,         /* paid an invoice with it */
    CREDIT_RELEASED,     /* that invoice was voided */
    CREDIT_ENTRY_TYPE_COUNT
};

struct credit_entry {
    struct credit_entry_id id;
    struct org_id org_id;
    struct customer_id customer_id;
    text currency;
    int64_t number; /* 1, 2, … of the customer and currency */
    enum credit_entry_type type;
    dec amount;  /* below 0 where it was used */
    dec balance; /* after it */
    struct invoice_id invoice_id;
    instant created_at;

    struct payment_reference invoice; /* view */
};

/* What a customer has in one currency. */
struct credit_balance {
    text currency;
    dec balance;
    instant updated_at;
};

extern const struct fields credit_entry_fields;
extern const struct fields credit_balance_fields;

/* The balances of a customer, by currency: struct credit_balance. FAULT_CUSTOMER_ABSENT. */
NODISCARD enum err credit_balances(struct cx *cx, struct customer_id customer, struct list *ret);

/* One page of a customer's entries, newest first: struct credit_entry. FAULT_CUSTOMER_ABSENT. */
NODISCARD enum err credit_entries(struct cx *cx, struct customer_id customer, struct page page,
                                  struct list *ret, int64_t *ret_total);

/* ---- in the caller's transaction ----------------------------------------------------------- */

/* Adds an entry for an invoice of the customer's. The amount is rounded to the currency and keeps
 * the balance at 0 or more. */
NODISCARD enum err credit_add(struct cx *cx, struct store_tx *tx,
                              const struct invoice_record *invoice, enum credit_entry_type type,
                              dec amount);

/* Pays as much of the invoice as the customer has to its credit, as a payment of type credit; an
 * invoice of less than nothing gives to it instead. `ret_is_paid`: nothing is outstanding. */
NODISCARD enum err credit_pay(struct cx *cx, struct store_tx *tx,
                              const struct invoice_record *invoice, bool *ret_is_paid);

/* Gives back what the invoice, which was voided, had used; recorded as a refund. */
NODISCARD enum err credit_release(struct cx *cx, struct store_tx *tx,
                                  const struct invoice_record *invoice);

#endif
