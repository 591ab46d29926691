#include "usage/sealed_write.h"

#include "usage/column_same.h"
#include "usage/sealed_file.h"

/* ---- making and freeing ---- */

static void draft_make(struct sealed_draft *draft)
{
    const size_t rows = SEALED_BLOCK_ROWS;
    draft->times = reallocarray(NULL, rows, sizeof(*draft->times));
    draft->ingested = reallocarray(NULL, rows, sizeof(*draft->ingested));
    draft->digests = reallocarray(NULL, rows, sizeof(*draft->digests));
    draft->fixed_ids = reallocarray(NULL, rows, UUID_BYTES);
    draft->text_ids = reallocarray(NULL, rows, sizeof(*draft->text_ids));
    draft->text_id_lengths = reallocarray(NULL, rows, sizeof(*draft->text_id_lengths));
    draft->data_places = reallocarray(NULL, rows, sizeof(*draft->data_places));
    MUST(draft->times && draft->ingested && draft->digests && draft->fixed_ids);
    MUST(draft->text_ids && draft->text_id_lengths && draft->data_places);
    for (size_t i = SEALED_FLAGS; i <= SEALED_SHAPE; i++) {
        draft->codes[i] = reallocarray(NULL, rows, sizeof(*draft->codes[i]));
        MUST(draft->codes[i] != NULL);
    }
}

static void draft_free(struct sealed_draft *draft)
{
    free(draft->times);
    free(draft->ingested);
    free(draft->digests);
    free(draft->fixed_ids);
    free(draft->text_ids);
    free(draft->text_id_lengths);
    free(draft->data_places);
    for (size_t i = SEALED_FLAGS; i <= SEALED_SHAPE; i++)
        free(draft->codes[i]);
    column_bytes_free(&draft->ids);
    column_bytes_free(&draft->data);
    for (size_t i = 0; i < SHAPES_MAX; i++)
        free(draft->parts[i].leaves);
}

/* What a segment starts with. */
static void writer_begin(struct sealed_writer *writer)
{
    static const unsigned char header[SEALED_HEADER_BYTES];
    writer->arena = arena_new();
    writer->directory = (struct sealed_directory){ .salt = writer->salt };
    writer->block_room = 0;
    writer->shapes = shape_set_new();
    memset(writer->hints, 0, sizeof(writer->hints));
    for (size_t i = 0; i < SEALED_SHAPES; i++)
        writer->dictionaries[i] = sealed_dict_new(writer->salt);
    writer->out.len = 0;
    column_add(&writer->out, header, sizeof(header));
    writer->draft.rows = 0;
    writer->draft.erased = 0;
    writer->draft.time_min = INSTANT_MAX;
    writer->draft.time_max = INSTANT_NONE;
    writer->draft.ids.len = 0;
    writer->draft.data.len = 0;
    for (size_t i = 0; i < SHAPES_MAX; i++)
        writer->draft.parts[i].rows = 0;
}

static void writer_end(struct sealed_writer *writer)
{
    for (uint32_t i = 0; i < shape_set_count(writer->shapes); i++) {
        uint32_t leaf_count = shape_set_get(writer->shapes, i)->leaf_count;
        for (uint32_t k = 0; writer->leaves[i] && k < leaf_count; k++)
            sealed_dict_free(writer->leaves[i][k].dict);
        free(writer->leaves[i]);
        writer->leaves[i] = NULL;
    }
    shape_set_free(writer->shapes);
    for (size_t i = 0; i < SEALED_SHAPES; i++)
        sealed_dict_free(writer->dictionaries[i]);
    arena_free(writer->arena);
}

struct sealed_writer *sealed_writer_new(uint64_t salt)
{
    struct sealed_writer *writer = calloc(1, sizeof(*writer));
    MUST(writer != NULL);
    writer->salt = salt;
    writer->packer = column_packer_new();
    writer->tokens = reallocarray(NULL, SEALED_BLOCK_ROWS, sizeof(*writer->tokens));
    writer->codes = reallocarray(NULL, SEALED_BLOCK_ROWS, sizeof(*writer->codes));
    MUST(writer->tokens && writer->codes);
    draft_make(&writer->draft);
    writer_begin(writer);
    return writer;
}

void sealed_writer_free(struct sealed_writer *writer)
{
    if (!writer)
        return;
    writer_end(writer);
    draft_free(&writer->draft);
    column_packer_free(writer->packer);
    column_bytes_free(&writer->out);
    free(writer->tokens);
    free(writer->codes);
    free(writer);
}

size_t sealed_writer_bytes(const struct sealed_writer *writer)
{
    size_t bytes = writer->out.len + writer->draft.data.len + writer->draft.ids.len;
    for (size_t i = 0; i < SEALED_SHAPES; i++)
        bytes += sealed_dict_bytes(writer->dictionaries[i]);
    return bytes;
}

uint32_t sealed_writer_rows(const struct sealed_writer *writer)
{
    return writer->directory.rows;
}

/* ---- rows ---- */

/* The next row's number in the block. */
static uint32_t row_begin(struct sealed_writer *writer, uint64_t sequence)
{
    struct sealed_draft *draft = &writer->draft;
    CHECK(sequence > 0 && writer->directory.rows < SEALED_ROWS_MAX);
    if (writer->directory.rows == 0)
        writer->directory.first_sequence = sequence;
    CHECK(sequence == writer->directory.first_sequence + writer->directory.rows);
    if (draft->rows == SEALED_BLOCK_ROWS || draft->data.len >= SEALED_DRAFT_BYTES_MAX)
        sealed_draft_close(writer);
    writer->directory.rows++;
    return draft->rows++;
}

static void put_id(struct sealed_draft *draft, uint32_t row, text id)
{
    draft->text_id_lengths[row] = 0;
    if (uuid_bytes(id, draft->fixed_ids + (size_t)row * UUID_BYTES))
        return;
    CHECK(id.len < UINT32_MAX);
    draft->text_ids[row] = draft->ids.len;
    draft->text_id_lengths[row] = (uint32_t)id.len + 1;
    column_add(&draft->ids, id.ptr, id.len);
}

/* A text's code; neighbours tend to have the same. */
static uint32_t code_of(struct sealed_writer *writer, enum sealed_dictionary dictionary, text t,
                        const uint32_t *codes, uint32_t row)
{
    struct sealed_dict *dict = writer->dictionaries[dictionary];
    if (row > 0 && codes[row - 1] < sealed_dict_count(dict) &&
        column_same_text(sealed_dict_texts(dict)[codes[row - 1]], t))
        return codes[row - 1];
    return sealed_dict_add(dict, t);
}

static void leaves_make(struct sealed_writer *writer, uint32_t shape)
{
    uint32_t leaf_count = shape_set_get(writer->shapes, shape)->leaf_count;
    writer->leaves[shape] = calloc((size_t)leaf_count + 1, sizeof(*writer->leaves[shape]));
    MUST(writer->leaves[shape] != NULL);
    for (uint32_t i = 0; i < leaf_count; i++)
        writer->leaves[shape][i].dict = sealed_dict_new(writer->salt);
}

/* Keeps the leaves of a datum that begins at `offset`. */
static void put_leaves(struct sealed_writer *writer, uint32_t shape,
                       const struct shape_leaf *leaves, uint32_t offset)
{
    struct sealed_draft_part *part = &writer->draft.parts[shape];
    uint32_t leaf_count = shape_set_get(writer->shapes, shape)->leaf_count;
    size_t used = (size_t)part->rows * leaf_count;
    if (!writer->leaves[shape])
        leaves_make(writer, shape);
    if (part->room < used + leaf_count) {
        part->room = 2 * (used + leaf_count);
        part->leaves = reallocarray(part->leaves, part->room, sizeof(*part->leaves));
        MUST(part->leaves != NULL);
    }
    for (uint32_t i = 0; i < leaf_count; i++)
        part->leaves[used + i] = (struct shape_leaf){ leaves[i].offset + offset, leaves[i].length };
    part->rows++;
}

/* Keeps the datum; the code of its shape. */
static uint32_t put_data(struct sealed_writer *writer, uint32_t row, text data, uint32_t type)
{
    struct sealed_draft *draft = &writer->draft;
    struct shape_leaf leaves[SHAPE_LEAVES_MAX];
    uint32_t *hint = &writer->hints[type % COUNT_OF(writer->hints)];
    uint32_t offset = (uint32_t)draft->data.len;
    uint32_t shape;
    unsigned char *to;
    draft->data_places[row] = (struct shape_leaf){ offset, (uint32_t)data.len };
    if (data.len == 0)
        return SEALED_SHAPE_NONE;
    MUST(data.len < UINT32_MAX / 2);
    to = column_reserve(&draft->data, data.len + SHAPE_PADDING);
    memcpy(to, data.ptr, data.len);
    memset(to + data.len, 0, SHAPE_PADDING);
    draft->data.len += data.len;
    shape = shape_set_take(writer->shapes, (text){ (char *)to, data.len }, *hint, leaves);
    if (shape == SHAPE_OPAQUE)
        return SEALED_SHAPE_OPAQUE;
    *hint = shape;
    put_leaves(writer, shape, leaves, offset);
    return shape + SEALED_SHAPE_FIRST;
}

void sealed_writer_add(struct sealed_writer *writer, const struct usage_event *event)
{
    static const struct {
        enum sealed_column column;
        enum sealed_dictionary dictionary;
    } coded[] = {
        { SEALED_ORG, SEALED_ORGS },       { SEALED_TYPE, SEALED_TYPES },
        { SEALED_SOURCE, SEALED_SOURCES }, { SEALED_SUBJECT, SEALED_SUBJECTS },
        { SEALED_SCHEMA, SEALED_SCHEMAS },
    };
    struct sealed_draft *draft = &writer->draft;
    uint32_t row = row_begin(writer, event->sequence);
    const text texts[] = { { (const char *)&event->org, sizeof(event->org) },
                           event->type,
                           event->source,
                           event->subject,
                           event->data_schema };
    draft->times[row] = event->time.ns;
    draft->ingested[row] = event->ingested_at.ns;
    draft->codes[SEALED_FLAGS][row] = event->is_time_given ? SEALED_FLAG_TIME_GIVEN : 0;
    if (instant_before(event->time, draft->time_min))
        draft->time_min = event->time;
    if (instant_before(draft->time_max, event->time))
        draft->time_max = event->time;
    for (size_t i = 0; i < COUNT_OF(coded); i++) {
        uint32_t *codes = draft->codes[coded[i].column];
        codes[row] = code_of(writer, coded[i].dictionary, texts[i], codes, row);
    }
    put_id(draft, row, event->id);
    draft->digests[row] = sealed_digest_of(event);
    draft->codes[SEALED_SHAPE][row] =
        put_data(writer, row, event->data, draft->codes[SEALED_TYPE][row]);
}

/* Columns that say nothing of an erased row repeat their neighbour, which costs least. */
void sealed_writer_add_erased(struct sealed_writer *writer, uint64_t sequence,
                              const struct org_id *org, const struct sealed_key *key)
{
    struct sealed_draft *draft = &writer->draft;
    uint32_t row = row_begin(writer, sequence);
    const text org_bytes = { (const char *)org, sizeof(*org) };
    draft->times[row] = row > 0 ? draft->times[row - 1] : 0;
    draft->ingested[row] = row > 0 ? draft->ingested[row - 1] : 0;
    for (size_t i = SEALED_TYPE; i <= SEALED_SCHEMA; i++)
        draft->codes[i][row] = row > 0 ? draft->codes[i][row - 1] : 0;
    draft->codes[SEALED_ORG][row] =
        code_of(writer, SEALED_ORGS, org_bytes, draft->codes[SEALED_ORG], row);
    draft->codes[SEALED_FLAGS][row] = SEALED_FLAG_ERASED;
    draft->codes[SEALED_SHAPE][row] = SEALED_SHAPE_NONE;
    draft->data_places[row] = (struct shape_leaf){ (uint32_t)draft->data.len, 0 };
    draft->digests[row] = 0;
    draft->text_id_lengths[row] = 0;
    memcpy(draft->fixed_ids + (size_t)row * UUID_BYTES, key->bytes, UUID_BYTES);
    draft->erased++;
}

/* ---- finishing ---- */

static struct sealed_ref put_dictionary(struct sealed_writer *writer, const text *texts,
                                        uint32_t count)
{
    size_t begin = writer->out.len;
    if (count == 0)
        return (struct sealed_ref){ .offset = begin };
    column_put_texts(writer->packer, texts, count, &writer->out);
    return sealed_ref_made(writer, begin, count);
}

static void put_shapes(struct sealed_writer *writer)
{
    struct sealed_directory *directory = &writer->directory;
    uint32_t count = shape_set_count(writer->shapes);
    directory->shape_count = count;
    directory->shapes = ARENA_ARRAY(writer->arena, struct sealed_leaves, count);
    for (uint32_t i = 0; i < count; i++)
        writer->tokens[i] = shape_set_get(writer->shapes, i)->template;
    directory->dictionaries[SEALED_SHAPES] = put_dictionary(writer, writer->tokens, count);
    for (uint32_t i = 0; i < count; i++) {
        struct sealed_leaves *leaves = &directory->shapes[i];
        leaves->count = shape_set_get(writer->shapes, i)->leaf_count;
        if (!writer->leaves[i])
            leaves_make(writer, i);
        leaves->dictionaries = ARENA_ARRAY(writer->arena, struct sealed_ref, leaves->count);
        for (uint32_t k = 0; k < leaves->count; k++) {
            const struct sealed_dict *dict = writer->leaves[i][k].dict;
            leaves->dictionaries[k] =
                put_dictionary(writer, sealed_dict_texts(dict), sealed_dict_count(dict));
        }
    }
}

/* All of the file in `out`. */
static void writer_close(struct sealed_writer *writer)
{
    struct sealed_directory *directory = &writer->directory;
    sealed_draft_close(writer);
    for (size_t i = 0; i < SEALED_SHAPES; i++) {
        struct sealed_dict *dict = writer->dictionaries[i];
        /* Erased rows have a code, though nobody asks what it means. */
        if (sealed_dict_count(dict) == 0)
            (void)sealed_dict_add(dict, TEXT(""));
        directory->dictionaries[i] =
            put_dictionary(writer, sealed_dict_texts(dict), sealed_dict_count(dict));
    }
    put_shapes(writer);
    directory->footer_offset = writer->out.len;
    sealed_footer_write(directory, &writer->out);
    sealed_header_write(directory, writer->out.ptr);
}

enum err sealed_writer_finish(struct sealed_writer *writer, struct usage_io *io, const char *path)
{
    enum err err;
    CHECK(writer->directory.rows > 0);
    writer_close(writer);
    err = sealed_file_write(io, path, writer->out.ptr, writer->out.len);
    writer_end(writer);
    writer_begin(writer);
    return err;
}
