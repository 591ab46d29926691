/* invoice_simulate.h: what an invoice over given lines and quantities would say. Nothing is stored:
 * no meter is asked, no number is taken, no app is called.
 *
 * The customer's settings and taxes count as they do for a real invoice; quantities are those of
 * the request, also what was used before in the period of a line that is billed in parts.
 */
#ifndef BILL_INVOICE_SIMULATE_H
#define BILL_INVOICE_SIMULATE_H

#include "bill/invoice.h"

/* A line as it is asked for, before and after it was settled. */
struct simulated_line {
    struct line_id id; /* zero: it gets one */
    text name;
    text description;
    struct text_map labels; /* v1: metadata */
    struct invoice_period period;
    instant invoice_at;
    dec quantity;
    dec prior_quantity; /* used before it in its period; invalid: nothing */
    bool has_rate_card;
    struct invoice_rate_card rate_card;
    bool has_price; /* deprecated, in place of the rate card's */
    struct price_v1 price;
    text feature_key; /* likewise */
    bool has_tax;     /* goes before the rate card's */
    struct rate_card_tax tax;

    struct price_terms terms; /* settled from here */
    enum payment_term payment_term;
};

struct invoice_simulation {
    text currency;
    text number;       /* empty: INV-SIMULATED */
    struct list lines; /* of struct simulated_line */
};

extern const struct fields invoice_simulation_fields;

/* Brings the prices into terms, cuts times to whole seconds. Every fault is added to the problem
 * with its place; returns whether there was none. Pure. */
NODISCARD bool invoice_simulation_settle(struct invoice_simulation *simulation,
                                         struct problem *problem);

/* The invoice of a settled simulation for a customer (id or key). FAULT_CUSTOMER_…,
 * FAULT_AMOUNT_OVERFLOW, FAULT_PRICE_NOT_SPLITTABLE. */
NODISCARD enum err bill_invoice_simulate(struct cx *cx, text customer,
                                         const struct invoice_simulation *simulation,
                                         struct invoice *ret);

#endif
