/* line_body.h: lines as people write them: pending lines made by hand, and the lines of an invoice
 * that is edited.
 */
#ifndef BILL_LINE_BODY_H
#define BILL_LINE_BODY_H

#include "bill/line.h"

/* A line in a request, before and after it was settled. */
struct line_body {
    struct line_id id; /* of an edit: the line that it replaces; zero: a new one */
    text name;
    text description;
    struct text_map labels; /* v1: metadata */
    int type;               /* v3: read and not looked at */
    bool has_tax;           /* v1: goes before the rate card's */
    struct rate_card_tax tax;
    struct invoice_period period;
    instant invoice_at;
    bool has_rate_card;
    struct invoice_rate_card rate_card;
    bool has_price; /* v1: deprecated, in place of the rate card's */
    struct price_v1 price;
    text feature_key; /* v1: likewise */

    bool has_invoice_at; /* settled from here */
    bool is_v3;          /* which says nothing of commitments */
    struct price_terms terms;
    enum payment_term payment_term;
};

/* Of pending lines to make, and of edits. */
extern const struct fields pending_line_body_fields;
extern const struct fields line_update_v1_fields;
extern const struct fields line_update_v3_fields;

struct pending_lines_body {
    text currency;
    struct list lines; /* of struct line_body */
};
extern const struct fields pending_lines_body_fields;

/* Brings what a dialect wrote into terms, tax and feature; cuts times to whole seconds. Every fault
 * is added to the problem, under `place`; returns whether there was none. */
NODISCARD bool line_body_settle(struct line_body *body, enum dialect dialect, text place,
                                struct problem *problem);

#endif
