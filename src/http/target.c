/* target.c: request targets, query strings and percent encoding. */
#include "http/target.h"

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that the escape at t[at] stands for; -1 when it is malformed. */
static int escape_value(text t, size_t at)
{
    int high, low;

    CHECK(at < t.len && t.ptr[at] == '%');
    if (t.len - at < 3)
        return -1;
    high = hex_value(t.ptr[at + 1]);
    low = hex_value(t.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Most names and values hold nothing to decode, and are used in place. */
static bool is_plain(text t, bool is_query)
{
    for (size_t i = 0; i < t.len; i++) {
        char c = t.ptr[i];

        if (c == '%' || c == '\0' || (unsigned char)c >= 0x80 || (is_query && c == '+'))
            return false;
    }
    return true;
}

bool http_percent_decode(struct arena *arena, text t, bool is_query, text *ret)
{
    char *to;
    size_t len = 0;
    text decoded;

    CHECK(arena && ret);
    if (is_plain(t, is_query)) {
        *ret = t;
        return true;
    }
    to = arena_alloc(arena, t.len);
    for (size_t i = 0; i < t.len; i++) {
        int c = (unsigned char)t.ptr[i];

        if (c == '%') {
            c = escape_value(t, i);
            i += 2;
        } else if (c == '+' && is_query) {
            c = ' ';
        }
        if (c <= 0)
            return false;
        to[len++] = (char)c;
    }
    CHECK(len <= t.len);
    decoded = (text){ to, len };
    if (!text_is_utf8(decoded))
        return false;
    *ret = decoded;
    return true;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

text http_percent_encode(struct arena *arena, text t)
{
    static const char hex[] = "0123456789ABCDEF";
    char *to;
    size_t len = 0;

    CHECK(arena);
    MUST(t.len < SIZE_MAX / 3);
    to = arena_alloc(arena, t.len * 3);
    for (size_t i = 0; i < t.len; i++) {
        unsigned char c = (unsigned char)t.ptr[i];

        if (is_unreserved(t.ptr[i])) {
            to[len++] = t.ptr[i];
            continue;
        }
        to[len++] = '%';
        to[len++] = hex[c >> 4];
        to[len++] = hex[c & 15];
    }
    return (text){ to, len };
}

static size_t count_pairs(text query)
{
    size_t count = 1;

    for (size_t i = 0; i < query.len; i++)
        count += query.ptr[i] == '&';
    return count;
}

bool http_query_parse(struct arena *arena, text query, struct http_target *ret)
{
    struct http_param *params;
    size_t count = 0, room;

    CHECK(arena && ret);
    if (query.len == 0) {
        ret->params = NULL;
        ret->param_count = 0;
        return true;
    }
    room = count_pairs(query);
    params = ARENA_ARRAY(arena, struct http_param, room);
    while (query.len > 0) {
        text value = text_cut(&query, '&');
        text name = text_cut(&value, '=');

        if (name.len == 0 && value.len == 0)
            continue;
        CHECK(count < room);
        if (!http_percent_decode(arena, name, true, &params[count].name) ||
            !http_percent_decode(arena, value, true, &params[count].value))
            return false;
        count++;
    }
    ret->params = params;
    ret->param_count = count;
    return true;
}

/* Whether the bytes may stand in a target at all. Raw UTF-8 is let through: many clients send it;
 * whether it is well-formed shows when it is decoded. */
static bool is_target_clean(text target)
{
    for (size_t i = 0; i < target.len; i++) {
        char c = target.ptr[i];

        if ((unsigned char)c <= ' ' || c == 0x7f || c == '#')
            return false;
    }
    return target.len > 0;
}

/* Takes scheme and authority off a target in absolute form. */
static text without_origin(text target)
{
    static const text schemes[] = { TEXT_INIT("http://"), TEXT_INIT("https://") };

    for (size_t i = 0; i < COUNT_OF(schemes); i++) {
        size_t at = schemes[i].len;

        if (!text_equal_nocase(text_slice(target, 0, at), schemes[i]))
            continue;
        while (at < target.len && target.ptr[at] != '/' && target.ptr[at] != '?')
            at++;
        return text_slice(target, at, target.len);
    }
    return target;
}

bool http_target_parse(struct arena *arena, text target, struct http_target *ret)
{
    struct http_target parsed = { 0 };
    text query, decoded;
    bool is_absolute;

    CHECK(arena && ret);
    if (!is_target_clean(target))
        return false;
    query = without_origin(target);
    is_absolute = query.ptr != target.ptr;
    parsed.path = text_cut(&query, '?');
    if (parsed.path.len == 0 && is_absolute)
        parsed.path = TEXT("/");
    if (!text_starts_with(parsed.path, TEXT("/")) && !text_equal(target, TEXT("*")))
        return false;
    if (!http_percent_decode(arena, parsed.path, false, &decoded))
        return false;
    if (!http_query_parse(arena, query, &parsed))
        return false;
    *ret = parsed;
    return true;
}
