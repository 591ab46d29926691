/* The pure rules of time: statuses, phases, charges (the contract's 7.1, 7.3 and 7.9). */
#include "lib/table.h"
#include "lib/tap.h"
#include "subscribe/subscription.h"

static instant at(struct arena *arena, text t)
{
    instant ret;
    if (text_equal(t, TEXT("open")))
        return INSTANT_MAX;
    if (t.len == sizeof "2025-01-01" - 1)
        t = text_format(arena, "%.*sT00:00:00Z", TEXT_ARG(t));
    else if (t.len == sizeof "2025-01-01T12" - 1)
        t = text_format(arena, "%.*s:00:00Z", TEXT_ARG(t));
    MUST(instant_parse(t, &ret));
    return ret;
}

static struct period period_read(struct arena *arena, text t)
{
    size_t dots = 0;
    while (dots + 1 < t.len && !(t.ptr[dots] == '.' && t.ptr[dots + 1] == '.'))
        dots++;
    return (struct period){ at(arena, text_slice(t, 0, dots)),
                            at(arena, text_slice(t, dots + 2, t.len)) };
}

static span span_read(text t)
{
    span s;
    MUST(span_parse(t, &s));
    return s;
}

static int64_t number(text t)
{
    int64_t n;
    MUST(text_to_int(t, &n));
    return n;
}

static bool period_is(struct period got, struct period want)
{
    return instant_equal(got.from, want.from) && instant_equal(got.to, want.to);
}

static void charge_check(struct arena *arena, const struct table *t, const struct list *charges)
{
    const char *name = text_cstr(arena, t->cells[0]);
    OK((int64_t)charges->count == number(t->cells[8]), "%s: %zu charges", name, charges->count);
    if (charges->count == 0 || text_equal(t->cells[9], TEXT("-")))
        return;
    size_t index = (size_t)number(t->cells[9]);
    MUST(index < charges->count);
    const struct item_charge *charge = (const struct item_charge *)charges->items + index;
    OK(charge->index == (int64_t)index, "%s: its index", name);
    OK(period_is(charge->service, period_read(arena, t->cells[10])), "%s: service", name);
    OK(period_is(charge->full_service, period_read(arena, t->cells[11])), "%s: full", name);
    OK(period_is(charge->billing, period_read(arena, t->cells[12])), "%s: billing", name);
    OK(instant_equal(charge->invoice_at, at(arena, t->cells[13])), "%s: invoice at", name);
}

static void test_charges(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/subscribe/charge.vec", 14);
    while (table_next(&t)) {
        struct item_schedule schedule = {
            .grid = { .anchor = at(arena, t.cells[1]), .cadence = span_read(t.cells[2]) },
            .cadence = span_read(t.cells[3]),
            .phase = period_read(arena, t.cells[4]),
            .active = period_read(arena, t.cells[5]),
            .is_in_advance = text_equal(t.cells[6], TEXT("advance")),
        };
        struct list charges = item_charges(&schedule, at(arena, t.cells[7]), arena);
        charge_check(arena, &t, &charges);
    }
    table_close(&t);
}

static void test_status(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/subscribe/status.vec", 4);
    while (table_next(&t)) {
        bool is_open = text_equal(t.cells[1], TEXT("-"));
        enum subscription_status status = subscription_status_at(
            at(arena, t.cells[0]), is_open ? INSTANT_NONE : at(arena, t.cells[1]),
            at(arena, t.cells[2]));
        IS_TEXT(text_of(subscription_status_words[status]), text_cstr(arena, t.cells[3]),
                text_cstr(arena, t.cells[2]));
    }
    table_close(&t);
}

static void test_phases(struct arena *arena)
{
    struct plan_phase phases[] = {
        { .key = TEXT("trial"), .duration = { .weeks = 2 } },
        { .key = TEXT("ramp"), .duration = { .months = 1 } },
        { .key = TEXT("main") },
    };
    struct plan plan = { .phases = { phases, COUNT_OF(phases) } };
    instant start = at(arena, TEXT("2026-01-31"));
    struct period *times = subscription_timeline(&plan, 0, start, zone_utc(), arena);
    OK(period_is(times[0], period_read(arena, TEXT("2026-01-31..2026-02-14"))), "the trial");
    OK(period_is(times[1], period_read(arena, TEXT("2026-02-14..2026-03-14"))),
       "the second phase begins where the first ends");
    OK(period_is(times[2], period_read(arena, TEXT("2026-03-14..open"))), "the last is open");
    times = subscription_timeline(&plan, 1, start, zone_utc(), arena);
    OK(period_is_empty(times[0]) && instant_equal(times[0].from, start),
       "phases before the starting one have no length");
    OK(period_is(times[1], period_read(arena, TEXT("2026-01-31..2026-02-28"))),
       "the starting one begins at once; a month from 31 January ends with February");
}

/* The n-th billing period in the calendar of a zone. */
static void test_zones(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/subscribe/zone.vec", 6);
    while (table_next(&t)) {
        const char *name = text_cstr(arena, t.cells[0]);
        const struct zone *zone = zone_find(t.cells[1]);
        struct billing_grid grid = { at(arena, t.cells[2]), span_read(t.cells[3]), zone };
        struct period want = period_read(arena, t.cells[5]);
        struct period open = { grid.anchor, INSTANT_MAX };
        MUST(zone != NULL);
        OK(period_is(billing_period_at(&grid, open, at(arena, t.cells[4])), want), "%s", name);
        OK(billing_is_boundary(&grid, want.from), "%s: it begins at a boundary", name);
        instant last = { want.to.ns - 1 };
        OK(period_is(billing_period_at(&grid, open, last), want), "%s: it ends where it ends",
           name);
    }
    table_close(&t);
}

static void test_phases_of_zone(struct arena *arena)
{
    struct plan_phase phases[] = {
        { .key = TEXT("trial"), .duration = { .months = 1 } },
        { .key = TEXT("main") },
    };
    struct plan plan = { .phases = { phases, COUNT_OF(phases) } };
    struct period *times = subscription_timeline(&plan, 0, at(arena, TEXT("2026-02-28T23:00:00Z")),
                                                 zone_find(TEXT("Europe/Budapest")), arena);
    OK(period_is(times[0], period_read(arena, TEXT("2026-02-28T23:00:00Z..2026-03-31T22:00:00Z"))),
       "the trial of March is as long as March is in Budapest");
}

static void test_overlap(struct arena *arena)
{
    instant jan = at(arena, TEXT("2026-01-01"));
    instant feb = at(arena, TEXT("2026-02-01"));
    instant mar = at(arena, TEXT("2026-03-01"));
    OK(!subscription_overlaps(jan, feb, feb, INSTANT_NONE), "one may begin where another ends");
    OK(subscription_overlaps(jan, mar, feb, INSTANT_NONE), "not before");
    OK(subscription_overlaps(jan, INSTANT_NONE, mar, INSTANT_NONE), "two open ones meet");
    OK(!subscription_overlaps(jan, jan, jan, INSTANT_NONE), "one without length meets nothing");
}

static void test_cut(struct arena *arena)
{
    instant jan = at(arena, TEXT("2026-01-01"));
    instant feb = at(arena, TEXT("2026-02-01"));
    instant mid = at(arena, TEXT("2026-01-10"));
    struct subscription_item first[] = { { .active_from = jan, .active_to = feb } };
    struct subscription_item second[] = { { .active_from = feb, .active_to = INSTANT_NONE } };
    struct subscription_phase phases[] = {
        { .active_from = jan, .active_to = feb, .items = { first, 1 } },
        { .active_from = feb, .active_to = INSTANT_NONE, .items = { second, 1 } },
    };
    struct subscription subscription = { .active_from = jan,
                                         .active_to = mid,
                                         .phases = { phases, COUNT_OF(phases) } };
    subscription_cut(&subscription);
    OK(subscription.phases.count == 1, "phases behind the end are gone");
    OK(instant_equal(subscription_phase_at(&subscription, 0)->active_to, mid), "the phase is cut");
    OK(instant_equal(first[0].active_to, mid), "and so is its item");
}

static void test_boundary(struct arena *arena)
{
    struct billing_grid grid = { .anchor = at(arena, TEXT("2026-01-31")),
                                 .cadence = span_read(TEXT("P1M")) };
    OK(billing_is_boundary(&grid, at(arena, TEXT("2026-02-28"))), "28 February is a boundary");
    OK(!billing_is_boundary(&grid, at(arena, TEXT("2026-03-28"))), "28 March is none");
    OK(billing_is_boundary(&grid, at(arena, TEXT("2026-03-31"))), "31 March is");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_charges(arena);
    test_status(arena);
    test_phases(arena);
    test_zones(arena);
    test_phases_of_zone(arena);
    test_overlap(arena);
    test_cut(arena);
    test_boundary(arena);
    return tap_end();
}
