/* rate_inside.h: what the files behind rate.h share. Private to the module.
 *
 * rate.c runs the steps, rate_quantity.c makes the quantity that is priced, rate_price.c has the
 * price types.
 */
#ifndef RATING_RATE_INSIDE_H
#define RATING_RATE_INSIDE_H

#include "rating/rate.h"

/* A line while it is rated. Amounts that do not fit make it invalid, and are looked at in the end.
 */
struct rating {
    const struct rate_input *input;
    struct arena *arena;
    struct rate_reckoning result; /* the totals grow with the details */
    dec zero;                     /* with the currency's digits */
    bool has_percentage;
    dec share_off; /* the percentage discount as a factor, where it has room for two digits more */
};

/* Steps 1 and 2: fills the quantities of the result. */
void rate_quantities(struct rating *rating);

/* Step 3: adds the detailed lines of the price. */
NODISCARD enum fault rate_price(struct rating *rating);

/* Adds an entry; the amount is quantity times unit amount, rounded, less its percentage.
 * There is room. */
struct rate_entry *rate_add(struct rating *rating, enum rate_part part, dec quantity,
                            dec unit_amount);

#endif
