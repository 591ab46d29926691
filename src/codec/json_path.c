/* json_path.c: paths into a JSON value. */
#include "base/limits.h"
#include "codec/json.h"

/* An index has this many digits at most; an array cannot be longer. */
#define INDEX_DIGITS_MAX 8

struct path_reader {
    struct arena *arena;
    text path;
    size_t at;
};

static bool is_more(const struct path_reader *r)
{
    return r->at < r->path.len;
}

/* Takes the next byte when it is `c`. */
static bool take(struct path_reader *r, char c)
{
    if (!is_more(r) || r->path.ptr[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* What a name after a dot may not hold: bytes with a meaning in JSONPath. */
static bool ends_name(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f || memchr(".[]'\"*?()@,:", c, 12) != NULL;
}

/* .name */
static bool read_dotted(struct path_reader *r, struct json_step *ret)
{
    size_t from = r->at;

    while (is_more(r) && !ends_name(r->path.ptr[r->at]))
        r->at++;
    ret->name = text_slice(r->path, from, r->at - from);
    return r->at > from;
}

/* "name" or 'name' after the opening quote; a backslash takes the next byte as it is. */
static bool read_quoted(struct path_reader *r, char quote, struct json_step *ret)
{
    struct buffer name = { .arena = r->arena };

    while (is_more(r) && r->path.ptr[r->at] != quote) {
        if (r->path.ptr[r->at] == '\\')
            r->at++;
        if (!is_more(r))
            return false;
        buffer_add_char(&name, r->path.ptr[r->at]);
        r->at++;
    }
    ret->name = name.len ? buffer_text(&name) : TEXT("");
    return take(r, quote);
}

static bool read_index(struct path_reader *r, struct json_step *ret)
{
    size_t from = r->at;

    ret->is_index = true;
    while (is_more(r) && r->path.ptr[r->at] >= '0' && r->path.ptr[r->at] <= '9') {
        ret->index = ret->index * 10 + (size_t)(r->path.ptr[r->at] - '0');
        r->at++;
        if (r->at - from > INDEX_DIGITS_MAX)
            return false;
    }
    return r->at > from;
}

static bool read_step(struct path_reader *r, struct json_step *ret)
{
    if (take(r, '.'))
        return read_dotted(r, ret);
    if (!take(r, '['))
        return false;
    if (take(r, '"'))
        return read_quoted(r, '"', ret) && take(r, ']');
    if (take(r, '\''))
        return read_quoted(r, '\'', ret) && take(r, ']');
    return read_index(r, ret) && take(r, ']');
}

bool json_path_parse(struct arena *arena, text t, struct json_path *ret)
{
    struct path_reader r = { .arena = arena, .path = t };
    struct json_step steps[LIMIT_JSON_DEPTH] = { 0 };
    size_t count = 0;

    CHECK(arena && ret);
    if (!take(&r, '$'))
        return false;
    while (is_more(&r)) {
        /* A longer path leads nowhere in any document that json_parse accepts. */
        if (count == COUNT_OF(steps) || !read_step(&r, &steps[count]))
            return false;
        /* The caller's text may go; quoted names are copies already. */
        steps[count].name = text_copy(arena, steps[count].name);
        count++;
    }
    ret->steps = arena_copy(arena, steps, count * sizeof *steps);
    ret->count = count;
    return true;
}

static const struct json *step_take(const struct json *value, const struct json_step *step)
{
    if (!step->is_index)
        return json_member(value, step->name);
    if (value->kind != JSON_ARRAY || step->index >= value->count)
        return NULL;
    return &value->items[step->index];
}

const struct json *json_path_get(const struct json *root, const struct json_path *path)
{
    const struct json *value = root;

    CHECK(root && path);
    for (size_t i = 0; i < path->count && value; i++)
        value = step_take(value, &path->steps[i]);
    return value;
}
