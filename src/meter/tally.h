/* tally.h: one group's value while events are added. Private to the module. */
#ifndef METER_TALLY_H
#define METER_TALLY_H

#include "meter/query.h"

struct tally {
    int64_t count;     /* events with a value; UNIQUE_COUNT: distinct values */
    dec value;         /* SUM and AVG: the sum; MIN, MAX, LATEST: the value so far */
    instant latest_at; /* LATEST: time and number of the event that the value is from */
    uint64_t latest_sequence;
};

/* One event's value on its way into a tally. `number` is not looked at by COUNT and UNIQUE_COUNT.
 */
struct tally_item {
    dec number;
    instant at;
    uint64_t sequence;
};

/* Adds an event. A sum that no longer fits makes the tally's value invalid, for good. The order of
 * adding does not change the result. UNIQUE_COUNT: to be called once for each distinct value. */
void tally_add(struct tally *tally, enum meter_aggregation aggregation, struct tally_item item);

/* The value, without trailing zeros; invalid on overflow. The tally is not empty. */
dec tally_value(const struct tally *tally, enum meter_aggregation aggregation);

#endif
