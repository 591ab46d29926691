/* invoicing.h: the commands on invoices: pending lines become a standard invoice, and that goes
 * through its states.
 *
 * Each is a transaction of its own, with its event and its audit row in it. What is due by time
 * does the same through bill_run_invoice_due. Two commands at the same time: one wins, the other is
 * tried again on what the first left.
 */
#ifndef BILL_INVOICING_H
#define BILL_INVOICING_H

#include "bill/due.h"
#include "bill/invoice.h"

struct invoicing {
    text customer;             /* id or key */
    instant as_of;             /* INSTANT_NONE: now */
    struct text_list line_ids; /* none: every line that is due */
    bool has_progressive;      /* in place of the profile's setting */
    bool is_progressive;
};

/* Makes a standard invoice for each currency from the customer's pending lines that are due: a list
 * of struct invoice. FAULT_CUSTOMER_…, FAULT_INVOICE_AS_OF, FAULT_INVOICE_NO_LINES,
 * FAULT_INVOICE_NOT_BILLABLE naming the lines. */
NODISCARD enum err bill_invoice_pending(struct cx *cx, const struct invoicing *request,
                                        struct list *ret);

/* The actions that people take on an invoice. */
enum invoice_command {
    COMMAND_ADVANCE,
    COMMAND_APPROVE,
    COMMAND_RETRY,
    COMMAND_SNAPSHOT,
    COMMAND_DELETE,
    COMMAND_COUNT
};

/* FAULT_INVOICE_ABSENT, FAULT_INVOICE_ACTION or FAULT_INVOICE_ADVANCE in a state that does not
 * offer it, FAULT_INVOICE_GATHERS, FAULT_INVOICE_CHANGED. */
NODISCARD enum err bill_invoice_command(struct cx *cx, struct invoice_id id,
                                        enum invoice_command command, struct invoice *ret);

/* What becomes of a line of an invoice that is voided. */
struct void_action {
    bool is_pending; /* it is to be invoiced again; else it is given up */
    dec percentage;  /* given up so much of it; the rest is invoiced again */
    instant next_at; /* when that is due; INSTANT_NONE: at once */
};

struct void_override {
    struct line_id line_id;
    struct void_action action;
};

struct void_request {
    text reason;
    struct void_action action;
    struct list overrides; /* of struct void_override */
};

/* Voids an issued invoice that is not paid. Faults as above, and FAULT_FIELDS_INVALID for lines
 * that are not on it. */
NODISCARD enum err bill_invoice_void(struct cx *cx, struct invoice_id id,
                                     const struct void_request *request, struct invoice *ret);

/* Reckons the taxes of an invoice that may be edited. FAULT_INVOICE_EDIT in another state. */
NODISCARD enum err bill_invoice_recalculate(struct cx *cx, struct invoice_id id,
                                            struct invoice *ret);

/* Replaces a draft, or the lines of a gathering invoice, by what the request says; its lines are
 * settled. FAULT_INVOICE_ABSENT, FAULT_INVOICE_EDIT in a state in which it cannot be edited,
 * FAULT_FIELDS_INVALID with the contract's codes for lines that may not be changed like that. */
struct invoice_edit;
NODISCARD enum err bill_invoice_edit(struct cx *cx, struct invoice_id id,
                                     const struct invoice_edit *edit, struct invoice *ret);

/* Does a piece of due work on invoices and marks it as done, in one transaction. As bill_run_due,
 * which calls it. */
NODISCARD enum err bill_run_invoice_due(struct cx *cx, const struct due_row *row);

#endif
