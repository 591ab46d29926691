/* invoice_record.h: standard invoices as they are stored.
 *
 * A record holds copies of everything that it depends on: supplier, customer, workflow and, on its
 * lines, prices. Once issued nothing of it changes but what becomes of the payment; the only
 * function that writes one (invoice_rows_update) refuses anything else, and so does the schema.
 *
 * A line is one row for its whole life: pending on the gathering invoice (line.h), then on a
 * standard invoice with what was metered and what came of it. struct line_record is the row with
 * both; the printed form of both is struct invoice (invoice.h), made by invoice_print.
 */
#ifndef BILL_INVOICE_RECORD_H
#define BILL_INVOICE_RECORD_H

#include "bill/invoice.h"
#include "bill/invoice_state.h"
#include "bill/line.h"
#include "bill/workflow.h"

struct invoice_record {
    struct invoice_id id;
    struct org_id org_id;
    struct customer_id customer_id;
    struct profile_id profile_id;
    enum invoice_state state;
    int64_t version; /* counts writes; a write of an older version is refused */
    text number;
    text currency;
    text description;
    struct text_map labels; /* v1: metadata */
    struct invoice_supplier supplier;
    struct invoice_customer customer;
    struct invoice_workflow workflow;
    struct invoice_period period; /* none when there are no lines */
    instant collection_at;        /* INSTANT_NONE: nothing to wait for */
    instant quantity_snapshotted_at;
    instant draft_until; /* INSTANT_NONE: not by itself */
    instant issued_at;
    instant due_at;
    instant sent_at;
    instant voided_at;
    text void_reason;
    struct rate_totals totals;
    struct list issues; /* of struct invoice_issue */
    text invoicing_id;  /* what apps call it */
    text payment_id;
    instant created_at;
    instant updated_at;
    instant deleted_at;
};

/* Rows of the table `invoice` that are no gathering ones. */
extern const struct fields invoice_record_fields;

/* struct rate_share as it is stored. */
struct share_record {
    int64_t place;
    dec value;
    dec quantity;
};

/* What of an invoice's lines can have changed since they were stored. */
enum line_write {
    LINES_WHOLE, /* anything */
    LINES_TAKEN, /* which invoice they are on, and what came of them */
    LINES_RATED, /* what came of them: quantities, amounts, taxes */
};

/* What came of a line: everything needed to print it, and to reckon it again. */
struct line_record {
    struct pending_line line;
    bool is_rated;
    dec metered_quantity;   /* invalid for flat prices */
    dec prior_quantity;     /* metered in the same period before the part; 0 for the first */
    dec prior_total;        /* billed in the same period before the part */
    struct list shares;     /* of struct share_record */
    int64_t usage_sequence; /* events up to it were counted */
    dec quantity;           /* priced */
    dec converted_quantity;
    dec discounted_quantity;
    dec discounted_prior;
    struct list details; /* of struct rate_detail */
    struct list taxes;   /* of struct line_tax */
    bool has_totals;
    struct rate_totals totals;
    text external_id;
    struct text_map discount_external_ids; /* by the discount's id */
};

extern const struct fields line_record_fields;

#endif
