/* allocate.c: largest remainders. */
#include "rating/allocate.h"

/* Gives `units` minor units to the shares with the largest remainders, the first of equals first. A
 * remainder is taken once. */
static void hand_out(int64_t units, dec unit, dec *remainders, size_t count, dec *shares)
{
    CHECK(units >= 0 && (uint64_t)units <= count);
    for (; units > 0; units--) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++) {
            if (dec_compare(remainders[i], remainders[best]) > 0)
                best = i;
        }
        shares[best] = dec_add(shares[best], unit);
        remainders[best] = dec_of_int(-1);
    }
}

/* The amount is not negative, or the parts' sum is; shares are cut towards minus infinity. */
static bool divide(dec amount, const dec *parts, size_t count, struct allocate_ratio ratio,
                   const struct currency *currency, dec *remainders, dec *ret)
{
    const dec unit = dec_of_parts(1, currency->digits);
    dec left = amount;
    for (size_t i = 0; i < count; i++) {
        dec share = dec_mul_div(parts[i], ratio.numerator, ratio.denominator, currency->digits,
                                ROUND_FLOOR);
        remainders[i] =
            dec_sub(dec_mul(parts[i], ratio.numerator), dec_mul(share, ratio.denominator));
        left = dec_sub(left, share);
        if (!dec_is_valid(remainders[i]) || !dec_is_valid(left))
            return false;
        ret[i] = share;
    }
    dec units = dec_div(left, unit, 0, ROUND_FLOOR);
    CHECK(dec_is_valid(units));
    hand_out((int64_t)units.coefficient, unit, remainders, count, ret);
    return true;
}

bool allocate_by_ratio(dec amount, const dec *parts, size_t count, struct allocate_ratio ratio,
                       const struct currency *currency, struct arena *arena, dec *ret)
{
    CHECK(parts != NULL && currency != NULL && arena != NULL && ret != NULL && count > 0);
    CHECK(dec_sign(ratio.numerator) > 0 && dec_sign(ratio.denominator) > 0);
    dec *remainders = ARENA_ARRAY(arena, dec, count);
    if (dec_sign(amount) >= 0)
        return divide(amount, parts, count, ratio, currency, remainders, ret);
    dec *opposite = ARENA_ARRAY(arena, dec, count);
    for (size_t i = 0; i < count; i++)
        opposite[i] = dec_negate(parts[i]);
    if (!divide(dec_negate(amount), opposite, count, ratio, currency, remainders, ret))
        return false;
    for (size_t i = 0; i < count; i++)
        ret[i] = dec_negate(ret[i]);
    return true;
}

bool allocate_by_weight(dec amount, const dec *weights, size_t count,
                        const struct currency *currency, struct arena *arena, dec *ret)
{
    CHECK(weights != NULL && count > 0);
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < count; i++) {
        CHECK(dec_sign(weights[i]) >= 0);
        sum = dec_add(sum, weights[i]);
        ret[i] = dec_round(DEC_ZERO, currency->digits, ROUND_FLOOR);
    }
    if (dec_is_zero(amount))
        return dec_is_valid(sum);
    struct allocate_ratio ratio = { dec_abs(amount), sum };
    dec *parts = ARENA_ARRAY(arena, dec, count);
    for (size_t i = 0; i < count; i++)
        parts[i] = dec_sign(amount) > 0 ? weights[i] : dec_negate(weights[i]);
    return dec_is_valid(sum) &&
           allocate_by_ratio(amount, parts, count, ratio, currency, arena, ret);
}
