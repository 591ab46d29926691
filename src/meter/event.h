/* event.h: usage events as clients send them: CloudEvents in, form checked, never meaning.
 *
 * An event whose type no meter knows, whose subject no customer has or whose value is not a number
 * is accepted all the same: what is wrong shows when events are listed (event_flow.h), and a meter
 * made later finds it. What is refused is what cannot be an event: a missing id, a bad time, data
 * that is no JSON object.
 *
 * A batch is refused as a whole, with the place of each fault: "[3].id".
 */
#ifndef METER_EVENT_H
#define METER_EVENT_H

#include "codec/json.h"
#include "identity/cx.h"

/* What a body may be, by its content type. */
enum event_form {
    EVENT_FORM_ONE,    /* application/cloudevents+json */
    EVENT_FORM_BATCH,  /* application/cloudevents-batch+json */
    EVENT_FORM_EITHER, /* application/json */
    EVENT_FORM_COUNT
};

/* The form that a Content-Type stands for; false for any other type. `has_parameters` (v3) strips
 * ";charset=utf-8" and the like and folds case; v1 compares the header's whole value. */
NODISCARD bool event_form_of(text content_type, bool has_parameters, enum event_form *ret);

struct event_batch {
    struct usage_event *items; /* ready for usage_append: organization and ingested_at are set */
    size_t count;              /* 1 or more */
};

/* Bytes that must stand behind a body to be parsed in place, the first of them zero. */
#define EVENT_BODY_PADDING 64

/* Parses a body into events of cx->org, received at cx->now. Their texts are part of the body, or
 * live in cx->arena. EVENT_BODY_PADDING bytes must stand behind the body, the first of them zero.
 * Refusals: FAULT_JSON_TOO_LARGE, FAULT_EVENTS_NONE, FAULT_EVENT_INVALID with what is wrong with
 * the JSON as detail, or with "<place>: <reason>" and up to EVENT_FAULTS_MAX fields. */
NODISCARD enum err event_parse_in_place(struct cx *cx, enum event_form form, text body,
                                        struct event_batch *ret);

/* The same for a body without anything behind it: parses a copy of it in cx->arena. */
NODISCARD enum err event_parse(struct cx *cx, enum event_form form, text body,
                               struct event_batch *ret);

/* Faults listed for one body. */
#define EVENT_FAULTS_MAX 20

/* Prints an event as a CloudEvent (the same in both dialects). */
void event_write(struct json_writer *w, const struct usage_event *event);

#endif
