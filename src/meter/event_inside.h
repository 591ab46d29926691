/* event_inside.h: what the two readers of events share, event_read.c and event_walk.c. Private to
 * meter/. */
#ifndef METER_EVENT_INSIDE_H
#define METER_EVENT_INSIDE_H

#include "meter/event.h"

/* The attributes that mean something here; others are extensions, read over. */
enum event_attribute {
    EVENT_ATTRIBUTE_ID,
    EVENT_ATTRIBUTE_SOURCE,
    EVENT_ATTRIBUTE_SPEC_VERSION,
    EVENT_ATTRIBUTE_TYPE,
    EVENT_ATTRIBUTE_SUBJECT,
    EVENT_ATTRIBUTE_TIME,
    EVENT_ATTRIBUTE_DATA,
    EVENT_ATTRIBUTE_DATA_CONTENT_TYPE,
    EVENT_ATTRIBUTE_DATA_SCHEMA,
    EVENT_ATTRIBUTE_DATA_BASE64,
    EVENT_ATTRIBUTE_COUNT
};

extern const text event_attribute_names[EVENT_ATTRIBUTE_COUNT];

#define EVENT_ATTRIBUTES_REQUIRED                                                                  \
    (1U << EVENT_ATTRIBUTE_ID | 1U << EVENT_ATTRIBUTE_SOURCE |                                     \
     1U << EVENT_ATTRIBUTE_SPEC_VERSION | 1U << EVENT_ATTRIBUTE_TYPE |                             \
     1U << EVENT_ATTRIBUTE_SUBJECT)

/* The attribute of this name; EVENT_ATTRIBUTE_COUNT for an extension. */
enum event_attribute event_attribute_of(text key);

/* Whether the text can stand as a URI reference: no control characters, whole percent escapes.
 * Stricter would refuse what senders use: spaces and letters of every language. */
bool event_is_uri_reference(text t);

/* Whether a time is so far off that calendar arithmetic around it leaves an instant's range. */
bool event_is_far_off(instant t);

/* event_read.c: as event_parse_in_place, through a tree of the whole body. */
NODISCARD enum err event_read_tree(struct cx *cx, enum event_form form, text body,
                                   struct event_batch *ret);

/* event_walk.c: the same in one walk; false when something is wrong, or unusual: then
 * event_read_tree knows what. */
NODISCARD bool event_walk(struct cx *cx, enum event_form form, text body, struct event_batch *ret);

#endif
