/* sealed_write_block.c: the block at hand becomes chunks. */
#include "usage/sealed_write.h"

/* A shape with fewer rows than this, and than one in so many of the block, gets no columns there:
 * naming them would cost more than the rows. */
#define PART_ROWS_MIN     8U
#define PART_ROWS_MIN_ONE 8U

struct sealed_ref sealed_ref_made(const struct sealed_writer *writer, size_t begin, uint32_t value)
{
    size_t length = writer->out.len - begin;
    CHECK(length > 0 && length < UINT32_MAX);
    return (struct sealed_ref){
        .offset = begin,
        .length = (uint32_t)length,
        .value = value,
        .checksum = sealed_checksum(writer->out.ptr + begin, length, writer->salt, begin),
    };
}

static bool codes_are_same(const uint32_t *codes, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (codes[i] != codes[0])
            return false;
    return true;
}

static void close_columns(struct sealed_writer *writer, struct sealed_block *block)
{
    struct sealed_draft *draft = &writer->draft;
    size_t begin = writer->out.len;
    column_put_numbers(writer->packer, draft->times, draft->rows, &writer->out);
    block->columns[SEALED_TIME] = sealed_ref_made(writer, begin, 0);
    begin = writer->out.len;
    column_put_numbers(writer->packer, draft->ingested, draft->rows, &writer->out);
    block->columns[SEALED_INGESTED] = sealed_ref_made(writer, begin, 0);
    for (size_t i = SEALED_FLAGS; i <= SEALED_SHAPE; i++) {
        const uint32_t *codes = draft->codes[i];
        block->columns[i] = (struct sealed_ref){ .offset = writer->out.len, .value = codes[0] };
        if (codes_are_same(codes, draft->rows))
            continue;
        begin = writer->out.len;
        column_put_codes(writer->packer, codes, draft->rows, &writer->out);
        block->columns[i] = sealed_ref_made(writer, begin, 0);
    }
}

/* Shapes with few rows are written as they came. */
static void mark_opaque(struct sealed_writer *writer)
{
    struct sealed_draft *draft = &writer->draft;
    uint32_t *codes = draft->codes[SEALED_SHAPE];
    bool is_any = false;
    for (uint32_t i = 0; i < shape_set_count(writer->shapes); i++) {
        struct sealed_draft_part *part = &draft->parts[i];
        part->is_opaque = part->rows > 0 && part->rows < PART_ROWS_MIN &&
                          part->rows < draft->rows / PART_ROWS_MIN_ONE;
        is_any = is_any || part->is_opaque;
    }
    for (uint32_t row = 0; is_any && row < draft->rows; row++)
        if (codes[row] >= SEALED_SHAPE_FIRST &&
            draft->parts[codes[row] - SEALED_SHAPE_FIRST].is_opaque)
            codes[row] = SEALED_SHAPE_OPAQUE;
}

static text draft_text(const struct sealed_draft *draft, struct shape_leaf place)
{
    return (text){ (const char *)draft->data.ptr + place.offset, place.length };
}

static void close_opaque(struct sealed_writer *writer, struct sealed_block *block)
{
    struct sealed_draft *draft = &writer->draft;
    size_t begin = writer->out.len;
    uint32_t count = 0;
    for (uint32_t row = 0; row < draft->rows; row++)
        if (draft->codes[SEALED_SHAPE][row] == SEALED_SHAPE_OPAQUE)
            writer->tokens[count++] = draft_text(draft, draft->data_places[row]);
    block->opaque = count;
    block->columns[SEALED_OPAQUE] = (struct sealed_ref){ .offset = begin };
    if (count == 0)
        return;
    column_put_texts(writer->packer, writer->tokens, count, &writer->out);
    block->columns[SEALED_OPAQUE] = sealed_ref_made(writer, begin, 0);
}

static void close_pages(struct sealed_writer *writer, struct sealed_block *block)
{
    struct sealed_draft *draft = &writer->draft;
    bool has_orgs = block->columns[SEALED_ORG].length > 0;
    bool has_sources = block->columns[SEALED_SOURCE].length > 0;
    struct sealed_keys keys = {
        .digests = draft->digests,
        .flags = draft->codes[SEALED_FLAGS],
        .orgs = has_orgs ? draft->codes[SEALED_ORG] : NULL,
        .sources = has_sources ? draft->codes[SEALED_SOURCE] : NULL,
        .fixed = draft->fixed_ids,
        .texts = writer->tokens,
    };
    for (uint32_t row = 0; row < draft->rows; row++) {
        uint32_t length = draft->text_id_lengths[row];
        writer->tokens[row] = TEXT_NONE;
        if (length > 0)
            writer->tokens[row] =
                (text){ (const char *)draft->ids.ptr + draft->text_ids[row], length - 1 };
    }
    block->page_count = (draft->rows + SEALED_PAGE_ROWS - 1) / SEALED_PAGE_ROWS;
    block->pages = ARENA_ARRAY(writer->arena, struct sealed_ref, block->page_count);
    for (uint32_t i = 0; i < block->page_count; i++) {
        size_t begin = writer->out.len;
        uint32_t row = i * SEALED_PAGE_ROWS;
        uint32_t rest = draft->rows - row;
        sealed_page_put(writer->packer, &keys, row,
                        rest < SEALED_PAGE_ROWS ? rest : SEALED_PAGE_ROWS, &writer->out);
        block->pages[i] = sealed_ref_made(writer, begin, 0);
    }
}

static void close_part(struct sealed_writer *writer, uint32_t shape, struct sealed_part *part)
{
    struct sealed_draft *draft = &writer->draft;
    struct sealed_draft_part *from = &draft->parts[shape];
    struct leaf_sink to = { writer->packer, &writer->out, writer->codes };
    uint32_t leaf_count = shape_set_get(writer->shapes, shape)->leaf_count;
    part->shape = shape;
    part->rows = from->rows;
    part->leaf_count = leaf_count;
    part->leaves = ARENA_ARRAY(writer->arena, struct sealed_ref, leaf_count);
    for (uint32_t leaf = 0; leaf < leaf_count; leaf++) {
        size_t begin = writer->out.len;
        uint32_t code;
        for (uint32_t i = 0; i < from->rows; i++)
            writer->tokens[i] = draft_text(draft, from->leaves[(size_t)i * leaf_count + leaf]);
        if (leaf_put(&writer->leaves[shape][leaf], writer->tokens, from->rows, &to, &code))
            part->leaves[leaf] = (struct sealed_ref){ .offset = begin, .value = code };
        else
            part->leaves[leaf] = sealed_ref_made(writer, begin, 0);
    }
}

static void close_parts(struct sealed_writer *writer, struct sealed_block *block)
{
    struct sealed_draft *draft = &writer->draft;
    uint32_t shape_count = shape_set_count(writer->shapes);
    block->parts = ARENA_ARRAY(writer->arena, struct sealed_part, shape_count);
    for (uint32_t shape = 0; shape < shape_count; shape++) {
        if (draft->parts[shape].rows > 0 && !draft->parts[shape].is_opaque)
            close_part(writer, shape, &block->parts[block->part_count++]);
        draft->parts[shape].rows = 0;
    }
}

/* Room for one more block in the directory. */
static struct sealed_block *directory_grow(struct sealed_writer *writer)
{
    struct sealed_directory *directory = &writer->directory;
    if (directory->block_count == writer->block_room) {
        size_t used = directory->block_count * sizeof(*directory->blocks);
        struct sealed_block *blocks;
        writer->block_room = writer->block_room ? 2 * writer->block_room : 8;
        blocks = ARENA_ARRAY(writer->arena, struct sealed_block, writer->block_room);
        if (used > 0)
            memcpy(blocks, directory->blocks, used);
        directory->blocks = blocks;
    }
    return &directory->blocks[directory->block_count++];
}

void sealed_draft_close(struct sealed_writer *writer)
{
    struct sealed_draft *draft = &writer->draft;
    struct sealed_block *block = directory_grow(writer);
    CHECK(draft->rows > 0);
    *block = (struct sealed_block){
        .first_row = writer->directory.rows - draft->rows,
        .rows = draft->rows,
        .erased = draft->erased,
        .time_min = draft->time_min,
        .time_max = draft->time_max,
    };
    mark_opaque(writer);
    close_columns(writer, block);
    close_opaque(writer, block);
    close_pages(writer, block);
    close_parts(writer, block);
    draft->rows = 0;
    draft->erased = 0;
    draft->time_min = INSTANT_MAX;
    draft->time_max = INSTANT_NONE;
    draft->ids.len = 0;
    draft->data.len = 0;
}
