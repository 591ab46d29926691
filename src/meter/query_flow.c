/* query_flow.c: a query from its plan to its rows. */
#include "base/limits.h"
#include "meter/query_run.h"

static enum err fill_cells(struct query_run *run)
{
    switch (run->plan.meter->aggregation) {
    case METER_SUM:
    case METER_COUNT:
    case METER_UNIQUE_COUNT:
    case METER_AVG:
    case METER_MIN:
    case METER_MAX:
    case METER_LATEST:
    case METER_QUANTILE:
        return query_run_tallies(run);
    case METER_TIME_WEIGHTED_AVERAGE:
    case METER_INTEGRAL:
        return query_run_levels(run);
    case METER_SLIDING_UNIQUE_COUNT:
        return query_run_sliding(run);
    case METER_AGGREGATION_COUNT:
        break;
    }
    UNREACHABLE();
}

enum err meter_query_run(struct cx *cx, const struct meter *meter, const struct meter_query *query,
                         struct meter_result *ret)
{
    CHECK(cx != NULL && meter != NULL && query != NULL && ret != NULL);
    CHECK(query->window >= 0 && query->window < METER_WINDOW_COUNT);
    struct query_run run = { .cx = cx, .plan = query_plan_of(cx, meter, query) };
    query_run_reset(&run);
    enum err err = run.plan.is_empty ? OK : fill_cells(&run);
    if (err == OK && run.is_too_large)
        err = problem_refuse(&cx->problem, FAULT_QUERY_TOO_LARGE,
                             "the answer would have more than %d rows", LIMIT_QUERY_ROWS);
    if (err != OK)
        return err;
    struct meter_result result = query_run_result(&run);
    for (size_t i = 0; i < result.count; i++) {
        if (!dec_is_valid(result.rows[i].value))
            return problem_refuse(&cx->problem, FAULT_AMOUNT_OVERFLOW,
                                  "a sum of meter %.*s has more than %d digits",
                                  TEXT_ARG(meter->key), DEC_DIGITS_MAX);
    }
    *ret = result;
    return OK;
}
