#include "rollup/tally_wide.h"

/* 10^exponent, for 0 to 38. */
static tally_digits power_of(int32_t exponent)
{
    tally_digits power = 1;
    CHECK(exponent >= 0 && exponent <= DEC_DIGITS_MAX);
    for (int32_t i = 0; i < exponent; i++)
        power *= 10;
    return power;
}

tally_digits tally_wide_base(void)
{
    return power_of(DEC_DIGITS_MAX);
}

void tally_wide_merge(struct tally_wide *wide, const struct tally_wide *from)
{
    tally_digits base = tally_wide_base();
    CHECK(wide->low < base && wide->part < base);
    CHECK(from->low < base && from->part < base);
    wide->high += from->high;
    wide->low += from->low;
    wide->part += from->part;
    if (wide->part >= base) {
        wide->part -= base;
        wide->low++;
    }
    if (wide->low >= base) {
        wide->low -= base;
        wide->high++;
    }
}

/* The sum with the other sign. */
static struct tally_wide negative_of(const struct tally_wide *wide)
{
    tally_digits base = tally_wide_base();
    struct tally_wide ret = { .part = wide->part == 0 ? 0 : base - wide->part };
    tally_digits low = wide->low + (wide->part == 0 ? 0 : 1);
    ret.low = low == 0 || low == base ? 0 : base - low;
    ret.high = -wide->high - (low == 0 ? 0 : 1);
    return ret;
}

void tally_wide_add(struct tally_wide *wide, dec number)
{
    CHECK(dec_is_valid(number));
    bool is_negative = number.coefficient < 0;
    tally_digits magnitude = is_negative ? -(tally_digits)number.coefficient
                                         : (tally_digits)number.coefficient;
    tally_digits unit = power_of(number.scale);
    struct tally_wide from = {
        .low = magnitude / unit,
        .part = magnitude % unit * power_of(DEC_SCALE_MAX - number.scale),
    };
    if (is_negative)
        from = negative_of(&from);
    tally_wide_merge(wide, &from);
}

dec tally_wide_dec(const struct tally_wide *wide)
{
    bool is_negative = wide->high < 0;
    struct tally_wide sum = is_negative ? negative_of(wide) : *wide;
    tally_digits base = tally_wide_base();
    int32_t scale = DEC_SCALE_MAX;
    if (sum.high != 0)
        return DEC_INVALID;
    while (scale > 0 && sum.part % 10 == 0) {
        sum.part /= 10;
        scale--;
    }
    tally_digits unit = power_of(scale);
    if (sum.low > (base - 1 - sum.part) / unit)
        return DEC_INVALID;
    dec_coefficient coefficient = (dec_coefficient)(sum.low * unit + sum.part);
    return dec_of_parts(is_negative ? -coefficient : coefficient, scale);
}
