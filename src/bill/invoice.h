/* invoice.h: what a customer owes: invoices, their lines, and the arithmetic under each line.
 *
 * While a subscription runs, its pending lines hang on the customer's gathering invoice, one for
 * each currency. A preview rates these lines live: quantities from the usage there is now, prices
 * from the subscription's items, one rounding per detailed line. Nothing of it is stored, so two
 * previews over the same usage are equal byte for byte.
 *
 * Here: the invoice as it is printed (its lines are in invoice_line.h), the field tables in both
 * dialects, the preview and the pure rules of numbers. What makes and removes lines is in
 * billing.h, how lines become an invoice in invoice_rate.h.
 */
#ifndef BILL_INVOICE_H
#define BILL_INVOICE_H

#include "bill/invoice_line.h"
#include "bill/invoice_search.h"
#include "bill/workflow.h"
#include "customer/customer.h"

enum invoice_type { INVOICE_STANDARD, INVOICE_TYPE_COUNT };

enum invoice_status {
    INVOICE_GATHERING,
    INVOICE_DRAFT,
    INVOICE_ISSUING,
    INVOICE_ISSUED,
    INVOICE_PAYMENT_PROCESSING,
    INVOICE_OVERDUE,
    INVOICE_PAID,
    INVOICE_UNCOLLECTIBLE,
    INVOICE_VOIDED,
    INVOICE_DELETE, /* being deleted */
    INVOICE_DELETED,
    INVOICE_STATUS_COUNT
};

/* NULL-terminated, in the order of enum invoice_status. */
extern const char *const invoice_status_words[];

/* ---- invoices ------------------------------------------------------------------------------ */

struct invoice_tax_id {
    text code;
};

struct invoice_customer {
    struct customer_id id;
    text key;
    text name;
    struct customer_attribution usage_attribution;
    bool has_usage_attribution; /* always: v1 wants it, empty or not */
    bool has_billing_address;   /* v3 */
    struct address billing_address;
    struct list addresses; /* v1: at most one struct address */
    bool has_tax_id;       /* v1 */
    struct invoice_tax_id tax_id;
};

/* v3: `addresses: {billing_address}`. */
struct invoice_addresses {
    struct address billing_address;
};

/* The supplier as it is printed. */
struct invoice_supplier_view {
    text id;
    text key;
    text name;
    bool has_tax_id;
    struct invoice_tax_id tax_id;
    struct list addresses_v1; /* at most one struct address */
    bool has_addresses;
    struct invoice_addresses addresses_v3;
};

struct invoice_status_details {
    bool is_immutable;
    bool is_failed;
    text extended_status;
    text actions_v1; /* JSON */
    text actions_v3; /* JSON */
};

/* v3: the apps of the invoice. */
struct invoice_apps {
    struct invoice_reference tax;
    struct invoice_reference invoicing;
    struct invoice_reference payment;
};

struct invoice_workflow_view {
    struct profile_id source_profile_v1;
    bool has_apps;
    struct invoice_apps apps; /* v3 */
    text apps_v1;             /* JSON: references, or whole apps when asked for (invoice_expand) */
    struct invoice_reference source_profile_v3;
    text settings_v1; /* JSON */
    text settings_v3; /* JSON */
};

/* Something wrong with an invoice, found while it was made. */
struct invoice_issue {
    struct detail_id id; /* v1; derived from the line and the code */
    text severity;       /* "critical" */
    text code;
    text message;
    text field;
    text component;             /* v1 */
    struct text_map attributes; /* v1: metadata; more of what it is about: {"line_id": "…"} */
    instant created_at;
    instant updated_at;
};

enum payment_terms_type { TERMS_INSTANT, TERMS_DUE_DATE, TERMS_COUNT };

/* v1: how much has to be paid by when. */
struct payment_due {
    instant due_at;
    dec amount;
    dec percent;
    text currency;
};

struct payment_terms {
    int type;        /* enum payment_terms_type */
    text detail;     /* for people: "$12.50 by 2026-03-03" */
    struct list due; /* of TERMS_DUE_DATE: one struct payment_due */
};

struct invoice_payment_view {
    struct payment_terms terms;
};

/* v1: an earlier invoice that this one corrects. */
struct invoice_preceding {
    int type; /* 0: credit_note_original_invoice, the contract's only word */
    text reason;
    text number;
    instant issued_at;
    text url;
};

struct invoice {
    struct invoice_id id;
    text number; /* "GATHER-ACIN-USD-1" */
    text description;
    struct text_map labels; /* v1: metadata */
    enum invoice_type type;
    enum invoice_status status;
    struct invoice_status_details status_details;
    text currency;
    struct invoice_customer customer;
    struct invoice_supplier_view supplier;
    struct invoice_workflow_view workflow;
    bool has_period;              /* there are lines */
    struct invoice_period period; /* v3: service_period */
    struct rate_totals totals;    /* sums of the lines */
    instant collection_at;        /* of a gathering one: when the first of its lines is due */
    instant quantity_snapshotted_at;
    instant draft_until;
    instant issued_at;
    instant due_at;
    instant sent_at;
    instant voided_at;
    bool has_external_v1;
    struct invoice_external_v1 external_v1;
    bool has_external_v3;
    struct invoice_external_v3 external_v3;
    instant created_at;
    instant updated_at;
    instant deleted_at;
    struct list lines;  /* of struct invoice_line: by name, period start, id */
    struct list issues; /* of struct invoice_issue */
    bool has_payment;   /* v1: known when it is due */
    struct invoice_payment_view payment;
    struct list preceding; /* v1: of struct invoice_preceding, when asked for (invoice_expand) */
};

extern const struct fields invoice_detail_fields;
extern const struct fields invoice_line_fields;
extern const struct fields invoice_fields;
extern const struct fields invoice_issue_fields;
extern const struct fields invoice_rate_card_fields;
extern const struct fields invoice_supplier_view_fields;
extern const struct fields invoice_customer_fields;

/* The customer's gathering invoices, one for each currency, rated with the usage visible now: a
 * list of struct invoice, by currency, in cx->arena; empty when nothing is pending. Print each
 * with fields_write(&invoice_fields, …). FAULT_CUSTOMER_ABSENT, FAULT_CUSTOMER_DELETED,
 * FAULT_AMOUNT_OVERFLOW. A line whose quantity cannot be had (its meter is gone) has quantity 0
 * and an issue. */
NODISCARD enum err invoice_preview(struct cx *cx, text customer_id_or_key, struct list *ret);

/* What is put into invoices besides, when it is asked for. v1. */
struct invoice_expansion {
    bool has_preceding; /* the invoices that it corrects: `preceding` */
    bool has_apps;      /* whole apps in place of references: `workflow.apps_v1` */
};

/* Puts it into `count` invoices. */
NODISCARD enum err invoice_expand(struct cx *cx, const struct invoice_expansion *expansion,
                                  struct invoice *invoices, size_t count);

/* One page of the organization's invoices; gathering ones are rated as in a preview: struct
 * invoice, with their lines. `ret_total` counts all pages. */
NODISCARD enum err invoice_list(struct cx *cx, const struct invoice_search *search,
                                struct list *ret, int64_t *ret_total);

/* One invoice; a gathering one rated as in a preview. FAULT_INVOICE_ABSENT. */
NODISCARD enum err invoice_get(struct cx *cx, struct invoice_id id, bool with_deleted_lines,
                               struct invoice *ret);

/* ---- pure rules of numbers ------------------------------------------------------------------ */

/* The letters that stand for a customer in invoice numbers: the name in ASCII capitals, two of
 * each of its first two words, or four of a single one; "UNKN" when nothing is left. */
text invoice_number_letters(struct arena *arena, text name);

/* "GATHER-{letters}-{currency}-{n}". */
text invoice_number_gathering(struct arena *arena, text name, text currency, int64_t n);

/* "{series}-{letters}-{n}". */
text invoice_number_series(struct arena *arena, text series, text name, int64_t n);

#endif
