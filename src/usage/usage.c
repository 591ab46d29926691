#include "usage/usage.h"

#include "base/limits.h"
#include "usage/record.h"
#include "usage/usage_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define QUEUE_BYTES_MAX (1U << 30) /* two such make a frame that still fits a file */

/* ---- open and close ---- */

static enum err lock_take(const char *directory, int *ret)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/lock", directory);
    int fd;
    MUST(length > 0 && length < (int)sizeof(path));
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return segment_error(errno);
    fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return segment_error(errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        enum err err = errno == EWOULDBLOCK ? ERR_BUSY : ERR_IO;
        (void)close(fd);
        return err;
    }
    *ret = fd;
    return OK;
}

/* One record of the replay. A key that comes twice was not written by this program. */
static enum err replay_visit(void *state, struct journal *journal, uint64_t position,
                             const unsigned char *record)
{
    struct usage *usage = state;
    uint64_t fingerprint = record_fingerprint(record, journal->salt);
    const unsigned char *first;
    if (usage->index->count >= INDEX_EVENTS_MAX)
        return ERR_CORRUPT;
    if (event_index_find(usage->index, journal, fingerprint, record, &first) != ERR_ABSENT)
        return ERR_CORRUPT;
    event_index_add(usage->index, position, fingerprint, record);
    return OK;
}

static void usage_free(struct usage *usage)
{
    journal_close(usage->journal);
    event_index_free(usage->index);
    conflicts_free(usage->ring);
    MUST(pthread_mutex_destroy(&usage->lock) == 0);
    MUST(pthread_cond_destroy(&usage->has_work) == 0);
    if (usage->lock_fd >= 0)
        (void)close(usage->lock_fd);
    free(usage);
}

enum err usage_open(const struct usage_config *config, struct usage **ret,
                    struct usage_replay *ret_replay)
{
    struct journal_config journal = {
        .directory = config->directory,
        .io = config->io ? config->io : usage_io_system(),
        .segment_bytes = config->segment_bytes ? config->segment_bytes : JOURNAL_SEGMENT_BYTES,
    };
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
    usage->index = event_index_new();
    usage->ring = conflicts_new();
    err = lock_take(config->directory, &usage->lock_fd);
    if (err == OK)
        err = journal_open(&journal, replay_visit, usage, &usage->journal, &replay);
    if (err != OK) {
        usage_free(usage);
        return err;
    }
    CHECK(usage->index->count == replay.events);
    usage->visible = replay.events;
    MUST(pthread_create(&usage->thread, NULL, commit_run, usage) == 0);
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
    batch->fingerprints = (uint64_t *)(batch + 1);
    batch->records = (unsigned char *)(batch->fingerprints + count);
    record = batch->records;
    for (size_t i = 0; i < count; i++) {
        record_write(&events[i], record);
        batch->fingerprints[i] = record_fingerprint(record, salt);
        record += record_length(record);
    }
    CHECK((size_t)(record - (unsigned char *)batch) == batch->bytes);
}

enum err usage_append(struct usage *usage, const struct usage_event *events, size_t count,
                      usage_done *done, void *state)
{
    size_t bytes = sizeof(struct batch) + count * sizeof(uint64_t);
    struct batch *batch;
    enum err err;

    CHECK(done != NULL);
    CHECK(count < QUEUE_BYTES_MAX / sizeof(uint64_t));
    for (size_t i = 0; i < count; i++) {
        CHECK(!ulid_is_zero(events[i].org.ulid));
        bytes += record_size(&events[i]);
    }
    CHECK(bytes <= QUEUE_BYTES_MAX);
    err = queue_reserve(usage, bytes);
    if (err != OK)
        return err;
    batch = malloc(bytes);
    MUST(batch != NULL);
    *batch = (struct batch){ .done = done, .state = state, .bytes = bytes };
    batch_fill(batch, events, count, usage->journal->salt);
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

void usage_stats(struct usage *usage, struct usage_stats *ret)
{
    *ret = (struct usage_stats){
        .events = usage_sequence(usage),
        .duplicates = usage->duplicates,
        .conflicts = usage->conflicts,
        .flushes = usage->flushes,
        .bytes_on_disk = usage->journal->bytes,
        .is_failing = usage->is_failing,
    };
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    ret->queue_bytes = usage->queue_bytes;
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
}

/* ---- sealing ---- */

uint64_t usage_sealed_sequence(struct usage *usage)
{
    CHECK(usage != NULL);
    return 0;
}

enum err usage_seal(struct usage *usage)
{
    return usage_sequence(usage) == 0 ? OK : ERR_BUSY;
}

void usage_listen(struct usage *usage, usage_sealed *sealed, void *state)
{
    MUST(pthread_mutex_lock(&usage->lock) == 0);
    usage->listener = sealed;
    usage->listener_state = state;
    MUST(pthread_mutex_unlock(&usage->lock) == 0);
}

uint64_t usage_epoch(struct usage *usage, uint64_t first, uint64_t last)
{
    CHECK(first > 0 && first <= last);
    CHECK(last <= usage_sequence(usage));
    return 1;
}
