/* rate.h: prices times quantities. Pure: plain structs in, plain structs out.
 *
 * rate_line turns one line (a price, a quantity, a period) into detailed lines, the money of the
 * wire contract. Each detailed line is rounded once, half away from zero, to the currency's minor
 * unit; totals are sums of rounded lines (architecture, rule 3). The order of steps is the wire
 * contract's: price first; discounts, commitments and credits follow it when they exist.
 */
#ifndef RATING_RATE_H
#define RATING_RATE_H

#include "base/fault.h"
#include "base/money.h"
#include "base/span.h"

enum price_type {
    PRICE_FREE, /* no price: makes no lines */
    PRICE_FLAT, /* an amount, whatever the quantity */
    PRICE_UNIT, /* an amount for each unit */
    PRICE_TYPE_COUNT
};

enum payment_term { TERM_IN_ADVANCE, TERM_IN_ARREARS, TERM_COUNT };

/* NULL-terminated, in the order of their enums. */
extern const char *const price_type_words[];
extern const char *const payment_term_words[];

struct price {
    enum price_type type;
    dec amount; /* FLAT: the fee; UNIT: for one unit; full precision. FREE: invalid */
};

/* What is to be priced. */
struct rate_input {
    struct price price;
    text name;    /* of the line; detailed lines are named after it */
    dec quantity; /* metered, in the period; flat prices ignore it */
    const struct currency *currency;
    /* Proration of flat prices: the part of the full service period that is billed. Equal periods,
     * or an empty full period, mean no proration. */
    struct period service_period;
    struct period full_service_period;
};

enum rate_category { RATE_REGULAR, RATE_COMMITMENT, RATE_CATEGORY_COUNT };

/* One priced part of a line. */
struct rate_detail {
    text child_id; /* the contract's childUniqueReferenceID: "flat-price", "unit-price-usage" */
    text name;
    dec quantity;
    dec unit_amount; /* full precision */
    dec amount;      /* quantity * unit_amount, rounded */
    enum rate_category category;
};

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

struct rate_result {
    struct rate_detail *details;
    size_t count;
    struct rate_totals totals;
};

/* Prices one line. FAULT_AMOUNT_OVERFLOW when an amount does not fit. Details live in the arena.
 * A unit price with quantity 0 makes no detail, nor does a flat one whose (prorated) amount is
 * zero; a negative quantity is allowed (corrections). */
NODISCARD enum fault rate_line(const struct rate_input *input, struct arena *arena,
                               struct rate_result *ret);

/* All zero, with the currency's digits. */
struct rate_totals rate_totals_zero(const struct currency *currency);

/* Member-wise sum. */
struct rate_totals rate_totals_add(const struct rate_totals *a, const struct rate_totals *b);

/* amount * service / full by elapsed nanoseconds, rounded once (the contract's 7.9). */
dec rate_prorate(dec amount, struct period service, struct period full,
                 const struct currency *currency);

#endif
