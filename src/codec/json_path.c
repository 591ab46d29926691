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

/* A number of an item. */
static bool read_number(struct path_reader *r, size_t *ret)
{
    size_t from = r->at;
    size_t number = 0;

    while (is_more(r) && r->path.ptr[r->at] >= '0' && r->path.ptr[r->at] <= '9') {
        number = number * 10 + (size_t)(r->path.ptr[r->at] - '0');
        r->at++;
        if (r->at - from > INDEX_DIGITS_MAX)
            return false;
    }
    *ret = number;
    return r->at > from;
}

static void skip_spaces(struct path_reader *r)
{
    while (take(r, ' '))
        continue;
}

/* n, n to m, or a star */
static bool read_index(struct path_reader *r, struct json_step *ret)
{
    text word = TEXT(" to ");

    ret->is_index = true;
    ret->last = SIZE_MAX;
    if (take(r, '*'))
        return true;
    if (!read_number(r, &ret->index))
        return false;
    ret->last = ret->index;
    if (!text_starts_with(text_slice(r->path, r->at, r->path.len), word))
        return true;
    r->at += word.len;
    skip_spaces(r);
    return read_number(r, &ret->last) && ret->last >= ret->index;
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

static bool is_scalar(const struct json *value)
{
    return value->kind != JSON_ARRAY && value->kind != JSON_OBJECT;
}

/* What the steps lead to from a value; with several items in a step, the first scalar. */
static const struct json *steps_take(const struct json *value, const struct json_step *steps,
                                     size_t count)
{
    const struct json *found = NULL;

    for (; count > 0 && value && !(steps->is_index && steps->last > steps->index);
         steps++, count--) {
        if (!steps->is_index)
            value = json_member(value, steps->name);
        else if (value->kind != JSON_ARRAY || steps->index >= value->count)
            value = NULL;
        else
            value = &value->items[steps->index];
    }
    if (count == 0 || !value)
        return value;
    for (size_t i = steps->index; value->kind == JSON_ARRAY && i < value->count && i <= steps->last;
         i++) {
        found = steps_take(&value->items[i], steps + 1, count - 1);
        if (found && is_scalar(found))
            return found;
    }
    return NULL;
}

const struct json *json_path_get(const struct json *root, const struct json_path *path)
{
    CHECK(root && path);
    return steps_take(root, path->steps, path->count);
}
