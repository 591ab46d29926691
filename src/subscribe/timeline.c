/* timeline.c: billing periods and the charges of an item. */
#include "subscribe/timeline.h"

static const struct zone *grid_zone(const struct billing_grid *grid)
{
    return grid->zone != NULL ? grid->zone : zone_utc();
}

static instant later(instant a, instant b)
{
    return instant_before(a, b) ? b : a;
}

struct period billing_period_at(const struct billing_grid *grid, struct period phase, instant t)
{
    CHECK(!span_is_zero(grid->cadence));
    CHECK(period_holds(phase, t));
    struct period whole = period_at(grid->anchor, grid->cadence, grid_zone(grid), t);
    struct period cut = period_meet(whole, phase);
    CHECK(period_holds(cut, t));
    return cut;
}

bool billing_is_boundary(const struct billing_grid *grid, instant t)
{
    CHECK(!span_is_zero(grid->cadence));
    CHECK(!instant_is_none(t));
    struct period whole = period_at(grid->anchor, grid->cadence, grid_zone(grid), t);
    return instant_equal(whole.from, t);
}

static struct item_charge charge_of(const struct item_schedule *schedule, struct period service,
                                    struct period full_service)
{
    struct period billing = billing_period_at(&schedule->grid, schedule->phase, service.from);
    struct item_charge charge = {
        .service = service,
        .full_service = full_service,
        .billing = billing,
        .invoice_at = schedule->is_in_advance ? billing.from : later(service.to, billing.to),
    };
    return charge;
}

/* Whether a charge is made when everything up to the horizon is. */
static bool charge_is_within(const struct item_schedule *schedule, const struct item_charge *charge,
                             instant horizon)
{
    if (instant_before(charge->service.from, horizon))
        return true;
    return schedule->is_in_advance && !instant_before(horizon, charge->invoice_at);
}

static struct list charges_once(const struct item_schedule *schedule, instant horizon,
                                struct arena *arena)
{
    struct period service = schedule->active;
    if (instant_equal(service.to, INSTANT_MAX))
        service.to = service.from;
    struct item_charge charge = charge_of(schedule, service, service);
    if (!charge_is_within(schedule, &charge, horizon))
        return (struct list){ 0 };
    return (struct list){ arena_copy(arena, &charge, sizeof charge), 1 };
}

/* A list that grows in the arena. */
struct charge_list {
    struct arena *arena;
    struct item_charge *items;
    size_t count;
    size_t room;
};

static void charge_add(struct charge_list *list, const struct item_charge *charge)
{
    ARENA_GROW(list->arena, list);
    list->items[list->count++] = *charge;
}

static struct list charges_recurring(const struct item_schedule *schedule, instant horizon,
                                     struct arena *arena)
{
    struct charge_list list = { .arena = arena };
    instant anchor = schedule->grid.anchor;
    const struct zone *zone = grid_zone(&schedule->grid);
    int64_t first = span_index_at(anchor, schedule->cadence, zone, schedule->active.from);
    for (int64_t i = schedule->first_index;; i++) {
        struct period full = period_nth(anchor, schedule->cadence, zone, first + i);
        struct period service = period_meet(full, schedule->active);
        if (period_is_empty(service))
            break;
        struct item_charge charge = charge_of(schedule, service, full);
        if (!charge_is_within(schedule, &charge, horizon))
            break;
        charge.index = i;
        charge_add(&list, &charge);
    }
    return (struct list){ list.items, list.count };
}

int64_t item_charge_index_at(const struct item_schedule *schedule, instant t)
{
    CHECK(schedule != NULL && !instant_is_none(t));
    instant from = schedule->active.from;
    if (span_is_zero(schedule->cadence) || !instant_before(from, t))
        return 0;
    const struct zone *zone = grid_zone(&schedule->grid);
    instant anchor = schedule->grid.anchor;
    int64_t index = span_index_at(anchor, schedule->cadence, zone, t) -
                    span_index_at(anchor, schedule->cadence, zone, from);
    CHECK(index >= 0);
    return index;
}

struct list item_charges(const struct item_schedule *schedule, instant horizon, struct arena *arena)
{
    CHECK(schedule != NULL && arena != NULL);
    CHECK(!instant_equal(horizon, INSTANT_MAX));
    if (period_is_empty(schedule->active))
        return (struct list){ 0 };
    CHECK(period_holds(schedule->phase, schedule->active.from));
    if (span_is_zero(schedule->cadence))
        return charges_once(schedule, horizon, arena);
    return charges_recurring(schedule, horizon, arena);
}
