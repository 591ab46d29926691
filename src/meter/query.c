/* query.c: the rules of a query. */
#include "meter/query.h"

#include "base/limits.h"

const char *const meter_window_words[] = { "minute", "hour", "day", "month", NULL };
const char *const meter_granularity_words[] = { "PT1M", "PT1H", "P1D", "P1M", NULL };
_Static_assert(COUNT_OF(meter_window_words) == METER_WINDOW_NONE + 1, "a word per window");
_Static_assert(COUNT_OF(meter_granularity_words) == METER_WINDOW_NONE + 1, "a word per window");

/* The members that rules name, in each dialect. */
enum place { PLACE_TO, PLACE_ZONE, PLACE_GROUP_BY, PLACE_SUBJECTS, PLACE_FILTERS, PLACE_COUNT };

static const text places[DIALECT_COUNT][PLACE_COUNT] = {
    [DIALECT_V1] = {
        [PLACE_TO] = TEXT_INIT("to"),
        [PLACE_ZONE] = TEXT_INIT("windowTimeZone"),
        [PLACE_GROUP_BY] = TEXT_INIT("groupBy"),
        [PLACE_SUBJECTS] = TEXT_INIT("subject"),
        [PLACE_FILTERS] = TEXT_INIT("filterGroupBy"),
    },
    [DIALECT_V3] = {
        [PLACE_TO] = TEXT_INIT("to"),
        [PLACE_ZONE] = TEXT_INIT("time_zone"),
        [PLACE_GROUP_BY] = TEXT_INIT("group_by_dimensions"),
        [PLACE_SUBJECTS] = TEXT_INIT("filters.dimensions.subject"),
        [PLACE_FILTERS] = TEXT_INIT("filters.dimensions"),
    },
};

void meter_query_normalize(struct meter_query *query, struct arena *arena)
{
    CHECK(query != NULL && arena != NULL);
    struct text_list old = query->group_by;
    struct text_list names = { ARENA_ARRAY(arena, text, old.count + 2), 0 };
    for (size_t i = 0; i < old.count; i++) {
        if (!text_list_holds(&names, old.items[i]))
            names.items[names.count++] = old.items[i];
    }
    if (query->has_subjects && !text_list_holds(&names, TEXT("subject")))
        names.items[names.count++] = TEXT("subject");
    if (query->has_customers && !text_list_holds(&names, TEXT("customer_id")))
        names.items[names.count++] = TEXT("customer_id");
    query->group_by = names;
}

/* What meter_query_check carries along. */
struct check {
    const struct meter *meter;
    const struct meter_query *query;
    enum dialect dialect;
    struct problem *problem;
    bool is_refused;
};

/* Adds a fault; the first one's sentence is also the problem's detail. */
static void refuse(struct check *check, enum place place, const char *rule, text reason)
{
    CHECK(place >= 0 && place < PLACE_COUNT);
    if (!problem_is_set(check->problem))
        problem_set(check->problem, FAULT_QUERY_INVALID, "%.*s", TEXT_ARG(reason));
    problem_add_member(check->problem, places[check->dialect][place], rule, reason);
    check->is_refused = true;
}

static void check_period(struct check *check)
{
    instant from = check->query->from;
    instant to = check->query->to;
    if (instant_is_none(from) || instant_is_none(to))
        return;
    if (instant_equal(from, to))
        refuse(check, PLACE_TO, "invalid", TEXT("from and to cannot be equal"));
    else if (instant_before(to, from))
        refuse(check, PLACE_TO, "invalid", TEXT("from must be before to"));
}

static void check_group_by(struct check *check)
{
    const struct text_list *names = &check->query->group_by;
    struct arena *arena = check->problem->arena;
    if (names->count > LIMIT_GROUP_BY_MAX + 2)
        refuse(check, PLACE_GROUP_BY, "max_items",
               text_format(arena, "group by at most %d names", LIMIT_GROUP_BY_MAX));
    for (size_t i = 0; i < names->count; i++) {
        if (!meter_has_group(check->meter, names->items[i]))
            refuse(check, PLACE_GROUP_BY, "enum",
                   text_format(arena, "invalid group by: %.*s", TEXT_ARG(names->items[i])));
    }
    if (text_list_holds(names, TEXT("customer_id")) && !check->query->has_customers)
        refuse(check, PLACE_GROUP_BY, "dependent_fields",
               TEXT("grouping by customer_id needs a customer filter"));
}

static void check_filters(struct check *check)
{
    const struct meter_query *query = check->query;
    struct arena *arena = check->problem->arena;
    for (size_t i = 0; i < query->filters.count; i++) {
        text name = query->filters.items[i].name;
        if (text_map_get(&check->meter->dimensions, name).ptr == NULL)
            refuse(check, PLACE_FILTERS, "enum",
                   text_format(arena, "invalid filter group by: %.*s", TEXT_ARG(name)));
    }
    bool is_by_subject = text_list_holds(&query->group_by, TEXT("subject"));
    if (query->has_subjects && query->subjects.count > 1 && !is_by_subject)
        refuse(check, PLACE_SUBJECTS, "dependent_fields",
               TEXT("several subjects need a grouping by subject"));
}

bool meter_query_check(const struct meter *meter, const struct meter_query *query,
                       enum dialect dialect, struct problem *problem)
{
    CHECK(meter != NULL && query != NULL && problem != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    struct check check = { meter, query, dialect, problem, false };
    check_period(&check);
    if (!text_is_empty(query->time_zone) && zone_find(query->time_zone) == NULL)
        refuse(&check, PLACE_ZONE, "invalid",
               text_format(problem->arena, "unknown time zone: %.*s", TEXT_ARG(query->time_zone)));
    check_group_by(&check);
    check_filters(&check);
    return !check.is_refused;
}
