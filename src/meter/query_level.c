/* query_level.c: levels: a value holds from its event to the next one of the same series.
 *
 * A series is one subject with one value of each dimension of the meter, whatever the query groups
 * by: the levels of several series add up. What held before the period goes on in it. At one
 * instant the event with the higher sequence number holds.
 *
 * What is summed is level times seconds, exactly; it is divided once, when the row is made.
 */
#include <stdlib.h>

#include "meter/query_edge.h"

/* An event in the period. */
struct step {
    instant at;
    uint64_t sequence;
    uint32_t series;
    uint32_t level; /* number of its value */
};

/* What held last before the period. */
struct carry {
    instant at;
    uint64_t sequence;
    dec level;
    bool is_set;
};

struct levels {
    struct query_run *run;
    struct arena *scratch;
    struct plan_parts parts; /* the subject, then every dimension */
    struct keymap series;    /* parts' numbers, as bytes */
    struct carry *carries;   /* by series */
    size_t carry_room;
    struct step *steps;
    size_t step_count;
    size_t step_room;
    dec *values;
    size_t value_room;
    uint32_t *groups; /* of the series at work: the cells' parts */
    struct query_edges edges;
};

/* A level in time. */
struct segment {
    dec level;
    struct period period;
};

/* ---- gathering ---------------------------------------------------------------------------- */

/* The array with room for one item more than `count`. */
static void *with_room(struct arena *arena, void *items, size_t size, size_t count, size_t *room)
{
    if (count < *room)
        return items;
    *room = *room == 0 ? 256 : *room * 2;
    void *grown = arena_array(arena, *room, size);
    if (count > 0)
        memcpy(grown, items, count * size);
    return grown;
}

static void add_carry(struct carry *carry, const struct tally_item *item)
{
    bool is_later = instant_equal(item->at, carry->at) ? item->sequence > carry->sequence
                                                       : instant_before(carry->at, item->at);
    if (!carry->is_set || is_later)
        *carry = (struct carry){ item->at, item->sequence, item->number, true };
}

static bool add_event(void *state, const struct pass_item *item)
{
    struct levels *levels = state;
    text key = { (const char *)item->parts, levels->parts.count * sizeof(*item->parts) };
    size_t before = levels->series.count;
    size_t series = keymap_add(&levels->series, key);
    levels->carries = with_room(levels->scratch, levels->carries, sizeof(*levels->carries), before,
                                &levels->carry_room);
    if (series == before)
        levels->carries[series] = (struct carry){ .at = INSTANT_NONE };
    if (!instant_before(levels->run->plan.from, item->value.at)) {
        add_carry(&levels->carries[series], &item->value);
        return true;
    }
    size_t count = levels->step_count++;
    levels->steps = with_room(levels->scratch, levels->steps, sizeof(*levels->steps), count,
                              &levels->step_room);
    levels->values = with_room(levels->scratch, levels->values, sizeof(*levels->values), count,
                               &levels->value_room);
    levels->values[count] = item->value.number;
    levels->steps[count] = (struct step){
        .at = item->value.at,
        .sequence = item->value.sequence,
        .series = (uint32_t)series,
        .level = (uint32_t)count,
    };
    return count < UINT32_MAX;
}

static enum err gather(struct levels *levels)
{
    struct query_run *run = levels->run;
    const size_t dimensions = run->plan.meter->dimensions.count;
    levels->parts.items = ARENA_ARRAY(levels->scratch, struct plan_part, dimensions + 1);
    levels->parts.count = dimensions + 1;
    levels->parts.items[0] = (struct plan_part){
        .kind = PART_SUBJECT,
        .names = { .arena = levels->scratch },
    };
    for (size_t i = 0; i < dimensions; i++)
        levels->parts.items[i + 1] = query_plan_dimension(&run->plan, i);
    const struct query_pass pass = {
        .plan = &run->plan,
        .parts = &levels->parts,
        .value_kind = TALLY_SUM,
        .sink = add_event,
        .state = levels,
    };
    struct period period = { run->plan.meter->events_from, query_run_elapsed_end(run) };
    if (period.to.ns <= period.from.ns || period.to.ns <= run->plan.from.ns)
        return OK;
    struct usage_filter filter = query_plan_filter(&run->plan, period, 0);
    return query_pass_run(run->cx->usage, &pass, &filter);
}

/* ---- adding up ---------------------------------------------------------------------------- */

static dec seconds_of(struct period period)
{
    return dec_trim(dec_of_parts((dec_coefficient)period.to.ns - period.from.ns, 9));
}

void query_run_add_level(struct query_run *run, const uint32_t *parts, dec level,
                         struct period piece)
{
    CHECK(run != NULL && !period_is_empty(piece));
    struct period window = query_run_window(run, piece.from);
    struct query_cell *cell = query_cells_at(&run->cells, window, parts);
    if (cell == NULL) {
        run->is_too_large = true;
        return;
    }
    cell->amount = dec_add(cell->amount, dec_mul(level, seconds_of(piece)));
    query_cell_touch(cell, piece.from);
}

/* Adds the segment to the windows it is in: to the first and the last one by itself, to those
 * between by their edges. */
static void add_to_windows(struct levels *levels, struct segment segment)
{
    struct query_run *run = levels->run;
    struct period period = segment.period;
    if (period_is_empty(period) || run->is_too_large)
        return;
    struct period window = query_run_window(run, period.from);
    bool is_within = !instant_before(window.to, period.to);
    struct period first = { period.from, is_within ? period.to : window.to };
    query_run_add_level(run, levels->groups, segment.level, first);
    if (is_within || run->is_too_large)
        return;
    window = query_run_window(run, (instant){ period.to.ns - 1 });
    bool is_whole = instant_equal(window.to, period.to);
    struct period whole = { first.to, is_whole ? period.to : window.from };
    struct period last = { window.from, period.to };
    if (!period_is_empty(whole))
        query_edges_add(&levels->edges, levels->groups, segment.level, whole);
    if (!is_whole)
        query_run_add_level(run, levels->groups, segment.level, last);
}

static void group_by_customer(struct levels *levels, size_t customer)
{
    const struct plan_parts *groups = &levels->run->plan.groups;
    for (size_t i = 0; i < groups->count; i++) {
        if (groups->items[i].kind == PART_CUSTOMER)
            levels->groups[i] = (uint32_t)customer;
    }
}

/* Adds the segment, or the parts of it in which the subject is of customers asked for. */
static void add_segment(struct levels *levels, struct segment segment, size_t owned)
{
    const struct query_plan *plan = &levels->run->plan;
    struct period asked = { plan->from, query_run_elapsed_end(levels->run) };
    segment.period = period_meet(segment.period, asked);
    if (owned == KEYMAP_NONE) {
        add_to_windows(levels, segment);
        return;
    }
    for (size_t next = owned; next != PLAN_NONE; next = plan->shares[next].next) {
        const struct plan_share *share = &plan->shares[next];
        struct segment part = { segment.level, period_meet(segment.period, share->period) };
        group_by_customer(levels, share->customer);
        add_to_windows(levels, part);
    }
}

static text part_name(const struct levels *levels, const uint32_t *numbers, size_t part)
{
    return levels->parts.items[part].names.entries[numbers[part]].key;
}

/* Finds out the groups of the series; returns its number among the customers' subjects. */
static size_t begin_series(struct levels *levels, size_t series)
{
    struct query_plan *plan = &levels->run->plan;
    const uint32_t *numbers =
        (const uint32_t *)(const void *)levels->series.entries[series].key.ptr;
    for (size_t i = 0; i < plan->groups.count; i++) {
        struct plan_part *group = &plan->groups.items[i];
        size_t part = group->kind == PART_DIMENSION ? group->dimension + 1 : 0;
        if (group->kind != PART_CUSTOMER)
            levels->groups[i] =
                (uint32_t)keymap_add(&group->names, part_name(levels, numbers, part));
    }
    return plan->query->has_customers ? keymap_find(&plan->owned, part_name(levels, numbers, 0))
                                      : KEYMAP_NONE;
}

/* Adds one series: what was carried, then its steps in order. */
static void add_series(struct levels *levels, size_t series, const struct step *steps, size_t count)
{
    const struct carry *carry = &levels->carries[series];
    size_t owned = begin_series(levels, series);
    struct segment segment = { carry->level, { carry->at, INSTANT_MAX } };
    for (size_t i = 0; i < count; i++) {
        segment.period.to = steps[i].at;
        if (i > 0 || carry->is_set)
            add_segment(levels, segment, owned);
        segment = (struct segment){ levels->values[steps[i].level], { steps[i].at, INSTANT_MAX } };
    }
    if (count > 0 || carry->is_set)
        add_segment(levels, segment, owned);
}

static int compare_steps(const void *left, const void *right)
{
    const struct step *a = left;
    const struct step *b = right;
    if (a->series != b->series)
        return a->series < b->series ? -1 : 1;
    if (!instant_equal(a->at, b->at))
        return instant_before(a->at, b->at) ? -1 : 1;
    return (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

enum err query_run_levels(struct query_run *run)
{
    CHECK(run != NULL);
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
    struct levels levels = { .run = run, .scratch = scratch, .series = { .arena = scratch } };
    levels.groups = ARENA_ARRAY(scratch, uint32_t, run->plan.groups.count);
    levels.edges = (struct query_edges){
        .run = run,
        .scratch = scratch,
        .groups = { .arena = scratch },
        .keys = { .arena = scratch },
    };
    enum err err = gather(&levels);
    if (err != OK)
        return err;
    if (levels.step_count > 1)
        qsort(levels.steps, levels.step_count, sizeof(*levels.steps), compare_steps);
    size_t at = 0;
    for (size_t series = 0; series < levels.series.count && !run->is_too_large; series++) {
        size_t from = at;
        while (at < levels.step_count && levels.steps[at].series == series)
            at++;
        add_series(&levels, series, &levels.steps[from], at - from);
    }
    query_edges_end(&levels.edges);
    return OK;
}
