/* query_tally.c: events into tallies: of rollups what they hold, of raw events the rest. */
#include "base/limits.h"
#include "meter/query_run.h"

struct sink {
    struct query_run *run;
    enum tally_kind kind;
};

static bool add_event(void *state, const struct pass_item *item)
{
    struct sink *sink = state;
    struct query_run *run = sink->run;
    struct period window = query_run_window(run, item->value.at);
    struct query_cell *cell = query_cells_at(&run->cells, window, item->parts);
    if (cell == NULL) {
        run->is_too_large = true;
        return false;
    }
    tally_add(&cell->tally, sink->kind, &item->value, run->plan.arena);
    query_cell_touch(cell, item->value.at);
    return true;
}

/* Counts the raw events of some time and some sequence numbers. */
static enum err add_raw(struct sink *sink, struct period period, uint64_t sequence_after,
                        uint64_t sequence_max)
{
    struct query_run *run = sink->run;
    const struct query_pass pass = {
        .plan = &run->plan,
        .parts = &run->plan.groups,
        .is_of_customers = run->plan.query->has_customers,
        .value_kind = sink->kind,
        .sink = add_event,
        .state = sink,
    };
    bool is_bounded = !instant_is_none(period.to);
    if (run->is_too_large || sequence_after >= sequence_max ||
        (is_bounded && period.to.ns <= period.from.ns))
        return OK;
    struct usage_filter filter = query_plan_filter(&run->plan, period, sequence_after);
    filter.sequence_max = sequence_max;
    return query_pass_run(run->cx->usage, &pass, &filter);
}

enum err query_run_tallies(struct query_run *run)
{
    CHECK(run != NULL);
    struct sink sink = { .run = run };
    const struct query_plan *plan = &run->plan;
    struct period whole = { plan->from, plan->to };
    struct period rolled = { INSTANT_NONE, INSTANT_NONE };
    uint64_t sequence = 0;
    MUST(query_tally_kind(plan->meter->aggregation, &sink.kind));
    enum err err = query_run_rollups(run, &rolled, &sequence);
    if (err == OK && sequence > 0 && whole.from.ns < rolled.from.ns)
        err = add_raw(&sink, (struct period){ whole.from, rolled.from }, 0, sequence);
    if (err == OK && sequence > 0 && !instant_is_none(rolled.to))
        err = add_raw(&sink, (struct period){ rolled.to, whole.to }, 0, sequence);
    if (err == OK)
        err = add_raw(&sink, whole, sequence, plan->sequence_max);
    return err;
}
