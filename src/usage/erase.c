/* erase.c: taking events out for good: the same rewrite for retention and for one's right to be
 * forgotten.
 *
 * What is to go is sealed first, so that no log file holds it. Then each segment concerned is
 * written anew, in which an erased row is a digest of its key and nothing else, and takes the old
 * one's place by one change of the manifest: at any moment the old one counts or the new one. A
 * crash leaves some segments done and some not, and no file between; the same call again does the
 * rest.
 *
 * The segments are done one at a time, and between two of them the sealing thread gets its turn: an
 * erasure over everything takes minutes and must not hold up what comes in.
 */
#include "usage/conflict.h"
#include "usage/usage_inside.h"

#include <limits.h>

struct rewrite {
    const struct usage_erasure *erasure;
    struct sealed_writer *writer;
    uint64_t salt;
    uint64_t events; /* erased */
};

static bool is_concerned(const struct usage_erasure *erasure, const struct usage_event *event)
{
    if (memcmp(&event->org, &erasure->org, sizeof(event->org)) != 0)
        return false;
    if (!instant_is_none(erasure->before) && !instant_before(event->time, erasure->before))
        return false;
    for (size_t i = 0; i < erasure->subject_count; i++)
        if (text_equal(event->subject, erasure->subjects[i]))
            return true;
    return erasure->subject_count == 0;
}

static bool rewrite_row(void *state, const struct usage_event *event,
                        const struct sealed_key *erased)
{
    struct rewrite *rewrite = state;
    if (erased) {
        sealed_writer_add_erased(rewrite->writer, event->sequence, &event->org, erased);
    } else if (is_concerned(rewrite->erasure, event)) {
        struct sealed_key key = sealed_key_of(event, rewrite->salt);
        sealed_writer_add_erased(rewrite->writer, event->sequence, &event->org, &key);
        rewrite->events++;
    } else {
        sealed_writer_add(rewrite->writer, event);
    }
    return true;
}

/* Whether the segment is to be rewritten. */
static enum err segment_ask(const struct catalog_segment *segment,
                            const struct usage_erasure *erasure, bool *ret)
{
    struct usage_filter filter = USAGE_FILTER_ALL;
    uint32_t count;
    uint32_t org_count;
    enum err err;
    filter.org = erasure->org;
    filter.subjects = erasure->subjects;
    filter.subject_count = erasure->subject_count;
    filter.to = erasure->before;
    err = sealed_count(segment->sealed, &filter, &count, &org_count);
    if (err == OK)
        *ret = count > 0 && (!erasure->is_whole_segment || count == org_count);
    return err;
}

static uint64_t epoch_last(const struct snapshot *snapshot)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i < snapshot->segment_count; i++)
        if (snapshot->segments[i]->is.epoch > last)
            last = snapshot->segments[i]->is.epoch;
    return last;
}

/* Writes the file that takes the place of segment `is->file`, and opens it. */
static enum err segment_write(struct catalog *catalog, struct sealed *sealed,
                              struct rewrite *rewrite, const struct manifest_segment *is,
                              struct catalog_segment **ret)
{
    char name[MANIFEST_NAME_MAX];
    char path[PATH_MAX];
    enum err err;
    manifest_segment_name(is->file, name);
    catalog_path(catalog, name, path, sizeof(path));
    rewrite->writer = sealed_writer_new(catalog->salt);
    err = sealed_rows(sealed, rewrite_row, rewrite);
    if (err == OK)
        err = sealed_writer_finish(rewrite->writer, catalog->io, path);
    sealed_writer_free(rewrite->writer);
    if (err != OK)
        return err;
    err = catalog_segment_open(catalog, is, ret);
    if (err != OK)
        catalog_file_remove(catalog, name);
    return err;
}

/* The caller holds `work` and the snapshot. */
static enum err segment_erase(struct catalog *catalog, const struct snapshot *snapshot, uint32_t at,
                              const struct usage_erasure *erasure, struct usage_erased *sum)
{
    struct catalog_segment *segment = snapshot->segments[at];
    struct rewrite rewrite = { .erasure = erasure, .salt = catalog->salt };
    struct manifest_segment is = segment->is;
    struct catalog_segment *fresh = NULL;
    struct catalog_change change = {
        .segments = &fresh, .segment_count = 1, .segment_at = at, .segment_drop = 1
    };
    bool is_wanted = false;
    enum err err = segment_ask(segment, erasure, &is_wanted);
    if (err != OK || !is_wanted)
        return err;
    is.file = catalog_next_file(catalog);
    is.epoch = epoch_last(snapshot) + 1;
    err = segment_write(catalog, segment->sealed, &rewrite, &is, &fresh);
    if (err == OK)
        err = catalog_change(catalog, &change);
    if (err != OK)
        return err;
    sum->events += rewrite.events;
    sum->segments++;
    return OK;
}

/* The segment that holds `*next`, and where the one after begins. Segments may have been merged
 * since the one before it was done. */
static enum err erase_step(struct catalog *catalog, const struct usage_erasure *erasure,
                           uint64_t *next, struct usage_erased *sum)
{
    struct snapshot *snapshot;
    uint32_t at = 0;
    enum err err;
    MUST(pthread_mutex_lock(&catalog->work) == 0);
    snapshot = catalog_take(catalog);
    while (snapshot->segments[at]->is.last_sequence < *next)
        at++;
    err = segment_erase(catalog, snapshot, at, erasure, sum);
    *next = snapshot->segments[at]->is.last_sequence + 1;
    catalog_give(catalog, snapshot);
    MUST(pthread_mutex_unlock(&catalog->work) == 0);
    return err;
}

/* Lets the sealing thread have its turn when a part waits for it. */
static void sealing_let(struct usage *usage)
{
    struct catalog *catalog = usage->catalog;
    uint64_t sealed_to = catalog->sealed_to;
    uint64_t failures;
    MUST(pthread_mutex_lock(&catalog->lock) == 0);
    failures = usage->sealing.failures;
    while (catalog->parts > 1 && catalog->sealed_to == sealed_to &&
           usage->sealing.failures == failures)
        MUST(pthread_cond_wait(&catalog->is_changed, &catalog->lock) == 0);
    MUST(pthread_mutex_unlock(&catalog->lock) == 0);
}

/* Waits until what is no longer listed is not there any more, either: what an erasure that was
 * broken off, or a removal that failed, has left, too. */
static enum err files_leave(struct catalog *catalog)
{
    enum err err = OK;
    catalog_await_removal(catalog);
    MUST(pthread_mutex_lock(&catalog->work) == 0);
    if (catalog->suspects) /* a manifest that is certain rids of them */
        err = catalog_change(catalog, &(struct catalog_change){ .part_drop = 0 });
    if (err == OK)
        err = catalog_clean(catalog);
    MUST(pthread_mutex_unlock(&catalog->work) == 0);
    return err;
}

/* The list of conflicts names events by their ids: those that are erased now go from it, too. */
static void conflicts_leave(struct usage *usage, struct org_id org)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct snapshot *snapshot = catalog_take(usage->catalog);
    struct usage_conflict *conflicts;
    size_t count = conflicts_list(usage->ring, org, arena, &conflicts);
    uint64_t *erased = ARENA_ARRAY(arena, uint64_t, count);
    size_t erased_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t sequence = conflicts[i].first.sequence;
        const struct catalog_segment *segment = sequence > 0 ? snapshot_segment(snapshot, sequence)
                                                             : NULL;
        struct org_id its_org;
        struct sealed_key key;
        if (segment && sealed_erased_key(segment->sealed, sequence, &its_org, &key) == OK)
            erased[erased_count++] = sequence;
    }
    catalog_give(usage->catalog, snapshot);
    conflicts_forget(usage->ring, org, erased, erased_count);
}

enum err usage_erase(struct usage *usage, const struct usage_erasure *erasure,
                     struct usage_erased *ret)
{
    struct catalog *catalog = usage->catalog;
    struct usage_erased sum = { 0 };
    uint64_t next = 1;
    uint64_t last;
    enum err err;

    CHECK(!ulid_is_zero(erasure->org.ulid));
    CHECK(erasure->subject_count == 0 || erasure->subjects);
    err = usage_seal(usage);
    last = usage_sealed_sequence(usage);
    while (err == OK && next <= last) {
        err = erase_step(catalog, erasure, &next, &sum);
        sealing_let(usage);
    }
    conflicts_leave(usage, erasure->org);
    if (sum.segments > 0)
        seal_wake(usage, true);
    if (err == OK)
        err = conflicts_save(usage->ring, catalog->io, catalog->directory);
    if (err == OK)
        err = files_leave(catalog);
    if (err == OK)
        *ret = sum;
    return err;
}
