/* series.h: the keys of a run: one entry for each series, saying where its cells are.
 *
 * Private to rollup/. Entries ascend by subject, then by the values of the dimensions in order
 * (nothing, then texts by bytes); behind the subjects come, level by level, the series of
 * "everyone", and at last the days of each subject alone, whatever the dimensions. An entry:
 *
 *   head      SERIES_… bits; two bits say subject or the level of everyone
 *   subject   its length and bytes, when it is another one than before
 *   places    where the cells begin in each area, at a restart; else behind those of the entry
 * before values    of each dimension: a number (0: nothing, else a word's + 1), or 0 or length + 1
 * and bytes where the dimension has no words first     minutes since the run's first span minutes
 * to the last levels    for each: how many cells; their size, shifted, with a bit that says "in
 * chunks"
 *
 * ALONE. The commonest question is about one subject and no dimension, and a subject of many values
 * has a cell for nearly each event. So days are kept of each subject as a whole, in views with
 * dimensions, for the tallies that keep no sets. Their keys have no values.
 *
 * A restart comes every SERIES_RESTART_BYTES and at the start of each level of everyone: it has
 * subject and places, and stands in the index.
 *
 * LEVELS. Of a subject, minutes are always there. Hours are there when they are at most half as
 * many cells as the minutes; days when at most half as many as the next finer ones that are there.
 * For the tallies that keep sets, the same must be true of their bytes.
 */
#ifndef ROLLUP_SERIES_H
#define ROLLUP_SERIES_H

#include "rollup/cells.h"

#define SERIES_RESTART_BYTES 4096U

#define SERIES_NO_LEVEL (-1)
#define SERIES_ALONE    ROLLUP_LEVEL_COUNT /* in place of a level of everyone */

/* Which series: a subject or one level of everyone, and the values. */
struct series_key {
    int32_t everyone; /* the level; SERIES_NO_LEVEL: a subject; SERIES_ALONE: that alone */
    text subject;
    uint32_t codes[LIMIT_DIMENSIONS_MAX]; /* 0 for nothing, else the word's number + 1 */
    text values[LIMIT_DIMENSIONS_MAX];    /* the texts; ptr NULL for nothing */
};

/* Whether series of this kind are of a subject. */
static inline bool series_has_subject(int32_t everyone)
{
    return everyone == SERIES_NO_LEVEL || everyone == SERIES_ALONE;
}

/* The finest level that they have. */
static inline enum rollup_level series_base(int32_t everyone)
{
    if (everyone == SERIES_NO_LEVEL)
        return ROLLUP_MINUTE;
    return everyone == SERIES_ALONE ? ROLLUP_DAY : (enum rollup_level)everyone;
}

/* What a series has. */
struct series_cells {
    int64_t first, last; /* minutes */
    uint32_t levels;     /* bit n: level n is there */
    struct cells_place places[ROLLUP_LEVEL_COUNT];
};

struct series {
    struct series_key key;
    struct series_cells cells;
};

/* ---- writing ---- */

/* Makes the series of a run, in their order, of cells of the finest level. */
struct series_writer;

/* `words` are those of the view's dimensions, borrowed; `minute_min` is the run's first minute. The
 * writer's file stays the caller's. */
struct series_writer *series_writer_new(struct run_writer *file, struct run_summary *summary,
                                        const struct run_words *words);

/* NULL is allowed. */
void series_writer_free(struct series_writer *writer);

/* The arena for the sets of the tally being made for series_add; emptied now and then by series_add
 * and series_end. */
struct arena *series_arena(struct series_writer *writer);

/* Begins a series; its cells are of series_base. */
void series_begin(struct series_writer *writer, int32_t everyone);

/* The next cell, in ascending order. */
void series_add(struct series_writer *writer, int64_t unit, const struct tally *tally);

/* Ends the series: writes its cells and its entry. `first` and `last` are minutes. */
void series_end(struct series_writer *writer, const struct series_key *key, int64_t first,
                int64_t last);

/* Copies a series with all levels that it has from another run. */
void series_copy(struct series_writer *writer, const struct series_key *key,
                 const struct series_cells *from, struct run_reader *reader);

/* The index so far; borrowed. Cells and series were counted into the summary. */
struct run_index series_index(const struct series_writer *writer);

/* A place to go back to. */
struct series_mark {
    struct run_mark file;
    size_t index_count;
};

/* Notes the place, how many cells of everyone were written since, and goes back to it. */
struct series_mark series_mark(struct series_writer *writer);
uint64_t series_marked_cells(const struct series_writer *writer);
void series_rollback(struct series_writer *writer, const struct series_mark *mark);

/* ---- reading ---- */

/* Walks over the keys of a run. */
struct series_cursor {
    struct run_reader *reader;
    uint64_t at;
    struct buffer subject;
    struct series series; /* the one it stands on; texts until the next call */
};

/* A cursor before the first series that is not before this one of the index: a subject, as
 * SERIES_NO_LEVEL or SERIES_ALONE, or a level of everyone. `arena` is for the subject's text. */
struct series_cursor series_seek(struct run_reader *reader, int32_t everyone, text subject,
                                 struct arena *arena);

/* A cursor before the first of all. */
struct series_cursor series_first(struct run_reader *reader, struct arena *arena);

/* The next series; false at the end and on an error, which is then in the reader. */
bool series_next(struct series_cursor *cursor);

/* Subjects, by bytes, before everyone, by level, before subjects alone. */
int series_compare_subjects(const struct series_key *a, const struct series_key *b);

#endif
