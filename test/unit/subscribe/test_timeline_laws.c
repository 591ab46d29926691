/* Laws of charges, tried on random subscriptions: nothing is charged twice, nothing is left out
 * (hard case 5), and what was once made stays as it was when time goes on. */
#include "lib/law.h"
#include "subscribe/timeline.h"

#define CASES 4000

static span cadence_any(void)
{
    static const span cadences[] = { { .days = 1 },   { .weeks = 1 },  { .months = 1 },
                                     { .months = 3 }, { .months = 6 }, { .years = 1 } };
    return cadences[random_below(&law_random, COUNT_OF(cadences))];
}

/* An instant of the years 2020 to 2029, often at the end of a month. */
static instant instant_any(void)
{
    struct civil civil = {
        .year = (int32_t)law_between(2020, 2029),
        .month = (int32_t)law_between(1, 12),
        .day = (int32_t)law_between(1, 31),
        .hour = (int32_t)law_between(0, 23),
        .minute = (int32_t)law_between(0, 59),
    };
    if (civil.day > civil_month_days(civil.year, civil.month))
        civil.day = civil_month_days(civil.year, civil.month);
    return instant_of(civil, zone_utc());
}

/* UTC, and zones whose clocks change, by an hour or half of one, north and south. */
static const struct zone *zone_any(void)
{
    static const char *const names[] = { "Europe/Budapest", "America/New_York", "Africa/Cairo",
                                         "Australia/Lord_Howe" };
    size_t i = (size_t)random_below(&law_random, COUNT_OF(names) + 1);
    return i == COUNT_OF(names) ? NULL : zone_find(text_of(names[i]));
}

static struct item_schedule schedule_any(void)
{
    struct item_schedule schedule = {
        .grid = { .anchor = instant_any(), .cadence = cadence_any(), .zone = zone_any() },
        .cadence = cadence_any(),
        .is_in_advance = random_below(&law_random, 2) == 0,
    };
    schedule.phase.from = instant_any();
    schedule.phase.to = INSTANT_MAX;
    if (random_below(&law_random, 2) == 0)
        schedule.phase.to.ns = schedule.phase.from.ns + law_between(1, 500 * NS_PER_DAY);
    schedule.active = schedule.phase;
    schedule.active.from.ns += law_between(0, 40) * NS_PER_HOUR;
    if (!instant_before(schedule.active.from, schedule.active.to))
        schedule.active.from = schedule.phase.from;
    return schedule;
}

/* The end of the billing period that holds an instant `days` after the item's start. */
static instant horizon_after(const struct item_schedule *schedule, int64_t days)
{
    instant at = { schedule->active.from.ns + days * NS_PER_DAY };
    if (!instant_before(at, schedule->phase.to))
        return schedule->phase.to;
    return billing_period_at(&schedule->grid, schedule->phase, at).to;
}

static const struct item_charge *charge_at(const struct list *charges, size_t i)
{
    return (const struct item_charge *)charges->items + i;
}

static bool tiles(const struct item_schedule *schedule, const struct list *charges)
{
    instant at = schedule->active.from;
    for (size_t i = 0; i < charges->count; i++) {
        const struct item_charge *charge = charge_at(charges, i);
        if (!instant_equal(charge->service.from, at) || period_is_empty(charge->service) ||
            charge->index != (int64_t)i)
            return false;
        at = charge->service.to;
    }
    return charges->count > 0;
}

/* Whether everything up to the horizon is charged. */
static bool reaches(const struct item_schedule *schedule, const struct list *charges,
                    instant horizon)
{
    instant end = charge_at(charges, charges->count - 1)->service.to;
    instant owed = instant_before(schedule->active.to, horizon) ? schedule->active.to : horizon;
    return !instant_before(end, owed);
}

static bool period_is_within(struct period inner, struct period outer)
{
    return !instant_before(inner.from, outer.from) && !instant_before(outer.to, inner.to);
}

static bool is_sound(const struct item_schedule *schedule, const struct item_charge *charge)
{
    return period_is_within(charge->service, charge->full_service) &&
           period_is_within(charge->service, schedule->active) &&
           period_is_within(charge->billing, schedule->phase) &&
           period_holds(charge->billing, charge->service.from);
}

static bool is_due_in_time(const struct item_schedule *schedule, const struct item_charge *charge)
{
    if (schedule->is_in_advance)
        return !instant_before(charge->service.from, charge->invoice_at);
    return !instant_before(charge->invoice_at, charge->service.to) &&
           !instant_before(charge->invoice_at, charge->billing.to);
}

static bool is_prefix(const struct list *shorter, const struct list *longer)
{
    if (shorter->count > longer->count)
        return false;
    for (size_t i = 0; i < shorter->count; i++) {
        const struct item_charge *a = charge_at(shorter, i);
        const struct item_charge *b = charge_at(longer, i);
        if (!instant_equal(a->service.from, b->service.from) ||
            !instant_equal(a->service.to, b->service.to) ||
            !instant_equal(a->invoice_at, b->invoice_at))
            return false;
    }
    return true;
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct law tiling = { .name = "services follow each other without gap or overlap" };
    struct law complete = { .name = "everything up to the horizon is charged" };
    struct law sound = { .name = "a service lies in its periods, and its bill where it begins" };
    struct law timely = { .name = "advance is due before the service, arrears after it" };
    struct law stable = { .name = "a later horizon only adds charges" };
    law_seed();
    for (int i = 0; i < CASES; i++) {
        struct item_schedule schedule = schedule_any();
        instant horizon = horizon_after(&schedule, law_between(0, 400));
        instant later = horizon_after(&schedule, law_between(400, 600));
        arena_reset(arena);
        struct list charges = item_charges(&schedule, horizon, arena);
        struct list more = item_charges(&schedule, later, arena);
        law_case(&tiling, tiles(&schedule, &charges), "case %d", i);
        law_case(&complete, reaches(&schedule, &charges, horizon), "case %d", i);
        for (size_t k = 0; k < charges.count; k++) {
            const struct item_charge *charge = charge_at(&charges, k);
            law_case(&sound, is_sound(&schedule, charge), "case %d, charge %zu", i, k);
            law_case(&timely, is_due_in_time(&schedule, charge), "case %d, charge %zu", i, k);
        }
        law_case(&stable, is_prefix(&charges, &more), "case %d", i);
    }
    law_end(&tiling);
    law_end(&complete);
    law_end(&sound);
    law_end(&timely);
    law_end(&stable);
    return tap_end();
}
