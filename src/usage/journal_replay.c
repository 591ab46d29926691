/* journal_replay.c: reading the log at start. The rules are in journal.h. */
#include "usage/frame.h"
#include "usage/journal.h"
#include "usage/record.h"

#include "base/random.h"

#include <sys/mman.h>

/* Where the replay of one file has come to. */
struct replay {
    struct journal *journal;
    journal_visit *visit;
    void *state;
    struct segment *segment;
    uint64_t end;        /* bytes to look at */
    uint64_t at;         /* end of the last whole frame */
    uint64_t last_frame; /* offset of that frame; 0, the file's header, when there is none */
    struct usage_replay found;
};

/* Opens every file. The last is left out when it was never used; a flaw in any other is damage. */
static enum err segments_open(struct journal *journal)
{
    uint32_t last;
    enum err err = segment_find_last(journal->directory, &last);
    if (err != OK)
        return err;
    if (last > JOURNAL_SEGMENTS_MAX)
        return ERR_CORRUPT;
    for (uint32_t i = 0; i < last; i++) {
        uint64_t map_bytes = i + 1 == last ? journal->segment_bytes : SEGMENT_HEADER_BYTES;
        struct segment *segment;
        err = segment_open(journal->io, journal->directory, i + 1, map_bytes, &segment);
        if (err == ERR_ABSENT && i + 1 == last)
            return OK;
        if (err != OK)
            return err == ERR_ABSENT ? ERR_CORRUPT : err;
        journal->segments[i] = segment;
        journal->count = i + 1;
    }
    return OK;
}

/* Whether the headers tell one story; sets the length of each file but the last from the next. */
static enum err segments_chain(struct journal *journal)
{
    for (uint32_t i = 0; i < journal->count; i++) {
        struct segment *segment = journal->segments[i];
        struct segment *before = i == 0 ? NULL : journal->segments[i - 1];
        uint64_t previous_length = segment->header.previous_length;
        if (segment->header.salt != journal->segments[0]->header.salt)
            return ERR_CORRUPT;
        if (!before && (previous_length != 0 || segment->header.first_sequence != 1))
            return ERR_CORRUPT;
        if (!before)
            continue;
        if (previous_length < SEGMENT_HEADER_BYTES || previous_length > before->length)
            return ERR_CORRUPT;
        before->length = previous_length;
    }
    return OK;
}

static enum err frame_visit(struct replay *replay, const struct frame *frame)
{
    const unsigned char *body = replay->segment->map + frame->offset + FRAME_HEADER_BYTES;
    uint64_t position = ((uint64_t)replay->segment->header.ordinal << 32) + frame->offset +
                        FRAME_HEADER_BYTES;
    uint64_t at = 0;
    for (uint32_t i = 0; i < frame->count; i++) {
        enum err err = replay->visit(replay->state, replay->journal, position + at, body + at);
        if (err != OK)
            return err;
        at += record_length(body + at);
    }
    replay->found.events += frame->count;
    replay->journal->next_sequence += frame->count;
    return OK;
}

/* Visits whole frames until the end, or the first that is not. */
static enum err frames_visit(struct replay *replay)
{
    struct journal *journal = replay->journal;
    const unsigned char *map = replay->segment->map;
    while (replay->at < replay->end) {
        uint64_t room = replay->end - replay->at;
        struct frame frame;
        enum err err;
        if (!frame_read_header(map + replay->at, room, replay->at, journal->salt, &frame))
            return OK;
        if (!frame_is_whole(&frame, map + replay->at + FRAME_HEADER_BYTES,
                            room - FRAME_HEADER_BYTES, journal->salt))
            return OK;
        if (frame.first_sequence != journal->next_sequence)
            return ERR_CORRUPT;
        err = frame_visit(replay, &frame);
        if (err != OK)
            return err;
        replay->last_frame = replay->at;
        replay->at += FRAME_HEADER_BYTES + frame.body_bytes;
    }
    return OK;
}

/* Whether what follows the last whole frame can be left by one unfinished write. */
static bool is_tail_torn(const struct replay *replay)
{
    const unsigned char *map = replay->segment->map;
    uint64_t salt = replay->journal->salt;
    uint64_t room = replay->end - replay->at;
    struct frame frame;

    CHECK(replay->at < replay->end);
    if (frame_read_header(map + replay->at, room, replay->at, salt, &frame))
        return frame.body_bytes >= room - FRAME_HEADER_BYTES;
    for (uint64_t at = replay->at + 8; at < replay->end; at += 8)
        if (frame_read_header(map + at, replay->end - at, at, salt, &frame))
            return false;
    return true;
}

/* Cuts what is torn off the last file and makes the rest durable. */
static enum err tail_settle(struct replay *replay)
{
    struct usage_io *io = replay->journal->io;
    struct segment *segment = replay->segment;
    uint64_t size = replay->at - replay->last_frame;
    unsigned char *copy;
    enum err err;

    if (replay->at < replay->end && !is_tail_torn(replay))
        return ERR_CORRUPT;
    replay->found.cut_bytes = replay->end - replay->at;
    if (replay->at < replay->end && io->truncate(io, segment->fd, (int64_t)replay->at) != 0)
        return ERR_IO;
    segment->length = replay->at;
    copy = malloc((size_t)size); /* a write must not read the pages it changes */
    MUST(copy != NULL);
    memcpy(copy, segment->map + replay->last_frame, (size_t)size);
    err = segment_write_all(io, segment->fd, copy, size, replay->last_frame);
    free(copy);
    if (err == OK && io->sync(io, segment->fd) != 0)
        err = ERR_IO;
    if (err == OK && io->sync_directory(io, replay->journal->directory) != 0)
        err = ERR_IO;
    return err;
}

static enum err segment_replay(struct replay *replay, uint32_t i)
{
    struct journal *journal = replay->journal;
    struct segment *segment = journal->segments[i];
    enum err err;

    if (segment->header.first_sequence != journal->next_sequence)
        return ERR_CORRUPT;
    replay->segment = segment;
    replay->end = segment->length;
    replay->at = SEGMENT_HEADER_BYTES;
    replay->last_frame = 0;
    (void)madvise((void *)(uintptr_t)segment->map, (size_t)segment->map_bytes, MADV_SEQUENTIAL);
    err = frames_visit(replay);
    (void)madvise((void *)(uintptr_t)segment->map, (size_t)segment->map_bytes, MADV_NORMAL);
    if (err != OK)
        return err;
    if (i + 1 == journal->count) {
        err = tail_settle(replay);
    } else {
        segment_seal(segment);
        err = replay->at == replay->end ? OK : ERR_CORRUPT;
    }
    if (err == OK)
        journal->bytes += segment->length;
    return err;
}

enum err journal_replay(struct journal *journal, journal_visit *visit, void *state,
                        struct usage_replay *ret_replay)
{
    struct replay replay = { .journal = journal, .visit = visit, .state = state };
    enum err err = segments_open(journal);
    if (err == OK)
        err = segments_chain(journal);
    if (err != OK)
        return err;
    if (journal->count == 0) {
        struct random random = random_system();
        random_fill(&random, &journal->salt, sizeof(journal->salt));
        journal->must_roll = true;
    } else {
        journal->salt = journal->segments[0]->header.salt;
    }
    for (uint32_t i = 0; i < journal->count; i++) {
        err = segment_replay(&replay, i);
        if (err != OK)
            return err;
    }
    *ret_replay = replay.found;
    return OK;
}
