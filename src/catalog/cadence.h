/* cadence.h: how often something is billed, and whether two cadences go together.
 *
 * A month has no fixed number of days and a day no fixed number of hours. Two cadences go together
 * only when one divides the other whatever the lengths of months and days are: then every charge
 * ends where a billing period of the plan ends. Pure.
 */
#ifndef CATALOG_CADENCE_H
#define CATALOG_CADENCE_H

#include "base/span.h"

/* The cadences a plan may have, as ISO 8601 durations; NULL-terminated. */
extern const char *const plan_cadence_words[];

/* Whether a plan may have this cadence. Parts count as written: P7D is not P1W. */
bool cadence_is_plan_cadence(span cadence);

/* Whether `smaller` divides `larger` without rest, for months of 28 to 31 days and days of 23 to 25
 * hours alike. False when either is zero, or `smaller` is the longer one. */
bool cadence_divides(span larger, span smaller);

/* Whether one of the two divides the other. */
bool cadence_aligns(span a, span b);

/* Whether it is an hour long at least. */
bool cadence_is_hour_or_more(span cadence);

#endif
