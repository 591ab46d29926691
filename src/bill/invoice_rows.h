/* invoice_rows.h: standard invoices and their lines in the store. Used by this module only. */
#ifndef BILL_INVOICE_ROWS_H
#define BILL_INVOICE_ROWS_H

#include "bill/invoice_record.h"
#include "bill/invoice_search.h"

/* ---- invoices ------------------------------------------------------------------------------ */

/* ERR_ABSENT, also for gathering ones. */
NODISCARD enum err invoice_rows_get(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                    struct invoice_record *ret);

/* Stores a new one, as version 1. */
NODISCARD enum err invoice_rows_insert(struct store_tx *tx, struct invoice_record *record);

/* Stores a change; the only function that does. `was_issued`: it was before the change, and then
 * only what belongs to the payment is written. Counts the version. ERR_CONFLICT when it was written
 * by somebody else since it was read. */
NODISCARD enum err invoice_rows_update(struct store_tx *tx, struct invoice_record *record,
                                       bool was_issued);

/* What a list needs to know of an invoice of either kind. */
struct invoice_place {
    struct invoice_id id;
    struct customer_id customer_id;
    enum invoice_state state;
};

/* One page of either kind, in the order that the search asks for: struct invoice_place.
 * `ret_total` counts all pages. */
NODISCARD enum err invoice_rows_page(struct cx *cx, struct store_tx *tx,
                                     const struct invoice_search *search, struct list *ret,
                                     int64_t *ret_total);

/* ERR_ABSENT. */
NODISCARD enum err invoice_rows_place(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                      struct invoice_place *ret);

/* The customer's drafts that a subscription has changed and which are not settled yet: struct
 * invoice_place. */
NODISCARD enum err invoice_rows_being_updated(struct cx *cx, struct store_tx *tx,
                                              struct customer_id customer, struct list *ret);

/* An issued invoice that another one corrects. */
struct invoice_corrected {
    struct invoice_id id;
    text number;
    instant issued_at;
};

/* Those that the lines of an invoice correct, oldest first: struct invoice_corrected. */
NODISCARD enum err invoice_rows_corrected(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                          struct list *ret);

/* ---- gathering ones ------------------------------------------------------------------------ */

/* Takes the right to move lines off a gathering invoice that was read at `version`. ERR_CONFLICT
 * when somebody else moved lines since. */
NODISCARD enum err invoice_rows_claim(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                                      int64_t version);

/* ---- lines --------------------------------------------------------------------------------- */

/* The lines of an invoice, deleted ones too: struct line_record, in the contract's order. */
NODISCARD enum err line_rows_of_invoice(struct cx *cx, struct store_tx *tx,
                                        struct invoice_id invoice, struct list *ret);

/* The parts of a line's period before it: struct line_record. */
NODISCARD enum err line_rows_before(struct cx *cx, struct store_tx *tx,
                                    const struct pending_line *line, struct list *ret);

/* The corrections of a line, oldest first: struct line_record. */
NODISCARD enum err line_rows_adjusting(struct cx *cx, struct store_tx *tx, struct line_id line,
                                       struct list *ret);

/* The customer's issued lines of usage whose service ended after `since`, and which are not being
 * corrected already: struct line_record. */
NODISCARD enum err line_rows_issued(struct cx *cx, struct store_tx *tx, struct customer_id customer,
                                    instant since, struct list *ret);

/* ERR_ABSENT. */
NODISCARD enum err line_rows_get(struct cx *cx, struct store_tx *tx, struct line_id id,
                                 struct line_record *ret);

/* Stores where a line is now, what it says and what came of it, or only that of it which the scope
 * names: a statement that names no indexed column leaves the indexes alone. */
NODISCARD enum err line_rows_update(struct store_tx *tx, const struct line_record *record,
                                    enum line_write scope);

#endif
