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
 * The lines are settled. FAULT_CUSTOMER_…, what line_refers refuses. */
NODISCARD enum err bill_pending_lines_create(struct cx *cx, text customer_id_or_key,
                                             const struct pending_lines_body *body,
                                             struct pending_lines_made *ret);

/* What a settled line, the request's at `index`, refers to: the feature that it counts, zero when
 * it names none; and that its tax code is there. FAULT_FEATURE_ABSENT, FAULT_LINE_NO_METER,
 * FAULT_TAX_CODE_ABSENT, each at its place. */
NODISCARD enum err line_refers(struct cx *cx, const struct line_body *body, size_t index,
                               struct feature_id *ret);

/* A new line, made by hand now. */
struct pending_line line_of_body(struct cx *cx, const struct line_body *body,
                                 struct feature_id feature, text currency);

#endif
