/* quantity.h: what was used, for a line of an invoice: the gathering part of rating.
 *
 * A subject counts for a customer in the time in which it is the customer's. What a price needs
 * told apart (by transaction, by dimension, by time of use) is asked of the meter that way.
 */
#ifndef BILL_QUANTITY_H
#define BILL_QUANTITY_H

#include "bill/invoice_rate.h"
#include "identity/cx.h"
#include "meter/query.h"

/* A feature and its meter, read before. */
struct meter_read {
    struct feature feature;
    struct meter meter;
    struct meter_read *next;
};

/* Those that the invoices of one batch of work have read: read once for all of them. They live in
 * the batch's arena, and no longer than its gathering: what changes then is seen by the next. */
struct meters_read {
    struct meter_read *first;
};

/* What one invoice reads its quantities with: one snapshot of the usage for all lines. */
struct metering {
    struct cx cx; /* a copy with a problem of its own: a line's trouble is not the request's */
    struct meter_customer customer;
    uint64_t sequence;
    struct list features;     /* of struct feature: known here though they are not stored (yet) */
    struct meters_read *read; /* of the batch; NULL: all is read here */
};

/* Takes the snapshot. */
NODISCARD enum err metering_open(struct cx *cx, struct customer_id customer, struct metering *ret);

/* The usage of a line whose price is metered, in the context's arena: fills quantity and shares of
 * `usage`, whose other members say what was billed before: it is taken off. Refusals (in
 * metering->cx) are the line's trouble: the feature or meter is gone, the meter cannot say what the
 * price asks, FAULT_AMOUNT_OVERFLOW. */
NODISCARD enum err quantity_gather(struct metering *metering, const struct pending_line *line,
                                   struct line_usage *usage);

#endif
