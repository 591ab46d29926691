/* oracle_values.h: the value of a row of the oracle, from the samples that are in it. */
#ifndef TEST_UNIT_METER_ORACLE_VALUES_H
#define TEST_UNIT_METER_ORACLE_VALUES_H

#include "unit/meter/oracle_rows.h"

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

#endif
