/* catalog.h: what the store consists of at a moment: sealed segments, runs of keys, parts of the
 * log.
 *
 * Private to usage/. Readers take a snapshot, a counted list that never changes, and give it back.
 * Every event is in exactly one segment or part of it. The lock is held for a few instructions, to
 * count or to exchange a pointer: no reader waits for a writer's work, nor the other way round.
 *
 * The list is changed in two ways. The commit thread adds parts. Whoever holds `work` (the sealing
 * thread, or an erasure) replaces sealed files and drops parts that are sealed, through a manifest
 * (manifest.h). A file that is no longer listed is removed when nobody reads it any more; that, and
 * freeing, is left to the sealing thread (catalog_sweep), because it takes time.
 */
#ifndef USAGE_CATALOG_H
#define USAGE_CATALOG_H

#include "usage/manifest.h"
#include "usage/part.h"
#include "usage/sealed.h"

#include <pthread.h>

/* A sealed segment in the list. */
struct catalog_segment {
    struct sealed *sealed;
    struct manifest_segment is;
    uint32_t references;
    bool is_obsolete;
};

/* A run of keys in the list. */
struct catalog_run {
    struct key_run *run;
    struct manifest_run is;
    uint32_t references;
    bool is_obsolete;
};

struct snapshot {
    struct snapshot *next; /* among those to be freed */
    uint32_t references;
    uint64_t sealed_to; /* the last sequence of the last segment */
    struct catalog_segment **segments;
    struct catalog_run **runs;
    struct part **parts;
    uint32_t segment_count;
    uint32_t run_count;
    uint32_t part_count;
};

/* A file that may be named by the manifest on the disk, or not: removed after the next success. */
struct catalog_suspect {
    struct catalog_suspect *next;
    char name[MANIFEST_NAME_MAX];
};

struct catalog {
    struct usage_io *io;
    char *directory;
    uint64_t salt;
    struct sealed_cache *cache;

    pthread_mutex_t work; /* held by who changes what is sealed */
    uint32_t first_log;   /* of the manifest; the ordinal of the first part when there is one */
    _Atomic uint64_t next_file;
    struct catalog_suspect *suspects;

    pthread_mutex_t lock; /* of what follows; nothing is waited for under it */
    pthread_cond_t is_changed;
    struct snapshot *current;
    struct snapshot *garbage; /* given back by the last reader */
    uint32_t leaving;         /* files no longer listed and not yet removed */

    _Atomic uint64_t sealed_to;
    _Atomic uint32_t parts; /* in the current list */
};

struct catalog_config {
    struct usage_io *io;
    const char *directory;
    size_t cache_bytes;
    struct usage_damage *damage; /* what ERR_CORRUPT is for; may be NULL */
};

/* Opens all that the manifest names; the log's parts are added later. ERR_CORRUPT when the manifest
 * or a file it names is damaged or missing. `ret_is_new`: there is no manifest; then the salt is
 * yet to be set and the log begins with file 1. */
NODISCARD enum err catalog_open(const struct catalog_config *config, struct catalog **ret,
                                bool *ret_is_new);

/* Frees all. No snapshot may be out. NULL is allowed. */
void catalog_close(struct catalog *catalog);

/* Removes the files of the directory that are neither named nor in use: what interrupted work has
 * left. ERR_IO when one of them stays. After the log was opened, by who holds `work` with no
 * suspects, or before there are threads. */
NODISCARD enum err catalog_clean(struct catalog *catalog);

/* ---- reading ---- */

/* The list as it is now. To be given back, soon. Any thread. */
struct snapshot *catalog_take(struct catalog *catalog);
void catalog_give(struct catalog *catalog, struct snapshot *snapshot);

/* The segment that holds a sequence; NULL when it is not sealed. */
struct catalog_segment *snapshot_segment(const struct snapshot *snapshot, uint64_t sequence);

/* The part that holds a sequence, which is visible; NULL when it is sealed. */
struct part *snapshot_part(const struct snapshot *snapshot, uint64_t sequence);

/* The last sequence of part `i` as far as `visible` goes; less than its first when there is none.
 */
uint64_t snapshot_part_end(const struct snapshot *snapshot, uint32_t i, uint64_t visible);

/* What its parts take of memory, as last counted. */
uint64_t snapshot_backlog(const struct snapshot *snapshot);

/* ---- changing ---- */

/* Adds a part behind the others, or, when it has the same file as the last one, which is empty,
 * in place of that. The commit thread. */
void catalog_add_part(struct catalog *catalog, struct part *part);

/* A name for a new sealed file. */
uint64_t catalog_next_file(struct catalog *catalog);

/* The path of one of the store's files. */
void catalog_path(const struct catalog *catalog, const char *name, char *ret, size_t size);

/* Files in the place of others: `segments` for those from `segment_at` on, `segment_drop` of them;
 * the same for runs; and the first `part_drop` parts are sealed now. What is given is the catalog's
 * from the call on, also when it fails. */
struct catalog_change {
    struct catalog_segment **segments;
    uint32_t segment_count;
    uint32_t segment_at;
    uint32_t segment_drop;
    struct catalog_run **runs;
    uint32_t run_count;
    uint32_t run_at;
    uint32_t run_drop;
    uint32_t part_drop; /* the last part stays */
};

/* Makes the change durable, then visible. On failure nothing has changed. The caller holds `work`.
 */
NODISCARD enum err catalog_change(struct catalog *catalog, const struct catalog_change *change);

/* Opens a file, which has these sequences; ERR_CORRUPT when it has others or is not there. */
NODISCARD enum err catalog_segment_open(struct catalog *catalog, const struct manifest_segment *is,
                                        struct catalog_segment **ret);
NODISCARD enum err catalog_run_open(struct catalog *catalog, const struct manifest_run *is,
                                    struct catalog_run **ret);

/* Closes what was opened and not given to catalog_change; removes the file, too, when told to. NULL
 * is allowed. */
void catalog_segment_free(struct catalog *catalog, struct catalog_segment *segment,
                          bool is_removed);
void catalog_run_free(struct catalog *catalog, struct catalog_run *run, bool is_removed);

/* Removes a file of the directory; when that fails, the next start does it. */
void catalog_file_remove(struct catalog *catalog, const char *name);

/* Frees what nobody reads any more and removes its files. */
void catalog_sweep(struct catalog *catalog);

/* Waits until every file that is no longer listed is removed, which needs its readers to end. */
void catalog_await_removal(struct catalog *catalog);

/* The manifest of a snapshot, lists in the arena. */
void catalog_manifest(struct catalog *catalog, const struct snapshot *snapshot, struct arena *arena,
                      struct manifest *ret);

/* ---- between the files of the catalog ---- */

/* A list with one reference and room for so many of each. */
struct snapshot *snapshot_new(uint32_t segments, uint32_t runs, uint32_t parts);

/* Puts the snapshot in the place of the current one. Under the lock. */
void catalog_exchange(struct catalog *catalog, struct snapshot *fresh);

/* Takes a reference from the snapshot. Under the lock. */
void snapshot_release(struct catalog *catalog, struct snapshot *snapshot);

/* Frees the list of suspects; removes the files, too, when they are known not to be named. */
void catalog_suspects_end(struct catalog *catalog, bool is_removed);

#endif
