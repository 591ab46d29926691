/* cells.h: the cells of one series on one level, as bytes.
 *
 * Private to rollup/. A unit is the number of a minute, hour or day since 1970, towards the past.
 * A cell is its distance from the cell before (a varint; the first has none: whoever keeps the
 * bytes knows its unit) and a tally. Where they are more than CELLS_CHUNK, or more bytes than
 * CELLS_CHUNK_BYTES, they stand in chunks, so that a reader of a short period passes over the
 * others: before each chunk its distance from the last cell of the chunk before (0 for the first),
 * the distance from its first cell to its last, and its size.
 */
#ifndef ROLLUP_CELLS_H
#define ROLLUP_CELLS_H

#include "rollup/run.h"

#define CELLS_CHUNK       128U
#define CELLS_CHUNK_BYTES 16384U

/* Nanoseconds of a level's unit. */
static inline int64_t level_ns(enum rollup_level level)
{
    static const int64_t ns[] = { NS_PER_MINUTE, NS_PER_HOUR, NS_PER_DAY };
    return ns[level];
}

/* n / by, towards the past. */
static inline int64_t floor_div(int64_t n, int64_t by)
{
    return n / by - (n % by < 0 ? 1 : 0);
}

/* The unit of a level that has this minute. Divisions by what is known are cheap. */
static inline int64_t level_unit(enum rollup_level level, int64_t minute)
{
    if (level == ROLLUP_MINUTE)
        return minute;
    return level == ROLLUP_HOUR ? floor_div(minute, NS_PER_HOUR / NS_PER_MINUTE)
                                : floor_div(minute, NS_PER_DAY / NS_PER_MINUTE);
}

static inline enum run_area level_area(enum rollup_level level)
{
    return (enum run_area)(RUN_MINUTES + (int)level);
}

/* ---- writing ---- */

/* Start with kind, level, and buffers in an arena. */
struct cells_writer {
    enum tally_kind kind;
    enum rollup_level level;
    struct buffer out;   /* chunks that are full; may be emptied by the owner */
    struct buffer chunk; /* the one being filled */
    uint32_t in_chunk;
    int64_t chunk_first;
    int64_t last;         /* unit of the last cell */
    int64_t chunk_before; /* of the last cell before the chunk */
    uint64_t count;
    bool is_chunked;
};

/* Adds a cell; they come in ascending order. */
void cells_add(struct cells_writer *writer, int64_t unit, const struct tally *tally);

/* Puts the last chunk into `out`. */
void cells_end(struct cells_writer *writer);

/* Forgets all, for the next series. */
void cells_restart(struct cells_writer *writer);

/* ---- reading ---- */

/* Where cells stand. */
struct cells_place {
    uint64_t offset;
    uint64_t size;
    uint64_t count;
    int64_t first; /* unit of the first */
    bool is_chunked;
};

/* Reads one series' cells, a chunk at a time. */
struct cells_reader {
    struct run_reader *run;
    enum tally_kind kind;
    enum rollup_level level;
    uint64_t at, end; /* in the area */
    int64_t unit;     /* where the next chunk counts from */
    int64_t from, to; /* units asked for */
    bool is_chunked;
    struct arena *arena;       /* of sets; emptied for each chunk */
    struct rollup_cell *cells; /* the chunk's: room for CELLS_CHUNK */
    size_t count;
};

/* A reader of the units [from, to) of a level; `cells` and `arena` are the caller's. */
struct cells_reader cells_reader_of(struct run_reader *run, enum rollup_level level,
                                    const struct cells_place *place, struct arena *arena,
                                    struct rollup_cell *cells);

/* Fills cells and count with the next chunk that has any; false at the end, and on an error, which
 * is then in the run's reader. */
bool cells_next(struct cells_reader *reader);

#endif
