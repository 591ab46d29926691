/* tax.h: taxes by manual rates. Pure.
 *
 * A line belongs to a tax category (a tax code, added to the price or contained in it) with one or
 * more rates in force. Tax is reckoned once for each category and rate, on the sum of its lines,
 * and rounded once; then it is allocated to the lines by largest remainder (architecture, rule 3).
 * So three lines of 0.13 at 20 % bear 0.08, not 0.09.
 *
 * Tax that is contained in the price is what is left of the gross amount when the net amount is
 * taken off: net is gross * 100 / (100 + the rates' sum), rounded; tax is gross - net, so that both
 * add up. Several rates share it by their percentages.
 *
 * What it is not: which code and which rates hold is decided by whoever calls.
 */
#ifndef RATING_TAX_H
#define RATING_TAX_H

#include "base/fault.h"
#include "base/money.h"

struct tax_rate {
    text name;      /* "VAT", "GST" */
    dec percentage; /* 0 to 100 */
};

/* What lines are taxed by together. */
struct tax_category {
    bool is_inclusive; /* contained in the price */
    const struct tax_rate *rates;
    size_t rate_count;
};

#define TAX_NO_CATEGORY SIZE_MAX

/* A line as far as tax is concerned. */
struct tax_line {
    size_t category; /* index into the categories; TAX_NO_CATEGORY: not taxed */
    dec amount;      /* after discounts and credits, rounded; of either sign */
};

/* The tax of one category at one rate. */
struct tax_group {
    size_t category;
    size_t rate;
    dec base; /* without tax */
    dec tax;
};

/* A line's share of a group. */
struct tax_share {
    size_t line;
    size_t group; /* index into the groups */
    dec tax;
};

struct tax_input {
    const struct tax_category *categories;
    size_t category_count;
    const struct tax_line *lines;
    size_t line_count;
    const struct currency *currency;
};

struct tax_result {
    struct tax_group *groups; /* by category, then rate; those without lines are left out */
    size_t group_count;
    struct tax_share *shares; /* by group, then line; zero ones too */
    size_t share_count;
};

/* Reckons the taxes of an invoice. FAULT_AMOUNT_OVERFLOW when an amount does not fit. In the
 * arena. */
NODISCARD enum fault tax_reckon(const struct tax_input *input, struct arena *arena,
                                struct tax_result *ret);

#endif
