/* json_walk.c: see json_walk.h. What it accepts is what json_parse.c accepts: change both. */
#include "codec/json_walk.h"

#include <endian.h>

#include "base/limits.h"
#include "codec/json_inside.h"
#include "codec/json_simdjson.h"

_Static_assert(JSON_WALK_PADDING >= JSON_PADDING, "simdjson reads so far behind the body");

bool json_walk_begin(struct json_walk *w, struct arena *arena, text body)
{
    struct json_index index;

    CHECK(w && arena);
    w->arena = arena;
    w->body = body.ptr;
    w->next = w->end = NULL;
    w->key_count = 0;
    if (body.len > LIMIT_BODY_BYTES)
        return false;
    CHECK(body.ptr && body.ptr[body.len] == '\0');
    if (json_index_make(body.ptr, body.len, &index) != JSON_INDEX_MADE)
        return false;
    /* There are no more values than tokens. */
    if (index.count > LIMIT_JSON_VALUES)
        return false;
    CHECK(index.count > 0 && index.starts[index.count] == body.len);
    w->next = index.starts;
    w->end = index.starts + index.count;
    w->has_escapes = memchr(body.ptr, '\\', body.len) != NULL;
    return true;
}

bool json_walk_end(struct json_walk *w)
{
    bool is_through = w->next && w->next == w->end;

    json_index_release();
    w->next = w->end = NULL;
    return is_through;
}

bool json_walk_decode(struct json_walk *w, text inside, text *ret)
{
    char *decoded = arena_alloc(w->arena, inside.len + 1 + JSON_PADDING);
    char *end = json_index_unescape(inside.ptr, decoded);

    if (!end)
        return false;
    CHECK((size_t)(end - decoded) <= inside.len);
    *ret = (text){ decoded, (size_t)(end - decoded) };
    return text_is_utf8(*ret);
}

/* The first eight bytes, in which the length covers the last: keys of JSON are short. There are
 * JSON_PADDING bytes behind any string of a walk. */
static uint64_t signature_of(text key)
{
    uint64_t word;

    memcpy(&word, key.ptr, sizeof word);
    word = le64toh(word);
    if (key.len < sizeof word)
        word &= (UINT64_C(1) << (8 * key.len)) - 1;
    return word ^ (uint64_t)key.len << 56;
}

bool json_walk_remember(struct json_walk *w, uint32_t base, text key)
{
    uint64_t signature = signature_of(key);

    CHECK(base <= w->key_count);
    if (w->key_count == JSON_WALK_KEYS_MAX)
        return false;
    for (uint32_t i = base; i < w->key_count; i++)
        if (w->keys[i].signature == signature && text_equal(w->keys[i].name, key))
            return false;
    w->keys[w->key_count++] = (struct json_walk_key){ signature, key };
    return true;
}

static bool skip_container(struct json_walk *w, int depth);

static bool skip_literal(struct json_walk *w)
{
    const char *from = w->body + *w->next;
    text token;

    /* The end of the body is no token. */
    if (w->next >= w->end)
        return false;
    token = (text){ from, (size_t)(json_walk_token_end(w) - from) };
    w->next++;
    return json_number_is_valid(token) || text_equal(token, TEXT("null")) ||
           text_equal(token, TEXT("true")) || text_equal(token, TEXT("false"));
}

/* Most values are strings and numbers: those need no call of their own. */
static inline bool skip_value(struct json_walk *w, int depth)
{
    char c = json_walk_peek(w);
    text ignored;

    if (c == '"')
        return json_walk_string(w, &ignored);
    return c == '{' || c == '[' ? skip_container(w, depth) : skip_literal(w);
}

static bool skip_array(struct json_walk *w, int depth)
{
    if (json_walk_take(w, ']'))
        return true;
    do {
        if (!skip_value(w, depth + 1))
            return false;
    } while (json_walk_take(w, ','));
    return json_walk_take(w, ']');
}

static bool skip_object(struct json_walk *w, int depth)
{
    uint32_t base = w->key_count;
    text key;

    if (json_walk_take(w, '}'))
        return true;
    do {
        if (!json_walk_string(w, &key) || !json_walk_remember(w, base, key) ||
            !json_walk_take(w, ':') || !skip_value(w, depth + 1))
            return false;
    } while (json_walk_take(w, ','));
    w->key_count = base;
    return json_walk_take(w, '}');
}

static bool skip_container(struct json_walk *w, int depth)
{
    CHECK(depth <= LIMIT_JSON_DEPTH);
    if (depth == LIMIT_JSON_DEPTH)
        return false;
    w->next++;
    return w->body[w->next[-1]] == '{' ? skip_object(w, depth) : skip_array(w, depth);
}

bool json_walk_skip(struct json_walk *w, int depth, text *ret_raw)
{
    const char *from = w->body + *w->next;
    const char *to;

    CHECK(ret_raw);
    if (!skip_value(w, depth))
        return false;
    w->next--;
    to = json_walk_token_end(w);
    w->next++;
    *ret_raw = (text){ from, (size_t)(to - from) };
    return true;
}
