/* invoice.h: what a customer owes: invoices, their lines, and the arithmetic under each line.
 *
 * While a subscription runs, its pending lines hang on the customer's gathering invoice, one for
 * each currency. A preview rates these lines live: quantities from the usage there is now, prices
 * from the subscription's items, one rounding per detailed line. Nothing of it is stored, so two
 * previews over the same usage are equal byte for byte.
 *
 * Here: the structs, their field tables in both dialects, the pure rules and the preview. What
 * makes and removes lines is in billing.h.
 */
#ifndef BILL_INVOICE_H
#define BILL_INVOICE_H

#include "customer/customer.h"
#include "rating/rate.h"
#include "subscribe/subscription.h"

ID_TYPE(invoice);
ID_TYPE(line);
ID_TYPE(profile);
ID_TYPE(detail);

enum invoice_type { INVOICE_STANDARD, INVOICE_TYPE_COUNT };

enum invoice_status { INVOICE_GATHERING, INVOICE_STATUS_COUNT };

/* Amounts with exactly the currency's digits. */
struct invoice_totals {
    dec amount;
    dec charges_total;
    dec discounts_total;
    dec credits_total;
    dec taxes_inclusive_total;
    dec taxes_exclusive_total;
    dec taxes_total;
    dec total;
};

struct invoice_period {
    instant from;
    instant to;
};

/* One priced part of a line. */
struct invoice_detail {
    struct detail_id id; /* derived from the line and child_id: the same at every preview */
    text child_id;       /* "unit-price-usage", "flat-price" */
    text name;
    dec quantity;
    dec unit_price; /* full precision; v1: perUnitAmount */
    enum rate_category category;
    struct invoice_totals totals;
    struct invoice_period service_period; /* v1: period */
    instant created_at;
    instant updated_at;

    text currency; /* views, v1 */
    instant invoice_at;
    enum payment_term payment_term;
    int type;       /* flat_fee */
    int managed_by; /* subscription */
    int status;     /* detailed */
};

struct invoice_line {
    struct line_id id;
    struct subscription_id subscription_id;
    struct phase_id phase_id;
    struct item_id item_id;
    text reference; /* "{subscription}/{phase}/{item}/v[0]/period[3]" */
    text name;
    text description;
    instant created_at;
    instant updated_at;
    instant invoice_at;
    struct invoice_period service_period; /* v1: period */
    struct invoice_period full_service_period;
    struct invoice_period billing_period;
    struct price price;
    enum payment_term payment_term;
    text feature_key;
    dec quantity;        /* metered; 1 for flat prices */
    struct list details; /* of struct invoice_detail */
    struct invoice_totals totals;

    text currency;        /* views from here */
    text price_v1;        /* JSON */
    text price_v3;        /* JSON */
    text rate_card_v1;    /* JSON */
    text rate_card_v3;    /* JSON */
    text subscription_v1; /* JSON */
    text subscription_v3; /* JSON */
    dec metered_quantity; /* v1; invalid for flat prices */
    dec prior_quantity;   /* v1: before this line's period; 0 for metered prices */
    bool has_usage;       /* v3 usage_quantity_detail */

    struct invoice_usage {
        dec raw_quantity;
        dec invoiced_quantity;
    } usage;

    int type_v1; /* usage_based */
    int type_v3; /* standard_line */
    int managed_by;
    int lifecycle_controller;
    int status;
};

/* Something wrong with an invoice, found while it was made. */
struct invoice_issue {
    text severity; /* "critical" */
    text code;
    text message;
    text field;
    text component;
};

struct invoice {
    struct invoice_id id;
    text number; /* "GATHER-ACIN-USD-1" */
    text description;
    enum invoice_type type;
    enum invoice_status status;
    text currency;
    struct customer customer;     /* as it is now */
    text supplier;                /* JSON */
    bool has_period;              /* there are lines */
    struct invoice_period period; /* v3: service_period */
    struct invoice_totals totals;
    instant collection_at; /* when the first of its lines is due */
    instant created_at;
    instant updated_at;
    struct list lines;  /* of struct invoice_line: by name, period start, id */
    struct list issues; /* of struct invoice_issue */

    text customer_v1; /* views, JSON */
    text customer_v3;
    text status_details_v1;
    text status_details_v3;
    text workflow_v1;
    text workflow_v3;
};

extern const struct fields invoice_totals_fields;
extern const struct fields invoice_detail_fields;
extern const struct fields invoice_line_fields;
extern const struct fields invoice_fields;

/* The customer's gathering invoices, one for each currency, rated with the usage visible now: a
 * list of struct invoice, by currency, in cx->arena; empty when nothing is pending. Print each
 * with fields_write(&invoice_fields, …). FAULT_CUSTOMER_ABSENT, FAULT_AMOUNT_OVERFLOW. A line
 * whose meter is gone has quantity 0 and an issue. */
NODISCARD enum err invoice_preview(struct cx *cx, text customer_id_or_key, struct list *ret);

/* ---- pure rules --------------------------------------------------------------------------- */

/* The letters that stand for a customer in invoice numbers: the name in ASCII capitals, two of
 * each of its first two words, or four of a single one; "UNKN" when nothing is left. */
text invoice_number_letters(struct arena *arena, text name);

/* "GATHER-{letters}-{currency}-{n}". */
text invoice_number_gathering(struct arena *arena, text name, text currency, int64_t n);

#endif
