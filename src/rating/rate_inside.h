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
    struct rate_result result;
};

/* Steps 1 and 2: fills the quantities of the result. */
void rate_quantities(struct rating *rating);

/* Step 3: adds the detailed lines of the price. */
NODISCARD enum fault rate_price(struct rating *rating);

/* Adds a detailed line; the amount is quantity times unit amount, rounded. There is room. The
 * reference must live as long as the arena. */
struct rate_detail *rate_add(struct rating *rating, text child_id, dec quantity, dec unit_amount);

/* Zero with the currency's digits. */
dec rate_zero(const struct rating *rating);

#endif
