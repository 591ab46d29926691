/* value.c: values and dimensions read from an event's data. */
#include "meter/value.h"

struct value_reader value_reader_of(const struct meter *meter, struct arena *arena)
{
    CHECK(meter != NULL && arena != NULL);
    CHECK((meter->aggregation == METER_COUNT) == (meter->value_property.ptr == NULL));
    struct value_reader reader = { .meter = meter };
    if (meter->aggregation != METER_COUNT)
        MUST(json_path_parse(arena, meter->value_property, &reader.value));
    reader.dimensions = ARENA_ARRAY(arena, struct json_path, meter->dimensions.count);
    for (size_t i = 0; i < meter->dimensions.count; i++)
        MUST(json_path_parse(arena, meter->dimensions.items[i].value, &reader.dimensions[i]));
    return reader;
}

bool value_data(const struct usage_event *event, struct arena *arena, struct json *ret,
                struct json_fault *ret_fault)
{
    CHECK(event != NULL && ret != NULL && ret_fault != NULL);
    if (text_is_empty(event->data)) {
        *ret = (struct json){ .kind = JSON_NULL };
        return true;
    }
    return json_parse(arena, event->data, ret, ret_fault);
}

/* A unique count takes any string or number. */
static enum value_state state_of_unique(const struct json *at)
{
    if (at == NULL)
        return VALUE_MISSING;
    if (at->kind == JSON_NULL)
        return VALUE_NULL;
    return at->kind == JSON_TEXT || at->kind == JSON_NUMBER ? VALUE_FOUND : VALUE_KIND;
}

static text sentence_of(enum value_state state, const struct value_reader *reader,
                        const struct json *at, struct arena *arena)
{
    switch (state) {
    case VALUE_FOUND:
        return TEXT_NONE;
    case VALUE_NO_DATA:
        return TEXT("invalid event: null and missing value property");
    case VALUE_MISSING:
        return text_format(arena, "invalid event: missing value property: \"%.*s\"",
                           TEXT_ARG(reader->meter->value_property));
    case VALUE_NULL:
        return TEXT("invalid event: value cannot be null");
    case VALUE_KIND:
        return text_format(arena, "invalid event: unsupported value property type: %s",
                           json_kind_name(at->kind));
    case VALUE_NOT_NUMBER:
        return text_format(arena, "invalid event: value cannot be parsed as float64: %.*s",
                           TEXT_ARG(at->text));
    case VALUE_NAN:
        return TEXT("invalid event: value cannot be NaN");
    case VALUE_INFINITE:
        return TEXT("invalid event: value cannot be infinity");
    case VALUE_STATE_COUNT:
        break;
    }
    UNREACHABLE();
}

text value_fault(const struct value_reader *reader, const struct usage_event *event,
                 struct arena *arena)
{
    CHECK(reader != NULL && event != NULL);
    struct json data;
    struct json_fault fault;
    if (!value_data(event, arena, &data, &fault))
        return text_format(arena, "invalid event: failed to parse event data: %.*s",
                           TEXT_ARG(fault.message));
    if (reader->meter->aggregation == METER_COUNT)
        return TEXT_NONE;
    if (data.kind == JSON_NULL)
        return sentence_of(VALUE_NO_DATA, reader, NULL, arena);
    const struct json *at = json_path_get(&data, &reader->value);
    dec number;
    enum value_state state = reader->meter->aggregation == METER_UNIQUE_COUNT
                                 ? state_of_unique(at)
                                 : value_number(at, &number);
    return sentence_of(state, reader, at, arena);
}
