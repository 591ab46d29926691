/* meter.c: the rules of a meter. */
#include "meter/meter.h"

#include "base/limits.h"

const char *const meter_aggregation_words[] = {
    "sum",
    "count",
    "unique_count",
    "avg",
    "min",
    "max",
    "latest",
    "quantile",
    "time_weighted_average",
    "integral",
    "sliding_unique_count",
    NULL,
};
_Static_assert(COUNT_OF(meter_aggregation_words) == METER_AGGREGATION_COUNT + 1,
               "a word per aggregation");

const char *const meter_time_unit_words[] = { "second", "minute", "hour", "day", NULL };
_Static_assert(COUNT_OF(meter_time_unit_words) == METER_TIME_UNIT_COUNT + 1, "a word per unit");

/* Names that queries give a meaning of their own. */
static const text reserved_names[] = { TEXT_INIT("subject"), TEXT_INIT("customer_id") };

/* What meter_check carries along. */
struct check {
    const struct meter *meter;
    enum dialect dialect;
    struct arena *arena;
    struct problem *problem;
    bool is_refused;
};

static void refuse(struct check *check, text place, const char *rule, text reason)
{
    CHECK(check != NULL && rule != NULL);
    problem_add_member(check->problem, place, rule, reason);
    check->is_refused = true;
}

/* The name of a member of the meter in the dialect of the request. */
static text place_of(const struct check *check, text name)
{
    const struct field *row = fields_find(&meter_fields, name);
    CHECK(row != NULL);
    return field_key(row, check->dialect, check->arena);
}

static void check_value_property(struct check *check)
{
    text path = check->meter->value_property;
    bool is_counting = check->meter->aggregation == METER_COUNT;
    text place = place_of(check, TEXT("value_property"));
    struct json_path parsed;
    if (is_counting && path.ptr != NULL)
        refuse(check, place, "invalid", TEXT("a count has no value property"));
    else if (!is_counting && text_is_empty(path))
        refuse(check, place, "required",
               TEXT("a value property is required unless the aggregation is count"));
    else if (!is_counting && !json_path_parse(check->arena, path, &parsed))
        refuse(check, place, "invalid", TEXT("must be a JSON path, such as $.tokens"));
}

static void check_quantile(struct check *check)
{
    dec quantile = check->meter->quantile;
    text place = place_of(check, TEXT("quantile"));
    bool is_given = dec_is_valid(quantile);
    if (check->meter->aggregation != METER_QUANTILE && is_given)
        refuse(check, place, "invalid", TEXT("only the aggregation quantile has one"));
    else if (check->meter->aggregation == METER_QUANTILE && !is_given)
        refuse(check, place, "required", TEXT("which quantile: above 0 and at most 1"));
    else if (is_given && (dec_sign(quantile) <= 0 || dec_compare(quantile, dec_of_int(1)) > 0))
        refuse(check, place, "invalid", TEXT("must be above 0 and at most 1"));
}

static void check_time_unit(struct check *check)
{
    if (check->meter->aggregation != METER_INTEGRAL &&
        check->meter->time_unit != METER_TIME_UNIT_NONE)
        refuse(check, place_of(check, TEXT("time_unit")), "invalid",
               TEXT("only the aggregation integral has one"));
}

static void check_sliding_window(struct check *check)
{
    span window = check->meter->sliding_window;
    text place = place_of(check, TEXT("sliding_window"));
    bool is_given = !span_is_zero(window);
    instant start = { 0 };
    if (check->meter->aggregation != METER_SLIDING_UNIQUE_COUNT && is_given)
        refuse(check, place, "invalid", TEXT("only the aggregation sliding_unique_count has one"));
    else if (check->meter->aggregation == METER_SLIDING_UNIQUE_COUNT && !is_given)
        refuse(check, place, "required", TEXT("how far back to look, such as P7D"));
    else if (window.years != 0 || window.months != 0)
        refuse(check, place, "invalid",
               TEXT("must have a fixed length: weeks, days, hours, minutes, seconds"));
    else if (span_add(start, window, 1, zone_utc()).ns > LIMIT_SLIDING_WINDOW_DAYS * NS_PER_DAY)
        refuse(check, place, "invalid",
               text_format(check->arena, "must be at most %d days", LIMIT_SLIDING_WINDOW_DAYS));
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* ^[a-zA-Z_][0-9a-zA-Z_]*$ */
static bool is_dimension_name(text name)
{
    if (text_is_empty(name) || !is_letter(name.ptr[0]))
        return false;
    for (size_t i = 1; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9'))
            return false;
    }
    return true;
}

static bool is_reserved(text name)
{
    for (size_t i = 0; i < COUNT_OF(reserved_names); i++) {
        if (text_equal(name, reserved_names[i]))
            return true;
    }
    return false;
}

static void check_dimension(struct check *check, text outer, const struct text_pair *pair)
{
    text place = text_format(check->arena, "%.*s.%.*s", TEXT_ARG(outer), TEXT_ARG(pair->key));
    struct json_path parsed;
    if (!is_dimension_name(pair->key))
        refuse(check, place, "matches_regex",
               TEXT("a dimension's name has letters, digits and underscores, and does not start "
                    "with a digit"));
    else if (is_reserved(pair->key))
        refuse(check, place, "invalid",
               text_format(check->arena, "the name %.*s is reserved", TEXT_ARG(pair->key)));
    if (!json_path_parse(check->arena, pair->value, &parsed))
        refuse(check, place, "invalid", TEXT("must be a JSON path, such as $.model"));
    else if (check->meter->value_property.ptr != NULL &&
             text_equal(pair->value, check->meter->value_property))
        refuse(check, place, "invalid", TEXT("must not be the path of the value property"));
}

bool meter_check(const struct meter *meter, enum dialect dialect, struct arena *arena,
                 struct problem *problem)
{
    CHECK(meter != NULL && arena != NULL && problem != NULL);
    CHECK(meter->aggregation >= 0 && meter->aggregation < METER_AGGREGATION_COUNT);
    struct check check = { meter, dialect, arena, problem, false };
    if (meter->event_type.len > LIMIT_EVENT_TYPE_MAX)
        refuse(&check, place_of(&check, TEXT("event_type")), "max_length",
               TEXT("no event has a type that long"));
    check_value_property(&check);
    check_quantile(&check);
    check_time_unit(&check);
    check_sliding_window(&check);
    text outer = place_of(&check, TEXT("dimensions"));
    if (meter->dimensions.count > LIMIT_DIMENSIONS_MAX)
        refuse(&check, outer, "max_items",
               text_format(arena, "at most %d dimensions", LIMIT_DIMENSIONS_MAX));
    else
        for (size_t i = 0; i < meter->dimensions.count; i++)
            check_dimension(&check, outer, &meter->dimensions.items[i]);
    return !check.is_refused;
}

struct meter meter_changed(const struct meter *meter, const struct meter_change *change,
                           instant now)
{
    CHECK(meter != NULL && change != NULL);
    CHECK(!change->has_name || !text_is_empty(change->name));
    struct meter changed = *meter;
    if (change->has_name)
        changed.name = change->name;
    if (change->has_description)
        changed.description = change->description;
    if (change->has_labels)
        changed.labels = change->labels;
    if (change->has_dimensions)
        changed.dimensions = change->dimensions;
    changed.updated_at = now;
    return changed;
}

bool meter_has_group(const struct meter *meter, text name)
{
    CHECK(meter != NULL);
    for (size_t i = 0; i < meter->dimensions.count; i++) {
        if (text_equal(meter->dimensions.items[i].key, name))
            return true;
    }
    return is_reserved(name);
}

bool meter_has_numbers(const struct meter *meter)
{
    CHECK(meter != NULL);
    return meter->aggregation != METER_COUNT && meter->aggregation != METER_UNIQUE_COUNT &&
           meter->aggregation != METER_SLIDING_UNIQUE_COUNT;
}
