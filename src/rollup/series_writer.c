/* series_writer.c: from cells in order to a run's areas.
 *
 * Most series have few cells. So cells wait, as they are, until the series ends; then it is known
 * which levels it keeps, and only those are written. Only when more than fit wait are all levels
 * made at once, as cells come, and those that turn out to be too many thrown away at the end.
 */
#include "rollup/series.h"
#include "rollup/series_head.h"
#include "rollup/varint.h"

#define PENDING_BYTES_MAX (4U << 20) /* of sets that wait */

/* One level of the series being made. */
struct level {
    struct cells_writer cells;
    struct arena *arena; /* of the open cell's set */
    struct tally open;
    int64_t unit;   /* of the open cell */
    uint64_t bytes; /* written to the area already */
};

struct series_writer {
    struct run_writer *file;
    struct run_summary *summary;
    const struct run_words *words;
    struct arena *arena;
    struct arena *pending_arena;
    struct level levels[ROLLUP_LEVEL_COUNT];
    int32_t everyone; /* of the series being made */
    bool is_spilled;
    struct tally *pending; /* CELLS_CHUNK of them */
    int64_t *pending_units;
    uint32_t pending_count;
    struct run_index index;
    size_t index_room;
    uint64_t restart;      /* where the last one is */
    struct buffer subject; /* the last one written */
    int32_t subject_everyone;
    bool has_subject;
    bool wants_restart;
    uint64_t marked_cells;
    unsigned char entry[256]; /* the one being written */
    size_t entry_size;
};

struct series_writer *series_writer_new(struct run_writer *file, struct run_summary *summary,
                                        const struct run_words *words)
{
    CHECK(file != NULL && summary != NULL && summary->kind < TALLY_KIND_COUNT);
    struct series_writer *writer = calloc(1, sizeof(*writer));
    MUST(writer != NULL);
    writer->file = file;
    writer->summary = summary;
    writer->words = words;
    writer->arena = arena_new();
    writer->pending_arena = arena_new();
    writer->pending = ARENA_ARRAY(writer->arena, struct tally, CELLS_CHUNK);
    writer->pending_units = ARENA_ARRAY(writer->arena, int64_t, CELLS_CHUNK);
    writer->subject.arena = writer->arena;
    writer->wants_restart = true;
    for (int i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        struct level *level = &writer->levels[i];
        level->arena = arena_new();
        level->cells.kind = (enum tally_kind)summary->kind;
        level->cells.level = (enum rollup_level)i;
        level->cells.out.arena = writer->arena;
        level->cells.chunk.arena = writer->arena;
    }
    return writer;
}

void series_writer_free(struct series_writer *writer)
{
    if (writer == NULL)
        return;
    for (size_t i = 0; i < ROLLUP_LEVEL_COUNT; i++)
        arena_free(writer->levels[i].arena);
    arena_free(writer->pending_arena);
    arena_free(writer->arena);
    free(writer);
}

struct arena *series_arena(struct series_writer *writer)
{
    return writer->pending_arena;
}

/* ---- cells -------------------------------------------------------------------------------- */

static bool keeps_sets(const struct series_writer *writer)
{
    return writer->summary->kind == TALLY_UNIQUE || writer->summary->kind == TALLY_QUANTILE;
}

/* The level that cells come in. */
static enum rollup_level base_of(const struct series_writer *writer)
{
    return series_base(writer->everyone);
}

void series_begin(struct series_writer *writer, int32_t everyone)
{
    CHECK(writer != NULL && everyone >= SERIES_NO_LEVEL && everyone <= SERIES_ALONE);
    CHECK(writer->pending_count == 0);
    writer->everyone = everyone;
    writer->is_spilled = false;
    for (size_t i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        cells_restart(&writer->levels[i].cells);
        writer->levels[i].open = (struct tally){ 0 };
        writer->levels[i].bytes = 0;
    }
    arena_reset(writer->pending_arena);
}

/* Writes what a level has ready to its area: of a level that is kept for sure. */
static void drain(struct series_writer *writer, struct level *level)
{
    struct buffer *out = &level->cells.out;
    run_write(writer->file, level_area(level->cells.level), out->ptr, out->len);
    level->bytes += out->len;
    out->len = 0;
}

/* Writes the open cell of a coarser level. */
static void close_cell(struct level *level)
{
    if (level->open.count == 0)
        return;
    cells_add(&level->cells, level->unit, &level->open);
    level->open = (struct tally){ 0 };
    arena_reset(level->arena);
}

/* Puts a minute's tally into its hour or day. */
static void add_coarse(struct level *level, int64_t minute, const struct tally *tally)
{
    int64_t unit = level_unit(level->cells.level, minute);
    if (level->open.count > 0 && level->unit != unit)
        close_cell(level);
    level->unit = unit;
    tally_merge(&level->open, level->cells.kind, tally, level->arena);
}

/* Puts all waiting cells into a level. */
static void fill_level(struct series_writer *writer, enum rollup_level number)
{
    struct level *level = &writer->levels[number];
    for (uint32_t i = 0; i < writer->pending_count; i++) {
        if (number == base_of(writer))
            cells_add(&level->cells, writer->pending_units[i], &writer->pending[i]);
        else
            add_coarse(level, writer->pending_units[i], &writer->pending[i]);
    }
}

static void spill(struct series_writer *writer)
{
    writer->is_spilled = true;
    for (int i = (int)base_of(writer); i < ROLLUP_LEVEL_COUNT; i++)
        if (i == (int)base_of(writer) || writer->everyone == SERIES_NO_LEVEL)
            fill_level(writer, (enum rollup_level)i);
    drain(writer, &writer->levels[base_of(writer)]);
    writer->pending_count = 0;
    arena_reset(writer->pending_arena);
}

void series_add(struct series_writer *writer, int64_t unit, const struct tally *tally)
{
    CHECK(writer != NULL && tally != NULL && tally->count > 0);
    writer->pending_units[writer->pending_count] = unit;
    writer->pending[writer->pending_count++] = *tally;
    bool is_full = writer->pending_count == CELLS_CHUNK;
    if (is_full || (keeps_sets(writer) && arena_used(writer->pending_arena) > PENDING_BYTES_MAX))
        spill(writer);
}

/* How many cells the series would have on a level. */
static uint64_t count_level(const struct series_writer *writer, enum rollup_level level)
{
    const struct level *made = &writer->levels[level];
    if (writer->is_spilled)
        return made->cells.count + (made->open.count > 0 ? 1 : 0);
    uint64_t count = 0;
    int64_t before = 0;
    for (uint32_t i = 0; i < writer->pending_count; i++) {
        int64_t unit = level_unit(level, writer->pending_units[i]);
        count += i == 0 || unit != before ? 1 : 0;
        before = unit;
    }
    return count;
}

/* Makes a coarser level when it is clearly less than the finer one; whether it is. */
static bool keep_level(struct series_writer *writer, enum rollup_level number,
                       enum rollup_level finer)
{
    struct level *level = &writer->levels[number];
    const struct level *than = &writer->levels[finer];
    if (2 * count_level(writer, number) > than->cells.count)
        return false;
    if (!writer->is_spilled)
        fill_level(writer, number);
    close_cell(level);
    cells_end(&level->cells);
    return !keeps_sets(writer) || 2 * level->cells.out.len <= than->bytes + than->cells.out.len;
}

/* Ends the cells; returns which levels are there. */
static uint32_t end_cells(struct series_writer *writer)
{
    enum rollup_level base = base_of(writer);
    struct level *level = &writer->levels[base];
    if (writer->is_spilled)
        spill(writer);
    else
        fill_level(writer, base);
    cells_end(&level->cells);
    drain(writer, level);
    uint32_t levels = 1U << base;
    enum rollup_level finer = base;
    for (int i = ROLLUP_HOUR; i < ROLLUP_LEVEL_COUNT && writer->everyone == SERIES_NO_LEVEL; i++) {
        if (!keep_level(writer, (enum rollup_level)i, finer))
            continue;
        drain(writer, &writer->levels[i]);
        levels |= 1U << i;
        finer = (enum rollup_level)i;
    }
    writer->pending_count = 0;
    return levels;
}

/* ---- entries ------------------------------------------------------------------------------ */

/* Moves the entry so far to the file. */
static void flush_entry(struct series_writer *writer)
{
    run_write(writer->file, RUN_KEYS, writer->entry, writer->entry_size);
    writer->entry_size = 0;
}

static void put(struct series_writer *writer, uint64_t n)
{
    if (writer->entry_size + VARINT_MAX > sizeof(writer->entry))
        flush_entry(writer);
    unsigned char *to = writer->entry + writer->entry_size;
    writer->entry_size += (size_t)(varint_put(to, n) - to);
}

static void put_bytes(struct series_writer *writer, text bytes)
{
    if (bytes.len > sizeof(writer->entry) - writer->entry_size)
        flush_entry(writer);
    if (bytes.len > sizeof(writer->entry)) {
        run_write(writer->file, RUN_KEYS, bytes.ptr, bytes.len);
    } else if (bytes.len > 0) {
        memcpy(writer->entry + writer->entry_size, bytes.ptr, bytes.len);
        writer->entry_size += bytes.len;
    }
}

static void note_restart(struct series_writer *writer, const struct series_key *key)
{
    struct run_index *index = &writer->index;
    if (index->count == writer->index_room) {
        size_t room = index->count == 0 ? 64 : index->count * 2;
        struct run_restart *items = ARENA_ARRAY(writer->arena, struct run_restart, room);
        if (index->count > 0)
            memcpy(items, index->items, index->count * sizeof(*items));
        index->items = items;
        writer->index_room = room;
    }
    uint64_t offset = run_written(writer->file, RUN_KEYS);
    text subject = series_has_subject(key->everyone) ? text_copy(writer->arena, key->subject)
                                                     : TEXT("");
    index->items[index->count++] = (struct run_restart){ subject, offset, key->everyone };
    writer->restart = offset;
    writer->wants_restart = false;
}

static unsigned head_of(struct series_writer *writer, const struct series_key *key, uint32_t levels)
{
    unsigned head = key->everyone == SERIES_ALONE ? SERIES_ONLY : (unsigned)(key->everyone + 1);
    bool is_new_kind = !writer->has_subject || writer->subject_everyone != key->everyone;
    bool is_subject = series_has_subject(key->everyone);
    bool is_new = is_subject &&
                  (is_new_kind || !text_equal(key->subject, buffer_text(&writer->subject)));
    if (is_new_kind || writer->wants_restart ||
        run_written(writer->file, RUN_KEYS) - writer->restart >= SERIES_RESTART_BYTES) {
        head |= SERIES_RESTART;
        is_new = is_subject;
    }
    if (is_new)
        head |= SERIES_SUBJECT;
    if (key->everyone == SERIES_NO_LEVEL && (levels & 1U << ROLLUP_HOUR) != 0)
        head |= SERIES_HOURS;
    if (key->everyone == SERIES_NO_LEVEL && (levels & 1U << ROLLUP_DAY) != 0)
        head |= SERIES_DAYS;
    return head;
}

/* Everything of an entry before its levels. */
static void put_key(struct series_writer *writer, const struct series_key *key,
                    const struct series_cells *series)
{
    unsigned head = head_of(writer, key, series->levels);
    if ((head & SERIES_RESTART) != 0)
        note_restart(writer, key);
    put(writer, head);
    if ((head & SERIES_SUBJECT) != 0) {
        put(writer, key->subject.len);
        put_bytes(writer, key->subject);
        writer->subject.len = 0;
        buffer_add(&writer->subject, key->subject);
    }
    writer->subject_everyone = key->everyone;
    writer->has_subject = true;
    for (size_t i = 0; i < ROLLUP_LEVEL_COUNT && (head & SERIES_RESTART) != 0; i++)
        put(writer, series->places[i].offset);
    size_t values = key->everyone == SERIES_ALONE ? 0 : writer->summary->dimension_count;
    for (size_t i = 0; i < values; i++) {
        text value = key->values[i];
        if (!writer->words[i].is_inline) {
            put(writer, key->codes[i]);
            continue;
        }
        put(writer, value.ptr == NULL ? 0 : value.len + 1);
        put_bytes(writer, value);
    }
    put(writer, (uint64_t)(series->first - writer->summary->minute_min));
    put(writer, (uint64_t)(series->last - series->first));
}

static void put_entry(struct series_writer *writer, const struct series_key *key,
                      const struct series_cells *series)
{
    struct run_summary *summary = writer->summary;
    put_key(writer, key, series);
    for (int i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        const struct cells_place *place = &series->places[i];
        if ((series->levels >> i & 1) == 0)
            continue;
        put(writer, place->count);
        put(writer, place->size << 1 | (place->is_chunked ? 1 : 0));
    }
    flush_entry(writer);
    if (key->everyone != SERIES_NO_LEVEL) {
        writer->marked_cells += series->places[series_base(key->everyone)].count;
        return;
    }
    summary->series++;
    uint64_t count = 0;
    for (int i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        count = (series->levels >> i & 1) != 0 ? series->places[i].count : count;
        summary->cells[i] += count;
    }
}

void series_end(struct series_writer *writer, const struct series_key *key, int64_t first,
                int64_t last)
{
    struct series_cells series = { .first = first, .last = last };
    CHECK(writer != NULL && key != NULL && key->everyone == writer->everyone && first <= last);
    for (int i = 0; i < ROLLUP_LEVEL_COUNT; i++)
        series.places[i].offset = run_written(writer->file, level_area((enum rollup_level)i));
    series.places[base_of(writer)].offset -= writer->levels[base_of(writer)].bytes;
    series.levels = end_cells(writer);
    for (int i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        const struct level *level = &writer->levels[i];
        series.places[i].count = level->cells.count;
        series.places[i].size = level->bytes;
        series.places[i].is_chunked = level->cells.is_chunked;
    }
    put_entry(writer, key, &series);
}

void series_copy(struct series_writer *writer, const struct series_key *key,
                 const struct series_cells *from, struct run_reader *reader)
{
    struct series_cells series = *from;
    CHECK(writer != NULL && key != NULL && reader != NULL);
    for (int i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        enum run_area area = level_area((enum rollup_level)i);
        const struct cells_place *place = &from->places[i];
        series.places[i].offset = run_written(writer->file, area);
        uint64_t rest = (from->levels >> i & 1) != 0 ? place->size : 0;
        while (rest > 0) {
            size_t size = 0;
            const unsigned char *bytes =
                run_view(reader, area, place->offset + (place->size - rest), &size);
            if (bytes == NULL) {
                run_reader_corrupt(reader);
                return;
            }
            size = size < rest ? size : (size_t)rest;
            run_write(writer->file, area, bytes, size);
            rest -= size;
        }
    }
    put_entry(writer, key, &series);
}

/* ---- everyone, and the end ---------------------------------------------------------------- */

struct run_index series_index(const struct series_writer *writer)
{
    return writer->index;
}

struct series_mark series_mark(struct series_writer *writer)
{
    writer->marked_cells = 0;
    return (struct series_mark){ run_writer_mark(writer->file), writer->index.count };
}

uint64_t series_marked_cells(const struct series_writer *writer)
{
    return writer->marked_cells;
}

void series_rollback(struct series_writer *writer, const struct series_mark *mark)
{
    run_writer_rollback(writer->file, &mark->file);
    writer->index.count = mark->index_count;
    writer->wants_restart = true;
}
