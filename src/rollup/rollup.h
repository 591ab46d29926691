/* rollup.h: partial aggregates of usage, kept with the log position they are valid for.
 *
 * A view says what is aggregated: the events of one type of one org, a value, an aggregation, some
 * dimensions. For each view there are runs: immutable files, each holding the aggregates of the
 * events first..last by sequence. So a late event is nothing special: it is in a later run, and a
 * reader merges the cells of all runs. Runs of neighbouring ranges are merged by tiers.
 *
 * In a run, a series is one subject with one value of each dimension. It has cells by the minute,
 * and, where that leaves clearly fewer of them, by the hour and the day (UTC). Beside these stand
 * the same series without the subject ("everyone"), on the levels on which they are clearly fewer
 * than the cells they stand for; and of each subject the days without the dimensions. A cell is a
 * tally (tally.h).
 *
 * A background thread builds and merges runs from sealed events as they come: nothing on the way
 * of an acknowledgement knows of rollups. A view that is new, or was changed, or whose events were
 * erased (usage_epoch), is built again from the beginning; until then readers are told how far
 * it reaches and take raw events for the rest. Losing a run's file loses time, no data.
 *
 * What it is not: it knows no meters, zones or customers, and no sub-minute bounds.
 */
#ifndef ROLLUP_ROLLUP_H
#define ROLLUP_ROLLUP_H

#include "rollup/tally.h"
#include "usage/usage.h"

struct rollup;

struct rollup_config {
    const char *directory; /* made when missing */
    struct usage *usage;   /* open; closed after the rollups */
    struct usage_io *io;   /* NULL for the operating system's */
    bool is_idle;          /* no background thread: rollup_catch_up does the work (tests) */
};

/* Opens the directory: files that were being written are removed, the others wait for rollup_keep.
 * ERR_IO, ERR_NO_SPACE when it cannot be made or read. */
NODISCARD enum err rollup_open(const struct rollup_config *config, struct rollup **ret);

/* Stops the thread, gives up what it is at. No other call may be under way. NULL is allowed. */
void rollup_close(struct rollup *rollup);

struct rollup_view {
    ulid id; /* the meter's */
    struct org_id org;
    text type;
    instant from; /* older events do not count; INSTANT_NONE: all do */
    enum tally_kind kind;
    text value;                         /* JSON path; empty for COUNT */
    const struct text_list *dimensions; /* JSON paths, in the order in which readers name them */
};

/* Keeps rollups for the view from now on; everything is copied. The same definition again is
 * nothing; another one under the same id starts anew. Cheap: the work is the thread's. */
void rollup_keep(struct rollup *rollup, const struct rollup_view *wanted);

/* Forgets the view and removes its files. */
void rollup_drop(struct rollup *rollup, ulid id);

/* After every live view was kept at start: removes the files of views nobody named. */
void rollup_sweep(struct rollup *rollup);

/* Does what the thread would do until nothing is left. */
NODISCARD enum err rollup_catch_up(struct rollup *rollup);

struct rollup_progress {
    uint64_t valid_to; /* the rollups hold every sealed event up to this sequence */
    uint64_t target;   /* usage_sealed_sequence */
    uint64_t runs, series, cells, bytes;
};

/* False when the view is not kept. */
bool rollup_progress(struct rollup *rollup, ulid id, struct rollup_progress *ret);

/* ---- reading ---- */

enum rollup_level { ROLLUP_MINUTE, ROLLUP_HOUR, ROLLUP_DAY, ROLLUP_LEVEL_COUNT };

struct rollup_cell {
    instant from; /* start of its minute, hour or day (UTC) */
    struct tally tally;
};

/* Some cells of one series, ascending in time. Borrowed until the visitor returns. */
struct rollup_series {
    text subject; /* ptr NULL: everyone; where there is no such series, those of subjects come */
    const text *dimensions; /* one for each of the view; ptr NULL: nothing at the path */
    enum rollup_level level;
    const struct rollup_cell *cells;
    size_t count;
    instant first, last; /* minutes of the series' first and last event in this run, in or out of
                            the period asked for */
};

/* Whether series with these values of the dimensions are asked for: the others are passed over
 * unread. */
typedef bool rollup_want(void *state, const text *dimensions);

struct rollup_query {
    ulid view;
    const text *subjects; /* any of these; count 0: all */
    size_t subject_count;
    bool is_by_subject;         /* series must tell their subject; else "everyone" will do */
    bool is_alone;              /* dimensions need not be told: they may come as nothing */
    instant from, to;           /* half-open, whole minutes; INSTANT_NONE: open */
    enum rollup_level coarsest; /* of the cells: windows have whole ones; bounds may be finer */
    uint64_t sequence_max;      /* only runs that end at or before it; 0: all */
    rollup_want *is_wanted;     /* NULL: all series */
};

/* Calls `visit` with series until it returns false. No event is in two of the cells that a query
 * gets, and together they hold exactly the events (of series that are wanted) with a value, with a
 * sequence up to `ret_valid_to`, in the period. A series may come in several pieces and on several
 * levels. A cell may begin before the period or end behind it, where its series has no events
 * outside.  `ret_valid_to` is 0 when nothing is known. ERR_CORRUPT when a file does not match its
 * checksum: it is thrown away and built again, and the caller takes raw events. */
typedef bool rollup_visit(void *state, const struct rollup_series *series);
NODISCARD enum err rollup_read(struct rollup *rollup, const struct rollup_query *query,
                               rollup_visit *visit, void *state, uint64_t *ret_valid_to);

/* Reads every byte of every run and compares checksums, and makes each run once more from raw
 * events to compare the two; calls `visit` for each flaw, and has what is flawed built again. Needs
 * as much free space as the largest run. */
NODISCARD enum err rollup_check(struct rollup *rollup, usage_damage_visit *visit, void *state);

#endif
