#include "rollup/build.h"

#include "rollup/names.h"
#include "rollup/radix.h"
#include "rollup/series_table.h"
#include "rollup/value.h"

#define ROOM_MIN 4096U

/* An event with a value, as far as the view's aggregation looks at it. It is
 * small, because events are read again in another order than they came. */
struct counted {
    int64_t value; /* a coefficient; the number of a word or of a long number */
    uint32_t series;
    int32_t scale; /* VALUE_LONG, VALUE_WORD */
};

#define VALUE_LONG (-1) /* among the builder's numbers */
#define VALUE_WORD (-2)

struct moment {
    instant at;
    uint64_t sequence;
};

struct builder {
    const struct build *build;
    enum tally_kind kind;
    size_t dimensions;
    struct arena *arena;   /* until the run is written */
    struct arena *scratch; /* of a block */
    struct names subjects;
    struct names values[LIMIT_DIMENSIONS_MAX];
    struct names words;
    struct series_table table;
    struct counted *events;
    dec *numbers; /* those that do not fit an event */
    size_t number_count;
    size_t number_room;
    struct moment *moments; /* LATEST only */
    int64_t *minutes;
    size_t count;
    size_t room;
    int64_t minute_min, minute_max;
    uint64_t last; /* sequence of the last event looked at, when the scan was ended early */
    bool is_full;
    bool is_stopped;
};

/* ---- taking events ------------------------------------------------------------------------ */

/* The numbers of a block's own numbers, found out when first met. */
struct block_map {
    uint32_t *subjects;
    uint32_t *values[LIMIT_DIMENSIONS_MAX];
    struct counted *counted; /* of the value's distinct values */
    uint8_t *states;         /* of the value's distinct values: 0 not looked at, 1 none, 2 one */
};

static uint32_t *unknown(struct arena *arena, uint32_t count)
{
    uint32_t *map = ARENA_ARRAY(arena, uint32_t, count);
    memset(map, 0xff, count * sizeof(*map));
    return map;
}

static struct block_map map_of(struct builder *builder, const struct usage_block *block)
{
    struct block_map map = { .subjects = unknown(builder->scratch, block->subject_count) };
    size_t first = builder->build->definition->first_dimension;
    for (size_t i = 0; i < builder->dimensions; i++)
        map.values[i] = unknown(builder->scratch, block->columns[first + i].value_count);
    if (builder->kind == TALLY_COUNT)
        return map;
    uint32_t count = block->columns[0].value_count;
    map.states = ARENA_ARRAY(builder->scratch, uint8_t, (size_t)count + 1);
    map.counted = ARENA_ARRAY(builder->scratch, struct counted, (size_t)count + 1);
    return map;
}

/* A number as an event has it. */
static struct counted counted_of(struct builder *builder, dec number)
{
    if (number.coefficient == (int64_t)number.coefficient)
        return (struct counted){ .value = (int64_t)number.coefficient, .scale = number.scale };
    if (builder->number_count == builder->number_room) {
        builder->number_room = builder->number_room == 0 ? 64 : builder->number_room * 2;
        builder->numbers =
            realloc(builder->numbers, builder->number_room * sizeof(*builder->numbers));
        MUST(builder->numbers != NULL);
    }
    builder->numbers[builder->number_count] = number;
    return (struct counted){ .value = (int64_t)builder->number_count++, .scale = VALUE_LONG };
}

/* Looks at a distinct value; `slot` is its number in the block, or behind them all for nothing. */
static void look_at(struct builder *builder, struct block_map *map, const struct json *at,
                    uint32_t slot)
{
    struct tally_item item = { 0 };
    map->states[slot] = 1;
    if (!value_item(builder->kind, at, &item))
        return;
    map->states[slot] = 2;
    if (builder->kind == TALLY_UNIQUE)
        map->counted[slot] = (struct counted){
            .value = names_add(&builder->words, item.word),
            .scale = VALUE_WORD,
        };
    else
        map->counted[slot] = counted_of(builder, item.number);
}

/* The value of a row; false when it has none. */
static bool find_value(struct builder *builder, const struct usage_block *block,
                       struct block_map *map, uint32_t row, struct counted *ret)
{
    *ret = (struct counted){ 0 };
    if (builder->kind == TALLY_COUNT)
        return true;
    const struct usage_column *column = &block->columns[0];
    uint32_t code = column->codes[row];
    uint32_t slot = code == USAGE_NOTHING ? column->value_count : code;
    CHECK(map->states != NULL);
    if (map->states[slot] == 0)
        look_at(builder, map, code == USAGE_NOTHING ? NULL : &column->values[code], slot);
    if (map->states[slot] == 1)
        return false;
    *ret = map->counted[slot];
    return true;
}

static void find_key(struct builder *builder, const struct usage_block *block,
                     struct block_map *map, uint32_t row, uint32_t *key)
{
    size_t first = builder->build->definition->first_dimension;
    uint32_t subject = block->subjects[row];
    if (map->subjects[subject] == NAMES_NONE)
        map->subjects[subject] = names_add(&builder->subjects, block->subject_names[subject]);
    key[0] = map->subjects[subject];
    for (size_t i = 0; i < builder->dimensions; i++) {
        const struct usage_column *column = &block->columns[first + i];
        uint32_t code = column->codes[row];
        key[i + 1] = 0;
        if (code == USAGE_NOTHING)
            continue;
        uint32_t *known = map->values[i];
        CHECK(known != NULL);
        if (known[code] == NAMES_NONE)
            known[code] = names_add(&builder->values[i], value_dimension(&column->values[code]));
        key[i + 1] = known[code] + 1;
    }
}

/* Gives the block's events, from `from` on, their series. The table is large and is looked into
 * anywhere: what will be needed is asked for a few events before. */
static void find_series(struct builder *builder, size_t from, const uint32_t *keys)
{
    size_t count = builder->count - from;
    size_t width = builder->table.width;
    uint32_t *hashes = ARENA_ARRAY(builder->scratch, uint32_t, count);
    for (size_t i = 0; i < count; i++)
        hashes[i] = series_table_hash(&builder->table, keys + i * width);
    for (size_t i = 0; i < count; i++) {
        if (i + 8 < count)
            series_table_prefetch_slot(&builder->table, hashes[i + 8]);
        if (i + 4 < count)
            series_table_prefetch_key(&builder->table, hashes[i + 4]);
        builder->events[from + i].series =
            series_table_add(&builder->table, keys + i * width, hashes[i]);
    }
}

/* Room for so many more. */
static void reserve(struct builder *builder, uint32_t more)
{
    size_t room = builder->room == 0 ? ROOM_MIN : builder->room;
    while (room - builder->count < more)
        room *= 2;
    if (room == builder->room)
        return;
    builder->events = realloc(builder->events, room * sizeof(*builder->events));
    builder->minutes = realloc(builder->minutes, room * sizeof(*builder->minutes));
    MUST(builder->events != NULL && builder->minutes != NULL);
    if (builder->kind == TALLY_LATEST) {
        builder->moments = realloc(builder->moments, room * sizeof(*builder->moments));
        MUST(builder->moments != NULL);
    }
    builder->room = room;
}

/* Takes an event; its key goes to `key`. False when it has no value. */
static bool take_row(struct builder *builder, const struct usage_block *block,
                     struct block_map *map, uint32_t row, uint32_t *key)
{
    struct counted *event = &builder->events[builder->count];
    if (!find_value(builder, block, map, row, event))
        return false;
    find_key(builder, block, map, row, key);
    int64_t minute = floor_div(block->times[row].ns, NS_PER_MINUTE);
    builder->minutes[builder->count] = minute;
    builder->minute_min = minute < builder->minute_min ? minute : builder->minute_min;
    builder->minute_max = minute > builder->minute_max ? minute : builder->minute_max;
    if (builder->moments != NULL)
        builder->moments[builder->count] =
            (struct moment){ block->times[row], block->sequence + row };
    builder->count++;
    return true;
}

static bool visit_block(void *state, const struct usage_block *block)
{
    struct builder *builder = state;
    const struct build *build = builder->build;
    uint64_t last = block->sequence + block->count - 1;
    if (build->is_stopping != NULL && atomic_load(build->is_stopping)) {
        builder->is_stopped = true;
        return false;
    }
    arena_reset(builder->scratch);
    struct block_map map = map_of(builder, block);
    reserve(builder, block->row_count);
    size_t from = builder->count;
    size_t width = builder->table.width;
    uint32_t *keys = ARENA_ARRAY(builder->scratch, uint32_t, (block->row_count + 1) * width);
    uint32_t *key = keys;
    for (uint32_t i = 0; i < block->row_count; i++)
        key += take_row(builder, block, &map, block->rows[i], key) ? width : 0;
    find_series(builder, from, keys);
    builder->is_full = builder->count >= BUILD_EVENTS && last < build->last;
    builder->last = last;
    return !builder->is_full;
}

static enum err take_events(struct builder *builder)
{
    const struct build *build = builder->build;
    const struct rollup_view *view = &build->definition->view;
    struct usage_filter filter = USAGE_FILTER_ALL;
    filter.org = view->org;
    filter.type = view->type;
    filter.from = view->from;
    filter.sequence_after = build->first - 1;
    filter.sequence_max = build->last;
    enum err err =
        usage_scan_blocks(build->usage, &filter, &build->definition->paths, visit_block, builder);
    if (err == OK && builder->is_stopped)
        return ERR_STOPPED;
    return err;
}

/* ---- writing ------------------------------------------------------------------------------ */

/* Events in the order of some group and of minutes. */
struct sorted {
    struct radix_item *items;
    unsigned minute_bits;
};

static int64_t minute_of(const struct builder *builder, const struct sorted *sorted, size_t i)
{
    uint64_t mask = ((uint64_t)1 << sorted->minute_bits) - 1;
    return builder->minute_min + (int64_t)(sorted->items[i].key & mask);
}

static uint32_t group_of(const struct sorted *sorted, size_t i)
{
    return (uint32_t)(sorted->items[i].key >> sorted->minute_bits);
}

/* Sorts the events by the rank of their series and the minute, into sorted->items. */
static void sort_events(const struct builder *builder, const uint32_t *ranks, uint32_t rank_max,
                        struct sorted *sorted)
{
    uint64_t width = builder->count == 0 ? 0
                                         : (uint64_t)(builder->minute_max - builder->minute_min);
    sorted->minute_bits = radix_bits(width);
    for (size_t i = 0; i < builder->count; i++) {
        uint64_t minute = (uint64_t)(builder->minutes[i] - builder->minute_min);
        uint64_t rank = ranks[builder->events[i].series];
        sorted->items[i] = (struct radix_item){ rank << sorted->minute_bits | minute, (uint32_t)i };
    }
    radix_sort(sorted->items, sorted->items + builder->count, builder->count,
               sorted->minute_bits + radix_bits(rank_max));
}

static void add_event(const struct builder *builder, uint32_t number, struct tally *tally,
                      struct arena *arena)
{
    const struct counted *event = &builder->events[number];
    struct tally_item item = { .number = { event->value, event->scale } };
    if (event->scale == VALUE_WORD)
        item.word = builder->words.items[event->value];
    else if (event->scale == VALUE_LONG)
        item.number = builder->numbers[event->value];
    if (builder->moments != NULL) {
        item.at = builder->moments[number].at;
        item.sequence = builder->moments[number].sequence;
    }
    tally_add(tally, builder->kind, &item, arena);
}

/* Feeds the writer with the cells of the group that begins at `from`; returns where it ends. */
static size_t feed_group(const struct builder *builder, const struct sorted *sorted, size_t from,
                         struct series_writer *writer, enum rollup_level level)
{
    struct tally tally = { 0 };
    int64_t unit = 0;
    size_t i = from;
    for (; i < builder->count && group_of(sorted, i) == group_of(sorted, from); i++) {
        int64_t minute = minute_of(builder, sorted, i);
        int64_t next = level == ROLLUP_MINUTE ? minute : level_unit(level, minute);
        if (i + 8 < builder->count)
            __builtin_prefetch(&builder->events[sorted->items[i + 8].item]);
        if (i > from && next != unit) {
            series_add(writer, unit, &tally);
            tally = (struct tally){ 0 };
        }
        unit = next;
        add_event(builder, sorted->items[i].item, &tally, series_arena(writer));
    }
    series_add(writer, unit, &tally);
    return i;
}

/* The words of a dimension in order; `ranks` by code, code 0 being nothing. */
static struct run_words words_of(const struct names *names, struct arena *arena, uint32_t **ret)
{
    struct run_words words = { .count = names->count };
    uint32_t *ranks = names_ranks(names, arena);
    uint32_t *by_code = ARENA_ARRAY(arena, uint32_t, (size_t)names->count + 1);
    for (uint32_t i = 0; i < names->count; i++)
        by_code[i + 1] = ranks[i] + 1;
    *ret = by_code;
    if (names->count > RUN_WORDS_MAX || names->bytes > RUN_WORD_BYTES_MAX)
        return (struct run_words){ .is_inline = true };
    words.items = ARENA_ARRAY(arena, text, words.count);
    for (uint32_t i = 0; i < names->count; i++)
        words.items[ranks[i]] = names->items[i];
    return words;
}

/* What is needed to write, from the ranks of all texts on. */
struct output {
    struct builder *builder;
    struct run_trailer trailer;
    struct series_writer *writer;
    uint32_t *ranks[LIMIT_DIMENSIONS_MAX + 1]; /* of subjects, then of each dimension's codes */
    struct sorted sorted;
};

static void fill_key(const struct output *output, uint32_t series, int32_t everyone,
                     struct series_key *ret)
{
    const struct builder *builder = output->builder;
    const uint32_t *key = series_table_key(&builder->table, series);
    ret->everyone = everyone;
    ret->subject = everyone == SERIES_NO_LEVEL ? builder->subjects.items[key[0]] : TEXT("");
    for (size_t i = 0; i < builder->dimensions; i++) {
        uint32_t code = key[i + 1];
        ret->codes[i] = output->ranks[i + 1][code];
        ret->values[i] = code == 0 ? TEXT_NONE : builder->values[i].items[code - 1];
    }
}

/* Writes the series of all groups of events. */
static void write_groups(struct output *output, int32_t everyone)
{
    const struct builder *builder = output->builder;
    const struct sorted *sorted = &output->sorted;
    struct series_key key;
    enum rollup_level level = everyone == SERIES_NO_LEVEL ? ROLLUP_MINUTE
                                                          : (enum rollup_level)everyone;
    for (size_t i = 0; i < builder->count;) {
        series_begin(output->writer, everyone);
        size_t end = feed_group(builder, sorted, i, output->writer, level);
        fill_key(output, builder->events[sorted->items[i].item].series, everyone, &key);
        series_end(output->writer, &key, minute_of(builder, sorted, i),
                   minute_of(builder, sorted, end - 1));
        i = end;
    }
}

/* How many cells everyone would have on a level. */
static uint64_t count_cells(const struct builder *builder, const struct sorted *sorted,
                            enum rollup_level level)
{
    uint64_t count = 0;
    uint32_t group = 0;
    int64_t unit = 0;
    for (size_t i = 0; i < builder->count; i++) {
        int64_t next = level_unit(level, minute_of(builder, sorted, i));
        uint32_t next_group = group_of(sorted, i);
        count += i == 0 || next != unit || next_group != group ? 1 : 0;
        unit = next;
        group = next_group;
    }
    return count;
}

bool build_keeps_everyone(const struct run_summary *summary, enum rollup_level level,
                          uint64_t cells)
{
    return summary->events < BUILD_FEW_EVENTS || cells <= summary->cells[level] / 4;
}

static void write_everyone(struct output *output)
{
    struct builder *builder = output->builder;
    struct run_summary *summary = &output->trailer.summary;
    uint32_t forced = builder->build->everyone;
    uint32_t *ranks;
    (void)series_table_order(&builder->table, 1, output->ranks, &ranks);
    sort_events(builder, ranks, builder->table.count, &output->sorted);
    for (int i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        enum rollup_level level = (enum rollup_level)i;
        bool is_kept = forced != BUILD_EVERYONE_AUTO
                           ? (forced >> i & 1) != 0
                           : build_keeps_everyone(summary, level,
                                                  count_cells(builder, &output->sorted, level));
        if (!is_kept)
            continue;
        (void)series_mark(output->writer);
        write_groups(output, i);
        summary->everyone |= 1U << i;
    }
}

bool build_keeps_alone(const struct run_summary *summary)
{
    return summary->dimension_count > 0 && summary->kind != TALLY_UNIQUE &&
           summary->kind != TALLY_QUANTILE;
}

/* Sorts the events by the rank of their subject and the day. */
static int64_t sort_by_day(const struct output *output, struct sorted *sorted)
{
    const struct builder *builder = output->builder;
    int64_t day_min = level_unit(ROLLUP_DAY, builder->minute_min);
    int64_t day_max = level_unit(ROLLUP_DAY, builder->minute_max);
    sorted->minute_bits = radix_bits((uint64_t)(day_max - day_min));
    for (size_t i = 0; i < builder->count; i++) {
        uint64_t day = (uint64_t)(level_unit(ROLLUP_DAY, builder->minutes[i]) - day_min);
        uint64_t rank =
            output->ranks[0][series_table_key(&builder->table, builder->events[i].series)[0]];
        sorted->items[i] = (struct radix_item){ rank << sorted->minute_bits | day, (uint32_t)i };
    }
    radix_sort(sorted->items, sorted->items + builder->count, builder->count,
               sorted->minute_bits + radix_bits(builder->subjects.count));
    return day_min;
}

/* Writes the days of the subject whose events begin at `from`; returns where they end. */
static size_t write_alone(struct output *output, const struct sorted *sorted, size_t from,
                          int64_t day_min)
{
    const struct builder *builder = output->builder;
    uint64_t mask = ((uint64_t)1 << sorted->minute_bits) - 1;
    uint32_t series = builder->events[sorted->items[from].item].series;
    struct series_key key = {
        .everyone = SERIES_ALONE,
        .subject = builder->subjects.items[series_table_key(&builder->table, series)[0]],
    };
    struct tally tally = { 0 };
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    size_t i = from;
    series_begin(output->writer, SERIES_ALONE);
    for (; i < builder->count && group_of(sorted, i) == group_of(sorted, from); i++) {
        uint32_t item = sorted->items[i].item;
        if (i > from && sorted->items[i].key != sorted->items[i - 1].key) {
            series_add(output->writer, day_min + (int64_t)(sorted->items[i - 1].key & mask),
                       &tally);
            tally = (struct tally){ 0 };
        }
        if (i + 8 < builder->count)
            __builtin_prefetch(&builder->events[sorted->items[i + 8].item]);
        add_event(builder, item, &tally, series_arena(output->writer));
        first = builder->minutes[item] < first ? builder->minutes[item] : first;
        last = builder->minutes[item] > last ? builder->minutes[item] : last;
    }
    series_add(output->writer, day_min + (int64_t)(sorted->items[i - 1].key & mask), &tally);
    series_end(output->writer, &key, first, last);
    return i;
}

static void write_all_alone(struct output *output)
{
    struct run_summary *summary = &output->trailer.summary;
    uint32_t forced = output->builder->build->everyone;
    int64_t day_min;
    if (forced != BUILD_EVERYONE_AUTO ? (forced >> SERIES_ALONE & 1) == 0
                                      : !build_keeps_alone(summary))
        return;
    summary->everyone |= 1U << SERIES_ALONE;
    if (output->builder->count == 0)
        return;
    day_min = sort_by_day(output, &output->sorted);
    for (size_t i = 0; i < output->builder->count;)
        i = write_alone(output, &output->sorted, i, day_min);
}

static void write_series(struct output *output)
{
    struct builder *builder = output->builder;
    uint32_t *ranks;
    output->ranks[0] = names_ranks(&builder->subjects, builder->arena);
    for (size_t i = 0; i < builder->dimensions; i++)
        output->trailer.words[i] =
            words_of(&builder->values[i], builder->arena, &output->ranks[i + 1]);
    (void)series_table_order(&builder->table, 0, output->ranks, &ranks);
    sort_events(builder, ranks, builder->table.count, &output->sorted);
    write_groups(output, SERIES_NO_LEVEL);
    write_everyone(output);
    write_all_alone(output);
}

static enum err write_run(struct builder *builder, uint64_t epoch, uint64_t last)
{
    const struct build *build = builder->build;
    const struct definition *definition = build->definition;
    struct output output = { .builder = builder };
    output.trailer.summary = (struct run_summary){
        .view = definition->view.id,
        .fingerprint = definition->fingerprint,
        .first = build->first,
        .last = last,
        .epoch = epoch,
        .events = builder->count,
        .minute_min = builder->count > 0 ? builder->minute_min : 0,
        .minute_max = builder->count > 0 ? builder->minute_max : 0,
        .kind = (uint32_t)builder->kind,
        .dimension_count = (uint32_t)builder->dimensions,
    };
    output.trailer.words = ARENA_ARRAY(builder->arena, struct run_words, builder->dimensions);
    output.sorted.items = malloc((2 * builder->count + 1) * sizeof(*output.sorted.items));
    MUST(output.sorted.items != NULL);
    struct run_writer *file = run_writer_new(build->io, build->path);
    output.writer = series_writer_new(file, &output.trailer.summary, output.trailer.words);
    write_series(&output);
    output.trailer.index = series_index(output.writer);
    enum err err = run_writer_finish(file, &output.trailer);
    series_writer_free(output.writer);
    free(output.sorted.items);
    return err;
}

enum err build_run(const struct build *build, uint64_t *ret_last)
{
    CHECK(build != NULL && ret_last != NULL && build->first > 0 && build->first <= build->last);
    struct builder *builder = calloc(1, sizeof(*builder));
    MUST(builder != NULL);
    builder->build = build;
    builder->kind = build->definition->view.kind;
    builder->dimensions = build->definition->dimensions.count;
    builder->arena = arena_new();
    builder->scratch = arena_new();
    builder->subjects.arena = builder->words.arena = builder->arena;
    for (size_t i = 0; i < builder->dimensions; i++)
        builder->values[i].arena = builder->arena;
    builder->table =
        (struct series_table){ .arena = builder->arena, .width = builder->dimensions + 1 };
    builder->minute_min = INT64_MAX;
    builder->minute_max = INT64_MIN;
    /* Before the events are read: what is erased meanwhile makes the run stale, not wrong. */
    uint64_t epoch = usage_epoch(build->usage, build->first, build->last);
    enum err err = take_events(builder);
    uint64_t last = builder->is_full ? builder->last : build->last;
    if (err == OK && builder->is_full) {
        uint64_t narrow = usage_epoch(build->usage, build->first, last);
        bool is_same = usage_epoch(build->usage, build->first, build->last) == epoch;
        epoch = narrow;
        err = is_same ? OK : ERR_CONFLICT;
    }
    if (err == OK)
        err = write_run(builder, epoch, last);
    if (err == OK)
        *ret_last = last;
    free(builder->events);
    free(builder->numbers);
    free(builder->minutes);
    free(builder->moments);
    arena_free(builder->scratch);
    arena_free(builder->arena);
    free(builder);
    return err;
}
