/* window.c: calendar windows. */
#include "meter/window.h"

/* The first instant in (low, high] with the offset of `high`, which is not that of `low`; they are
 * at most an hour apart, so there is one change of offset between them. */
static instant offset_change(instant low, instant high, const struct zone *zone)
{
    int32_t offset = zone_offset_seconds(zone, high);
    CHECK(instant_before(low, high));
    CHECK(zone_offset_seconds(zone, low) != offset);
    while (high.ns - low.ns > 1) {
        instant middle = { low.ns + (high.ns - low.ns) / 2 };
        if (zone_offset_seconds(zone, middle) == offset)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* The window of `unit_ns` on the wall clock, cut where the clock jumps. */
static struct period wall_window(instant t, int64_t unit_ns, const struct zone *zone)
{
    int32_t offset = zone_offset_seconds(zone, t);
    int64_t offset_ns = offset * NS_PER_SECOND;
    instant wall = { t.ns + offset_ns };
    instant from = { instant_floor(wall, unit_ns).ns - offset_ns };
    instant last = { from.ns + unit_ns - 1 };
    if (zone_offset_seconds(zone, from) != offset)
        from = offset_change(from, t, zone);
    instant to = { last.ns + 1 };
    if (zone_offset_seconds(zone, last) != offset)
        to = offset_change(t, last, zone);
    return (struct period){ from, to };
}

/* In UTC windows up to a day are multiples of their length. */
static bool utc_window(instant t, enum meter_window window, struct period *ret)
{
    static const int64_t units[METER_WINDOW_COUNT] = {
        [METER_WINDOW_MINUTE] = NS_PER_MINUTE,
        [METER_WINDOW_HOUR] = NS_PER_HOUR,
        [METER_WINDOW_DAY] = NS_PER_DAY,
    };
    int64_t unit = units[window];
    if (unit == 0)
        return false;
    ret->from = instant_floor(t, unit);
    ret->to = (instant){ ret->from.ns + unit };
    return true;
}

struct period window_at(instant t, enum meter_window window, const struct zone *zone)
{
    CHECK(!instant_is_none(t) && zone != NULL);
    struct period period = { INSTANT_NONE, INSTANT_NONE };
    if (zone == zone_utc() && utc_window(t, window, &period))
        return period;
    switch (window) {
    case METER_WINDOW_MINUTE:
        period = wall_window(t, NS_PER_MINUTE, zone);
        break;
    case METER_WINDOW_HOUR:
        period = wall_window(t, NS_PER_HOUR, zone);
        break;
    case METER_WINDOW_DAY:
        /* 27 hours on from a day's start is always in the next day, and never at its end. */
        period.from = instant_day_start(t, zone);
        period.to = instant_day_start((instant){ period.from.ns + 27 * NS_PER_HOUR }, zone);
        break;
    case METER_WINDOW_MONTH:
        period.from = instant_month_start(t, zone);
        period.to = instant_month_start((instant){ period.from.ns + 32 * NS_PER_DAY }, zone);
        break;
    case METER_WINDOW_NONE:
    case METER_WINDOW_COUNT:
        UNREACHABLE();
    }
    CHECK(period.from.ns <= t.ns && t.ns < period.to.ns);
    return period;
}
