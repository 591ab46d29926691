/* cadence.c: divisibility is tried with every length a month and a day can have. */
#include "catalog/cadence.h"

#include "base/dec.h"

const char *const plan_cadence_words[] = { "P1W", "P2W", "P4W",  "P1M", "P3M",
                                           "P6M", "P1Y", "P12M", NULL };

#define DAYS_LEAST  28
#define DAYS_MOST   31
#define HOURS_LEAST 23
#define HOURS_MOST  25

bool cadence_is_plan_cadence(span cadence)
{
    for (size_t i = 0; plan_cadence_words[i] != NULL; i++) {
        span allowed;
        MUST(span_parse(text_of(plan_cadence_words[i]), &allowed));
        if (span_equal(allowed, cadence))
            return true;
    }
    return false;
}

/* Nanoseconds of a cadence when every month and every day has this length. 128 bits: 2^31 years
 * fit. */
static dec_coefficient cadence_length(span s, int days_per_month, int hours_per_day)
{
    dec_coefficient months = (dec_coefficient)s.years * 12 + s.months;
    dec_coefficient days = months * days_per_month + (dec_coefficient)s.weeks * 7 + s.days;
    dec_coefficient hours = days * hours_per_day + s.hours;
    dec_coefficient seconds = hours * 3600 + (dec_coefficient)s.minutes * 60 + s.seconds;
    return seconds * NS_PER_SECOND + s.nanoseconds;
}

bool cadence_divides(span larger, span smaller)
{
    for (int days = DAYS_LEAST; days <= DAYS_MOST; days++) {
        for (int hours = HOURS_LEAST; hours <= HOURS_MOST; hours++) {
            dec_coefficient whole = cadence_length(larger, days, hours);
            dec_coefficient part = cadence_length(smaller, days, hours);
            CHECK(whole >= 0 && part >= 0);
            if (part == 0 || whole < part || whole % part != 0)
                return false;
        }
    }
    return true;
}

bool cadence_aligns(span a, span b)
{
    return cadence_divides(a, b) || cadence_divides(b, a);
}

bool cadence_is_hour_or_more(span cadence)
{
    return cadence_length(cadence, DAYS_LEAST, HOURS_LEAST) >= NS_PER_HOUR;
}
