/* instant.h: points in time, and the calendar in a zone.
 *
 * An instant is nanoseconds since 1970-01-01T00:00:00Z, UTC, without leap seconds, and reaches
 * from 1678 to 2262. A civil time is what a calendar and a clock on the wall of one zone show. The
 * two meet only here, and always with a zone named.
 */
#ifndef BASE_INSTANT_H
#define BASE_INSTANT_H

#include "base/text.h"

#define NS_PER_SECOND 1000000000LL
#define NS_PER_MINUTE (60 * NS_PER_SECOND)
#define NS_PER_HOUR   (3600 * NS_PER_SECOND)
#define NS_PER_DAY    (24 * NS_PER_HOUR)

typedef struct instant {
    int64_t ns;
} instant;

/* No instant: for optional members. Never a result of parsing. */
#define INSTANT_NONE ((instant){ INT64_MIN })
#define INSTANT_MAX  ((instant){ INT64_MAX })

static inline bool instant_is_none(instant t)
{
    return t.ns == INT64_MIN;
}

static inline bool instant_before(instant a, instant b)
{
    return a.ns < b.ns;
}

static inline bool instant_equal(instant a, instant b)
{
    return a.ns == b.ns;
}

/* Reads RFC 3339: date and time with 'T', 't' or a space, fraction of any length (cut after
 * nanoseconds), 'Z', 'z' or a numeric offset. A leap second (second 60) is taken as the last
 * nanosecond of the minute it ends, so it sorts before the next one. False for anything else, for
 * impossible dates and outside the range. */
NODISCARD bool instant_parse(text t, instant *ret);

/* Room for the longest printed instant, NUL included. */
#define INSTANT_TEXT_MAX 40

/* Prints RFC 3339 in UTC with 'Z'; the fraction only when there is one, without trailing zeros.
 * Returns the length; NUL-terminated. */
size_t instant_print(instant t, char ret[INSTANT_TEXT_MAX]);
text instant_text(struct arena *arena, instant t);

/* The instant at the start of its second or minute (towards the past). */
instant instant_floor(instant t, int64_t unit_ns);

/* An IANA time zone: its transitions, read once into arrays from the zone files of the system, or
 * from ICU where there are none. Lives for the process. */
struct zone;

/* The zone named `name` ("Europe/Budapest", "UTC"); NULL when there is none. Thread-safe; the
 * first call for a name reads the rules, later ones look them up. */
const struct zone *zone_find(text name);

/* UTC. Needs no tables, never fails. */
const struct zone *zone_utc(void);

/* The zone's name as it was asked for. */
text zone_name(const struct zone *zone);

/* Seconds to add to UTC to get the zone's wall time at `t`. */
int32_t zone_offset_seconds(const struct zone *zone, instant t);

struct civil {
    int32_t year;  /* proleptic Gregorian */
    int32_t month; /* 1 to 12 */
    int32_t day;   /* 1 to 31 */
    int32_t hour, minute, second;
    int32_t nanosecond;
};

/* What the wall shows in `zone` at `t`. */
struct civil civil_of(instant t, const struct zone *zone);

/* The instant at which the wall shows `civil`. A time that is skipped by a jump gives the first
 * valid instant after the jump; one that happens twice gives the first. Members must be in range;
 * a day past the month's end is not. */
instant instant_of(struct civil civil, const struct zone *zone);

/* Days of a month, 28 to 31. */
int32_t civil_month_days(int32_t year, int32_t month);

/* Days since 1970-01-01 of a civil date. */
int64_t civil_days(int32_t year, int32_t month, int32_t day);

/* Sets the date to so many days since 1970-01-01: the opposite of civil_days. The time of day
 * stays. */
void civil_set_days(struct civil *civil, int64_t days);

/* The start of the day or of the month that holds `t` in the zone: the first valid instant of it.
 */
instant instant_day_start(instant t, const struct zone *zone);
instant instant_month_start(instant t, const struct zone *zone);

#endif
