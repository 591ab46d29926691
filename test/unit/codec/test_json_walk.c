/* test_json_walk.c: a walk accepts what json_parse accepts and reads the same. */
#include "codec/json.h"
#include "codec/json_walk.h"
#include "lib/percent.h"
#include "lib/table.h"
#include "lib/tap.h"

static text padded(struct arena *arena, text body)
{
    char *copy = arena_alloc(arena, body.len + JSON_WALK_PADDING);

    if (body.len > 0)
        memcpy(copy, body.ptr, body.len);
    return (text){ copy, body.len };
}

/* Walks over the whole body as one value. */
static bool walk(struct arena *arena, text body, text *ret_raw)
{
    struct json_walk w;
    bool is_read = json_walk_begin(&w, arena, padded(arena, body)) &&
                   json_walk_skip(&w, 0, ret_raw);
    bool is_through = json_walk_end(&w);

    return is_read && is_through;
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/codec/json_parse.vec", 3);

    while (table_next(&t)) {
        text body = percent_decode(arena, t.cells[2]);
        bool wants = text_equal(t.cells[0], TEXT("accept"));
        text raw;

        OK(walk(arena, body, &raw) == wants, "%s: %.*s", table_name(&t), TEXT_ARG(t.cells[2]));
        if (wants)
            OK(text_equal(raw, text_trim(body)), "a value is what it was read from");
    }
    table_close(&t);
}

static void test_members(struct arena *arena)
{
    text body = padded(arena, TEXT("{ \"a\" : \"x\\u00e9\" ,\"b\\n\":[ 1 , 2 ] , \"c\": \"\" }"));
    struct json_walk w;
    text key, value;

    OK(json_walk_begin(&w, arena, body) && json_walk_take(&w, '{'), "an object begins");
    OK(!json_walk_take(&w, '}') && json_walk_peek(&w) == '"', "with a key");
    OK(json_walk_string(&w, &key) && json_walk_take(&w, ':'), "a key and a colon");
    IS_TEXT(key, "a", "a key is part of the body");
    OK(json_walk_string(&w, &value) && json_walk_take(&w, ','), "a string");
    IS_TEXT(value, "x\xc3\xa9", "a string is decoded");
    OK(json_walk_string(&w, &key) && json_walk_take(&w, ':'), "another key");
    IS_TEXT(key, "b\n", "a key is decoded");
    OK(!json_walk_string(&w, &value), "an array is no string");
    OK(json_walk_skip(&w, 1, &value) && json_walk_take(&w, ','), "any value is stepped over");
    IS_TEXT(value, "[ 1 , 2 ]", "its bytes are told without the space behind");
    OK(json_walk_string(&w, &key) && json_walk_take(&w, ':') && json_walk_string(&w, &value),
       "the last member");
    OK(value.len == 0 && json_walk_take(&w, '}'), "an empty string");
    OK(json_walk_peek(&w) == 0 && json_walk_end(&w), "then nothing");
}

static void test_keys(struct arena *arena)
{
    struct buffer many = { .arena = arena };
    struct json_walk w;
    text raw;

    OK(json_walk_begin(&w, arena, padded(arena, TEXT("1"))), "a number is walked");
    OK(json_walk_remember(&w, 0, TEXT("subject_a\0______")) &&
           json_walk_remember(&w, 0, TEXT("subject_b\0______")),
       "keys may begin alike");
    OK(!json_walk_remember(&w, 0, TEXT("subject_a\0______")), "none may stand twice");
    OK(json_walk_remember(&w, 2, TEXT("subject_a\0______")), "but in another object it may");
    OK(!json_walk_end(&w), "a walk that stops early is not through");
    buffer_add_char(&many, '{');
    for (int i = 0; i <= JSON_WALK_KEYS_MAX; i++)
        buffer_format(&many, "%s\"%d\":1", i > 0 ? "," : "", i);
    buffer_add_char(&many, '}');
    OK(!walk(arena, buffer_text(&many), &raw), "a walk gives up on very many keys");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    test_vectors(arena);
    test_members(arena);
    test_keys(arena);
    return tap_end();
}
