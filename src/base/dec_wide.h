/* dec_wide.h: whole numbers wider than a dec, for results in the making.
 *
 * Private to dec*.c. A wide is a magnitude without a sign in GMP limbs, on the stack, with room
 * for what the widest operation of dec.h needs: dec_mul_div multiplies two coefficients of 38
 * digits and shifts the product by up to 76 more, 152 digits or 505 bits.
 */
#ifndef BASE_DEC_WIDE_H
#define BASE_DEC_WIDE_H

#include <gmp.h>

#include "base/dec.h"

/* The coefficient without its sign. All products are made of these: unsigned 128-bit arithmetic
 * needs no run-time library under any compiler. */
__extension__ typedef unsigned __int128 dec_magnitude;

#define WIDE_LIMBS     10
#define WIDE_POWER_MAX 76

struct wide {
    mp_limb_t limb[WIDE_LIMBS]; /* least first; only the first `count` have a meaning */
    mp_size_t count;            /* the last limb is not zero; 0 limbs are zero */
};

/* 10^exponent, for 0 to 38. */
dec_magnitude dec_power(int32_t exponent);

/* The coefficient's magnitude; the dec is valid. */
dec_magnitude dec_magnitude_of(dec a);

/* The dec of a magnitude below 10^38 and a sign. */
dec dec_of_magnitude(dec_magnitude magnitude, int32_t scale, bool is_negative);

/* The same number, wide. */
struct wide wide_of(dec_magnitude magnitude);

/* Whether every limb is 0. */
bool wide_is_zero(const struct wide *a);

/* Whether the wide is below 10^38, and so fits a dec; then also its value. */
bool wide_fits(const struct wide *a, dec_magnitude *ret);

/* a * b; the result must fit the limbs. */
struct wide wide_mul(const struct wide *a, const struct wide *b);

/* a * 10^exponent, for 0 to WIDE_POWER_MAX. */
struct wide wide_mul_power(const struct wide *a, int32_t exponent);

/* a + b; a - b, where a >= b. */
struct wide wide_add(const struct wide *a, const struct wide *b);
struct wide wide_sub(const struct wide *a, const struct wide *b);

/* -1, 0 or 1. */
int wide_compare(const struct wide *a, const struct wide *b);

/* The whole part of a / b, and what is left. b is not zero. */
struct wide wide_divide(const struct wide *a, const struct wide *b, struct wide *ret_rest);

#endif
