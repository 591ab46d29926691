#include "rating/prorate.h"

const char *const proration_unit_words[] = { "time", "days", NULL };

_Static_assert(COUNT_OF(proration_unit_words) == PRORATION_UNIT_COUNT + 1, "one word per unit");

bool proration_is_whole(const struct proration *proration)
{
    const struct period *service = &proration->service;
    const struct period *full = &proration->full;

    return (instant_equal(service->from, full->from) && instant_equal(service->to, full->to)) ||
           period_is_empty(*full);
}

/* Days since 1970-01-01 on the wall. */
static int64_t day_of(instant t, const struct zone *zone)
{
    struct civil civil = civil_of(t, zone != NULL ? zone : zone_utc());

    return civil_days(civil.year, civil.month, civil.day);
}

/* The days that end in the period. A clock that is put back over midnight makes none. */
static int64_t days_of(struct period p, const struct zone *zone)
{
    int64_t days = day_of(p.to, zone) - day_of(p.from, zone);

    return period_is_empty(p) || days < 0 ? 0 : days;
}

bool proration_is_by_days(const struct proration *proration)
{
    CHECK(proration->unit < PRORATION_UNIT_COUNT);
    return proration->unit == PRORATE_DAYS && days_of(proration->full, proration->zone) > 0;
}

/* Seconds with nine digits. A dec, because the longest period does not fit into 64 bits. */
static dec length_of(struct period p)
{
    return dec_of_parts(period_is_empty(p) ? 0 : (dec_coefficient)p.to.ns - p.from.ns, 9);
}

void proration_parts(const struct proration *proration, dec *ret_service, dec *ret_full)
{
    if (proration_is_by_days(proration)) {
        *ret_service = dec_of_int(days_of(proration->service, proration->zone));
        *ret_full = dec_of_int(days_of(proration->full, proration->zone));
    } else {
        *ret_service = length_of(proration->service);
        *ret_full = length_of(proration->full);
    }
}

dec prorate(dec amount, const struct proration *proration, const struct currency *currency)
{
    dec service;
    dec full;

    CHECK(dec_is_valid(amount));
    CHECK(proration != NULL && currency != NULL);
    if (proration_is_whole(proration))
        return money_round(amount, currency);
    proration_parts(proration, &service, &full);
    return dec_mul_div(amount, service, full, currency->digits, ROUND_HALF_AWAY);
}
