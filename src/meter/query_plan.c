/* query_plan.c: names into places. */
#include "meter/query_plan.h"

bool query_tally_kind(enum meter_aggregation aggregation, enum tally_kind *ret)
{
    static const enum tally_kind kinds[METER_AGGREGATION_COUNT] = {
        [METER_SUM] = TALLY_SUM,
        [METER_COUNT] = TALLY_COUNT,
        [METER_UNIQUE_COUNT] = TALLY_UNIQUE,
        [METER_AVG] = TALLY_AVG,
        [METER_MIN] = TALLY_MIN,
        [METER_MAX] = TALLY_MAX,
        [METER_LATEST] = TALLY_LATEST,
        [METER_QUANTILE] = TALLY_QUANTILE,
        [METER_TIME_WEIGHTED_AVERAGE] = TALLY_KIND_COUNT,
        [METER_INTEGRAL] = TALLY_KIND_COUNT,
        [METER_SLIDING_UNIQUE_COUNT] = TALLY_KIND_COUNT,
    };

    CHECK(aggregation >= 0 && aggregation < METER_AGGREGATION_COUNT);
    if (kinds[aggregation] == TALLY_KIND_COUNT)
        return false;
    *ret = kinds[aggregation];
    return true;
}

static size_t add_column(struct query_plan *plan, text path)
{
    CHECK(plan->column_count <= plan->meter->dimensions.count);
    MUST(json_path_parse(plan->arena, path, &plan->columns[plan->column_count]));
    return plan->column_count++;
}

static size_t column_of(struct query_plan *plan, size_t dimension)
{
    CHECK(dimension < plan->meter->dimensions.count);
    size_t *column = &plan->dimension_columns[dimension];
    if (*column == PLAN_NONE)
        *column = add_column(plan, plan->meter->dimensions.items[dimension].value);
    return *column;
}

struct plan_part query_plan_dimension(struct query_plan *plan, size_t dimension)
{
    CHECK(plan != NULL);
    return (struct plan_part){
        .kind = PART_DIMENSION,
        .dimension = dimension,
        .column = column_of(plan, dimension),
        .names = { .arena = plan->arena },
    };
}

static size_t dimension_of(const struct query_plan *plan, text name)
{
    for (size_t i = 0; i < plan->meter->dimensions.count; i++) {
        if (text_equal(plan->meter->dimensions.items[i].key, name))
            return i;
    }
    UNREACHABLE();
}

static void prepare_columns(struct query_plan *plan)
{
    size_t count = plan->meter->dimensions.count;
    plan->columns = ARENA_ARRAY(plan->arena, struct json_path, count + 1);
    plan->dimension_columns = ARENA_ARRAY(plan->arena, size_t, count);
    for (size_t i = 0; i < count; i++)
        plan->dimension_columns[i] = PLAN_NONE;
    plan->value_column = PLAN_NONE;
    if (plan->meter->aggregation != METER_COUNT)
        plan->value_column = add_column(plan, plan->meter->value_property);
}

static void prepare_groups(struct query_plan *plan)
{
    const struct text_list *names = &plan->query->group_by;
    plan->groups.items = ARENA_ARRAY(plan->arena, struct plan_part, names->count);
    plan->groups.count = names->count;
    for (size_t i = 0; i < names->count; i++) {
        struct plan_part *part = &plan->groups.items[i];
        *part = (struct plan_part){ .kind = PART_SUBJECT, .names = { .arena = plan->arena } };
        if (text_equal(names->items[i], TEXT("customer_id")))
            part->kind = PART_CUSTOMER;
        else if (!text_equal(names->items[i], TEXT("subject")))
            *part = query_plan_dimension(plan, dimension_of(plan, names->items[i]));
    }
}

static void prepare_conditions(struct query_plan *plan)
{
    const struct filter_map *filters = &plan->query->filters;
    plan->conditions = ARENA_ARRAY(plan->arena, struct plan_condition, filters->count);
    plan->condition_count = filters->count;
    for (size_t i = 0; i < filters->count; i++) {
        size_t dimension = dimension_of(plan, filters->items[i].name);
        plan->conditions[i] = (struct plan_condition){
            .dimension = dimension,
            .column = column_of(plan, dimension),
            .filter = &filters->items[i].filter,
        };
    }
}

/* Adds a share; the first of a subject stands at the subject's number, others behind all of them.
 */
static void add_share(struct query_plan *plan, size_t subject, struct plan_share share)
{
    struct plan_share *first = &plan->shares[subject];
    if (!first->is_set) {
        *first = share;
        return;
    }
    share.next = first->next;
    first->next = plan->share_count;
    plan->shares[plan->share_count++] = share;
}

/* All time, or the part of it in which the customer has the subject. */
static struct period share_period(const struct meter_customer *customer, size_t place)
{
    if (customer->periods == NULL)
        return (struct period){ INSTANT_NONE, INSTANT_MAX };
    struct period period = customer->periods[place];
    if (instant_is_none(period.to))
        period.to = INSTANT_MAX;
    return period;
}

static void prepare_customers(struct query_plan *plan)
{
    const struct meter_customers *customers = &plan->query->customers;
    size_t count = 0;
    plan->owned.arena = plan->arena;
    for (size_t i = 0; i < customers->count; i++) {
        for (size_t j = 0; j < customers->items[i].subjects.count; j++)
            (void)keymap_add(&plan->owned, customers->items[i].subjects.items[j]);
        count += customers->items[i].subjects.count;
    }
    plan->shares = ARENA_ARRAY(plan->arena, struct plan_share, plan->owned.count + count);
    plan->share_count = plan->owned.count;
    for (size_t i = 0; i < customers->count; i++) {
        for (size_t j = 0; j < customers->items[i].subjects.count; j++) {
            struct plan_share share = { .customer = i, .next = PLAN_NONE, .is_set = true };
            share.period = share_period(&customers->items[i], j);
            plan->has_part_shares |= !instant_is_none(share.period.from) ||
                                     share.period.to.ns != INSTANT_MAX.ns;
            add_share(plan, keymap_find(&plan->owned, customers->items[i].subjects.items[j]),
                      share);
        }
    }
}

/* The subjects that both filters let through. */
static void restrict_subjects(struct query_plan *plan)
{
    const struct meter_query *query = plan->query;
    plan->is_restricted = query->has_subjects || query->has_customers;
    if (query->has_subjects) {
        plan->subjects.items = ARENA_ARRAY(plan->arena, text, query->subjects.count);
        for (size_t i = 0; i < query->subjects.count; i++) {
            text subject = query->subjects.items[i];
            if (!query->has_customers || keymap_find(&plan->owned, subject) != KEYMAP_NONE)
                plan->subjects.items[plan->subjects.count++] = subject;
        }
    } else if (query->has_customers) {
        plan->subjects.items = ARENA_ARRAY(plan->arena, text, plan->owned.count);
        for (size_t i = 0; i < plan->owned.count; i++)
            plan->subjects.items[plan->subjects.count++] = plan->owned.entries[i].key;
    }
}

struct query_plan query_plan_of(struct cx *cx, const struct meter *meter,
                                const struct meter_query *query)
{
    CHECK(cx != NULL && meter != NULL && query != NULL);
    CHECK(!ulid_is_zero(meter->org.ulid) && ulid_equal(meter->org.ulid, cx->org.ulid));
    struct query_plan plan = {
        .meter = meter,
        .query = query,
        .arena = cx->arena,
        .zone = text_is_empty(query->time_zone) ? zone_utc() : zone_find(query->time_zone),
        .from = instant_before(meter->events_from, query->from) ? query->from : meter->events_from,
        .to = query->to,
        .sequence_max = query->sequence_max,
    };
    CHECK(plan.zone != NULL);
    if (plan.sequence_max == 0)
        plan.sequence_max = usage_sequence(cx->usage);
    prepare_columns(&plan);
    prepare_groups(&plan);
    prepare_conditions(&plan);
    prepare_customers(&plan);
    restrict_subjects(&plan);
    plan.is_empty = plan.sequence_max == 0;
    plan.is_empty |= !instant_is_none(plan.to) && plan.to.ns <= plan.from.ns;
    plan.is_empty |= plan.is_restricted && plan.subjects.count == 0;
    return plan;
}

size_t query_plan_owner(const struct query_plan *plan, size_t owned, instant at)
{
    CHECK(plan != NULL && owned < plan->owned.count);
    const struct plan_share *share = &plan->shares[owned];
    while (!period_holds(share->period, at)) {
        if (share->next == PLAN_NONE)
            return PLAN_NONE;
        share = &plan->shares[share->next];
    }
    return share->customer;
}

struct usage_filter query_plan_filter(const struct query_plan *plan, struct period period,
                                      uint64_t sequence_after)
{
    CHECK(plan != NULL);
    return (struct usage_filter){
        .org = plan->meter->org,
        .type = plan->meter->event_type,
        .subjects = plan->subjects.items,
        .subject_count = plan->subjects.count,
        .from = period.from,
        .to = period.to,
        .sequence_after = sequence_after,
        .sequence_max = plan->sequence_max,
    };
}
