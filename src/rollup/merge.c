#include "rollup/merge.h"

#include "rollup/names.h"

/* One of the runs. */
struct input {
    struct run_reader reader;
    struct series_cursor cursor;
    bool is_over;
    bool is_same;                          /* stands on the series that is being written */
    uint32_t *codes[LIMIT_DIMENSIONS_MAX]; /* its numbers of words to the new run's; NULL: inline */
    struct arena *arena;                   /* of the cells' sets */
    struct cells_reader cells;
    size_t at; /* in the cells' chunk */
    bool has_cells;
};

struct merger {
    const struct merge *merge;
    struct arena *arena;
    struct input inputs[MERGE_RUNS];
    struct run_trailer trailer;
    struct run_writer *file;
    struct series_writer *writer;
    int32_t everyone; /* the level being written */
    struct series_mark mark;
    uint64_t steps;
};

/* ---- words -------------------------------------------------------------------------------- */

/* The words of a dimension of all inputs; and each input's numbers in terms of the new ones. */
static void merge_words(struct merger *merger, size_t dimension)
{
    const struct merge *merge = merger->merge;
    struct run_words *ret = &merger->trailer.words[dimension];
    struct names names = { .arena = merger->arena };
    for (size_t i = 0; i < merge->count; i++) {
        const struct run_words *words = &merge->runs[i]->words[dimension];
        ret->is_inline |= words->is_inline;
        for (uint32_t k = 0; k < words->count; k++)
            (void)names_add(&names, words->items[k]);
    }
    ret->is_inline |= names.count > RUN_WORDS_MAX || names.bytes > RUN_WORD_BYTES_MAX;
    if (ret->is_inline)
        return;
    uint32_t *ranks = names_ranks(&names, merger->arena);
    ret->count = names.count;
    ret->items = ARENA_ARRAY(merger->arena, text, names.count);
    for (uint32_t i = 0; i < names.count; i++)
        ret->items[ranks[i]] = names.items[i];
    for (size_t i = 0; i < merge->count; i++) {
        const struct run_words *words = &merge->runs[i]->words[dimension];
        uint32_t *codes = ARENA_ARRAY(merger->arena, uint32_t, (size_t)words->count + 1);
        for (uint32_t k = 0; k < words->count; k++)
            codes[k + 1] = ranks[names_add(&names, words->items[k])] + 1;
        merger->inputs[i].codes[dimension] = codes;
    }
}

/* ---- inputs ------------------------------------------------------------------------------- */

/* Moves on to the next series, and puts the new run's numbers into its key. */
static void advance(struct merger *merger, struct input *input)
{
    struct series_key *key = &input->cursor.series.key;
    input->is_over = !series_next(&input->cursor);
    for (size_t i = 0; i < merger->trailer.summary.dimension_count && !input->is_over; i++)
        if (input->codes[i] != NULL)
            key->codes[i] = input->codes[i][key->codes[i]];
}

static int compare_values(const struct merger *merger, const struct series_key *a,
                          const struct series_key *b)
{
    int order = 0;
    for (size_t i = 0; order == 0 && i < merger->trailer.summary.dimension_count; i++) {
        if (!merger->trailer.words[i].is_inline)
            order = (a->codes[i] > b->codes[i]) - (a->codes[i] < b->codes[i]);
        else if (a->values[i].ptr == NULL || b->values[i].ptr == NULL)
            order = (a->values[i].ptr != NULL) - (b->values[i].ptr != NULL);
        else
            order = text_compare(a->values[i], b->values[i]);
    }
    return order;
}

/* Marks the inputs that stand on the first series of all; returns how many, and one of them. */
static size_t find_first(struct merger *merger, struct input **ret)
{
    size_t same = 0;
    struct input *first = NULL;
    for (size_t i = 0; i < merger->merge->count; i++) {
        struct input *input = &merger->inputs[i];
        input->is_same = false;
        if (input->is_over)
            continue;
        int order = -1;
        if (first != NULL) {
            const struct series_key *a = &input->cursor.series.key;
            const struct series_key *b = &first->cursor.series.key;
            order = series_compare_subjects(a, b);
            order = order != 0 ? order : compare_values(merger, a, b);
        }
        if (order > 0)
            continue;
        if (order < 0) {
            for (size_t k = 0; k < i; k++)
                merger->inputs[k].is_same = false;
            same = 0;
            first = input;
        }
        input->is_same = true;
        same++;
    }
    *ret = first;
    return same;
}

/* ---- cells -------------------------------------------------------------------------------- */

static void next_cell(struct input *input)
{
    if (++input->at < input->cells.count)
        return;
    input->has_cells = cells_next(&input->cells);
    input->at = 0;
}

static void begin_cells(struct merger *merger, struct input *input, enum rollup_level level)
{
    const struct cells_place *place = &input->cursor.series.cells.places[level];
    struct rollup_cell *cells = input->cells.cells;
    if (cells == NULL)
        cells = ARENA_ARRAY(merger->arena, struct rollup_cell, CELLS_CHUNK);
    input->cells = cells_reader_of(&input->reader, level, place, input->arena, cells);
    input->has_cells = cells_next(&input->cells);
    input->at = 0;
}

static const struct rollup_cell *cell_of(const struct input *input)
{
    return input->is_same && input->has_cells ? &input->cells.cells[input->at] : NULL;
}

/* The earliest time at which an input has a cell; false when none has. */
static bool find_time(const struct merger *merger, instant *ret)
{
    bool has_any = false;
    for (size_t i = 0; i < merger->merge->count; i++) {
        const struct rollup_cell *cell = cell_of(&merger->inputs[i]);
        if (cell == NULL || (has_any && !instant_before(cell->from, *ret)))
            continue;
        *ret = cell->from;
        has_any = true;
    }
    return has_any;
}

/* Writes the series that the marked inputs stand on, cell by cell. */
static void merge_series(struct merger *merger, const struct series_key *key)
{
    enum rollup_level level = series_base(key->everyone);
    enum tally_kind kind = (enum tally_kind)merger->trailer.summary.kind;
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    instant at = INSTANT_NONE;
    for (size_t i = 0; i < merger->merge->count; i++) {
        struct input *input = &merger->inputs[i];
        if (!input->is_same)
            continue;
        const struct series *series = &input->cursor.series;
        first = series->cells.first < first ? series->cells.first : first;
        last = series->cells.last > last ? series->cells.last : last;
        begin_cells(merger, input, level);
    }
    series_begin(merger->writer, key->everyone);
    while (find_time(merger, &at)) {
        struct tally tally = { 0 };
        for (size_t i = 0; i < merger->merge->count; i++) {
            struct input *input = &merger->inputs[i];
            const struct rollup_cell *cell = cell_of(input);
            if (cell == NULL || !instant_equal(cell->from, at))
                continue;
            tally_merge(&tally, kind, &cell->tally, series_arena(merger->writer));
            next_cell(input);
        }
        series_add(merger->writer, at.ns / level_ns(level), &tally);
    }
    for (size_t i = 0; i < merger->merge->count; i++)
        if (merger->inputs[i].reader.err != OK)
            return;
    series_end(merger->writer, key, first, last);
}

/* ---- everyone ----------------------------------------------------------------------------- */

/* Whether every input that has events has the level. */
static bool can_have(const struct merger *merger, int32_t level)
{
    const struct merge *merge = merger->merge;
    if (merge->everyone != BUILD_EVERYONE_AUTO)
        return (merge->everyone >> level & 1) != 0;
    for (size_t i = 0; i < merge->count; i++) {
        const struct run_summary *summary = &merge->runs[i]->summary;
        if (summary->events > 0 && (summary->everyone >> level & 1) == 0)
            return false;
    }
    return true;
}

/* Ends the level being written: takes it back when it is not worth its cells. */
static void end_everyone(struct merger *merger)
{
    struct run_summary *summary = &merger->trailer.summary;
    if (merger->everyone == SERIES_NO_LEVEL || !can_have(merger, merger->everyone))
        return;
    uint64_t cells = series_marked_cells(merger->writer);
    if (merger->merge->everyone != BUILD_EVERYONE_AUTO || merger->everyone == SERIES_ALONE ||
        build_keeps_everyone(summary, (enum rollup_level)merger->everyone, cells))
        summary->everyone |= 1U << merger->everyone;
    else
        series_rollback(merger->writer, &merger->mark);
}

static void begin_everyone(struct merger *merger, int32_t everyone)
{
    end_everyone(merger);
    merger->everyone = everyone;
    if (can_have(merger, everyone))
        merger->mark = series_mark(merger->writer);
}

/* ---- the whole ---------------------------------------------------------------------------- */

static bool is_stopping(struct merger *merger)
{
    const _Atomic bool *flag = merger->merge->is_stopping;
    return ++merger->steps % 256 == 0 && flag != NULL && atomic_load(flag);
}

/* The first input that cannot be read; the count when all can. */
static size_t find_error(const struct merger *merger)
{
    size_t i = 0;
    while (i < merger->merge->count && merger->inputs[i].reader.err == OK)
        i++;
    return i;
}

static enum err merge_all(struct merger *merger, size_t *ret_corrupt)
{
    struct input *first;
    for (;;) {
        size_t at_fault = find_error(merger);
        if (at_fault < merger->merge->count) {
            *ret_corrupt = at_fault;
            return merger->inputs[at_fault].reader.err;
        }
        size_t same = find_first(merger, &first);
        if (same == 0)
            break;
        const struct series *series = &first->cursor.series;
        if (series->key.everyone != merger->everyone)
            begin_everyone(merger, series->key.everyone);
        bool is_wanted = series->key.everyone == SERIES_NO_LEVEL ||
                         can_have(merger, series->key.everyone);
        if (is_wanted && same == 1)
            series_copy(merger->writer, &series->key, &series->cells, &first->reader);
        else if (is_wanted)
            merge_series(merger, &series->key);
        for (size_t i = 0; i < merger->merge->count; i++)
            if (merger->inputs[i].is_same)
                advance(merger, &merger->inputs[i]);
        if (run_writer_err(merger->file) != OK)
            return run_writer_err(merger->file);
        if (is_stopping(merger))
            return ERR_STOPPED;
    }
    end_everyone(merger);
    return OK;
}

static void sum_up(struct merger *merger)
{
    const struct merge *merge = merger->merge;
    const struct run_summary *like = &merge->runs[0]->summary;
    struct run_summary *summary = &merger->trailer.summary;
    *summary = (struct run_summary){
        .view = like->view,
        .fingerprint = like->fingerprint,
        .first = like->first,
        .last = merge->runs[merge->count - 1]->summary.last,
        .epoch = merge->epoch,
        .kind = like->kind,
        .dimension_count = like->dimension_count,
    };
    for (size_t i = 0; i < merge->count; i++) {
        const struct run_summary *one = &merge->runs[i]->summary;
        CHECK(one->fingerprint == like->fingerprint && one->kind == like->kind);
        CHECK(one->dimension_count == like->dimension_count);
        CHECK(i == 0 || one->first == merge->runs[i - 1]->summary.last + 1);
        if (one->events == 0)
            continue;
        bool is_first = summary->events == 0;
        summary->events += one->events;
        if (is_first || one->minute_min < summary->minute_min)
            summary->minute_min = one->minute_min;
        if (is_first || one->minute_max > summary->minute_max)
            summary->minute_max = one->minute_max;
    }
    /* Of no events, all levels are there: nothing is missing. */
    if (summary->events == 0)
        summary->everyone = merge->everyone != BUILD_EVERYONE_AUTO
                                ? merge->everyone
                                : (1U << ROLLUP_LEVEL_COUNT) - 1 +
                                      ((uint32_t)build_keeps_alone(summary) << SERIES_ALONE);
}

static void open_inputs(struct merger *merger)
{
    const struct merge *merge = merger->merge;
    size_t dimensions = merger->trailer.summary.dimension_count;
    merger->trailer.words = ARENA_ARRAY(merger->arena, struct run_words, dimensions);
    for (size_t i = 0; i < dimensions; i++)
        merge_words(merger, i);
    for (size_t i = 0; i < merge->count; i++) {
        struct input *input = &merger->inputs[i];
        input->reader.run = merge->runs[i];
        input->arena = arena_new();
        input->cursor = series_first(&input->reader, merger->arena);
        advance(merger, input);
    }
}

enum err merge_runs(const struct merge *merge, size_t *ret_corrupt)
{
    CHECK(merge != NULL && ret_corrupt != NULL);
    CHECK(merge->count > 0 && merge->count <= MERGE_RUNS);
    struct merger *merger = calloc(1, sizeof(*merger));
    MUST(merger != NULL);
    merger->merge = merge;
    merger->arena = arena_new();
    merger->everyone = SERIES_NO_LEVEL;
    sum_up(merger);
    open_inputs(merger);
    merger->file = run_writer_new(merge->io, merge->path);
    merger->writer =
        series_writer_new(merger->file, &merger->trailer.summary, merger->trailer.words);
    enum err err = merge_all(merger, ret_corrupt);
    merger->trailer.index = series_index(merger->writer);
    if (err == OK)
        err = run_writer_finish(merger->file, &merger->trailer);
    else
        run_writer_abandon(merger->file);
    series_writer_free(merger->writer);
    for (size_t i = 0; i < merge->count; i++) {
        run_reader_end(&merger->inputs[i].reader);
        arena_free(merger->inputs[i].arena);
    }
    arena_free(merger->arena);
    free(merger);
    return err;
}
