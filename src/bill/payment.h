/* payment.h: what was paid on an invoice, tried, taken back and given back.
 *
 * Every attempt is a row: charges that an app made, payments that somebody recorded (a bank
 * transfer), refunds that were made. Rows are never changed. What an invoice still wants is the
 * difference of what is owed and what the rows add up to; the state of the invoice follows: when
 * nothing is outstanding it is paid.
 *
 * A payment of more than is outstanding is taken, and the difference is to be refunded; so is all
 * that was paid on an invoice that is voided.
 *
 * Not here: when attempts are made again (dunning.h), states of invoices (invoice_state.h).
 */
#ifndef BILL_PAYMENT_H
#define BILL_PAYMENT_H

#include "bill/invoice_app.h"

ID_TYPE(payment);

enum payment_type {
    PAYMENT_MANUAL, /* recorded by hand */
    PAYMENT_REFUND, /* given back, recorded by hand */
    PAYMENT_CHARGE, /* an app's attempt to get the money, or what it was told of one */
    PAYMENT_CREDIT, /* from what the customer had to its credit */
    PAYMENT_TYPE_COUNT
};

enum payment_status {
    PAYMENT_SUCCEEDED,
    PAYMENT_FAILED,
    PAYMENT_ACTION_REQUIRED, /* the payer has to do something first */
    PAYMENT_DISPUTED,        /* it was made, and the payer took it back */
    PAYMENT_STATUS_COUNT
};

/* A reference: `{id}`. */
struct payment_reference {
    struct any_id id;
};

struct payment {
    struct payment_id id;
    struct org_id org_id;
    struct invoice_id invoice_id;
    struct customer_id customer_id;
    int64_t number; /* 1, 2, … on the invoice */
    enum payment_type type;
    enum payment_status status;
    dec amount; /* above 0, whatever the type */
    text currency;
    text method;       /* "card", "bank_transfer", …; ptr NULL when it is not known */
    text reference;    /* what others call it; ptr NULL when they do not */
    text failure_code; /* "card_declined"; ptr NULL unless it did not succeed */
    instant received_at;
    instant created_at;

    struct payment_reference invoice; /* views */
    struct payment_reference customer;
};

/* A request to record a payment or a refund. */
struct payment_body {
    enum payment_type type;
    dec amount;
    text method;
    text reference;
    instant received_at; /* INSTANT_NONE: now */
};

/* Where an invoice stands. */
struct payment_balance {
    dec owed;
    dec paid;        /* successful payments */
    dec refunded;    /* of them, given back */
    dec outstanding; /* 0 or more */
    dec refund_due;  /* 0 or more; one of the two is 0 */
    int64_t count;   /* of rows */
    int64_t failures;
    instant first_failure_at; /* INSTANT_NONE without failures */
};

/* The balance as it is answered. */
struct invoice_balance {
    struct payment_reference invoice;
    text currency;
    text status; /* the invoice's extended one */
    struct payment_balance sums;
    instant due_at;
    instant next_retry_at; /* INSTANT_NONE: no attempt is planned */
};

extern const struct fields payment_fields;
extern const struct fields payment_body_fields;
extern const struct fields invoice_balance_fields;

/* ---- rules (pure) -------------------------------------------------------------------------- */

/* What credit notes leave of what an invoice asks for, which is 0 or more. */
struct payment_claim {
    dec owed;   /* 0 or more */
    dec beyond; /* credited beyond what it asks for: lines that took something off had netted it */
};
struct payment_claim payment_claim_of(dec asked, dec credited);

/* What rows (struct payment, oldest first) leave of an amount that is owed. Invalid amounts where
 * the sums are too large. */
struct payment_balance payment_balance_of(dec owed, const struct list *payments);

/* Whether a payment or a refund can be recorded: FAULT_PAYMENT_AMOUNT for one that is not above 0
 * or finer than the currency, FAULT_REFUND_TOO_LARGE for a refund of more than is due. */
enum fault payment_check(const struct payment_body *body, const struct payment_balance *balance,
                         const struct currency *currency);

/* ---- commands ------------------------------------------------------------------------------ */

/* Records a payment or a refund; a payment that leaves nothing outstanding makes the invoice paid.
 * FAULT_INVOICE_ABSENT, FAULT_PAYMENT_STATE for invoices that are not issued, deleted ones and
 * payments on voided ones, FAULT_PAYMENT_AMOUNT, FAULT_PAYMENT_TIME, FAULT_REFUND_TOO_LARGE. */
NODISCARD enum err payment_record(struct cx *cx, struct invoice_id id,
                                  const struct payment_body *body, struct payment *ret);

/* One page of the payments on an invoice, oldest first: struct payment. FAULT_INVOICE_ABSENT. */
NODISCARD enum err payment_list(struct cx *cx, struct invoice_id id, struct page page,
                                struct list *ret, int64_t *ret_total);

/* Where the invoice stands. FAULT_INVOICE_ABSENT. */
NODISCARD enum err payment_balance_get(struct cx *cx, struct invoice_id id,
                                       struct invoice_balance *ret);

/* Gives up an invoice that is not paid. FAULT_INVOICE_ABSENT, FAULT_INVOICE_ACTION. */
NODISCARD enum err payment_give_up(struct cx *cx, struct invoice_id id,
                                   struct invoice_balance *ret);

/* A program outside reports what became of the payment (custom invoicing). The same report twice
 * changes nothing. FAULT_INVOICE_ABSENT, FAULT_APP_TYPE_OTHER for invoices of other apps,
 * FAULT_PAYMENT_TRIGGER where the state does not allow it. */
NODISCARD enum err payment_report(struct cx *cx, struct invoice_id id,
                                  enum invoice_trigger trigger);

/* ---- for apps, in the transaction that moves the invoice ------------------------------------ */

/* An app's attempt. */
struct payment_attempt {
    enum payment_status status;
    text method;
    text failure_code;
};

/* What is outstanding on the invoice. */
NODISCARD enum err payment_outstanding(const struct app_call *call, struct payment_balance *ret);

/* Writes the attempt to get what is outstanding, and says what follows: the trigger of its outcome,
 * or that the money is given up. Plans the next attempt after a failure. */
NODISCARD enum err payment_attempt_made(const struct app_call *call,
                                        const struct payment_balance *balance,
                                        const struct payment_attempt *attempt,
                                        enum invoice_trigger *ret);

#endif
