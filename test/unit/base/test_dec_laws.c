/* Laws of decimals, with a second, independent computation in GMP's exact rationals. */
#include <gmp.h>

#include "base/dec.h"

#include "lib/law.h"

#define CASES 20000

/* A case as it is printed when it breaks a law. */
struct printed {
    char of[3][DEC_TEXT_MAX];
};

static struct printed print(dec a, dec b, dec c)
{
    struct printed ret;
    const dec values[] = { a, b, c };
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        if (dec_is_valid(values[i]))
            dec_print(values[i], ret.of[i]);
        else
            snprintf(ret.of[i], sizeof(ret.of[i]), "invalid");
    }
    return ret;
}

/* A decimal of up to `digits` digits, often of few, of the most, or with zeros at its end. */
static dec any_dec(int32_t digits, int32_t scale_max)
{
    dec_coefficient n = 0;
    int64_t count = law_between(0, digits);
    int64_t zeros = law_between(0, 3) == 0 ? law_between(0, count) : 0;
    int64_t repeated = law_between(0, 5) == 0 ? law_between(0, 1) * 9 : -1;
    for (int64_t i = 0; i < count; i++) {
        int64_t digit = repeated >= 0 ? repeated : law_between(0, 9);
        n = n * 10 + (i < count - zeros ? digit : 0);
    }
    dec ret = dec_of_parts(law_between(0, 1) == 0 ? n : -n, (int32_t)law_between(0, scale_max));
    MUST(dec_is_valid(ret));
    return ret;
}

static enum rounding any_rounding(void)
{
    return (enum rounding)law_between(0, ROUND_COUNT - 1);
}

/* ---- the oracle --------------------------------------------------------------------------- */

/* The value of a dec as a rational, by way of its limbs and not of its text. */
static void rational_of(mpq_t ret, dec a)
{
    __extension__ typedef unsigned __int128 magnitude;
    magnitude m = a.coefficient < 0 ? -(magnitude)a.coefficient : (magnitude)a.coefficient;
    uint64_t halves[2] = { (uint64_t)m, (uint64_t)(m >> 64) };
    mpz_import(mpq_numref(ret), 2, -1, sizeof(halves[0]), 0, 0, halves);
    if (a.coefficient < 0)
        mpz_neg(mpq_numref(ret), mpq_numref(ret));
    mpz_ui_pow_ui(mpq_denref(ret), 10, (unsigned long)a.scale);
    mpq_canonicalize(ret);
}

/* Whether some dec is exactly this rational: a whole number below 10^38 after multiplying with a
 * power of ten up to 10^38. The smallest such power gives the smallest number. */
static bool is_a_dec(mpq_t exact)
{
    mpq_t scaled;
    mpz_t limit;
    bool is_whole = false;
    mpq_init(scaled);
    mpz_init(limit);
    mpq_set(scaled, exact);
    mpz_ui_pow_ui(limit, 10, DEC_DIGITS_MAX);
    for (int scale = 0; scale <= DEC_SCALE_MAX && !is_whole; scale++) {
        is_whole = mpz_cmp_ui(mpq_denref(scaled), 1) == 0;
        if (!is_whole) {
            mpz_mul_ui(mpq_numref(scaled), mpq_numref(scaled), 10);
            mpq_canonicalize(scaled);
        }
    }
    bool ret = is_whole && mpz_cmpabs(mpq_numref(scaled), limit) < 0;
    mpz_clear(limit);
    mpq_clear(scaled);
    return ret;
}

/* Whether `got` is the exact value, or is invalid because no dec is. */
static bool is_exactly(mpq_t exact, dec got)
{
    mpq_t value;
    if (!dec_is_valid(got))
        return !is_a_dec(exact);
    mpq_init(value);
    rational_of(value, got);
    bool ret = mpq_equal(value, exact) != 0;
    mpq_clear(value);
    return ret;
}

/* The whole number that a rational is rounded to. */
static void rounded_whole(mpz_t ret, mpq_t exact, enum rounding rounding)
{
    mpq_t rest;
    mpq_init(rest);
    mpz_fdiv_q(ret, mpq_numref(exact), mpq_denref(exact));
    mpq_set_z(rest, ret);
    mpq_sub(rest, exact, rest);
    int half = mpq_cmp_ui(rest, 1, 2); /* of the way from the floor up */
    bool is_up = false;
    if (rounding == ROUND_HALF_AWAY)
        is_up = half > 0 || (half == 0 && mpq_sgn(exact) > 0);
    else if (rounding == ROUND_HALF_EVEN)
        is_up = half > 0 || (half == 0 && mpz_odd_p(ret));
    else if (rounding == ROUND_CEILING)
        is_up = mpq_sgn(rest) > 0;
    if (is_up)
        mpz_add_ui(ret, ret, 1);
    mpq_clear(rest);
}

/* Whether `got` has the scale and is the exact value rounded to it, or is invalid because it has no
 * room. */
static bool is_rounded(mpq_t exact, int32_t scale, enum rounding rounding, dec got)
{
    mpq_t scaled;
    mpz_t whole;
    mpz_t power;
    mpq_init(scaled);
    mpz_inits(whole, power, NULL);
    mpz_ui_pow_ui(power, 10, (unsigned long)scale);
    mpq_set_z(scaled, power);
    mpq_mul(scaled, scaled, exact);
    rounded_whole(whole, scaled, rounding);
    mpz_ui_pow_ui(power, 10, DEC_DIGITS_MAX);
    bool ret = !dec_is_valid(got) && mpz_cmpabs(whole, power) >= 0;
    if (dec_is_valid(got)) {
        mpq_set_z(scaled, whole);
        got.scale = got.scale == scale ? 0 : DEC_SCALE_MAX;
        ret = is_exactly(scaled, got);
    }
    mpz_clears(whole, power, NULL);
    mpq_clear(scaled);
    return ret;
}

/* ---- laws --------------------------------------------------------------------------------- */

/* All decimals, those about the border of 64 bits, and those of every day: each has a way of its
 * own through the arithmetic. */
static const struct size {
    int32_t digits, scale;
} sizes[] = { { DEC_DIGITS_MAX, DEC_SCALE_MAX }, { 20, 20 }, { 10, 4 } };

static void law_exact(void)
{
    struct law sums = { .name = "a sum is exact, or no decimal is" };
    struct law products = { .name = "a product is exact, or no decimal is" };
    struct law orders = { .name = "decimals compare as rationals do" };
    mpq_t one;
    mpq_t other;
    mpq_t exact;
    mpq_inits(one, other, exact, NULL);
    for (int i = 0; i < CASES; i++) {
        const struct size *size = &sizes[(size_t)i % COUNT_OF(sizes)];
        dec a = any_dec(size->digits, size->scale);
        dec b = any_dec(size->digits, size->scale);
        struct printed p = print(a, b, b);
        rational_of(one, a);
        rational_of(other, b);
        mpq_add(exact, one, other);
        law_case(&sums, is_exactly(exact, dec_add(a, b)), "%s + %s", p.of[0], p.of[1]);
        mpq_sub(exact, one, other);
        law_case(&sums, is_exactly(exact, dec_sub(a, b)), "%s - %s", p.of[0], p.of[1]);
        mpq_mul(exact, one, other);
        law_case(&products, is_exactly(exact, dec_mul(a, b)), "%s * %s", p.of[0], p.of[1]);
        int order = mpq_cmp(one, other);
        law_case(&orders, dec_compare(a, b) == (order > 0) - (order < 0), "%s and %s", p.of[0],
                 p.of[1]);
    }
    mpq_clears(one, other, exact, NULL);
    law_end(&sums);
    law_end(&products);
    law_end(&orders);
}

static void law_rounded(void)
{
    struct law products = { .name = "a product is rounded once, from its exact value" };
    struct law quotients = { .name = "a quotient is rounded once, from its exact value" };
    struct law shares = { .name = "a share is rounded once, from its exact value" };
    struct law amounts = { .name = "an amount is rounded from its exact value" };
    mpq_t v[4];
    for (size_t i = 0; i < COUNT_OF(v); i++)
        mpq_init(v[i]);
    for (int i = 0; i < CASES; i++) {
        const struct size *size = &sizes[(size_t)i % COUNT_OF(sizes)];
        dec a = any_dec(size->digits, size->scale);
        dec b = any_dec(size->digits, size->scale);
        dec c = any_dec(size->digits, size->scale);
        int32_t scale = (int32_t)law_between(0, size->scale);
        enum rounding r = any_rounding();
        struct printed p = print(a, b, c);
        rational_of(v[0], a);
        rational_of(v[1], b);
        rational_of(v[2], c);
        law_case(&amounts, is_rounded(v[0], scale, r, dec_round(a, scale, r)), "%s to %d, %u",
                 p.of[0], scale, r);
        mpq_mul(v[3], v[0], v[1]);
        law_case(&products, is_rounded(v[3], scale, r, dec_mul_round(a, b, scale, r)),
                 "%s * %s to %d, %u", p.of[0], p.of[1], scale, r);
        if (dec_is_zero(c))
            continue;
        mpq_div(v[3], v[3], v[2]);
        law_case(&shares, is_rounded(v[3], scale, r, dec_mul_div(a, b, c, scale, r)),
                 "%s * %s / %s to %d, %u", p.of[0], p.of[1], p.of[2], scale, r);
        mpq_div(v[3], v[0], v[2]);
        law_case(&quotients, is_rounded(v[3], scale, r, dec_div(a, c, scale, r)),
                 "%s / %s to %d, %u", p.of[0], p.of[2], scale, r);
    }
    for (size_t i = 0; i < COUNT_OF(v); i++)
        mpq_clear(v[i]);
    law_end(&products);
    law_end(&quotients);
    law_end(&shares);
    law_end(&amounts);
}

/* Half-way cases are rare among random ones: these are all half-way, or next to it. */
static void law_halves(void)
{
    struct law law = { .name = "halves and their neighbours are rounded from their exact value" };
    mpq_t exact;
    mpq_init(exact);
    for (int i = 0; i < CASES; i++) {
        int32_t scale = (int32_t)law_between(0, 10);
        int32_t finer = scale + (int32_t)law_between(1, 8);
        dec half =
            dec_round(dec_of_parts(law_between(-999, 999) * 10 + 5, scale + 1), finer, ROUND_FLOOR);
        dec a = dec_add(half, dec_of_parts(law_between(-1, 1), finer));
        enum rounding r = any_rounding();
        rational_of(exact, a);
        law_case(&law, is_rounded(exact, scale, r, dec_round(a, scale, r)), "%s to %d, %u",
                 print(a, a, a).of[0], scale, r);
    }
    mpq_clear(exact);
    law_end(&law);
}

static void law_algebra(void)
{
    struct law inverse = { .name = "a + b - b is a" };
    struct law commutes = { .name = "sums and products do not depend on the order" };
    struct law distributes = { .name = "a * (b + c) is a * b + a * c" };
    struct law negates = { .name = "a - b is -(b - a), and its sign is the order of a and b" };
    struct law bounds = { .name = "min and max are the two, in order" };
    for (int i = 0; i < CASES; i++) {
        dec a = any_dec(17, 12);
        dec b = any_dec(17, 12);
        dec c = any_dec(17, 12);
        struct printed p = print(a, b, c);
        law_case(&inverse, dec_equal(dec_sub(dec_add(a, b), b), a), "%s %s", p.of[0], p.of[1]);
        law_case(&commutes,
                 dec_equal(dec_add(a, b), dec_add(b, a)) && dec_equal(dec_mul(a, b), dec_mul(b, a)),
                 "%s %s", p.of[0], p.of[1]);
        dec one = dec_mul(a, dec_add(b, c));
        dec other = dec_add(dec_mul(a, b), dec_mul(a, c));
        if (dec_is_valid(one) && dec_is_valid(other))
            law_case(&distributes, dec_equal(one, other), "%s %s %s", p.of[0], p.of[1], p.of[2]);
        dec difference = dec_sub(a, b);
        law_case(&negates,
                 dec_equal(difference, dec_negate(dec_sub(b, a))) &&
                     dec_sign(difference) == dec_compare(a, b),
                 "%s %s", p.of[0], p.of[1]);
        law_case(&bounds,
                 dec_compare(dec_min(a, b), dec_max(a, b)) <= 0 &&
                     dec_equal(dec_add(dec_min(a, b), dec_max(a, b)), dec_add(a, b)),
                 "%s %s", p.of[0], p.of[1]);
    }
    law_end(&inverse);
    law_end(&commutes);
    law_end(&distributes);
    law_end(&negates);
    law_end(&bounds);
}

static void law_text(void)
{
    struct law same = { .name = "what is printed reads as the same amount at the same scale" };
    struct law trimmed = { .name = "trimming keeps the amount, and leaves no zero that could go" };
    struct law shifted = { .name = "an exponent moves the point" };
    for (int i = 0; i < CASES; i++) {
        dec a = any_dec(DEC_DIGITS_MAX, DEC_SCALE_MAX);
        char digits[DEC_TEXT_MAX];
        char scientific[DEC_TEXT_MAX + 8];
        dec read = DEC_INVALID;
        size_t length = dec_print(a, digits);
        law_case(&same,
                 length < DEC_TEXT_MAX && dec_parse_numeric((text){ digits, length }, &read) &&
                     read.coefficient == a.coefficient && read.scale == a.scale,
                 "%s", digits);
        dec whole = { a.coefficient, 0 };
        dec_print(whole, scientific);
        size_t end = strlen(scientific);
        snprintf(scientific + end, sizeof(scientific) - end, "e-%d", a.scale);
        law_case(&shifted,
                 dec_parse(text_of(scientific), &read) && read.coefficient == a.coefficient &&
                     read.scale == a.scale,
                 "%s", scientific);
        dec t = dec_trim(a);
        law_case(&trimmed,
                 dec_equal(t, a) && (t.scale == 0 || t.coefficient % 10 != 0) && t.scale <= a.scale,
                 "%s", digits);
    }
    law_end(&same);
    law_end(&trimmed);
    law_end(&shifted);
}

int main(void)
{
    law_seed();
    law_exact();
    law_rounded();
    law_halves();
    law_algebra();
    law_text();
    return tap_end();
}
