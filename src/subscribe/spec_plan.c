/* spec_plan.c: from a plan, a spec with concrete times. */
#include "subscribe/spec.h"

static struct list items_of(const struct plan_phase *from, const struct subscription_phase *phase,
                            struct arena *arena)
{
    size_t count = from->rate_cards.count;
    struct subscription_item *items = ARENA_ARRAY(arena, struct subscription_item, count);
    for (size_t i = 0; i < count; i++) {
        const struct rate_card *card = rate_card_at(from, i);
        items[i] = (struct subscription_item){
            .key = card->key,
            .name = card->name,
            .description = card->description,
            .position = (int64_t)i,
            .active_from = phase->active_from,
            .active_to = phase->active_to,
            .rate_card = *card,
        };
    }
    return (struct list){ items, count };
}

/* The phases with concrete times. Those that would be empty are left out. */
static struct list phases_of(const struct plan *plan, const struct period *times,
                             struct arena *arena)
{
    size_t count = 0;
    struct subscription_phase *phases =
        ARENA_ARRAY(arena, struct subscription_phase, plan->phases.count);
    for (size_t i = 0; i < plan->phases.count; i++) {
        const struct plan_phase *from = plan_phase_at(plan, i);
        if (period_is_empty(times[i]))
            continue;
        bool is_open = instant_equal(times[i].to, INSTANT_MAX);
        phases[count] = (struct subscription_phase){
            .key = from->key,
            .name = from->name,
            .description = from->description,
            .labels = from->labels,
            .active_from = times[i].from,
            .active_to = is_open ? INSTANT_NONE : times[i].to,
        };
        phases[count].items = items_of(from, &phases[count], arena);
        count++;
    }
    CHECK(count > 0);
    return (struct list){ phases, count };
}

struct subscription spec_of_plan(const struct plan *plan, size_t starting, instant start,
                                 const struct zone *zone, struct arena *arena)
{
    CHECK(plan != NULL && arena != NULL);
    CHECK(starting < plan->phases.count && !instant_is_none(start));
    struct period *times = subscription_timeline(plan, starting, start, zone, arena);
    instant end = times[plan->phases.count - 1].to;
    return (struct subscription){
        .name = plan->name,
        .description = plan->description,
        .plan_id = plan->id,
        .plan_key = ulid_is_zero(plan->id.ulid) ? TEXT_NONE : plan->key,
        .plan_version = plan->version,
        .version = 1,
        .invoice_currency = plan->currency,
        .billing_cadence = plan->billing_cadence,
        .billing_anchor = start,
        .is_pro_rating = plan->is_pro_rating,
        .settlement_mode = plan->settlement_mode,
        .active_from = start,
        .active_to = instant_equal(end, INSTANT_MAX) ? INSTANT_NONE : end,
        .deleted_at = INSTANT_NONE,
        .phases = phases_of(plan, times, arena),
    };
}
