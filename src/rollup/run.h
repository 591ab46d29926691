/* run.h: a run's file: the aggregates of one view over the events first..last, immutable.
 *
 * Private to rollup/. The file is pages, a trailer and a footer:
 *
 *   pages     of up to RUN_PAGE_BYTES, each of one area, in the order in which they filled up
 *   trailer   summary, words of the dimensions, index of the keys, the table of pages
 *   footer    magic, offset, size and checksum of the trailer, checksum of the footer
 *
 * An area is a string of bytes cut into pages: the keys (one entry for each series, series.h), and
 * the cells of each level (cells.h). Being cut into pages as they fill, all four can be written at
 * once, with little memory. Every byte is under an XXH3 checksum that is compared before it is
 * believed.
 *
 * DIMENSIONS. A dimension's distinct texts in the run are its words, sorted, and keys hold their
 * numbers; where they are more than RUN_WORDS_MAX or RUN_WORD_BYTES_MAX, there are no words and
 * keys hold the texts. Both sort alike.
 *
 * What it is not: it knows neither what a cell is nor how runs are made.
 */
#ifndef ROLLUP_RUN_H
#define ROLLUP_RUN_H

#include "base/id.h"
#include "base/limits.h"
#include "rollup/page_cache.h"
#include "rollup/rollup.h"

#define RUN_PAGE_BYTES     65536U
#define RUN_WORDS_MAX      65536U
#define RUN_WORD_BYTES_MAX 1048576U

enum run_area { RUN_KEYS, RUN_MINUTES, RUN_HOURS, RUN_DAYS, RUN_AREA_COUNT };

struct run_summary {
    ulid view;
    uint64_t fingerprint;               /* of the view's definition */
    uint64_t first, last;               /* sequences */
    uint64_t epoch;                     /* usage_epoch when it was made */
    uint64_t events;                    /* with a value */
    uint64_t series;                    /* of subjects */
    uint64_t cells[ROLLUP_LEVEL_COUNT]; /* which a reader of the level must take, of subjects */
    int64_t minute_min, minute_max;
    uint32_t kind;
    uint32_t everyone; /* bit n: "everyone" is there on level n; behind them: subjects alone */
    uint32_t dimension_count;
};

/* The words of a dimension. */
struct run_words {
    text *items; /* ascending */
    uint32_t count;
    bool is_inline; /* there are none: keys hold texts */
};

/* Where one can begin to read the keys. */
struct run_restart {
    text subject;
    uint64_t offset;
    int32_t everyone; /* as in struct series_key */
};

struct run_index {
    struct run_restart *items;
    size_t count;
};

struct run_page {
    uint64_t start;  /* in its area */
    uint64_t offset; /* in the file */
    uint64_t checksum;
    uint32_t size;
};

struct run_pages {
    struct run_page *items;
    size_t count;
    size_t room;
};

/* ---- writing ---- */

struct run_writer;

/* Begins a file at `path`, under the name of `path` and ".tmp" until it is whole. An error is kept
 * for run_writer_finish. */
struct run_writer *run_writer_new(struct usage_io *io, const char *path);

/* Bytes behind the others of the area. */
void run_write(struct run_writer *writer, enum run_area number, const void *bytes, size_t size);

/* How many bytes the area has. */
uint64_t run_written(const struct run_writer *writer, enum run_area area);

/* The error so far: what goes on writing may give up. */
enum err run_writer_err(const struct run_writer *writer);

/* A place to go back to. */
struct run_mark {
    uint64_t offset;
    uint64_t sizes[RUN_AREA_COUNT];
    size_t pages[RUN_AREA_COUNT];
};

/* Ends all pages, so that what follows can be taken back. */
struct run_mark run_writer_mark(struct run_writer *writer);
void run_writer_rollback(struct run_writer *writer, const struct run_mark *mark);

struct run_trailer {
    struct run_summary summary;
    struct run_words *words; /* one for each dimension */
    struct run_index index;
};

/* Writes the trailer, flushes, renames, flushes the directory; frees the writer. On failure nothing
 * is left behind. */
NODISCARD enum err run_writer_finish(struct run_writer *writer, const struct run_trailer *trailer);

/* Removes what was written; frees the writer. */
void run_writer_abandon(struct run_writer *writer);

/* ---- reading ---- */

struct run {
    struct usage_io *io;
    struct page_cache *cache;
    struct arena *arena;
    char *path;
    uint64_t number; /* for the cache */
    struct run_summary summary;
    struct run_words *words;
    struct run_index index;
    struct run_pages pages[RUN_AREA_COUNT];
    uint64_t sizes[RUN_AREA_COUNT];
    uint64_t bytes;   /* of the file */
    unsigned holders; /* for whoever keeps it (rollup.c) */
    bool is_dead;
};

/* Reads footer and trailer. ERR_CORRUPT when they are not right. Freed with run_free; the file is
 * opened anew whenever a page is read. */
NODISCARD enum err run_open(struct usage_io *io, const char *path, struct page_cache *cache,
                            struct run **ret);

/* No reader may be left. NULL is allowed. */
void run_free(struct run *run);

/* One reader's place in a run: it holds a page of each area. Start with { .run = r }. */
struct run_reader {
    struct run *run;
    const struct page *pages[RUN_AREA_COUNT];
    uint64_t starts[RUN_AREA_COUNT];          /* of those pages */
    unsigned char *assembled[RUN_AREA_COUNT]; /* for what lies across pages */
    size_t assembled_room[RUN_AREA_COUNT];
    enum err err; /* the first one */
};

/* What stands at `offset` of the area, as far as its page goes; NULL at the end and on error. Valid
 * until the next call for the area. */
const unsigned char *run_view(struct run_reader *reader, enum run_area area, uint64_t offset,
                              size_t *ret_size);

/* Exactly `size` bytes; NULL when there are not so many (ERR_CORRUPT) and on error. */
const unsigned char *run_bytes(struct run_reader *reader, enum run_area area, uint64_t offset,
                               size_t size);

/* Notes that what was read makes no sense. */
void run_reader_corrupt(struct run_reader *reader);

/* Lets go of all pages. */
void run_reader_end(struct run_reader *reader);

/* Reads all pages past the cache; `visit` is called for each flaw. */
NODISCARD enum err run_check(struct run *run, usage_damage_visit *visit, void *state);

/* The name of a file without its directory. */
const char *run_file_name(const char *path);

#endif
