/* invoice_collect.h: which pending lines are to be invoiced when, and the dates of an invoice.
 * Pure.
 */
#ifndef BILL_INVOICE_COLLECT_H
#define BILL_INVOICE_COLLECT_H

#include "bill/line.h"
#include "bill/workflow.h"
#include "meter/meter.h"

/* ---- which lines --------------------------------------------------------------------------- */

enum collect_pick {
    PICK_NOTHING, /* not yet */
    PICK_WHOLE,
    PICK_PART /* its usage up to the instant; the rest stays pending */
};

/* Whether a price can be billed in parts, of a meter with this aggregation. */
bool collect_is_splittable(enum price_type price, enum meter_aggregation aggregation);

/* What of a line is to be invoiced at `as_of`. `is_progressive`: its usage may be billed before the
 * period is over. */
enum collect_pick collect_pick_line(const struct pending_line *line, instant as_of,
                                    bool is_progressive);

/* A usage line that is taken whole before it is due is due now: otherwise everything on its invoice
 * would wait for the end of a billing period in which nothing more comes. */
void collect_whole(struct pending_line *line, instant as_of);

/* Cuts a line: the part up to `at` stays under its id, the rest gets `rest_id`. */
void collect_split(struct pending_line *line, instant at, struct line_id rest_id,
                   struct pending_line *ret_rest);

/* The instant as of which a customer is invoiced: with anchored alignment the latest anchor that is
 * not after `as_of`. */
instant collect_as_of(const struct invoice_workflow *workflow, instant as_of);

/* ---- dates --------------------------------------------------------------------------------- */

/* With anchored alignment the first anchor that is not before `at`, else `at`. */
instant collect_aligned(const struct invoice_workflow *workflow, instant at);

/* When the first of some lines (struct pending_line) is to be invoiced; INSTANT_NONE when there is
 * none: the earliest invoice_at, with anchored alignment the first anchor not before it. */
instant collect_next_at(const struct invoice_workflow *workflow, const struct list *lines);

/* Until when late events count: the latest over metered lines of their own time or invoice_at and
 * the interval. INSTANT_NONE without metered lines. */
instant collect_collection_at(const struct invoice_workflow *workflow, const struct list *lines);

/* When a draft is issued by itself; INSTANT_NONE when it is not. */
instant collect_draft_until(const struct invoice_workflow *workflow, instant collection_at,
                            instant created_at);

/* When the payment is due: counted from the end of the draft, of invoices that are approved by hand
 * from the issue (INSTANT_NONE before it). In whole seconds. */
instant collect_due_at(const struct invoice_workflow *workflow, instant draft_until,
                       instant issued_at);

#endif
