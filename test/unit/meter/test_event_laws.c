/* test_event_laws.c: the walk over a body and the tree of it agree: on whether it is accepted, and
 * on each attribute of each event. SEED=n repeats a run. */
#include "lib/law.h"
#include "meter/event_inside.h"

#define ROUNDS 20000

static struct cx cx_of(struct arena *arena)
{
    struct cx cx = { .arena = arena, .now = { 1700000000 * NS_PER_SECOND } };
    cx.org.ulid.bytes[15] = 1;
    problem_init(&cx.problem, arena);
    return cx;
}

static const char *pick(const char *const *choices, size_t count)
{
    return choices[law_between(0, (int64_t)count - 1)];
}

#define PICK(...)                                                                                  \
    pick((const char *const[]){ __VA_ARGS__ }, COUNT_OF(((const char *const[]){ __VA_ARGS__ })))

/* Most are ordinary; the rest is what a reader could stumble over. */
static const char *string_value(void)
{
    return law_between(0, 60) > 0
               ? PICK("\"a\"", "\"api\"", "\"customer-00042\"", "\"\xc3\xa9t\xc3\xa9\"")
               : PICK("\"\"", "\"a\\/b\"", "\"\\u0061\\n\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"",
                      "\"%41\"", "\"%4\"", "\"\\u007f\"", "\"\\u0000\"", "7", "null", "{}", "[]",
                      "true", "\"\\q\"", "\"x", "\"a\"b", "\"\x01\"", "\"\xff\"");
}

static const char *time_value(void)
{
    return law_between(0, 19) > 1
               ? "\"2026-01-31T10:00:00Z\""
               : PICK("null", "\"2026-01-31T10:00:00.123456789012Z\"", "\"2026-02-29T00:00:00Z\"",
                      "\"2026-01-31t10:00:00z\"", "\"2026-01-31T10:00:00+01:00\"", "\"\"", "nul",
                      "\"2016-12-31T23:59:60Z\"", "\"0001-01-01T00:00:00Z\"", "1700000000",
                      "\"2026-01-31T10:00:00.Z\"", "\"2026-1-31T10:00:00Z\"", "{}");
}

static const char *data_value(void)
{
    return law_between(0, 19) > 1
               ? PICK("{\"tokens\":12,\"region\":\"eu\"}", "{}", "{ \"a\" : [ 1 , {\"a\":2} ] }")
               : PICK("null", "[]", "\"x\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{,}",
                      "{\"a\":01}", "{\"a\":1.}", "{\"a\":-0.5e+3}", "{\"a\":tru}", "{\"a\" 1}",
                      "{\"a\":[1,2}",
                      "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
                      "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
                      "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
                      "{\"aaaaaaaaa\":1,\"aaaaaaaab\":2}", "{\"aaaaaaaaa\":1,\"aaaaaaaaa\":2}");
}

static void add_member(struct buffer *out, const char *key, const char *value)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{')
        buffer_add_char(out, ',');
    buffer_format(out, "%s\"%s\"%s:%s%s%s", PICK("", "", "", " ", "\n"), key, PICK("", "", "", " "),
                  PICK("", "", "", " "), value, PICK("", "", "", " ", "\t\r"));
}

static void add_event(struct buffer *out)
{
    static const char *const required[] = { "id", "source", "type", "subject" };
    buffer_add_char(out, '{');
    bool is_first = law_between(0, 1) > 0;
    if (is_first)
        add_member(out, "specversion", "\"1.0\"");
    for (size_t i = 0; i < COUNT_OF(required); i++) {
        if (law_between(0, 60) > 0)
            add_member(out, required[i], string_value());
    }
    if (!is_first || law_between(0, 20) == 0)
        add_member(out, law_between(0, 20) > 0 ? "specversion" : "Specversion",
                   law_between(0, 20) > 0 ? "\"1.0\"" : PICK("\"1.1\"", "\"\\u0031.0\""));
    if (law_between(0, 2) > 0)
        add_member(out, "time", time_value());
    if (law_between(0, 2) > 0)
        add_member(out, "data", data_value());
    if (law_between(0, 4) == 0)
        add_member(out, "datacontenttype", PICK("\"application/json\"", "null", "\"text/xml\""));
    if (law_between(0, 4) == 0)
        add_member(out, "dataschema", PICK("null", "\"https://x.test/s\"", "\"%\"", "\"\"", "1"));
    if (law_between(0, 9) == 0)
        add_member(out, PICK("traceid", "x", "data_base64", "id", "ti\\u006de", "traceparent"),
                   PICK("1", "\"00-ab\"", "{\"k\":[1,2,{}]}", "null"));
    if (law_between(0, 9) == 0)
        add_member(out, PICK("x", "y", "traceparent", "partitionkey"), "\"z\"");
    buffer_add_char(out, '}');
}

static text random_body(struct arena *arena)
{
    struct buffer out = { .arena = arena };
    int64_t count = law_between(0, 5);
    if (count == 0) {
        add_event(&out);
        return buffer_text(&out);
    }
    buffer_add_char(&out, '[');
    for (int64_t i = 1; i < count; i++) {
        struct buffer event = { .arena = arena };
        add_event(&event);
        if (i > 1)
            buffer_add_char(&out, ',');
        buffer_add(&out, buffer_text(&event));
    }
    buffer_add_char(&out, ']');
    return buffer_text(&out);
}

/* The body with bytes changed, taken out, put in or repeated; padded. */
static text mutated(struct arena *arena, text body, int64_t changes)
{
    static const char bytes[] = "\"\\{}[]:,0 1e.-nt\x01\x80\xc3";
    char *copy = arena_alloc(arena, body.len + (size_t)changes + EVENT_BODY_PADDING);
    size_t len = body.len;
    memcpy(copy, body.ptr, len);
    for (; changes > 0 && len > 0; changes--) {
        size_t at = (size_t)law_between(0, (int64_t)len - 1);
        char byte = bytes[law_between(0, (int64_t)sizeof(bytes) - 1)];
        int64_t how = law_between(0, 3);
        if (how == 0) {
            copy[at] = byte;
        } else if (how == 1) {
            memmove(copy + at, copy + at + 1, len - at - 1);
            len--;
        } else if (how == 2) {
            memmove(copy + at + 1, copy + at, len - at);
            copy[at] = byte;
            len++;
        } else {
            len = at;
        }
    }
    memset(copy + len, 0, EVENT_BODY_PADDING);
    return (text){ copy, len };
}

static bool is_same(const struct usage_event *a, const struct usage_event *b)
{
    return text_equal(a->id, b->id) && text_equal(a->source, b->source) &&
           text_equal(a->type, b->type) && text_equal(a->subject, b->subject) &&
           text_equal(a->data_schema, b->data_schema) && text_equal(a->data, b->data) &&
           instant_equal(a->time, b->time) && a->is_time_given == b->is_time_given &&
           instant_equal(a->ingested_at, b->ingested_at) && ulid_equal(a->org.ulid, b->org.ulid) &&
           a->sequence == b->sequence;
}

static bool agree(struct arena *arena, enum event_form form, text body, bool *ret_is_taken)
{
    struct cx walked = cx_of(arena);
    struct cx treed = cx_of(arena);
    struct event_batch fast = { 0 };
    struct event_batch slow = { 0 };
    bool is_walked = event_walk(&walked, form, body, &fast);
    bool is_treed = event_read_tree(&treed, form, body, &slow) == OK;
    *ret_is_taken = is_treed;
    if (is_walked != is_treed || fast.count != slow.count || problem_is_set(&walked.problem))
        return false;
    for (size_t i = 0; i < fast.count; i++)
        if (!is_same(&fast.items[i], &slow.items[i]))
            return false;
    return true;
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct law whole = { .name = "made bodies are read alike" };
    struct law broken = { .name = "changed bodies are read alike" };
    int64_t taken[2] = { 0 };
    law_seed();
    for (int i = 0; i < ROUNDS; i++) {
        enum event_form form = (enum event_form)law_between(0, EVENT_FORM_COUNT - 1);
        text body = mutated(arena, random_body(arena), 0);
        text changed = mutated(arena, body, law_between(1, 4));
        bool is_taken;
        law_case(&whole, agree(arena, form, body, &is_taken), "%.*s", TEXT_ARG(body));
        taken[0] += is_taken;
        law_case(&broken, agree(arena, form, changed, &is_taken), "%.*s", TEXT_ARG(changed));
        taken[1] += is_taken;
        arena_reset(arena);
    }
    law_end(&whole);
    law_end(&broken);
    OK(taken[0] > ROUNDS / 10 && taken[0] < ROUNDS, "some of both kinds: %lld",
       (long long)taken[0]);
    OK(taken[1] > ROUNDS / 100, "some changes do no harm: %lld", (long long)taken[1]);
    return tap_end();
}
