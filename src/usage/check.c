/* check.c: everything against everything: each file against its own checksums, the manifest against
 * the list of what is open, the log frame by frame, and the keys of the runs against the events.
 *
 * Keys and events are compared by sums: one over the keys of a run, one over the keys of the events
 * it is for, order not counting. That needs one pass over each and two bits an event. A missing, a
 * strange or a changed key makes the sums differ; which one it was they do not tell.
 */
#include "usage/frame.h"
#include "usage/record.h"
#include "usage/usage_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <unistd.h>
#include <xxhash.h>

struct check {
    struct catalog *catalog;
    const struct snapshot *snapshot;
    usage_damage_visit *visit;
    void *state;
    uint64_t flaws; /* visited */
};

static void check_visit(void *state, const struct usage_damage *damage)
{
    struct check *check = state;
    check->flaws++;
    check->visit(check->state, damage);
}

PRINTF_LIKE(4, 5)

static void check_flaw(struct check *check, const char *file, uint64_t offset, const char *what,
                       ...)
{
    struct usage_damage damage = { .offset = offset };
    va_list values;
    (void)snprintf(damage.file, sizeof(damage.file), "%s", file);
    va_start(values, what);
    (void)vsnprintf(damage.what, sizeof(damage.what), what, values);
    va_end(values);
    check_visit(check, &damage);
}

/* ---- the manifest ---- */

static bool is_same_list(const struct manifest *a, const struct manifest *b)
{
    if (a->sealed_to != b->sealed_to || a->salt != b->salt || a->first_log != b->first_log ||
        a->segment_count != b->segment_count || a->run_count != b->run_count)
        return false;
    for (uint32_t i = 0; i < a->segment_count; i++)
        if (a->segments[i].file != b->segments[i].file ||
            a->segments[i].first_sequence != b->segments[i].first_sequence ||
            a->segments[i].last_sequence != b->segments[i].last_sequence ||
            a->segments[i].epoch != b->segments[i].epoch)
            return false;
    for (uint32_t i = 0; i < a->run_count; i++)
        if (a->runs[i].file != b->runs[i].file ||
            a->runs[i].first_sequence != b->runs[i].first_sequence ||
            a->runs[i].last_sequence != b->runs[i].last_sequence)
            return false;
    return true;
}

/* The caller holds `work`, so the file and the list stand still. */
static enum err manifest_check(struct check *check)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct catalog *catalog = check->catalog;
    struct manifest on_disk;
    struct manifest open;
    enum err err = manifest_load(catalog->io, catalog->directory, arena, &on_disk);
    catalog_manifest(catalog, check->snapshot, arena, &open);
    open.first_log = catalog->first_log;
    if (err == ERR_ABSENT && open.sealed_to == 0)
        return OK;
    if (err == OK && !is_same_list(&on_disk, &open))
        check_flaw(check, MANIFEST_NAME, 0, "names other files than the store has open");
    if (err == ERR_CORRUPT)
        check_flaw(check, MANIFEST_NAME, 0, "checksum");
    if (err == ERR_ABSENT)
        check_flaw(check, MANIFEST_NAME, 0, "the file is missing");
    return err == ERR_IO ? err : OK;
}

/* ---- keys against events ---- */

struct sum {
    uint64_t low;
    uint64_t high;
};

static void sum_add(struct sum *sum, uint64_t fingerprint, uint64_t sequence)
{
    uint64_t pair[2] = { fingerprint >> (64 - KEY_RUN_BITS), sequence };
    XXH128_hash_t hash = XXH3_128bits(pair, sizeof(pair));
    sum->low += hash.low64;
    sum->high += hash.high64;
}

/* The two sides of a run. A bit set of `erased` is an event whose key is gone: there only a key
 * with its sequence is asked for. */
struct keys {
    uint64_t salt;
    uint64_t first_sequence;
    uint64_t last_sequence;
    struct sum of_events;
    struct sum of_keys;
    uint64_t *erased; /* one bit a sequence */
    uint64_t *seen;   /* the same: the run has a key */
    uint64_t seen_count;
    bool has_repeated;
};

static uint64_t *bit_word(uint64_t *bits, uint64_t at, uint64_t *ret_bit)
{
    *ret_bit = UINT64_C(1) << at % 64;
    return &bits[at / 64];
}

static bool keys_row(void *state, const struct usage_event *event, const struct sealed_key *erased)
{
    struct keys *keys = state;
    uint64_t bit;
    uint64_t *word;
    if (event->sequence < keys->first_sequence || event->sequence > keys->last_sequence)
        return true;
    word = bit_word(keys->erased, event->sequence - keys->first_sequence, &bit);
    if (erased)
        *word |= bit;
    else
        sum_add(&keys->of_events, record_fingerprint_of(event, keys->salt), event->sequence);
    return true;
}

static void keys_entry(void *state, const struct key_entry *entry)
{
    struct keys *keys = state;
    uint64_t at = entry->sequence - keys->first_sequence;
    uint64_t bit;
    uint64_t *word;
    if (at > keys->last_sequence - keys->first_sequence) {
        keys->has_repeated = true;
        return;
    }
    word = bit_word(keys->seen, at, &bit);
    keys->has_repeated = keys->has_repeated || (*word & bit) != 0;
    *word |= bit;
    keys->seen_count++;
    word = bit_word(keys->erased, at, &bit);
    if ((*word & bit) == 0)
        sum_add(&keys->of_keys, entry->fingerprint, entry->sequence);
}

static enum err keys_read(struct check *check, const struct catalog_run *run, struct keys *keys)
{
    const struct snapshot *snapshot = check->snapshot;
    enum err err = OK;
    for (uint32_t i = 0; i < snapshot->segment_count && err == OK; i++) {
        const struct catalog_segment *segment = snapshot->segments[i];
        if (segment->is.last_sequence >= run->is.first_sequence &&
            segment->is.first_sequence <= run->is.last_sequence)
            err = sealed_rows(segment->sealed, keys_row, keys);
    }
    if (err == OK)
        err = key_run_each(run->run, keys_entry, keys, NULL);
    return err;
}

/* A run whose own bytes are in order, and those of its segments. */
static enum err keys_check(struct check *check, const struct catalog_run *run)
{
    uint64_t width = run->is.last_sequence - run->is.first_sequence + 1;
    struct keys keys = {
        .salt = check->catalog->salt,
        .first_sequence = run->is.first_sequence,
        .last_sequence = run->is.last_sequence,
        .erased = calloc((size_t)(width / 64 + 1), sizeof(uint64_t)),
        .seen = calloc((size_t)(width / 64 + 1), sizeof(uint64_t)),
    };
    char name[MANIFEST_NAME_MAX];
    enum err err;
    MUST(keys.erased != NULL && keys.seen != NULL);
    manifest_run_name(run->is.file, name);
    err = keys_read(check, run, &keys);
    if (err == OK && (keys.has_repeated || keys.seen_count != width))
        check_flaw(check, name, 0, "has not one key for each event");
    else if (err == OK &&
             (keys.of_events.low != keys.of_keys.low || keys.of_events.high != keys.of_keys.high))
        check_flaw(check, name, 0, "its keys are not those of the events");
    free(keys.erased);
    free(keys.seen);
    return err;
}

/* ---- sealed files ---- */

/* What is read through an open file would not tell that its name is gone. */
static enum err name_check(struct check *check, const char *name)
{
    struct usage_io *io = check->catalog->io;
    char path[PATH_MAX];
    int fd;
    catalog_path(check->catalog, name, path, sizeof(path));
    fd = io->open(io, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd >= 0)
        (void)close(fd);
    else if (errno == ENOENT)
        check_flaw(check, name, 0, "the file is missing");
    else
        return ERR_IO;
    return OK;
}

static enum err segment_check(struct check *check, const struct catalog_segment *segment)
{
    char name[MANIFEST_NAME_MAX];
    enum err err;
    manifest_segment_name(segment->is.file, name);
    err = name_check(check, name);
    return err == OK ? sealed_check(segment->sealed, check_visit, check) : err;
}

static enum err run_check(struct check *check, const struct catalog_run *run)
{
    char name[MANIFEST_NAME_MAX];
    enum err err;
    manifest_run_name(run->is.file, name);
    err = name_check(check, name);
    return err == OK ? key_run_check(run->run, check_visit, check) : err;
}

/* Keys are compared with events where both are in order by themselves. */
static enum err sealed_files_check(struct check *check)
{
    const struct snapshot *snapshot = check->snapshot;
    enum err err = OK;
    for (uint32_t i = 0; i < snapshot->segment_count && err == OK; i++)
        err = segment_check(check, snapshot->segments[i]);
    for (uint32_t i = 0; i < snapshot->run_count && err == OK; i++)
        err = run_check(check, snapshot->runs[i]);
    for (uint32_t i = 0; i < snapshot->run_count && err == OK && check->flaws == 0; i++)
        err = keys_check(check, snapshot->runs[i]);
    return err;
}

/* ---- the log ---- */

/* Whether the frames up to `length` are whole and their sequences go on from `*next`. */
static void frames_check(struct check *check, const struct log_file *file, uint64_t length,
                         uint64_t *next)
{
    uint64_t salt = check->catalog->salt;
    uint64_t at = LOG_HEADER_BYTES;
    char name[LOG_NAME_MAX];
    log_file_name(file->header.ordinal, name);
    while (at < length) {
        struct frame frame;
        const char *flaw = NULL;
        if (!frame_read_header(file->map + at, length - at, at, salt, &frame))
            flaw = "header";
        else if (!frame_is_whole(&frame, file->map + at + FRAME_HEADER_BYTES,
                                 length - at - FRAME_HEADER_BYTES, salt))
            flaw = "records";
        else if (frame.first_sequence != *next)
            flaw = "sequence";
        if (flaw) {
            check_flaw(check, name, at, "frame of event %llu: %s", (unsigned long long)*next, flaw);
            return;
        }
        *next += frame.count;
        at += FRAME_HEADER_BYTES + frame.body_bytes;
    }
}

/* Through a file opened anew, so that its header is read again, too. */
static enum err part_check(struct check *check, const struct part *part, uint64_t *next)
{
    struct catalog *catalog = check->catalog;
    uint64_t length = part->file->length;
    uint32_t ordinal = part->file->header.ordinal;
    uint64_t flaws = check->flaws;
    struct log_file *file;
    char name[LOG_NAME_MAX];
    enum err err;
    log_file_name(ordinal, name);
    err = name_check(check, name);
    if (err != OK || check->flaws > flaws)
        return err;
    err = log_file_open(catalog->io, catalog->directory, ordinal, LOG_HEADER_BYTES, &file);
    if (err == ERR_CORRUPT || err == ERR_ABSENT) {
        check_flaw(check, name, 0, "header");
        return OK;
    }
    if (err != OK)
        return err;
    if (file->room < length)
        check_flaw(check, name, file->room, "the file ends early");
    else if (part->first_sequence != *next || file->header.first_sequence != *next ||
             file->header.salt != catalog->salt)
        check_flaw(check, name, 0, "header: not what follows the file before it");
    else
        frames_check(check, file, length, next);
    log_file_free(file);
    return OK;
}

static enum err log_check(struct check *check)
{
    const struct snapshot *snapshot = check->snapshot;
    uint64_t next = snapshot->sealed_to + 1;
    enum err err = OK;
    for (uint32_t i = 0; i < snapshot->part_count && err == OK; i++)
        err = part_check(check, snapshot->parts[i], &next);
    return err;
}

/* ---- the list of conflicts ---- */

static void conflicts_check(struct check *check)
{
    struct conflicts *ring = conflicts_new();
    if (!conflicts_load(ring, check->catalog->io, check->catalog->directory))
        check_flaw(check, CONFLICTS_NAME, 0, "checksum: counts as no list");
    conflicts_free(ring);
}

enum err usage_check(struct usage *usage, usage_damage_visit *visit, void *state)
{
    struct check check = { .catalog = usage->catalog, .visit = visit, .state = state };
    struct snapshot *snapshot;
    enum err err;
    MUST(pthread_mutex_lock(&usage->catalog->work) == 0);
    snapshot = catalog_take(usage->catalog);
    check.snapshot = snapshot;
    err = manifest_check(&check);
    MUST(pthread_mutex_unlock(&usage->catalog->work) == 0);
    if (err == OK)
        err = sealed_files_check(&check);
    if (err == OK)
        err = log_check(&check);
    if (err == OK)
        conflicts_check(&check);
    catalog_give(usage->catalog, snapshot);
    return err;
}
