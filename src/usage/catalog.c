#include "usage/catalog.h"

#include <limits.h>

/* ---- snapshots ---- */

struct snapshot *snapshot_new(uint32_t segments, uint32_t runs, uint32_t parts)
{
    size_t pointers = (size_t)segments + runs + parts;
    struct snapshot *snapshot = calloc(1, sizeof(*snapshot) + pointers * sizeof(void *));
    MUST(snapshot != NULL);
    snapshot->references = 1;
    snapshot->segments = (struct catalog_segment **)(snapshot + 1);
    snapshot->runs = (struct catalog_run **)(snapshot->segments + segments);
    snapshot->parts = (struct part **)(snapshot->runs + runs);
    snapshot->segment_count = segments;
    snapshot->run_count = runs;
    snapshot->part_count = parts;
    return snapshot;
}

/* Counts the snapshot among the users of what it lists. */
static void snapshot_refer(const struct snapshot *snapshot)
{
    for (uint32_t i = 0; i < snapshot->segment_count; i++)
        snapshot->segments[i]->references++;
    for (uint32_t i = 0; i < snapshot->run_count; i++)
        snapshot->runs[i]->references++;
    for (uint32_t i = 0; i < snapshot->part_count; i++)
        snapshot->parts[i]->references++;
}

static void lock(struct catalog *catalog)
{
    MUST(pthread_mutex_lock(&catalog->lock) == 0);
}

static void unlock(struct catalog *catalog)
{
    MUST(pthread_mutex_unlock(&catalog->lock) == 0);
}

void snapshot_release(struct catalog *catalog, struct snapshot *snapshot)
{
    CHECK(snapshot->references > 0);
    if (--snapshot->references > 0)
        return;
    snapshot->next = catalog->garbage;
    catalog->garbage = snapshot;
    MUST(pthread_cond_broadcast(&catalog->is_changed) == 0);
}

struct snapshot *catalog_take(struct catalog *catalog)
{
    struct snapshot *snapshot;
    lock(catalog);
    snapshot = catalog->current;
    snapshot->references++;
    unlock(catalog);
    return snapshot;
}

void catalog_give(struct catalog *catalog, struct snapshot *snapshot)
{
    lock(catalog);
    snapshot_release(catalog, snapshot);
    unlock(catalog);
}

struct catalog_segment *snapshot_segment(const struct snapshot *snapshot, uint64_t sequence)
{
    uint32_t low = 0;
    uint32_t high = snapshot->segment_count;
    if (sequence > snapshot->sealed_to)
        return NULL;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (snapshot->segments[middle]->is.first_sequence <= sequence)
            low = middle;
        else
            high = middle;
    }
    return snapshot->segments[low];
}

struct part *snapshot_part(const struct snapshot *snapshot, uint64_t sequence)
{
    uint32_t low = 0;
    uint32_t high = snapshot->part_count;
    if (sequence <= snapshot->sealed_to)
        return NULL;
    CHECK(high > 0);
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (snapshot->parts[middle]->first_sequence <= sequence)
            low = middle;
        else
            high = middle;
    }
    return snapshot->parts[low];
}

uint64_t snapshot_part_end(const struct snapshot *snapshot, uint32_t i, uint64_t visible)
{
    uint64_t end = visible;
    CHECK(i < snapshot->part_count);
    if (i + 1 < snapshot->part_count && snapshot->parts[i + 1]->first_sequence - 1 < end)
        end = snapshot->parts[i + 1]->first_sequence - 1;
    return end;
}

uint64_t snapshot_backlog(const struct snapshot *snapshot)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < snapshot->part_count; i++)
        bytes += snapshot->parts[i]->memory_bytes;
    return bytes;
}

/* ---- changing ---- */

void catalog_exchange(struct catalog *catalog, struct snapshot *fresh)
{
    struct snapshot *old = catalog->current;
    CHECK(fresh->sealed_to >= old->sealed_to);
    snapshot_refer(fresh);
    catalog->current = fresh;
    catalog->sealed_to = fresh->sealed_to;
    catalog->parts = fresh->part_count;
    snapshot_release(catalog, old);
    MUST(pthread_cond_broadcast(&catalog->is_changed) == 0);
}

void catalog_add_part(struct catalog *catalog, struct part *part)
{
    const struct snapshot *old;
    struct snapshot *fresh;
    uint32_t kept;
    lock(catalog);
    old = catalog->current;
    kept = old->part_count;
    if (kept > 0 && old->parts[kept - 1]->file->header.ordinal == part->file->header.ordinal)
        kept--;
    fresh = snapshot_new(old->segment_count, old->run_count, kept + 1);
    fresh->sealed_to = old->sealed_to;
    memcpy(fresh->segments, old->segments, old->segment_count * sizeof(*old->segments));
    memcpy(fresh->runs, old->runs, old->run_count * sizeof(*old->runs));
    memcpy(fresh->parts, old->parts, kept * sizeof(*old->parts));
    fresh->parts[kept] = part;
    catalog_exchange(catalog, fresh);
    unlock(catalog);
}

uint64_t catalog_next_file(struct catalog *catalog)
{
    return atomic_fetch_add(&catalog->next_file, 1);
}

void catalog_path(const struct catalog *catalog, const char *name, char *ret, size_t size)
{
    int length = snprintf(ret, size, "%s/%s", catalog->directory, name);
    MUST(length > 0 && (size_t)length < size);
}

void catalog_manifest(struct catalog *catalog, const struct snapshot *snapshot, struct arena *arena,
                      struct manifest *ret)
{
    *ret = (struct manifest){
        .first_log = snapshot->part_count > 0 ? snapshot->parts[0]->file->header.ordinal
                                              : catalog->first_log,
        .salt = catalog->salt,
        .next_file = catalog->next_file,
        .sealed_to = snapshot->sealed_to,
        .segments = ARENA_ARRAY(arena, struct manifest_segment, snapshot->segment_count),
        .segment_count = snapshot->segment_count,
        .runs = ARENA_ARRAY(arena, struct manifest_run, snapshot->run_count),
        .run_count = snapshot->run_count,
    };
    for (uint32_t i = 0; i < snapshot->segment_count; i++)
        ret->segments[i] = snapshot->segments[i]->is;
    for (uint32_t i = 0; i < snapshot->run_count; i++)
        ret->runs[i] = snapshot->runs[i]->is;
}

/* A list of pointers of which some give way to others. */
struct splice {
    void *const *from;
    uint32_t count;
    uint32_t at;
    uint32_t drop;
    void *const *added;
    uint32_t added_count;
};

static void list_splice(void **to, const struct splice *splice)
{
    uint32_t behind = splice->at + splice->drop;
    CHECK(behind <= splice->count);
    memcpy(to, splice->from, splice->at * sizeof(*to));
    if (splice->added_count > 0)
        memcpy(to + splice->at, splice->added, splice->added_count * sizeof(*to));
    memcpy(to + splice->at + splice->added_count, splice->from + behind,
           (splice->count - behind) * sizeof(*to));
}

/* The list after the change, as the current one has its parts now. Under the lock. */
static struct snapshot *snapshot_changed(const struct snapshot *old,
                                         const struct catalog_change *change)
{
    struct snapshot *fresh = snapshot_new(
        old->segment_count - change->segment_drop + change->segment_count,
        old->run_count - change->run_drop + change->run_count, old->part_count - change->part_drop);
    CHECK(change->part_drop == 0 || change->part_drop < old->part_count);
    list_splice((void **)fresh->segments, &(struct splice){
                                              .from = (void *const *)old->segments,
                                              .count = old->segment_count,
                                              .at = change->segment_at,
                                              .drop = change->segment_drop,
                                              .added = (void *const *)change->segments,
                                              .added_count = change->segment_count,
                                          });
    list_splice((void **)fresh->runs, &(struct splice){
                                          .from = (void *const *)old->runs,
                                          .count = old->run_count,
                                          .at = change->run_at,
                                          .drop = change->run_drop,
                                          .added = (void *const *)change->runs,
                                          .added_count = change->run_count,
                                      });
    memcpy(fresh->parts, old->parts + change->part_drop, fresh->part_count * sizeof(*fresh->parts));
    if (fresh->segment_count > 0)
        fresh->sealed_to = fresh->segments[fresh->segment_count - 1]->is.last_sequence;
    return fresh;
}

/* Marks what the change takes out of the list. Under the lock. */
static void obsolete_mark(struct catalog *catalog, const struct snapshot *old,
                          const struct catalog_change *change)
{
    for (uint32_t i = 0; i < change->segment_drop; i++)
        old->segments[change->segment_at + i]->is_obsolete = true;
    for (uint32_t i = 0; i < change->run_drop; i++)
        old->runs[change->run_at + i]->is_obsolete = true;
    for (uint32_t i = 0; i < change->part_drop; i++)
        old->parts[i]->is_obsolete = true;
    catalog->leaving += change->segment_drop + change->run_drop + change->part_drop;
}

static void suspect_add(struct catalog *catalog, const char *name)
{
    struct catalog_suspect *suspect = calloc(1, sizeof(*suspect));
    MUST(suspect != NULL);
    memcpy(suspect->name, name, MANIFEST_NAME_MAX);
    suspect->next = catalog->suspects;
    catalog->suspects = suspect;
}

void catalog_suspects_end(struct catalog *catalog, bool is_removed)
{
    while (catalog->suspects) {
        struct catalog_suspect *suspect = catalog->suspects;
        catalog->suspects = suspect->next;
        if (is_removed)
            catalog_file_remove(catalog, suspect->name);
        free(suspect);
    }
}

/* Closes what a change that failed brought, and removes it unless the disk's manifest may name it.
 */
static void change_undo(struct catalog *catalog, const struct catalog_change *change,
                        bool is_uncertain)
{
    char name[MANIFEST_NAME_MAX];
    for (uint32_t i = 0; i < change->segment_count; i++) {
        manifest_segment_name(change->segments[i]->is.file, name);
        if (is_uncertain)
            suspect_add(catalog, name);
        catalog_segment_free(catalog, change->segments[i], !is_uncertain);
    }
    for (uint32_t i = 0; i < change->run_count; i++) {
        manifest_run_name(change->runs[i]->is.file, name);
        if (is_uncertain)
            suspect_add(catalog, name);
        catalog_run_free(catalog, change->runs[i], !is_uncertain);
    }
}

enum err catalog_change(struct catalog *catalog, const struct catalog_change *change)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct manifest manifest;
    struct snapshot *fresh;
    bool is_uncertain;
    enum err err;

    lock(catalog);
    fresh = snapshot_changed(catalog->current, change);
    catalog_manifest(catalog, fresh, arena, &manifest);
    unlock(catalog);
    free(fresh);
    err = manifest_store(catalog->io, catalog->directory, &manifest, &is_uncertain);
    if (err != OK) {
        change_undo(catalog, change, is_uncertain);
        return err;
    }
    catalog_suspects_end(catalog, true);
    catalog->first_log = manifest.first_log;
    lock(catalog);
    obsolete_mark(catalog, catalog->current, change);
    catalog_exchange(catalog, snapshot_changed(catalog->current, change));
    unlock(catalog);
    return OK;
}

/* ---- freeing ---- */

/* Leaves in the snapshot's lists what nobody else refers to, and NULL for the rest. Under the lock.
 */
static void snapshot_forsake(const struct snapshot *snapshot)
{
    for (uint32_t i = 0; i < snapshot->segment_count; i++)
        if (--snapshot->segments[i]->references > 0)
            snapshot->segments[i] = NULL;
    for (uint32_t i = 0; i < snapshot->run_count; i++)
        if (--snapshot->runs[i]->references > 0)
            snapshot->runs[i] = NULL;
    for (uint32_t i = 0; i < snapshot->part_count; i++)
        if (--snapshot->parts[i]->references > 0)
            snapshot->parts[i] = NULL;
}

/* Frees what snapshot_forsake left, and the snapshot. How many files were removed. */
static uint32_t snapshot_clear(struct catalog *catalog, struct snapshot *snapshot)
{
    uint32_t removed = 0;
    for (uint32_t i = 0; i < snapshot->segment_count; i++) {
        if (!snapshot->segments[i])
            continue;
        removed += snapshot->segments[i]->is_obsolete;
        catalog_segment_free(catalog, snapshot->segments[i], snapshot->segments[i]->is_obsolete);
    }
    for (uint32_t i = 0; i < snapshot->run_count; i++) {
        if (!snapshot->runs[i])
            continue;
        removed += snapshot->runs[i]->is_obsolete;
        catalog_run_free(catalog, snapshot->runs[i], snapshot->runs[i]->is_obsolete);
    }
    for (uint32_t i = 0; i < snapshot->part_count; i++) {
        char name[LOG_NAME_MAX];
        if (!snapshot->parts[i])
            continue;
        log_file_name(snapshot->parts[i]->file->header.ordinal, name);
        if (snapshot->parts[i]->is_obsolete)
            catalog_file_remove(catalog, name);
        removed += snapshot->parts[i]->is_obsolete;
        part_free(snapshot->parts[i]);
    }
    free(snapshot);
    return removed;
}

void catalog_sweep(struct catalog *catalog)
{
    lock(catalog);
    while (catalog->garbage) {
        struct snapshot *snapshot = catalog->garbage;
        uint32_t removed;
        catalog->garbage = snapshot->next;
        snapshot_forsake(snapshot);
        unlock(catalog);
        removed = snapshot_clear(catalog, snapshot);
        lock(catalog);
        CHECK(catalog->leaving >= removed);
        catalog->leaving -= removed;
        MUST(pthread_cond_broadcast(&catalog->is_changed) == 0);
    }
    unlock(catalog);
}

void catalog_await_removal(struct catalog *catalog)
{
    lock(catalog);
    while (catalog->leaving > 0)
        MUST(pthread_cond_wait(&catalog->is_changed, &catalog->lock) == 0);
    unlock(catalog);
}
