/* pricing_own.c: the price types that are v3's own: by transaction, by dimension, by capacity, by
 * time, by seat. */
#include "catalog/pricing_inside.h"

#include "base/instant.h"

#define MINUTES_A_DAY (24 * 60)
#define EVERY_DAY     0x7f

static const char *const day_words[] = { "monday", "tuesday",  "wednesday", "thursday",
                                         "friday", "saturday", "sunday",    NULL };

/* ---- windows of time ----------------------------------------------------------------------- */

/* "08:30" as minutes of the day; 24:00 too. */
static bool minute_parse(text t, int64_t *ret)
{
    int64_t hour, minute;

    if (t.len != 5 || t.ptr[2] != ':' || !text_to_int(text_slice(t, 0, 2), &hour) ||
        !text_to_int(text_slice(t, 3, 2), &minute))
        return false;
    if (hour < 0 || minute < 0 || minute > 59 || hour * 60 + minute > MINUTES_A_DAY)
        return false;
    *ret = hour * 60 + minute;
    return true;
}

static text minute_print(struct arena *arena, int64_t minute)
{
    return text_format(arena, "%02d:%02d", (int)(minute / 60), (int)(minute % 60));
}

/* A bit for each day named; none named: every day. False for what is no day. */
static bool days_parse(const struct text_list *days, int64_t *ret)
{
    int64_t bits = 0;

    for (size_t i = 0; i < days->count; i++) {
        int day = 0;

        while (day_words[day] && !text_equal(days->items[i], text_of(day_words[day])))
            day++;
        if (!day_words[day])
            return false;
        bits |= INT64_C(1) << day;
    }
    *ret = days->count == 0 ? EVERY_DAY : bits;
    return true;
}

static struct text_list days_print(struct arena *arena, int64_t bits)
{
    struct text_list days = { ARENA_ARRAY(arena, text, 7), 0 };

    for (int day = 0; day < 7 && bits != EVERY_DAY; day++) {
        if (bits >> day & 1)
            days.items[days.count++] = text_of(day_words[day]);
    }
    return days;
}

static struct list windows_settle(const struct list *views, const struct pricing_faults *faults)
{
    const struct window_view *items = views->items;
    struct price_window *windows = ARENA_ARRAY(faults->arena, struct price_window, views->count);

    for (size_t i = 0; i < views->count; i++) {
        struct price_window *window = &windows[i];
        const char *place = pricing_item(faults, "price.windows", i);

        *window =
            (struct price_window){ .name = items[i].name, .unit_amount = items[i].unit_amount };
        if (!days_parse(&items[i].days, &window->days))
            pricing_refuse(faults, place, "enum", "days are monday to sunday");
        if (!minute_parse(items[i].from, &window->from_minute) ||
            window->from_minute == MINUTES_A_DAY || !minute_parse(items[i].to, &window->to_minute))
            pricing_refuse(faults, place, "invalid", "from and to are times of the day, HH:MM");
        else if (window->from_minute == window->to_minute)
            pricing_refuse(faults, place, "invalid", "from and to must not be the same");
    }
    return (struct list){ windows, views->count };
}

static struct list windows_mirror(const struct list *windows, struct arena *arena)
{
    const struct price_window *items = windows->items;
    struct window_view *views = ARENA_ARRAY(arena, struct window_view, windows->count);

    for (size_t i = 0; i < windows->count; i++)
        views[i] = (struct window_view){
            .name = items[i].name,
            .days = days_print(arena, items[i].days),
            .from = minute_print(arena, items[i].from_minute),
            .to = minute_print(arena, items[i].to_minute),
            .unit_amount = items[i].unit_amount,
        };
    return (struct list){ windows->count > 0 ? views : NULL, windows->count };
}

/* ---- cells --------------------------------------------------------------------------------- */

static void check_cells(const struct price *price, const struct pricing_faults *faults)
{
    const struct price_cell *cells = price->cells.items;

    for (size_t i = 0; i < price->cells.count; i++) {
        const char *place = pricing_item(faults, "price.cells", i);

        if (cells[i].values.count != price->dimensions.count) {
            pricing_refuse(faults, place, "invalid", "a cell has one value for each dimension");
            return;
        }
        if (price_cell_find(price, &cells[i].values) < i)
            pricing_refuse(faults, place, "invalid", "another cell has the same values");
    }
}

/* ---- members by type ----------------------------------------------------------------------- */

enum member {
    AMOUNT,
    RATE,
    FIXED_AMOUNT,
    MINIMUM_AMOUNT,
    MAXIMUM_AMOUNT,
    DIMENSIONS,
    CELLS,
    INCLUDED_QUANTITY,
    OVERAGE_AMOUNT,
    TIME_ZONE,
    WINDOWS,
    MEMBER_COUNT
};

static const char *const member_places[MEMBER_COUNT] = {
    [AMOUNT] = "price.amount",
    [RATE] = "price.rate",
    [FIXED_AMOUNT] = "price.fixed_amount",
    [MINIMUM_AMOUNT] = "price.minimum_amount",
    [MAXIMUM_AMOUNT] = "price.maximum_amount",
    [DIMENSIONS] = "price.dimensions",
    [CELLS] = "price.cells",
    [INCLUDED_QUANTITY] = "price.included_quantity",
    [OVERAGE_AMOUNT] = "price.overage_amount",
    [TIME_ZONE] = "price.time_zone",
    [WINDOWS] = "price.windows",
};

#define BIT(member) (1U << (member))

/* What a type must have, and may have besides. Tiers and the amounts of the contract's own types
 * are looked at in pricing.c. */
static const struct {
    unsigned needs;
    unsigned may;
} members_of[PRICE_V3_TYPE_COUNT] = {
    [PRICE_V3_FREE] = { 0, BIT(AMOUNT) },
    [PRICE_V3_FLAT] = { 0, BIT(AMOUNT) },
    [PRICE_V3_UNIT] = { 0, BIT(AMOUNT) },
    [PRICE_V3_GRADUATED] = { 0, BIT(AMOUNT) },
    [PRICE_V3_VOLUME] = { 0, BIT(AMOUNT) },
    [PRICE_V3_PERCENTAGE] = { BIT(RATE),
                              BIT(FIXED_AMOUNT) | BIT(MINIMUM_AMOUNT) | BIT(MAXIMUM_AMOUNT) },
    [PRICE_V3_MATRIX] = { BIT(DIMENSIONS) | BIT(CELLS), BIT(AMOUNT) },
    [PRICE_V3_CAPACITY] = { BIT(AMOUNT) | BIT(INCLUDED_QUANTITY) | BIT(OVERAGE_AMOUNT), 0 },
    [PRICE_V3_TIME_OF_USE] = { BIT(TIME_ZONE) | BIT(WINDOWS), BIT(AMOUNT) },
    [PRICE_V3_SEAT] = { BIT(AMOUNT), 0 },
};

static unsigned members_there(const struct price_v3 *view)
{
    const struct {
        enum member member;
        bool is_there;
    } rows[] = {
        { AMOUNT, dec_is_valid(view->amount) },
        { RATE, dec_is_valid(view->percentage.rate) },
        { FIXED_AMOUNT, dec_is_valid(view->percentage.fixed_amount) },
        { MINIMUM_AMOUNT, dec_is_valid(view->percentage.minimum_amount) },
        { MAXIMUM_AMOUNT, dec_is_valid(view->percentage.maximum_amount) },
        { DIMENSIONS, view->dimensions.count > 0 },
        { CELLS, view->cells.count > 0 },
        { INCLUDED_QUANTITY, dec_is_valid(view->included_quantity) },
        { OVERAGE_AMOUNT, dec_is_valid(view->overage_amount) },
        { TIME_ZONE, !text_is_empty(view->time_zone) },
        { WINDOWS, view->windows.count > 0 },
    };

    unsigned there = 0;

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        there |= rows[i].is_there ? BIT(rows[i].member) : 0;
    return there;
}

static void check_members(const struct price_v3 *view, const struct pricing_faults *faults)
{
    unsigned needs = members_of[view->type].needs;
    unsigned known = needs | members_of[view->type].may;
    unsigned there = members_there(view);

    for (int member = 0; member < MEMBER_COUNT; member++) {
        bool is_there = (there & BIT(member)) != 0;

        if (needs & BIT(member))
            pricing_need(faults, member_places[member], is_there);
        if (!(known & BIT(member)))
            pricing_deny(faults, member_places[member], is_there);
    }
}

/* ---- both ways ----------------------------------------------------------------------------- */

void pricing_own_settle(const struct price_v3 *view, struct price *price,
                        const struct pricing_faults *faults)
{
    const struct price_percentage *percentage = &view->percentage;

    check_members(view, faults);
    price->percentage = view->percentage;
    price->dimensions = view->dimensions;
    price->cells = view->cells;
    price->included_quantity = view->included_quantity;
    price->overage_amount = view->overage_amount;
    price->time_zone = text_is_empty(view->time_zone) ? TEXT_NONE : view->time_zone;
    price->windows = windows_settle(&view->windows, faults);
    if (view->type == PRICE_V3_MATRIX)
        check_cells(price, faults);
    if (dec_is_valid(percentage->minimum_amount) && dec_is_valid(percentage->maximum_amount) &&
        dec_compare(percentage->minimum_amount, percentage->maximum_amount) > 0)
        pricing_refuse(faults, member_places[MINIMUM_AMOUNT], "invalid",
                       "the minimum must not be above the maximum");
}

void pricing_own_mirror(const struct price *price, struct arena *arena, struct price_v3 *view)
{
    view->percentage = price->percentage;
    view->dimensions = price->dimensions;
    view->cells = price->cells;
    view->included_quantity = price->included_quantity;
    view->overage_amount = price->overage_amount;
    view->time_zone = price->time_zone;
    view->windows = windows_mirror(&price->windows, arena);
}
