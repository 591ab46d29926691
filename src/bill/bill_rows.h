/* bill_rows.h: gathering invoices and pending lines in the store. Used by this module only. */
#ifndef BILL_BILL_ROWS_H
#define BILL_BILL_ROWS_H

#include "bill/invoice.h"
#include "bill/line.h"

/* A gathering invoice as it is stored. */
struct gathering {
    struct invoice_id id;
    struct org_id org_id;
    struct customer_id customer_id;
    struct profile_id profile_id;
    text number;
    text currency;
    int64_t version; /* counts the times that lines were taken from it */
    instant next_collection_at;
    instant created_at;
    instant updated_at;
};

/* The gathering invoices of a customer, by currency: struct gathering. */
NODISCARD enum err bill_rows_gatherings(struct cx *cx, struct store_tx *tx,
                                        struct customer_id customer, struct list *ret);

/* One of them; ERR_ABSENT. */
NODISCARD enum err bill_rows_gathering_get(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                           struct gathering *ret);

/* The customer's gathering invoice in a currency, made when there is none. */
NODISCARD enum err bill_rows_gather(struct cx *cx, struct store_tx *tx,
                                    const struct customer *customer, text currency,
                                    struct gathering *ret);

/* Removes the customer's gathering invoices that have no lines. */
NODISCARD enum err bill_rows_drop_empty(struct cx *cx, struct store_tx *tx,
                                        struct customer_id customer);

/* The pending lines of an invoice: struct pending_line. */
NODISCARD enum err bill_rows_lines_of_invoice(struct cx *cx, struct store_tx *tx,
                                              struct invoice_id invoice, struct list *ret);

/* What of a gathering invoice can be collected. */
struct collectable {
    struct list lines; /* of struct pending_line: those that can be taken, whole or in part */
    instant later;     /* when the first of the others is to be invoiced; INSTANT_NONE: no others */
};

/* The same as of an instant. */
NODISCARD enum err bill_rows_collectable(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                         instant as_of, struct collectable *ret);

/* Stores a new line; stores the times of a changed one; removes one. One on a draft is withdrawn
 * instead: it is shown as deleted, and its charge may be made anew. */
NODISCARD enum err bill_rows_line_insert(struct store_tx *tx, const struct pending_line *line);
NODISCARD enum err bill_rows_line_update(struct store_tx *tx, const struct pending_line *line);
NODISCARD enum err bill_rows_line_delete(struct cx *cx, struct store_tx *tx, struct line_id id);
NODISCARD enum err bill_rows_line_withdraw(struct cx *cx, struct store_tx *tx, struct line_id id);

/* Notes that the lines of a gathering invoice have changed: when the first of them is to be
 * invoiced is found anew, and that is scheduled. */
NODISCARD enum err bill_rows_touch(struct cx *cx, struct store_tx *tx, struct invoice_id id);

/* The same when lines were added and nothing else: `lines` (of struct pending_line) are the new
 * ones, `gathering` is as it was before them. */
NODISCARD enum err bill_rows_added(struct cx *cx, struct store_tx *tx,
                                   const struct gathering *gathering,
                                   const struct invoice_workflow *workflow,
                                   const struct list *lines);

/* Takes the right to its lines, as they were when it had this version, and notes when the next are
 * to be collected (INSTANT_NONE: never), which is scheduled. ERR_CONFLICT when somebody was there.
 */
NODISCARD enum err bill_rows_take(struct cx *cx, struct store_tx *tx,
                                  const struct gathering *gathering, instant next);

/* Notes when the first line of a gathering invoice is to be invoiced (INSTANT_NONE: there is none),
 * and schedules the collection. */
NODISCARD enum err bill_rows_schedule(struct cx *cx, struct store_tx *tx,
                                      const struct gathering *gathering, instant next);

/* The next number of a series: 1, 2, … */
NODISCARD enum err bill_rows_number_next(struct cx *cx, struct store_tx *tx, text series,
                                         int64_t *ret);

#endif
