/* dec_short.h: the short ways of dec.h: numbers of up to 18 digits, calculated in one or two
 * machine words, inline. Part of dec.h, which includes it; not to be included alone.
 *
 * Most amounts, prices and quantities are that short. What is longer, or does not fit after all,
 * goes the long way (dec.c), which gives the same result for every input. Results of the long ways
 * are handed on member by member, so that those of the short ways need not go through memory.
 */
#ifndef BASE_DEC_SHORT_H
#define BASE_DEC_SHORT_H

#ifndef BASE_DEC_H
#error "include base/dec.h"
#endif

/* 10^0 to 10^18: what fits a signed 64-bit number. */
#define DEC_SHORT_POWER_MAX 18
extern const int64_t dec_short_powers[DEC_SHORT_POWER_MAX + 1];

/* The long ways, right for every input. Called by the functions below only. */
dec dec_add_long(dec a, dec b);
int dec_compare_long(dec a, dec b);
dec dec_mul_round_long(dec a, dec b, int32_t scale, enum rounding rounding);

static inline bool dec_is_valid(dec a)
{
    CHECK(a.scale >= DEC_SCALE_INVALID && a.scale <= DEC_SCALE_MAX);
    return a.scale != DEC_SCALE_INVALID;
}

/* Whether the coefficient fits 64 bits. */
static inline bool dec_is_short(dec a)
{
    return (int64_t)a.coefficient == a.coefficient;
}

static inline dec dec_of_int(int64_t n)
{
    return (dec){ n, 0 };
}

static inline int dec_sign(dec a)
{
    CHECK(dec_is_valid(a));
    return (a.coefficient > 0) - (a.coefficient < 0);
}

static inline bool dec_is_zero(dec a)
{
    CHECK(dec_is_valid(a));
    return a.coefficient == 0;
}

static inline dec dec_negate(dec a)
{
    return dec_is_valid(a) ? (dec){ -a.coefficient, a.scale } : DEC_INVALID;
}

/* The sum of two short ones fits any dec. */
static inline dec dec_add(dec a, dec b)
{
    if (a.scale == b.scale && dec_is_short(a) && dec_is_short(b) && dec_is_valid(a))
        return (dec){ a.coefficient + b.coefficient, a.scale };
    dec sum = dec_add_long(a, b);
    return (dec){ sum.coefficient, sum.scale };
}

static inline dec dec_sub(dec a, dec b)
{
    return dec_add(a, dec_negate(b));
}

static inline int dec_compare(dec a, dec b)
{
    CHECK(dec_is_valid(a) && dec_is_valid(b));
    if (a.scale == b.scale)
        return (a.coefficient > b.coefficient) - (a.coefficient < b.coefficient);
    return dec_compare_long(a, b);
}

static inline bool dec_equal(dec a, dec b)
{
    return dec_compare(a, b) == 0;
}

static inline dec dec_min(dec a, dec b)
{
    if (!dec_is_valid(a) || !dec_is_valid(b))
        return DEC_INVALID;
    return dec_compare(a, b) <= 0 ? a : b;
}

static inline dec dec_max(dec a, dec b)
{
    if (!dec_is_valid(a) || !dec_is_valid(b))
        return DEC_INVALID;
    return dec_compare(a, b) >= 0 ? a : b;
}

/* A product of 64 bits at another scale: with zeros, or rounded half away from zero. Half the
 * divisor is added first, so that the quotient towards zero is the rounded one. False when it has
 * more than 64 bits on the way. */
static inline bool dec_short_scale(int64_t product, int32_t drop, int64_t *ret)
{
    if (drop < 0)
        return drop >= -DEC_SHORT_POWER_MAX &&
               !__builtin_mul_overflow(product, dec_short_powers[-drop], ret);
    if (drop > DEC_SHORT_POWER_MAX)
        return false;
    int64_t power = dec_short_powers[drop];
    if (__builtin_add_overflow(product, product < 0 ? -(power / 2) : power / 2, ret))
        return false;
    *ret /= power;
    return true;
}

static inline dec dec_mul_round(dec a, dec b, int32_t scale, enum rounding rounding)
{
    int64_t product;

    CHECK(scale >= 0 && scale <= DEC_SCALE_MAX);
    if (rounding == ROUND_HALF_AWAY && dec_is_short(a) && dec_is_short(b) && dec_is_valid(a) &&
        dec_is_valid(b) &&
        !__builtin_mul_overflow((int64_t)a.coefficient, (int64_t)b.coefficient, &product) &&
        dec_short_scale(product, a.scale + b.scale - scale, &product))
        return (dec){ product, scale };
    dec rounded = dec_mul_round_long(a, b, scale, rounding);
    return (dec){ rounded.coefficient, rounded.scale };
}

#endif
