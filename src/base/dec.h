/* dec.h: exact decimals.
 *
 * A dec is a whole number (the coefficient, up to 38 digits, signed) divided by a power of ten
 * (the scale, 0 to DEC_SCALE_MAX). Money, prices and quantities are decs from end to end; binary
 * floating point appears nowhere. Addition, subtraction and multiplication are exact, or the result
 * is invalid: never silently rounded. Only dec_div, dec_mul_div, dec_mul_round and dec_round
 * round, and say where.
 *
 * An operation whose exact result does not fit gives an invalid dec, and every operation on an
 * invalid dec is invalid: a rule calculates to its end and looks once, with dec_is_valid, where
 * it can name the fault. Comparing or printing an invalid dec is a bug.
 *
 * Values are equal by amount, not by scale: 1.50 equals 1.5. Printing keeps the scale; dec_trim
 * drops zeros.
 */
#ifndef BASE_DEC_H
#define BASE_DEC_H

#include "base/text.h"

__extension__ typedef __int128 dec_coefficient;

#define DEC_DIGITS_MAX    38
#define DEC_SCALE_MAX     38
#define DEC_SCALE_INVALID (-1)

typedef struct dec {
    dec_coefficient coefficient;
    int32_t scale; /* digits after the point; DEC_SCALE_INVALID marks an invalid dec */
} dec;

enum rounding {
    ROUND_HALF_AWAY, /* half away from zero: the house rule for money (architecture, rule 3) */
    ROUND_HALF_EVEN, /* half to the even neighbour */
    ROUND_FLOOR,     /* towards minus infinity */
    ROUND_CEILING,   /* towards plus infinity */
    ROUND_COUNT
};

#define DEC_ZERO    ((dec){ 0, 0 })
#define DEC_INVALID ((dec){ 0, DEC_SCALE_INVALID })

/* A whole number; scale 0, always valid. */
static inline dec dec_of_int(int64_t n);

/* coefficient / 10^scale; invalid when out of range. */
dec dec_of_parts(dec_coefficient coefficient, int32_t scale);

/* Whether the dec has a value: false for DEC_INVALID and for the result of what did not fit. */
static inline bool dec_is_valid(dec a);

/* Reads an optional sign, digits, an optional fraction and an optional exponent (JSON's number
 * grammar, with leading zeros allowed). Nothing is rounded: a number with more digits than fit, or
 * of another form, gives false. "1.50" keeps its scale of 2. */
NODISCARD bool dec_parse(text t, dec *ret);

/* As dec_parse, without an exponent or plus sign: the wire contract's Numeric,
 * ^-?[0-9]+(\.[0-9]+)?$. */
NODISCARD bool dec_parse_numeric(text t, dec *ret);

/* Room for the longest printed dec, NUL included. */
#define DEC_TEXT_MAX 48

/* Prints plain digits, never an exponent; keeps trailing zeros; "-0" is never printed. Returns
 * the length; NUL-terminated. */
size_t dec_print(dec a, char ret[DEC_TEXT_MAX]);

/* The printed form, in the arena. */
text dec_text(struct arena *arena, dec a);

/* a + b, a - b, a * b, exact; invalid when the result does not fit. A sum has the larger scale of
 * both, a product both scales together; zeros at its end go when they must for it to fit. */
static inline dec dec_add(dec a, dec b);
static inline dec dec_sub(dec a, dec b);
dec dec_mul(dec a, dec b);

/* -a and |a|; same scale. */
static inline dec dec_negate(dec a);
dec dec_abs(dec a);

/* a * b rounded once to `scale`; the product itself may be wider than a dec. */
static inline dec dec_mul_round(dec a, dec b, int32_t scale, enum rounding rounding);

/* a / b rounded once to `scale`. Invalid when b is zero. */
dec dec_div(dec a, dec b, int32_t scale, enum rounding rounding);

/* a * b / c rounded once to `scale`: proration without a rounded ratio in between. Invalid when c
 * is zero. */
dec dec_mul_div(dec a, dec b, dec c, int32_t scale, enum rounding rounding);

/* To `scale` digits after the point; with more digits than `a` has, pads zeros. */
dec dec_round(dec a, int32_t scale, enum rounding rounding);

/* Without trailing zeros after the point. */
dec dec_trim(dec a);

/* -1, 0 or 1. Both must be valid. Exact at any difference of scale. */
static inline int dec_compare(dec a, dec b);
static inline bool dec_equal(dec a, dec b);
static inline int dec_sign(dec a);
static inline bool dec_is_zero(dec a);
static inline dec dec_min(dec a, dec b);
static inline dec dec_max(dec a, dec b);

#include "base/dec_short.h"

#endif
