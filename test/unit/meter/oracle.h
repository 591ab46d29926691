/* oracle.h: meter queries computed a second time, slowly: every row looks at every event.
 *
 * It shares with the program decimals, the calendar's windows (test_window.c) and the printing of
 * answers, and nothing else.
 */
#ifndef TEST_UNIT_METER_ORACLE_H
#define TEST_UNIT_METER_ORACLE_H

#include "unit/meter/oracle_values.h"

/* ---- three ways of counting --------------------------------------------------------------- */

static inline instant oracle_from(const struct oracle *o)
{
    return o->query->from.ns > o->meter->events_from.ns ? o->query->from : o->meter->events_from;
}

static inline void oracle_tallies(struct oracle *o)
{
    for (size_t i = 0; i < o->world->count; i++) {
        const struct sample *s = &o->world->samples[i];
        bool is_late = !instant_is_none(o->query->to) && s->at.ns >= o->query->to.ns;
        if (s->at.ns < oracle_from(o).ns || is_late || !oracle_passes(o, s) ||
            !oracle_has_value(o, s))
            continue;
        if (o->query->has_customers && oracle_owner(o, s, s->at) == NULL)
            continue;
        oracle_add(o, oracle_row(o, oracle_row_of(o, s, s->at)), i, s->at);
    }
}

static inline bool sample_is_same_series(const struct sample *x, const struct sample *y)
{
    return x->subject == y->subject && text_equal(x->a, y->a) && text_equal(x->b, y->b);
}

/* Until when the level of a sample holds. */
static inline instant oracle_holds_to(const struct oracle *o, size_t index)
{
    const struct sample *s = &o->world->samples[index];
    instant to = { INT64_MAX };
    for (size_t i = 0; i < o->world->count; i++) {
        const struct sample *x = &o->world->samples[i];
        bool is_after = x->at.ns > s->at.ns || (x->at.ns == s->at.ns && i > index);
        if (is_after && x->at.ns < to.ns && sample_has_number(x) && sample_is_same_series(x, s))
            to = x->at;
    }
    return to;
}

static inline instant least(instant x, instant y)
{
    return x.ns < y.ns ? x : y;
}

static inline void oracle_levels(struct oracle *o)
{
    instant asked_to = instant_is_none(o->query->to) ? o->now : o->query->to;
    instant end = least(asked_to, o->now);
    for (size_t i = 0; i < o->world->count; i++) {
        const struct sample *s = &o->world->samples[i];
        if (!sample_has_number(s) || !oracle_passes(o, s) || s->at.ns < o->meter->events_from.ns)
            continue;
        instant at = s->at.ns > oracle_from(o).ns ? s->at : oracle_from(o);
        instant to = least(oracle_holds_to(o, i), end);
        while (at.ns < to.ns) {
            /* To the end of the window, or to where the subject changes hands. */
            instant until = least(oracle_window(o, at).to, to);
            for (size_t c = 0; c < o->query->customers.count; c++) {
                const struct meter_customer *customer = &o->query->customers.items[c];
                for (size_t k = 0; k < customer->subjects.count; k++) {
                    if (customer->periods[k].from.ns > at.ns)
                        until = least(until, customer->periods[k].from);
                    if (customer->periods[k].to.ns > at.ns)
                        until = least(until, customer->periods[k].to);
                }
            }
            if (!o->query->has_customers || oracle_owner(o, s, at) != NULL) {
                size_t row = oracle_row(o, oracle_row_of(o, s, at));
                dec seconds = dec_of_parts(until.ns - at.ns, 9);
                o->amounts[row] = dec_add(o->amounts[row], dec_mul(s->number, seconds));
                oracle_add(o, row, i, at);
            }
            at = until;
        }
    }
}

/* Divides by the unit, or by the length of what was asked for. */
static inline void oracle_divide(struct oracle *o, size_t row, struct period period)
{
    static const int64_t units[] = { 1, 60, 3600, 86400 };
    instant to = instant_is_none(o->query->to) ? o->now : o->query->to;
    instant from = period.from.ns > o->query->from.ns ? period.from : o->query->from;
    dec divisor = dec_of_parts(least(period.to, to).ns - from.ns, 9);
    if (o->meter->aggregation == METER_INTEGRAL)
        divisor = dec_of_int(units[o->meter->time_unit]);
    dec sum = dec_trim(o->amounts[row]);
    o->amounts[row] = dec_div(sum, divisor, sum.scale > 19 ? sum.scale : 19, ROUND_HALF_AWAY);
}

static inline instant oracle_minute_after(instant at)
{
    return (instant){ instant_floor(at, NS_PER_MINUTE).ns + NS_PER_MINUTE };
}

static inline instant oracle_first(const struct world *world)
{
    instant first = world->samples[0].at;
    for (size_t i = 1; i < world->count; i++)
        first = least(first, world->samples[i].at);
    return first;
}

/* For each window from the first event or from what was asked for: who is in the time before its
 * end.
 */
static inline void oracle_sliding(struct oracle *o)
{
    instant present = oracle_minute_after(o->now);
    instant end = instant_is_none(o->query->to) ? present : least(o->query->to, present);
    int64_t length = span_add((instant){ 0 }, o->meter->sliding_window, 1, zone_utc()).ns;
    instant first = oracle_first(o->world);
    instant at = first.ns > oracle_from(o).ns ? first : oracle_from(o);
    while (at.ns < end.ns) {
        struct period window = oracle_window(o, at);
        instant window_end = least(window.to, end);
        for (size_t i = 0; i < o->world->count; i++) {
            const struct sample *s = &o->world->samples[i];
            if (s->at.ns < window_end.ns - length || s->at.ns >= window_end.ns ||
                s->at.ns < o->meter->events_from.ns || !oracle_passes(o, s) ||
                s->kind == SAMPLE_NULL)
                continue;
            if (o->query->has_customers && oracle_owner(o, s, s->at) == NULL)
                continue;
            struct meter_row row = oracle_row_of(o, s, s->at);
            row.from = window.from;
            row.to = window.to;
            oracle_add(o, oracle_row(o, row), i, s->at);
        }
        at = window.to;
    }
    for (size_t i = 0; i < o->count; i++)
        o->amounts[i] = dec_of_int((int64_t)oracle_distinct(o, i));
}

/* ---- the answer --------------------------------------------------------------------------- */

/* The period a row without windows speaks of. */
static inline struct period oracle_period(const struct oracle *o, size_t row)
{
    struct period period = { o->query->from, o->query->to };
    instant last = INSTANT_NONE;
    for (size_t i = 0; i < o->member_counts[row]; i++) {
        instant at = o->world->samples[o->members[row][i]].at;
        last = at.ns > last.ns ? at : last;
    }
    if (instant_is_none(period.from))
        period.from = instant_floor(o->firsts[row], NS_PER_MINUTE);
    if (!instant_is_none(period.to))
        return period;
    period.to = oracle_minute_after(last);
    if (o->meter->aggregation == METER_SLIDING_UNIQUE_COUNT)
        period.to = oracle_minute_after(o->now);
    else if (o->meter->aggregation == METER_INTEGRAL ||
             o->meter->aggregation == METER_TIME_WEIGHTED_AVERAGE)
        period.to = o->now;
    return period;
}

static inline void oracle_finish_row(struct oracle *o, size_t row)
{
    struct period period = { o->rows[row].from, o->rows[row].to };
    if (o->query->window == METER_WINDOW_NONE)
        period = oracle_period(o, row);
    o->rows[row].from = period.from;
    o->rows[row].to = period.to;
    if (o->meter->aggregation == METER_INTEGRAL ||
        o->meter->aggregation == METER_TIME_WEIGHTED_AVERAGE)
        oracle_divide(o, row, period);
    o->rows[row].value = dec_trim(oracle_value(o, row));
}

static inline void oracle_sort(struct oracle *o)
{
    for (size_t i = 1; i < o->count; i++) {
        struct meter_row row = o->rows[i];
        size_t place = i;
        for (; place > 0 && oracle_compare(o, &row, &o->rows[place - 1]) < 0; place--)
            o->rows[place] = o->rows[place - 1];
        o->rows[place] = row;
    }
}

/* A count of a whole period, not told apart, is 0 when there is nothing. */
static inline void oracle_count_nothing(struct oracle *o)
{
    bool is_count = o->meter->aggregation == METER_COUNT ||
                    o->meter->aggregation == METER_UNIQUE_COUNT;
    if (o->count > 0 || !is_count || o->query->group_by.count > 0 ||
        o->query->window != METER_WINDOW_NONE || instant_is_none(o->query->from) ||
        instant_is_none(o->query->to))
        return;
    o->rows[o->count++] = (struct meter_row){ .from = o->query->from, .to = o->query->to };
}

/* Fills in the result's rows, which stand until the next call; the rest of it is the program's. */
static inline void oracle_run(struct oracle *o, struct meter_result *result)
{
    static struct meter_row rows[ROWS_MAX];
    static size_t members[ROWS_MAX][SAMPLES_MAX];
    static size_t member_counts[ROWS_MAX];
    static dec amounts[ROWS_MAX];
    static instant firsts[ROWS_MAX];
    o->rows = rows;
    o->members = members;
    o->member_counts = member_counts;
    o->amounts = amounts;
    o->firsts = firsts;
    if (o->meter->aggregation == METER_INTEGRAL ||
        o->meter->aggregation == METER_TIME_WEIGHTED_AVERAGE)
        oracle_levels(o);
    else if (o->meter->aggregation == METER_SLIDING_UNIQUE_COUNT)
        oracle_sliding(o);
    else
        oracle_tallies(o);
    for (size_t i = 0; i < o->count; i++)
        oracle_finish_row(o, i);
    oracle_sort(o);
    oracle_count_nothing(o);
    result->rows = o->rows;
    result->count = o->count;
}

#endif
