/* sealed_blocks.c: reading by columns. Where all rows of a block have one shape, as is usual, its
 * columns are shown as they lie in the cache; else they are put together row by row. */
#include "usage/sealed_sieve.h"

/* One path being followed through a segment. */
struct track {
    const struct json_path *path;
    struct shape_place *places; /* by shape */
    uint32_t *codes;            /* scratch, made when first needed: SEALED_BLOCK_ROWS */
};

struct scan {
    struct sealed_reader reader;
    struct sealed_sieve sieve;
    const struct usage_paths *paths;
    struct track *tracks;
    struct usage_column *columns; /* as they are shown */
    uint32_t *subjects;           /* scratch: when all are the same */
    struct arena *arena;          /* emptied after each block */
    struct sealed_block_visitor *visitor;

    /* Of the block at hand. */
    const uint32_t *rows;
    uint32_t row_count;
    uint32_t shapes[SHAPES_MAX]; /* that those rows have */
    uint32_t shape_count;
    uint32_t opaque_count;    /* how many of them have opaque data */
    struct json *opaque_data; /* their data parsed; kind JSON_KIND_COUNT: no JSON */
};

static void fill(uint32_t *codes, uint32_t count, uint32_t code)
{
    for (uint32_t i = 0; i < count; i++)
        codes[i] = code;
}

static uint32_t *track_codes(struct scan *scan, struct track *track)
{
    if (!track->codes)
        track->codes = ARENA_ARRAY(scan->reader.arena, uint32_t, SEALED_BLOCK_ROWS);
    return track->codes;
}

static enum err tracks_make(struct scan *scan)
{
    struct sealed_reader *reader = &scan->reader;
    uint32_t shape_count = reader->sealed->directory.shape_count;
    scan->tracks = ARENA_ARRAY(reader->arena, struct track, scan->paths->count);
    scan->columns = ARENA_ARRAY(reader->arena, struct usage_column, scan->paths->count);
    if (shape_count > 0 && scan->paths->count > 0) {
        enum err err = sealed_reader_dictionary(reader, SEALED_SHAPES);
        if (err != OK)
            return err;
    }
    for (size_t i = 0; i < scan->paths->count; i++) {
        struct track *track = &scan->tracks[i];
        track->path = &scan->paths->items[i];
        track->places = ARENA_ARRAY(reader->arena, struct shape_place, shape_count);
        for (uint32_t k = 0; k < shape_count; k++)
            track->places[k] =
                shape_find(&reader->dictionaries[SEALED_SHAPES]->shapes[k], track->path);
    }
    return OK;
}

/* A column in which every row has the same value, or nothing. */
static void show_same(struct scan *scan, size_t number, const struct json *values, uint32_t code)
{
    uint32_t *codes = track_codes(scan, &scan->tracks[number]);
    fill(codes, scan->reader.block->rows, code);
    scan->columns[number] = (struct usage_column){ codes, values, values ? code + 1 : 0 };
}

static const struct json *kind_value(struct shape_place place)
{
    static const struct json array = { .kind = JSON_ARRAY };
    static const struct json object = { .kind = JSON_OBJECT };
    return place.kind == PLACE_ARRAY ? &array : &object;
}

/* The column of a block in which all rows have one shape. */
static enum err show_whole(struct scan *scan, size_t number, uint32_t shape)
{
    struct shape_place place = scan->tracks[number].places[shape];
    struct leaf_values leaf;
    uint32_t code = 0;
    enum err err;
    if (place.kind == PLACE_NOTHING) {
        show_same(scan, number, NULL, USAGE_NOTHING);
        return OK;
    }
    if (place.kind != PLACE_LEAF) {
        show_same(scan, number, kind_value(place), 0);
        return OK;
    }
    err = sealed_reader_leaf(&scan->reader, shape, place.leaf, &leaf, &code);
    if (err != OK)
        return err;
    if (leaf.codes) {
        scan->columns[number] = (struct usage_column){ leaf.codes, leaf.values, leaf.value_count };
        return OK;
    }
    show_same(scan, number, leaf.values, code);
    scan->columns[number].value_count = leaf.value_count;
    return OK;
}

/* What the rows of a shape have at a path, in a column being put together. */
struct strand {
    const uint32_t *codes; /* by rank; NULL: all `code` */
    uint32_t code;
    uint32_t base; /* where its values begin; USAGE_NOTHING: there is nothing */
    const struct json *values;
    uint32_t value_count;
};

static enum err strand_make(struct scan *scan, size_t number, uint32_t shape, struct strand *ret)
{
    struct shape_place place = scan->tracks[number].places[shape];
    struct leaf_values leaf;
    enum err err;
    *ret = (struct strand){ .base = USAGE_NOTHING };
    if (place.kind == PLACE_NOTHING)
        return OK;
    if (place.kind != PLACE_LEAF) {
        *ret = (struct strand){ .values = kind_value(place), .value_count = 1 };
        return OK;
    }
    err = sealed_reader_leaf(&scan->reader, shape, place.leaf, &leaf, &ret->code);
    if (err != OK)
        return err;
    ret->codes = leaf.codes;
    ret->values = leaf.values;
    ret->value_count = leaf.value_count;
    ret->base = 0;
    return OK;
}

/* Values of all strands in a row, and room for those of opaque rows behind them. Those of a single
 * strand stay where they are. */
static const struct json *strands_join(struct scan *scan, struct strand *strands,
                                       struct json **ret_behind, uint32_t *ret_count)
{
    struct json *values;
    size_t sum = scan->opaque_count;
    uint32_t count = 0;
    if (scan->shape_count == 1 && scan->opaque_count == 0) {
        *ret_count = strands[scan->shapes[0]].value_count;
        return strands[scan->shapes[0]].values;
    }
    for (uint32_t i = 0; i < scan->shape_count; i++)
        sum += strands[scan->shapes[i]].value_count;
    CHECK(sum < USAGE_NOTHING);
    values = ARENA_ARRAY(scan->arena, struct json, sum);
    for (uint32_t i = 0; i < scan->shape_count; i++) {
        struct strand *strand = &strands[scan->shapes[i]];
        if (strand->base == USAGE_NOTHING)
            continue;
        memcpy(values + count, strand->values, strand->value_count * sizeof(*values));
        strand->base = count;
        count += strand->value_count;
    }
    *ret_behind = values;
    *ret_count = count;
    return values;
}

static uint32_t strand_code(const struct strand *strand, uint32_t rank)
{
    if (strand->base == USAGE_NOTHING)
        return USAGE_NOTHING;
    return strand->base + (strand->codes ? strand->codes[rank] : strand->code);
}

/* The column of a block with rows of several shapes, without data, or opaque. */
static enum err show_mixed(struct scan *scan, size_t number)
{
    struct sealed_reader *reader = &scan->reader;
    uint32_t *codes = track_codes(scan, &scan->tracks[number]);
    struct strand strands[SHAPES_MAX];
    struct json *behind = NULL;
    const struct json *values;
    uint32_t value_count;
    uint32_t opaque = 0;
    for (uint32_t i = 0; i < scan->shape_count; i++) {
        uint32_t shape = scan->shapes[i];
        enum err err = strand_make(scan, number, shape, &strands[shape]);
        if (err != OK)
            return err;
    }
    values = strands_join(scan, strands, &behind, &value_count);
    fill(codes, reader->block->rows, USAGE_NOTHING);
    for (uint32_t i = 0; i < scan->row_count; i++) {
        uint32_t row = scan->rows[i];
        uint32_t code = sealed_reader_code(reader, SEALED_SHAPE, row);
        const struct json *found;
        if (code >= SEALED_SHAPE_FIRST) {
            codes[row] =
                strand_code(&strands[code - SEALED_SHAPE_FIRST], sealed_reader_rank(reader, row));
            continue;
        }
        if (code == SEALED_SHAPE_NONE)
            continue;
        found = scan->opaque_data[opaque].kind == JSON_KIND_COUNT
                    ? NULL
                    : json_path_get(&scan->opaque_data[opaque], scan->tracks[number].path);
        opaque++;
        if (!found)
            continue;
        codes[row] = value_count;
        behind[value_count++] = *found;
    }
    scan->columns[number] = (struct usage_column){ codes, values, value_count };
    return OK;
}

/* What shapes the rows have that passed. */
static void survey(struct scan *scan)
{
    struct sealed_reader *reader = &scan->reader;
    uint32_t counts[SEALED_SHAPE_LIMIT] = { 0 };
    scan->shape_count = 0;
    for (uint32_t i = 0; i < scan->row_count; i++)
        counts[sealed_reader_code(reader, SEALED_SHAPE, scan->rows[i])]++;
    scan->opaque_count = counts[SEALED_SHAPE_OPAQUE];
    for (uint32_t i = 0; i < reader->block->part_count; i++) {
        uint32_t shape = reader->block->parts[i].shape;
        if (counts[shape + SEALED_SHAPE_FIRST] > 0)
            scan->shapes[scan->shape_count++] = shape;
    }
}

/* Parses what has no shape, once for all paths. */
static enum err parse_opaque(struct scan *scan)
{
    struct sealed_reader *reader = &scan->reader;
    const text *texts;
    uint32_t count = 0;
    enum err err;
    if (scan->opaque_count == 0)
        return OK;
    err = sealed_reader_column(reader, SEALED_OPAQUE);
    if (err != OK)
        return err;
    texts = reader->columns[SEALED_OPAQUE]->texts;
    scan->opaque_data = ARENA_ARRAY(scan->arena, struct json, scan->opaque_count);
    for (uint32_t i = 0; i < scan->row_count; i++) {
        uint32_t row = scan->rows[i];
        struct json_fault fault;
        if (sealed_reader_code(reader, SEALED_SHAPE, row) != SEALED_SHAPE_OPAQUE)
            continue;
        if (!json_parse(scan->arena, texts[sealed_reader_rank(reader, row)],
                        &scan->opaque_data[count], &fault))
            scan->opaque_data[count].kind = JSON_KIND_COUNT;
        count++;
    }
    return OK;
}

static enum err show_columns(struct scan *scan)
{
    struct sealed_reader *reader = &scan->reader;
    const struct sealed_block *block = reader->block;
    bool is_whole = block->part_count == 1 && block->parts[0].rows == block->rows;
    enum err err;
    if (scan->paths->count == 0)
        return OK;
    err = sealed_reader_column(reader, SEALED_SHAPE);
    if (err == OK && !is_whole) {
        survey(scan);
        err = parse_opaque(scan);
    }
    for (size_t i = 0; err == OK && i < scan->paths->count; i++)
        err = is_whole ? show_whole(scan, i, block->parts[0].shape) : show_mixed(scan, i);
    return err;
}

static const uint32_t *subjects_of(struct scan *scan)
{
    struct sealed_reader *reader = &scan->reader;
    if (reader->columns[SEALED_SUBJECT])
        return reader->columns[SEALED_SUBJECT]->codes;
    if (!scan->subjects)
        scan->subjects = ARENA_ARRAY(reader->arena, uint32_t, SEALED_BLOCK_ROWS);
    fill(scan->subjects, reader->block->rows, reader->block->columns[SEALED_SUBJECT].value);
    return scan->subjects;
}

static enum err block_show(struct scan *scan)
{
    struct sealed_reader *reader = &scan->reader;
    struct usage_block block = {
        .sequence = reader->sealed->directory.first_sequence + reader->block->first_row,
        .count = reader->block->rows,
        .rows = scan->rows,
        .row_count = scan->row_count,
        .columns = scan->columns,
    };
    enum err err = sealed_reader_column(reader, SEALED_TIME);
    if (err == OK)
        err = sealed_reader_column(reader, SEALED_SUBJECT);
    if (err == OK)
        err = sealed_reader_dictionary(reader, SEALED_SUBJECTS);
    if (err == OK)
        err = show_columns(scan);
    if (err != OK)
        return err;
    _Static_assert(sizeof(instant) == sizeof(int64_t), "times are instants");
    block.times = (const instant *)reader->columns[SEALED_TIME]->numbers;
    block.subjects = subjects_of(scan);
    block.subject_names = reader->dictionaries[SEALED_SUBJECTS]->texts;
    block.subject_count = reader->dictionaries[SEALED_SUBJECTS]->count;
    scan->visitor->is_over = !scan->visitor->visit(scan->visitor->state, &block);
    return OK;
}

static enum err scan_segment(struct scan *scan, const struct usage_filter *filter)
{
    const struct sealed_directory *directory = &scan->reader.sealed->directory;
    bool may_pass;
    enum err err = sealed_sieve_make(&scan->reader, filter, &scan->sieve, &may_pass);
    if (err != OK || !may_pass)
        return err;
    err = tracks_make(scan);
    for (uint32_t i = 0; err == OK && i < directory->block_count && !scan->visitor->is_over; i++) {
        if (!sealed_sieve_may_pass(&scan->sieve, &directory->blocks[i]))
            continue;
        sealed_reader_block(&scan->reader, &directory->blocks[i]);
        err = sealed_sieve_rows(&scan->sieve, &scan->reader, &scan->rows, &scan->row_count);
        if (err == OK && scan->row_count > 0)
            err = block_show(scan);
        arena_reset(scan->arena);
    }
    return err;
}

enum err sealed_scan_blocks(struct sealed *sealed, const struct usage_filter *filter,
                            const struct usage_paths *paths, struct sealed_block_visitor *visitor)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct scan scan = { .paths = paths, .arena = arena, .visitor = visitor };
    enum err err;
    CHECK(visitor != NULL && visitor->visit != NULL && filter->type.ptr != NULL);
    visitor->is_over = false;
    sealed_reader_begin(&scan.reader, sealed);
    err = scan_segment(&scan, filter);
    sealed_reader_end(&scan.reader);
    return err;
}
