/* fuzz_instant.c: whatever the reader of times accepts, the printer gives back; and the calendar
 * of the zone named on the second line agrees with itself about it. */
#include "base/instant.h"

static void check_zone(instant t, const struct zone *zone)
{
    struct civil c = civil_of(t, zone);
    instant day = instant_day_start(t, zone);
    instant month = instant_month_start(t, zone);
    MUST(c.month >= 1 && c.month <= 12 && c.day >= 1);
    MUST(c.day <= civil_month_days(c.year, c.month) && c.hour >= 0 && c.hour <= 23);
    MUST(!instant_before(t, instant_of(c, zone)));
    MUST(!instant_before(t, day) && !instant_before(day, month));
    MUST(instant_equal(instant_day_start(day, zone), day) || day.ns == INT64_MIN + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char printed[INSTANT_TEXT_MAX];
    instant t;
    instant again = INSTANT_NONE;
    text rest = { (const char *)data, size };
    text first = text_cut(&rest, '\n');
    const struct zone *zone = zone_find(rest);
    if (!instant_parse(first, &t))
        return 0;
    size_t length = instant_print(t, printed);
    MUST(!instant_is_none(t) && length < INSTANT_TEXT_MAX);
    MUST(instant_parse((text){ printed, length }, &again) && instant_equal(again, t));
    MUST(!instant_before(t, instant_floor(t, NS_PER_MINUTE)));
    check_zone(t, zone == NULL ? zone_utc() : zone);
    return 0;
}
