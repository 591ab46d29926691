/* oracle.h: meter queries computed a second time, slowly: every row looks at every event.
 *
 * A sample is an event as the laws see it; the oracle knows its values from what it was made of,
 * not from its JSON. It shares with the program decimals, the calendar's windows (test_window.c)
 * and the printing of answers, and nothing else.
 */
#ifndef TEST_UNIT_METER_ORACLE_H
#define TEST_UNIT_METER_ORACLE_H

#include "meter/window.h"
#include "unit/meter/events.h"

#define SAMPLES_MAX 64
#define ROWS_MAX    4000
#define SUBJECTS    3

/* What stands at a path. */
enum sample_kind { SAMPLE_NUMBER, SAMPLE_STRING, SAMPLE_NULL, SAMPLE_NOTHING, SAMPLE_WORD };

struct sample {
    instant at;
    int subject;
    enum sample_kind kind; /* of the value */
    dec number;
    text a, b; /* dimensions; ptr NULL: nothing there */
};

struct world {
    struct sample samples[SAMPLES_MAX]; /* in order of arrival */
    size_t count;
};

/* A query that the oracle understands: filters of one operator each. */
struct oracle {
    const struct world *world;
    const struct meter *meter;
    const struct meter_query *query;
    instant now;
    struct arena *arena;
    struct meter_row *rows;
    size_t (*members)[SAMPLES_MAX]; /* of each row */
    size_t *member_counts;
    dec *amounts;
    instant *firsts; /* where what the row has begins */
    size_t count;
};

/* ---- what an event is --------------------------------------------------------------------- */

static inline text sample_subject(const struct sample *s)
{
    static const text names[SUBJECTS] = { TEXT_INIT("c0"), TEXT_INIT("c1"), TEXT_INIT("c2") };
    return names[s->subject];
}

static inline bool sample_has_number(const struct sample *s)
{
    return s->kind == SAMPLE_NUMBER || s->kind == SAMPLE_STRING;
}

/* What a unique count counts; false: nothing. */
static inline bool sample_word(const struct sample *s, struct arena *arena, text *ret)
{
    *ret = TEXT("");
    if (sample_has_number(s))
        *ret = dec_text(arena, s->number);
    else if (s->kind == SAMPLE_WORD)
        *ret = TEXT("word");
    return s->kind != SAMPLE_NULL;
}

static inline bool oracle_has_value(const struct oracle *o, const struct sample *s)
{
    switch (o->meter->aggregation) {
    case METER_COUNT:
        return true;
    case METER_UNIQUE_COUNT:
    case METER_SLIDING_UNIQUE_COUNT:
        return s->kind != SAMPLE_NULL;
    case METER_SUM:
    case METER_AVG:
    case METER_MIN:
    case METER_MAX:
    case METER_LATEST:
    case METER_QUANTILE:
    case METER_TIME_WEIGHTED_AVERAGE:
    case METER_INTEGRAL:
        return sample_has_number(s);
    case METER_AGGREGATION_COUNT:
        break;
    }
    UNREACHABLE();
}

static inline text sample_dimension(const struct sample *s, text name)
{
    return text_equal(name, TEXT("a")) ? s->a : s->b;
}

static inline bool oracle_filter(const struct filter *f, text value)
{
    bool is_there = value.ptr != NULL;
    if (f->op == FILTER_EXISTS || f->op == FILTER_NOT_EXISTS)
        return is_there == (f->op == FILTER_EXISTS);
    if (f->op == FILTER_EQ || f->op == FILTER_NE)
        return text_equal(f->value, value) == (f->op == FILTER_EQ);
    MUST(f->op == FILTER_IN || f->op == FILTER_NOT_IN);
    return text_list_holds(&f->values, value) == (f->op == FILTER_IN);
}

/* Whether filters on dimensions and subjects let it through. */
static inline bool oracle_passes(const struct oracle *o, const struct sample *s)
{
    const struct meter_query *q = o->query;
    for (size_t i = 0; i < q->filters.count; i++) {
        const struct filter_entry *entry = &q->filters.items[i];
        if (!oracle_filter(&entry->filter, sample_dimension(s, entry->name)))
            return false;
    }
    return !q->has_subjects || text_list_holds(&q->subjects, sample_subject(s));
}

/* Whose the subject is at an instant: the customer; NULL: nobody's. */
static inline const struct meter_customer *oracle_owner(const struct oracle *o,
                                                        const struct sample *s, instant at)
{
    for (size_t i = 0; i < o->query->customers.count; i++) {
        const struct meter_customer *customer = &o->query->customers.items[i];
        for (size_t k = 0; k < customer->subjects.count; k++) {
            struct period p = customer->periods[k];
            bool is_then = at.ns >= p.from.ns && (instant_is_none(p.to) || at.ns < p.to.ns);
            if (is_then && text_equal(customer->subjects.items[k], sample_subject(s)))
                return customer;
        }
    }
    return NULL;
}

/* ---- rows --------------------------------------------------------------------------------- */

static inline struct period oracle_window(const struct oracle *o, instant at)
{
    const struct zone *zone = zone_find(o->query->time_zone);
    if (o->query->window == METER_WINDOW_NONE)
        return (struct period){ INSTANT_NONE, INSTANT_MAX };
    return window_at(at, o->query->window, zone);
}

static inline struct meter_row oracle_row_of(const struct oracle *o, const struct sample *s,
                                             instant at)
{
    struct period window = oracle_window(o, at);
    const struct text_list *names = &o->query->group_by;
    struct meter_row row = { .from = window.from, .to = window.to };
    row.dimensions = ARENA_ARRAY(o->arena, text, names->count);
    size_t count = 0;
    for (size_t i = 0; i < names->count; i++) {
        text name = names->items[i];
        text value = sample_dimension(s, name);
        if (text_equal(name, TEXT("subject")))
            row.subject = sample_subject(s);
        else if (text_equal(name, TEXT("customer_id")))
            row.customer = oracle_owner(o, s, at);
        else
            row.dimensions[count++] = value.ptr != NULL ? value : TEXT("");
    }
    return row;
}

static inline int oracle_compare(const struct oracle *o, const struct meter_row *x,
                                 const struct meter_row *y)
{
    if (x->from.ns != y->from.ns)
        return x->from.ns < y->from.ns ? -1 : 1;
    int order = text_compare(x->subject, y->subject);
    if (order == 0 && x->customer != NULL)
        order = (x->customer > y->customer) - (x->customer < y->customer);
    size_t dimensions = 0;
    for (size_t i = 0; i < o->query->group_by.count; i++) {
        text name = o->query->group_by.items[i];
        if (text_equal(name, TEXT("subject")) || text_equal(name, TEXT("customer_id")))
            continue;
        if (order == 0)
            order = text_compare(x->dimensions[dimensions], y->dimensions[dimensions]);
        dimensions++;
    }
    return order;
}

/* The number of the row that is like this one; added when there is none. */
static inline size_t oracle_row(struct oracle *o, struct meter_row row)
{
    for (size_t i = o->count; i > 0; i--) {
        if (oracle_compare(o, &o->rows[i - 1], &row) == 0)
            return i - 1;
    }
    MUST(o->count < ROWS_MAX);
    o->rows[o->count] = row;
    o->member_counts[o->count] = 0;
    o->amounts[o->count] = DEC_ZERO;
    o->firsts[o->count] = INSTANT_MAX;
    return o->count++;
}

/* The sample is in the row, from an instant on. */
static inline void oracle_add(struct oracle *o, size_t row, size_t sample, instant at)
{
    if (at.ns < o->firsts[row].ns)
        o->firsts[row] = at;
    o->members[row][o->member_counts[row]++] = sample;
}

/* ---- values of rows ----------------------------------------------------------------------- */

static inline size_t oracle_distinct(const struct oracle *o, size_t row)
{
    struct text_list seen = { ARENA_ARRAY(o->arena, text, o->member_counts[row]), 0 };
    for (size_t i = 0; i < o->member_counts[row]; i++) {
        text word;
        MUST(sample_word(&o->world->samples[o->members[row][i]], o->arena, &word));
        if (!text_list_holds(&seen, word))
            seen.items[seen.count++] = word;
    }
    return seen.count;
}

/* How many members of the row are not above the number. */
static inline size_t oracle_rank(const struct oracle *o, size_t row, dec number)
{
    size_t rank = 0;
    for (size_t i = 0; i < o->member_counts[row]; i++)
        rank += dec_compare(o->world->samples[o->members[row][i]].number, number) <= 0;
    return rank;
}

/* Whether number `x` is the better answer than `best`, so far, for the row. */
static inline bool oracle_is_better(const struct oracle *o, size_t row, const struct sample *x,
                                    const struct sample *best)
{
    dec count = dec_of_int((int64_t)o->member_counts[row]);
    dec wanted = dec_mul(o->meter->quantile, count);
    switch (o->meter->aggregation) {
    case METER_MIN:
        return dec_compare(x->number, best->number) < 0;
    case METER_MAX:
        return dec_compare(x->number, best->number) > 0;
    case METER_LATEST:
        return x->at.ns >= best->at.ns;
    case METER_QUANTILE: {
        bool is_enough = dec_compare(dec_of_int((int64_t)oracle_rank(o, row, x->number)), wanted) >=
                         0;
        bool was_enough =
            dec_compare(dec_of_int((int64_t)oracle_rank(o, row, best->number)), wanted) >= 0;
        return is_enough && (!was_enough || dec_compare(x->number, best->number) < 0);
    }
    case METER_SUM:
    case METER_AVG:
    case METER_COUNT:
    case METER_UNIQUE_COUNT:
    case METER_TIME_WEIGHTED_AVERAGE:
    case METER_INTEGRAL:
    case METER_SLIDING_UNIQUE_COUNT:
    case METER_AGGREGATION_COUNT:
        break;
    }
    UNREACHABLE();
}

/* One of the members: the least, greatest, latest or middle. */
static inline dec oracle_pick(const struct oracle *o, size_t row)
{
    const struct sample *best = &o->world->samples[o->members[row][0]];
    for (size_t i = 1; i < o->member_counts[row]; i++) {
        const struct sample *x = &o->world->samples[o->members[row][i]];
        if (oracle_is_better(o, row, x, best))
            best = x;
    }
    return best->number;
}

static inline dec oracle_sum(const struct oracle *o, size_t row)
{
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < o->member_counts[row]; i++)
        sum = dec_add(sum, o->world->samples[o->members[row][i]].number);
    return sum;
}

static inline dec oracle_value(const struct oracle *o, size_t row)
{
    dec count = dec_of_int((int64_t)o->member_counts[row]);
    switch (o->meter->aggregation) {
    case METER_COUNT:
        return count;
    case METER_SUM:
        return oracle_sum(o, row);
    case METER_AVG:
        return dec_div(oracle_sum(o, row), count, 19, ROUND_HALF_AWAY);
    case METER_UNIQUE_COUNT:
        return dec_of_int((int64_t)oracle_distinct(o, row));
    case METER_MIN:
    case METER_MAX:
    case METER_LATEST:
    case METER_QUANTILE:
        return oracle_pick(o, row);
    case METER_TIME_WEIGHTED_AVERAGE:
    case METER_INTEGRAL:
    case METER_SLIDING_UNIQUE_COUNT:
        return o->amounts[row];
    case METER_AGGREGATION_COUNT:
        break;
    }
    UNREACHABLE();
}

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
