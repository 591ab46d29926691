/* query_fields.c: the bodies of meter queries, in both dialects. */
#include "base/limits.h"
#include "meter/query.h"

/* A request as it stands on the wire; the filters are read from the tree by hand. */
struct form {
    instant from;
    instant to;
    int window;
    text time_zone;
    text client_id;
    struct text_list group_by;
    struct text_list subjects;
    struct text_list customer_ids;
    text simple_filters;
    text filters;
};

#define SUBJECTS_MAX  100
#define CUSTOMERS_MAX 100

static const struct field rows_v1[] = {
    FIELD(struct form, client_id, TEXT, .form = FORM_NON_EMPTY,
          .about = "names the query for progress reports"),
    FIELD(struct form, from, INSTANT, .about = "start of the period, inclusive"),
    FIELD(struct form, to, INSTANT, .about = "end of the period, exclusive"),
    FIELD_WORD_AS(struct form, window, "window_size", meter_window_words, .flags = FIELD_UPPER_V1,
                  .about = "length of the windows"),
    FIELD_AS(struct form, time_zone, "window_time_zone", TEXT,
             .about = "the zone whose calendar the windows follow"),
    FIELD_AS(struct form, subjects, "subject", TEXT_LIST, .items_max = SUBJECTS_MAX,
             .about = "only events of these subjects"),
    FIELD_AS(struct form, customer_ids, "filter_customer_id", TEXT_LIST, .items_max = CUSTOMERS_MAX,
             .about = "only events of these customers"),
    FIELD_AS(struct form, simple_filters, "filter_group_by", JSON,
             .about = "values by dimension; one of them has to match"),
    FIELD_AS(struct form, filters, "advanced_meter_group_by_filters", JSON,
             .about = "conditions by dimension"),
    FIELD(struct form, group_by, TEXT_LIST, .items_max = LIMIT_GROUP_BY_MAX,
          .about = "dimensions, subject or customer_id"),
};

static const struct field rows_v3[] = {
    FIELD(struct form, from, INSTANT, .about = "start of the period, inclusive"),
    FIELD(struct form, to, INSTANT, .about = "end of the period, exclusive"),
    FIELD_WORD_AS(struct form, window, "granularity", meter_granularity_words,
                  .about = "length of the windows"),
    FIELD(struct form, time_zone, TEXT, .about = "the zone whose calendar the windows follow"),
    FIELD_AS(struct form, group_by, "group_by_dimensions", TEXT_LIST,
             .items_max = LIMIT_GROUP_BY_MAX, .about = "dimensions, subject or customer_id"),
    FIELD(struct form, filters, JSON, .about = "conditions by dimension"),
};

const struct fields meter_query_fields[DIALECT_COUNT] = {
    [DIALECT_V1] = FIELDS("QueryMeterRequest", struct form, rows_v1),
    [DIALECT_V3] = FIELDS("MeterQueryRequest", struct form, rows_v3),
};

static bool is_given(const struct json *value)
{
    return value != NULL && value->kind != JSON_NULL;
}

/* v1: filterGroupBy and advancedMeterGroupByFilters, of which one may stand. */
static bool read_filters_v1(const struct json *body, struct problem *problem,
                            struct meter_query *query)
{
    text simple_place = TEXT("filterGroupBy");
    text place = TEXT("advancedMeterGroupByFilters");
    const struct json *simple = json_member(body, simple_place);
    const struct json *advanced = json_member(body, place);
    if (is_given(simple) && is_given(advanced)) {
        problem_add_member(problem, place, "dependent_fields",
                           TEXT("cannot stand beside filterGroupBy"));
        return false;
    }
    if (is_given(simple))
        return filter_map_read(simple, DIALECT_V1, simple_place, problem, &query->filters);
    if (is_given(advanced))
        return filter_map_read(advanced, DIALECT_V1, place, problem, &query->filters);
    return true;
}

/* The values that a filter on subject or customer_id allows: eq or in, nothing else. */
static bool take_values(struct arena *arena, const struct filter_entry *entry,
                        struct problem *problem, struct text_list *ret)
{
    const struct filter *filter = &entry->filter;
    if (filter->op == FILTER_EQ) {
        text *value = ARENA_NEW(arena, text);
        *value = filter->value;
        *ret = (struct text_list){ value, 1 };
        return true;
    }
    if (filter->op == FILTER_IN) {
        *ret = filter->values;
        return true;
    }
    problem_add_member(problem,
                       text_format(arena, "filters.dimensions.%.*s", TEXT_ARG(entry->name)), "enum",
                       TEXT("only eq and in are possible here"));
    return false;
}

#define DIMENSION_FILTERS_MAX 10

/* v3: filters.dimensions, where subject and customer_id are taken out of the map. */
static bool read_dimensions_v3(struct arena *arena, const struct json *value,
                               struct problem *problem, struct meter_query *query)
{
    text place = TEXT("filters.dimensions");
    struct filter_map map;
    if (!filter_map_read(value, DIALECT_V3, place, problem, &map))
        return false;
    if (map.count > DIMENSION_FILTERS_MAX) {
        problem_add_member(problem, place, "max_items",
                           text_format(arena, "at most %d filters", DIMENSION_FILTERS_MAX));
        return false;
    }
    bool is_fine = true;
    query->filters.items = ARENA_ARRAY(arena, struct filter_entry, map.count);
    for (size_t i = 0; i < map.count; i++) {
        const struct filter_entry *entry = &map.items[i];
        if (text_equal(entry->name, TEXT("subject"))) {
            query->has_subjects = true;
            is_fine &= take_values(arena, entry, problem, &query->subjects);
        } else if (text_equal(entry->name, TEXT("customer_id"))) {
            query->has_customers = true;
            is_fine &= take_values(arena, entry, problem, &query->customer_ids);
        } else {
            query->filters.items[query->filters.count++] = *entry;
        }
    }
    return is_fine;
}

static bool read_filters_v3(struct arena *arena, const struct json *body, struct problem *problem,
                            struct meter_query *query)
{
    const struct json *filters = json_member(body, TEXT("filters"));
    if (!is_given(filters))
        return true;
    if (filters->kind != JSON_OBJECT) {
        problem_add_member(problem, TEXT("filters"), "is_object", TEXT("must be an object"));
        return false;
    }
    bool is_fine = true;
    for (size_t i = 0; i < filters->count; i++) {
        const struct json *member = &filters->items[i];
        if (!text_equal(member->key, TEXT("dimensions"))) {
            problem_add_member(problem, text_format(arena, "filters.%.*s", TEXT_ARG(member->key)),
                               "unknown_property", TEXT("is not known"));
            is_fine = false;
        } else if (is_given(member)) {
            is_fine &= read_dimensions_v3(arena, member, problem, query);
        }
    }
    return is_fine;
}

#define CLIENT_ID_MAX 36

bool meter_query_read(enum dialect dialect, struct arena *arena, const struct json *body,
                      struct problem *problem, struct meter_query *ret)
{
    CHECK(body != NULL && ret != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    struct form form = { .from = INSTANT_NONE, .to = INSTANT_NONE, .window = FIELD_ENUM_NONE };
    if (!fields_read(&meter_query_fields[dialect], dialect, body, problem, &form))
        return false;
    if (form.client_id.len > CLIENT_ID_MAX) {
        problem_add_member(problem, TEXT("clientId"), "max_length", TEXT("is too long"));
        return false;
    }
    struct meter_query query = METER_QUERY_ALL;
    query.from = form.from;
    query.to = form.to;
    if (form.window != FIELD_ENUM_NONE)
        query.window = (enum meter_window)form.window;
    query.time_zone = form.time_zone;
    query.group_by = form.group_by;
    query.subjects = form.subjects;
    query.has_subjects = form.subjects.count > 0;
    query.customer_ids = form.customer_ids;
    query.has_customers = form.customer_ids.count > 0;
    bool is_fine = dialect == DIALECT_V1 ? read_filters_v1(body, problem, &query)
                                         : read_filters_v3(arena, body, problem, &query);
    if (is_fine)
        *ret = query;
    return is_fine;
}
