#include "usage/journal.h"

#include "usage/frame.h"

#include <errno.h>

static uint64_t length_of(const struct log_file *file)
{
    return atomic_load_explicit(&file->length, memory_order_acquire);
}

bool journal_has_room(const struct journal *journal, uint64_t size)
{
    return journal->file && !journal->must_roll &&
           length_of(journal->file) + size <= journal->file->map_bytes;
}

enum err journal_roll(struct journal *journal, uint64_t size, struct log_file **ret)
{
    struct log_file *last = journal->file;
    bool is_remade = last && length_of(last) == LOG_HEADER_BYTES;
    uint64_t map_bytes = LOG_HEADER_BYTES + size;
    struct log_header header = {
        .ordinal = 1,
        .salt = journal->salt,
        .first_sequence = journal->next_sequence,
    };
    enum err err;

    CHECK(size <= LOG_FILE_BYTES_MAX - LOG_HEADER_BYTES);
    if (last) {
        if (!is_remade && last->header.ordinal == UINT32_MAX)
            return ERR_NO_SPACE;
        header.ordinal = last->header.ordinal + (is_remade ? 0 : 1);
        header.previous_length = is_remade ? last->header.previous_length : length_of(last);
    }
    journal->must_roll = true;
    if (map_bytes < journal->file_bytes)
        map_bytes = journal->file_bytes;
    err = ERR_ABSENT;
    if (journal->room && !is_remade && size < LOG_ROOM_FRAME)
        err = log_room_take(journal->room, &header, map_bytes, ret);
    if (err != OK)
        err = log_file_create(journal->io, journal->directory, &header, map_bytes, ret);
    if (err != OK)
        return err;
    if (last)
        log_file_end(last);
    journal->file = *ret;
    journal->must_roll = false;
    return OK;
}

/* Writes and flushes; journal.h says what happens when that fails. */
static enum err frame_flush(struct journal *journal, const unsigned char *bytes, uint64_t size)
{
    struct usage_io *io = journal->io;
    struct log_file *file = journal->file;
    uint64_t offset = length_of(file);
    enum err err;
    log_file_extend(io, file, size);
    err = log_file_write(io, file->fd, bytes, size, offset);
    if (err != OK) {
        journal->must_roll = !log_file_cut(io, file, offset);
        return err;
    }
    if (io->sync(io, file->fd) == 0)
        return OK;
    err = log_file_error(errno);
    journal->must_roll = true;
    (void)!log_file_cut(io, file, offset); /* so that it does not come back */
    return err;
}

static enum err frame_append(struct journal *journal, const struct journal_frame *frame,
                             uint32_t *ret_offset)
{
    struct frame header;
    uint64_t offset;
    enum err err;

    CHECK(frame->size >= FRAME_HEADER_BYTES && frame->size % 8 == 0);
    CHECK(journal->file && !journal->must_roll);
    offset = length_of(journal->file);
    header = (struct frame){
        .count = frame->count,
        .body_bytes = frame->size - FRAME_HEADER_BYTES,
        .first_sequence = journal->next_sequence,
        .offset = offset,
        .body_checksum = frame->checksum,
    };
    frame_write_header(&header, journal->salt, frame->bytes);
    err = frame_flush(journal, frame->bytes, frame->size);
    if (err != OK)
        return err;
    atomic_store_explicit(&journal->file->length, offset + frame->size, memory_order_release);
    if (journal->file->room < offset + frame->size)
        journal->file->room = offset + frame->size;
    journal->next_sequence += frame->count;
    journal->has_appended = true;
    *ret_offset = (uint32_t)(offset + FRAME_HEADER_BYTES);
    return OK;
}

enum err journal_append(struct journal *journal, const struct journal_frame *frame,
                        uint32_t *ret_offset)
{
    CHECK(journal_has_room(journal, frame->size));
    return frame_append(journal, frame, ret_offset);
}

static void journal_free(struct journal *journal)
{
    free(journal->directory);
    free(journal);
}

enum err journal_open(const struct journal_config *config, journal_part *take, void *state,
                      struct journal **ret, struct usage_replay *ret_replay)
{
    struct journal *journal = calloc(1, sizeof(*journal));
    struct part **parts = NULL;
    uint32_t count = 0;
    enum err err;
    MUST(journal != NULL);
    CHECK(config->file_bytes >= LOG_HEADER_BYTES + FRAME_HEADER_BYTES);
    CHECK(config->file_bytes <= LOG_FILE_BYTES_MAX);
    journal->io = config->io;
    journal->file_bytes = config->file_bytes;
    journal->salt = config->salt;
    journal->next_sequence = config->is_new ? 1 : config->first_sequence;
    journal->directory = strdup(config->directory);
    MUST(journal->directory != NULL);
    err = journal_replay(journal, config, &parts, &count, ret_replay);
    for (uint32_t i = 0; i < count; i++) {
        if (err == OK)
            take(state, parts[i]);
        else
            part_free(parts[i]);
    }
    free(parts);
    if (err != OK) {
        journal_free(journal);
        return err;
    }
    *ret = journal;
    return OK;
}

void journal_close(struct journal *journal)
{
    unsigned char mark[FRAME_HEADER_BYTES];
    struct journal_frame frame = { .bytes = mark, .size = sizeof(mark) };
    uint32_t offset;
    if (!journal)
        return;
    frame.checksum = journal->salt;
    /* Also where it reaches beyond the map, because nobody reads it. When it fails the log is no
     * worse than after a crash. */
    if (journal->has_appended && !journal->must_roll &&
        length_of(journal->file) + frame.size <= LOG_FILE_BYTES_MAX)
        (void)!frame_append(journal, &frame, &offset);
    journal_free(journal);
}
