/* allocate.h: one amount of money divided over several, to the last minor unit.
 *
 * Every share is cut down to the minor unit; the units that are left go one each to the shares that
 * lost most by the cut (largest remainder), of equals to the first. The shares add up to the amount
 * exactly. A negative amount is divided as its opposite is, so that what is taken back equals what
 * was given.
 */
#ifndef RATING_ALLOCATE_H
#define RATING_ALLOCATE_H

#include "base/money.h"

/* What is divided over what. */
struct allocation {
    dec amount; /* rounded to the currency's minor unit */
    const dec *parts;
    size_t count; /* of parts; at least one */
    const struct currency *currency;
};

/* How parts relate to their share: part * numerator / denominator. Both positive. */
struct allocate_ratio {
    dec numerator;
    dec denominator;
};

/* Divides the amount by weights, which are not negative and not all zero: `ret` gets a share for
 * each part. False when a product does not fit. */
NODISCARD bool allocate_by_weight(const struct allocation *allocation, struct arena *arena,
                                  dec *ret);

/* Divides the amount, which is the rounded sum of parts * ratio or one of its shares and so at most
 * two minor units off, over the parts, which may have either sign. False when a product does not
 * fit. */
NODISCARD bool allocate_by_ratio(const struct allocation *allocation, struct allocate_ratio ratio,
                                 struct arena *arena, dec *ret);

#endif
