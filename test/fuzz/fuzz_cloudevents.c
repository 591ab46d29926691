/* fuzz_cloudevents.c: whatever the event reader accepts, the event printer gives back: read again,
 * it is the same event. The first byte picks the form. */
#include "meter/event.h"

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
    enum err err = event_parse(&cx, form, body, &batch);
    MUST(err == OK || (err == ERR_REFUSED && problem_is_set(&cx.problem)));
    MUST(err != OK || batch.count > 0);
    for (size_t i = 0; err == OK && i < batch.count; i++)
        check_again(arena, &batch.items[i]);
    arena_free(arena);
    return 0;
}
