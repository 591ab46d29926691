/* invoice_edit.h: an invoice as somebody wants it instead: drafts and gathering ones. The lines of
 * the request replace those there are: matched by id, new without one, gone when they are missing.
 *
 * Here: the request, and the pure rule of what may become of each line.
 */
#ifndef BILL_INVOICE_EDIT_H
#define BILL_INVOICE_EDIT_H

#include "bill/line_body.h"

struct edit_invoicing {
    bool is_auto_advance;
    bool has_auto_advance;
    span draft_period;
    text due_after;       /* v1: a duration; ptr NULL: as before */
    int end_proration;    /* v1: enum end_proration, or FIELD_ENUM_NONE: as before */
    bool has_default_tax; /* v1 */
    struct rate_card_tax default_tax;
};

struct edit_payment {
    int collection_method; /* enum collection_method, or FIELD_ENUM_NONE */
    text due_after;        /* v3, as above */
};

struct edit_settings {
    struct edit_invoicing invoicing;
    struct edit_payment payment;
    bool has_invoicing; /* not first: an offset of 0 stands for no flag */
    bool has_payment;
};

struct edit_workflow {
    struct edit_settings workflow;
};

struct invoice_edit {
    text description;
    struct text_map labels; /* v1: metadata */
    struct invoice_supplier_view supplier;
    struct invoice_customer customer;
    int type; /* v3: standard */
    struct edit_workflow workflow;
    struct list lines; /* of struct line_body */
};

extern const struct fields invoice_edit_v1_fields;
extern const struct fields invoice_edit_v3_fields;

/* Checks what the tables do not: the durations. Every fault is added to the problem; returns
 * whether there was none. */
NODISCARD bool invoice_edit_settle(const struct invoice_edit *edit, enum dialect dialect,
                                   struct problem *problem);

/* Takes the settings of a checked request into a draft's. */
void invoice_edit_settings(struct invoice_workflow *workflow, const struct edit_settings *settings);

/* What becomes of a line. */
enum line_edit { LINE_KEPT, LINE_CHANGED, LINE_REMOVED };

/* Takes what a settled body says into a line there is, which is the `index`th line of
 * the request. What may not be changed is added to the problem with the contract's code. A line
 * of a subscription that changes is made by hand from then on. */
enum line_edit line_edit_apply(struct pending_line *line, const struct line_body *body,
                               size_t index, struct problem *problem);

/* Checks a body that makes a new line. */
void line_edit_check_new(const struct line_body *body, size_t index, struct problem *problem);

/* The body for a line; NULL when the request leaves it out. */
const struct line_body *line_edit_find(const struct invoice_edit *edit, struct line_id id,
                                       size_t *ret_index);

/* Adds a fault about the i-th line of a request. */
void line_edit_refuse(struct problem *problem, size_t index, const char *code, const char *reason);

#endif
