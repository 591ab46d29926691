#include "usage/sealed_directory.h"

#include "usage/bytes.h"

#include <xxhash.h>

#define VERSION   1U
#define REF_BYTES 16U

static const unsigned char magic[8] = { 'T', 'G', 'S', 'E', 'A', 'L', 'E', 'D' };

enum {
    AT_MAGIC = 0,
    AT_VERSION = 8,
    AT_ROWS = 12,
    AT_SALT = 16,
    AT_FIRST_SEQUENCE = 24,
    AT_FOOTER = 32,
    AT_FOOTER_LENGTH = 40,
    AT_ZERO = 48,
    AT_CHECKSUM = 56
};

const char *sealed_column_name(enum sealed_column column)
{
    static const char *const names[] = {
        [SEALED_TIME] = "column time",       [SEALED_INGESTED] = "column ingested",
        [SEALED_FLAGS] = "column flags",     [SEALED_ORG] = "column org",
        [SEALED_TYPE] = "column type",       [SEALED_SOURCE] = "column source",
        [SEALED_SUBJECT] = "column subject", [SEALED_SCHEMA] = "column schema",
        [SEALED_SHAPE] = "column shape",     [SEALED_OPAQUE] = "column data",
    };
    _Static_assert(COUNT_OF(names) == SEALED_COLUMN_COUNT, "a column has no name");
    return names[column];
}

const char *sealed_dictionary_name(enum sealed_dictionary dictionary)
{
    static const char *const names[] = {
        [SEALED_ORGS] = "dictionary of orgs",       [SEALED_TYPES] = "dictionary of types",
        [SEALED_SOURCES] = "dictionary of sources", [SEALED_SUBJECTS] = "dictionary of subjects",
        [SEALED_SCHEMAS] = "dictionary of schemas", [SEALED_SHAPES] = "dictionary of shapes",
    };
    _Static_assert(COUNT_OF(names) == SEALED_DICTIONARY_COUNT, "a dictionary has no name");
    return names[dictionary];
}

uint64_t sealed_checksum(const unsigned char *bytes, size_t size, uint64_t salt, uint64_t offset)
{
    return XXH3_64bits_withSeed(bytes, size, salt + offset);
}

const struct sealed_block *sealed_block_of(const struct sealed_directory *directory, uint32_t row)
{
    uint32_t low = 0;
    uint32_t high = directory->block_count;
    CHECK(row < directory->rows);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (directory->blocks[middle].first_row <= row)
            low = middle;
        else
            high = middle;
    }
    return &directory->blocks[low];
}

/* ---- writing ---- */

static void ref_write(const struct sealed_ref *ref, struct column_bytes *out)
{
    column_add32(out, ref->length);
    column_add32(out, ref->value);
    column_add64(out, ref->checksum);
}

static void refs_write(const struct sealed_ref *refs, size_t count, struct column_bytes *out)
{
    for (size_t i = 0; i < count; i++)
        ref_write(&refs[i], out);
}

static void block_write(const struct sealed_block *block, struct column_bytes *out)
{
    column_add32(out, block->rows);
    column_add32(out, block->erased);
    column_add32(out, block->opaque);
    column_add32(out, block->part_count);
    column_add64(out, (uint64_t)block->time_min.ns);
    column_add64(out, (uint64_t)block->time_max.ns);
    refs_write(block->columns, SEALED_COLUMN_COUNT, out);
    refs_write(block->pages, block->page_count, out);
    for (uint32_t i = 0; i < block->part_count; i++) {
        column_add32(out, block->parts[i].shape);
        column_add32(out, block->parts[i].rows);
        refs_write(block->parts[i].leaves, block->parts[i].leaf_count, out);
    }
}

void sealed_footer_write(struct sealed_directory *directory, struct column_bytes *out)
{
    size_t begin = out->len;
    column_add64(out, 0);
    column_add32(out, directory->block_count);
    column_add32(out, directory->shape_count);
    for (uint32_t i = 0; i < directory->shape_count; i++)
        column_add32(out, directory->shapes[i].count);
    for (uint32_t i = 0; i < directory->block_count; i++)
        block_write(&directory->blocks[i], out);
    refs_write(directory->dictionaries, SEALED_DICTIONARY_COUNT, out);
    for (uint32_t i = 0; i < directory->shape_count; i++)
        refs_write(directory->shapes[i].dictionaries, directory->shapes[i].count, out);
    directory->footer_length = out->len - begin;
    bytes_put64(out->ptr + begin,
                sealed_checksum(out->ptr + begin + 8, directory->footer_length - 8, directory->salt,
                                directory->footer_offset));
}

void sealed_header_write(const struct sealed_directory *directory,
                         unsigned char to[SEALED_HEADER_BYTES])
{
    memset(to, 0, SEALED_HEADER_BYTES);
    memcpy(to + AT_MAGIC, magic, sizeof(magic));
    bytes_put32(to + AT_VERSION, VERSION);
    bytes_put32(to + AT_ROWS, directory->rows);
    bytes_put64(to + AT_SALT, directory->salt);
    bytes_put64(to + AT_FIRST_SEQUENCE, directory->first_sequence);
    bytes_put64(to + AT_FOOTER, directory->footer_offset);
    bytes_put64(to + AT_FOOTER_LENGTH, directory->footer_length);
    bytes_put64(to + AT_CHECKSUM, sealed_checksum(to, AT_CHECKSUM, directory->salt, 0));
}

/* ---- reading ---- */

bool sealed_header_read(const unsigned char from[SEALED_HEADER_BYTES], struct sealed_directory *ret)
{
    struct sealed_directory directory = {
        .salt = bytes_get64(from + AT_SALT),
        .first_sequence = bytes_get64(from + AT_FIRST_SEQUENCE),
        .footer_offset = bytes_get64(from + AT_FOOTER),
        .footer_length = bytes_get64(from + AT_FOOTER_LENGTH),
        .rows = bytes_get32(from + AT_ROWS),
    };
    if (memcmp(from + AT_MAGIC, magic, sizeof(magic)) != 0 ||
        bytes_get32(from + AT_VERSION) != VERSION || bytes_get64(from + AT_ZERO) != 0 ||
        bytes_get64(from + AT_CHECKSUM) != sealed_checksum(from, AT_CHECKSUM, directory.salt, 0))
        return false;
    if (directory.rows == 0 || directory.rows > SEALED_ROWS_MAX || directory.first_sequence == 0 ||
        directory.first_sequence > UINT64_MAX - SEALED_ROWS_MAX)
        return false;
    *ret = directory;
    return true;
}

/* The footer being read. */
struct reader {
    struct column_cursor from;
    struct arena *arena;
    struct sealed_directory *directory;
    uint64_t offset; /* of the next chunk */
};

static bool refs_read(struct reader *reader, size_t count, struct sealed_ref *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct sealed_ref ref = { .offset = reader->offset };
        if (!column_get32(&reader->from, &ref.length) || !column_get32(&reader->from, &ref.value) ||
            !column_get64(&reader->from, &ref.checksum))
            return false;
        if (ref.length > reader->directory->footer_offset - reader->offset)
            return false;
        reader->offset += ref.length;
        ret[i] = ref;
    }
    return true;
}

/* Room for `count` refs, when there can be so many in what is left. */
static struct sealed_ref *refs_room(struct reader *reader, size_t count)
{
    if (count > (size_t)(reader->from.end - reader->from.at) / REF_BYTES)
        return NULL;
    return ARENA_ARRAY(reader->arena, struct sealed_ref, count);
}

static bool part_read(struct reader *reader, struct sealed_block *block, uint32_t number)
{
    struct sealed_part *part = &block->parts[number];
    if (!column_get32(&reader->from, &part->shape) || !column_get32(&reader->from, &part->rows))
        return false;
    if (part->shape >= reader->directory->shape_count || part->rows == 0 ||
        part->rows > block->rows || (number > 0 && part->shape <= block->parts[number - 1].shape))
        return false;
    part->leaf_count = reader->directory->shapes[part->shape].count;
    part->leaves = refs_room(reader, part->leaf_count);
    return part->leaves != NULL && refs_read(reader, part->leaf_count, part->leaves);
}

static bool block_counts_read(struct reader *reader, struct sealed_block *block)
{
    uint64_t time_min;
    uint64_t time_max;
    if (!column_get32(&reader->from, &block->rows) ||
        !column_get32(&reader->from, &block->erased) ||
        !column_get32(&reader->from, &block->opaque) ||
        !column_get32(&reader->from, &block->part_count) ||
        !column_get64(&reader->from, &time_min) || !column_get64(&reader->from, &time_max))
        return false;
    block->time_min.ns = (int64_t)time_min;
    block->time_max.ns = (int64_t)time_max;
    block->page_count = (block->rows + SEALED_PAGE_ROWS - 1) / SEALED_PAGE_ROWS;
    return block->rows > 0 && block->rows <= SEALED_BLOCK_ROWS && block->erased <= block->rows &&
           block->opaque <= block->rows && block->part_count <= reader->directory->shape_count &&
           block->rows <= reader->directory->rows - block->first_row;
}

/* Every row is erased, without data, opaque, or in a part; each column but these has a chunk. */
static bool block_is_sound(const struct sealed_block *block)
{
    uint64_t rows = block->opaque;
    for (uint32_t i = 0; i < block->part_count; i++)
        rows += block->parts[i].rows;
    for (uint32_t i = 0; i < block->page_count; i++)
        if (block->pages[i].length == 0)
            return false;
    return rows <= block->rows && block->columns[SEALED_TIME].length > 0 &&
           block->columns[SEALED_INGESTED].length > 0 &&
           (block->opaque == 0) == (block->columns[SEALED_OPAQUE].length == 0);
}

static bool block_read(struct reader *reader, struct sealed_block *block)
{
    if (!block_counts_read(reader, block) ||
        !refs_read(reader, SEALED_COLUMN_COUNT, block->columns))
        return false;
    block->pages = refs_room(reader, block->page_count);
    if (!block->pages || !refs_read(reader, block->page_count, block->pages))
        return false;
    block->parts = ARENA_ARRAY(reader->arena, struct sealed_part, block->part_count);
    for (uint32_t i = 0; i < block->part_count; i++)
        if (!part_read(reader, block, i))
            return false;
    return block_is_sound(block);
}

static bool shapes_read(struct reader *reader)
{
    struct sealed_directory *directory = reader->directory;
    if (directory->shape_count > SHAPES_MAX)
        return false;
    directory->shapes = ARENA_ARRAY(reader->arena, struct sealed_leaves, directory->shape_count);
    for (uint32_t i = 0; i < directory->shape_count; i++)
        if (!column_get32(&reader->from, &directory->shapes[i].count) ||
            directory->shapes[i].count > SHAPE_LEAVES_MAX)
            return false;
    return true;
}

static bool blocks_read(struct reader *reader)
{
    struct sealed_directory *directory = reader->directory;
    uint32_t row = 0;
    if (directory->block_count == 0 ||
        directory->block_count > directory->footer_length / (REF_BYTES * SEALED_COLUMN_COUNT))
        return false;
    directory->blocks = ARENA_ARRAY(reader->arena, struct sealed_block, directory->block_count);
    for (uint32_t i = 0; i < directory->block_count; i++) {
        directory->blocks[i].first_row = row;
        if (!block_read(reader, &directory->blocks[i]))
            return false;
        row += directory->blocks[i].rows;
    }
    return row == directory->rows;
}

static bool dictionaries_read(struct reader *reader)
{
    struct sealed_directory *directory = reader->directory;
    if (!refs_read(reader, SEALED_DICTIONARY_COUNT, directory->dictionaries))
        return false;
    for (uint32_t i = 0; i < directory->shape_count; i++) {
        struct sealed_leaves *leaves = &directory->shapes[i];
        leaves->dictionaries = refs_room(reader, leaves->count);
        if (!leaves->dictionaries || !refs_read(reader, leaves->count, leaves->dictionaries))
            return false;
    }
    return reader->offset == directory->footer_offset && reader->from.at == reader->from.end;
}

/* Values that stand in the directory are in their dictionaries. */
static bool values_are_sound(const struct sealed_directory *directory)
{
    uint32_t limits[SEALED_COLUMN_COUNT] = {
        [SEALED_TIME] = UINT32_MAX,
        [SEALED_INGESTED] = UINT32_MAX,
        [SEALED_FLAGS] = SEALED_FLAGS_LIMIT,
        [SEALED_ORG] = directory->dictionaries[SEALED_ORGS].value,
        [SEALED_TYPE] = directory->dictionaries[SEALED_TYPES].value,
        [SEALED_SOURCE] = directory->dictionaries[SEALED_SOURCES].value,
        [SEALED_SUBJECT] = directory->dictionaries[SEALED_SUBJECTS].value,
        [SEALED_SCHEMA] = directory->dictionaries[SEALED_SCHEMAS].value,
        [SEALED_SHAPE] = directory->shape_count + SEALED_SHAPE_FIRST,
        [SEALED_OPAQUE] = UINT32_MAX,
    };
    if (directory->dictionaries[SEALED_SHAPES].value != directory->shape_count)
        return false;
    for (uint32_t b = 0; b < directory->block_count; b++) {
        const struct sealed_block *block = &directory->blocks[b];
        for (size_t c = 0; c < SEALED_COLUMN_COUNT; c++)
            if (block->columns[c].length == 0 && block->columns[c].value >= limits[c])
                return false;
    }
    return true;
}

/* So are those of leaves; a dictionary has a chunk exactly when it has texts. */
static bool leaf_values_are_sound(const struct sealed_directory *directory)
{
    for (uint32_t b = 0; b < directory->block_count; b++) {
        const struct sealed_block *block = &directory->blocks[b];
        for (uint32_t p = 0; p < block->part_count; p++) {
            const struct sealed_part *part = &block->parts[p];
            const struct sealed_ref *dicts = directory->shapes[part->shape].dictionaries;
            for (uint32_t i = 0; i < part->leaf_count; i++)
                if (part->leaves[i].length == 0 && part->leaves[i].value >= dicts[i].value)
                    return false;
        }
    }
    for (uint32_t i = 0; i < directory->shape_count; i++)
        for (uint32_t k = 0; k < directory->shapes[i].count; k++)
            if ((directory->shapes[i].dictionaries[k].length == 0) !=
                (directory->shapes[i].dictionaries[k].value == 0))
                return false;
    for (size_t i = 0; i < SEALED_DICTIONARY_COUNT; i++)
        if ((directory->dictionaries[i].length == 0) != (directory->dictionaries[i].value == 0))
            return false;
    return true;
}

bool sealed_footer_read(const unsigned char *footer, struct arena *arena,
                        struct sealed_directory *directory)
{
    struct reader reader = {
        .from = { footer, footer + directory->footer_length },
        .arena = arena,
        .directory = directory,
        .offset = SEALED_HEADER_BYTES,
    };
    uint64_t checksum;
    if (directory->footer_offset < SEALED_HEADER_BYTES || !column_get64(&reader.from, &checksum) ||
        checksum != sealed_checksum(reader.from.at, directory->footer_length - 8, directory->salt,
                                    directory->footer_offset))
        return false;
    return column_get32(&reader.from, &directory->block_count) &&
           column_get32(&reader.from, &directory->shape_count) && shapes_read(&reader) &&
           blocks_read(&reader) && dictionaries_read(&reader) && values_are_sound(directory) &&
           leaf_values_are_sound(directory);
}
