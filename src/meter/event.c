/* event.c: CloudEvents: their content types, what an attribute may hold, how they are printed. */
#include "meter/event_inside.h"

bool event_form_of(text content_type, bool has_parameters, enum event_form *ret)
{
    static const text names[] = {
        [EVENT_FORM_ONE] = TEXT_INIT("application/cloudevents+json"),
        [EVENT_FORM_BATCH] = TEXT_INIT("application/cloudevents-batch+json"),
        [EVENT_FORM_EITHER] = TEXT_INIT("application/json"),
    };
    CHECK(ret != NULL);
    _Static_assert(COUNT_OF(names) == EVENT_FORM_COUNT, "a content type per form");
    text type = content_type;
    if (has_parameters) {
        text rest = content_type;
        type = text_trim(text_cut(&rest, ';'));
    }
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        bool is_same = has_parameters ? text_equal_nocase(type, names[i])
                                      : text_equal(type, names[i]);
        if (is_same) {
            *ret = (enum event_form)i;
            return true;
        }
    }
    return false;
}

const text event_attribute_names[EVENT_ATTRIBUTE_COUNT] = {
    [EVENT_ATTRIBUTE_ID] = TEXT_INIT("id"),
    [EVENT_ATTRIBUTE_SOURCE] = TEXT_INIT("source"),
    [EVENT_ATTRIBUTE_SPEC_VERSION] = TEXT_INIT("specversion"),
    [EVENT_ATTRIBUTE_TYPE] = TEXT_INIT("type"),
    [EVENT_ATTRIBUTE_SUBJECT] = TEXT_INIT("subject"),
    [EVENT_ATTRIBUTE_TIME] = TEXT_INIT("time"),
    [EVENT_ATTRIBUTE_DATA] = TEXT_INIT("data"),
    [EVENT_ATTRIBUTE_DATA_CONTENT_TYPE] = TEXT_INIT("datacontenttype"),
    [EVENT_ATTRIBUTE_DATA_SCHEMA] = TEXT_INIT("dataschema"),
    [EVENT_ATTRIBUTE_DATA_BASE64] = TEXT_INIT("data_base64"),
};

enum event_attribute event_attribute_of(text key)
{
    for (int i = 0; i < EVENT_ATTRIBUTE_COUNT; i++) {
        if (text_equal(key, event_attribute_names[i]))
            return (enum event_attribute)i;
    }
    return EVENT_ATTRIBUTE_COUNT;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool event_is_uri_reference(text t)
{
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.ptr[i];
        if (c < 0x20 || c == 0x7f)
            return false;
        if (c == '%' && (t.len - i < 3 || !is_hex(t.ptr[i + 1]) || !is_hex(t.ptr[i + 2])))
            return false;
    }
    return true;
}

/* Calendar arithmetic around an event, its window's end for one, must stay in an instant's range.
 */
#define TIME_MARGIN_NS (400 * NS_PER_DAY)

bool event_is_far_off(instant t)
{
    return t.ns < INT64_MIN + TIME_MARGIN_NS || t.ns > INT64_MAX - TIME_MARGIN_NS;
}

enum err event_parse_in_place(struct cx *cx, enum event_form form, text body,
                              struct event_batch *ret)
{
    CHECK(cx != NULL && ret != NULL);
    CHECK(form == EVENT_FORM_ONE || form == EVENT_FORM_BATCH || form == EVENT_FORM_EITHER);
    if (text_is_empty(text_trim(body)))
        return problem_refuse(&cx->problem, FAULT_EVENTS_NONE, "%s", "");
    return event_walk(cx, form, body, ret) ? OK : event_read_tree(cx, form, body, ret);
}

enum err event_parse(struct cx *cx, enum event_form form, text body, struct event_batch *ret)
{
    char *copy = arena_alloc(cx->arena, body.len + EVENT_BODY_PADDING);
    if (body.len > 0)
        memcpy(copy, body.ptr, body.len);
    return event_parse_in_place(cx, form, (text){ copy, body.len }, ret);
}

void event_write(struct json_writer *w, const struct usage_event *event)
{
    CHECK(w != NULL && event != NULL);
    CHECK(!text_is_empty(event->id) && !text_is_empty(event->source));
    json_object_begin(w);
    json_member_text(w, "id", event->id);
    json_member_text(w, "source", event->source);
    json_member_text(w, "specversion", TEXT("1.0"));
    json_member_text(w, "type", event->type);
    if (!text_is_empty(event->data))
        json_member_text(w, "datacontenttype", TEXT("application/json"));
    if (!text_is_empty(event->data_schema))
        json_member_text(w, "dataschema", event->data_schema);
    json_member_text(w, "subject", event->subject);
    json_key(w, TEXT("time"));
    json_instant(w, event->time);
    if (!text_is_empty(event->data)) {
        json_key(w, TEXT("data"));
        json_raw(w, event->data);
    }
    json_object_end(w);
}
