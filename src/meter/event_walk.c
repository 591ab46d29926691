/* event_walk.c: the hot path of ingest: from tokens straight into events, texts borrowed from the
 * body.
 *
 * Everything that is not an ordinary valid event makes it give up: event_read.c then reads the body
 * again and says what is wrong. So here is no word about faults, only about what is right. */
#include "meter/event_inside.h"

#include "base/limits.h"
#include "codec/json_walk.h"

_Static_assert(EVENT_BODY_PADDING >= JSON_WALK_PADDING, "a walk reads so far behind the body");

/* Room for events at first; then by what the first of them took. */
#define ROOM_FIRST 1
#define ROOM_SPARE 16

struct walk {
    struct json_walk json;
    struct cx *cx;
    struct usage_event *items;
    size_t count;
    size_t room;
    int depth;        /* arrays and objects around a member's value */
    text last_source; /* checked already: most events of a batch have the same */
};

static bool take_text(struct walk *w, size_t max, text *ret)
{
    return json_walk_string(&w->json, ret) && ret->len > 0 && ret->len <= max;
}

static bool is_null(const struct walk *w)
{
    return json_walk_peek(&w->json) == 'n';
}

/* Steps over a null, or what begins like one and is none. */
static bool take_null(struct walk *w)
{
    text raw;
    return json_walk_skip(&w->json, w->depth, &raw);
}

static bool take_source(struct walk *w, text *ret)
{
    if (!take_text(w, LIMIT_EVENT_SOURCE_MAX, ret))
        return false;
    if (text_equal(*ret, w->last_source))
        return true;
    w->last_source = *ret;
    return event_is_uri_reference(*ret);
}

static bool take_time(struct walk *w, struct usage_event *event)
{
    text value;
    if (is_null(w))
        return take_null(w);
    event->is_time_given = true;
    return json_walk_string(&w->json, &value) && instant_parse(value, &event->time) &&
           !event_is_far_off(event->time);
}

static bool take_data(struct walk *w, text *ret)
{
    if (is_null(w))
        return take_null(w);
    return json_walk_peek(&w->json) == '{' && json_walk_skip(&w->json, w->depth, ret) &&
           ret->len <= LIMIT_EVENT_DATA_MAX;
}

static bool take_content_type(struct walk *w)
{
    text type;
    if (is_null(w))
        return take_null(w);
    return json_walk_string(&w->json, &type) && text_equal(type, TEXT("application/json"));
}

static bool take_schema(struct walk *w, text *ret)
{
    if (is_null(w))
        return take_null(w);
    return take_text(w, LIMIT_EVENT_SOURCE_MAX, ret) && event_is_uri_reference(*ret);
}

static bool take_version(struct walk *w)
{
    text version;
    return json_walk_string(&w->json, &version) && version.len == 3 &&
           memcmp(version.ptr, "1.0", 3) == 0;
}

static bool take_extension(struct walk *w, text key)
{
    text raw;
    return json_walk_remember(&w->json, 0, key) && json_walk_skip(&w->json, w->depth, &raw);
}

/* The attribute that the key can only be, going by its length; of four letters there are three. */
static enum event_attribute attribute_guess(text key)
{
    switch (key.len) {
    case 2:
        return EVENT_ATTRIBUTE_ID;
    case 4:
        if (key.ptr[0] == 'd')
            return EVENT_ATTRIBUTE_DATA;
        return key.ptr[1] == 'i' ? EVENT_ATTRIBUTE_TIME : EVENT_ATTRIBUTE_TYPE;
    case 6:
        return EVENT_ATTRIBUTE_SOURCE;
    case 7:
        return EVENT_ATTRIBUTE_SUBJECT;
    case 10:
        return EVENT_ATTRIBUTE_DATA_SCHEMA;
    case 11:
        return key.ptr[0] == 's' ? EVENT_ATTRIBUTE_SPEC_VERSION : EVENT_ATTRIBUTE_DATA_BASE64;
    case 15:
        return EVENT_ATTRIBUTE_DATA_CONTENT_TYPE;
    default:
        return EVENT_ATTRIBUTE_COUNT;
    }
}

static enum event_attribute attribute_of(text key)
{
    enum event_attribute guess = attribute_guess(key);
    if (guess == EVENT_ATTRIBUTE_COUNT ||
        memcmp(key.ptr, event_attribute_names[guess].ptr, key.len) != 0)
        return EVENT_ATTRIBUTE_COUNT;
    return guess;
}

static bool take_value(struct walk *w, enum event_attribute attribute, text key,
                       struct usage_event *event)
{
    switch (attribute) {
    case EVENT_ATTRIBUTE_ID:
        return take_text(w, LIMIT_EVENT_ID_MAX, &event->id);
    case EVENT_ATTRIBUTE_SOURCE:
        return take_source(w, &event->source);
    case EVENT_ATTRIBUTE_SPEC_VERSION:
        return take_version(w);
    case EVENT_ATTRIBUTE_TYPE:
        return take_text(w, LIMIT_EVENT_TYPE_MAX, &event->type);
    case EVENT_ATTRIBUTE_SUBJECT:
        return take_text(w, LIMIT_SUBJECT_MAX, &event->subject);
    case EVENT_ATTRIBUTE_TIME:
        return take_time(w, event);
    case EVENT_ATTRIBUTE_DATA:
        return take_data(w, &event->data);
    case EVENT_ATTRIBUTE_DATA_CONTENT_TYPE:
        return take_content_type(w);
    case EVENT_ATTRIBUTE_DATA_SCHEMA:
        return take_schema(w, &event->data_schema);
    case EVENT_ATTRIBUTE_DATA_BASE64:
        return false;
    case EVENT_ATTRIBUTE_COUNT:
        return take_extension(w, key);
    }
    UNREACHABLE();
}

/* A key, its colon and its value. */
static bool take_member(struct walk *w, struct usage_event *event, unsigned *seen)
{
    text key;
    if (!json_walk_string(&w->json, &key) || !json_walk_take(&w->json, ':'))
        return false;
    enum event_attribute attribute = attribute_of(key);
    unsigned bit = 1U << attribute;
    if (attribute != EVENT_ATTRIBUTE_COUNT && (*seen & bit) != 0)
        return false;
    *seen |= bit;
    return take_value(w, attribute, key, event);
}

static bool take_event(struct walk *w)
{
    CHECK(w->count < w->room);
    struct usage_event *event = &w->items[w->count++];
    unsigned seen = 0;
    *event = (struct usage_event){
        .org = w->cx->org,
        .time = w->cx->now,
        .ingested_at = w->cx->now,
    };
    if (!json_walk_take(&w->json, '{'))
        return false;
    do {
        if (!take_member(w, event, &seen))
            return false;
    } while (json_walk_take(&w->json, ','));
    w->json.key_count = 0;
    return json_walk_take(&w->json, '}') &&
           (seen & EVENT_ATTRIBUTES_REQUIRED) == EVENT_ATTRIBUTES_REQUIRED;
}

/* Makes room for as many events as there seem to be, going by those that were read so far. */
static void grow(struct walk *w, const uint32_t *first)
{
    size_t read = (size_t)(w->json.next - first);
    size_t left = (size_t)(w->json.end - w->json.next);
    size_t room = w->count + left * w->count / read + ROOM_SPARE;
    CHECK(w->count == w->room && room > w->room);
    struct usage_event *items = ARENA_ARRAY(w->cx->arena, struct usage_event, room);
    memcpy(items, w->items, w->count * sizeof(*items));
    w->items = items;
    w->room = room;
}

static bool take_batch(struct walk *w)
{
    const uint32_t *first = w->json.next;
    if (!json_walk_take(&w->json, '['))
        return false;
    do {
        if (w->count == LIMIT_EVENTS_PER_REQUEST)
            return false;
        if (w->count == w->room)
            grow(w, first);
        if (!take_event(w))
            return false;
    } while (json_walk_take(&w->json, ','));
    return json_walk_take(&w->json, ']');
}

static bool take_body(struct walk *w, enum event_form form)
{
    bool is_batch = json_walk_peek(&w->json) == '[';
    if (is_batch ? form == EVENT_FORM_ONE : form == EVENT_FORM_BATCH)
        return false;
    w->depth = is_batch ? 2 : 1;
    return is_batch ? take_batch(w) : take_event(w);
}

bool event_walk(struct cx *cx, enum event_form form, text body, struct event_batch *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct walk w;
    w.cx = cx;
    w.count = 0;
    w.room = ROOM_FIRST;
    w.items = ARENA_ARRAY(cx->arena, struct usage_event, ROOM_FIRST);
    w.last_source = TEXT_NONE;
    bool is_taken = json_walk_begin(&w.json, cx->arena, body) && take_body(&w, form);
    bool is_through = json_walk_end(&w.json);
    if (!is_taken || !is_through)
        return false;
    CHECK(w.count > 0);
    *ret = (struct event_batch){ w.items, w.count };
    return true;
}
