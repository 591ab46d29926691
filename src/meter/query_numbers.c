/* query_numbers.c: the distinct values of a query's events, and how often each came. */
#include "meter/query_pass.h"
#include "rollup/tally_set.h"

struct sink {
    struct tally tally;
    struct arena *arena;
};

static bool add_number(void *state, const struct pass_item *item)
{
    struct sink *sink = state;
    tally_add(&sink->tally, TALLY_QUANTILE, &item->value, sink->arena);
    return true;
}

enum err meter_query_numbers(struct cx *cx, const struct meter *meter,
                             const struct meter_query *query, struct meter_numbers *ret)
{
    CHECK(cx != NULL && query != NULL && ret != NULL);
    CHECK(meter_has_numbers(meter));
    CHECK(query->group_by.count == 0 && query->window == METER_WINDOW_NONE);
    struct sink sink = { .arena = cx->arena };
    struct query_plan plan = query_plan_of(cx, meter, query);
    const struct query_pass pass = {
        .plan = &plan,
        .parts = &plan.groups,
        .is_of_customers = query->has_customers,
        .value_kind = TALLY_QUANTILE,
        .sink = add_number,
        .state = &sink,
    };
    struct usage_filter filter = query_plan_filter(&plan, (struct period){ plan.from, plan.to }, 0);
    filter.sequence_max = plan.sequence_max;
    enum err err = plan.is_empty ? OK : query_pass_run(cx->usage, &pass, &filter);
    if (err != OK)
        return err;
    struct meter_numbers numbers = { 0 };
    if (sink.tally.set != NULL) {
        tally_set_sort(sink.tally.set);
        numbers.count = sink.tally.set->count;
        numbers.items = ARENA_ARRAY(cx->arena, struct meter_number, numbers.count);
        for (size_t i = 0; i < numbers.count; i++)
            numbers.items[i] = (struct meter_number){ sink.tally.set->numbers[i].number,
                                                      sink.tally.set->numbers[i].count };
    }
    *ret = numbers;
    return OK;
}
