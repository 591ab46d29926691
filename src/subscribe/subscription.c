/* subscription.c: the pure rules of subscriptions. */
#include "subscribe/subscription.h"

const char *const subscription_status_words[] = { "active", "inactive", "canceled", "scheduled",
                                                  NULL };

_Static_assert(COUNT_OF(subscription_status_words) == SUBSCRIPTION_STATUS_COUNT + 1,
               "one word per status");

enum subscription_status subscription_status_at(instant from, instant to, instant t)
{
    CHECK(!instant_is_none(from) && !instant_is_none(t));
    if (instant_before(t, from))
        return SUBSCRIPTION_SCHEDULED;
    if (instant_is_none(to))
        return SUBSCRIPTION_ACTIVE;
    return instant_before(t, to) ? SUBSCRIPTION_CANCELED : SUBSCRIPTION_INACTIVE;
}

struct billing_grid subscription_grid(const struct subscription *subscription)
{
    CHECK(subscription != NULL);
    const struct zone *zone = zone_utc();
    if (!text_is_empty(subscription->time_zone))
        zone = zone_find(subscription->time_zone);
    CHECK(zone != NULL);
    return (struct billing_grid){ subscription->billing_anchor, subscription->billing_cadence,
                                  zone };
}

struct period *subscription_timeline(const struct plan *plan, size_t starting, instant active_from,
                                     const struct zone *zone, struct arena *arena)
{
    CHECK(plan != NULL && plan->phases.count > 0);
    CHECK(starting < plan->phases.count);
    struct period *periods = ARENA_ARRAY(arena, struct period, plan->phases.count);
    instant at = active_from;
    for (size_t i = 0; i < plan->phases.count; i++) {
        const struct plan_phase *phase = plan_phase_at(plan, i);
        periods[i] = (struct period){ at, at };
        if (i < starting)
            continue;
        if (span_is_zero(phase->duration))
            periods[i].to = INSTANT_MAX;
        else
            periods[i].to = span_add(at, phase->duration, 1, zone);
        at = periods[i].to;
    }
    return periods;
}

bool subscription_overlaps(instant from_a, instant to_a, instant from_b, instant to_b)
{
    CHECK(!instant_is_none(from_a) && !instant_is_none(from_b));
    struct period a = { from_a, instant_is_none(to_a) ? INSTANT_MAX : to_a };
    struct period b = { from_b, instant_is_none(to_b) ? INSTANT_MAX : to_b };
    return !period_is_empty(period_meet(a, b));
}

instant subscription_end(instant end, instant cut)
{
    if (instant_is_none(cut))
        return end;
    if (instant_is_none(end) || instant_before(cut, end))
        return cut;
    return end;
}

static void phase_cut(struct subscription_phase *phase, instant cut)
{
    struct subscription_item *items = phase->items.items;
    size_t kept = 0;
    phase->active_to = subscription_end(phase->active_to, cut);
    for (size_t i = 0; i < phase->items.count; i++) {
        if (!instant_before(items[i].active_from, cut))
            continue;
        items[kept] = items[i];
        items[kept].active_to = subscription_end(items[i].active_to, cut);
        kept++;
    }
    phase->items.count = kept;
}

void subscription_cut(struct subscription *subscription)
{
    CHECK(subscription != NULL);
    instant cut = subscription->active_to;
    struct subscription_phase *phases = subscription->phases.items;
    size_t kept = 0;
    if (instant_is_none(cut))
        return;
    for (size_t i = 0; i < subscription->phases.count; i++) {
        if (!instant_before(phases[i].active_from, cut))
            continue;
        phases[kept] = phases[i];
        phase_cut(&phases[kept], cut);
        kept++;
    }
    subscription->phases.count = kept;
}

size_t subscription_phase_index_at(const struct subscription *subscription, instant t)
{
    CHECK(subscription != NULL && !instant_is_none(t));
    size_t i = 0;
    while (i < subscription->phases.count) {
        const struct subscription_phase *phase = subscription_phase_at(subscription, i);
        if (period_holds(subscription_span(phase->active_from, phase->active_to), t))
            break;
        i++;
    }
    return i;
}

size_t subscription_phase_find(const struct subscription *subscription, text key)
{
    CHECK(subscription != NULL);
    size_t i = 0;
    while (i < subscription->phases.count &&
           !text_equal(subscription_phase_at(subscription, i)->key, key))
        i++;
    return i;
}

struct subscription_phase *subscription_phase_at(const struct subscription *subscription, size_t i)
{
    CHECK(subscription != NULL);
    CHECK(i < subscription->phases.count);
    return (struct subscription_phase *)subscription->phases.items + i;
}

struct subscription_item *subscription_item_at(const struct subscription_phase *phase, size_t i)
{
    CHECK(phase != NULL);
    CHECK(i < phase->items.count);
    return (struct subscription_item *)phase->items.items + i;
}

struct period subscription_span(instant from, instant to)
{
    CHECK(!instant_is_none(from));
    return (struct period){ from, instant_is_none(to) ? INSTANT_MAX : to };
}

bool subscription_period_at(const struct subscription *subscription, instant t, struct period *ret)
{
    CHECK(subscription != NULL && ret != NULL);
    struct billing_grid grid = subscription_grid(subscription);
    for (size_t i = 0; i < subscription->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(subscription, i);
        struct period active = subscription_span(phase->active_from, phase->active_to);
        if (!period_holds(active, t))
            continue;
        *ret = billing_period_at(&grid, active, t);
        return true;
    }
    return false;
}
