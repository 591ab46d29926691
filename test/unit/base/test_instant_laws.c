/* Laws of instants, the calendar and zones. The C library, which reads the same zone files in its
 * own way, is the second opinion on offsets. */
#include <time.h>

#include "base/instant.h"

#include "lib/law.h"

#define CASES 20000

static const char *const NAMES[] = {
    "Europe/Budapest",   "America/New_York",  "America/Juneau",      "America/St_Johns",
    "Africa/Cairo",      "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia",
    "Pacific/Kwajalein", "Asia/Kathmandu",    "Europe/Dublin",       "America/Havana",
    "Asia/Tehran",       "America/Nuuk",      "Antarctica/Troll",    "UTC",
};

static const struct zone *any_zone(void)
{
    const struct zone *zone =
        zone_find(text_of(NAMES[law_between(0, (int64_t)COUNT_OF(NAMES) - 1)]));
    MUST(zone != NULL);
    return zone;
}

static instant any_instant(void)
{
    return (instant){ law_between(INT64_MIN + 1, INT64_MAX) };
}

/* An instant that is days away from both ends of the range. */
static instant inner_instant(void)
{
    return (instant){ law_between(INT64_MIN + 400 * NS_PER_DAY, INT64_MAX - 400 * NS_PER_DAY) };
}

static bool same_wall(struct civil a, struct civil b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day && a.hour == b.hour &&
           a.minute == b.minute && a.second == b.second && a.nanosecond == b.nanosecond;
}

static void law_text(void)
{
    struct law law = { .name = "what is printed reads as the same instant" };
    for (int i = 0; i < CASES; i++) {
        char printed[INSTANT_TEXT_MAX];
        instant read = INSTANT_NONE;
        instant t = any_instant();
        if (law_between(0, 1) == 0)
            t = instant_floor(t, law_between(0, 1) == 0 ? NS_PER_SECOND : NS_PER_SECOND / 1000);
        size_t length = instant_print(t, printed);
        law_case(&law, instant_parse((text){ printed, length }, &read) && instant_equal(read, t),
                 "%s", printed);
    }
    law_end(&law);
}

static void law_offset_text(struct arena *arena)
{
    struct law law = { .name = "a wall time with its offset reads as the instant" };
    for (int i = 0; i < CASES; i++) {
        int32_t minutes = (int32_t)law_between(-1439, 1439);
        int32_t size = minutes < 0 ? -minutes : minutes;
        instant t = inner_instant();
        instant read = INSTANT_NONE;
        struct civil c = civil_of((instant){ t.ns + minutes * NS_PER_MINUTE }, zone_utc());
        text printed = text_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%09d%c%02d:%02d", c.year,
                                   c.month, c.day, c.hour, c.minute, c.second, c.nanosecond,
                                   minutes < 0 ? '-' : '+', size / 60, size % 60);
        law_case(&law, instant_parse(printed, &read) && instant_equal(read, t), "%.*s",
                 TEXT_ARG(printed));
    }
    law_end(&law);
}

/* Day by day through eight centuries, counted without arithmetic on years. */
static void law_calendar(void)
{
    struct law law = { .name = "each day follows the one before it" };
    struct civil c = { .year = 1600, .month = 1, .day = 1 };
    int64_t first = civil_days(1600, 1, 1);
    for (int64_t days = first; days < first + 2 * 146097; days++) {
        struct civil got = { 0 };
        civil_set_days(&got, days);
        law_case(&law, civil_days(c.year, c.month, c.day) == days && same_wall(got, c),
                 "%04d-%02d-%02d", c.year, c.month, c.day);
        bool is_month_end = c.day == civil_month_days(c.year, c.month);
        c.day = is_month_end ? 1 : c.day + 1;
        c.month += is_month_end;
        if (c.month > 12) {
            c.month = 1;
            c.year++;
        }
    }
    law_end(&law);
    OK(first == -135140 && c.year == 2400 && c.month == 1 && c.day == 1,
       "two times 400 years have 2 * 146097 days");
}

static void law_c_library(struct arena *arena)
{
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        text name = text_format(arena, "the C library has the same offsets in %s", NAMES[i]);
        struct law law = { .name = text_cstr(arena, name) };
        const struct zone *zone = zone_find(text_of(NAMES[i]));
        MUST(zone != NULL && setenv("TZ", NAMES[i], 1) == 0);
        tzset();
        for (int k = 0; k < CASES / 4; k++) {
            int64_t seconds = any_instant().ns / NS_PER_SECOND;
            struct tm wall;
            time_t at = (time_t)seconds;
            MUST(localtime_r(&at, &wall) != NULL);
            law_case(&law,
                     zone_offset_seconds(zone, (instant){ seconds * NS_PER_SECOND }) ==
                         wall.tm_gmtoff,
                     "%lld", (long long)seconds);
        }
        law_end(&law);
    }
}

/* An instant near which the zone's offset changes, or any when none is found in a few tries. */
static instant near_change(const struct zone *zone)
{
    instant low = inner_instant();
    instant high = low;
    for (int i = 0; i < 20; i++) {
        low = (instant){ law_between(-100 * 365 * NS_PER_DAY, 250 * 365 * NS_PER_DAY) };
        high = (instant){ low.ns + 200 * NS_PER_DAY };
        if (zone_offset_seconds(zone, low) != zone_offset_seconds(zone, high))
            break;
    }
    int32_t before = zone_offset_seconds(zone, low);
    while (high.ns - low.ns > 1) {
        instant middle = { low.ns + (high.ns - low.ns) / 2 };
        if (zone_offset_seconds(zone, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* There and back: the same instant, or the first of two with the same wall time. */
static bool comes_back(instant t, const struct zone *zone)
{
    struct civil c = civil_of(t, zone);
    instant back = instant_of(c, zone);
    if (instant_equal(back, t))
        return true;
    int64_t fold_ns = (zone_offset_seconds(zone, back) - zone_offset_seconds(zone, t)) *
                      NS_PER_SECOND;
    return instant_before(back, t) && same_wall(civil_of(back, zone), c) &&
           t.ns - back.ns == fold_ns;
}

static void law_wall(void)
{
    struct law random = { .name = "the wall time of an instant leads back to it" };
    struct law changes = { .name = "also around changes of the clock" };
    struct law rising = { .name = "a later wall time is never an earlier instant" };
    for (int i = 0; i < CASES; i++) {
        const struct zone *zone = any_zone();
        instant t = inner_instant();
        law_case(&random, comes_back(t, zone), "%.*s %lld", TEXT_ARG(zone_name(zone)),
                 (long long)t.ns);
        t = near_change(zone);
        t.ns += law_between(0, 2) == 0 ? law_between(-1, 1)
                                       : law_between(-30 * NS_PER_HOUR, 30 * NS_PER_HOUR);
        law_case(&changes, comes_back(t, zone), "%.*s %lld", TEXT_ARG(zone_name(zone)),
                 (long long)t.ns);
        instant wall = { t.ns + law_between(0, 3 * NS_PER_HOUR) };
        struct civil one = civil_of(t, zone_utc());
        struct civil other = civil_of(wall, zone_utc());
        law_case(&rising, !instant_before(instant_of(other, zone), instant_of(one, zone)),
                 "%.*s %lld %lld", TEXT_ARG(zone_name(zone)), (long long)t.ns, (long long)wall.ns);
    }
    law_end(&random);
    law_end(&changes);
    law_end(&rising);
}

/* Days and months are tiles: the start of one is the instant after the last of another. */
static void law_starts(void)
{
    struct law days = { .name = "days tile time" };
    struct law months = { .name = "months tile time, in whole days" };
    for (int i = 0; i < CASES; i++) {
        const struct zone *zone = any_zone();
        instant t = law_between(0, 1) == 0 ? inner_instant() : near_change(zone);
        t.ns += law_between(-30 * NS_PER_HOUR, 30 * NS_PER_HOUR);
        instant day = instant_day_start(t, zone);
        instant before = instant_day_start((instant){ day.ns - 1 }, zone);
        law_case(&days,
                 !instant_before(t, day) && t.ns - day.ns < 49 * NS_PER_HOUR &&
                     instant_equal(instant_day_start(day, zone), day) &&
                     instant_before(before, day) && day.ns - before.ns <= 49 * NS_PER_HOUR,
                 "%.*s %lld", TEXT_ARG(zone_name(zone)), (long long)t.ns);
        instant month = instant_month_start(t, zone);
        instant last = { month.ns - 1 };
        law_case(&months,
                 !instant_before(day, month) &&
                     instant_equal(instant_month_start(month, zone), month) &&
                     instant_equal(instant_day_start(month, zone), month) &&
                     instant_before(instant_month_start(last, zone), month),
                 "%.*s %lld", TEXT_ARG(zone_name(zone)), (long long)t.ns);
    }
    law_end(&days);
    law_end(&months);
}

static void law_floor(void)
{
    struct law law = { .name = "a floor is the greatest multiple that is not later" };
    static const int64_t units[] = { 1, NS_PER_SECOND, NS_PER_MINUTE, NS_PER_HOUR, NS_PER_DAY };
    for (int i = 0; i < CASES; i++) {
        instant t = inner_instant();
        int64_t unit = units[law_between(0, (int64_t)COUNT_OF(units) - 1)];
        instant floor = instant_floor(t, unit);
        law_case(&law, floor.ns % unit == 0 && floor.ns <= t.ns && t.ns - floor.ns < unit,
                 "%lld %lld", (long long)t.ns, (long long)unit);
    }
    law_end(&law);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    law_seed();
    law_text();
    law_offset_text(arena);
    law_calendar();
    law_c_library(arena);
    law_wall();
    law_starts();
    law_floor();
    return tap_end();
}
