/* invoice_collect_inside.h: making invoices, as the command and the worker share it. Used by this
 * module only. */
#ifndef BILL_INVOICE_COLLECT_INSIDE_H
#define BILL_INVOICE_COLLECT_INSIDE_H

#include "bill/bill_rows.h"
#include "bill/billing_settings.h"
#include "bill/invoice_print.h"
#include "bill/invoice_work.h"
#include "bill/invoicing.h"
#include "identity/audit.h"

/* What is to be invoiced. */
struct collect_wish {
    instant as_of;
    struct invoice_id only;    /* a gathering invoice; zero: all of the customer's */
    struct text_list line_ids; /* none: every line that is due */
    bool has_progressive;      /* in place of the profile's setting */
    bool is_progressive;
    bool is_automatic; /* on one invoice go the earliest lines, as many as the settings say */
    struct meters_read *read; /* what a batch has read so far, or NULL */
};

/* A gathering invoice, and what was taken off it. */
struct collected {
    struct gathering gathering;
    struct list lines;        /* of struct pending_line, before: those that may be taken */
    instant later;            /* when the first of the others is to be invoiced, or none */
    struct invoice_work work; /* without lines: nothing was taken */
    struct pending_line *rests;
    size_t rest_count;         /* rests of lines that were cut */
    struct pending_line *left; /* which of `lines` are pending afterwards, rests too */
    size_t left_count;
};

/* What is made of a customer's gathering invoices. */
struct collection {
    struct customer customer;
    struct invoice_workflow workflow;
    struct billing_settings settings;
    struct collected *drafts;
    size_t count;
};

/* Reads, picks, measures and rates: everything but writing. The thread holds no transaction. */
NODISCARD enum err collection_gather(struct cx *cx, struct customer_id customer,
                                     const struct collect_wish *wish, struct collection *ret);

/* Looks for usage of periods that are issued already, which came too late for their invoice or is
 * there no more, and makes a pending line for each, due at `as_of`: it is priced in its own period,
 * behind what was billed there (hard case 41), and comes with the next invoice. The thread holds no
 * transaction. */
NODISCARD enum err late_gather(struct cx *cx, struct customer_id customer, instant as_of);

/* Writes it, each invoice as far as it goes by itself. ERR_CONFLICT when lines were moved since. */
NODISCARD enum err collection_apply(struct cx *cx, struct store_tx *tx,
                                    const struct collection *collection);

#endif
