/* allocate.c: largest remainders. */
#include "rating/allocate.h"

/* Shares while the last minor units are handed out. */
struct handing {
    dec unit;
    dec step;        /* what a unit takes off a remainder */
    dec *remainders; /* what each share lacks of its exact value, times the ratio's denominator */
    size_t count;
    dec *shares;
};

/* The largest or the smallest remainder, the first of equals. */
static size_t extreme_of(const struct handing *handing, int sign)
{
    size_t found = 0;
    for (size_t i = 1; i < handing->count; i++) {
        if (dec_compare(handing->remainders[i], handing->remainders[found]) == sign)
            found = i;
    }
    return found;
}

/* Gives `units` minor units to the shares with the largest remainders, or takes so many from those
 * with the smallest: an amount that was rounded elsewhere may be less than the cut shares. */
static void hand_out(struct handing *handing, int64_t units)
{
    const int sign = units < 0 ? -1 : 1;
    const dec unit = units < 0 ? dec_negate(handing->unit) : handing->unit;
    const dec step = units < 0 ? dec_negate(handing->step) : handing->step;
    for (; units != 0; units -= sign) {
        size_t i = extreme_of(handing, sign);
        handing->shares[i] = dec_add(handing->shares[i], unit);
        handing->remainders[i] = dec_sub(handing->remainders[i], step);
    }
}

/* An amount that is not negative; shares are cut towards minus infinity. */
static bool divide(const struct allocation *allocation, struct allocate_ratio ratio,
                   dec *remainders, dec *ret)
{
    const int32_t digits = allocation->currency->digits;
    const dec unit = dec_of_parts(1, digits);
    dec left = allocation->amount;
    for (size_t i = 0; i < allocation->count; i++) {
        dec part = allocation->parts[i];
        dec share = dec_mul_div(part, ratio.numerator, ratio.denominator, digits, ROUND_FLOOR);
        remainders[i] = dec_sub(dec_mul(part, ratio.numerator), dec_mul(share, ratio.denominator));
        left = dec_sub(left, share);
        if (!dec_is_valid(remainders[i]))
            return false;
        ret[i] = share;
    }
    dec units = dec_div(left, unit, 0, ROUND_FLOOR);
    struct handing handing = { unit, dec_mul(unit, ratio.denominator), remainders,
                               allocation->count, ret };
    if (!dec_is_valid(dec_mul(units, handing.step)))
        return false;
    CHECK(dec_compare(dec_abs(units), dec_of_int((int64_t)allocation->count + 2)) <= 0);
    hand_out(&handing, (int64_t)units.coefficient);
    return true;
}

static dec *opposite_of(const dec *parts, size_t count, struct arena *arena)
{
    dec *opposite = ARENA_ARRAY(arena, dec, count);
    for (size_t i = 0; i < count; i++)
        opposite[i] = dec_negate(parts[i]);
    return opposite;
}

bool allocate_by_ratio(const struct allocation *allocation, struct allocate_ratio ratio,
                       struct arena *arena, dec *ret)
{
    CHECK(allocation != NULL && allocation->count > 0 && allocation->currency != NULL);
    CHECK(arena != NULL && ret != NULL);
    CHECK(dec_sign(ratio.numerator) > 0 && dec_sign(ratio.denominator) > 0);
    const size_t count = allocation->count;
    dec *remainders = ARENA_ARRAY(arena, dec, count);
    if (dec_sign(allocation->amount) >= 0)
        return divide(allocation, ratio, remainders, ret);
    struct allocation positive = *allocation;
    positive.amount = dec_negate(allocation->amount);
    positive.parts = opposite_of(allocation->parts, count, arena);
    if (!divide(&positive, ratio, remainders, ret))
        return false;
    for (size_t i = 0; i < count; i++)
        ret[i] = dec_negate(ret[i]);
    return true;
}

bool allocate_by_weight(const struct allocation *allocation, struct arena *arena, dec *ret)
{
    CHECK(allocation != NULL && allocation->count > 0 && allocation->currency != NULL);
    CHECK(arena != NULL && ret != NULL);
    struct allocation signed_parts = *allocation;
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < allocation->count; i++) {
        CHECK(dec_sign(allocation->parts[i]) >= 0);
        sum = dec_add(sum, allocation->parts[i]);
        ret[i] = dec_round(DEC_ZERO, allocation->currency->digits, ROUND_FLOOR);
    }
    if (!dec_is_valid(sum) || dec_is_zero(allocation->amount))
        return dec_is_valid(sum);
    if (dec_sign(allocation->amount) < 0)
        signed_parts.parts = opposite_of(allocation->parts, allocation->count, arena);
    struct allocate_ratio ratio = { dec_abs(allocation->amount), sum };
    return allocate_by_ratio(&signed_parts, ratio, arena, ret);
}
