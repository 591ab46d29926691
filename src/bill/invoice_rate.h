/* invoice_rate.h: pending lines and quantities in, an invoice out. Pure.
 *
 * What was gathered (rows, the customer, a quantity for each line) becomes the invoice as it is
 * printed: rated, summed, ordered. No clock, no store: the same material gives the same bytes.
 */
#ifndef BILL_INVOICE_RATE_H
#define BILL_INVOICE_RATE_H

#include "bill/conversion.h"
#include "rating/delta.h"

/* What was measured for a line. Start from line_usage_none(). */
struct line_usage {
    dec quantity;
    instant measured_from;     /* of a later part, where its period begins; else INSTANT_NONE */
    dec prior_quantity;        /* metered in the same period before: 0 unless in parts */
    dec prior_total;           /* billed for the same period before */
    struct rate_share *shares; /* of prices that tell parts of the quantity apart */
    size_t share_count;
    struct rate_booked booked; /* of corrections: what the corrected line came to before */
};

/* Nothing was measured: zero, no parts, no times. */
struct line_usage line_usage_none(void);

/* A line and what was measured for it. */
struct line_material {
    struct pending_line line;
    struct line_usage usage;           /* of metered prices; else none */
    struct line_conversion conversion; /* of prices in a custom currency */
    text trouble; /* why the quantity could not be had; ptr NULL when it could */
};

struct invoice_material {
    struct invoice_id id;
    struct invoice_workflow workflow;
    text number;
    text currency;
    instant created_at;
    instant updated_at;
    const struct customer *customer;
    struct line_material *lines;
    size_t line_count;
};

/* A gathering invoice as it would be now. A line that cannot be rated comes to nothing and leaves
 * an issue. FAULT_AMOUNT_OVERFLOW when the sum does not fit. In the arena; texts are those of the
 * material. */
NODISCARD enum fault invoice_rate(const struct invoice_material *material, struct arena *arena,
                                  struct invoice *ret);

/* What rating is asked for a line, in the currency that it is rated in: of a correction, the whole
 * of the period. */
struct rate_input line_rate_input(const struct line_material *material,
                                  const struct currency *currency);

/* One line: what rating/rate.h makes of it. A correction gets what is new over what was booked.
 * FAULT_AMOUNT_OVERFLOW, also for amounts that could not be added up (money_adds_up),
 * FAULT_PRICE_NOT_SPLITTABLE. */
NODISCARD enum fault line_rate(const struct line_material *material,
                               const struct currency *currency, struct arena *arena,
                               struct rate_result *ret);

/* The same of a line that has to stand on an invoice whatever is wrong: one that cannot be rated
 * comes to nothing. Says why, or why its quantity could not be had; ptr NULL when nothing is. */
text line_rate_anyway(const struct line_material *material, const struct currency *currency,
                      struct arena *arena, struct rate_result *ret);

/* The line as it is printed, with what rating made of it. */
struct invoice_line line_print(const struct line_material *material,
                               const struct rate_result *rated, struct arena *arena);

/* Orders lines as the contract wants them: by name, period start, id. */
void lines_order(struct invoice_line *lines, size_t count);

/* v1: tells lines (struct invoice_line) and their parts which invoice they are on; `id` is zero for
 * one that is only reckoned. */
void lines_place(const struct list *lines, struct invoice_id id, text number);

/* The customer as invoices show it. */
struct invoice_customer invoice_customer_of(const struct customer *customer, struct arena *arena);

/* A critical issue: the line's quantity could not be had. */
struct invoice_issue invoice_issue_of_line(const struct pending_line *line, text trouble,
                                           struct arena *arena);

/* The id of a part of a line: a ULID of the line's age whose other bits come from both names. */
struct detail_id detail_id_of(struct line_id line, text child_id, struct arena *arena);

#endif
