/* json.c: looking around in a tree that json_parse made. */
#include "codec/json.h"

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
