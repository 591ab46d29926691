/* copy.c: which files, and how much of each, hold exactly the events visible at one moment.
 *
 * Sealed segments and runs of keys never change, and a snapshot keeps them where they are. A log
 * file only grows, so as much of it as counts at the moment can be copied at any time after. The
 * manifest is made for the snapshot; the one on the disk may be another before it is copied.
 */
#include "usage/usage_inside.h"

struct copy {
    usage_file_visit *visit;
    void *state;
    struct snapshot *snapshot;
    uint64_t sequence;
    uint32_t log;    /* ordinal of the file written to last .. */
    uint64_t length; /* .. and as much of it as counts */
};

static struct snapshot *settled_take(struct usage *usage, struct copy *copy)
{
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    copy->sequence = usage->settled_sequence;
    copy->log = usage->settled_log;
    copy->length = usage->settled_length;
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
    return catalog_take(usage->catalog);
}

/* A list, and what was settled while it was the current one. */
static void moment_take(struct usage *usage, struct copy *copy)
{
    copy->snapshot = catalog_take(usage->catalog);
    for (;;) {
        struct snapshot *after = settled_take(usage, copy);
        bool is_same = after == copy->snapshot;
        catalog_give(usage->catalog, copy->snapshot);
        copy->snapshot = after;
        if (is_same)
            return;
    }
}

static enum err manifest_copy(struct catalog *catalog, const struct copy *copy)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct manifest manifest;
    text bytes;
    if (copy->snapshot->sealed_to == 0)
        return OK; /* the store has none yet */
    catalog_manifest(catalog, copy->snapshot, arena, &manifest);
    bytes = manifest_print(&manifest, arena);
    return copy->visit(
        copy->state,
        &(struct usage_file){ .name = MANIFEST_NAME, .size = bytes.len, .contents = bytes.ptr });
}

static enum err sealed_copy(const struct copy *copy)
{
    const struct snapshot *snapshot = copy->snapshot;
    char name[MANIFEST_NAME_MAX];
    enum err err = OK;
    for (uint32_t i = 0; i < snapshot->segment_count && err == OK; i++) {
        const struct sealed *sealed = snapshot->segments[i]->sealed;
        manifest_segment_name(snapshot->segments[i]->is.file, name);
        err = copy->visit(copy->state, &(struct usage_file){ .name = name,
                                                             .size = sealed_summary(sealed)->bytes,
                                                             .is_immutable = true });
    }
    for (uint32_t i = 0; i < snapshot->run_count && err == OK; i++) {
        const struct key_run *run = snapshot->runs[i]->run;
        manifest_run_name(snapshot->runs[i]->is.file, name);
        err = copy->visit(copy->state, &(struct usage_file){ .name = name,
                                                             .size = key_run_summary(run)->bytes,
                                                             .is_immutable = true });
    }
    return err;
}

/* A part that has a successor is written no more. The last one may not have had a frame yet. */
static enum err parts_copy(const struct copy *copy)
{
    const struct snapshot *snapshot = copy->snapshot;
    enum err err = OK;
    for (uint32_t i = 0; i < snapshot->part_count && err == OK; i++) {
        const struct log_file *file = snapshot->parts[i]->file;
        bool is_last = i + 1 == snapshot->part_count;
        struct usage_file visited = { .size = file->length, .is_immutable = !is_last };
        char name[LOG_NAME_MAX];
        if (is_last)
            visited.size = file->header.ordinal == copy->log ? copy->length : LOG_HEADER_BYTES;
        log_file_name(file->header.ordinal, name);
        visited.name = name;
        err = copy->visit(copy->state, &visited);
    }
    return err;
}

enum err usage_copy(struct usage *usage, usage_file_visit *visit, void *state,
                    uint64_t *ret_sequence)
{
    struct copy copy = { .visit = visit, .state = state };
    enum err err;
    moment_take(usage, &copy);
    CHECK(copy.sequence >= copy.snapshot->sealed_to);
    err = manifest_copy(usage->catalog, &copy);
    if (err == OK)
        err = sealed_copy(&copy);
    if (err == OK)
        err = parts_copy(&copy);
    catalog_give(usage->catalog, copy.snapshot);
    if (err == OK)
        *ret_sequence = copy.sequence;
    return err;
}
