/* rollup_parts.h: the inside of struct rollup, shared by the files that make it up.
 *
 * Private to rollup/: rollup.c keeps the views and their runs, work.c builds and merges, read.c
 * answers, check.c compares. Who touches what:
 *   - views, their runs and the holders of both: under `lock`, held for moments only, never while
 *     a file is read or written;
 *   - building and merging into a view: by one thread at a time, who has `work_lock`. Only he adds
 * runs, so the ranges that he has looked at stay free; others only take runs away.
 *
 * A file's name is the view's ULID and a serial number that is not used twice; what it holds stands
 * inside. A run that is no longer wanted is dead: its file goes with its last holder.
 */
#ifndef ROLLUP_ROLLUP_PARTS_H
#define ROLLUP_ROLLUP_PARTS_H

#include <pthread.h>

#include "rollup/merge.h"

#define ROLLUP_CACHE_BYTES (32U << 20) /* of pages */
#define ROLLUP_PATH_MAX    4096U

/* The thread waits for so many sealed events before it makes a run, or for so long. */
#define ROLLUP_EVENTS_MIN   32768U
#define ROLLUP_WAIT_SECONDS 30

struct view {
    struct arena *arena;
    struct definition definition;
    struct run **runs; /* ascending; neighbours may leave gaps, never overlap */
    size_t run_count;
    size_t run_room;
    unsigned holders;
    bool is_dropped;
};

/* A file that was there at the start and nobody has asked for yet. */
struct found {
    ulid view;
    uint64_t serial;
};

struct rollup {
    struct usage *usage;
    struct usage_io *io;
    char *directory;
    struct page_cache *cache;

    pthread_mutex_t lock;
    struct view **views;
    size_t view_count;
    size_t view_room;
    struct found *found;
    size_t found_count;
    size_t found_room;
    uint64_t serial; /* of the next file */

    pthread_mutex_t work_lock;
    pthread_mutex_t wake_lock;
    pthread_cond_t wake;
    bool is_awake;
    bool has_thread;
    pthread_t thread;
    _Atomic bool is_stopping;
};

/* A path for a new file of the view. */
void rollup_new_path(struct rollup *rollup, const struct view *view, char ret[ROLLUP_PATH_MAX]);

/* The path of a view's file. */
void rollup_path(const struct rollup *rollup, ulid view, uint64_t serial,
                 char ret[ROLLUP_PATH_MAX]);

/* The view with this id, held; NULL when it is not kept. */
struct view *rollup_hold(struct rollup *rollup, ulid id);

/* All views, held; in the arena. */
struct view **rollup_hold_all(struct rollup *rollup, struct arena *arena, size_t *ret_count);

/* Gives back a view. */
void rollup_release(struct rollup *rollup, struct view *view);

/* Some runs of a view, held. */
struct run_list {
    struct run **items; /* in the arena */
    size_t count;
};

/* The view's runs, all of them or, with `is_chain`, those from sequence 1 on without a gap that end
 * at `sequence_max` or before. */
struct run_list rollup_runs(struct rollup *rollup, struct view *view, bool is_chain,
                            uint64_t sequence_max, struct arena *arena);

/* Gives them back. */
void rollup_release_runs(struct rollup *rollup, struct run_list *list);

/* Takes a run away from its view, if it is still there: it is stale, damaged or replaced. */
void rollup_bury(struct rollup *rollup, struct view *view, struct run *run);

/* Opens the file and puts it in place of `replaced` (count 0: into a gap). The file is removed when
 * that cannot be: the view was dropped, or one of them is no longer there. */
NODISCARD enum err rollup_publish(struct rollup *rollup, struct view *view, const char *path,
                                  const struct run_list *replaced);

/* Whether none of the run's events were erased since it was made. */
bool rollup_is_fresh(struct rollup *rollup, const struct run *run);

/* ---- work.c ---- */

/* Starts and ends the thread. */
void rollup_start_thread(struct rollup *rollup);
void rollup_stop_thread(struct rollup *rollup);

/* Lets the thread look for work. */
void rollup_wake(struct rollup *rollup);

#endif
