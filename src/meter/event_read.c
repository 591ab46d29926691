/* event_read.c: events read from a tree, one member at a time: says what is wrong, and where.
 *
 * This is the reference. event_walk.c reads the same without a tree and takes nothing that is
 * refused here. */
#include "meter/event_inside.h"

#include "base/limits.h"

/* Where the reader is, for the place of a fault. */
struct reader {
    struct cx *cx;
    size_t index;
    bool is_batch;
    size_t faults;
    struct usage_event *event;
};

static void refuse(struct reader *r, text name, const char *rule, const char *reason)
{
    CHECK(r != NULL && rule != NULL && reason != NULL);
    if (r->faults++ >= EVENT_FAULTS_MAX)
        return;
    text place = name;
    if (r->is_batch)
        place = text_format(r->cx->arena, "[%zu]%s%.*s", r->index, name.len > 0 ? "." : "",
                            TEXT_ARG(name));
    bool has_place = place.len > 0;
    if (r->faults == 1)
        problem_set(&r->cx->problem, FAULT_EVENT_INVALID, "%.*s%s%s", TEXT_ARG(place),
                    has_place ? ": " : "", reason);
    problem_add_member(&r->cx->problem, place, rule, text_of(reason));
}

/* A string of 1 to `max` bytes. */
static bool read_text(struct reader *r, const struct json *value, size_t max, text *ret)
{
    CHECK(value != NULL && ret != NULL);
    if (value->kind != JSON_TEXT) {
        refuse(r, value->key, "is_string", "must be a string");
        return false;
    }
    if (value->text.len == 0) {
        refuse(r, value->key, "min_length", "must not be empty");
        return false;
    }
    if (value->text.len > max) {
        refuse(r, value->key, "max_length", "is too long");
        return false;
    }
    *ret = value->text;
    return true;
}

static void read_uri(struct reader *r, const struct json *value, text *ret)
{
    if (read_text(r, value, LIMIT_EVENT_SOURCE_MAX, ret) && !event_is_uri_reference(*ret))
        refuse(r, value->key, "invalid", "must be a URI reference");
}

static void read_spec_version(struct reader *r, const struct json *value)
{
    text version;
    if (read_text(r, value, LIMIT_EVENT_TYPE_MAX, &version) && !text_equal(version, TEXT("1.0")))
        refuse(r, value->key, "enum", "must be 1.0");
}

/* RFC 3339; null means now. */
static void read_time(struct reader *r, const struct json *value)
{
    if (value->kind == JSON_NULL)
        return;
    instant time;
    if (value->kind == JSON_TEXT && instant_parse(value->text, &time) && !event_is_far_off(time)) {
        r->event->time = time;
        r->event->is_time_given = true;
    } else {
        refuse(r, value->key, "is_date_time",
               "must be an RFC 3339 time, such as "
               "2025-01-31T10:00:00Z");
    }
}

static void read_data(struct reader *r, const struct json *value)
{
    if (value->kind == JSON_NULL)
        return;
    if (value->kind != JSON_OBJECT)
        refuse(r, value->key, "is_object", "must be a JSON object");
    else if (value->raw.len > LIMIT_EVENT_DATA_MAX)
        refuse(r, value->key, "max_length", "is too large");
    else
        r->event->data = value->raw;
}

static void read_content_type(struct reader *r, const struct json *value)
{
    if (value->kind == JSON_NULL)
        return;
    if (value->kind != JSON_TEXT || !text_equal(value->text, TEXT("application/json")))
        refuse(r, value->key, "enum", "must be application/json");
}

static void read_attribute(struct reader *r, enum event_attribute attribute,
                           const struct json *value)
{
    struct usage_event *event = r->event;
    switch (attribute) {
    case EVENT_ATTRIBUTE_ID:
        (void)!read_text(r, value, LIMIT_EVENT_ID_MAX, &event->id);
        return;
    case EVENT_ATTRIBUTE_SOURCE:
        read_uri(r, value, &event->source);
        return;
    case EVENT_ATTRIBUTE_SPEC_VERSION:
        read_spec_version(r, value);
        return;
    case EVENT_ATTRIBUTE_TYPE:
        (void)!read_text(r, value, LIMIT_EVENT_TYPE_MAX, &event->type);
        return;
    case EVENT_ATTRIBUTE_SUBJECT:
        (void)!read_text(r, value, LIMIT_SUBJECT_MAX, &event->subject);
        return;
    case EVENT_ATTRIBUTE_TIME:
        read_time(r, value);
        return;
    case EVENT_ATTRIBUTE_DATA:
        read_data(r, value);
        return;
    case EVENT_ATTRIBUTE_DATA_CONTENT_TYPE:
        read_content_type(r, value);
        return;
    case EVENT_ATTRIBUTE_DATA_SCHEMA:
        if (value->kind != JSON_NULL)
            read_uri(r, value, &event->data_schema);
        return;
    case EVENT_ATTRIBUTE_DATA_BASE64:
        refuse(r, value->key, "invalid", "binary data is not accepted: use data");
        return;
    case EVENT_ATTRIBUTE_COUNT:
        return;
    }
    UNREACHABLE();
}

static void read_event(struct reader *r, const struct json *object)
{
    CHECK(r->event != NULL && object != NULL);
    if (object->kind != JSON_OBJECT) {
        refuse(r, TEXT_NONE, "is_object", "an event must be a JSON object");
        return;
    }
    r->event->org = r->cx->org;
    r->event->time = r->cx->now;
    r->event->ingested_at = r->cx->now;
    unsigned seen = 0;
    for (size_t i = 0; i < object->count; i++) {
        enum event_attribute attribute = event_attribute_of(object->items[i].key);
        seen |= 1U << attribute;
        read_attribute(r, attribute, &object->items[i]);
    }
    unsigned missing = EVENT_ATTRIBUTES_REQUIRED & ~seen;
    for (int i = 0; missing >> i != 0; i++) {
        if (missing & 1U << i)
            refuse(r, event_attribute_names[i], "required", "is required");
    }
}

/* The events in the tree as a row of values; refuses what the form does not allow. */
static enum err find_events(struct cx *cx, enum event_form form, const struct json *root,
                            const struct json **ret, size_t *ret_count)
{
    bool is_batch = root->kind == JSON_ARRAY;
    if (form == EVENT_FORM_ONE && is_batch)
        return problem_refuse(&cx->problem, FAULT_EVENT_INVALID,
                              "one event is expected, not an array");
    if (form == EVENT_FORM_BATCH && !is_batch)
        return problem_refuse(&cx->problem, FAULT_EVENT_INVALID, "an array of events is expected");
    bool is_empty = is_batch ? root->count == 0 : root->kind != JSON_OBJECT;
    if (is_empty)
        return problem_refuse(&cx->problem, FAULT_EVENTS_NONE, "%s", "");
    if (is_batch && root->count > LIMIT_EVENTS_PER_REQUEST)
        return problem_refuse(&cx->problem, FAULT_BODY_TOO_LARGE, "at most %d events a request",
                              LIMIT_EVENTS_PER_REQUEST);
    *ret = is_batch ? root->items : root;
    *ret_count = is_batch ? root->count : 1;
    return OK;
}

/* A body that is no JSON holds no valid event; one that holds too much is another matter. */
static enum err refuse_json(struct cx *cx, const struct json_fault *fault)
{
    bool is_size = fault->fault == FAULT_JSON_TOO_LARGE;
    return problem_refuse(&cx->problem, is_size ? fault->fault : FAULT_EVENT_INVALID,
                          "%.*s at byte %zu", TEXT_ARG(fault->message), fault->offset);
}

enum err event_read_tree(struct cx *cx, enum event_form form, text body, struct event_batch *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct json root;
    struct json_fault fault;
    if (!json_parse(cx->arena, body, &root, &fault))
        return refuse_json(cx, &fault);
    const struct json *objects = NULL;
    size_t count = 0;
    enum err err = find_events(cx, form, &root, &objects, &count);
    if (err != OK)
        return err;
    struct event_batch batch = { ARENA_ARRAY(cx->arena, struct usage_event, count), count };
    struct reader reader = { .cx = cx, .is_batch = root.kind == JSON_ARRAY };
    for (size_t i = 0; i < count; i++) {
        reader.index = i;
        reader.event = &batch.items[i];
        read_event(&reader, &objects[i]);
    }
    if (reader.faults > 0)
        return ERR_REFUSED;
    *ret = batch;
    return OK;
}
