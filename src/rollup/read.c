/* read.c: answers. For each run that counts, and each series of it that is asked for, the period is
 * cut into pieces: whole days, hours and minutes from the coarsest levels that there are.
 */
#include "rollup/rollup_parts.h"

#define OPEN_FROM INT64_MIN
#define OPEN_TO   INT64_MAX

/* Minutes [from, to) on one level; level -1: on none. */
struct piece {
    int64_t from, to;
    int level;
};

#define PIECES_MAX 8

struct plan {
    struct piece items[PIECES_MAX];
    size_t count;
};

struct reading {
    const struct rollup_query *query;
    rollup_visit *visit;
    void *state;
    struct run_reader reader;
    struct arena *arena; /* of cells' sets */
    struct arena *keys;  /* of subjects' texts; emptied for each run */
    struct rollup_cell *cells;
    const text *subjects; /* sorted, distinct */
    size_t subject_count;
    bool is_over; /* the visitor has enough */
};

/* ---- planning ----------------------------------------------------------------------------- */

static void add_piece(struct plan *plan, int level, int64_t from, int64_t to)
{
    CHECK(plan->count < PIECES_MAX);
    plan->items[plan->count++] = (struct piece){ from, to, level };
}

/* Cuts [from, to) into pieces on the levels of the mask, none coarser than `level`. */
static void make_plan(struct plan *plan, uint32_t levels, int level, struct piece period)
{
    int64_t from = period.from;
    int64_t to = period.to;
    if (from >= to)
        return;
    while (level >= 0 && (levels >> level & 1) == 0)
        level--;
    if (level <= ROLLUP_MINUTE) {
        add_piece(plan, level, from, to);
        return;
    }
    int64_t minutes = level_ns((enum rollup_level)level) / NS_PER_MINUTE;
    int64_t start = from == OPEN_FROM ? from : -floor_div(-from, minutes) * minutes;
    int64_t end = to == OPEN_TO ? to : floor_div(to, minutes) * minutes;
    if (start >= end) {
        make_plan(plan, levels, level - 1, period);
        return;
    }
    make_plan(plan, levels, level - 1, (struct piece){ .from = from, .to = start });
    add_piece(plan, level, start, end);
    make_plan(plan, levels, level - 1, (struct piece){ .from = end, .to = to });
}

/* The period without bounds that cut nothing off what lies in [first, last]. */
static struct piece open_period(struct piece period, int64_t first, int64_t last)
{
    if (period.from <= first)
        period.from = OPEN_FROM;
    if (period.to > last)
        period.to = OPEN_TO;
    return period;
}

static bool is_outside(struct piece period, int64_t first, int64_t last)
{
    return period.from > last || period.to <= first;
}

/* ---- series ------------------------------------------------------------------------------- */

static void visit_piece(struct reading *reading, const struct series *series,
                        const struct piece *piece)
{
    enum rollup_level level = (enum rollup_level)piece->level;
    int64_t minutes = level_ns(level) / NS_PER_MINUTE;
    struct cells_reader cells = cells_reader_of(
        &reading->reader, level, &series->cells.places[level], reading->arena, reading->cells);
    cells.from = piece->from == OPEN_FROM ? INT64_MIN : piece->from / minutes;
    cells.to = piece->to == OPEN_TO ? INT64_MAX : piece->to / minutes;
    struct rollup_series part = {
        .subject = series_has_subject(series->key.everyone) ? series->key.subject : TEXT_NONE,
        .dimensions = series->key.values,
        .level = level,
        .cells = reading->cells,
        .first = { series->cells.first * NS_PER_MINUTE },
        .last = { series->cells.last * NS_PER_MINUTE },
    };
    while (!reading->is_over && cells_next(&cells)) {
        part.count = cells.count;
        reading->is_over = !reading->visit(reading->state, &part);
    }
}

static bool is_wanted(const struct reading *reading, const struct series *series)
{
    rollup_want *want = reading->query->is_wanted;
    return want == NULL || want(reading->state, series->key.values);
}

/* The part of a period that lies in a subject's series, on whatever levels that has. */
static void visit_series(struct reading *reading, const struct series *series, struct piece period)
{
    struct plan plan = { 0 };
    if (is_outside(period, series->cells.first, series->cells.last) || !is_wanted(reading, series))
        return;
    make_plan(&plan, series->cells.levels, (int)reading->query->coarsest,
              open_period(period, series->cells.first, series->cells.last));
    for (size_t i = 0; i < plan.count && !reading->is_over; i++)
        visit_piece(reading, series, &plan.items[i]);
}

/* The pieces of the plan that are on no level, from all subjects. */
static void visit_all_subjects(struct reading *reading, const struct plan *plan)
{
    struct series_cursor cursor = series_first(&reading->reader, reading->keys);
    while (!reading->is_over && series_next(&cursor)) {
        if (cursor.series.key.everyone != SERIES_NO_LEVEL)
            return;
        for (size_t i = 0; i < plan->count && !reading->is_over; i++)
            if (plan->items[i].level < 0)
                visit_series(reading, &cursor.series, plan->items[i]);
    }
}

/* A piece of the period from one subject: alone, or with all values of the dimensions. */
static void visit_subject(struct reading *reading, text subject, const struct piece *piece)
{
    int32_t kind = piece->level < 0 ? SERIES_NO_LEVEL : SERIES_ALONE;
    struct series_cursor cursor = series_seek(&reading->reader, kind, subject, reading->keys);
    while (!reading->is_over && series_next(&cursor)) {
        const struct series *series = &cursor.series;
        int order = series->key.everyone != kind ? 1 : text_compare(series->key.subject, subject);
        if (order > 0)
            return;
        if (order < 0)
            continue;
        if (kind == SERIES_NO_LEVEL)
            visit_series(reading, series, *piece);
        else if (!is_outside(*piece, series->cells.first, series->cells.last))
            visit_piece(reading, series, piece);
    }
}

/* One piece of the period from a level of everyone, or from all subjects alone. */
static void visit_kind(struct reading *reading, int32_t kind, const struct piece *piece)
{
    struct series_cursor cursor = series_seek(&reading->reader, kind, TEXT(""), reading->keys);
    while (!reading->is_over && series_next(&cursor)) {
        const struct series *series = &cursor.series;
        if (series->key.everyone != kind)
            return;
        if (!is_outside(*piece, series->cells.first, series->cells.last) &&
            is_wanted(reading, series))
            visit_piece(reading, series, piece);
    }
}

/* ---- runs --------------------------------------------------------------------------------- */

static struct piece period_of(const struct rollup_query *query)
{
    struct piece period = { .from = OPEN_FROM, .to = OPEN_TO };
    if (!instant_is_none(query->from))
        period.from = floor_div(query->from.ns, NS_PER_MINUTE);
    if (!instant_is_none(query->to))
        period.to = floor_div(query->to.ns, NS_PER_MINUTE);
    return period;
}

/* The levels on which subjects are there without their dimensions, where that will do. */
static uint32_t alone_levels(const struct reading *reading, const struct run_summary *summary)
{
    bool is_there = (summary->everyone >> SERIES_ALONE & 1) != 0;
    return is_there && reading->query->is_alone && reading->query->is_wanted == NULL
               ? 1U << series_base(SERIES_ALONE)
               : 0;
}

static void visit_subjects(struct reading *reading, const struct run_summary *summary,
                           struct piece period)
{
    struct plan plan = { 0 };
    make_plan(&plan, alone_levels(reading, summary), (int)reading->query->coarsest, period);
    for (size_t i = 0; i < reading->subject_count; i++)
        for (size_t k = 0; k < plan.count && !reading->is_over; k++)
            visit_subject(reading, reading->subjects[i], &plan.items[k]);
}

static void visit_all(struct reading *reading, const struct run_summary *summary,
                      struct piece period)
{
    const struct rollup_query *query = reading->query;
    struct plan plan = { 0 };
    bool is_missing = false;
    uint32_t levels = query->is_by_subject ? alone_levels(reading, summary) : summary->everyone;
    make_plan(&plan, levels, (int)query->coarsest, period);
    for (size_t i = 0; i < plan.count && !reading->is_over; i++) {
        is_missing |= plan.items[i].level < 0;
        if (plan.items[i].level >= 0)
            visit_kind(reading, query->is_by_subject ? SERIES_ALONE : plan.items[i].level,
                       &plan.items[i]);
    }
    if (is_missing)
        visit_all_subjects(reading, &plan);
}

static enum err read_run(struct reading *reading, struct run *run)
{
    const struct rollup_query *query = reading->query;
    const struct run_summary *summary = &run->summary;
    struct piece period = period_of(query);
    if (summary->events == 0 || is_outside(period, summary->minute_min, summary->minute_max))
        return OK;
    period = open_period(period, summary->minute_min, summary->minute_max);
    reading->reader = (struct run_reader){ .run = run };
    arena_reset(reading->keys);
    if (query->subject_count > 0)
        visit_subjects(reading, summary, period);
    else
        visit_all(reading, summary, period);
    run_reader_end(&reading->reader);
    return reading->reader.err;
}

static int compare_texts(const void *left, const void *right)
{
    return text_compare(*(const text *)left, *(const text *)right);
}

/* The query's subjects, sorted, each once. */
static void sort_subjects(struct reading *reading, struct arena *arena)
{
    size_t count = reading->query->subject_count;
    text *subjects = ARENA_ARRAY(arena, text, count);
    size_t kept = 0;
    if (count == 0)
        return;
    memcpy(subjects, reading->query->subjects, count * sizeof(*subjects));
    qsort(subjects, count, sizeof(*subjects), compare_texts);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || !text_equal(subjects[i], subjects[kept - 1]))
            subjects[kept++] = subjects[i];
    reading->subjects = subjects;
    reading->subject_count = kept;
}

/* How many runs of the chain are not stale; the first that is goes. */
static size_t count_fresh(struct rollup *rollup, struct view *view, const struct run_list *chain)
{
    for (size_t i = 0; i < chain->count; i++) {
        if (rollup_is_fresh(rollup, chain->items[i]))
            continue;
        rollup_bury(rollup, view, chain->items[i]);
        return i;
    }
    return chain->count;
}

static enum err read_view(struct rollup *rollup, struct view *view, struct reading *reading,
                          uint64_t *ret_valid_to)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    uint64_t max = reading->query->sequence_max;
    struct run_list chain = rollup_runs(rollup, view, true, max == 0 ? UINT64_MAX : max, arena);
    size_t count = count_fresh(rollup, view, &chain);
    uint64_t valid_to = count > 0 ? chain.items[count - 1]->summary.last : 0;
    enum err err = OK;
    sort_subjects(reading, arena);
    reading->cells = ARENA_ARRAY(arena, struct rollup_cell, CELLS_CHUNK);
    for (size_t i = 0; i < count && err == OK && !reading->is_over; i++) {
        err = read_run(reading, chain.items[i]);
        /* A file that is gone is as good as one that is damaged. */
        if (err == ERR_ABSENT)
            err = ERR_CORRUPT;
        if (err == ERR_CORRUPT)
            rollup_bury(rollup, view, chain.items[i]);
    }
    rollup_release_runs(rollup, &chain);
    if (err == OK)
        *ret_valid_to = valid_to;
    return err;
}

enum err rollup_read(struct rollup *rollup, const struct rollup_query *query, rollup_visit *visit,
                     void *state, uint64_t *ret_valid_to)
{
    CHECK(rollup != NULL && query != NULL && visit != NULL && ret_valid_to != NULL);
    CHECK(query->coarsest >= 0 && query->coarsest < ROLLUP_LEVEL_COUNT);
    CHECK(instant_is_none(query->from) || query->from.ns % NS_PER_MINUTE == 0);
    CHECK(instant_is_none(query->to) || query->to.ns % NS_PER_MINUTE == 0);
    struct view *view = rollup_hold(rollup, query->view);
    if (view == NULL) {
        *ret_valid_to = 0;
        return OK;
    }
    CLEANUP(arena_cleanup) struct arena *sets = arena_new();
    CLEANUP(arena_cleanup) struct arena *keys = arena_new();
    struct reading reading = {
        .query = query, .visit = visit, .state = state, .arena = sets, .keys = keys
    };
    enum err err = read_view(rollup, view, &reading, ret_valid_to);
    rollup_release(rollup, view);
    return err;
}
