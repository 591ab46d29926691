/* feature_conditions.c: conditions in, views out. */
#include "catalog/feature_conditions.h"

static bool json_conditions_read(text json, enum dialect dialect, struct arena *arena,
                                 struct problem *problem, struct filter_map *ret)
{
    text place = dialect == DIALECT_V1 ? TEXT("advancedMeterGroupByFilters")
                                       : TEXT("meter.filters");
    struct json value;
    struct json_fault fault;
    if (!json_parse(arena, json, &value, &fault)) {
        problem_set(problem, fault.fault, "%.*s", TEXT_ARG(fault.message));
        return false;
    }
    return filter_map_read(&value, dialect, place, problem, ret);
}

static struct filter_map equalities_of(const struct text_map *map, struct arena *arena)
{
    struct filter_map conditions = {
        .items = ARENA_ARRAY(arena, struct filter_entry, map->count),
        .count = map->count,
    };
    for (size_t i = 0; i < map->count; i++) {
        conditions.items[i].name = map->items[i].key;
        conditions.items[i].filter.op = FILTER_EQ;
        conditions.items[i].filter.value = map->items[i].value;
    }
    return conditions;
}

bool feature_conditions_read(const struct feature *feature, struct arena *arena,
                             struct problem *problem, struct filter_map *ret)
{
    CHECK(feature != NULL && problem != NULL && ret != NULL);
    if (feature->filters.ptr != NULL)
        return json_conditions_read(feature->filters, DIALECT_V3, arena, problem, ret);
    if (feature->advanced_filters.ptr != NULL)
        return json_conditions_read(feature->advanced_filters, DIALECT_V1, arena, problem, ret);
    *ret = equalities_of(&feature->simple_filters, arena);
    return true;
}

static text conditions_text(const struct filter_map *conditions, enum dialect dialect,
                            struct arena *arena)
{
    if (conditions->count == 0)
        return TEXT_NONE;
    struct buffer b = { .arena = arena };
    struct json_writer w = json_writer_of(&b);
    filter_map_write(conditions, dialect, &w);
    return buffer_text(&b);
}

static struct text_map simple_of(const struct filter_map *conditions, struct arena *arena)
{
    struct text_map map = { .items = ARENA_ARRAY(arena, struct text_pair, conditions->count) };
    for (size_t i = 0; i < conditions->count; i++) {
        const struct filter_entry *entry = &conditions->items[i];
        if (entry->filter.op == FILTER_EQ)
            map.items[map.count++] = (struct text_pair){ entry->name, entry->filter.value };
    }
    CHECK(map.count <= conditions->count);
    return map;
}

void feature_mirror(struct feature *feature, struct arena *arena)
{
    CHECK(feature != NULL && arena != NULL);
    feature->filters = conditions_text(&feature->conditions, DIALECT_V3, arena);
    feature->advanced_filters = conditions_text(&feature->conditions, DIALECT_V1, arena);
    feature->simple_filters = simple_of(&feature->conditions, arena);
    feature->has_meter = !ulid_is_zero(feature->meter_id.ulid);
    feature->meter = (struct feature_meter_reference){ feature->meter_id, feature->filters };
    CHECK(feature->has_meter || feature->conditions.count == 0);
}
