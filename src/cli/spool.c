/* spool.c: appending with a shared flush, taking in order, forgetting what is delivered. */
#include "cli/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/spool_file.h"

#define GROUP_BYTES  (16 * 1024 * 1024) /* one flush takes so much, and one request more */
#define QUEUE_BYTES  (64 * 1024 * 1024) /* accepted, not yet durable */
#define SEGMENT_MIN  (1024 * 1024)
#define SEGMENT_MAX  (64 * 1024 * 1024)
#define MARK_STEP_NS NS_PER_SECOND
#define TAKERS_MAX   1024
#define FRAME_COST   (SPOOL_FRAME_BYTES + 8)

/* One call of spool_append, waiting for its flush. */
struct entry {
    struct entry *next;
    spool_done *done;
    void *state;
    uint32_t count;
    size_t size;
    char bytes[]; /* as in a frame's payload */
};

struct spool {
    struct spool_config config;
    int lock_fd;
    pthread_t flusher;
    pthread_cond_t has_entries; /* for the flusher */

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t has_events;
    struct entry *queue, **queue_end;
    size_t queue_bytes;
    struct spool_segment *segments; /* in order; the last is appended to, if is_open */
    size_t segment_count, segment_room;
    bool is_open;
    uint64_t number_newest; /* of all segments that ever were */
    uint64_t last;          /* durable */
    uint64_t appended, flushes, cut_bytes, bytes;
    bool is_failing, is_closing, is_stopped;
    uint64_t taken;            /* up to this sequence */
    int64_t waiting_since_ns;  /* how old the oldest that is not taken may be */
    uint64_t open[TAKERS_MAX]; /* first sequences of batches that are out */
    size_t open_count;
    uint64_t mark;      /* delivered up to this */
    uint64_t mark_kept; /* as it stands in the file */

    pthread_mutex_t mark_mutex; /* one writer of the mark at a time; taken before `mutex` */
    int64_t mark_kept_ns;

    pthread_mutex_t take_mutex; /* one taker at a time; taken before `mutex` */
    struct spool_frame frame;   /* being read */
    bool has_frame;
    uint64_t frame_segment, frame_next; /* where the frame behind it is */
};

/* ---- opening ------------------------------------------------------------------------------- */

static int compare_numbers(const void *a, const void *b)
{
    uint64_t x = ((const struct spool_segment *)a)->number;
    uint64_t y = ((const struct spool_segment *)b)->number;

    return x < y ? -1 : x > y;
}

static struct spool_segment *segment_add(struct spool *spool)
{
    if (spool->segment_count == spool->segment_room) {
        spool->segment_room = (spool->segment_room + 4) * 2;
        spool->segments = realloc(spool->segments, spool->segment_room * sizeof *spool->segments);
        MUST(spool->segments);
    }
    spool->segments[spool->segment_count] = (struct spool_segment){ .fd = -1 };
    return &spool->segments[spool->segment_count++];
}

static enum err list_segments(struct spool *spool)
{
    DIR *directory = opendir(spool->config.directory);
    struct dirent *entry;

    if (!directory)
        return ERR_IO;
    while ((entry = readdir(directory))) {
        text name = text_of(entry->d_name);
        int64_t number;

        if (text_ends_with(name, TEXT(".spool")) &&
            text_to_int(text_slice(name, 0, name.len - 6), &number) && number > 0)
            segment_add(spool)->number = (uint64_t)number;
    }
    closedir(directory);
    if (spool->segment_count == 0)
        return OK;
    qsort(spool->segments, spool->segment_count, sizeof *spool->segments, compare_numbers);
    spool->number_newest = spool->segments[spool->segment_count - 1].number;
    return OK;
}

static void segment_remove(struct spool *spool, size_t index)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct spool_segment *segment = &spool->segments[index];

    if (segment->fd >= 0)
        close(segment->fd);
    unlink(spool_segment_path(arena, spool->config.directory, segment->number));
    spool->segment_count--;
    memmove(segment, segment + 1, (spool->segment_count - index) * sizeof *segment);
}

/* Opens the segment; one that was never whole is removed, and so is one that is delivered. */
static enum err open_segment(struct spool *spool, size_t index)
{
    struct spool_segment *segment = &spool->segments[index];
    bool is_last = index + 1 == spool->segment_count;
    enum err err = spool_segment_open(spool->config.directory, segment);

    if (err == ERR_ABSENT) {
        if (is_last)
            segment_remove(spool, index);
        return is_last ? OK : ERR_CORRUPT;
    }
    return err;
}

/* Reads the segment; `behind` is the one after it, NULL for the last. */
static enum err scan_segment(struct spool *spool, struct spool_segment *segment,
                             const struct spool_segment *behind)
{
    uint64_t want = behind ? behind->previous_length : UINT64_MAX;
    enum err err;

    if (behind && behind->previous_number != segment->number)
        return ERR_CORRUPT;
    err = spool_segment_scan(segment, want, &spool->cut_bytes);
    if (err != OK || !behind)
        return err;
    /* A gap is no loss when all before it was delivered. */
    return behind->first == segment->last + 1 || behind->first <= spool->mark + 1 ? OK
                                                                                  : ERR_CORRUPT;
}

static enum err fail_segment(struct spool *spool, size_t index, enum err err, struct arena *arena,
                             const char **ret_why)
{
    const char *path =
        spool_segment_path(arena, spool->config.directory, spool->segments[index].number);

    *ret_why = text_cstr(arena, text_format(arena, "%s %s", path,
                                            err == ERR_CORRUPT
                                                ? "is damaged, or the one before it is missing"
                                                : "cannot be read"));
    return err;
}

static enum err open_segments(struct spool *spool, struct arena *arena, const char **ret_why)
{
    enum err err = list_segments(spool);

    *ret_why = "the spool's directory cannot be read";
    for (size_t i = spool->segment_count; err == OK && i-- > 0;) {
        err = open_segment(spool, i);
        if (err != OK)
            return fail_segment(spool, i, err, arena, ret_why);
    }
    while (spool->segment_count > 1 && spool->segments[1].first <= spool->mark + 1)
        segment_remove(spool, 0);
    if (spool->segment_count > 0 && spool->mark > 0 && spool->segments[0].first > spool->mark + 1)
        return fail_segment(spool, 0, ERR_CORRUPT, arena, ret_why);
    for (size_t i = 0; err == OK && i < spool->segment_count; i++) {
        struct spool_segment *segment = &spool->segments[i];

        err = scan_segment(spool, segment, i + 1 < spool->segment_count ? segment + 1 : NULL);
        if (err != OK)
            return fail_segment(spool, i, err, arena, ret_why);
        spool->bytes += segment->length;
        spool->last = segment->last;
    }
    return err;
}

static enum err open_directory(struct spool *spool, struct arena *arena, const char **ret_why)
{
    const char *directory = spool->config.directory;

    *ret_why = "the spool's directory cannot be made";
    if (mkdir(directory, 0700) != 0 && errno != EEXIST)
        return err_of_errno(errno);
    spool->lock_fd = open(text_cstr(arena, text_format(arena, "%s/lock", directory)),
                          O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (spool->lock_fd < 0)
        return ERR_IO;
    *ret_why = "the spool is in use by another process";
    return flock(spool->lock_fd, LOCK_EX | LOCK_NB) == 0 ? OK : ERR_BUSY;
}

static void *flush_main(void *state);

static struct spool *spool_new(const struct spool_config *config)
{
    struct spool *spool = calloc(1, sizeof *spool);
    pthread_condattr_t attributes;

    MUST(spool);
    spool->config = *config;
    spool->lock_fd = -1;
    spool->queue_end = &spool->queue;
    MUST(pthread_condattr_init(&attributes) == 0);
    MUST(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    MUST(pthread_cond_init(&spool->has_events, &attributes) == 0);
    MUST(pthread_cond_init(&spool->has_entries, &attributes) == 0);
    MUST(pthread_condattr_destroy(&attributes) == 0);
    MUST(pthread_mutex_init(&spool->mutex, NULL) == 0);
    MUST(pthread_mutex_init(&spool->mark_mutex, NULL) == 0);
    MUST(pthread_mutex_init(&spool->take_mutex, NULL) == 0);
    return spool;
}

static void spool_free(struct spool *spool)
{
    for (size_t i = 0; i < spool->segment_count; i++)
        if (spool->segments[i].fd >= 0)
            close(spool->segments[i].fd);
    if (spool->lock_fd >= 0)
        close(spool->lock_fd);
    MUST(pthread_cond_destroy(&spool->has_events) == 0);
    MUST(pthread_cond_destroy(&spool->has_entries) == 0);
    MUST(pthread_mutex_destroy(&spool->mutex) == 0);
    MUST(pthread_mutex_destroy(&spool->mark_mutex) == 0);
    MUST(pthread_mutex_destroy(&spool->take_mutex) == 0);
    free(spool->frame.bytes);
    free(spool->segments);
    free(spool);
}

enum err spool_open(const struct spool_config *config, struct arena *arena, struct spool **ret,
                    const char **ret_why)
{
    struct spool *spool = spool_new(config);
    enum err err = open_directory(spool, arena, ret_why);

    if (err == OK) {
        spool->mark = spool->mark_kept = spool_mark_read(config->directory);
        err = open_segments(spool, arena, ret_why);
    }
    if (err != OK) {
        spool_free(spool);
        return err;
    }
    if (spool->mark == 0 && spool->segment_count > 0)
        spool->mark = spool->segments[0].first - 1;
    if (spool->last < spool->mark)
        spool->last = spool->mark;
    spool->taken = spool->mark;
    spool->waiting_since_ns = clock_monotonic_ns();
    MUST(pthread_create(&spool->flusher, NULL, flush_main, spool) == 0);
    *ret = spool;
    return OK;
}

/* ---- appending ----------------------------------------------------------------------------- */

static struct entry *entry_new(const text *events, size_t count, spool_done *done, void *state)
{
    size_t size = 0;
    struct entry *entry;

    for (size_t i = 0; i < count; i++)
        size += spool_event_bytes(events[i]);
    entry = malloc(sizeof *entry + size);
    MUST(entry);
    *entry = (struct entry){ .done = done, .state = state, .count = (uint32_t)count };
    for (size_t i = 0; i < count; i++) {
        spool_event_put(entry->bytes + entry->size, events[i]);
        entry->size += spool_event_bytes(events[i]);
    }
    CHECK(entry->size == size);
    return entry;
}

enum err spool_append(struct spool *spool, const text *events, size_t count, spool_done *done,
                      void *state)
{
    struct entry *entry = entry_new(events, count, done, state);
    enum err err = OK;

    CHECK(count > 0 && done);
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    if (spool->is_closing)
        err = ERR_STOPPED;
    else if (spool->bytes + spool->queue_bytes + entry->size > spool->config.bytes_max ||
             (spool->queue && spool->queue_bytes + entry->size > QUEUE_BYTES))
        err = ERR_BUSY;
    if (err == OK) {
        *spool->queue_end = entry;
        spool->queue_end = &entry->next;
        spool->queue_bytes += entry->size + FRAME_COST;
        MUST(pthread_cond_signal(&spool->has_entries) == 0);
    }
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    if (err != OK)
        free(entry);
    return err;
}

/* ---- flushing ------------------------------------------------------------------------------ */

static uint64_t segment_bytes(const struct spool *spool)
{
    uint64_t bytes = spool->config.bytes_max / 64;

    if (bytes < SEGMENT_MIN)
        return SEGMENT_MIN;
    return bytes > SEGMENT_MAX ? SEGMENT_MAX : bytes;
}

/* Begins a new segment where the present one is full or has failed. Only the flusher adds segments;
 * others only remove delivered ones, never the last. */
static enum err need_segment(struct spool *spool)
{
    struct spool_segment segment = { .fd = -1 };
    const struct spool_segment *last = NULL;
    bool is_fitting;
    enum err err;

    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    if (spool->segment_count > 0)
        last = &spool->segments[spool->segment_count - 1];
    is_fitting = last && spool->is_open && last->length < segment_bytes(spool);
    segment.first = spool->last + 1;
    segment.previous_number = last ? last->number : 0;
    segment.previous_length = last ? last->length : 0;
    segment.number = spool->number_newest += !is_fitting;
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    if (is_fitting)
        return OK;
    err = spool_segment_create(spool->config.directory, &segment);
    if (err != OK)
        return err;
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    *segment_add(spool) = segment;
    spool->is_open = true;
    spool->bytes += segment.length;
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    return OK;
}

static enum err write_whole(int fd, text bytes, uint64_t offset)
{
    size_t done = 0;

    while (done < bytes.len) {
        ssize_t put = pwrite(fd, bytes.ptr + done, bytes.len - done, (off_t)(offset + done));

        if (put < 0 && errno != EINTR)
            return err_of_errno(errno);
        done += put > 0 ? (size_t)put : 0;
    }
    return fdatasync(fd) == 0 ? OK : err_of_errno(errno);
}

/* The mutex is held. */
static void count_group(struct spool *spool, size_t bytes, uint32_t count)
{
    struct spool_segment *last = &spool->segments[spool->segment_count - 1];

    if (spool->last == spool->taken)
        spool->waiting_since_ns = clock_monotonic_ns();
    last->length += bytes;
    last->last += count;
    spool->last = last->last;
    spool->bytes += bytes;
    spool->appended += count;
    spool->flushes++;
    MUST(pthread_cond_broadcast(&spool->has_events) == 0);
}

/* Writes the group as one frame and flushes it. */
static enum err write_group(struct spool *spool, const struct entry *group)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct buffer out = { .arena = arena };
    struct spool_segment segment;
    uint32_t count = 0;
    enum err err = need_segment(spool);
    text frame;

    if (err != OK)
        return err;
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    segment = spool->segments[spool->segment_count - 1];
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    spool_frame_begin(&out);
    for (const struct entry *entry = group; entry; entry = entry->next) {
        buffer_add(&out, (text){ entry->bytes, entry->size });
        count += entry->count;
    }
    frame = spool_frame_end(&out, &segment, segment.last + 1, count);
    err = write_whole(segment.fd, frame, segment.length);
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    if (err == OK)
        count_group(spool, frame.len, count);
    else
        /* What a failed flush left is not known: the next frame goes to a new file, whose header
         * says how much of this one counts. */
        spool->is_open = false;
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    return err;
}

/* Takes some entries off the queue; NULL when it is empty. The mutex is held. */
static struct entry *take_group(struct spool *spool)
{
    struct entry *group = spool->queue;
    struct entry **end = &group;
    size_t size = 0;

    while (*end && (size == 0 || size + (*end)->size <= GROUP_BYTES)) {
        size += (*end)->size;
        end = &(*end)->next;
    }
    spool->queue = *end;
    if (!spool->queue)
        spool->queue_end = &spool->queue;
    *end = NULL;
    return group;
}

static void finish_group(struct spool *spool, struct entry *group, enum err err)
{
    size_t size = 0;

    while (group) {
        struct entry *entry = group;

        group = entry->next;
        size += entry->size + FRAME_COST;
        entry->done(entry->state, err);
        free(entry);
    }
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    spool->queue_bytes -= size;
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
}

static void *flush_main(void *state)
{
    struct spool *spool = state;

    MUST(pthread_setname_np(pthread_self(), "spool") == 0);
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    for (;;) {
        struct entry *group = take_group(spool);
        enum err err;

        if (!group && spool->is_closing)
            break;
        if (!group) {
            MUST(pthread_cond_wait(&spool->has_entries, &spool->mutex) == 0);
            continue;
        }
        MUST(pthread_mutex_unlock(&spool->mutex) == 0);
        err = write_group(spool, group);
        finish_group(spool, group, err);
        MUST(pthread_mutex_lock(&spool->mutex) == 0);
        spool->is_failing = err != OK;
    }
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    return NULL;
}

/* ---- taking -------------------------------------------------------------------------------- */

/* Waits until a batch is due; how many events there are. The mutex is held. */
static enum err wait_due(struct spool *spool, const struct spool_limits *limits)
{
    while (!spool->is_stopped) {
        uint64_t count = spool->last - spool->taken;
        int64_t due_ns = spool->waiting_since_ns + limits->linger_ns;
        struct timespec due = { due_ns / NS_PER_SECOND, due_ns % NS_PER_SECOND };

        if (spool->open_count < TAKERS_MAX &&
            (count >= limits->events_max || (count > 0 && clock_monotonic_ns() >= due_ns)))
            return OK;
        if (count > 0 && spool->open_count < TAKERS_MAX)
            (void)pthread_cond_timedwait(&spool->has_events, &spool->mutex, &due);
        else
            MUST(pthread_cond_wait(&spool->has_events, &spool->mutex) == 0);
    }
    return ERR_STOPPED;
}

/* The segment that holds the sequence. The mutex is held. */
static struct spool_segment segment_of(const struct spool *spool, uint64_t sequence)
{
    size_t i = 0;

    while (i < spool->segment_count && spool->segments[i].last < sequence)
        i++;
    MUST(i < spool->segment_count && spool->segments[i].first <= sequence);
    return spool->segments[i];
}

/* Reads frames until the one that holds the sequence is at hand, at that event. */
static enum err seek_event(struct spool *spool, uint64_t sequence)
{
    struct spool_frame *frame = &spool->frame;
    struct spool_segment segment;
    text event;

    while (!spool->has_frame || !spool_frame_peek(frame, &event)) {
        enum err err;

        MUST(pthread_mutex_lock(&spool->mutex) == 0);
        segment = segment_of(spool, sequence);
        MUST(pthread_mutex_unlock(&spool->mutex) == 0);
        if (spool->frame_segment != segment.number) {
            spool->frame_segment = segment.number;
            spool->frame_next = SPOOL_HEADER_BYTES;
        }
        spool->has_frame = false;
        err = spool_frame_read(&segment, spool->frame_next, frame);
        if (err != OK)
            return err;
        spool->has_frame = true;
        spool->frame_next += frame->length;
        while (frame->first + frame->next < sequence && spool_frame_peek(frame, &event))
            spool_frame_skip(frame);
    }
    return OK;
}

static enum err take_events(struct spool *spool, const struct spool_limits *limits, uint64_t last,
                            struct arena *arena, struct spool_batch *batch)
{
    size_t bytes = 0;
    text event;

    batch->events = ARENA_ARRAY(arena, text, limits->events_max);
    while (batch->count < limits->events_max && batch->first + batch->count <= last) {
        enum err err = seek_event(spool, batch->first + batch->count);

        /* What was read before the flaw is delivered first. */
        if (err != OK)
            return batch->count > 0 ? OK : err;
        MUST(spool_frame_peek(&spool->frame, &event));
        if (batch->count > 0 && bytes + event.len > limits->bytes_max)
            break;
        bytes += event.len;
        batch->events[batch->count++] = text_copy(arena, event);
        spool_frame_skip(&spool->frame);
    }
    return OK;
}

enum err spool_take(struct spool *spool, const struct spool_limits *limits, struct arena *arena,
                    struct spool_batch *ret)
{
    struct spool_batch batch = { 0 };
    uint64_t last = 0;
    enum err err;

    CHECK(limits->events_max > 0);
    MUST(pthread_mutex_lock(&spool->take_mutex) == 0);
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    err = wait_due(spool, limits);
    batch.first = spool->taken + 1;
    last = spool->last;
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    if (err == OK)
        err = take_events(spool, limits, last, arena, &batch);
    if (err == OK) {
        MUST(pthread_mutex_lock(&spool->mutex) == 0);
        spool->taken += batch.count;
        spool->waiting_since_ns = clock_monotonic_ns();
        spool->open[spool->open_count++] = batch.first;
        MUST(pthread_mutex_unlock(&spool->mutex) == 0);
        *ret = batch;
    }
    MUST(pthread_mutex_unlock(&spool->take_mutex) == 0);
    return err;
}

void spool_stop(struct spool *spool)
{
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    spool->is_stopped = true;
    MUST(pthread_cond_broadcast(&spool->has_events) == 0);
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
}

/* ---- forgetting ---------------------------------------------------------------------------- */

/* Takes the batch off the list of those that are out; moves the mark. The mutex is held. */
static void close_batch(struct spool *spool, uint64_t first)
{
    size_t i = 0;

    while (i < spool->open_count && spool->open[i] != first)
        i++;
    MUST(i < spool->open_count);
    spool->open[i] = spool->open[--spool->open_count];
    spool->mark = spool->taken;
    for (i = 0; i < spool->open_count; i++)
        if (spool->open[i] - 1 < spool->mark)
            spool->mark = spool->open[i] - 1;
    MUST(pthread_cond_broadcast(&spool->has_events) == 0);
}

/* Keeps the mark in its file, then removes segments before it. The mark's mutex is held. */
static void keep_mark(struct spool *spool)
{
    uint64_t mark;

    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    mark = spool->mark;
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    spool->mark_kept_ns = clock_monotonic_ns();
    /* A mark that cannot be kept is only late: what it hides is delivered again after a restart. */
    if (mark == spool->mark_kept || spool_mark_write(spool->config.directory, mark) != OK)
        return;
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    spool->mark_kept = mark;
    while (spool->segment_count > 1 && spool->segments[1].first <= mark + 1) {
        spool->bytes -= spool->segments[0].length;
        segment_remove(spool, 0);
    }
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
}

void spool_delivered(struct spool *spool, const struct spool_batch *batch)
{
    bool is_segment_over;

    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    close_batch(spool, batch->first);
    is_segment_over = spool->segment_count > 1 && spool->segments[1].first <= spool->mark + 1;
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    MUST(pthread_mutex_lock(&spool->mark_mutex) == 0);
    if (is_segment_over || clock_monotonic_ns() - spool->mark_kept_ns > MARK_STEP_NS)
        keep_mark(spool);
    MUST(pthread_mutex_unlock(&spool->mark_mutex) == 0);
}

/* ---- the rest ------------------------------------------------------------------------------ */

void spool_stats(struct spool *spool, struct spool_stats *ret)
{
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    *ret = (struct spool_stats){
        .appended = spool->appended,
        .pending = spool->last - spool->mark,
        .bytes = spool->bytes,
        .flushes = spool->flushes,
        .cut_bytes = spool->cut_bytes,
        .is_failing = spool->is_failing,
    };
    if (spool->last > spool->taken)
        ret->oldest_age_ns = clock_monotonic_ns() - spool->waiting_since_ns;
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
}

void spool_close(struct spool *spool)
{
    if (!spool)
        return;
    MUST(pthread_mutex_lock(&spool->mutex) == 0);
    spool->is_closing = true;
    MUST(pthread_cond_signal(&spool->has_entries) == 0);
    MUST(pthread_mutex_unlock(&spool->mutex) == 0);
    MUST(pthread_join(spool->flusher, NULL) == 0);
    MUST(pthread_mutex_lock(&spool->mark_mutex) == 0);
    keep_mark(spool);
    MUST(pthread_mutex_unlock(&spool->mark_mutex) == 0);
    spool_free(spool);
}
