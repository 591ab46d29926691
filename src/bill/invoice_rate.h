/* invoice_rate.h: pending lines and quantities in, an invoice out. Pure.
 *
 * What was gathered (rows, the customer, a quantity for each line) becomes the invoice as it is
 * printed: rated, summed, ordered. No clock, no store: the same material gives the same bytes.
 */
#ifndef BILL_INVOICE_RATE_H
#define BILL_INVOICE_RATE_H

#include "bill/conversion.h"

/* What was measured for a line. */
struct line_usage {
    dec quantity;
    struct rate_share *shares; /* of prices that tell parts of the quantity apart */
    size_t share_count;
};

/* A pending line and what was measured for it. */
struct line_material {
    struct pending_line line;
    struct line_usage usage;           /* of metered prices; else a quantity of 0 */
    struct line_conversion conversion; /* of prices in a custom currency */
    text trouble; /* why the quantity could not be had; ptr NULL when it could */
};

struct invoice_material {
    struct invoice_id id;
    struct profile_id profile_id;
    text number;
    text currency;
    instant created_at;
    instant updated_at;
    const struct customer *customer;
    struct invoice_supplier supplier;
    struct line_material *lines;
    size_t line_count;
};

/* FAULT_AMOUNT_OVERFLOW. In the arena; texts are those of the material. */
NODISCARD enum fault invoice_rate(const struct invoice_material *material, struct arena *arena,
                                  struct invoice *ret);

/* The id of a part of a line: a ULID of the line's age whose other bits come from both names. */
struct detail_id detail_id_of(struct line_id line, text child_id, struct arena *arena);

#endif
