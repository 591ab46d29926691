#include "rollup/cells.h"

#include "rollup/tally_plain.h"

#define HEADER_MAX (3 * VARINT_MAX)

/* Beyond any instant, and far from any overflow. */
#define UNIT_MAX (INT64_MAX / NS_PER_MINUTE)

/* ---- writing ------------------------------------------------------------------------------ */

static void add_bytes(struct buffer *out, const unsigned char *from, const unsigned char *end)
{
    buffer_add(out, (text){ (const char *)from, (size_t)(end - from) });
}

/* Moves the chunk to the others, behind a header. */
static void end_chunk(struct cells_writer *writer)
{
    unsigned char bytes[HEADER_MAX];
    unsigned char *end = bytes;
    int64_t gap = writer->is_chunked ? writer->chunk_first - writer->chunk_before : 0;
    end = varint_put(end, (uint64_t)gap);
    end = varint_put(end, (uint64_t)(writer->last - writer->chunk_first));
    end = varint_put(end, writer->chunk.len);
    add_bytes(&writer->out, bytes, end);
    buffer_add(&writer->out, buffer_text(&writer->chunk));
    writer->is_chunked = true;
    writer->chunk_before = writer->last;
    writer->chunk.len = 0;
    writer->in_chunk = 0;
}

void cells_add(struct cells_writer *writer, int64_t unit, const struct tally *tally)
{
    unsigned char bytes[VARINT_MAX];
    CHECK(writer != NULL && tally != NULL && tally->count > 0);
    CHECK(writer->count == 0 || unit > writer->last);
    if (writer->in_chunk == CELLS_CHUNK || writer->chunk.len > CELLS_CHUNK_BYTES)
        end_chunk(writer);
    if (writer->in_chunk == 0)
        writer->chunk_first = unit;
    else
        add_bytes(&writer->chunk, bytes, varint_put(bytes, (uint64_t)(unit - writer->last)));
    tally_write(tally, writer->kind, &writer->chunk);
    writer->last = unit;
    writer->in_chunk++;
    writer->count++;
}

void cells_end(struct cells_writer *writer)
{
    CHECK(writer != NULL && writer->count > 0);
    if (writer->is_chunked)
        end_chunk(writer);
    else
        buffer_add(&writer->out, buffer_text(&writer->chunk));
    writer->chunk.len = 0;
}

void cells_restart(struct cells_writer *writer)
{
    writer->out.len = 0;
    writer->chunk.len = 0;
    writer->in_chunk = 0;
    writer->count = 0;
    writer->is_chunked = false;
}

/* ---- reading ------------------------------------------------------------------------------ */

struct cells_reader cells_reader_of(struct run_reader *run, enum rollup_level level,
                                    const struct cells_place *place, struct arena *arena,
                                    struct rollup_cell *cells)
{
    CHECK(run != NULL && place != NULL && cells != NULL);
    uint64_t room = run->run->sizes[level_area(level)];
    struct cells_reader reader = {
        .run = run,
        .kind = (enum tally_kind)run->run->summary.kind,
        .level = level,
        .at = place->offset,
        .end = place->offset + place->size,
        .unit = place->first,
        .from = INT64_MIN,
        .to = INT64_MAX,
        .is_chunked = place->is_chunked,
        .arena = arena,
        .cells = cells,
    };
    if (place->offset > room || place->size > room - place->offset) {
        run_reader_corrupt(run);
        reader.at = reader.end = 0;
    }
    return reader;
}

/* Where a chunk stands. */
struct chunk {
    int64_t first, last; /* units; last is INT64_MAX when it is not told */
    uint64_t offset;
    uint64_t size;
};

/* Reads the next chunk's header and moves on behind the chunk. */
static bool next_chunk(struct cells_reader *reader, struct chunk *ret)
{
    uint64_t rest = reader->end - reader->at;
    if (!reader->is_chunked) {
        *ret = (struct chunk){ reader->unit, INT64_MAX, reader->at, rest };
        reader->at = reader->end;
        return true;
    }
    enum run_area area = level_area(reader->level);
    size_t part = rest < HEADER_MAX ? (size_t)rest : HEADER_MAX;
    const unsigned char *start = run_bytes(reader->run, area, reader->at, part);
    const unsigned char *at = start;
    uint64_t gap;
    uint64_t span;
    if (start == NULL || !varint_get(&at, start + part, &gap) ||
        !varint_get(&at, start + part, &span) || !varint_get(&at, start + part, &ret->size))
        return false;
    ret->offset = reader->at + (uint64_t)(at - start);
    if (gap > UNIT_MAX || span > UNIT_MAX || ret->size > reader->end - ret->offset)
        return false;
    ret->first = reader->unit + (int64_t)gap;
    ret->last = ret->first + (int64_t)span;
    reader->unit = ret->last;
    reader->at = ret->offset + ret->size;
    return ret->last <= UNIT_MAX;
}

/* A chunk's bytes as they are read. */
struct input {
    const unsigned char *at;
    const unsigned char *end;
    enum tally_kind kind;
    bool is_plain;
};

static inline bool read_tally(struct input *in, struct arena *arena, struct tally *ret)
{
    if (in->is_plain && tally_read_plain(&in->at, in->end, ret))
        return true;
    text rest = { (const char *)in->at, (size_t)(in->end - in->at) };
    if (!tally_read(&rest, in->kind, arena, ret))
        return false;
    in->at = (const unsigned char *)rest.ptr;
    return true;
}

/* Reads the cells of a chunk that are asked for; false when the bytes are none. */
static bool read_chunk(struct cells_reader *reader, const struct chunk *chunk)
{
    enum run_area area = level_area(reader->level);
    const unsigned char *bytes = run_bytes(reader->run, area, chunk->offset, (size_t)chunk->size);
    if (bytes == NULL)
        return false;
    struct input in = { bytes, bytes + chunk->size, reader->kind, tally_is_plain(reader->kind) };
    int64_t ns = level_ns(reader->level);
    int64_t unit_max = UNIT_MAX * NS_PER_MINUTE / ns;
    int64_t unit = chunk->first;
    size_t count = 0;
    arena_reset(reader->arena);
    for (size_t i = 0; in.at < in.end; i++) {
        struct rollup_cell *cell = &reader->cells[count];
        uint64_t step = 0;
        if (i > 0 && (!varint_get(&in.at, in.end, &step) || step == 0 || step > UNIT_MAX))
            return false;
        unit += (int64_t)step;
        if (i == CELLS_CHUNK || unit > unit_max || !read_tally(&in, reader->arena, &cell->tally))
            return false;
        if (unit >= reader->to)
            break;
        cell->from.ns = unit * ns;
        count += unit >= reader->from ? 1 : 0;
    }
    reader->count = count;
    return true;
}

bool cells_next(struct cells_reader *reader)
{
    CHECK(reader != NULL);
    while (reader->run->err == OK && reader->at < reader->end) {
        struct chunk chunk;
        if (!next_chunk(reader, &chunk)) {
            run_reader_corrupt(reader->run);
            return false;
        }
        if (chunk.first >= reader->to) {
            reader->at = reader->end;
            return false;
        }
        if (chunk.last < reader->from)
            continue;
        if (!read_chunk(reader, &chunk)) {
            run_reader_corrupt(reader->run);
            return false;
        }
        if (reader->count > 0)
            return true;
    }
    return false;
}
