/* invoice_line.h: the lines of an invoice and their detailed lines, as they are printed.
 *
 * Structs only, with the views of both dialects: what is stored of a line is in line.h and
 * invoice_record.h, how one is rated in invoice_rate.h, its field tables in invoice.h.
 */
#ifndef BILL_INVOICE_LINE_H
#define BILL_INVOICE_LINE_H

#include "rating/rate.h"
#include "subscribe/subscription.h"

ID_TYPE(invoice);
ID_TYPE(line);
ID_TYPE(detail);
ID_TYPE(any);

struct invoice_period {
    instant from;
    instant to;
};

/* A reference: `{id}`. */
struct invoice_reference {
    struct any_id id;
};

/* v1: the invoice that a line is on. */
struct invoice_number_reference {
    struct any_id id;
    text number;
};

struct invoice_external_v1 {
    text invoicing;
    text payment;
};

struct invoice_external_v3 {
    text invoicing_id;
    text payment_id;
};

/* ---- discounts ----------------------------------------------------------------------------- */

enum discount_reason {
    DISCOUNT_MAXIMUM_SPEND,
    DISCOUNT_PERCENTAGE,
    DISCOUNT_USAGE,
    DISCOUNT_REASON_COUNT
};

/* v1: the reason with what it rests on. */
struct discount_reason_v1 {
    enum discount_reason type;
    dec percentage;                       /* of a percentage; else invalid */
    dec quantity;                         /* of free units; else invalid */
    struct correlation_id correlation_id; /* of both; else zero */
};

/* Money taken off a detailed line, or units off a line: the member of the other kind is invalid. */
struct invoice_discount {
    struct detail_id id;
    enum discount_reason reason; /* v3 */
    struct discount_reason_v1 reason_v1;
    text description;
    dec amount;
    dec quantity;
    dec prior_quantity; /* v1: taken off before this part of the period; invalid when nothing was */
    bool has_external;
    struct invoice_external_v1 external_v1;
    struct invoice_external_v3 external_v3;
    instant created_at; /* v1 */
    instant updated_at;
};

struct invoice_discounts {
    struct list amounts; /* of struct invoice_discount */
    struct list usages;
};

/* ---- taxes --------------------------------------------------------------------------------- */

/* v1: one tax that a line bears. */
struct invoice_tax_item {
    struct rate_card_tax config; /* behavior and tax code */
    dec percent;
    int behavior; /* enum tax_behavior */
};

/* ---- detailed lines ------------------------------------------------------------------------ */

enum detail_type { DETAIL_FLAT_FEE, DETAIL_TYPE_COUNT };

enum line_managed_by {
    MANAGED_BY_SUBSCRIPTION, /* follows its subscription */
    MANAGED_BY_SYSTEM,       /* made by the engine: adjustments */
    MANAGED_BY_MANUAL,       /* made or edited by hand: nothing else touches it */
    MANAGED_BY_COUNT
};

/* NULL-terminated, in the order of enum line_managed_by. */
extern const char *const line_managed_by_words[];

enum line_status { LINE_VALID, LINE_DETAILED, LINE_STATUS_COUNT };

/* v1: what a detailed line charges: a flat price, so many times. */
struct invoice_detail_price {
    int type; /* enum price_v1_type: flat */
    dec amount;
    enum payment_term payment_term;
};

struct invoice_detail_card {
    struct invoice_detail_price price;
    dec quantity;
    bool has_tax;
    struct rate_card_tax tax;
};

/* v1: what of a subscription a line charges. */
struct invoice_origin_v1 {
    struct invoice_reference subscription;
    struct invoice_reference phase;
    struct invoice_reference item;
    struct invoice_period billing_period;
};

/* One priced part of a line. */
struct invoice_detail {
    struct detail_id id; /* derived from the line and child_id: the same at every preview */
    text child_id;       /* "unit-price-usage", "flat-price"; not printed */
    text name;
    dec quantity;
    dec unit_price; /* full precision; v1: perUnitAmount */
    enum rate_category category;
    bool has_discounts;
    struct invoice_discounts discounts;
    struct rate_totals totals;
    struct invoice_period service_period; /* v1: period */
    instant created_at;
    instant updated_at;

    text currency; /* views of v1 from here */
    instant invoice_at;
    enum payment_term payment_term;
    enum detail_type type;
    enum line_managed_by managed_by;
    enum line_status status;
    struct invoice_detail_card rate_card;
    bool has_invoice;
    struct invoice_number_reference invoice;
    bool has_origin;
    struct invoice_origin_v1 origin;
    struct list taxes; /* of struct invoice_tax_item: those of the line */
};

/* ---- lines --------------------------------------------------------------------------------- */

enum line_type_v1 { LINE_USAGE_BASED, LINE_TYPE_V1_COUNT };

enum line_type_v3 { LINE_STANDARD, LINE_TYPE_V3_COUNT };

enum line_controller { LINE_CONTROLLER_SYSTEM, LINE_CONTROLLER_MANUAL, LINE_CONTROLLER_COUNT };

struct invoice_rate_card {
    text feature_key; /* ptr NULL when there is no feature */
    struct pricing pricing;
    bool has_tax;
    bool has_tax_v3; /* v3 has no tax config without a code */
    struct rate_card_tax tax;
};

/* v3: what of a subscription a line charges. */
struct invoice_origin_phase {
    struct any_id id;
    struct invoice_reference item;
};

struct invoice_origin_v3 {
    struct any_id id;
    struct invoice_origin_phase phase;
};

/* v3: the quantity as metered, and converted as the price says. */
struct invoice_usage {
    dec raw_quantity;
    dec invoiced_quantity;
    text display_unit;
};

struct invoice_line {
    struct line_id id;
    text name;
    text description;
    struct text_map labels; /* v1: metadata */
    instant created_at;
    instant updated_at;
    instant deleted_at;
    instant invoice_at;
    struct invoice_period service_period; /* v1: period */
    struct invoice_rate_card rate_card;
    dec quantity;       /* priced: converted, less free units; 1 for flat prices */
    bool has_discounts; /* free units */
    struct invoice_discounts discounts;
    struct list details; /* of struct invoice_detail; v1: children, v3: detailed_lines */
    struct rate_totals totals;

    text currency; /* views of v1 from here */
    enum line_type_v1 type_v1;
    enum line_managed_by managed_by;
    enum line_status status;
    dec metered_quantity; /* invalid for flat prices */
    dec prior_quantity;   /* priced before this line's part of the period */
    dec metered_prior;    /* metered before it */
    bool has_invoice;
    struct invoice_number_reference invoice;
    struct list taxes; /* of struct invoice_tax_item */
    bool has_origin;
    struct invoice_origin_v1 origin_v1;
    bool has_external_v1;
    struct invoice_external_v1 external_v1;

    enum line_type_v3 type_v3; /* views of v3 from here */
    enum line_controller lifecycle_controller;
    bool has_usage;
    struct invoice_usage usage;
    struct invoice_origin_v3 origin_v3;
    bool has_external_v3;
    struct invoice_external_v3 external_v3;
};

#endif
