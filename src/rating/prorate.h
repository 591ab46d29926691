/* prorate.h: the part of an amount that is due for a part of a period. Pure.
 *
 * By elapsed time, the part is the length of the billed period over that of the full one, in
 * nanoseconds, so months of 28 days and days of 23 hours count as long as they were. By days, it is
 * calendar days over calendar days, on the wall of one zone. The days of a period are those that
 * end in it, after its start and not after its end: so the day of a change counts for what comes
 * after the change, and no day counts twice. Either way the parts of a period add up to one.
 *
 * Only fees and commitments are prorated (rate.h says which); usage is limited by its period as it
 * is.
 */
#ifndef RATING_PRORATE_H
#define RATING_PRORATE_H

#include "base/money.h"
#include "base/span.h"

enum proration_unit {
    PRORATE_TIME, /* elapsed time */
    PRORATE_DAYS, /* calendar days of a zone */
    PRORATION_UNIT_COUNT
};

/* "time", "days"; NULL-terminated. */
extern const char *const proration_unit_words[];

/* Which part of which period is billed. Equal periods, or an empty full one, mean the whole. */
struct proration {
    struct period service; /* billed */
    struct period full;
    enum proration_unit unit;
    const struct zone *zone; /* DAYS: the billing time zone; NULL: UTC */
};

/* Whether everything is billed in full. */
bool proration_is_whole(const struct proration *proration);

/* The part as a fraction: what is billed and what the full period has, in nanoseconds (scale 9, so
 * seconds) or in days. A full period within one calendar day has no days to tell apart and goes by
 * time in either unit. *ret_full is above zero unless the full period is empty. */
void proration_parts(const struct proration *proration, dec *ret_service, dec *ret_full);

/* Whether proration_parts counts days. */
bool proration_is_by_days(const struct proration *proration);

/* amount * part, rounded once to the currency's minor unit, half away from zero. Invalid when it
 * does not fit. */
dec prorate(dec amount, const struct proration *proration, const struct currency *currency);

#endif
