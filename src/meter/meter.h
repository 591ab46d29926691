/* meter.h: what is measured: which events count, and how their values become one number.
 *
 * A meter names an event type, an aggregation, the place of the value in the event's data (a JSON
 * path) and the dimensions by which usage can be grouped and filtered. It holds no numbers: they
 * are computed by every query (query.h), from events and their rollups, so a meter made today
 * measures last year too.
 *
 * Here: the struct, its rules, its field tables. Commands are in meter_flow.h, queries in query.h,
 * events in event.h.
 *
 * Dialects: v1 says slug, eventType, eventFrom, valueProperty, groupBy, metadata and upper-case
 * aggregations; v3 says key, event_type, events_from, value_property, dimensions, labels.
 */
#ifndef METER_METER_H
#define METER_METER_H

#include "base/id.h"
#include "base/problem.h"
#include "codec/fields.h"

ID_TYPE(meter);

enum meter_aggregation {
    METER_SUM,
    METER_COUNT,
    METER_UNIQUE_COUNT,
    METER_AVG,
    METER_MIN,
    METER_MAX,
    METER_LATEST, /* by event time, ties by sequence number */
    /* Not in the wire contract, but ours: */
    METER_QUANTILE,              /* by nearest rank, exact */
    METER_TIME_WEIGHTED_AVERAGE, /* of a level that holds from its event to the next one */
    METER_INTEGRAL,              /* of such a level over time */
    METER_SLIDING_UNIQUE_COUNT,  /* distinct values in some time before each window's end */
    METER_AGGREGATION_COUNT
};

/* NULL-terminated, in the order of the enum: "sum", "count", … */
extern const char *const meter_aggregation_words[];

/* What the integral counts time in. */
enum meter_time_unit {
    METER_TIME_UNIT_NONE = -1,
    METER_SECOND,
    METER_MINUTE,
    METER_HOUR,
    METER_DAY,
    METER_TIME_UNIT_COUNT
};

/* NULL-terminated, in the order of the enum: "second", "minute", "hour", "day". */
extern const char *const meter_time_unit_words[];

struct meter {
    struct meter_id id;
    struct org_id org;
    text key; /* unique among the organization's meters that are not deleted; never changes */
    text name;
    text description; /* ptr NULL when absent */
    struct text_map labels;
    enum meter_aggregation aggregation; /* never changes */
    text event_type;                    /* never changes */
    instant events_from;                /* older events do not count; INSTANT_NONE: all do */
    text value_property;                /* JSON path; ptr NULL for METER_COUNT */
    dec quantile; /* METER_QUANTILE: above 0, at most 1; else invalid; never changes */
    enum meter_time_unit time_unit; /* METER_INTEGRAL only; never changes */
    span sliding_window;            /* METER_SLIDING_UNIQUE_COUNT: a fixed length; else zero */
    struct text_map dimensions;     /* name to JSON path */
    instant created_at;
    instant updated_at;
    instant deleted_at; /* INSTANT_NONE while it lives */
};

/* The whole row: database column names, and what is printed in both dialects. */
extern const struct fields meter_fields;

/* What a create request may hold, into a struct meter; indexed by dialect, because v1 defaults
 * the name to the slug and v3 requires it. */
extern const struct fields meter_create_fields[DIALECT_COUNT];

/* What an update request may hold, into a struct meter (see meter_change_read). */
extern const struct fields meter_update_fields;

/* The wanted change of a meter: only members that stood in the request are changed. A null or
 * empty map empties the labels or dimensions. */
struct meter_change {
    text name;
    text description;
    struct text_map labels;
    struct text_map dimensions;
    bool has_name;
    bool has_description;
    bool has_labels;
    bool has_dimensions;
};

/* Reads a create request, fills defaults (v1: the name is the slug) and applies meter_check.
 * Id, organization and times stay empty. Returns whether nothing was refused. */
NODISCARD bool meter_create_read(enum dialect dialect, struct arena *arena, const struct json *body,
                                 struct problem *problem, struct meter *ret);

/* Reads an update request. */
NODISCARD bool meter_change_read(enum dialect dialect, struct arena *arena, const struct json *body,
                                 struct problem *problem, struct meter_change *ret);

/* The rules of a meter, whatever dialect it came in; places are written in the dialect's words.
 * A value property is required unless counting and forbidden then, and must be a JSON path; so
 * must each dimension's; a dimension's name has letters, digits and _, does not start with a
 * digit, is not "subject" or "customer_id", and its path is not the value property's. A quantile is
 * required by its aggregation, above 0 and at most 1; a sliding window by its own, of weeks, days
 * and less and at most LIMIT_SLIDING_WINDOW_DAYS; a time unit is the integral's; each is forbidden
 * elsewhere. Adds every fault to `problem`; returns whether there was none. */
NODISCARD bool meter_check(const struct meter *meter, enum dialect dialect, struct arena *arena,
                           struct problem *problem);

/* The meter after the change. Pure; check the result with meter_check. */
struct meter meter_changed(const struct meter *meter, const struct meter_change *change,
                           instant now);

/* Whether the meter reads a number of each event: it does not count events or distinct texts. */
bool meter_has_numbers(const struct meter *meter);

/* Whether `name` can be grouped by: a dimension of the meter, "subject" or "customer_id". */
bool meter_has_group(const struct meter *meter, text name);

/* Prints a meter as an object in the dialect. */
void meter_write(struct json_writer *w, enum dialect dialect, const struct meter *meter);

#endif
