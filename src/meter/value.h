/* value.h: what one event is worth to one meter. Private to the module.
 *
 * The same rules serve queries, which pass over what has no value, and the event list, which says
 * why it has none.
 */
#ifndef METER_VALUE_H
#define METER_VALUE_H

#include "meter/meter.h"
#include "rollup/value.h"
#include "usage/usage.h"

/* A meter with its paths parsed, ready to read events. */
struct value_reader {
    const struct meter *meter;
    struct json_path value;       /* unused for a count */
    struct json_path *dimensions; /* in the order of meter->dimensions */
};

/* Parses the meter's paths, which meter_check has passed. The meter is borrowed. */
struct value_reader value_reader_of(const struct meter *meter, struct arena *arena);

/* The event's data as a tree in the arena; JSON null when it has none. False, with the fault,
 * when the data is not JSON. */
NODISCARD bool value_data(const struct usage_event *event, struct arena *arena, struct json *ret,
                          struct json_fault *ret_fault);

/* What is wrong with the event in the eyes of the meter, as a sentence in the arena; empty when
 * nothing is. */
text value_fault(const struct value_reader *reader, const struct usage_event *event,
                 struct arena *arena);

#endif
