/* tally_wide.h: a sum of decs that may be too large or too long for one.
 *
 * Private to rollup/. Three digits of base 10^38: high * 10^38 + low + part / 10^38, where low and
 * part are in [0, 10^38) and high has the sign. Every sum of up to 2^63 decs has exactly one such
 * form, so it does not depend on the order of adding.
 */
#ifndef ROLLUP_TALLY_WIDE_H
#define ROLLUP_TALLY_WIDE_H

#include "base/dec.h"

__extension__ typedef unsigned __int128 tally_digits;

struct tally_wide {
    tally_digits low;
    tally_digits part;
    int64_t high;
};

/* 10^38, the base. */
tally_digits tally_wide_base(void);

/* Adds a valid dec. */
void tally_wide_add(struct tally_wide *wide, dec number);

/* Adds another sum. */
void tally_wide_merge(struct tally_wide *wide, const struct tally_wide *from);

/* The sum as a dec without trailing zeros; invalid when it does not fit one. */
dec tally_wide_dec(const struct tally_wide *wide);

#endif
