/* json.c: looking around in a tree that json_parse made, and the form of numbers. */
#include "codec/json.h"

#include "codec/json_inside.h"

const struct json *json_member(const struct json *value, text key)
{
    CHECK(value);
    if (value->kind != JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < value->count; i++)
        if (text_equal(value->items[i].key, key))
            return &value->items[i];
    return NULL;
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",   [JSON_BOOL] = "boolean", [JSON_NUMBER] = "number",
        [JSON_TEXT] = "string", [JSON_ARRAY] = "array",  [JSON_OBJECT] = "object",
    };

    _Static_assert(COUNT_OF(names) == JSON_KIND_COUNT, "a kind has no name");
    CHECK((unsigned)kind < JSON_KIND_COUNT);
    return names[kind];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from `*at` on; false when there is not even one. */
static bool skip_digits(text t, size_t *at)
{
    size_t from = *at;

    while (*at < t.len && is_digit(t.ptr[*at]))
        (*at)++;
    return *at > from;
}

bool json_number_is_valid(text t)
{
    size_t at = 0;
    size_t whole;

    if (at < t.len && t.ptr[at] == '-')
        at++;
    whole = at;
    if (!skip_digits(t, &at))
        return false;
    if (t.ptr[whole] == '0' && at - whole > 1)
        return false;
    if (at < t.len && t.ptr[at] == '.') {
        at++;
        if (!skip_digits(t, &at))
            return false;
    }
    if (at < t.len && (t.ptr[at] == 'e' || t.ptr[at] == 'E')) {
        at++;
        if (at < t.len && (t.ptr[at] == '+' || t.ptr[at] == '-'))
            at++;
        if (!skip_digits(t, &at))
            return false;
    }
    return at == t.len;
}
