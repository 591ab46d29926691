/* detail.h: one priced part of a line, and its totals. Pure.
 *
 * A detail holds numbers and what it is of; its reference, its name and its totals follow from
 * these and are made when somebody asks, since most of what is rated is added up and never printed.
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

struct rate_detail {
    enum rate_part part;
    enum rate_category category;
    uint32_t place;   /* which tier, cell or window, from 0; cells and windows: their count
                         for what none of them has */
    bool is_reversal; /* takes back what was booked and is not there any more (delta.h) */
    dec quantity;
    dec unit_amount;         /* full precision */
    dec amount;              /* quantity * unit_amount, rounded */
    dec percentage_discount; /* taken off by the percentage; 0: nothing */
    dec maximum_discount;    /* taken off because the maximum was reached; 0: nothing */
};

/* The contract's reference, in the arena or static. Of a reversal it ends in
 * "#reversal:category=…:per_unit_amount=…". */
text rate_detail_reference(const struct rate_detail *detail, struct arena *arena);

/* The name, after that of the line: "API calls: usage price for tier 2". In the arena, or the
 * line's own. `price` is the one that was rated. */
text rate_detail_name(const struct rate_detail *detail, text line_name, const struct price *price,
                      struct arena *arena);

/* Its own totals. Nothing is taxed or credited yet. */
struct rate_totals rate_detail_totals(const struct rate_detail *detail);

/* Whether both have the same reference, but for the mark of a reversal, the same category and the
 * same unit price: what one takes off the other. */
bool rate_detail_is_same(const struct rate_detail *a, const struct rate_detail *b);

/* All zero, with the currency's digits. */
struct rate_totals rate_totals_zero(const struct currency *currency);

/* Member-wise sum. */
struct rate_totals rate_totals_add(const struct rate_totals *a, const struct rate_totals *b);

#endif
