/* seal.c: the sealing thread: turns parts of the log into sealed segments and runs of keys.
 *
 * It works behind everybody else, and holds no lock that others wait for but for moments. It seals
 * a part when the commit thread has gone on to the next one; it asks it to do so when the last part
 * has grown old or usage_seal wants it; and when no part waits it merges what is small. What fails
 * is tried again later, from the log, which stays until the manifest has what replaces it. It also
 * frees what readers have given back, and tells the listener.
 */
#include "usage/record.h"
#include "usage/usage_inside.h"

#include "base/clock.h"
#include "base/turn.h"

#include <limits.h>
#include <sys/prctl.h>
#include <time.h>

#define WRITER_BYTES_MAX (256U * 1024 * 1024) /* a segment ends early when its data is large */
#define ROWS_YOUNG       4096U /* parts with fewer events may grow older before they are sealed */
#define AGE_FACTOR       12
#define RETRY_NS         NS_PER_SECOND
#define RUNS_MANY        40
#define NICE             10 /* behind who answers; commit.c waits when sealing falls behind */

/* The log's pages are let go after so many bytes: they are not read again. */
#define REST_BYTES (4U * 1024 * 1024)

/* ---- one part ---- */

/* The sealing of a part under way. */
struct sealer {
    struct usage *usage;
    const struct part *part;
    struct sealed_writer *writer;
    struct key_entry *keys;
    struct catalog_segment **segments;
    uint32_t segment_count;
    struct catalog_run *run;
    uint64_t first; /* of the segment being written */
};

/* Writes what the writer has, and opens it. */
static enum err segment_finish(struct sealer *sealer, uint64_t last)
{
    struct catalog *catalog = sealer->usage->catalog;
    struct manifest_segment is = { .first_sequence = sealer->first, .last_sequence = last };
    char name[MANIFEST_NAME_MAX];
    char path[PATH_MAX];
    enum err err;
    is.file = catalog_next_file(catalog);
    manifest_segment_name(is.file, name);
    catalog_path(catalog, name, path, sizeof(path));
    err = sealed_writer_finish(sealer->writer, catalog->io, path);
    if (err != OK)
        return err;
    err = catalog_segment_open(catalog, &is, &sealer->segments[sealer->segment_count]);
    if (err != OK) {
        catalog_file_remove(catalog, name);
        return err;
    }
    sealer->segment_count++;
    sealer->first = last + 1;
    return OK;
}

static enum err segments_write(struct sealer *sealer, uint64_t last)
{
    const struct part *part = sealer->part;
    uint32_t rows_max = sealer->usage->sealing.rows_max;
    uint32_t rested = 0;
    for (uint64_t sequence = part->first_sequence; sequence <= last; sequence++) {
        const unsigned char *record = part_record(part, sequence);
        struct usage_event event;
        enum err err = OK;
        if (!record)
            return ERR_CORRUPT;
        if (sealer->usage->sealing.is_stopping)
            return ERR_STOPPED; /* the log stays: the next start goes on */
        if (event_index_entry(part->index, sequence)->offset - rested > REST_BYTES) {
            rested = event_index_entry(part->index, sequence)->offset;
            log_file_rest(part->file);
        }
        record_read(record, &event);
        sealed_writer_add(sealer->writer, &event);
        sealer->keys[sequence - part->first_sequence] = (struct key_entry){
            .fingerprint = event_index_entry(part->index, sequence)->fingerprint,
            .sequence = sequence,
        };
        if (sequence == last || sealed_writer_rows(sealer->writer) == rows_max ||
            sealed_writer_bytes(sealer->writer) >= WRITER_BYTES_MAX)
            err = segment_finish(sealer, sequence);
        if (err != OK)
            return err;
    }
    return OK;
}

static enum err run_write(struct sealer *sealer, uint64_t last)
{
    struct catalog *catalog = sealer->usage->catalog;
    struct manifest_run is = { .first_sequence = sealer->part->first_sequence,
                               .last_sequence = last };
    const struct key_run_keys keys = {
        .entries = sealer->keys,
        .count = last - is.first_sequence + 1,
        .first_sequence = is.first_sequence,
        .last_sequence = last,
    };
    char name[MANIFEST_NAME_MAX];
    char path[PATH_MAX];
    enum err err;
    is.file = catalog_next_file(catalog);
    manifest_run_name(is.file, name);
    catalog_path(catalog, name, path, sizeof(path));
    err = key_run_write(catalog->io, path, &keys);
    if (err != OK)
        return err;
    err = catalog_run_open(catalog, &is, &sealer->run);
    if (err != OK)
        catalog_file_remove(catalog, name);
    return err;
}

/* Gives what was written to the catalog, in the place of the part. */
static enum err sealer_publish(struct sealer *sealer, const struct snapshot *snapshot)
{
    const struct catalog_change change = {
        .segments = sealer->segments,
        .segment_count = sealer->segment_count,
        .segment_at = snapshot->segment_count,
        .runs = &sealer->run,
        .run_count = 1,
        .run_at = snapshot->run_count,
        .part_drop = 1,
    };
    return catalog_change(sealer->usage->catalog, &change);
}

/* Seals the oldest part, which is not the last. */
static enum err part_seal(struct usage *usage, const struct snapshot *snapshot)
{
    const struct part *part = snapshot->parts[0];
    uint64_t last = snapshot_part_end(snapshot, 0, UINT64_MAX);
    uint64_t count = last - part->first_sequence + 1;
    struct sealer sealer = { .usage = usage, .part = part, .first = part->first_sequence };
    enum err err;

    CHECK(snapshot->part_count > 1);
    CHECK(part->first_sequence == snapshot->sealed_to + 1);
    if (count == 0)
        return catalog_change(usage->catalog, &(struct catalog_change){ .part_drop = 1 });
    sealer.writer = sealed_writer_new(usage->salt);
    sealer.keys = calloc(count, sizeof(*sealer.keys));
    sealer.segments = calloc(count, sizeof(*sealer.segments));
    MUST(sealer.keys != NULL && sealer.segments != NULL);
    err = segments_write(&sealer, last);
    if (err == OK)
        err = run_write(&sealer, last);
    if (err == OK) {
        err = sealer_publish(&sealer, snapshot);
    } else {
        for (uint32_t i = 0; i < sealer.segment_count; i++)
            catalog_segment_free(usage->catalog, sealer.segments[i], true);
    }
    sealed_writer_free(sealer.writer);
    free(sealer.keys);
    free(sealer.segments);
    return err;
}

/* ---- the thread ---- */

/* What to do next. */
enum step {
    STEP_STOP,
    STEP_SWEEP,
    STEP_TELL,
    STEP_SEAL,
    STEP_ROLL,
    STEP_MERGE,
    STEP_ROOM,
    STEP_WAIT
};

/* When the last part will be old enough to be sealed; INT64_MAX for never. */
static int64_t ripe_at_ns(const struct usage *usage, const struct part *part, uint64_t count)
{
    int64_t age_ns = usage->sealing.age_ns;
    int64_t begun_ns = part->begun_ns;
    if (begun_ns == 0 || age_ns == INT64_MAX)
        return INT64_MAX;
    return begun_ns + (count < ROWS_YOUNG ? AGE_FACTOR * age_ns : age_ns);
}

/* Whether sealing comes before merging: somebody waits, or the backlog grows; but not so long that
 * looking into ever more runs slows everybody down. Under the catalog's lock. */
static bool is_pressed(const struct usage *usage)
{
    const struct snapshot *current = usage->catalog->current;
    const struct sealing *sealing = &usage->sealing;
    if (sealing->wanted_to > current->sealed_to)
        return true;
    return (current->part_count > sealing->parts_max / 2 ||
            snapshot_backlog(current) > sealing->backlog_max / 4) &&
           current->run_count < RUNS_MANY;
}

/* The next step; with STEP_WAIT also until when. Under the catalog's lock. */
static enum step step_next(struct usage *usage, bool has_merged_all, int64_t *ret_until_ns)
{
    const struct sealing *sealing = &usage->sealing;
    const struct snapshot *current = usage->catalog->current;
    int64_t now_ns = clock_monotonic_ns();
    int64_t until_ns = INT64_MAX;

    if (sealing->is_stopping)
        return STEP_STOP;
    if (usage->catalog->garbage)
        return STEP_SWEEP;
    if (sealing->is_news)
        return STEP_TELL;
    if (now_ns < sealing->retry_at_ns) {
        *ret_until_ns = sealing->retry_at_ns;
        return STEP_WAIT;
    }
    if (log_room_is_due(&usage->room))
        return STEP_ROOM;
    if (current->part_count > 1 && (has_merged_all || is_pressed(usage)) &&
        (sealing->age_ns != INT64_MAX || sealing->wanted_to > current->sealed_to))
        return STEP_SEAL;
    if (!has_merged_all)
        return STEP_MERGE;
    if (current->part_count == 1 && !sealing->is_rolling) {
        const struct part *part = current->parts[0];
        uint64_t visible = usage_sequence(usage);
        if (sealing->wanted_to > current->sealed_to && visible > current->sealed_to)
            return STEP_ROLL;
        until_ns = ripe_at_ns(usage, part, visible - current->sealed_to);
        if (until_ns <= now_ns)
            return STEP_ROLL;
    }
    *ret_until_ns = until_ns;
    return STEP_WAIT;
}

/* Under the catalog's lock. */
static void wait_until(struct usage *usage, int64_t until_ns)
{
    struct catalog *catalog = usage->catalog;
    struct timespec until = { .tv_sec = until_ns / NS_PER_SECOND,
                              .tv_nsec = until_ns % NS_PER_SECOND };
    if (until_ns == INT64_MAX)
        MUST(pthread_cond_wait(&catalog->is_changed, &catalog->lock) == 0);
    else
        (void)pthread_cond_timedwait(&catalog->is_changed, &catalog->lock, &until);
}

/* Asks the commit thread to end the last part. */
static void roll_ask(struct usage *usage)
{
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    usage->wants_roll = true;
    MUST(pthread_cond_signal(&usage->has_work) == 0);
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
}

static enum err seal_oldest(struct usage *usage)
{
    struct snapshot *snapshot;
    enum err err;
    MUST(pthread_mutex_lock(&usage->catalog->work) == 0);
    snapshot = catalog_take(usage->catalog);
    err = part_seal(usage, snapshot);
    catalog_give(usage->catalog, snapshot);
    MUST(pthread_mutex_unlock(&usage->catalog->work) == 0);
    return err;
}

static enum err merge_some(struct usage *usage, bool *ret_has_merged_all)
{
    enum err err;
    MUST(pthread_mutex_lock(&usage->catalog->work) == 0);
    err = seal_merge(usage);
    MUST(pthread_mutex_unlock(&usage->catalog->work) == 0);
    *ret_has_merged_all = err != OK;
    return err == ERR_ABSENT ? OK : err;
}

static void listener_tell(struct sealing *sealing)
{
    MUST(pthread_mutex_lock(&sealing->listener_lock) == 0);
    if (sealing->listener)
        sealing->listener(sealing->listener_state);
    MUST(pthread_mutex_unlock(&sealing->listener_lock) == 0);
}

/* Does one step, without the lock. */
static enum err step_do(struct usage *usage, enum step step, bool *has_merged_all)
{
    enum err err = OK;
    if (step == STEP_SWEEP) {
        catalog_sweep(usage->catalog);
    } else if (step == STEP_TELL) {
        listener_tell(&usage->sealing);
    } else if (step == STEP_ROLL) {
        roll_ask(usage);
    } else if (step == STEP_SEAL) {
        err = seal_oldest(usage);
        (void)!conflicts_save(usage->ring, usage->catalog->io, usage->catalog->directory);
        *has_merged_all = false;
        if (err == OK)
            listener_tell(&usage->sealing);
    } else if (step == STEP_MERGE) {
        err = merge_some(usage, has_merged_all);
    } else {
        CHECK(step == STEP_ROOM);
        if (log_room_make(&usage->room) != OK)
            usage->room.wanted = 0; /* until more events come */
    }
    return err;
}

static void *seal_run(void *state)
{
    struct usage *usage = state;
    struct sealing *sealing = &usage->sealing;
    pthread_mutex_t *lock = &usage->catalog->lock;
    bool has_merged_all = false;
    int64_t until_ns;
    enum step step;

    (void)prctl(PR_SET_NAME, "usage-seal");
    turn_behind(NICE);
    MUST(pthread_mutex_lock(lock) == 0);
    while ((step = step_next(usage, has_merged_all, &until_ns)) != STEP_STOP) {
        enum err err;
        if (step == STEP_WAIT) {
            if (!sealing->is_resting)
                MUST(pthread_cond_broadcast(&usage->catalog->is_changed) == 0);
            sealing->is_resting = true;
            wait_until(usage, until_ns);
            continue;
        }
        sealing->is_resting = false;
        sealing->is_rolling = sealing->is_rolling || step == STEP_ROLL;
        sealing->is_news = sealing->is_news && step != STEP_TELL;
        MUST(pthread_mutex_unlock(lock) == 0);
        err = step_do(usage, step, &has_merged_all);
        MUST(pthread_mutex_lock(lock) == 0);
        if (err == OK || step == STEP_MERGE) /* merging can wait for the next part */
            continue;
        sealing->failures++;
        sealing->failure = err;
        sealing->retry_at_ns = clock_monotonic_ns() + RETRY_NS;
        MUST(pthread_cond_broadcast(&usage->catalog->is_changed) == 0);
    }
    MUST(pthread_mutex_unlock(lock) == 0);
    return NULL;
}

void seal_start(struct usage *usage)
{
    MUST(pthread_create(&usage->sealing.thread, NULL, seal_run, usage) == 0);
}

void seal_stop(struct usage *usage)
{
    MUST(pthread_mutex_lock(&usage->catalog->lock) == 0);
    usage->sealing.is_stopping = true;
    MUST(pthread_cond_broadcast(&usage->catalog->is_changed) == 0);
    MUST(pthread_mutex_unlock(&usage->catalog->lock) == 0);
    MUST(pthread_join(usage->sealing.thread, NULL) == 0);
}

void seal_await_rest(struct usage *usage)
{
    struct catalog *catalog = usage->catalog;
    MUST(pthread_mutex_lock(&catalog->lock) == 0);
    while (!usage->sealing.is_resting || catalog->garbage || log_room_is_due(&usage->room))
        MUST(pthread_cond_wait(&catalog->is_changed, &catalog->lock) == 0);
    MUST(pthread_mutex_unlock(&catalog->lock) == 0);
}

void seal_wake(struct usage *usage, bool is_news)
{
    MUST(pthread_mutex_lock(&usage->catalog->lock) == 0);
    usage->sealing.is_news = usage->sealing.is_news || is_news;
    MUST(pthread_cond_broadcast(&usage->catalog->is_changed) == 0);
    MUST(pthread_mutex_unlock(&usage->catalog->lock) == 0);
}

/* ---- what others see ---- */

uint64_t usage_sealed_sequence(struct usage *usage)
{
    return usage->catalog->sealed_to;
}

bool usage_is_behind(struct usage *usage)
{
    struct catalog *catalog = usage->catalog;
    uint64_t backlog;
    MUST(pthread_mutex_lock(&catalog->lock) == 0);
    backlog = snapshot_backlog(catalog->current);
    MUST(pthread_mutex_unlock(&catalog->lock) == 0);
    return backlog > usage->sealing.backlog_max / 4;
}

enum err usage_seal(struct usage *usage)
{
    struct catalog *catalog = usage->catalog;
    struct sealing *sealing = &usage->sealing;
    uint64_t target = usage_sequence(usage);
    uint64_t failures;
    enum err err = OK;

    MUST(pthread_mutex_lock(&catalog->lock) == 0);
    failures = sealing->failures;
    if (sealing->wanted_to < target)
        sealing->wanted_to = target;
    sealing->retry_at_ns = 0;
    MUST(pthread_cond_broadcast(&catalog->is_changed) == 0);
    while (catalog->sealed_to < target && sealing->failures == failures)
        MUST(pthread_cond_wait(&catalog->is_changed, &catalog->lock) == 0);
    if (catalog->sealed_to < target)
        err = sealing->failure;
    MUST(pthread_mutex_unlock(&catalog->lock) == 0);
    return err;
}

void usage_listen(struct usage *usage, usage_sealed *sealed, void *state)
{
    struct sealing *sealing = &usage->sealing;
    MUST(pthread_mutex_lock(&sealing->listener_lock) == 0);
    sealing->listener = sealed;
    sealing->listener_state = state;
    MUST(pthread_mutex_unlock(&sealing->listener_lock) == 0);
}

uint64_t usage_epoch(struct usage *usage, uint64_t first, uint64_t last)
{
    struct snapshot *snapshot = catalog_take(usage->catalog);
    uint64_t epoch = 0;
    CHECK(first > 0 && first <= last && last <= snapshot->sealed_to);
    for (uint32_t i = 0; i < snapshot->segment_count; i++) {
        const struct manifest_segment *is = &snapshot->segments[i]->is;
        if (is->last_sequence >= first && is->first_sequence <= last && is->epoch > epoch)
            epoch = is->epoch;
    }
    catalog_give(usage->catalog, snapshot);
    return epoch;
}
