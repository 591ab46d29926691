#include "usage/sealed_reader.h"

#include <xxhash.h>

/* ---- decoding ---- */

/* What a chunk is to become. */
struct wish {
    struct sealed *sealed;
    const struct sealed_block *block;
    uint32_t count; /* of rows or texts */
    uint32_t limit; /* of codes; texts of a leaf's dictionary */
    bool (*decode)(const struct wish *wish, struct column_cursor *from, struct sealed_item *item);
};

static enum err item_get(const struct wish *wish, const struct sealed_ref *ref,
                         struct sealed_item **ret)
{
    struct sealed *sealed = wish->sealed;
    struct sealed_item *item = sealed_cache_find(sealed->cache, sealed->number, ref->offset);
    struct column_cursor from;
    unsigned char *bytes;
    bool is_sound;
    enum err err;
    if (item) {
        *ret = item;
        return OK;
    }
    err = sealed_chunk(sealed, ref, &bytes);
    if (err != OK)
        return err;
    item = sealed_item_new(sealed->number, ref->offset);
    item->count = wish->count;
    from = (struct column_cursor){ bytes, bytes + ref->length };
    is_sound = wish->decode(wish, &from, item) && from.at == from.end;
    free(bytes);
    if (!is_sound) {
        sealed_item_free(item);
        return ERR_CORRUPT;
    }
    *ret = sealed_cache_put(sealed->cache, item);
    return OK;
}

static bool decode_codes(const struct wish *wish, struct column_cursor *from,
                         struct sealed_item *item)
{
    uint32_t *codes = ARENA_ARRAY(item->arena, uint32_t, wish->count);
    item->codes = codes;
    return column_get_codes(from, wish->count, wish->limit, codes);
}

static bool decode_numbers(const struct wish *wish, struct column_cursor *from,
                           struct sealed_item *item)
{
    int64_t *numbers = ARENA_ARRAY(item->arena, int64_t, wish->count);
    item->numbers = numbers;
    return column_get_numbers(from, wish->count, numbers);
}

static bool decode_texts(const struct wish *wish, struct column_cursor *from,
                         struct sealed_item *item)
{
    text *texts = ARENA_ARRAY(item->arena, text, wish->count);
    item->texts = texts;
    return column_get_texts(from, wish->count, item->arena, texts);
}

/* How many rows the directory has for a code of column shape. */
static uint32_t rows_with_shape(const struct sealed_block *block, uint32_t code)
{
    if (code == SEALED_SHAPE_OPAQUE)
        return block->opaque;
    for (uint32_t i = 0; i < block->part_count; i++)
        if (block->parts[i].shape + SEALED_SHAPE_FIRST == code)
            return block->parts[i].rows;
    return 0;
}

static bool decode_shapes(const struct wish *wish, struct column_cursor *from,
                          struct sealed_item *item)
{
    uint32_t counts[SEALED_SHAPE_LIMIT] = { 0 };
    uint32_t *ranks = ARENA_ARRAY(item->arena, uint32_t, wish->count);
    CHECK(wish->limit <= SEALED_SHAPE_LIMIT);
    if (!decode_codes(wish, from, item))
        return false;
    for (uint32_t row = 0; row < wish->count; row++)
        ranks[row] = counts[item->codes[row]]++;
    item->ranks = ranks;
    for (uint32_t code = SEALED_SHAPE_OPAQUE; code < wish->limit; code++)
        if (counts[code] != rows_with_shape(wish->block, code))
            return false;
    return true;
}

static uint64_t hash_of(text t, uint64_t salt)
{
    return XXH3_64bits_withSeed(t.len > 0 ? t.ptr : "", t.len, salt);
}

static bool decode_dictionary(const struct wish *wish, struct column_cursor *from,
                              struct sealed_item *item)
{
    uint32_t *slots;
    if (!decode_texts(wish, from, item))
        return false;
    item->slot_count = 4;
    while (item->slot_count < 2 * wish->count)
        item->slot_count *= 2;
    slots = ARENA_ARRAY(item->arena, uint32_t, item->slot_count);
    for (uint32_t i = 0; i < wish->count; i++) {
        uint64_t at = hash_of(item->texts[i], wish->sealed->directory.salt);
        while (slots[at & (item->slot_count - 1)] != 0)
            at++;
        slots[at & (item->slot_count - 1)] = i + 1;
    }
    item->slots = slots;
    return true;
}

static bool decode_leaf_dictionary(const struct wish *wish, struct column_cursor *from,
                                   struct sealed_item *item)
{
    struct json *values = ARENA_ARRAY(item->arena, struct json, wish->count);
    if (!decode_texts(wish, from, item))
        return false;
    for (uint32_t i = 0; i < wish->count; i++)
        if (!shape_leaf_value(item->texts[i], item->arena, &values[i]))
            return false;
    item->leaf = (struct leaf_values){ NULL, values, wish->count };
    return true;
}

static bool decode_leaf(const struct wish *wish, struct column_cursor *from,
                        struct sealed_item *item)
{
    struct leaf_source source = { .dict = { NULL, NULL, wish->limit },
                                  .identity = sealed_identity(),
                                  .arena = item->arena };
    return leaf_get(from, wish->count, &source, &item->leaf);
}

static bool decode_shape_dictionary(const struct wish *wish, struct column_cursor *from,
                                    struct sealed_item *item)
{
    struct shape *shapes = ARENA_ARRAY(item->arena, struct shape, wish->count);
    if (!decode_texts(wish, from, item))
        return false;
    for (uint32_t i = 0; i < wish->count; i++)
        if (!shape_read(item->texts[i], item->arena, &shapes[i]) ||
            shapes[i].leaf_count != wish->sealed->directory.shapes[i].count)
            return false;
    item->shapes = shapes;
    return true;
}

/* ---- dictionaries ---- */

enum err sealed_dictionary(struct sealed *sealed, enum sealed_dictionary which,
                           struct sealed_item **ret)
{
    const struct sealed_ref *ref = &sealed->directory.dictionaries[which];
    struct wish wish = { .sealed = sealed, .count = ref->value, .decode = decode_dictionary };
    CHECK(which != SEALED_SHAPES);
    if (ref->length == 0 || ref->value > SEALED_ROWS_MAX)
        return ERR_CORRUPT;
    return item_get(&wish, ref, ret);
}

bool sealed_dictionary_find(const struct sealed_item *dictionary, text t, uint64_t salt,
                            uint32_t *ret)
{
    uint32_t mask = dictionary->slot_count - 1;
    for (uint64_t at = hash_of(t, salt); dictionary->slots[at & mask] != 0; at++) {
        uint32_t number = dictionary->slots[at & mask] - 1;
        if (text_equal(dictionary->texts[number], t)) {
            *ret = number;
            return true;
        }
    }
    return false;
}

/* ---- readers ---- */

/* A table by shape, then leaf. */
static struct sealed_item ***leaf_table(struct sealed_reader *reader)
{
    const struct sealed_directory *directory = &reader->sealed->directory;
    struct sealed_item ***table =
        ARENA_ARRAY(reader->arena, struct sealed_item **, directory->shape_count);
    for (uint32_t i = 0; i < directory->shape_count; i++)
        table[i] = ARENA_ARRAY(reader->arena, struct sealed_item *, directory->shapes[i].count);
    return table;
}

static void release_leaves(struct sealed_reader *reader, struct sealed_item **leaves,
                           uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        sealed_cache_release(reader->sealed->cache, leaves[i]);
        leaves[i] = NULL;
    }
}

void sealed_reader_begin(struct sealed_reader *reader, struct sealed *sealed)
{
    *reader = (struct sealed_reader){ .sealed = sealed, .arena = arena_new() };
    reader->leaf_dictionaries = leaf_table(reader);
    reader->leaves = leaf_table(reader);
}

/* Lets go of the block at hand. */
static void block_leave(struct sealed_reader *reader)
{
    struct sealed_cache *cache = reader->sealed->cache;
    if (!reader->block)
        return;
    for (size_t i = 0; i < SEALED_COLUMN_COUNT; i++) {
        sealed_cache_release(cache, reader->columns[i]);
        reader->columns[i] = NULL;
    }
    sealed_cache_release(cache, reader->pages);
    reader->pages = NULL;
    for (uint32_t i = 0; i < reader->block->part_count; i++) {
        const struct sealed_part *part = &reader->block->parts[i];
        release_leaves(reader, reader->leaves[part->shape], part->leaf_count);
        reader->parts[part->shape] = NULL;
    }
    reader->block = NULL;
}

void sealed_reader_end(struct sealed_reader *reader)
{
    const struct sealed_directory *directory = &reader->sealed->directory;
    block_leave(reader);
    for (size_t i = 0; i < SEALED_DICTIONARY_COUNT; i++)
        sealed_cache_release(reader->sealed->cache, reader->dictionaries[i]);
    for (uint32_t i = 0; i < directory->shape_count; i++)
        release_leaves(reader, reader->leaf_dictionaries[i], directory->shapes[i].count);
    arena_free(reader->arena);
}

void sealed_reader_block(struct sealed_reader *reader, const struct sealed_block *block)
{
    block_leave(reader);
    reader->block = block;
    for (uint32_t i = 0; i < block->part_count; i++)
        reader->parts[block->parts[i].shape] = &block->parts[i];
}

enum err sealed_reader_dictionary(struct sealed_reader *reader, enum sealed_dictionary which)
{
    const struct sealed_ref *ref = &reader->sealed->directory.dictionaries[which];
    struct wish wish = { .sealed = reader->sealed,
                         .count = ref->value,
                         .decode = decode_shape_dictionary };
    if (reader->dictionaries[which])
        return OK;
    if (which != SEALED_SHAPES)
        return sealed_dictionary(reader->sealed, which, &reader->dictionaries[which]);
    CHECK(ref->length > 0);
    return item_get(&wish, ref, &reader->dictionaries[which]);
}

static uint32_t limit_of(const struct sealed_directory *directory, enum sealed_column column)
{
    switch (column) {
    case SEALED_FLAGS:
        return SEALED_FLAGS_LIMIT;
    case SEALED_ORG:
        return directory->dictionaries[SEALED_ORGS].value;
    case SEALED_TYPE:
        return directory->dictionaries[SEALED_TYPES].value;
    case SEALED_SOURCE:
        return directory->dictionaries[SEALED_SOURCES].value;
    case SEALED_SUBJECT:
        return directory->dictionaries[SEALED_SUBJECTS].value;
    case SEALED_SCHEMA:
        return directory->dictionaries[SEALED_SCHEMAS].value;
    case SEALED_SHAPE:
        return directory->shape_count + SEALED_SHAPE_FIRST;
    case SEALED_TIME:
    case SEALED_INGESTED:
    case SEALED_OPAQUE:
    case SEALED_COLUMN_COUNT:
        break;
    }
    return 0;
}

enum err sealed_reader_column(struct sealed_reader *reader, enum sealed_column column)
{
    const struct sealed_block *block = reader->block;
    const struct sealed_ref *ref = &block->columns[column];
    struct wish wish = {
        .sealed = reader->sealed,
        .block = block,
        .count = column == SEALED_OPAQUE ? block->opaque : block->rows,
        .limit = limit_of(&reader->sealed->directory, column),
        .decode = decode_codes,
    };
    if (reader->columns[column])
        return OK;
    if (ref->length == 0) {
        bool is_sound = column != SEALED_SHAPE ||
                        (ref->value == SEALED_SHAPE_NONE
                             ? block->part_count + block->opaque == 0
                             : rows_with_shape(block, ref->value) == block->rows);
        return is_sound ? OK : ERR_CORRUPT;
    }
    if (column == SEALED_TIME || column == SEALED_INGESTED)
        wish.decode = decode_numbers;
    else if (column == SEALED_OPAQUE)
        wish.decode = decode_texts;
    else if (column == SEALED_SHAPE)
        wish.decode = decode_shapes;
    return item_get(&wish, ref, &reader->columns[column]);
}

static enum err leaf_dictionary(struct sealed_reader *reader, uint32_t shape, uint32_t leaf)
{
    struct sealed_item **item = &reader->leaf_dictionaries[shape][leaf];
    const struct sealed_ref *ref = &reader->sealed->directory.shapes[shape].dictionaries[leaf];
    struct wish wish = { .sealed = reader->sealed,
                         .count = ref->value,
                         .decode = decode_leaf_dictionary };
    if (*item)
        return OK;
    if (ref->length == 0 || ref->value > SEALED_ROWS_MAX)
        return ERR_CORRUPT;
    return item_get(&wish, ref, item);
}

enum err sealed_reader_leaf(struct sealed_reader *reader, uint32_t shape, uint32_t leaf,
                            struct leaf_values *ret, uint32_t *ret_code)
{
    const struct sealed_part *part = reader->parts[shape];
    const struct sealed_ref *ref = &part->leaves[leaf];
    struct sealed_item **item = &reader->leaves[shape][leaf];
    struct wish wish = {
        .sealed = reader->sealed,
        .count = part->rows,
        .limit = reader->sealed->directory.shapes[shape].dictionaries[leaf].value,
        .decode = decode_leaf,
    };
    enum err err = OK;
    if (!*item && ref->length > 0)
        err = item_get(&wish, ref, item);
    if (err == OK && (!*item || !(*item)->leaf.values))
        err = leaf_dictionary(reader, shape, leaf);
    if (err != OK)
        return err;
    if (*item && (*item)->leaf.values) {
        *ret = (*item)->leaf;
        return OK;
    }
    *ret = reader->leaf_dictionaries[shape][leaf]->leaf;
    ret->codes = *item ? (*item)->leaf.codes : NULL;
    *ret_code = ref->value;
    return OK;
}

/* ---- pages ---- */

/* Reads all pages of the block at once; they stand one behind the other. */
static enum err pages_read(struct sealed_reader *reader, struct sealed_item *item)
{
    const struct sealed_directory *directory = &reader->sealed->directory;
    const struct sealed_block *block = reader->block;
    const struct sealed_ref *last = &block->pages[block->page_count - 1];
    uint64_t begin = block->pages[0].offset;
    size_t size = (size_t)(last->offset + last->length - begin);
    unsigned char *bytes = arena_alloc(item->arena, size);
    struct sealed_page *pages = ARENA_ARRAY(item->arena, struct sealed_page, block->page_count);
    enum err err = sealed_read(reader->sealed, begin, size, bytes);
    if (err != OK)
        return err;
    for (uint32_t i = 0; i < block->page_count; i++) {
        const struct sealed_ref *ref = &block->pages[i];
        const unsigned char *at = bytes + (ref->offset - begin);
        uint32_t rest = block->rows - i * SEALED_PAGE_ROWS;
        struct column_cursor from = { at, at + ref->length };
        if (sealed_checksum(at, ref->length, directory->salt, ref->offset) != ref->checksum ||
            !sealed_page_get(from, rest < SEALED_PAGE_ROWS ? rest : SEALED_PAGE_ROWS, directory,
                             item->arena, &pages[i]))
            return ERR_CORRUPT;
    }
    item->pages = pages;
    return OK;
}

enum err sealed_reader_pages(struct sealed_reader *reader)
{
    struct sealed *sealed = reader->sealed;
    uint64_t offset = reader->block->pages[0].offset;
    struct sealed_item *item;
    enum err err;
    if (reader->pages)
        return OK;
    reader->pages = sealed_cache_find(sealed->cache, sealed->number, offset);
    if (reader->pages)
        return OK;
    item = sealed_item_new(sealed->number, offset);
    err = pages_read(reader, item);
    if (err != OK) {
        sealed_item_free(item);
        return err;
    }
    reader->pages = sealed_cache_put(sealed->cache, item);
    return OK;
}
