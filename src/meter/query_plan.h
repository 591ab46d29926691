/* query_plan.h: a query made ready to run: which columns to read, what events are told apart by,
 * which customer an event is of. Private to the module.
 *
 * A plan reads no events. It turns names into places once, so that what is done for each event, or
 * for each cell of the rollups, is looking things up by number.
 */
#ifndef METER_QUERY_PLAN_H
#define METER_QUERY_PLAN_H

#include "meter/keymap.h"
#include "meter/query.h"
#include "rollup/tally.h"

#define PLAN_NONE SIZE_MAX

/* One thing that events are told apart by. */
struct plan_part {
    enum { PART_SUBJECT, PART_CUSTOMER, PART_DIMENSION } kind;

    size_t dimension;    /* PART_DIMENSION: its place in meter->dimensions */
    size_t column;       /* PART_DIMENSION: its column of a block */
    struct keymap names; /* the texts seen, numbered; PART_CUSTOMER has none */
};

struct plan_parts {
    struct plan_part *items;
    size_t count;
};

struct plan_condition {
    size_t dimension;
    size_t column;
    const struct filter *filter;
};

/* A time in which a subject is a customer's. */
struct plan_share {
    size_t customer; /* its place in query->customers */
    struct period period;
    size_t next; /* another share of the same subject; PLAN_NONE: the last */
    bool is_set;
};

struct query_plan {
    const struct meter *meter;
    const struct meter_query *query;
    struct arena *arena; /* lives as long as the answer */
    const struct zone *zone;
    instant from; /* what was asked for, not before the meter's own start */
    instant to;
    uint64_t sequence_max;
    struct json_path *columns; /* what is read of events */
    size_t column_count;
    size_t *dimension_columns; /* of each dimension; PLAN_NONE: not read */
    size_t value_column;       /* PLAN_NONE: not read */
    struct plan_parts groups;  /* in the order of query->group_by */
    struct plan_condition *conditions;
    size_t condition_count;
    struct keymap owned;       /* subjects of customers; */
    struct plan_share *shares; /* the first of each has its number */
    size_t share_count;
    bool has_part_shares;      /* a subject is a customer's for a part of all time */
    struct text_list subjects; /* whose events can count, where restricted */
    bool is_restricted;
    bool is_empty; /* nothing can count */
};

/* Makes ready a query that has passed meter_query_check. Meter and query are borrowed. */
struct query_plan query_plan_of(struct cx *cx, const struct meter *meter,
                                const struct meter_query *query);

/* The part for a dimension of the meter; reads its column from then on. */
struct plan_part query_plan_dimension(struct query_plan *plan, size_t dimension);

/* The customer of an owned subject at an instant; PLAN_NONE when it is nobody's that was asked for.
 */
size_t query_plan_owner(const struct query_plan *plan, size_t owned, instant at);

/* The events to read for [from, to), after the sequence number. */
struct usage_filter query_plan_filter(const struct query_plan *plan, struct period period,
                                      uint64_t sequence_after);

/* The tally that an aggregation is made by; false for those that are made of events in order. */
bool query_tally_kind(enum meter_aggregation aggregation, enum tally_kind *ret);

#endif
