/* event_count.c: one event at a time. */
#include "meter/event_count.h"

#include "meter/value.h"

struct event_counter {
    struct value_reader reader;
    const struct filter_map *conditions;
    struct arena *arena;   /* of the paths */
    struct arena *scratch; /* of one event */
};

struct event_counter *event_counter_new(const struct meter *meter,
                                        const struct filter_map *conditions)
{
    CHECK(meter != NULL && conditions != NULL);
    struct event_counter *counter = calloc(1, sizeof *counter);
    MUST(counter != NULL);
    counter->arena = arena_new();
    counter->scratch = arena_new();
    counter->conditions = conditions;
    counter->reader = value_reader_of(meter, counter->arena);
    return counter;
}

void event_counter_free(struct event_counter *counter)
{
    if (counter == NULL)
        return;
    arena_free(counter->arena);
    arena_free(counter->scratch);
    free(counter);
}

void event_counter_cleanup(struct event_counter **counter)
{
    CHECK(counter != NULL);
    event_counter_free(*counter);
}

static bool condition_holds(const struct value_reader *reader, const struct json *data,
                            const struct filter_entry *condition)
{
    const struct text_map *dimensions = &reader->meter->dimensions;
    for (size_t i = 0; i < dimensions->count; i++) {
        if (!text_equal(dimensions->items[i].key, condition->name))
            continue;
        const struct json *at = json_path_get(data, &reader->dimensions[i]);
        return filter_match(&condition->filter, value_dimension(at));
    }
    return false;
}

/* What stands at the value's path; false when that does not count. */
static bool value_of(const struct value_reader *reader, const struct json *data, text *ret)
{
    dec number;
    if (reader->meter->aggregation == METER_COUNT) {
        *ret = TEXT("1");
        return true;
    }
    const struct json *at = json_path_get(data, &reader->value);
    struct tally_item item;
    *ret = value_text(at);
    if (meter_has_numbers(reader->meter))
        return value_number(at, &number) == VALUE_FOUND;
    return value_item(TALLY_UNIQUE, at, &item);
}

bool event_counts(struct event_counter *counter, const struct usage_event *event,
                  struct arena *arena, text *ret_value)
{
    CHECK(counter != NULL && event != NULL);
    CHECK(ret_value == NULL || arena != NULL);
    struct json data;
    struct json_fault fault;
    text value = TEXT_NONE;
    arena_reset(counter->scratch);
    if (!value_data(event, counter->scratch, &data, &fault))
        data = (struct json){ .kind = JSON_NULL }; /* what is no JSON has nothing */
    for (size_t i = 0; i < counter->conditions->count; i++) {
        if (!condition_holds(&counter->reader, &data, &counter->conditions->items[i]))
            return false;
    }
    if (!value_of(&counter->reader, &data, &value))
        return false;
    if (ret_value != NULL)
        *ret_value = text_copy(arena, value);
    return true;
}
