/* measure.h: what was used, for several lines of one customer: the gathering half of rating an
 * invoice.
 *
 * Two steps, because the meters have transactions of their own: first, in the caller's transaction,
 * what was billed before for the same periods (measure_before); then, outside of it, the meters
 * (measure_usage), all at one snapshot of the usage.
 */
#ifndef BILL_MEASURE_H
#define BILL_MEASURE_H

#include "bill/invoice_rate.h"
#include "identity/cx.h"

struct meters_read;
struct metering;

struct materials {
    struct line_material *items;
    size_t count;
    struct meters_read *read; /* what a batch has read of features and meters, or NULL */
};

/* What was billed before of periods in parts, and of lines that are corrected. */
NODISCARD enum err measure_before(struct cx *cx, struct store_tx *tx,
                                  const struct materials *materials);

/* Everything that was booked for the period of a line, which is the last part of it: its parts,
 * itself and the corrections so far, deleted ones too: struct line_record. */
NODISCARD enum err measure_booked(struct cx *cx, struct store_tx *tx, struct line_id last,
                                  struct list *ret);

/* Asks the meters. A line whose quantity cannot be had gets 0 and its trouble; a trouble of the
 * world is the caller's. `ret_sequence`: events up to it were counted. The thread holds no
 * transaction. */
NODISCARD enum err measure_usage(struct cx *cx, struct customer_id customer,
                                 const struct materials *materials, uint64_t *ret_sequence);

/* The same of one line, in a metering that is open. Its usage says what was billed before. */
NODISCARD enum err measure_line(struct metering *metering, struct line_material *material);

#endif
