/* money.h: currencies and their minor units (ISO 4217), and rounding to them.
 *
 * An amount is a dec; its currency stands beside it in the row that holds both. Amounts are rounded
 * once, half away from zero, to the currency's minor unit, per detailed line (architecture, rule
 * 3).
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/dec.h"

struct currency {
    text code;               /* three upper-case letters */
    text name;               /* English, as ISO 4217 lists it */
    text symbol;             /* "$"; the code where there is none in common use */
    int32_t digits;          /* digits of the minor unit: USD 2, JPY 0, BHD 3 */
    text decimal_mark;       /* one character each, as written where the currency is at home; */
    text thousand_separator; /* for printing only: amounts on the wire have neither */
};

/* The currency with this code (upper case); NULL when ISO 4217 lists none with a minor unit.
 * Static. */
const struct currency *currency_find(text code);

/* All of them, sorted by code. */
const struct currency *currency_all(size_t *ret_count);

/* Rounded to the minor unit, half away from zero. Invalid when the amount is, or has no room for
 * the minor digits. */
dec money_round(dec amount, const struct currency *currency);

/* Whether an amount is one that a million like it can be added up to: it has LIMIT_AMOUNT_DIGITS
 * digits at most, those behind the point included. Not when it is invalid. */
bool money_adds_up(dec amount);

/* Printed for people as it is written where the currency is at home: "$1,234.50", "-$1.50",
 * "€1.234.567". Whole amounts have no minor digits; others are rounded to them. The amount must be
 * one that money_round can round. */
text money_display(struct arena *arena, dec amount, const struct currency *currency);

#endif
