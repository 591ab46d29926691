/* query_answer.c: filled cells into sorted rows. */
#include <stdlib.h>

#include "meter/query_run.h"
#include "meter/window.h"

struct period query_run_window(struct query_run *run, instant at)
{
    CHECK(run != NULL && !instant_is_none(at));
    enum meter_window window = run->plan.query->window;
    if (window == METER_WINDOW_NONE)
        return (struct period){ INSTANT_NONE, INSTANT_MAX };
    if (period_holds(run->window, at) && !instant_is_none(run->window.from))
        return run->window;
    struct period *day = &run->days[(uint64_t)(at.ns / NS_PER_DAY) % QUERY_RUN_DAYS];
    if (!period_holds(*day, at))
        *day = window_at(at, window, run->plan.zone);
    run->window = *day;
    return run->window;
}

void query_run_reset(struct query_run *run)
{
    CHECK(run != NULL);
    run->cells = query_cells_of(run->plan.arena, run->plan.groups.count);
    run->window = (struct period){ INSTANT_NONE, INSTANT_NONE };
    run->is_too_large = false;
}

instant query_run_present(const struct query_run *run)
{
    CHECK(run != NULL);
    instant now = run->cx->now;
    if (run->plan.meter->aggregation == METER_SLIDING_UNIQUE_COUNT)
        now.ns = instant_floor(now, NS_PER_MINUTE).ns + NS_PER_MINUTE;
    return now;
}

instant query_run_asked_end(const struct query_run *run)
{
    CHECK(run != NULL);
    return instant_is_none(run->plan.to) ? query_run_present(run) : run->plan.to;
}

instant query_run_elapsed_end(const struct query_run *run)
{
    instant present = query_run_present(run);
    instant end = query_run_asked_end(run);
    return instant_before(end, present) ? end : present;
}

dec query_quotient(dec sum, dec divisor)
{
    CHECK(!dec_is_valid(divisor) || dec_sign(divisor) > 0);
    if (!dec_is_valid(sum) || !dec_is_valid(divisor))
        return DEC_INVALID;
    sum = dec_trim(sum);
    int32_t scale = sum.scale > TALLY_AVG_SCALE ? sum.scale : TALLY_AVG_SCALE;
    dec quotient = DEC_INVALID;
    while (!dec_is_valid(quotient) && scale >= 0)
        quotient = dec_div(sum, divisor, scale--, ROUND_HALF_AWAY);
    return dec_is_valid(quotient) ? dec_trim(quotient) : quotient;
}

/* Whether the end of what is asked for is now when the query names none. */
static bool ends_now(enum meter_aggregation aggregation)
{
    enum tally_kind kind;
    return !query_tally_kind(aggregation, &kind);
}

/* The period a row speaks of: its window; else as asked, or whole minutes around its events. */
static struct period period_of(const struct query_run *run, const struct query_cell *cell)
{
    const struct meter_query *query = run->plan.query;
    if (query->window != METER_WINDOW_NONE)
        return cell->window;
    struct period period = { query->from, query->to };
    if (instant_is_none(period.from))
        period.from = instant_floor(cell->first, NS_PER_MINUTE);
    if (instant_is_none(period.to) && ends_now(run->plan.meter->aggregation))
        period.to = query_run_present(run);
    else if (instant_is_none(period.to))
        period.to.ns = instant_floor(cell->last, NS_PER_MINUTE).ns + NS_PER_MINUTE;
    return period;
}

/* A span of time in seconds. */
static dec seconds_of(int64_t from_ns, int64_t to_ns)
{
    dec_coefficient ns = (dec_coefficient)to_ns - from_ns;
    return dec_trim(dec_of_parts(ns, 9));
}

static int64_t seconds_of_unit(enum meter_time_unit unit)
{
    static const int64_t seconds[METER_TIME_UNIT_COUNT] = { 1, 60, 3600, 86400 };
    CHECK(unit >= 0 && unit < METER_TIME_UNIT_COUNT);
    return seconds[unit];
}

/* The part of a row's window that was asked for. */
static dec asked_seconds(const struct query_run *run, struct period period)
{
    int64_t end = query_run_asked_end(run).ns;
    int64_t from = period.from.ns > run->plan.query->from.ns ? period.from.ns
                                                             : run->plan.query->from.ns;
    return seconds_of(from, period.to.ns < end ? period.to.ns : end);
}

static dec value_of(const struct query_run *run, const struct query_cell *cell,
                    struct period period)
{
    const struct meter *meter = run->plan.meter;
    enum tally_kind kind;
    if (query_tally_kind(meter->aggregation, &kind))
        return tally_value(&cell->tally, kind, meter->quantile);
    if (meter->aggregation == METER_INTEGRAL)
        return query_quotient(cell->amount, dec_of_int(seconds_of_unit(meter->time_unit)));
    if (meter->aggregation == METER_TIME_WEIGHTED_AVERAGE)
        return query_quotient(cell->amount, asked_seconds(run, period));
    return cell->amount;
}

static void fill_row(const struct query_run *run, size_t index, uint32_t *numbers,
                     struct meter_row *row)
{
    const struct plan_parts *groups = &run->plan.groups;
    const struct query_cell *cell = query_cells_get(&run->cells, index, numbers);
    struct period period = period_of(run, cell);
    row->value = value_of(run, cell, period);
    row->from = period.from;
    row->to = period.to;
    row->dimensions = ARENA_ARRAY(run->plan.arena, text, groups->count);
    size_t count = 0;
    for (size_t i = 0; i < groups->count; i++) {
        const struct plan_part *part = &groups->items[i];
        switch (part->kind) {
        case PART_SUBJECT:
            row->subject = part->names.entries[numbers[i]].key;
            break;
        case PART_CUSTOMER:
            row->customer = &run->plan.query->customers.items[numbers[i]];
            break;
        case PART_DIMENSION:
            row->dimensions[count++] = part->names.entries[numbers[i]].key;
            break;
        }
    }
}

static int compare_rows(const void *left, const void *right, void *state)
{
    const struct meter_row *a = left;
    const struct meter_row *b = right;
    const struct meter_result *result = state;
    if (!instant_equal(a->from, b->from))
        return instant_before(a->from, b->from) ? -1 : 1;
    int order = text_compare(a->subject, b->subject);
    if (order == 0 && result->has_customer)
        order = memcmp(a->customer->id.bytes, b->customer->id.bytes, sizeof(a->customer->id));
    for (size_t i = 0; order == 0 && i < result->dimensions.count; i++)
        order = text_compare(a->dimensions[i], b->dimensions[i]);
    return order;
}

/* Whether nothing is an answer: a count over a period that was asked for, not told apart, is 0. */
static bool is_counting_nothing(const struct query_run *run)
{
    const struct query_plan *plan = &run->plan;
    bool is_count = plan->meter->aggregation == METER_COUNT ||
                    plan->meter->aggregation == METER_UNIQUE_COUNT;
    return is_count && run->cells.keys.count == 0 && plan->groups.count == 0 &&
           plan->query->window == METER_WINDOW_NONE && !instant_is_none(plan->query->from) &&
           !instant_is_none(plan->query->to);
}

static struct list counting_nothing(const struct query_run *run)
{
    struct meter_row *row = ARENA_NEW(run->plan.arena, struct meter_row);
    row->value = DEC_ZERO;
    row->from = run->plan.query->from;
    row->to = run->plan.query->to;
    return (struct list){ row, 1 };
}

struct meter_result query_run_result(const struct query_run *run)
{
    CHECK(run != NULL && !run->is_too_large);
    const struct query_plan *plan = &run->plan;
    const struct text_list *names = &plan->query->group_by;
    uint32_t *numbers = ARENA_ARRAY(plan->arena, uint32_t, plan->groups.count);
    struct meter_result result = {
        .from = plan->query->from,
        .to = plan->query->to,
        .window = plan->query->window,
        .dimensions = { ARENA_ARRAY(plan->arena, text, names->count), 0 },
        .rows = ARENA_ARRAY(plan->arena, struct meter_row, run->cells.keys.count),
        .count = run->cells.keys.count,
    };
    for (size_t i = 0; i < names->count; i++) {
        result.has_subject |= plan->groups.items[i].kind == PART_SUBJECT;
        result.has_customer |= plan->groups.items[i].kind == PART_CUSTOMER;
        if (plan->groups.items[i].kind == PART_DIMENSION)
            result.dimensions.items[result.dimensions.count++] = names->items[i];
    }
    for (size_t i = 0; i < result.count; i++)
        fill_row(run, i, numbers, &result.rows[i]);
    if (result.count > 1)
        qsort_r(result.rows, result.count, sizeof(*result.rows), compare_rows, &result);
    if (is_counting_nothing(run)) {
        struct list rows = counting_nothing(run);
        result.rows = rows.items;
        result.count = rows.count;
    }
    return result;
}
