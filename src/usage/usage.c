#include "usage/usage.h"

#include "base/limits.h"
#include "usage/record.h"
#include "usage/usage_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_BYTES_MAX      (1U << 30) /* two such make a frame that still fits a file */
#define SEAL_AGE_MILLISECOND 5000U
#define ROOM_BYTES_MIN       (512U * 1024)
#define ROOM_BYTES_MAX       (32U * 1024 * 1024)
#define PARTS_MAX            48U                  /* about 3 GB of log */
#define BACKLOG_BYTES_MAX    (160U * 1024 * 1024) /* of memory: three million events */

/* ---- open and close ---- */

static enum err lock_take(const char *directory, int *ret)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/lock", directory);
    int fd;
    MUST(length > 0 && length < (int)sizeof(path));
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return log_file_error(errno);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return log_file_error(errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        enum err err = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
        (void)close(fd);
        return err;
    }
    *ret = fd;
    return OK;
}

void usage_settle(struct usage *usage)
{
    usage->settled_sequence = usage->visible;
    if (usage->part) {
        usage->settled_log = usage->part->file->header.ordinal;
        usage->settled_length = usage->part->file->length;
    }
}

static void part_take(void *state, struct part *part)
{
    struct usage *usage = state;
    if (usage->part)
        part_end(usage->part);
    catalog_add_part(usage->catalog, part);
    usage->part = part;
}

static void room_init(struct usage *usage, const struct usage_config *config)
{
    usage->room = (struct log_room){
        .io = usage->catalog->io,
        .directory = usage->catalog->directory,
        .fd = -1,
    };
    usage->journal->room = &usage->room;
    usage->room_least = config->room_bytes ? 1 : ROOM_BYTES_MIN;
    if (config->room_bytes != SIZE_MAX)
        usage->room_max = config->room_bytes ? config->room_bytes : ROOM_BYTES_MAX;
}

/* Opens what is sealed, then the log behind it. */
static enum err files_open(struct usage *usage, const struct usage_config *config,
                           struct usage_replay *ret)
{
    const struct catalog_config catalog = {
        .io = config->io ? config->io : usage_io_system(),
        .directory = config->directory,
        .cache_bytes = config->cache_bytes ? config->cache_bytes : LIMIT_USAGE_CACHE_BYTES,
        .damage = config->damage,
    };
    struct journal_config journal = {
        .directory = config->directory,
        .io = catalog.io,
        .file_bytes = config->segment_bytes ? config->segment_bytes : JOURNAL_FILE_BYTES,
        .damage = config->damage,
    };
    enum err err = catalog_open(&catalog, &usage->catalog, &journal.is_new);
    if (err != OK)
        return err;
    journal.salt = usage->catalog->salt;
    journal.first_log = usage->catalog->first_log;
    journal.first_sequence = usage->catalog->sealed_to + 1;
    err = journal_open(&journal, part_take, usage, &usage->journal, ret);
    if (err != OK)
        return err;
    room_init(usage, config);
    usage->salt = usage->journal->salt;
    usage->catalog->salt = usage->salt;
    (void)!catalog_clean(usage->catalog); /* what stays does no harm */
    (void)conflicts_load(usage->ring, usage->catalog->io, usage->catalog->directory);
    return OK;
}

static void sealing_init(struct sealing *sealing, const struct usage_config *config)
{
    uint32_t age_millisecond = config->seal_age_millisecond ? config->seal_age_millisecond
                                                            : SEAL_AGE_MILLISECOND;
    sealing->rows_max = config->seal_rows ? config->seal_rows : SEALED_ROWS_MAX;
    sealing->parts_max = config->parts_max ? config->parts_max : PARTS_MAX;
    sealing->backlog_max = BACKLOG_BYTES_MAX;
    sealing->age_ns = age_millisecond == UINT32_MAX ? INT64_MAX
                                                    : age_millisecond * INT64_C(1000000);
    MUST(pthread_mutex_init(&sealing->listener_lock, NULL) == 0);
    CHECK(sealing->rows_max <= SEALED_ROWS_MAX);
}

static void usage_free(struct usage *usage)
{
    if (usage->room.directory)
        log_room_drop(&usage->room);
    journal_close(usage->journal);
    catalog_close(usage->catalog);
    conflicts_free(usage->ring);
    MUST(pthread_mutex_destroy(&usage->lock) == 0);
    MUST(pthread_mutex_destroy(&usage->sealing.listener_lock) == 0);
    MUST(pthread_cond_destroy(&usage->has_work) == 0);
    if (usage->lock_fd >= 0)
        (void)close(usage->lock_fd);
    free(usage);
}

enum err usage_open(const struct usage_config *config, struct usage **ret,
                    struct usage_replay *ret_replay)
{
    struct usage_replay replay = { 0 };
    int64_t start_ns = clock_monotonic_ns();
    struct usage *usage = calloc(1, sizeof(*usage));
    enum err err;

    MUST(usage != NULL);
    CHECK(config->directory && config->directory[0] != '\0');
    CHECK(config->queue_bytes <= QUEUE_BYTES_MAX);
    usage->queue_bytes_max = config->queue_bytes ? config->queue_bytes : LIMIT_USAGE_QUEUE_BYTES;
    usage->lock_fd = -1;
    MUST(pthread_mutex_init(&usage->lock, NULL) == 0);
    MUST(pthread_cond_init(&usage->has_work, NULL) == 0);
    sealing_init(&usage->sealing, config);
    usage->ring = conflicts_new();
    err = lock_take(config->directory, &usage->lock_fd);
    if (err == OK)
        err = files_open(usage, config, &replay);
    if (err != OK) {
        usage_free(usage);
        return err;
    }
    replay.events = usage->journal->next_sequence - 1;
    usage->visible = replay.events;
    usage_settle(usage);
    MUST(pthread_create(&usage->thread, NULL, commit_run, usage) == 0);
    seal_start(usage);
    replay.elapsed_ns = clock_monotonic_ns() - start_ns;
    if (ret_replay)
        *ret_replay = replay;
    *ret = usage;
    return OK;
}

void usage_close(struct usage *usage)
{
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    CHECK(!usage->is_stopping);
    usage->is_stopping = true;
    MUST(pthread_cond_signal(&usage->has_work) == 0);
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
    MUST(pthread_join(usage->thread, NULL) == 0);
    seal_stop(usage);
    (void)!conflicts_save(usage->ring, usage->catalog->io, usage->catalog->directory);
    usage_free(usage);
}

/* ---- append ---- */

/* Takes room in the queue, so that copying can be done without the lock. */
static enum err queue_reserve(struct usage *usage, size_t bytes)
{
    enum err err = OK;
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    if (usage->is_stopping)
        err = ERR_STOPPED;
    else if (usage->queue_bytes > 0 && usage->queue_bytes + bytes > usage->queue_bytes_max)
        err = ERR_BUSY;
    else
        usage->queue_bytes += bytes;
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
    return err;
}

static void queue_put(struct usage *usage, struct batch *batch)
{
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    if (usage->queue_last)
        usage->queue_last->next = batch;
    else
        usage->queue_first = batch;
    usage->queue_last = batch;
    MUST(pthread_cond_signal(&usage->has_work) == 0);
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
}

static void batch_fill(struct batch *batch, const struct usage_event *events, size_t count,
                       uint64_t salt)
{
    unsigned char *record;
    batch->count = count;
    batch->marks = (struct batch_mark *)(batch + 1);
    batch->records = (unsigned char *)(batch->marks + count);
    record = batch->records;
    for (size_t i = 0; i < count; i++) {
        record_write(&events[i], salt, record);
        batch->marks[i] = (struct batch_mark){
            .fingerprint = record_fingerprint(record, salt),
            .subject_hash = intern_hash(events[i].subject, salt),
            .size = record_length(record),
        };
        record += batch->marks[i].size;
    }
    CHECK((size_t)(record - (unsigned char *)batch) == batch->bytes);
}

enum err usage_append(struct usage *usage, const struct usage_event *events, size_t count,
                      usage_done *done, void *state)
{
    size_t bytes = sizeof(struct batch) + count * sizeof(struct batch_mark);
    struct batch *batch;
    enum err err;

    CHECK(done != NULL);
    CHECK(count < QUEUE_BYTES_MAX / sizeof(struct batch_mark));
    for (size_t i = 0; i < count; i++) {
        CHECK(!ulid_is_zero(events[i].org.ulid));
        bytes += record_size(&events[i]);
    }
    CHECK(bytes <= QUEUE_BYTES_MAX);
    if (usage->catalog->parts > usage->sealing.parts_max) /* the last one does not wait */
        return ERR_BUSY;
    err = queue_reserve(usage, bytes);
    if (err != OK)
        return err;
    batch = malloc(bytes);
    MUST(batch != NULL);
    *batch = (struct batch){ .done = done, .state = state, .bytes = bytes };
    batch_fill(batch, events, count, usage->salt);
    queue_put(usage, batch);
    return OK;
}

/* Somebody who waits for a receipt. */
struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t is_answered;
    bool is_done;
    struct usage_receipt receipt;
};

static void waiter_done(void *state, const struct usage_receipt *receipt)
{
    struct waiter *waiter = state;
    MUST(pthread_mutex_lock(&waiter->lock) == 0);
    waiter->receipt = *receipt;
    waiter->is_done = true;
    MUST(pthread_cond_signal(&waiter->is_answered) == 0);
    MUST(pthread_mutex_unlock(&waiter->lock) == 0);
}

enum err usage_append_wait(struct usage *usage, const struct usage_event *events, size_t count,
                           struct usage_receipt *ret)
{
    struct waiter waiter = { .lock = PTHREAD_MUTEX_INITIALIZER,
                             .is_answered = PTHREAD_COND_INITIALIZER };
    enum err err;
    CHECK(!pthread_equal(pthread_self(), usage->thread));
    err = usage_append(usage, events, count, waiter_done, &waiter);
    if (err != OK)
        return err;
    MUST(pthread_mutex_lock(&waiter.lock) == 0);
    while (!waiter.is_done)
        MUST(pthread_cond_wait(&waiter.is_answered, &waiter.lock) == 0);
    MUST(pthread_mutex_unlock(&waiter.lock) == 0);
    MUST(pthread_cond_destroy(&waiter.is_answered) == 0);
    MUST(pthread_mutex_destroy(&waiter.lock) == 0);
    if (waiter.receipt.err == OK)
        *ret = waiter.receipt;
    return waiter.receipt.err;
}

/* ---- numbers ---- */

size_t usage_conflicts(struct usage *usage, struct org_id org, struct arena *arena,
                       struct usage_conflict **ret)
{
    return conflicts_list(usage->ring, org, arena, ret);
}

uint64_t usage_sequence(struct usage *usage)
{
    return atomic_load_explicit(&usage->visible, memory_order_acquire);
}

/* Counts what is sealed and what is in the log. */
static void files_count(const struct snapshot *snapshot, struct usage_stats *ret)
{
    ret->sealed_events = snapshot->sealed_to;
    ret->sealed_segments = snapshot->segment_count;
    for (uint32_t i = 0; i < snapshot->segment_count; i++) {
        const struct sealed_summary *summary = sealed_summary(snapshot->segments[i]->sealed);
        ret->bytes_on_disk += summary->bytes;
        ret->erased_events += summary->erased;
    }
    for (uint32_t i = 0; i < snapshot->run_count; i++) {
        const struct key_run_summary *summary = key_run_summary(snapshot->runs[i]->run);
        ret->bytes_on_disk += summary->bytes;
        ret->memory_bytes += summary->memory_bytes;
    }
    for (uint32_t i = 0; i < snapshot->part_count; i++) {
        ret->bytes_on_disk += snapshot->parts[i]->file->length;
        ret->memory_bytes += snapshot->parts[i]->memory_bytes;
    }
}

void usage_stats(struct usage *usage, struct usage_stats *ret)
{
    struct snapshot *snapshot = catalog_take(usage->catalog);
    *ret = (struct usage_stats){
        .events = usage_sequence(usage),
        .duplicates = usage->duplicates,
        .conflicts = usage->conflicts,
        .flushes = usage->flushes,
        .memory_bytes = sealed_cache_bytes(usage->catalog->cache),
        .is_failing = usage->is_failing,
    };
    files_count(snapshot, ret);
    catalog_give(usage->catalog, snapshot);
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    ret->queue_bytes = usage->queue_bytes;
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
}
