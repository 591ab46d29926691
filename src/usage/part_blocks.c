/* part_blocks.c: reading the events of a part by columns: their data is parsed on the fly.
 *
 * A block is at most BLOCK_ROWS neighbouring entries of the index. Only what passes is read from
 * the log and parsed; the other rows have a time, and nothing else that means anything.
 */
#include "usage/record.h"
#include "usage/sieve.h"
#include "usage/usage_inside.h"

#include <xxhash.h>

#define BLOCK_ROWS INDEX_BLOCK_EVENTS
#define SLOTS      512U /* of a column's table of values; a power of two */
#define SLOTS_USED 256U /* a value beyond so many distinct ones is not looked for again */

/* A column under way. */
struct maker_column {
    uint32_t *codes;
    struct json *values;
    uint32_t count;
    uint32_t distinct;
    uint32_t slots[SLOTS]; /* by hash of the value's bytes: its number + 1 */
};

/* A scan by blocks under way. */
struct maker {
    const struct part *part;
    struct sieve sieve;
    const struct usage_paths *paths;
    struct arena *arena; /* emptied after each block */
    struct maker_column *columns;
    struct usage_column *shown; /* the columns as the visitor gets them */
    instant *times;
    uint32_t *rows;
    uint32_t row_count;
    uint32_t *subjects; /* by row */
    text *names;
    uint32_t name_count;
    uint32_t *local; /* by number of the index: place in `names` + 1, when .. */
    uint32_t *stamp; /* .. this is the number of the block */
    uint32_t block_number;
    uint32_t local_count;
};

/* Makes room for blocks of so many rows: a short log is read without clearing much memory. */
static void maker_prepare(struct maker *maker, struct arena *arena, size_t rows)
{
    size_t count = maker->paths->count;
    maker->columns = ARENA_ARRAY(arena, struct maker_column, count);
    maker->shown = ARENA_ARRAY(arena, struct usage_column, count);
    for (size_t i = 0; i < count; i++) {
        maker->columns[i].codes = ARENA_ARRAY(arena, uint32_t, rows);
        maker->columns[i].values = ARENA_ARRAY(arena, struct json, rows);
        maker->shown[i] = (struct usage_column){ .codes = maker->columns[i].codes,
                                                 .values = maker->columns[i].values };
    }
    maker->times = ARENA_ARRAY(arena, instant, rows);
    maker->rows = ARENA_ARRAY(arena, uint32_t, rows);
    maker->subjects = ARENA_ARRAY(arena, uint32_t, rows);
    maker->names = ARENA_ARRAY(arena, text, rows);
    maker->local_count = intern_count(maker->part->index->subjects);
    maker->local = ARENA_ARRAY(arena, uint32_t, maker->local_count);
    maker->stamp = ARENA_ARRAY(arena, uint32_t, maker->local_count);
}

static void block_begin(struct maker *maker, size_t rows)
{
    maker->block_number++;
    maker->row_count = 0;
    maker->name_count = 0;
    memset(maker->subjects, 0, rows * sizeof(*maker->subjects));
    for (size_t i = 0; i < maker->paths->count; i++) {
        struct maker_column *column = &maker->columns[i];
        memset(column->codes, 0xff, rows * sizeof(*column->codes));
        memset(column->slots, 0, sizeof(column->slots));
        column->count = 0;
        column->distinct = 0;
    }
}

/* The row's place in `names`. */
static uint32_t block_subject(struct maker *maker, uint32_t number, text name)
{
    CHECK(number < maker->local_count);
    if (maker->stamp[number] != maker->block_number) {
        maker->stamp[number] = maker->block_number;
        maker->local[number] = maker->name_count;
        maker->names[maker->name_count++] = name;
    }
    return maker->local[number];
}

/* The code of a value, an old one when the same bytes were seen in this block. */
static uint32_t column_code(struct maker_column *column, const struct json *value)
{
    size_t at = (size_t)XXH3_64bits(value->raw.ptr, value->raw.len) % SLOTS;
    for (; column->slots[at] != 0; at = (at + 1) % SLOTS)
        if (text_equal(column->values[column->slots[at] - 1].raw, value->raw))
            return column->slots[at] - 1;
    column->values[column->count++] = *value;
    if (column->distinct < SLOTS_USED) {
        column->slots[at] = column->count;
        column->distinct++;
    }
    return column->count - 1;
}

/* Puts what stands at each path of an event's data into the row. */
static void block_data(struct maker *maker, uint32_t row, text data)
{
    struct json_fault fault;
    struct json root;
    if (text_is_empty(data) || !json_parse(maker->arena, data, &root, &fault))
        return;
    for (size_t i = 0; i < maker->paths->count; i++) {
        const struct json *value = json_path_get(&root, &maker->paths->items[i]);
        if (value)
            maker->columns[i].codes[row] = column_code(&maker->columns[i], value);
    }
}

/* Fills the rows of the events from `sequence` on. */
static enum err block_fill(struct maker *maker, uint64_t sequence, uint32_t count)
{
    for (uint32_t row = 0; row < count; row++) {
        const struct index_entry *entry = event_index_entry(maker->part->index, sequence + row);
        const unsigned char *record;
        struct usage_event event;
        maker->times[row] = entry->time;
        if (!sieve_passes(&maker->sieve, entry))
            continue;
        record = part_record(maker->part, sequence + row);
        if (!record)
            return ERR_CORRUPT;
        record_read(record, &event);
        maker->rows[maker->row_count++] = row;
        maker->subjects[row] = block_subject(maker, entry->subject, event.subject);
        if (maker->paths->count > 0)
            block_data(maker, row, event.data);
    }
    return OK;
}

/* Makes and shows the block; false in `ret_goes_on` when the visitor has enough. */
static enum err block_visit(struct maker *maker, const struct usage_block *range,
                            usage_block_visit *visit, void *state, bool *ret_goes_on)
{
    struct usage_block block = *range;
    enum err err;
    block_begin(maker, range->count);
    err = block_fill(maker, range->sequence, range->count);
    if (err != OK)
        return err;
    for (size_t i = 0; i < maker->paths->count; i++)
        maker->shown[i].value_count = maker->columns[i].count;
    block.rows = maker->rows;
    block.row_count = maker->row_count;
    block.times = maker->times;
    block.subjects = maker->subjects;
    block.subject_names = maker->names;
    block.subject_count = maker->name_count;
    block.columns = maker->shown;
    if (block.row_count > 0)
        *ret_goes_on = visit(state, &block);
    arena_reset(maker->arena);
    return OK;
}

enum err part_scan_blocks(const struct part_range *range, const struct usage_filter *filter,
                          const struct usage_paths *paths, struct sealed_block_visitor *visitor)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    CLEANUP(arena_cleanup) struct arena *block_arena = arena_new();
    const struct event_index *index = range->part->index;
    struct maker maker = { .part = range->part, .paths = paths, .arena = block_arena };
    uint64_t span = range->last - range->first;
    size_t rows = span < BLOCK_ROWS ? (size_t)span + 1 : BLOCK_ROWS;
    bool goes_on = true;

    if (range->last < range->first || !sieve_make(&maker.sieve, index, filter, arena))
        return OK;
    for (uint64_t at = range->first; at <= range->last && goes_on;) {
        uint64_t block_end = event_index_block_end(index, at);
        uint64_t end = block_end < range->last ? block_end : range->last;
        struct usage_block block = { .sequence = at, .count = (uint32_t)(end - at + 1) };
        enum err err = OK;
        if (block_end > range->visible ||
            sieve_may_pass(&maker.sieve, event_index_block(index, at))) {
            if (maker.rows == NULL)
                maker_prepare(&maker, arena, rows);
            err = block_visit(&maker, &block, visitor->visit, visitor->state, &goes_on);
        }
        if (err != OK)
            return err;
        at = end + 1;
    }
    visitor->is_over = !goes_on;
    return OK;
}
