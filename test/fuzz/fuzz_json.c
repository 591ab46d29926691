/* fuzz_json.c: what json_parse accepts is JSON: printed and read again, the tree is the same, and
 * every value is where its raw bytes say. A walk takes what json_parse takes. */
#include "codec/json_walk.h"

#include "codec/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(struct json_writer *w, const struct json *value)
{
    switch (value->kind) {
    case JSON_NULL:
        json_null(w);
        return;
    case JSON_BOOL:
        json_bool(w, value->boolean);
        return;
    case JSON_NUMBER:
        json_raw(w, value->text);
        return;
    case JSON_TEXT:
        MUST(text_is_utf8(value->text));
        json_text(w, value->text);
        return;
    case JSON_ARRAY:
        json_array_begin(w);
        for (size_t i = 0; i < value->count; i++)
            print(w, &value->items[i]);
        json_array_end(w);
        return;
    case JSON_OBJECT:
        json_object_begin(w);
        for (size_t i = 0; i < value->count; i++) {
            json_key(w, value->items[i].key);
            print(w, &value->items[i]);
        }
        json_object_end(w);
        return;
    case JSON_KIND_COUNT:
        break;
    }
    UNREACHABLE();
}

static text printed(struct arena *arena, const struct json *value)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);

    print(&w, value);
    return buffer_text(&out);
}

/* The raw bytes of a value, read alone, give the value; checked along one path of the tree. */
static void check_raw(struct arena *arena, const struct json *value)
{
    struct json alone;
    struct json_fault fault;

    MUST(json_parse(arena, value->raw, &alone, &fault));
    MUST(text_equal(alone.raw, value->raw));
    MUST(text_equal(printed(arena, &alone), printed(arena, value)));
    if (value->count)
        check_raw(arena, &value->items[value->count / 2]);
}

/* Shorter bodies cannot hold so many keys that the walk gives up. */
#define WALKED_MAX 600

static void check_walk(struct arena *arena, text body, bool is_valid)
{
    char *copy = arena_alloc(arena, body.len + JSON_WALK_PADDING);
    struct json_walk w;
    text raw;
    bool is_read, is_through;

    memcpy(copy, body.ptr, body.len);
    is_read = json_walk_begin(&w, arena, (text){ copy, body.len }) && json_walk_skip(&w, 0, &raw);
    is_through = json_walk_end(&w);
    MUST(is_read && is_through ? is_valid : !is_valid || body.len > WALKED_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct json value, again;
    struct json_fault fault;
    text first;
    bool is_valid = json_parse(arena, (text){ (const char *)data, size }, &value, &fault);

    check_walk(arena, (text){ (const char *)data, size }, is_valid);
    if (!is_valid) {
        MUST(fault.fault != FAULT_NONE && fault.offset <= size && fault.message.len > 0);
        MUST(text_is_utf8(fault.message));
        return 0;
    }
    first = printed(arena, &value);
    MUST(json_parse(arena, first, &again, &fault));
    MUST(text_equal(printed(arena, &again), first));
    check_raw(arena, &value);
    return 0;
}
