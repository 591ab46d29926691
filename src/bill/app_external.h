/* app_external.h: custom invoicing: what a program of the user's tells of an invoice it carries.
 *
 * Invoices of this app go out as events. With its hooks on, the app stops an invoice in
 * draft.syncing and in issuing.syncing until that program answers; the payment is always its
 * business. The three answers come in here.
 */
#ifndef BILL_APP_EXTERNAL_H
#define BILL_APP_EXTERNAL_H

#include "bill/invoice_app.h"

struct external_line {
    struct line_id line_id;
    text external_id;
};

struct external_discount {
    struct detail_id line_discount_id;
    text external_id;
};

/* ---- draft/synchronized -------------------------------------------------------------------- */

struct external_draft_invoicing {
    text invoice_number;
    text external_id;
    struct list line_external_ids;          /* of struct external_line */
    struct list line_discount_external_ids; /* of struct external_discount */
};

struct external_draft {
    struct external_draft_invoicing invoicing;
    bool has_invoicing;
};

/* ---- issuing/synchronized ------------------------------------------------------------------ */

struct external_issue_invoicing {
    text invoice_number; /* ptr NULL: a number of ours, INV-… */
    instant sent_to_customer_at;
};

struct external_issue_payment {
    text external_id;
};

struct external_issue {
    struct external_issue_invoicing invoicing;
    bool has_invoicing;
    struct external_issue_payment payment;
    bool has_payment;
};

/* ---- payment/status ------------------------------------------------------------------------ */

enum external_trigger {
    EXTERNAL_PAID,
    EXTERNAL_FAILED,
    EXTERNAL_UNCOLLECTIBLE,
    EXTERNAL_OVERDUE,
    EXTERNAL_ACTION_REQUIRED,
    EXTERNAL_VOID,
    EXTERNAL_TRIGGER_COUNT
};

struct external_payment {
    enum external_trigger trigger;
};

extern const struct fields external_draft_fields;
extern const struct fields external_issue_fields;
extern const struct fields external_payment_fields;

/* Each refuses with FAULT_INVOICE_ABSENT, with FAULT_APP_TYPE_OTHER when the invoice is not of this
 * app, and when its state is another one: with FAULT_INVOICE_ACTION the first two, with
 * FAULT_PAYMENT_TRIGGER the last. */
NODISCARD enum err external_draft_synchronized(struct cx *cx, struct invoice_id id,
                                               const struct external_draft *body);
NODISCARD enum err external_issuing_synchronized(struct cx *cx, struct invoice_id id,
                                                 const struct external_issue *body);
NODISCARD enum err external_payment_status(struct cx *cx, struct invoice_id id,
                                           const struct external_payment *body);

#endif
