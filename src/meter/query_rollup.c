/* query_rollup.c: what rollups know of a query.
 *
 * Cells of rollups are of whole minutes, hours or days, and an answer may only be put together from
 * cells that lie in one of its windows. Which level of cells fits depends on the zone; a cell that
 * turns out to reach over a window's end makes the reading start again with finer ones, and at last
 * leaves all to raw events.
 */
#include "meter/meter_rollup.h"
#include "meter/query_run.h"
#include "rollup/rollup.h"

struct reader {
    struct query_run *run;
    enum tally_kind kind;
    uint32_t *numbers;
    bool is_misfit; /* a cell reached over the end of a window */
};

static const int64_t level_ns[ROLLUP_LEVEL_COUNT] = {
    [ROLLUP_MINUTE] = NS_PER_MINUTE,
    [ROLLUP_HOUR] = NS_PER_HOUR,
    [ROLLUP_DAY] = NS_PER_DAY,
};

static bool is_wanted(void *state, const text *dimensions)
{
    const struct reader *reader = state;
    const struct query_plan *plan = &reader->run->plan;
    for (size_t i = 0; i < plan->condition_count; i++) {
        const struct plan_condition *condition = &plan->conditions[i];
        if (!filter_match(condition->filter, dimensions[condition->dimension]))
            return false;
    }
    return true;
}

/* The group that a dimension puts the series in: nothing there is "". */
static text dimension_name(const struct rollup_series *series, size_t dimension)
{
    text value = series->dimensions[dimension];
    return value.ptr != NULL ? value : TEXT("");
}

/* Fills in the numbers of the series' parts; false when it is of no customer asked for. */
static bool number_parts(struct reader *reader, const struct rollup_series *series)
{
    struct query_plan *plan = &reader->run->plan;
    size_t owner = 0;
    if (plan->query->has_customers) {
        size_t owned = keymap_find(&plan->owned, series->subject);
        if (owned == KEYMAP_NONE)
            return false;
        owner = query_plan_owner(plan, owned, (instant){ 0 });
    }
    for (size_t i = 0; i < plan->groups.count; i++) {
        struct plan_part *part = &plan->groups.items[i];
        switch (part->kind) {
        case PART_SUBJECT:
            reader->numbers[i] = (uint32_t)keymap_add(&part->names, series->subject);
            break;
        case PART_CUSTOMER:
            reader->numbers[i] = (uint32_t)owner;
            break;
        case PART_DIMENSION:
            reader->numbers[i] =
                (uint32_t)keymap_add(&part->names, dimension_name(series, part->dimension));
            break;
        }
    }
    return true;
}

static bool add_cell(struct reader *reader, const struct rollup_series *series,
                     const struct rollup_cell *from)
{
    struct query_run *run = reader->run;
    struct period window = query_run_window(run, from->from);
    if (window.to.ns - level_ns[series->level] < from->from.ns) {
        reader->is_misfit = true;
        return false;
    }
    struct query_cell *cell = query_cells_at(&run->cells, window, reader->numbers);
    if (cell == NULL) {
        run->is_too_large = true;
        return false;
    }
    tally_merge(&cell->tally, reader->kind, &from->tally, run->plan.arena);
    query_cell_touch(cell, series->first);
    query_cell_touch(cell, series->last);
    return true;
}

static bool visit_series(void *state, const struct rollup_series *series)
{
    struct reader *reader = state;
    if (!number_parts(reader, series))
        return true;
    for (size_t i = 0; i < series->count; i++) {
        if (!add_cell(reader, series, &series->cells[i]))
            return false;
    }
    return true;
}

/* The coarsest cells that may fit the query's windows. */
static enum rollup_level level_of(const struct query_plan *plan)
{
    enum meter_window window = plan->query->window;
    instant at = !instant_is_none(plan->to) ? plan->to : (instant){ 0 };
    int32_t offset = zone_offset_seconds(plan->zone, at);
    if (window == METER_WINDOW_NONE)
        return ROLLUP_DAY;
    if (window == METER_WINDOW_MINUTE || offset % 3600 != 0)
        return ROLLUP_MINUTE;
    if (window == METER_WINDOW_HOUR || plan->zone != zone_utc())
        return ROLLUP_HOUR;
    return ROLLUP_DAY;
}

/* The whole minutes of what is asked for; where the meter itself begins is the rollups' business.
 */
static struct period whole_minutes(const struct query_plan *plan)
{
    struct period period = { INSTANT_NONE, INSTANT_NONE };
    if (plan->from.ns != plan->meter->events_from.ns) {
        period.from = instant_floor(plan->from, NS_PER_MINUTE);
        if (period.from.ns < plan->from.ns)
            period.from.ns += NS_PER_MINUTE;
    }
    if (!instant_is_none(plan->to))
        period.to = instant_floor(plan->to, NS_PER_MINUTE);
    return period;
}

static bool can_use_rollups(const struct query_run *run, struct period period)
{
    const struct query_plan *plan = &run->plan;
    bool is_empty = !instant_is_none(period.to) && period.to.ns <= period.from.ns;
    return run->cx->rollup != NULL && !plan->has_part_shares && !is_empty;
}

static bool is_by_subject(const struct query_plan *plan)
{
    for (size_t i = 0; i < plan->groups.count; i++) {
        if (plan->groups.items[i].kind != PART_DIMENSION)
            return true;
    }
    return plan->is_restricted;
}

static bool is_by_dimension(const struct query_plan *plan)
{
    for (size_t i = 0; i < plan->groups.count; i++) {
        if (plan->groups.items[i].kind == PART_DIMENSION)
            return true;
    }
    return false;
}

/* Reads with cells up to a level; `ret_sequence` is 0 when nothing could be used. */
static enum err read_level(struct reader *reader, const struct rollup_query *query,
                           uint64_t *ret_sequence)
{
    uint64_t valid_to = 0;
    reader->is_misfit = false;
    enum err err = rollup_read(reader->run->cx->rollup, query, visit_series, reader, &valid_to);
    if (err != OK || reader->is_misfit || valid_to == 0) {
        query_run_reset(reader->run);
        valid_to = 0;
    }
    *ret_sequence = valid_to;
    return err == ERR_CORRUPT ? OK : err;
}

enum err query_run_rollups(struct query_run *run, struct period *ret_period, uint64_t *ret_sequence)
{
    CHECK(run != NULL && ret_period != NULL && ret_sequence != NULL);
    const struct query_plan *plan = &run->plan;
    struct period period = whole_minutes(plan);
    struct reader reader = { .run = run };
    struct rollup_query query = {
        .subjects = plan->subjects.items,
        .subject_count = plan->subjects.count,
        .is_by_subject = is_by_subject(plan),
        .is_alone = !is_by_dimension(plan),
        .from = period.from,
        .to = period.to,
        .coarsest = level_of(plan),
        .sequence_max = plan->sequence_max,
        .is_wanted = plan->condition_count > 0 ? is_wanted : NULL,
    };
    enum err err = OK;
    *ret_sequence = 0;
    if (!can_use_rollups(run, period))
        return OK;
    MUST(query_tally_kind(plan->meter->aggregation, &reader.kind));
    query.view = meter_rollup_id(plan->meter);
    reader.numbers = ARENA_ARRAY(plan->arena, uint32_t, plan->groups.count);
    err = read_level(&reader, &query, ret_sequence);
    while (err == OK && reader.is_misfit && query.coarsest > ROLLUP_MINUTE) {
        query.coarsest--;
        err = read_level(&reader, &query, ret_sequence);
    }
    *ret_period = period;
    return err;
}
