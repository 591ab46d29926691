/* fuzz_cloudevents.c: whatever the event reader accepts, the event printer gives back: read again,
 * it is the same event; and the walk takes what the tree takes. The first byte picks the form. */
#include "meter/event_inside.h"

static struct cx cx_of(struct arena *arena)
{
    struct cx cx = { .arena = arena, .now = { 1700000000 * NS_PER_SECOND } };
    cx.org.ulid.bytes[15] = 1;
    problem_init(&cx.problem, arena);
    return cx;
}

static void check_again(struct arena *arena, const struct usage_event *event)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    struct cx cx = cx_of(arena);
    struct event_batch again;
    event_write(&w, event);
    MUST(event_parse(&cx, EVENT_FORM_ONE, buffer_text(&out), &again) == OK);
    MUST(again.count == 1);
    const struct usage_event *copy = &again.items[0];
    MUST(text_equal(copy->id, event->id) && text_equal(copy->source, event->source));
    MUST(text_equal(copy->type, event->type) && text_equal(copy->subject, event->subject));
    MUST(text_equal(copy->data, event->data) && instant_equal(copy->time, event->time));
    MUST(text_equal(copy->data_schema, event->data_schema));
}

static bool is_same(const struct usage_event *a, const struct usage_event *b)
{
    return text_equal(a->id, b->id) && text_equal(a->source, b->source) &&
           text_equal(a->type, b->type) && text_equal(a->subject, b->subject) &&
           text_equal(a->data_schema, b->data_schema) && text_equal(a->data, b->data) &&
           instant_equal(a->time, b->time) && a->is_time_given == b->is_time_given;
}

/* Shorter bodies cannot hold so many keys that the walk gives up. */
#define WALKED_MAX 600

static void check_walk(struct arena *arena, enum event_form form, text body)
{
    char *copy = arena_alloc(arena, body.len + EVENT_BODY_PADDING);
    memcpy(copy, body.ptr, body.len);
    struct cx walked = cx_of(arena);
    struct cx treed = cx_of(arena);
    struct event_batch fast = { 0 };
    struct event_batch slow = { 0 };
    body.ptr = copy;
    bool is_walked = event_walk(&walked, form, body, &fast);
    bool is_treed = event_read_tree(&treed, form, body, &slow) == OK;
    MUST(is_walked ? is_treed : !is_treed || body.len > WALKED_MAX);
    MUST(!is_walked || fast.count == slow.count);
    for (size_t i = 0; i < fast.count; i++)
        MUST(is_same(&fast.items[i], &slow.items[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena *arena = arena_new();
    struct cx cx = cx_of(arena);
    enum event_form form = (enum event_form)(data[0] % EVENT_FORM_COUNT);
    text body = { (const char *)data + 1, size - 1 };
    struct event_batch batch = { 0 };
    check_walk(arena, form, body);
    enum err err = event_parse(&cx, form, body, &batch);
    MUST(err == OK || (err == ERR_REFUSED && problem_is_set(&cx.problem)));
    MUST(err != OK || batch.count > 0);
    for (size_t i = 0; err == OK && i < batch.count; i++)
        check_again(arena, &batch.items[i]);
    arena_free(arena);
    return 0;
}
