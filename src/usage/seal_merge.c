/* seal_merge.c: neighbouring small segments become one larger, and runs of keys, too.
 *
 * Both go by levels: what is eight times as large is a level higher. When eight neighbours are of
 * some level or below they are merged, so what is sealed is written again a few times at most. A
 * segment that is half full stays as it is. Small segments that stand before such a one get no new
 * neighbours, and are merged when they are two. Segments with different erasures are left apart,
 * so that an epoch never speaks for events that were not touched.
 */
#include "usage/usage_inside.h"

#include <limits.h>

#define FAN_IN            8U
#define LEVELS            4U                  /* of segments; LEVELS for one that stays */
#define SEGMENT_BYTES_MAX (32U * 1024 * 1024) /* compressed: merging has to fit into memory */

/* Neighbours to be merged. */
struct choice {
    uint32_t at;
    uint32_t count;
};

static uint32_t segment_level(const struct catalog_segment *segment, uint32_t rows_max)
{
    const struct sealed_summary *summary = sealed_summary(segment->sealed);
    uint32_t bound = rows_max / 512;
    if (summary->rows > rows_max / 2 || summary->bytes > SEGMENT_BYTES_MAX / 2)
        return LEVELS;
    for (uint32_t level = 0; level + 1 < LEVELS; level++, bound *= 8)
        if (summary->rows < bound)
            return level;
    return LEVELS - 1;
}

/* How many neighbours from `at` on are of this level or below and of one epoch. */
static uint32_t segments_alike(const struct snapshot *snapshot, uint32_t at, uint32_t level,
                               uint32_t rows_max)
{
    uint32_t count = 0;
    while (at + count < snapshot->segment_count &&
           segment_level(snapshot->segments[at + count], rows_max) <= level &&
           snapshot->segments[at + count]->is.epoch == snapshot->segments[at]->is.epoch)
        count++;
    return count;
}

/* How many of them make one segment. */
static uint32_t segments_fitting(const struct snapshot *snapshot, uint32_t at, uint32_t count,
                                 uint32_t rows_max)
{
    uint64_t rows = 0;
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct sealed_summary *summary = sealed_summary(snapshot->segments[at + i]->sealed);
        rows += summary->rows;
        bytes += summary->bytes;
        if (rows > rows_max || bytes > SEGMENT_BYTES_MAX)
            return i;
    }
    return count;
}

static bool segments_choose(const struct snapshot *snapshot, uint32_t rows_max, struct choice *ret)
{
    for (uint32_t level = 0; level < LEVELS; level++) {
        uint32_t count;
        for (uint32_t at = 0; at<snapshot->segment_count; at += count> 0 ? count : 1) {
            bool is_last;
            count = segments_alike(snapshot, at, level, rows_max);
            is_last = at + count == snapshot->segment_count;
            if (count < FAN_IN && (is_last || level + 1 < LEVELS || count < 2))
                continue;
            *ret = (struct choice){ at, segments_fitting(snapshot, at, count, rows_max) };
            if (ret->count >= 2)
                return true;
        }
    }
    return false;
}

/* The level of a run by its keys. */
static uint32_t run_level(const struct catalog_run *run)
{
    uint32_t level = 0;
    for (uint64_t keys = key_run_summary(run->run)->count; keys >= 8; keys /= 8)
        level++;
    return level;
}

static bool runs_choose(const struct snapshot *snapshot, struct choice *ret)
{
    for (uint32_t level = 0; level < 10; level++) {
        uint32_t count;
        for (uint32_t at = 0; at<snapshot->run_count; at += count> 0 ? count : 1) {
            uint64_t keys = 0;
            for (count = 0; at + count < snapshot->run_count; count++) {
                keys += key_run_summary(snapshot->runs[at + count]->run)->count;
                if (run_level(snapshot->runs[at + count]) > level || keys > KEY_RUN_KEYS_MAX)
                    break;
            }
            *ret = (struct choice){ at, count };
            if (count >= FAN_IN)
                return true;
        }
    }
    return false;
}

static bool row_add(void *state, const struct usage_event *event, const struct sealed_key *erased)
{
    struct sealed_writer *writer = state;
    if (erased)
        sealed_writer_add_erased(writer, event->sequence, &event->org, erased);
    else
        sealed_writer_add(writer, event);
    return true;
}

/* Writes the segments of the choice as one, under a new number. */
static enum err segments_write(struct usage *usage, const struct snapshot *snapshot,
                               const struct choice *choice, uint64_t file)
{
    struct sealed_writer *writer = sealed_writer_new(usage->salt);
    char name[MANIFEST_NAME_MAX];
    char path[PATH_MAX];
    enum err err = OK;
    manifest_segment_name(file, name);
    catalog_path(usage->catalog, name, path, sizeof(path));
    for (uint32_t i = 0; i < choice->count && err == OK; i++)
        err = sealed_rows(snapshot->segments[choice->at + i]->sealed, row_add, writer);
    if (err == OK)
        err = sealed_writer_finish(writer, usage->catalog->io, path);
    sealed_writer_free(writer);
    return err;
}

static enum err segments_merge(struct usage *usage, const struct snapshot *snapshot,
                               const struct choice *choice)
{
    struct catalog *catalog = usage->catalog;
    struct manifest_segment is = snapshot->segments[choice->at]->is;
    struct catalog_segment *segment;
    struct catalog_change change = {
        .segments = &segment,
        .segment_count = 1,
        .segment_at = choice->at,
        .segment_drop = choice->count,
    };
    enum err err;
    is.last_sequence = snapshot->segments[choice->at + choice->count - 1]->is.last_sequence;
    is.file = catalog_next_file(catalog);
    err = segments_write(usage, snapshot, choice, is.file);
    if (err != OK)
        return err;
    err = catalog_segment_open(catalog, &is, &segment);
    if (err != OK) {
        char name[MANIFEST_NAME_MAX];
        manifest_segment_name(is.file, name);
        catalog_file_remove(catalog, name);
        return err;
    }
    return catalog_change(catalog, &change);
}

static enum err runs_merge(struct usage *usage, const struct snapshot *snapshot,
                           const struct choice *choice)
{
    struct catalog *catalog = usage->catalog;
    struct manifest_run is = snapshot->runs[choice->at]->is;
    struct key_run **runs = calloc(choice->count, sizeof(struct key_run *));
    struct catalog_run *run;
    struct catalog_change change = {
        .runs = &run,
        .run_count = 1,
        .run_at = choice->at,
        .run_drop = choice->count,
    };
    char name[MANIFEST_NAME_MAX];
    char path[PATH_MAX];
    enum err err;

    MUST(runs != NULL);
    for (uint32_t i = 0; i < choice->count; i++)
        runs[i] = snapshot->runs[choice->at + i]->run;
    is.last_sequence = snapshot->runs[choice->at + choice->count - 1]->is.last_sequence;
    is.file = catalog_next_file(catalog);
    manifest_run_name(is.file, name);
    catalog_path(catalog, name, path, sizeof(path));
    err = key_run_merge(catalog->io, path, runs, choice->count);
    free(runs);
    if (err != OK)
        return err;
    err = catalog_run_open(catalog, &is, &run);
    if (err != OK) {
        catalog_file_remove(catalog, name);
        return err;
    }
    return catalog_change(catalog, &change);
}

enum err seal_merge(struct usage *usage)
{
    struct snapshot *snapshot = catalog_take(usage->catalog);
    struct choice choice;
    enum err err = ERR_ABSENT;
    if (runs_choose(snapshot, &choice))
        err = runs_merge(usage, snapshot, &choice);
    else if (segments_choose(snapshot, usage->sealing.rows_max, &choice))
        err = segments_merge(usage, snapshot, &choice);
    catalog_give(usage->catalog, snapshot);
    return err;
}
