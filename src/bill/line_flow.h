/* line_flow.h: pending lines made by hand. */
#ifndef BILL_LINE_FLOW_H
#define BILL_LINE_FLOW_H

#include "bill/line_body.h"

struct pending_lines_made {
    struct list lines;      /* of struct invoice_line */
    struct invoice invoice; /* the gathering one that they hang on */
    bool is_invoice_new;
};
extern const struct fields pending_lines_made_fields;

/* Adds lines to the customer's gathering invoice in a currency, which is made when there is none.
 * The lines are settled. FAULT_CUSTOMER_…, FAULT_FEATURE_ABSENT, FAULT_LINE_NO_METER. */
NODISCARD enum err bill_pending_lines_create(struct cx *cx, text customer_id_or_key,
                                             const struct pending_lines_body *body,
                                             struct pending_lines_made *ret);

/* The feature that a settled line counts; zero when it names none. FAULT_FEATURE_ABSENT,
 * FAULT_LINE_NO_METER. */
NODISCARD enum err line_feature(struct cx *cx, const struct line_body *body,
                                struct feature_id *ret);

/* A new line, made by hand now. */
struct pending_line line_of_body(struct cx *cx, const struct line_body *body,
                                 struct feature_id feature, text currency);

#endif
