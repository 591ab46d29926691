/* Laws of periods, hard case 5 first of all: whatever the anchor, the span and the zone, periods
 * tile time without a gap and without an overlap. */
#include "base/span.h"

#include "lib/law.h"

#define CASES   20000
#define PERIODS 200

static const char *const ZONES[] = { "UTC",          "Europe/Budapest",  "America/New_York",
                                     "Africa/Cairo", "America/St_Johns", "Australia/Lord_Howe",
                                     "Pacific/Apia", "America/Juneau",   "Asia/Kathmandu" };

static const char *const SPANS[] = { "P1D",  "P1W",   "P2W",   "P30D",   "P1M",       "P2M",
                                     "P3M",  "P6M",   "P1Y",   "P18M",   "P12M",      "PT1H",
                                     "PT8H", "PT24H", "P1M1D", "P1DT1H", "P1Y1M1DT1H" };

static const struct zone *zone_nth(int64_t i)
{
    const struct zone *zone = zone_find(text_of(ZONES[i]));
    MUST(zone != NULL);
    return zone;
}

static const struct zone *any_zone(void)
{
    return zone_nth(law_between(0, (int64_t)COUNT_OF(ZONES) - 1));
}

static span span_nth(int64_t i)
{
    span s;
    MUST(span_parse(text_of(SPANS[i]), &s));
    return s;
}

static span any_span(void)
{
    return span_nth(law_between(0, (int64_t)COUNT_OF(SPANS) - 1));
}

/* Between 1900 and 2100, half of them at a full hour of the zone's wall. */
static instant any_anchor(void)
{
    instant t = { law_between(-70 * 365 * NS_PER_DAY, 130 * 365 * NS_PER_DAY) };
    return law_between(0, 1) == 0 ? t : instant_floor(t, NS_PER_HOUR);
}

/* A span with any parts, most of them none. */
static span mixed_span(void)
{
    span s = SPAN_NONE;
    int32_t *const parts[] = { &s.years, &s.months,  &s.weeks,   &s.days,
                               &s.hours, &s.minutes, &s.seconds, &s.nanoseconds };
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (law_between(0, 2) == 0)
            *parts[i] = (int32_t)law_between(0, i == 7 ? 999999999 : 40);
    if (span_is_zero(s))
        s.days = 1;
    return s;
}

/* A number of some period of the span from the anchor that ends in the next centuries. */
static int64_t any_number(span s)
{
    bool is_long = s.years + s.months + s.weeks + s.days > 0;
    int64_t days = s.years * 366 + s.months * 31 + s.weeks * 7 + s.days + 2;
    return is_long ? law_between(-30000 / days, 30000 / days) : law_between(-100000, 100000);
}

/* 5: any anchor day, any span, any zone, 200 periods. */
static void law_tiling(void)
{
    struct law law = { .name = "5 each period ends where the next one starts" };
    for (int day = 1; day <= 31; day++) {
        for (size_t z = 0; z < COUNT_OF(ZONES); z++) {
            const struct zone *zone = zone_nth((int64_t)z);
            struct civil c = { .year = 2024, .month = 1, .day = day };
            c.hour = (int32_t)law_between(0, 23);
            instant anchor = instant_of(c, zone);
            span s = any_span();
            int64_t first = law_between(-PERIODS, 0);
            instant end = period_nth(anchor, s, zone, first - 1).to;
            for (int64_t k = first; k < first + PERIODS; k++) {
                struct period p = period_nth(anchor, s, zone, k);
                law_case(&law, instant_equal(p.from, end) && !instant_before(p.to, p.from),
                         "anchor day %d, %s, period %lld", day, ZONES[z], (long long)k);
                end = p.to;
            }
        }
    }
    law_end(&law);
}

/* The day of the month is the anchor's, or the last of a month too short for it. */
static void law_clamping(void)
{
    struct law law = { .name = "1, 3 months are counted from the anchor, and clamped" };
    for (int i = 0; i < CASES; i++) {
        instant anchor = any_anchor();
        struct civil start = civil_of(anchor, zone_utc());
        int32_t months = (int32_t)law_between(1, 24);
        int64_t k = law_between(-1800, 1800) / months;
        span s = { .years = months / 12, .months = months % 12 };
        struct civil got = civil_of(span_add(anchor, s, k, zone_utc()), zone_utc());
        int64_t moved = (int64_t)start.year * 12 + start.month - 1 + months * k;
        int32_t last = civil_month_days(got.year, got.month);
        law_case(&law,
                 (int64_t)got.year * 12 + got.month - 1 == moved &&
                     got.day == (start.day < last ? start.day : last) && got.hour == start.hour &&
                     got.minute == start.minute && got.second == start.second &&
                     got.nanosecond == start.nanosecond,
                 "%lld + %lld * %d months", (long long)anchor.ns, (long long)k, months);
    }
    law_end(&law);
}

static void law_index(void)
{
    struct law holds = { .name = "every instant is in the period of its number" };
    struct law starts = { .name = "a period that is not empty starts with its own number" };
    for (int i = 0; i < CASES; i++) {
        const struct zone *zone = any_zone();
        instant anchor = any_anchor();
        span s = law_between(0, 1) == 0 ? any_span() : mixed_span();
        instant t = { anchor.ns + law_between(-40 * 365 * NS_PER_DAY, 40 * 365 * NS_PER_DAY) };
        char printed[SPAN_TEXT_MAX];
        span_print(s, printed);
        law_case(&holds, period_holds(period_at(anchor, s, zone, t), t), "%lld %s %.*s %lld",
                 (long long)anchor.ns, printed, TEXT_ARG(zone_name(zone)), (long long)t.ns);
        int64_t k = any_number(s);
        struct period p = period_nth(anchor, s, zone, k);
        if (!period_is_empty(p))
            law_case(&starts,
                     span_index_at(anchor, s, zone, p.from) == k &&
                         span_index_at(anchor, s, zone, (instant){ p.to.ns - 1 }) == k,
                     "%lld %s %.*s %lld", (long long)anchor.ns, printed, TEXT_ARG(zone_name(zone)),
                     (long long)k);
    }
    law_end(&holds);
    law_end(&starts);
}

/* Time of hours and less does not know zones: it is plain multiplication. */
static void law_elapsed(void)
{
    struct law law = { .name = "hours, minutes and seconds are elapsed time" };
    for (int i = 0; i < CASES; i++) {
        span s = mixed_span();
        s.years = s.months = s.weeks = s.days = 0;
        int64_t length = s.hours * NS_PER_HOUR + s.minutes * NS_PER_MINUTE +
                         s.seconds * NS_PER_SECOND + s.nanoseconds;
        int64_t k = law_between(-10000, 10000);
        instant anchor = any_anchor();
        law_case(&law, span_add(anchor, s, k, any_zone()).ns == anchor.ns + k * length,
                 "%lld, %lld times %lld", (long long)anchor.ns, (long long)k, (long long)length);
    }
    law_end(&law);
}

/* Whatever is asked for, at the ends of the range too, there is an answer. */
static void law_ends(void)
{
    struct law law = { .name = "periods stay ordered up to the ends of the range" };
    for (int i = 0; i < CASES; i++) {
        const struct zone *zone = any_zone();
        instant anchor = { law_between(INT64_MIN + 1, INT64_MAX) };
        instant t = { law_between(INT64_MIN + 1, INT64_MAX - 1) };
        span s = mixed_span();
        int64_t k = law_between(INT64_MIN, INT64_MAX);
        struct period p = period_nth(anchor, s, zone, k);
        law_case(&law,
                 !instant_before(p.to, p.from) && !instant_is_none(p.from) &&
                     !instant_is_none(p.to) && period_holds(period_at(anchor, s, zone, t), t),
                 "%lld %.*s %lld", (long long)anchor.ns, TEXT_ARG(zone_name(zone)),
                 (long long)t.ns);
    }
    law_end(&law);
}

static void law_text(void)
{
    struct law law = { .name = "what is printed reads as the same span" };
    for (int i = 0; i < CASES; i++) {
        char printed[SPAN_TEXT_MAX];
        span read = SPAN_NONE;
        span s = mixed_span();
        if (law_between(0, 9) == 0)
            s.years = s.months = s.weeks = s.days = s.hours = s.minutes = s.seconds = INT32_MAX;
        size_t length = span_print(s, printed);
        law_case(&law, span_parse((text){ printed, length }, &read) && span_equal(read, s), "%s",
                 printed);
    }
    law_end(&law);
}

static void law_meet(void)
{
    struct law law = { .name = "an instant is in both periods when it is in what they share" };
    for (int i = 0; i < CASES; i++) {
        struct period a = { { law_between(0, 9) }, { 0 } };
        struct period b = { { law_between(0, 9) }, { 0 } };
        instant t = { law_between(0, 20) };
        a.to.ns = a.from.ns + law_between(0, 9);
        b.to.ns = b.from.ns + law_between(0, 9);
        law_case(&law,
                 period_holds(period_meet(a, b), t) == (period_holds(a, t) && period_holds(b, t)),
                 "[%lld, %lld) and [%lld, %lld) at %lld", (long long)a.from.ns, (long long)a.to.ns,
                 (long long)b.from.ns, (long long)b.to.ns, (long long)t.ns);
    }
    law_end(&law);
}

int main(void)
{
    law_seed();
    law_tiling();
    law_clamping();
    law_index();
    law_elapsed();
    law_ends();
    law_text();
    law_meet();
    return tap_end();
}
