/* test_json.c: what json_parse accepts, what it makes of it, and what the writer prints. */
#include "base/limits.h"
#include "codec/json.h"
#include "lib/percent.h"
#include "lib/table.h"
#include "lib/tap.h"

static struct json parse_ok(struct arena *arena, text body)
{
    struct json value;
    struct json_fault fault;

    MUST(json_parse(arena, body, &value, &fault));
    return value;
}

static enum fault fault_of(struct arena *arena, text body, struct json_fault *ret)
{
    struct json value;

    if (json_parse(arena, body, &value, ret))
        return FAULT_NONE;
    return ret->fault;
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/json_parse.vec", 3);

    while (table_next(&t)) {
        text body = percent_decode(arena, t.cells[2]);
        struct json_fault fault = { 0 };
        enum fault got = fault_of(arena, body, &fault);
        bool wants = text_equal(t.cells[0], TEXT("accept"));
        const char *slug = got == FAULT_NONE ? "-" : fault_info(got)->slug;

        OK(wants == (got == FAULT_NONE), "%s: %.*s", table_name(&t), TEXT_ARG(t.cells[2]));
        IS_TEXT(t.cells[1], slug, "the fault is named");
        OK(got == FAULT_NONE || (fault.offset <= body.len && fault.message.len > 0),
           "a refusal has a place inside the body and a sentence");
    }
    table_close(&t);
}

static void test_offsets(struct arena *arena)
{
    static const struct {
        text body;
        size_t offset;
    } cases[] = {
        { TEXT_INIT("[1,,2]"), 3 },       { TEXT_INIT("{\"a\":1,}"), 7 },
        { TEXT_INIT("{\"a\":nil}"), 5 },  { TEXT_INIT("[1] x"), 4 },
        { TEXT_INIT("[\"ab\xff\"]"), 4 }, { TEXT_INIT("{\"a\":1,\"b\":2,\"a\":3}"), 17 },
        { TEXT_INIT("[\"\\q\"]"), 1 },    { TEXT_INIT("{\"a\" 1}"), 5 },
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct json_fault fault = { 0 };

        OK(fault_of(arena, cases[i].body, &fault) != FAULT_NONE && fault.offset == cases[i].offset,
           "the fault of %.*s is at byte %zu, got %zu: %.*s", TEXT_ARG(cases[i].body),
           cases[i].offset, fault.offset, TEXT_ARG(fault.message));
    }
}

static void test_tree(struct arena *arena)
{
    struct json value = parse_ok(
        arena,
        TEXT(" { \"a\\u0062\" : [1.50 , \"x\\ny\", {\"k\": null}] , \"c\": true, \"d\":{} } "));
    const struct json *list = json_member(&value, TEXT("ab"));

    OK(value.kind == JSON_OBJECT && value.count == 3, "an object knows its members");
    IS_TEXT(value.raw,
            "{ \"a\\u0062\" : [1.50 , \"x\\ny\", {\"k\": null}] , \"c\": true, \"d\":{} }",
            "raw is the value as written, without the white space around it");
    OK(list && list->kind == JSON_ARRAY && list->count == 3, "keys are decoded");
    if (!list)
        return;
    IS_TEXT(list->raw, "[1.50 , \"x\\ny\", {\"k\": null}]", "raw of an array");
    IS_TEXT(list->items[0].text, "1.50", "a number keeps its digits");
    IS_TEXT(list->items[0].raw, "1.50", "raw of a scalar ends before white space");
    IS_TEXT(list->items[1].text, "x\ny", "a string is decoded");
    IS_TEXT(list->items[1].raw, "\"x\\ny\"", "raw of a string keeps its quotes and escapes");
    IS_TEXT(list->items[2].raw, "{\"k\": null}", "raw of a nested object");
    OK(list->items[2].items[0].kind == JSON_NULL, "null is a value");
    OK(json_member(&value, TEXT("c"))->boolean, "true is true");
    OK(json_member(&value, TEXT("d"))->count == 0, "an empty object has no members");
    OK(!json_member(&value, TEXT("e")), "no member, no value");
    OK(!json_member(list, TEXT("a")), "an array has no members by key");
}

static void test_text(struct arena *arena)
{
    struct json value = parse_ok(arena, TEXT("[\"a\\u0000b\", \"\\uD83D\\uDE00\", \"\"]"));

    OK(text_equal(value.items[0].text, TEXT("a\0b")), "U+0000 is a character like others");
    IS_TEXT(value.items[1].text, "\xf0\x9f\x98\x80", "a surrogate pair is one character");
    OK(value.items[2].text.ptr && value.items[2].text.len == 0, "\"\" is there, and empty");
}

/* {"k0":0,"k1":0,…}, the last key being the first again when asked for. */
static text many_members(struct arena *arena, size_t count, bool has_twin)
{
    struct buffer out = { .arena = arena };

    for (size_t i = 0; i < count; i++)
        buffer_format(&out, "%c\"k%zu\":0", i ? ',' : '{', has_twin && i + 1 == count ? 0 : i);
    buffer_add_char(&out, '}');
    return buffer_text(&out);
}

static text many_values(struct arena *arena, size_t count)
{
    struct buffer out = { .arena = arena };

    for (size_t i = 0; i < count; i++)
        buffer_add(&out, i ? TEXT(",1") : TEXT("[1"));
    buffer_add_char(&out, ']');
    return buffer_text(&out);
}

static void test_limits(struct arena *arena)
{
    struct json_fault fault = { 0 };
    char *large = arena_alloc(arena, LIMIT_BODY_BYTES + 1);

    OK(fault_of(arena, many_members(arena, LIMIT_JSON_MEMBERS, false), &fault) == FAULT_NONE,
       "an object may have LIMIT_JSON_MEMBERS members");
    OK(fault_of(arena, many_members(arena, LIMIT_JSON_MEMBERS + 1, false), &fault) ==
           FAULT_JSON_TOO_LARGE,
       "one more is refused");
    OK(fault_of(arena, many_members(arena, 5000, true), &fault) == FAULT_JSON_DUPLICATE_KEY,
       "a key that stands twice is found in a large object");
    OK(fault_of(arena, many_values(arena, LIMIT_JSON_VALUES - 1), &fault) == FAULT_NONE,
       "a document may have LIMIT_JSON_VALUES values");
    OK(fault_of(arena, many_values(arena, LIMIT_JSON_VALUES), &fault) == FAULT_JSON_TOO_LARGE,
       "one more is refused");
    OK(fault_of(arena, (text){ large, LIMIT_BODY_BYTES + 1 }, &fault) == FAULT_JSON_TOO_LARGE,
       "a body beyond LIMIT_BODY_BYTES is refused");
    OK(fault_of(arena, TEXT_NONE, &fault) == FAULT_JSON_SYNTAX, "no bytes are no document");
}

static void test_shown_key(struct arena *arena)
{
    struct buffer body = { .arena = arena };
    struct json_fault fault = { 0 };

    for (int twin = 0; twin < 2; twin++) {
        buffer_add(&body, twin ? TEXT(",\"a") : TEXT("{\"a"));
        for (int i = 0; i < 1000; i++)
            buffer_add(&body, TEXT("\xe2\x82\xac"));
        buffer_add(&body, TEXT("\":0"));
    }
    buffer_add_char(&body, '}');
    MUST(fault_of(arena, buffer_text(&body), &fault) == FAULT_JSON_DUPLICATE_KEY);
    OK(text_is_utf8(fault.message) && fault.message.len < 120,
       "a long key that stands twice is shown in part, cut between characters");
}

static void test_kind_names(void)
{
    IS_TEXT(text_of(json_kind_name(JSON_TEXT)), "string", "kinds have the names of JSON");
    IS_TEXT(text_of(json_kind_name(JSON_NULL)), "null", "down to null");
}

static void test_writer(struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    dec price;

    MUST(dec_parse(TEXT("1.50"), &price));
    json_object_begin(&w);
    json_member_text(&w, "a", TEXT("q\" b\\ \b\f\n\r\t \x01 \xc3\xa9 / \x7f"));
    json_key(&w, TEXT("list"));
    json_array_begin(&w);
    json_int(&w, INT64_MIN);
    json_array_begin(&w);
    json_array_end(&w);
    json_bool(&w, true);
    json_null(&w);
    json_dec_text(&w, price);
    json_dec_number(&w, price);
    json_array_end(&w);
    json_key(&w, TEXT("raw"));
    json_raw(&w, TEXT("{\"x\":1}"));
    json_key(&w, TEXT("none"));
    json_instant(&w, INSTANT_NONE);
    json_key(&w, TEXT("at"));
    json_instant(&w, (instant){ 0 });
    json_object_end(&w);
    IS_TEXT(buffer_text(&out),
            "{\"a\":\"q\\\" b\\\\ \\b\\f\\n\\r\\t \\u0001 \xc3\xa9 / \x7f\","
            "\"list\":[-9223372036854775808,[],true,null,\"1.50\",1.50],\"raw\":{\"x\":1},"
            "\"none\":null,\"at\":\"1970-01-01T00:00:00Z\"}",
            "the writer sets commas, escapes what must be, keeps UTF-8 and exact digits");
}

static void test_writer_repairs(struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    json_text(&w, TEXT("a\xff\xc3\n\xc3\xa9\xe2\x82"));
    IS_TEXT(buffer_text(&out), "\"a\xef\xbf\xbd\xef\xbf\xbd\\n\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd\"",
            "bytes that are not UTF-8 never leave the house");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();

    test_vectors(arena);
    test_offsets(arena);
    test_tree(arena);
    test_text(arena);
    test_limits(arena);
    test_shown_key(arena);
    test_kind_names();
    test_writer(arena);
    test_writer_repairs(arena);
    return tap_end();
}
