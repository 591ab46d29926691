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

/* Divides `amount`, which has been rounded to the currency's minor unit, by weights: `ret` gets
 * `count` shares. Weights are not negative and not all zero. False when a product does not fit. */
NODISCARD bool allocate_by_weight(dec amount, const dec *weights, size_t count,
                                  const struct currency *currency, struct arena *arena, dec *ret);

/* How parts relate to their share: part * numerator / denominator. Both positive. */
struct allocate_ratio {
    dec numerator;
    dec denominator;
};

/* Divides `amount`, which is the rounded sum of parts * ratio, over the parts. Parts may have
 * either sign. False when a product does not fit. */
NODISCARD bool allocate_by_ratio(dec amount, const dec *parts, size_t count,
                                 struct allocate_ratio ratio, const struct currency *currency,
                                 struct arena *arena, dec *ret);

#endif
