/* query.h: usage computed from events, and their rollups, exactly.
 *
 * Order of use, for an API handler:
 *
 *   meter_query_read (or own code, for GET parameters)   into a struct meter_query
 *   resolve query.customer_ids into query.customers      (the customer module's business)
 *   meter_query_normalize, meter_query_check             defaults, rules
 *   meter_query_run                                      rows
 *   meter_result_write or meter_result_csv               query_write.h
 *
 * Values are exact decimals: sums have every digit of what was sent. An average is the exact
 * quotient rounded half away from zero to TALLY_AVG_SCALE fractional digits (rollup/tally.h; more
 * when the values have more, fewer when 38 digits would not hold it); trailing zeros are dropped
 * everywhere.
 *
 * Which value an event has: COUNT 1; UNIQUE_COUNT the text form at the value property, JSON null
 * not counted; the others a number, or a string that is one; anything else (missing, null, true, an
 * object, "NaN") is passed over, and shows in the event list as a fault of the event.
 *
 * Time: periods and windows are half-open and compared to the nanosecond. Windows are calendar
 * windows of a zone, keyed by their instant: the hour that happens twice in autumn is two windows.
 * There is no gap filling: a window or group without a value has no row. But a count of a period
 * with both ends, without windows and groups, is 0 when there is nothing to count.
 *
 * Ours: a quantile is the least value that at least so many of all are not above. A level (for
 * time-weighted averages and integrals) holds from its event to the next one of the same subject
 * and dimensions, also across the ends of periods, and until now at most; the levels of several
 * subjects or dimensions add up. An integral is the sum of level times time in the meter's unit; an
 * average is divided by the whole window, as far as it was asked for. A sliding unique count looks
 * at the meter's length of time before the window's end (or before the end of this minute, when
 * that has not come yet). Both have rows for windows without events, too, and without a `to` they
 * end now.
 */
#ifndef METER_QUERY_H
#define METER_QUERY_H

#include "base/span.h"
#include "codec/filter.h"
#include "identity/cx.h"
#include "meter/meter.h"

enum meter_window {
    METER_WINDOW_MINUTE,
    METER_WINDOW_HOUR,
    METER_WINDOW_DAY,
    METER_WINDOW_MONTH,
    METER_WINDOW_NONE, /* one row per group over the whole period */
    METER_WINDOW_COUNT
};

/* NULL-terminated, in the order of the enum: v1 "minute" and so on (upper case on the wire), v3
 * "PT1M" and so on. */
extern const char *const meter_window_words[];
extern const char *const meter_granularity_words[];

/* A customer and the subjects whose events are his. */
struct meter_customer {
    ulid id;
    text key;  /* for CSV; may be empty */
    text name; /* for CSV */
    struct text_list subjects;
    const struct period *periods; /* of each subject, when it is his; NULL: always */
};

struct meter_customers {
    struct meter_customer *items;
    size_t count;
};

/* Start from METER_QUERY_ALL. */
struct meter_query {
    instant from; /* INSTANT_NONE: from the first event */
    instant to;   /* INSTANT_NONE: to the last */
    enum meter_window window;
    text time_zone;                   /* IANA name; ptr NULL: UTC */
    struct text_list group_by;        /* dimensions, "subject", "customer_id" */
    struct text_list subjects;        /* with has_subjects: any of these */
    struct text_list customer_ids;    /* with has_customers: as the request had them, ULIDs */
    struct meter_customers customers; /* the same, resolved by the caller */
    struct filter_map filters;        /* by dimension */
    bool has_subjects;
    bool has_customers;
    uint64_t sequence_max; /* 0: everything visible now */
};

#define METER_QUERY_ALL                                                                            \
    ((struct meter_query){ .from = INSTANT_NONE, .to = INSTANT_NONE, .window = METER_WINDOW_NONE })

/* The tables of the two request bodies, for the API description; meter_query_read uses them. */
extern const struct fields meter_query_fields[DIALECT_COUNT];

/* Reads a request body: v1 QueryMeterRequest, v3 MeterQueryRequest (where filters on the
 * dimensions subject and customer_id become `subjects` and `customer_ids`). Faults go to
 * `problem` with their place; returns whether there was none. */
NODISCARD bool meter_query_read(enum dialect dialect, struct arena *arena, const struct json *body,
                                struct problem *problem, struct meter_query *ret);

/* Adds "subject" to group_by when subjects are filtered by, and "customer_id" when customers are;
 * drops repeated names. */
void meter_query_normalize(struct meter_query *query, struct arena *arena);

/* The rules: from before to; a zone that exists; group_by and filters of known dimensions;
 * customer_id only with a customer filter; more than one subject only when grouped by subject.
 * Places in the dialect's words. Adds every fault to `problem` and names
 * FAULT_QUERY_INVALID; returns whether there was none. */
NODISCARD bool meter_query_check(const struct meter *meter, const struct meter_query *query,
                                 enum dialect dialect, struct problem *problem);

struct meter_row {
    dec value;
    instant from; /* the window, or the period that was asked for */
    instant to;
    text subject;                          /* ptr NULL unless grouped by subject */
    const struct meter_customer *customer; /* NULL unless grouped by customer */
    text *dimensions;                      /* as many as meter_result.dimensions */
};

struct meter_result {
    instant from, to; /* as asked; INSTANT_NONE when not */
    enum meter_window window;
    struct text_list dimensions; /* group_by without subject and customer_id */
    bool has_subject;
    bool has_customer;
    struct meter_row *rows; /* by window start, then by group: subject, customer, dimensions */
    size_t count;
};

/* Computes the rows, in cx->arena. The query has passed meter_query_check. Refusals:
 * FAULT_QUERY_TOO_LARGE over LIMIT_QUERY_ROWS rows, FAULT_AMOUNT_OVERFLOW when a sum has more than
 * 38 digits. */
NODISCARD enum err meter_query_run(struct cx *cx, const struct meter *meter,
                                   const struct meter_query *query, struct meter_result *ret);

/* A value of an event, and how many events had it. */
struct meter_number {
    dec value;
    int64_t count;
};

struct meter_numbers {
    struct meter_number *items; /* ascending, distinct */
    size_t count;
};

/* The values of the query's events, in cx->arena; whatever the aggregation, as long as the meter
 * reads numbers (meter_has_numbers). A query without windows and groups. */
NODISCARD enum err meter_query_numbers(struct cx *cx, const struct meter *meter,
                                       const struct meter_query *query, struct meter_numbers *ret);

/* The distinct subjects of the meter's events in [from, to), sorted, in cx->arena. */
NODISCARD enum err meter_subjects(struct cx *cx, const struct meter *meter, instant from,
                                  instant to, struct text_list *ret);

struct meter_values_query {
    text dimension;   /* a dimension of the meter */
    instant from, to; /* INSTANT_NONE: open */
};

/* The distinct values of a dimension, sorted; FAULT_QUERY_INVALID when the meter has no such
 * dimension. */
NODISCARD enum err meter_values(struct cx *cx, const struct meter *meter,
                                const struct meter_values_query *query, struct text_list *ret);

#endif
