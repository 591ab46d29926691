/* Arithmetic of exact decimals.
 *
 * Each operation has a short way in 128 bits, taken when nothing overflows, and a long way
 * through struct wide, which holds any intermediate result exactly. The long way ends in fit,
 * which gives back a dec only if the exact result is one.
 */
#include "base/dec.h"

#include "base/dec_wide.h"

dec dec_of_parts(dec_coefficient coefficient, int32_t scale)
{
    dec_coefficient limit = (dec_coefficient)dec_power(DEC_DIGITS_MAX);
    if (scale < 0 || scale > DEC_SCALE_MAX || coefficient >= limit || coefficient <= -limit)
        return DEC_INVALID;
    return (dec){ coefficient, scale };
}

/* The dec of an exact result, without as many zeros at the end of its fraction as must go to make
 * it fit; invalid when that is not enough. */
static dec fit(struct wide magnitude, int32_t scale, bool is_negative)
{
    struct wide ten = wide_of(10);
    dec_magnitude small = 0;
    while (scale > DEC_SCALE_MAX || !wide_fits(&magnitude, &small)) {
        struct wide rest;
        if (scale == 0)
            return DEC_INVALID;
        magnitude = wide_divide(&magnitude, &ten, &rest);
        scale--;
        if (!wide_is_zero(&rest))
            return DEC_INVALID;
    }
    return dec_of_magnitude(small, scale, is_negative);
}

/* The coefficient of `a` at a scale not below its own; false when it has too many digits. */
static bool align(dec a, int32_t scale, dec_coefficient *ret)
{
    dec_magnitude magnitude;
    if (a.scale == scale) {
        *ret = a.coefficient;
        return true;
    }
    if (__builtin_mul_overflow(dec_magnitude_of(a), dec_power(scale - a.scale), &magnitude) ||
        magnitude >= dec_power(DEC_DIGITS_MAX))
        return false;
    *ret = a.coefficient < 0 ? -(dec_coefficient)magnitude : (dec_coefficient)magnitude;
    return true;
}

/* Both coefficients at the finer scale of the two; false when one has more than 64 bits, or the
 * scales are far apart. */
static inline bool align_short(dec a, dec b, dec_coefficient *ret_one, dec_coefficient *ret_other)
{
    int32_t finer = a.scale - b.scale;
    if (!dec_is_short(a) || !dec_is_short(b) || finer > DEC_SHORT_POWER_MAX ||
        finer < -DEC_SHORT_POWER_MAX)
        return false;
    *ret_one = (dec_coefficient)(int64_t)a.coefficient * (finer < 0 ? dec_short_powers[-finer] : 1);
    *ret_other = (dec_coefficient)(int64_t)b.coefficient *
                 (finer > 0 ? dec_short_powers[finer] : 1);
    return true;
}

static dec add_wide(dec a, dec b, int32_t scale)
{
    struct wide wide_a = wide_of(dec_magnitude_of(a));
    struct wide wide_b = wide_of(dec_magnitude_of(b));
    wide_a = wide_mul_power(&wide_a, scale - a.scale);
    wide_b = wide_mul_power(&wide_b, scale - b.scale);
    if ((a.coefficient < 0) == (b.coefficient < 0))
        return fit(wide_add(&wide_a, &wide_b), scale, a.coefficient < 0);
    if (wide_compare(&wide_a, &wide_b) >= 0)
        return fit(wide_sub(&wide_a, &wide_b), scale, a.coefficient < 0);
    return fit(wide_sub(&wide_b, &wide_a), scale, b.coefficient < 0);
}

dec dec_add_long(dec a, dec b)
{
    dec_coefficient one;
    dec_coefficient other;
    dec_coefficient sum;
    int32_t scale = a.scale > b.scale ? a.scale : b.scale;
    if (!dec_is_valid(a) || !dec_is_valid(b))
        return DEC_INVALID;
    if (align_short(a, b, &one, &other))
        return (dec){ one + other, scale };
    if (align(a, scale, &one) && align(b, scale, &other) &&
        !__builtin_add_overflow(one, other, &sum)) {
        dec ret = dec_of_parts(sum, scale);
        if (dec_is_valid(ret))
            return ret;
    }
    return add_wide(a, b, scale);
}

dec dec_mul(dec a, dec b)
{
    dec_magnitude product;
    if (!dec_is_valid(a) || !dec_is_valid(b))
        return DEC_INVALID;
    int32_t scale = a.scale + b.scale;
    bool is_negative = (a.coefficient < 0) != (b.coefficient < 0);
    if (!__builtin_mul_overflow(dec_magnitude_of(a), dec_magnitude_of(b), &product) &&
        product < dec_power(DEC_DIGITS_MAX) && scale <= DEC_SCALE_MAX)
        return dec_of_magnitude(product, scale, is_negative);
    struct wide wide_a = wide_of(dec_magnitude_of(a));
    struct wide wide_b = wide_of(dec_magnitude_of(b));
    return fit(wide_mul(&wide_a, &wide_b), scale, is_negative);
}

dec dec_abs(dec a)
{
    return dec_is_valid(a) && a.coefficient < 0 ? dec_negate(a) : a;
}

/* A quotient with what is left of it, before it is rounded. */
struct quotient {
    struct wide whole;
    struct wide rest; /* below divisor */
    struct wide divisor;
    bool is_negative;
};

/* Whether the magnitude of the quotient is to be raised by one. */
static bool rounds_away(const struct quotient *q, enum rounding rounding)
{
    struct wide to_next;
    int half;
    if (wide_is_zero(&q->rest))
        return false;
    to_next = wide_sub(&q->divisor, &q->rest);
    half = wide_compare(&q->rest, &to_next);
    switch (rounding) {
    case ROUND_HALF_AWAY:
        return half >= 0;
    case ROUND_HALF_EVEN:
        return half > 0 || (half == 0 && q->whole.count > 0 && (q->whole.limb[0] & 1) == 1);
    case ROUND_FLOOR:
        return q->is_negative;
    case ROUND_CEILING:
        return !q->is_negative;
    case ROUND_COUNT:
        break;
    }
    UNREACHABLE();
}

/* As rounds_away, of numbers that fit 128 bits. */
static bool small_rounds_away(dec_magnitude whole, dec_magnitude rest, dec_magnitude divisor,
                              bool is_negative, enum rounding rounding)
{
    switch (rounding) {
    case ROUND_HALF_AWAY:
        return rest >= divisor - rest;
    case ROUND_HALF_EVEN:
        return rest > divisor - rest || (rest == divisor - rest && (whole & 1) != 0);
    case ROUND_FLOOR:
        return rest != 0 && is_negative;
    case ROUND_CEILING:
        return rest != 0 && !is_negative;
    case ROUND_COUNT:
        break;
    }
    UNREACHABLE();
}

const int64_t dec_short_powers[] = {
    1LL,
    10LL,
    100LL,
    1000LL,
    10000LL,
    100000LL,
    1000000LL,
    10000000LL,
    100000000LL,
    1000000000LL,
    10000000000LL,
    100000000000LL,
    1000000000000LL,
    10000000000000LL,
    100000000000000LL,
    1000000000000000LL,
    10000000000000000LL,
    100000000000000000LL,
    1000000000000000000LL,
};

/* The shortest way of dec_mul_div; false when anything on it has more than 64 bits. */
static bool short_mul_div(const dec factors[3], int32_t scale, enum rounding rounding, dec *ret)
{
    int32_t shift = scale + factors[2].scale - factors[0].scale - factors[1].scale;
    int64_t divisor = (int64_t)factors[2].coefficient;
    int64_t numerator;

    if (shift > DEC_SHORT_POWER_MAX || shift < -DEC_SHORT_POWER_MAX || !dec_is_short(factors[0]) ||
        !dec_is_short(factors[1]) || !dec_is_short(factors[2]) ||
        __builtin_mul_overflow((int64_t)factors[0].coefficient, (int64_t)factors[1].coefficient,
                               &numerator))
        return false;
    if (shift > 0 ? __builtin_mul_overflow(numerator, dec_short_powers[shift], &numerator)
                  : __builtin_mul_overflow(divisor, dec_short_powers[-shift], &divisor))
        return false;
    bool is_negative = (numerator < 0) != (divisor < 0);
    uint64_t above = numerator < 0 ? -(uint64_t)numerator : (uint64_t)numerator;
    uint64_t below = divisor < 0 ? -(uint64_t)divisor : (uint64_t)divisor;
    uint64_t whole = above / below;
    uint64_t rest = above % below;
    if (rest != 0 && small_rounds_away(whole, rest, below, is_negative, rounding))
        whole++;
    *ret = dec_of_magnitude(whole, scale, is_negative);
    return true;
}

/* The short way of dec_mul_div; false when anything on it has more than 128 bits. */
static bool small_mul_div(const dec factors[3], int32_t scale, enum rounding rounding, dec *ret)
{
    int32_t shift = scale + factors[2].scale - factors[0].scale - factors[1].scale;
    dec_magnitude divisor = dec_magnitude_of(factors[2]);
    dec_magnitude numerator, whole, rest;
    bool is_negative = ((factors[0].coefficient < 0) != (factors[1].coefficient < 0)) !=
                       (factors[2].coefficient < 0);

    if (shift > DEC_SCALE_MAX || shift < -DEC_SCALE_MAX ||
        __builtin_mul_overflow(dec_magnitude_of(factors[0]), dec_magnitude_of(factors[1]),
                               &numerator))
        return false;
    if (shift > 0 && __builtin_mul_overflow(numerator, dec_power(shift), &numerator))
        return false;
    if (shift < 0 && __builtin_mul_overflow(divisor, dec_power(-shift), &divisor))
        return false;
    whole = numerator / divisor;
    rest = numerator % divisor;
    if (rest != 0 && small_rounds_away(whole, rest, divisor, is_negative, rounding))
        whole++;
    *ret = whole >= dec_power(DEC_DIGITS_MAX) ? DEC_INVALID
                                              : dec_of_magnitude(whole, scale, is_negative);
    return true;
}

dec dec_mul_div(dec a, dec b, dec c, int32_t scale, enum rounding rounding)
{
    struct quotient q;
    dec_magnitude magnitude;
    CHECK(scale >= 0 && scale <= DEC_SCALE_MAX);
    CHECK(rounding < ROUND_COUNT);
    if (!dec_is_valid(a) || !dec_is_valid(b) || !dec_is_valid(c) || c.coefficient == 0)
        return DEC_INVALID;
    dec small;
    const dec factors[] = { a, b, c };
    if (short_mul_div(factors, scale, rounding, &small) ||
        small_mul_div(factors, scale, rounding, &small))
        return small;
    int32_t shift = scale + c.scale - a.scale - b.scale;
    struct wide wide_a = wide_of(dec_magnitude_of(a));
    struct wide wide_b = wide_of(dec_magnitude_of(b));
    struct wide numerator = wide_mul(&wide_a, &wide_b);
    q.divisor = wide_of(dec_magnitude_of(c));
    if (shift > 0)
        numerator = wide_mul_power(&numerator, shift);
    if (shift < 0)
        q.divisor = wide_mul_power(&q.divisor, -shift);
    q.is_negative = ((a.coefficient < 0) != (b.coefficient < 0)) != (c.coefficient < 0);
    q.whole = wide_divide(&numerator, &q.divisor, &q.rest);
    if (!wide_fits(&q.whole, &magnitude))
        return DEC_INVALID;
    if (rounds_away(&q, rounding))
        magnitude++;
    if (magnitude >= dec_power(DEC_DIGITS_MAX))
        return DEC_INVALID;
    return dec_of_magnitude(magnitude, scale, q.is_negative);
}

dec dec_mul_round_long(dec a, dec b, int32_t scale, enum rounding rounding)
{
    return dec_mul_div(a, b, dec_of_int(1), scale, rounding);
}

dec dec_div(dec a, dec b, int32_t scale, enum rounding rounding)
{
    return dec_mul_div(a, dec_of_int(1), b, scale, rounding);
}

dec dec_round(dec a, int32_t scale, enum rounding rounding)
{
    if (dec_is_valid(a) && a.scale == scale)
        return a;
    return dec_mul_div(a, dec_of_int(1), dec_of_int(1), scale, rounding);
}

dec dec_trim(dec a)
{
    if (!dec_is_valid(a))
        return DEC_INVALID;
    if (a.coefficient == 0)
        return DEC_ZERO;
    /* A division of 64 bits is many times faster than one of 128. */
    int64_t small = (int64_t)a.coefficient;
    if (small == a.coefficient) {
        for (; a.scale > 0 && small % 10 == 0; small /= 10)
            a.scale--;
        a.coefficient = small;
        return a;
    }
    while (a.scale > 0 && a.coefficient % 10 == 0) {
        a.coefficient /= 10;
        a.scale--;
    }
    return a;
}

int dec_compare_long(dec a, dec b)
{
    dec_coefficient one;
    dec_coefficient other;
    int32_t scale = a.scale > b.scale ? a.scale : b.scale;
    CHECK(dec_is_valid(a) && dec_is_valid(b));
    if (align_short(a, b, &one, &other))
        return (one > other) - (one < other);
    /* What does not fit at the finer scale is larger than anything that does; only the one with
     * the coarser scale can fail to, so at most one of them does. */
    if (!align(a, scale, &one))
        return dec_sign(a);
    if (!align(b, scale, &other))
        return -dec_sign(b);
    return (one > other) - (one < other);
}
