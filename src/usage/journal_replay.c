/* journal_replay.c: reading the log at start. The rules are in journal.h.
 *
 * The headers of the files tell where each begins and ends, so the files are read by several
 * threads, each by itself; whether they fit together is looked at afterwards.
 */
#include "usage/frame.h"
#include "usage/journal.h"
#include "usage/record.h"

#include "base/random.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#define THREADS_MAX 4U
#define AHEAD       16U /* records whose memory is asked for */

/* The reading of one file. */
struct reading {
    struct part *part;
    bool is_last;
    uint64_t file_end;      /* bytes of the file that may hold frames */
    uint64_t end;           /* bytes to look at: all but zeros at the end of the last file */
    uint64_t at;            /* end of the last whole frame */
    uint64_t last_frame;    /* offset of that frame; 0, the file's header, when there is none */
    uint64_t next_sequence; /* that comes next */
    enum err err;
};

/* The replay of all of them. */
struct replay {
    struct journal *journal;
    struct part **parts; /* one for each file */
    struct reading *readings;
    uint32_t count;
    _Atomic uint32_t taken; /* readings that a thread has taken up */
    uint64_t cut_bytes;
    uint32_t ordinal; /* of the file looked at */
    uint64_t offset;  /* what is not right there; 0 for its header */
};

/* The highest ordinal among the files of the directory; 0 when there is none. */
static enum err last_ordinal(const char *directory, uint32_t *ret)
{
    uint32_t last = 0;
    struct dirent *entry;
    DIR *listing = opendir(directory);
    if (!listing)
        return ERR_IO;
    errno = 0;
    while ((entry = readdir(listing)) != NULL) {
        text name = text_of(entry->d_name);
        int64_t ordinal;
        if (!text_starts_with(name, TEXT("usage-")) || !text_ends_with(name, TEXT(".log")))
            continue;
        if (!text_to_int(text_slice(name, 6, name.len - 10), &ordinal) || ordinal <= 0 ||
            ordinal > UINT32_MAX)
            continue;
        if ((uint32_t)ordinal > last)
            last = (uint32_t)ordinal;
    }
    last = errno == 0 ? last : UINT32_MAX;
    (void)closedir(listing);
    if (last == UINT32_MAX)
        return ERR_IO;
    *ret = last;
    return OK;
}

/* Opens every file from `first` on. The last is left out when it was never used, unless the
 * manifest names it; a flaw in any other is damage. */
static enum err files_open(struct replay *replay, uint32_t first, bool is_new)
{
    struct journal *journal = replay->journal;
    uint32_t last;
    enum err err = last_ordinal(journal->directory, &last);
    if (err != OK)
        return err;
    if (last < first)
        return is_new ? OK : ERR_CORRUPT;
    replay->parts = calloc((size_t)(last - first) + 1, sizeof(struct part *));
    MUST(replay->parts != NULL);
    replay->ordinal = first;
    for (uint32_t ordinal = first; ordinal <= last; ordinal++) {
        uint64_t map_bytes = ordinal == last ? journal->file_bytes : LOG_HEADER_BYTES;
        struct log_file *file;
        replay->ordinal = ordinal;
        err = log_file_open(journal->io, journal->directory, ordinal, map_bytes, &file);
        if (err == ERR_ABSENT && ordinal == last && (is_new || ordinal > first))
            return OK;
        if (err != OK)
            return err == ERR_ABSENT ? ERR_CORRUPT : err;
        replay->parts[replay->count++] = part_new(file);
        if (ordinal == UINT32_MAX)
            break;
    }
    return OK;
}

/* Whether the headers tell one story; sets the length of each file but the last from the next. */
static enum err files_chain(struct replay *replay, bool is_new)
{
    struct log_file *before = NULL;
    for (uint32_t i = 0; i < replay->count; i++) {
        struct log_file *file = replay->parts[i]->file;
        uint64_t previous_length = file->header.previous_length;
        replay->ordinal = file->header.ordinal;
        if (file->header.salt != replay->journal->salt)
            return ERR_CORRUPT;
        if (is_new && !before && previous_length != 0)
            return ERR_CORRUPT;
        if (before && (previous_length < LOG_HEADER_BYTES || previous_length > before->length))
            return ERR_CORRUPT;
        if (before)
            before->length = previous_length;
        before = file;
    }
    return OK;
}

/* What the index is told of some records, from `offset` on. The offset behind them. */
static uint64_t places_fill(const struct part *part, uint64_t offset, uint32_t count,
                            struct index_place *ret)
{
    for (uint32_t i = 0; i < count; i++) {
        const unsigned char *record = part->file->map + offset;
        ret[i] = (struct index_place){
            .fingerprint = record_fingerprint(record, part->salt),
            .subject_hash = record_subject_hash(record, part->salt),
            .offset = (uint32_t)offset,
        };
        key_table_prefetch(part->keys, ret[i].fingerprint);
        event_index_prefetch(part->index, ret[i].subject_hash, ret[i].subject_hash);
        offset += record_length(record);
    }
    return offset;
}

static void frame_take(struct reading *reading, const struct frame *frame)
{
    struct part *part = reading->part;
    uint64_t offset = frame->offset + FRAME_HEADER_BYTES;
    for (uint32_t done = 0; done < frame->count; done += AHEAD) {
        uint32_t count = frame->count - done < AHEAD ? frame->count - done : AHEAD;
        struct index_place places[AHEAD];
        offset = places_fill(part, offset, count, places);
        for (uint32_t i = 0; i < count; i++)
            part_add(part, &places[i], part->file->map + places[i].offset);
    }
    reading->next_sequence += frame->count;
}

/* Takes whole frames until the end, or the first that is not. */
static enum err frames_take(struct reading *reading)
{
    const struct part *part = reading->part;
    const unsigned char *map = part->file->map;
    while (reading->at < reading->end) {
        uint64_t room = reading->file_end - reading->at;
        struct frame frame;
        if (!frame_read_header(map + reading->at, room, reading->at, part->salt, &frame))
            return OK;
        if (!frame_is_whole(&frame, map + reading->at + FRAME_HEADER_BYTES,
                            room - FRAME_HEADER_BYTES, part->salt))
            return OK;
        if (frame.first_sequence != reading->next_sequence ||
            part->index->count + frame.count > INDEX_EVENTS_MAX)
            return ERR_CORRUPT;
        frame_take(reading, &frame);
        reading->last_frame = reading->at;
        reading->at += FRAME_HEADER_BYTES + frame.body_bytes;
    }
    return OK;
}

/* Whether what follows the last whole frame can be left by one unfinished write. */
static bool is_tail_torn(const struct reading *reading)
{
    const unsigned char *map = reading->part->file->map;
    uint64_t salt = reading->part->salt;
    uint64_t room = reading->file_end - reading->at;
    struct frame frame;

    CHECK(reading->at < reading->end);
    if (frame_read_header(map + reading->at, room, reading->at, salt, &frame))
        return reading->at + FRAME_HEADER_BYTES + frame.body_bytes >= reading->end;
    for (uint64_t at = reading->at + 8; at < reading->end; at += 8)
        if (frame_read_header(map + at, reading->file_end - at, at, salt, &frame))
            return false;
    return true;
}

/* Cuts what is torn off the last file and makes the rest durable. */
static enum err tail_settle(struct replay *replay, const struct reading *reading)
{
    struct usage_io *io = replay->journal->io;
    struct log_file *file = reading->part->file;
    uint64_t size = reading->at - reading->last_frame;
    unsigned char *copy;
    enum err err;

    if (reading->at < reading->end) {
        if (!is_tail_torn(reading))
            return ERR_CORRUPT;
        replay->cut_bytes = reading->end - reading->at;
        if (!log_file_cut(io, file, reading->at))
            return ERR_IO;
    }
    file->length = reading->at;
    copy = malloc((size_t)size); /* a write must not read the pages it changes */
    MUST(copy != NULL);
    memcpy(copy, file->map + reading->last_frame, (size_t)size);
    err = log_file_write(io, file->fd, copy, size, reading->last_frame);
    free(copy);
    if (err == OK && io->sync(io, file->fd) != 0)
        err = ERR_IO;
    if (err == OK && io->sync_directory(io, replay->journal->directory) != 0)
        err = ERR_IO;
    return err;
}

/* The end of the last byte that is not zero. */
static uint64_t bytes_end(const unsigned char *map, uint64_t size)
{
    static const unsigned char zeros[4096];
    while (size > 0 && size % sizeof(zeros) != 0 && map[size - 1] == 0)
        size--;
    if (size % sizeof(zeros) != 0)
        return size;
    while (size > 0 && memcmp(map + size - sizeof(zeros), zeros, sizeof(zeros)) == 0)
        size -= sizeof(zeros);
    while (size > 0 && map[size - 1] == 0)
        size--;
    return size;
}

static void reading_run(struct reading *reading)
{
    const struct log_file *file = reading->part->file;
    void *map = (void *)(uintptr_t)file->map;

    reading->file_end = file->length;
    reading->end = reading->is_last ? bytes_end(file->map, file->length) : file->length;
    reading->at = LOG_HEADER_BYTES;
    reading->next_sequence = file->header.first_sequence;
    (void)madvise(map, (size_t)file->map_bytes, MADV_SEQUENTIAL);
    reading->err = frames_take(reading);
    (void)madvise(map, (size_t)file->map_bytes, MADV_NORMAL);
    part_measure(reading->part);
    if (reading->err == OK && !reading->is_last && reading->at != reading->end)
        reading->err = ERR_CORRUPT;
}

/* Takes up readings until none is left. */
static void *readings_run(void *state)
{
    struct replay *replay = state;
    uint32_t i;
    while ((i = atomic_fetch_add(&replay->taken, 1)) < replay->count)
        reading_run(&replay->readings[i]);
    return NULL;
}

static void files_read(struct replay *replay)
{
    pthread_t threads[THREADS_MAX];
    uint32_t started = 0;
    replay->readings = calloc(replay->count + 1, sizeof(*replay->readings));
    MUST(replay->readings != NULL);
    for (uint32_t i = 0; i < replay->count; i++)
        replay->readings[i] =
            (struct reading){ .part = replay->parts[i], .is_last = i + 1 == replay->count };
    while (started < THREADS_MAX && started + 1 < replay->count &&
           pthread_create(&threads[started], NULL, readings_run, replay) == 0)
        started++;
    (void)readings_run(replay);
    for (uint32_t i = 0; i < started; i++)
        MUST(pthread_join(threads[i], NULL) == 0);
}

/* Whether each file goes on where the one before ends; settles the last one's tail. */
static enum err files_settle(struct replay *replay)
{
    struct journal *journal = replay->journal;
    for (uint32_t i = 0; i < replay->count; i++) {
        const struct reading *reading = &replay->readings[i];
        replay->ordinal = reading->part->file->header.ordinal;
        replay->offset = reading->at;
        if (reading->part->first_sequence != journal->next_sequence)
            return ERR_CORRUPT;
        if (reading->err != OK)
            return reading->err;
        journal->next_sequence = reading->next_sequence;
        if (!reading->is_last) {
            log_file_end(reading->part->file);
            continue;
        }
        journal->file = reading->part->file;
        return tail_settle(replay, reading);
    }
    return OK;
}

/* Without a manifest the first file has the salt; an empty log gets one. */
static void salt_settle(struct replay *replay)
{
    struct random random = random_system();
    if (replay->count > 0)
        replay->journal->salt = replay->parts[0]->file->header.salt;
    else
        random_fill(&random, &replay->journal->salt, sizeof(replay->journal->salt));
}

/* Says which file ERR_CORRUPT is for, and from where on it could not be read. */
static void tell(const struct replay *replay, struct usage_damage *damage)
{
    *damage = (struct usage_damage){ .offset = replay->offset };
    log_file_name(replay->ordinal, damage->file);
    (void)snprintf(damage->what, sizeof(damage->what), "%s",
                   replay->offset > 0 ? "a frame is damaged"
                                      : "missing, or its header does not go with the others");
}

enum err journal_replay(struct journal *journal, const struct journal_config *config,
                        struct part ***ret_parts, uint32_t *ret_count,
                        struct usage_replay *ret_replay)
{
    struct replay replay = { .journal = journal };
    uint64_t first_sequence;
    enum err err = files_open(&replay, config->is_new ? 1 : config->first_log, config->is_new);
    if (err == OK && config->is_new)
        salt_settle(&replay);
    if (err == OK)
        err = files_chain(&replay, config->is_new);
    first_sequence = journal->next_sequence;
    if (err == OK) {
        files_read(&replay);
        err = files_settle(&replay);
    }
    if (err == ERR_CORRUPT && config->damage)
        tell(&replay, config->damage);
    free(replay.readings);
    *ret_parts = replay.parts;
    *ret_count = replay.count;
    *ret_replay = (struct usage_replay){ .replayed = journal->next_sequence - first_sequence,
                                         .cut_bytes = replay.cut_bytes };
    return err;
}
