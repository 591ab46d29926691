/* random_terms.h: seeded random price lists. SEED=n repeats a run. */
#ifndef TEST_UNIT_RATING_RANDOM_TERMS_H
#define TEST_UNIT_RATING_RANDOM_TERMS_H

#include <stdlib.h>

#include "base/clock.h"
#include "unit/rating/terms.h"

static uint64_t random_state;

/* A linear congruence (D. Knuth, MMIX), its upper half. */
static inline int64_t between(int64_t low, int64_t high)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return low + (int64_t)((random_state >> 33) % (uint64_t)(high - low + 1));
}

/* Any terms that a catalog would take; tiers live in the row. */
static inline void random_terms(struct row *row)
{
    struct price_terms *terms = &row->terms;

    static const enum price_type types[] = { PRICE_UNIT, PRICE_GRADUATED, PRICE_VOLUME,
                                             PRICE_PACKAGE, PRICE_DYNAMIC };

    *terms = price_terms_free();
    terms->price.type = types[between(0, COUNT_OF(types) - 1)];
    terms->price.amount = dec_of_parts(between(0, 100000), 4);
    terms->price.package_size = dec_of_int(between(1, 20));
    terms->price.multiplier = dec_of_parts(between(0, 300), 2);
    for (int i = 0; i < 3; i++)
        row->tiers[i] = (struct price_tier){
            i < 2 ? dec_of_int(10 + 20 * i) : DEC_INVALID,
            between(0, 1) ? dec_of_parts(between(0, 1000), 2) : DEC_INVALID,
            dec_of_parts(between(0, 100000), 4),
        };
    if (terms->price.type == PRICE_GRADUATED || terms->price.type == PRICE_VOLUME)
        terms->price.tiers = (struct list){ row->tiers, 3 };
    if (between(0, 2) == 0)
        terms->percentage_discount = dec_of_parts(between(0, 10000), 2);
    if (between(0, 2) == 0)
        terms->maximum_amount = dec_of_parts(between(0, 10000), 2);
    if (between(0, 2) == 0)
        terms->minimum_amount = dec_of_parts(between(0, 10000), 2);
    if (dec_is_valid(terms->minimum_amount) && dec_is_valid(terms->maximum_amount) &&
        dec_compare(terms->minimum_amount, terms->maximum_amount) > 0)
        terms->minimum_amount = terms->maximum_amount;
    if (between(0, 3) == 0)
        terms->usage_discount = dec_of_parts(between(0, 300), 1);
}

static inline void random_seed(void)
{
    const char *seed = getenv("SEED");
    random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)clock_monotonic_ns();
    printf("# SEED=%llu\n", (unsigned long long)random_state);
}

#endif
