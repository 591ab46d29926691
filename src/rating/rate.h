/* rate.h: prices times quantities. Pure: plain structs in, plain structs out.
 *
 * rate_line turns one line (terms, a quantity, a period) into detailed lines, the money of the wire
 * contract. The order of steps is the contract's:
 *
 *   unit conversion, usage discount, price, percentage discount, maximum, minimum
 *
 * Each detailed line is rounded once, half away from zero, to the currency's minor unit; totals are
 * sums of rounded lines (architecture, rule 3).
 *
 * A period may be billed in parts. A part knows what was metered and billed before it, and whether
 * it is the first or the last: tiers go on over the parts, fees are charged once, a maximum holds
 * for all parts together, and a minimum is made up for by the last.
 */
#ifndef RATING_RATE_H
#define RATING_RATE_H

#include "base/fault.h"
#include "rating/detail.h"
#include "rating/prorate.h"

/* A part of the quantity, for prices that tell them apart (price_split_of). */
struct rate_share {
    size_t place; /* MATRIX, TIME_OF_USE: the cell or window; their count: none of them */
    dec value;    /* PERCENTAGE: of one transaction */
    dec quantity; /* units; PERCENTAGE: how many transactions of this value */
};

/* What is to be priced. */
struct rate_input {
    const struct price_terms *terms;
    const struct rate_share *shares; /* of prices with a split; each place at most once */
    size_t share_count;
    text name;          /* of the line; detailed lines are named after it */
    dec quantity;       /* metered, in the part; flat prices ignore it */
    dec prior_quantity; /* metered in the same period before the part; 0 when it is the first */
    dec prior_total;    /* billed for the same period before the part */
    bool is_later_part; /* not the first part of its period */
    bool is_open_part;  /* not the last part of its period */
    enum payment_term payment_term; /* FLAT: in which part it is due: the first or the last */
    const struct currency *currency;
    /* Proration of fees and commitments: the part of the full service period that is billed. Equal
     * periods, or an empty full period, mean no proration. Usage is never prorated, nor is the
     * quantity in a capacity. */
    struct period service_period;
    struct period full_service_period;
    enum proration_unit proration_unit;
    const struct zone *zone; /* PRORATE_DAYS: the billing time zone; NULL: UTC */
    bool keeps_commitments;  /* minimum and maximum are not prorated */
};

/* RATE_DETAILS_PER_TIER for each tier and one for the minimum. */
#define RATE_DETAILS_PER_TIER 2

/* A line as numbers only: what it comes to, and the parts of it. */
struct rate_reckoning {
    struct rate_entry *entries;
    size_t count;
    struct rate_totals totals;
    dec quantity;            /* priced: converted, and less the usage discount */
    dec prior_quantity;      /* the same of what was before the part */
    dec converted_quantity;  /* after the unit conversion only */
    dec discounted_quantity; /* free of charge in this part; 0: nothing */
    dec discounted_prior;    /* free of charge before it */
};

/* The same, as it is printed. */
struct rate_result {
    struct rate_detail *details;
    size_t count;
    struct rate_totals totals;
    dec quantity;
    dec prior_quantity;
    dec converted_quantity;
    dec discounted_quantity;
    dec discounted_prior;
};

/* Prices one line. FAULT_AMOUNT_OVERFLOW when an amount does not fit; FAULT_PRICE_NOT_SPLITTABLE
 * for a volume price with usage in earlier parts, and for unit conversions and free units of a
 * price with a split. Entries live in the arena; nothing else is allocated. A unit price with
 * quantity 0 makes no entry, nor does a flat one whose (prorated) amount is zero; of unit prices a
 * negative quantity is allowed (corrections). */
NODISCARD enum fault rate_reckon(const struct rate_input *input, struct arena *arena,
                                 struct rate_reckoning *ret);

/* The same, with names, references and totals of each detailed line. */
NODISCARD enum fault rate_line(const struct rate_input *input, struct arena *arena,
                               struct rate_result *ret);

/* The proration of the input's fees. */
struct proration rate_proration(const struct rate_input *input);

/* A minimum or maximum as it holds for the billed part of the period: prorated, unless the input
 * keeps commitments, and rounded. Invalid when it does not fit. */
dec rate_commitment(const struct rate_input *input, dec amount);

#endif
