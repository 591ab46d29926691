/* invoice_app.h: what carries invoices out of the house, and the money in.
 *
 * An app is a table of functions, found by the type that an invoice's workflow names. They are
 * called while the invoice moves through its states (invoice_state.h), inside the transaction that
 * moves it: they decide and write rows, and never wait for somebody outside. An app that has to
 * wait answers APP_WAITS; the invoice stays where it is until bill_invoice_resume or
 * payment_report is called.
 *
 * To add one: define a struct invoice_app and list it in invoice_apps.c.
 */
#ifndef BILL_INVOICE_APP_H
#define BILL_INVOICE_APP_H

#include "bill/invoice_record.h"
#include "bill/invoice_tax.h"

enum app_outcome {
    APP_DONE,
    APP_WAITS, /* somebody will say when it is done */
    APP_FAILED /* with issues */
};

/* What an app calls a line or a discount of ours. */
struct app_external_id {
    ulid id;
    text external_id;
};

struct app_result {
    enum app_outcome outcome;
    struct list issues; /* of struct invoice_issue without ids; severity, code, message, field */
    text number;        /* finalize: the invoice's number; ptr NULL: it keeps the one it has */
    text invoicing_id;  /* ptr NULL: as before */
    text payment_id;
    struct list line_ids;     /* of struct app_external_id */
    struct list discount_ids; /* of struct app_external_id */
    instant sent_at;          /* INSTANT_NONE: not sent */
    int trigger;              /* pay: an enum invoice_trigger to go on with, or FIELD_ENUM_NONE */
};

/* Whom an app acts for. */
struct app_call {
    struct cx *cx;
    struct store_tx *tx;
    const struct workflow_app *app; /* of the invoice's workflow */
    const struct invoice_record *invoice;
    const struct list *lines; /* of struct line_record, deleted ones too */
};

/* Each fills `ret`, which starts as APP_DONE with nothing in it; NULL where an app has nothing to
 * do. An error other than OK undoes the transaction: a trouble of the world, not of the invoice. */
typedef enum err app_function(const struct app_call *call, struct app_result *ret);

/* Reckons taxes: as invoice_tax_lines (invoice_tax.h), which goes by the rates that were written
 * down. One that knows better, by place or by what is sold, takes its place. */
typedef enum fault app_tax(const struct tax_book *book, struct line_record *lines, size_t count,
                           const struct currency *currency, struct arena *arena);

struct invoice_app {
    const char *type;       /* as in struct workflow_app */
    app_tax *tax;           /* of the tax app, whenever lines are rated */
    app_function *validate; /* is the invoice one that it can handle: issues, critical ones too */
    app_function *upsert;   /* draft.syncing: here is the draft, or a new version of it */
    app_function *finalize; /* issuing.syncing: it is issued now; may wait */
    app_function *remove;   /* delete.syncing */
    app_function *pay;      /* payment_processing.pending, of the payment app */
};

/* The app of a type; NULL when this program has none such. Static. */
const struct invoice_app *invoice_app_find(text type);

/* The next number of a series of the organization, taken in the transaction: "INV" gives
 * "INV-TECU-1". A transaction that is undone gives its number back, so there are no gaps. */
NODISCARD enum err invoice_number_take(struct cx *cx, struct store_tx *tx, text series,
                                       text customer_name, text *ret);

/* ---- for callbacks ------------------------------------------------------------------------- */

/* Somebody outside has done what the state waited for (draft.syncing, issuing.syncing), as `result`
 * says. Refuses with FAULT_INVOICE_ABSENT, or FAULT_INVOICE_ACTION when the invoice is in no such
 * state. A transaction of its own. */
NODISCARD enum err bill_invoice_resume(struct cx *cx, struct invoice_id id,
                                       enum invoice_state state, const struct app_result *result);

#endif
