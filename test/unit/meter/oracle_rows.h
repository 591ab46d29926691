/* oracle_rows.h: what the oracle knows of events, and the rows it finds them to be in.
 *
 * A sample is an event as the laws see it: its values are known from what it was made of, not from
 * its JSON.
 */
#ifndef TEST_UNIT_METER_ORACLE_ROWS_H
#define TEST_UNIT_METER_ORACLE_ROWS_H

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

#endif
