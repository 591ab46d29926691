/* event_flow.h: events listed for people: newest first, with what is wrong about each.
 *
 * What is wrong is computed when asked, against the meters and customers of that moment: "no meter
 * found for event type: x", "invalid event: missing value property: \"$.tokens\"", "no customer
 * found for event subject: y". Nothing of it is stored.
 */
#ifndef METER_EVENT_FLOW_H
#define METER_EVENT_FLOW_H

#include "codec/filter.h"
#include "meter/event.h"

#define EVENT_LIST_LIMIT_MAX 100

enum event_sort {
    EVENT_SORT_TIME, /* ties everywhere are broken by sequence number */
    EVENT_SORT_INGESTED_AT,
    EVENT_SORT_STORED_AT, /* the order of sequence numbers */
    EVENT_SORT_COUNT
};

/* v3's sort fields in the order of the enum, NULL-terminated. */
extern const char *const event_sort_words[];

/* A place in a listing: the last row of the page before. */
struct event_cursor {
    instant at; /* of the sort column */
    uint64_t sequence;
    bool is_set;
};

/* Base64 of "<RFC 3339>,<sequence>", and back; false when it is no cursor. */
text event_cursor_text(struct arena *arena, struct event_cursor cursor);
NODISCARD bool event_cursor_parse(struct arena *arena, text t, struct event_cursor *ret);

/* The customer who had a subject at the time of an event; a zero ULID when nobody had. */
typedef ulid event_customer_of(void *state, text subject, instant time);

/* Whether an event is listed, asked last of all. */
typedef bool event_choice(void *state, const struct usage_event *event);

/* Which events; members at their zero value (instants: INSTANT_NONE) do not restrict. Start from
 * EVENT_QUERY_ALL. Periods are half-open. */
struct event_query {
    instant from, to;                                  /* of the event's time */
    instant ingested_from, ingested_to;                /* of its arrival */
    text id_contains;                                  /* case counts; ptr NULL: any */
    const struct filter *id, *source, *subject, *type; /* NULL: any */
    struct text_list subjects;                         /* with has_subjects: exactly one of these */
    bool has_subjects;                                 /* with no subjects: nothing is listed */
    struct text_list owned;                            /* with has_owned: one of these, */
    const struct period *owned_times;                  /* each within its time; NONE is open */
    bool has_owned;
    uint64_t sequence_max; /* none that came later; 0: all */
    event_choice *choice;  /* NULL: any */
    void *choice_state;
    enum event_sort sort;
    bool is_ascending;
    int64_t limit; /* 1 to EVENT_LIST_LIMIT_MAX */
    struct event_cursor after;
    event_customer_of *customer_of; /* NULL: customers are not looked at */
    void *customer_state;
};

#define EVENT_QUERY_ALL                                                                            \
    ((struct event_query){ .from = INSTANT_NONE,                                                   \
                           .to = INSTANT_NONE,                                                     \
                           .ingested_from = INSTANT_NONE,                                          \
                           .ingested_to = INSTANT_NONE,                                            \
                           .limit = EVENT_LIST_LIMIT_MAX })

struct event_row {
    struct usage_event event;
    ulid customer;           /* zero: none */
    struct text_list errors; /* sentences; none when all is well */
};

struct event_page {
    struct event_row *items;
    size_t count;
    struct event_cursor next; /* set when the page is full */
};

/* Lists events of cx->org with their faults, in cx->arena. */
NODISCARD enum err event_list(struct cx *cx, const struct event_query *query,
                              struct event_page *ret);

/* Prints a row: v1 {event, customerId?, ingestedAt, storedAt, validationError?}, v3 {event,
 * customer?, ingested_at, stored_at, validation_errors?}. */
void event_row_write(struct json_writer *w, enum dialect dialect, const struct event_row *row);

#endif
