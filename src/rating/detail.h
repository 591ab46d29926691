/* detail.h: the priced parts of a line, as numbers and as they are printed. Pure.
 *
 * Rating makes entries: numbers, and what they are of. Most of what is rated is added up and never
 * shown; for the rest an entry is printed as a detail, which has the contract's reference, a name
 * and totals of its own, and can be stored.
 */
#ifndef RATING_DETAIL_H
#define RATING_DETAIL_H

#include "base/money.h"
#include "rating/price.h"

/* What a detail is of. In the comments the contract's reference (childUniqueReferenceID); N is its
 * place, counted from one. */
enum rate_part {
    RATE_FEE,          /* flat-price */
    RATE_UNITS,        /* unit-price-usage */
    RATE_USAGE,        /* usage: packages, and dynamic prices */
    RATE_VOLUME_FEE,   /* volume-flat-price */
    RATE_VOLUME_UNITS, /* volume-tiered-price */
    RATE_TIER_UNITS,   /* graduated-tiered-N-price-usage */
    RATE_TIER_FEE,     /* graduated-tiered-N-flat-price */
    RATE_VALUE,        /* percentage-usage */
    RATE_CELL,         /* matrix-N-usage */
    RATE_WINDOW,       /* time-of-use-N-usage */
    RATE_OVERAGE,      /* capacity-overage */
    RATE_MINIMUM,      /* min-spend */
    RATE_PART_COUNT
};

enum rate_category { RATE_REGULAR, RATE_COMMITMENT, RATE_CATEGORY_COUNT };

struct rate_totals {
    dec amount;        /* before charges, discounts, taxes and credits */
    dec charges_total; /* commitments */
    dec discounts_total;
    dec credits_total;
    dec taxes_inclusive_total;
    dec taxes_exclusive_total;
    dec taxes_total;
    dec total; /* amount + charges + exclusive taxes - discounts - credits */
};

/* One priced part of a line. */
struct rate_entry {
    enum rate_part part;
    enum rate_category category;
    uint32_t place; /* which tier, cell or window, from 0; cells and windows: their count for what
                       none of them has */
    dec quantity;
    dec unit_amount;         /* full precision */
    dec amount;              /* quantity * unit_amount, rounded */
    dec percentage_discount; /* taken off by the percentage; 0: nothing */
    dec maximum_discount;    /* taken off because the maximum was reached; 0: nothing */
};

/* The same, as it is printed. */
struct rate_detail {
    text child_id; /* the contract's childUniqueReferenceID: "flat-price", "unit-price-usage" */
    text name;
    dec quantity;
    dec unit_amount;
    dec amount;
    dec percentage_discount;
    dec maximum_discount;
    enum rate_category category;
    struct rate_totals totals;
};

/* The entry as it is printed: named after the line, "API calls: usage price for tier 2"; nothing is
 * taxed or credited yet. `price` is the one that was rated. Texts are in the arena, static, or the
 * line's name itself. */
struct rate_detail rate_entry_print(const struct rate_entry *entry, text line_name,
                                    const struct price *price, struct arena *arena);

/* All zero, with the currency's digits. */
struct rate_totals rate_totals_zero(const struct currency *currency);

/* Member-wise sum. */
struct rate_totals rate_totals_add(const struct rate_totals *a, const struct rate_totals *b);

#endif
