/* journal_replay.c: reading the log at start. The rules are in journal.h. */
#include "usage/frame.h"
#include "usage/journal.h"
#include "usage/record.h"

#include "base/random.h"

#include <dirent.h>
#include <errno.h>
#include <sys/mman.h>

/* Where the replay has come to. */
struct replay {
    struct journal *journal;
    struct part **parts; /* one for each file */
    uint32_t count;
    struct part *part;   /* the one being read */
    uint64_t file_end;   /* bytes of its file */
    uint64_t end;        /* bytes to look at: all but zeros at the end of the last file */
    uint64_t at;         /* end of the last whole frame */
    uint64_t last_frame; /* offset of that frame; 0, the file's header, when there is none */
    uint32_t ordinal;    /* of the file looked at */
    struct usage_replay found;
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

static void frame_take(struct replay *replay, const struct frame *frame)
{
    struct part *part = replay->part;
    uint64_t offset = frame->offset + FRAME_HEADER_BYTES;
    for (uint32_t i = 0; i < frame->count; i++) {
        const unsigned char *record = part->file->map + offset;
        const struct index_place place = {
            .fingerprint = record_fingerprint(record, part->salt),
            .subject_hash = record_subject_hash(record, part->salt),
            .offset = (uint32_t)offset,
        };
        part_add(part, &place, record);
        offset += record_length(record);
    }
    replay->found.replayed += frame->count;
    replay->journal->next_sequence += frame->count;
}

/* Takes whole frames until the end, or the first that is not. */
static enum err frames_take(struct replay *replay)
{
    struct journal *journal = replay->journal;
    const unsigned char *map = replay->part->file->map;
    while (replay->at < replay->end) {
        uint64_t room = replay->file_end - replay->at;
        struct frame frame;
        if (!frame_read_header(map + replay->at, room, replay->at, journal->salt, &frame))
            return OK;
        if (!frame_is_whole(&frame, map + replay->at + FRAME_HEADER_BYTES,
                            room - FRAME_HEADER_BYTES, journal->salt))
            return OK;
        if (frame.first_sequence != journal->next_sequence ||
            replay->part->index->count + frame.count > INDEX_EVENTS_MAX)
            return ERR_CORRUPT;
        frame_take(replay, &frame);
        replay->last_frame = replay->at;
        replay->at += FRAME_HEADER_BYTES + frame.body_bytes;
    }
    return OK;
}

/* Whether what follows the last whole frame can be left by one unfinished write. */
static bool is_tail_torn(const struct replay *replay)
{
    const unsigned char *map = replay->part->file->map;
    uint64_t salt = replay->journal->salt;
    uint64_t room = replay->file_end - replay->at;
    struct frame frame;

    CHECK(replay->at < replay->end);
    if (frame_read_header(map + replay->at, room, replay->at, salt, &frame))
        return replay->at + FRAME_HEADER_BYTES + frame.body_bytes >= replay->end;
    for (uint64_t at = replay->at + 8; at < replay->end; at += 8)
        if (frame_read_header(map + at, replay->file_end - at, at, salt, &frame))
            return false;
    return true;
}

/* Cuts what is torn off the last file and makes the rest durable. */
static enum err tail_settle(struct replay *replay)
{
    struct usage_io *io = replay->journal->io;
    struct log_file *file = replay->part->file;
    uint64_t size = replay->at - replay->last_frame;
    unsigned char *copy;
    enum err err;

    if (replay->at < replay->end) {
        if (!is_tail_torn(replay))
            return ERR_CORRUPT;
        replay->found.cut_bytes = replay->end - replay->at;
        if (!log_file_cut(io, file, replay->at))
            return ERR_IO;
    }
    file->length = replay->at;
    copy = malloc((size_t)size); /* a write must not read the pages it changes */
    MUST(copy != NULL);
    memcpy(copy, file->map + replay->last_frame, (size_t)size);
    err = log_file_write(io, file->fd, copy, size, replay->last_frame);
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

static enum err file_replay(struct replay *replay, uint32_t i)
{
    struct log_file *file = replay->parts[i]->file;
    bool is_last = i + 1 == replay->count;
    void *map = (void *)(uintptr_t)file->map;
    enum err err;

    replay->ordinal = file->header.ordinal;
    replay->part = NULL;
    if (file->header.first_sequence != replay->journal->next_sequence)
        return ERR_CORRUPT;
    replay->part = replay->parts[i];
    replay->file_end = file->length;
    replay->end = is_last ? bytes_end(file->map, file->length) : file->length;
    replay->at = LOG_HEADER_BYTES;
    replay->last_frame = 0;
    (void)madvise(map, (size_t)file->map_bytes, MADV_SEQUENTIAL);
    err = frames_take(replay);
    (void)madvise(map, (size_t)file->map_bytes, MADV_NORMAL);
    part_measure(replay->part);
    if (err != OK)
        return err;
    if (is_last) {
        replay->journal->file = file;
        return tail_settle(replay);
    }
    log_file_end(file);
    return replay->at == replay->end ? OK : ERR_CORRUPT;
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
    *damage = (struct usage_damage){ .offset = replay->part ? replay->at : 0 };
    log_file_name(replay->ordinal, damage->file);
    (void)snprintf(damage->what, sizeof(damage->what), "%s",
                   replay->part ? "a frame is damaged"
                                : "missing, or its header does not go with the others");
}

enum err journal_replay(struct journal *journal, const struct journal_config *config,
                        struct part ***ret_parts, uint32_t *ret_count,
                        struct usage_replay *ret_replay)
{
    struct replay replay = { .journal = journal };
    enum err err = files_open(&replay, config->is_new ? 1 : config->first_log, config->is_new);
    if (err == OK && config->is_new)
        salt_settle(&replay);
    if (err == OK)
        err = files_chain(&replay, config->is_new);
    for (uint32_t i = 0; i < replay.count && err == OK; i++)
        err = file_replay(&replay, i);
    if (err == ERR_CORRUPT && config->damage)
        tell(&replay, config->damage);
    *ret_parts = replay.parts;
    *ret_count = replay.count;
    *ret_replay = replay.found;
    return err;
}
