/* Periods: the tiles that a span repeated from its anchor lays over time. */
#include "base/span.h"

#define DAYS_PER_ERA   146097 /* 400 years */
#define MONTHS_PER_ERA 4800

/* The mean length of the span, so that a division says nearly which period an instant is in.
 * Saturates: what is longer than the range of instants may as well be of its length. */
static int64_t mean_ns(span s)
{
    int64_t months = (int64_t)s.years * 12 + s.months;
    int64_t days = (int64_t)s.weeks * 7 + s.days + months * DAYS_PER_ERA / MONTHS_PER_ERA;
    int64_t seconds = (int64_t)s.hours * 3600 + (int64_t)s.minutes * 60 + s.seconds;
    int64_t ns;
    if (__builtin_mul_overflow(days, NS_PER_DAY, &days) ||
        __builtin_mul_overflow(seconds, NS_PER_SECOND, &seconds) ||
        __builtin_add_overflow(days, seconds, &ns) ||
        __builtin_add_overflow(ns, s.nanoseconds, &ns))
        return INT64_MAX;
    return ns;
}

/* The number of a period not far from the one that holds `t`. */
static int64_t guess_index(instant anchor, span s, instant t)
{
    int64_t mean = mean_ns(s);
    bool is_back = instant_before(t, anchor);
    uint64_t way = is_back ? (uint64_t)anchor.ns - (uint64_t)t.ns
                           : (uint64_t)t.ns - (uint64_t)anchor.ns;
    CHECK(mean > 0);
    uint64_t count = way / (uint64_t)mean;
    if (count > INT64_MAX)
        count = INT64_MAX;
    return is_back ? -(int64_t)count : (int64_t)count;
}

static int64_t add_saturating(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

/* The mean is exact or nearly so, hence the guess: it takes two or three additions to find the
 * period, and never more than the logarithm of the error. */
int64_t span_index_at(instant anchor, span s, const struct zone *zone, instant t)
{
    CHECK(!span_is_zero(s));
    CHECK(!instant_is_none(t));
    if (t.ns == INT64_MAX)
        t.ns--; /* nothing begins behind the end of the range */
    int64_t low = guess_index(anchor, s, t);
    int64_t high = add_saturating(low, 1);
    for (int64_t step = 1; instant_before(t, span_add(anchor, s, low, zone));
         step = add_saturating(step, step)) {
        high = low;
        low = add_saturating(low, -step);
        if (low == high)
            return low; /* numbers end before time does: a nanosecond, over centuries */
    }
    for (int64_t step = 1; !instant_before(t, span_add(anchor, s, high, zone));
         step = add_saturating(step, step)) {
        low = high;
        high = add_saturating(high, step);
        if (high == low)
            return low;
    }
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (instant_before(t, span_add(anchor, s, middle, zone)))
            high = middle;
        else
            low = middle;
    }
    return low;
}

struct period period_nth(instant anchor, span s, const struct zone *zone, int64_t k)
{
    return (struct period){
        .from = span_add(anchor, s, k, zone),
        .to = span_add(anchor, s, add_saturating(k, 1), zone),
    };
}

struct period period_at(instant anchor, span s, const struct zone *zone, instant t)
{
    return period_nth(anchor, s, zone, span_index_at(anchor, s, zone, t));
}

bool period_holds(struct period p, instant t)
{
    return !instant_before(t, p.from) && instant_before(t, p.to);
}

bool period_is_empty(struct period p)
{
    return !instant_before(p.from, p.to);
}

struct period period_meet(struct period a, struct period b)
{
    struct period ret = {
        .from = instant_before(a.from, b.from) ? b.from : a.from,
        .to = instant_before(a.to, b.to) ? a.to : b.to,
    };
    if (instant_before(ret.to, ret.from))
        ret.to = ret.from;
    return ret;
}
