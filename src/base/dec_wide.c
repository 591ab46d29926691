#include "base/dec_wide.h"

#define E19           ((dec_magnitude)10000000000000000000U)
#define POWER_PAIR(n) ((dec_magnitude)(n)), ((dec_magnitude)(n)*10U)

/* clang-format off */
static const dec_magnitude powers[DEC_DIGITS_MAX + 1] = {
    POWER_PAIR(1U), POWER_PAIR(100U), POWER_PAIR(10000U), POWER_PAIR(1000000U),
    POWER_PAIR(100000000U), POWER_PAIR(10000000000U), POWER_PAIR(1000000000000U),
    POWER_PAIR(100000000000000U), POWER_PAIR(10000000000000000U),
    POWER_PAIR(1000000000000000000U),
    POWER_PAIR(E19 * 10U), POWER_PAIR(E19 * 1000U), POWER_PAIR(E19 * 100000U),
    POWER_PAIR(E19 * 10000000U), POWER_PAIR(E19 * 1000000000U), POWER_PAIR(E19 * 100000000000U),
    POWER_PAIR(E19 * 10000000000000U), POWER_PAIR(E19 * 1000000000000000U),
    POWER_PAIR(E19 * 100000000000000000U), E19 * E19,
};
/* clang-format on */

_Static_assert(GMP_NUMB_BITS == 64, "limbs of 64 bits without nails");

dec_magnitude dec_power(int32_t exponent)
{
    CHECK(exponent >= 0 && exponent <= DEC_DIGITS_MAX);
    return powers[exponent];
}

dec_magnitude dec_magnitude_of(dec a)
{
    CHECK(dec_is_valid(a));
    return a.coefficient < 0 ? -(dec_magnitude)a.coefficient : (dec_magnitude)a.coefficient;
}

dec dec_of_magnitude(dec_magnitude magnitude, int32_t scale, bool is_negative)
{
    dec_coefficient coefficient = (dec_coefficient)magnitude;
    CHECK(magnitude < powers[DEC_DIGITS_MAX]);
    CHECK(scale >= 0 && scale <= DEC_SCALE_MAX);
    return (dec){ is_negative ? -coefficient : coefficient, scale };
}

static void wide_trim(struct wide *a)
{
    while (a->count > 0 && a->limb[a->count - 1] == 0)
        a->count--;
}

struct wide wide_of(dec_magnitude magnitude)
{
    struct wide ret = { .limb = { (mp_limb_t)magnitude, (mp_limb_t)(magnitude >> 64) },
                        .count = 2 };
    wide_trim(&ret);
    return ret;
}

bool wide_is_zero(const struct wide *a)
{
    return a->count == 0;
}

/* The value of a wide of at most two limbs. */
static dec_magnitude wide_low(const struct wide *a)
{
    dec_magnitude low = a->count > 0 ? a->limb[0] : 0;
    CHECK(a->count <= 2);
    return a->count > 1 ? low | (dec_magnitude)a->limb[1] << 64 : low;
}

bool wide_fits(const struct wide *a, dec_magnitude *ret)
{
    if (a->count > 2 || wide_low(a) >= powers[DEC_DIGITS_MAX])
        return false;
    *ret = wide_low(a);
    return true;
}

struct wide wide_mul(const struct wide *a, const struct wide *b)
{
    const struct wide *longer = a->count >= b->count ? a : b;
    const struct wide *shorter = longer == a ? b : a;
    struct wide ret = { .count = 0 };
    if (shorter->count == 0)
        return ret;
    CHECK(longer->count + shorter->count <= WIDE_LIMBS);
    mpn_mul(ret.limb, longer->limb, longer->count, shorter->limb, shorter->count);
    ret.count = longer->count + shorter->count;
    wide_trim(&ret);
    return ret;
}

struct wide wide_mul_power(const struct wide *a, int32_t exponent)
{
    struct wide ret = *a;
    CHECK(exponent >= 0 && exponent <= WIDE_POWER_MAX);
    while (exponent > 0) {
        int32_t step = exponent < DEC_DIGITS_MAX ? exponent : DEC_DIGITS_MAX;
        struct wide power = wide_of(powers[step]);
        ret = wide_mul(&ret, &power);
        exponent -= step;
    }
    return ret;
}

struct wide wide_add(const struct wide *a, const struct wide *b)
{
    const struct wide *longer = a->count >= b->count ? a : b;
    const struct wide *shorter = longer == a ? b : a;
    struct wide ret = *longer;
    if (shorter->count == 0)
        return ret;
    CHECK(longer->count < WIDE_LIMBS);
    ret.limb[longer->count] =
        mpn_add(ret.limb, longer->limb, longer->count, shorter->limb, shorter->count);
    ret.count = longer->count + 1;
    wide_trim(&ret);
    return ret;
}

struct wide wide_sub(const struct wide *a, const struct wide *b)
{
    struct wide ret = *a;
    CHECK(wide_compare(a, b) >= 0);
    if (b->count > 0)
        MUST(mpn_sub(ret.limb, a->limb, a->count, b->limb, b->count) == 0);
    wide_trim(&ret);
    return ret;
}

int wide_compare(const struct wide *a, const struct wide *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    if (a->count == 0)
        return 0;
    int order = mpn_cmp(a->limb, b->limb, a->count);
    return (order > 0) - (order < 0);
}

struct wide wide_divide(const struct wide *a, const struct wide *b, struct wide *ret_rest)
{
    struct wide ret = { .count = 0 };
    CHECK(b->count > 0);
    if (a->count <= 2 && b->count <= 2) {
        dec_magnitude numerator = wide_low(a);
        dec_magnitude denominator = wide_low(b);
        *ret_rest = wide_of(numerator % denominator);
        return wide_of(numerator / denominator);
    }
    if (a->count < b->count) {
        *ret_rest = *a;
        return ret;
    }
    struct wide rest = { .count = b->count };
    mpn_tdiv_qr(ret.limb, rest.limb, 0, a->limb, a->count, b->limb, b->count);
    ret.count = a->count - b->count + 1;
    wide_trim(&ret);
    wide_trim(&rest);
    *ret_rest = rest;
    return ret;
}
