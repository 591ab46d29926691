#include "usage/journal.h"

#include "usage/frame.h"
#include "usage/record.h"

#include <errno.h>
#include <sys/stat.h>

static struct segment *journal_last(const struct journal *journal)
{
    return journal->count == 0 ? NULL : journal->segments[journal->count - 1];
}

static uint64_t length_of(const struct segment *segment)
{
    return atomic_load_explicit(&segment->length, memory_order_acquire);
}

/* Begins a fresh file with room for a frame of `size`. */
static enum err journal_roll(struct journal *journal, uint64_t size)
{
    struct segment *last = journal_last(journal);
    bool is_remade = last && length_of(last) == SEGMENT_HEADER_BYTES;
    uint64_t map_bytes = SEGMENT_HEADER_BYTES + size;
    struct segment_header header;
    struct segment *fresh;
    enum err err;

    if (!is_remade && journal->count == JOURNAL_SEGMENTS_MAX)
        return ERR_NO_SPACE;
    journal->must_roll = true;
    header = (struct segment_header){
        .ordinal = journal->count + (is_remade ? 0 : 1),
        .salt = journal->salt,
        .first_sequence = journal->next_sequence,
        .previous_length = is_remade ? last->header.previous_length
                           : last    ? length_of(last)
                                     : 0,
    };
    if (map_bytes < journal->segment_bytes)
        map_bytes = journal->segment_bytes;
    err = segment_create(journal->io, journal->directory, &header, map_bytes, &fresh);
    if (err != OK)
        return err;
    if (is_remade) {
        journal->count--;
        segment_free(last); /* no record of it was published: nobody reads it */
    } else {
        journal->bytes += SEGMENT_HEADER_BYTES;
        if (last)
            segment_seal(last);
    }
    journal->segments[journal->count] = fresh;
    journal->count++;
    journal->must_roll = false;
    return OK;
}

static enum err journal_make_room(struct journal *journal, uint64_t size)
{
    struct segment *last = journal_last(journal);
    if (last && !journal->must_roll && length_of(last) + size <= last->map_bytes)
        return OK;
    return journal_roll(journal, size);
}

/* Writes and flushes; the header of this file says what happens when that fails. */
static enum err frame_flush(struct journal *journal, const struct segment *last,
                            const unsigned char *frame, uint64_t size)
{
    struct usage_io *io = journal->io;
    uint64_t offset = length_of(last);
    enum err err = segment_write_all(io, last->fd, frame, size, offset);
    if (err != OK) {
        journal->must_roll = io->truncate(io, last->fd, (int64_t)offset) != 0;
        return err;
    }
    if (io->sync(io, last->fd) == 0)
        return OK;
    err = segment_error(errno);
    journal->must_roll = true;
    (void)io->truncate(io, last->fd, (int64_t)offset); /* so that it does not come back */
    return err;
}

enum err journal_append(struct journal *journal, unsigned char *frame, uint64_t size,
                        uint32_t count, uint64_t *ret_position)
{
    struct segment *last;
    struct frame header;
    uint64_t offset;
    enum err err;

    CHECK(size >= FRAME_HEADER_BYTES && size % 8 == 0);
    CHECK(size <= SEGMENT_BYTES_MAX - SEGMENT_HEADER_BYTES);
    err = journal_make_room(journal, size);
    if (err != OK)
        return err;
    last = journal_last(journal);
    MUST(last != NULL);
    offset = length_of(last);
    header = (struct frame){
        .count = count,
        .body_bytes = size - FRAME_HEADER_BYTES,
        .first_sequence = journal->next_sequence,
        .offset = offset,
    };
    header.body_checksum =
        frame_checksum(frame + FRAME_HEADER_BYTES, (size_t)header.body_bytes, journal->salt);
    frame_write_header(&header, journal->salt, frame);
    err = frame_flush(journal, last, frame, size);
    if (err != OK)
        return err;
    atomic_store_explicit(&last->length, offset + size, memory_order_release);
    journal->bytes += size;
    journal->next_sequence += count;
    journal->has_appended = true;
    *ret_position = ((uint64_t)journal->count << 32) + offset + FRAME_HEADER_BYTES;
    return OK;
}

const unsigned char *journal_record(const struct journal *journal, uint64_t position,
                                    uint64_t sequence)
{
    const struct segment *segment;
    const unsigned char *record;
    uint64_t offset = position & UINT32_MAX;
    uint64_t length;

    CHECK(position >> 32 > 0 && position >> 32 <= JOURNAL_SEGMENTS_MAX);
    segment = journal->segments[(position >> 32) - 1];
    length = length_of(segment);
    CHECK(offset < length);
    record = segment->map + offset;
    if (!record_is_whole(record, length - offset, journal->salt) ||
        record_sequence(record) != sequence)
        return NULL;
    return record;
}

static void journal_free(struct journal *journal)
{
    for (uint32_t i = 0; i < JOURNAL_SEGMENTS_MAX && journal->segments[i]; i++)
        segment_free(journal->segments[i]);
    free(journal->segments);
    free(journal->directory);
    free(journal);
}

enum err journal_open(const struct journal_config *config, journal_visit *visit, void *state,
                      struct journal **ret, struct usage_replay *ret_replay)
{
    struct journal *journal = calloc(1, sizeof(*journal));
    enum err err;
    MUST(journal != NULL);
    CHECK(config->segment_bytes >= SEGMENT_HEADER_BYTES + FRAME_HEADER_BYTES);
    CHECK(config->segment_bytes <= SEGMENT_BYTES_MAX);
    journal->io = config->io;
    journal->segment_bytes = config->segment_bytes;
    journal->next_sequence = 1;
    journal->directory = strdup(config->directory);
    journal->segments = calloc(JOURNAL_SEGMENTS_MAX, sizeof(struct segment *));
    MUST(journal->directory != NULL && journal->segments != NULL);
    err = journal_replay(journal, visit, state, ret_replay);
    if (err != OK) {
        journal_free(journal);
        return err;
    }
    *ret = journal;
    return OK;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    if (journal->has_appended && !journal->must_roll) {
        unsigned char mark[FRAME_HEADER_BYTES];
        uint64_t position;
        /* When it fails the log is no worse than after a crash. */
        (void)!journal_append(journal, mark, sizeof(mark), 0, &position);
    }
    journal_free(journal);
}
