/* test_event.c: the form of events: content types, attributes, places of faults. */
#include "base/limits.h"
#include "lib/table.h"
#include "lib/tap.h"
#include "meter/event.h"

static const instant now = { 1700000000 * NS_PER_SECOND };

/* A context with what event_parse looks at. */
static struct cx cx_of(struct arena *arena)
{
    struct cx cx = { .arena = arena, .now = now };
    cx.org.ulid.bytes[15] = 1;
    problem_init(&cx.problem, arena);
    return cx;
}

static enum event_form form_of(text word)
{
    if (text_equal(word, TEXT("one")))
        return EVENT_FORM_ONE;
    return text_equal(word, TEXT("batch")) ? EVENT_FORM_BATCH : EVENT_FORM_EITHER;
}

/* The body with E written out, each E with an id of its own. */
static text body_of(struct arena *arena, text cell)
{
    struct buffer body = { .arena = arena };
    int id = 0;
    for (size_t i = 0; i < cell.len; i++) {
        bool is_event = cell.ptr[i] == 'E' && i > 0 && strchr("{,", cell.ptr[i - 1]) != NULL;
        if (is_event)
            buffer_format(&body,
                          "\"id\":\"%d\",\"source\":\"s\",\"specversion\":\"1.0\",\"type\":\"t\","
                          "\"subject\":\"c\"",
                          ++id);
        else
            buffer_add_char(&body, cell.ptr[i]);
    }
    return buffer_text(&body);
}

static text outcome_of(struct cx *cx, enum err err, const struct event_batch *batch)
{
    if (err == OK)
        return text_format(cx->arena, "ok %zu", batch->count);
    const struct problem *problem = &cx->problem;
    text place = problem->field_count > 0 ? problem->fields[0].field : TEXT("-");
    return text_format(cx->arena, "%s %.*s", fault_info(problem->fault)->slug, TEXT_ARG(place));
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/meter/event.vec", 3);
    while (table_next(&t)) {
        struct cx cx = cx_of(arena);
        struct event_batch batch = { 0 };
        enum err err = event_parse(&cx, form_of(t.cells[0]), body_of(arena, t.cells[1]), &batch);
        text got = outcome_of(&cx, err, &batch);
        if (!OK(text_equal(got, t.cells[2]), "%s:%d %.*s", t.path, t.line, TEXT_ARG(t.cells[1])))
            printf("# got '%.*s', want '%.*s'\n", TEXT_ARG(got), TEXT_ARG(t.cells[2]));
    }
    table_close(&t);
}

static void test_content_types(void)
{
    enum event_form form;
    OK(event_form_of(TEXT("application/json"), false, &form) && form == EVENT_FORM_EITHER,
       "3.1: application/json is either form");
    OK(event_form_of(TEXT("application/cloudevents+json"), false, &form) && form == EVENT_FORM_ONE,
       "3.1: one event");
    OK(event_form_of(TEXT("application/cloudevents-batch+json"), true, &form) &&
           form == EVENT_FORM_BATCH,
       "3.1: a batch");
    OK(!event_form_of(TEXT("application/json; charset=utf-8"), false, &form),
       "3.1: v1 compares the whole header");
    OK(event_form_of(TEXT("Application/JSON ; charset=utf-8"), true, &form) &&
           form == EVENT_FORM_EITHER,
       "3.1: v3 strips parameters");
    OK(!event_form_of(TEXT("application/xml"), true, &form), "3.1: no other type");
    OK(!event_form_of(TEXT_NONE, true, &form), "3.1: a type is needed");
}

static void test_contents(struct arena *arena)
{
    struct cx cx = cx_of(arena);
    struct event_batch batch = { 0 };
    text body = TEXT("{\"id\":\"i\",\"source\":\"s\",\"specversion\":\"1.0\",\"type\":\"t\","
                     "\"subject\":\"c\",\"dataschema\":\"d\",\"data\": { \"n\" : 1.50 } ,"
                     "\"time\":\"2025-01-31T10:00:00.123456789+01:00\"}");
    OK(event_parse(&cx, EVENT_FORM_ONE, body, &batch) == OK && batch.count == 1,
       "an event is read");
    const struct usage_event *event = &batch.items[0];
    IS_TEXT(event->data, "{ \"n\" : 1.50 }", "data is kept byte by byte");
    IS_TEXT(instant_text(arena, event->time), "2025-01-31T09:00:00.123456789Z",
            "time is kept to the nanosecond, in UTC");
    OK(event->is_time_given, "a time of the sender's own is marked as such");
    OK(instant_equal(event->ingested_at, now), "it arrived now");
    OK(ulid_equal(event->org.ulid, cx.org.ulid), "it belongs to the organization");
    IS_TEXT(event->data_schema, "d", "dataschema is kept");
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    event_write(&w, event);
    IS_TEXT(buffer_text(&out),
            "{\"id\":\"i\",\"source\":\"s\",\"specversion\":\"1.0\",\"type\":\"t\","
            "\"datacontenttype\":\"application/json\",\"dataschema\":\"d\",\"subject\":\"c\","
            "\"time\":\"2025-01-31T09:00:00.123456789Z\",\"data\":{ \"n\" : 1.50 }}",
            "an event is printed as a CloudEvent");
    struct cx other = cx_of(arena);
    body = TEXT("{\"id\":\"i\",\"source\":\"s\",\"specversion\":\"1.0\",\"type\":\"t\","
                "\"subject\":\"c\",\"time\":null}");
    OK(event_parse(&other, EVENT_FORM_ONE, body, &batch) == OK &&
           instant_equal(batch.items[0].time, now) && !batch.items[0].is_time_given,
       "3.1: without a time, now");
    OK(text_is_empty(batch.items[0].data), "3.1: without data, none");
}

/* A batch of `count` events, all of them without an id when `is_bad`. */
static text batch_of(struct arena *arena, int count, bool is_bad)
{
    struct buffer body = { .arena = arena };
    buffer_add_char(&body, '[');
    for (int i = 0; i < count; i++) {
        buffer_add_cstr(&body, i > 0 ? ",{" : "{");
        if (!is_bad)
            buffer_format(&body, "\"id\":\"%d\",", i);
        buffer_add_cstr(&body, "\"source\":\"s\",\"specversion\":\"1.0\",\"type\":\"t\","
                               "\"subject\":\"c\"}");
    }
    buffer_add_char(&body, ']');
    return buffer_text(&body);
}

static void test_limits(struct arena *arena)
{
    struct event_batch batch = { 0 };
    struct cx cx = cx_of(arena);
    text full = batch_of(arena, LIMIT_EVENTS_PER_REQUEST, false);
    OK(event_parse(&cx, EVENT_FORM_BATCH, full, &batch) == OK &&
           batch.count == LIMIT_EVENTS_PER_REQUEST,
       "a full batch is read");
    text over = batch_of(arena, LIMIT_EVENTS_PER_REQUEST + 1, false);
    OK(event_parse(&cx, EVENT_FORM_BATCH, over, &batch) == ERR_REFUSED &&
           cx.problem.fault == FAULT_BODY_TOO_LARGE,
       "one more is too many");
    struct cx bad = cx_of(arena);
    OK(event_parse(&bad, EVENT_FORM_BATCH, batch_of(arena, 50, true), &batch) == ERR_REFUSED &&
           bad.problem.field_count == EVENT_FAULTS_MAX,
       "of many faults the first are listed");
    IS_TEXT(bad.problem.detail, "[0].id: is required", "the first one is the detail");
    text long_id = text_format(arena,
                               "{\"id\":\"%0*d\",\"source\":\"s\",\"specversion\":\"1.0\","
                               "\"type\":\"t\",\"subject\":\"c\"}",
                               LIMIT_EVENT_ID_MAX + 1, 0);
    struct cx late = cx_of(arena);
    OK(event_parse(&late, EVENT_FORM_ONE, long_id, &batch) == ERR_REFUSED &&
           text_equal(late.problem.fields[0].rule, TEXT("max_length")),
       "an id has a longest length");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_vectors(arena);
    test_content_types();
    test_contents(arena);
    test_limits(arena);
    return tap_end();
}
