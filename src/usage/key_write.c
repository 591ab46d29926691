/* key_write.c: runs of keys: writing, and merging several into one. */
#include "usage/key_run.h"

#include "usage/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#define WINDOW_LINES     1024U /* of the filter, being filled */
#define BUFFER_PAGES     64U
#define SYNC_EVERY_BYTES (16U << 20) /* so that the disk is never busy for long with one flush */
#define DIGIT_BITS       11U

struct key_writer {
    struct usage_io *io;
    const char *path;
    int fd;
    enum err err;
    uint64_t first_sequence;
    uint64_t last_sequence;
    unsigned place_bits;
    uint64_t count; /* to come in all */
    uint64_t added; /* so far */
    uint64_t unsynced_bytes;
    uint64_t filter_lines;
    uint64_t window_first; /* line */
    XXH3_state_t *filter_state;
    uint64_t page_count;
    uint32_t page_buffered;
    uint32_t *directory; /* little-endian, as it is written */
    uint64_t directory_room;
    struct key_page page;
    struct key_filter_line window[WINDOW_LINES];
    unsigned char buffer[BUFFER_PAGES * KEY_PAGE_BYTES];
};

static enum err error_of(int number)
{
    return err_of_errno(number) == ERR_NO_SPACE ? ERR_NO_SPACE : ERR_IO;
}

static void writer_put(struct key_writer *writer, const void *from, size_t size, uint64_t offset)
{
    struct usage_io *io = writer->io;
    const unsigned char *at = from;
    while (writer->err == OK && size > 0) {
        int64_t written;
        errno = EIO;
        written = io->write(io, writer->fd, at, size, (int64_t)offset);
        if (written <= 0) {
            writer->err = error_of(errno);
            return;
        }
        CHECK((uint64_t)written <= size);
        at += written;
        size -= (size_t)written;
        offset += (uint64_t)written;
        writer->unsynced_bytes += (uint64_t)written;
    }
    if (writer->err == OK && writer->unsynced_bytes >= SYNC_EVERY_BYTES) {
        if (io->sync(io, writer->fd) != 0)
            writer->err = error_of(errno);
        writer->unsynced_bytes = 0;
    }
}

/* Writes the lines of the window, the padding too when they are the last ones. */
static void window_flush(struct key_writer *writer)
{
    uint64_t offset = writer->window_first * KEY_FILTER_LINE_BYTES;
    uint64_t size = key_run_filter_bytes(writer->filter_lines) - offset;
    if (size > sizeof(writer->window))
        size = sizeof(writer->window);
    for (size_t i = 0; i < WINDOW_LINES; i++)
        for (unsigned k = 0; k < COUNT_OF(writer->window[i].words); k++)
            writer->window[i].words[k] = htole64(writer->window[i].words[k]);
    MUST(XXH3_64bits_update(writer->filter_state, writer->window, (size_t)size) == XXH_OK);
    writer_put(writer, writer->window, (size_t)size, KEY_PAGE_BYTES + offset);
    memset(writer->window, 0, sizeof(writer->window));
    writer->window_first += WINDOW_LINES;
}

static void buffer_flush(struct key_writer *writer)
{
    uint64_t first = writer->page_count - writer->page_buffered;
    writer_put(writer, writer->buffer, (size_t)writer->page_buffered * KEY_PAGE_BYTES,
               key_run_page_at(writer->filter_lines, first));
    writer->page_buffered = 0;
}

static void page_flush(struct key_writer *writer)
{
    if (writer->page_buffered == BUFFER_PAGES)
        buffer_flush(writer);
    if (writer->page_count == writer->directory_room) {
        writer->directory_room = 2 * writer->directory_room + 64;
        writer->directory =
            reallocarray(writer->directory, (size_t)writer->directory_room, sizeof(uint32_t));
        MUST(writer->directory != NULL);
    }
    writer->directory[writer->page_count] = htole32(key_prefix(writer->page.keys[0]));
    key_page_write(&writer->page, writer->place_bits,
                   key_page_seed(writer->first_sequence, writer->page_count),
                   writer->buffer + (size_t)writer->page_buffered * KEY_PAGE_BYTES);
    writer->page_count++;
    writer->page_buffered++;
    writer->page.count = 0;
}

struct key_writer *key_writer_new(struct usage_io *io, const char *path,
                                  const struct key_run_keys *keys, enum err *ret_err)
{
    struct key_writer *writer;
    int fd = io->open(io, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(keys->first_sequence <= keys->last_sequence);
    CHECK(keys->last_sequence - keys->first_sequence <= UINT32_MAX);
    CHECK(keys->count <= KEY_RUN_KEYS_MAX);
    if (fd < 0) {
        *ret_err = error_of(errno);
        return NULL;
    }
    writer = calloc(1, sizeof(*writer));
    MUST(writer != NULL);
    writer->io = io;
    writer->path = path;
    writer->fd = fd;
    writer->first_sequence = keys->first_sequence;
    writer->last_sequence = keys->last_sequence;
    writer->place_bits = key_place_bits(keys->first_sequence, keys->last_sequence);
    writer->count = keys->count;
    writer->filter_lines = key_filter_lines(keys->count);
    writer->filter_state = XXH3_createState();
    MUST(writer->filter_state != NULL && XXH3_64bits_reset(writer->filter_state) == XXH_OK);
    return writer;
}

void key_writer_add(struct key_writer *writer, uint64_t key, uint32_t place)
{
    struct key_page *page = &writer->page;
    uint64_t line = key_filter_line(key, writer->filter_lines);
    while (line >= writer->window_first + WINDOW_LINES)
        window_flush(writer);
    key_filter_add(&writer->window[line - writer->window_first], key_filter_spread(key));
    if (!key_page_has_room(page, key, writer->place_bits))
        page_flush(writer);
    page->keys[page->count] = key;
    page->places[page->count] = place;
    page->count++;
    writer->added++;
}

static void header_put(struct key_writer *writer)
{
    unsigned char header[KEY_PAGE_BYTES] = { 0 };
    memcpy(header + KEY_RUN_AT_MAGIC, key_run_magic, sizeof(key_run_magic));
    bytes_put32(header + KEY_RUN_AT_VERSION, KEY_RUN_VERSION);
    bytes_put32(header + KEY_RUN_AT_PLACE_BITS, writer->place_bits);
    bytes_put64(header + KEY_RUN_AT_FIRST, writer->first_sequence);
    bytes_put64(header + KEY_RUN_AT_LAST, writer->last_sequence);
    bytes_put64(header + KEY_RUN_AT_KEYS, writer->count);
    bytes_put64(header + KEY_RUN_AT_PAGES, writer->page_count);
    bytes_put64(header + KEY_RUN_AT_FILTER, XXH3_64bits_digest(writer->filter_state));
    bytes_put64(header + KEY_RUN_AT_DIRECTORY,
                XXH3_64bits(writer->directory, (size_t)(4 * writer->page_count)));
    bytes_put64(header + KEY_RUN_AT_CHECKSUM, XXH3_64bits(header, KEY_RUN_AT_CHECKSUM));
    writer_put(writer, header, sizeof(header), 0);
}

enum err key_writer_finish(struct key_writer *writer, enum err err)
{
    struct usage_io *io = writer->io;
    if (writer->err == OK)
        writer->err = err;
    if (writer->err == OK) {
        CHECK(writer->added == writer->count);
        while (writer->window_first < writer->filter_lines)
            window_flush(writer);
        if (writer->page.count > 0)
            page_flush(writer);
        buffer_flush(writer);
        writer_put(writer, writer->directory, (size_t)(4 * writer->page_count),
                   key_run_page_at(writer->filter_lines, writer->page_count));
        header_put(writer);
    }
    if (writer->err == OK && io->sync(io, writer->fd) != 0)
        writer->err = error_of(errno);
    (void)close(writer->fd);
    err = writer->err;
    if (err != OK)
        (void)io->unlink(io, writer->path);
    MUST(XXH3_freeState(writer->filter_state) == XXH_OK);
    free(writer->directory);
    free(writer);
    return err;
}

/* ---- sorting ---- */

/* One pass of a radix sort, stable, by DIGIT_BITS of one member. */
struct sort {
    struct key_entry *from;
    struct key_entry *to;
    size_t count;
};

static uint64_t digit_source(const struct key_entry *entry, bool is_by_fingerprint, uint64_t first)
{
    return is_by_fingerprint ? key_of(entry->fingerprint) : entry->sequence - first;
}

static void sort_pass(struct sort *sort, bool is_by_fingerprint, uint64_t first, unsigned shift)
{
    const uint64_t mask = (UINT64_C(1) << DIGIT_BITS) - 1;
    size_t starts[(1U << DIGIT_BITS) + 1] = { 0 };
    struct key_entry *swap;
    for (size_t i = 0; i < sort->count; i++)
        starts[(digit_source(&sort->from[i], is_by_fingerprint, first) >> shift & mask) + 1]++;
    for (size_t i = 0; i < mask; i++)
        starts[i + 1] += starts[i];
    for (size_t i = 0; i < sort->count; i++) {
        uint64_t digit = digit_source(&sort->from[i], is_by_fingerprint, first) >> shift & mask;
        sort->to[starts[digit]++] = sort->from[i];
    }
    swap = sort->from;
    sort->from = sort->to;
    sort->to = swap;
}

static bool is_by_sequence(const struct key_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (entries[i].sequence < entries[i - 1].sequence)
            return false;
    return true;
}

/* By key, then sequence. */
static void entries_sort(const struct key_run_keys *keys)
{
    unsigned place_bits = key_place_bits(keys->first_sequence, keys->last_sequence);
    struct key_entry *other = reallocarray(NULL, keys->count + 1, sizeof(*other));
    struct sort sort = { .from = keys->entries, .to = other, .count = keys->count };
    MUST(other != NULL);
    if (!is_by_sequence(keys->entries, keys->count))
        for (unsigned shift = 0; shift < place_bits; shift += DIGIT_BITS)
            sort_pass(&sort, false, keys->first_sequence, shift);
    for (unsigned shift = 0; shift < KEY_RUN_BITS; shift += DIGIT_BITS)
        sort_pass(&sort, true, keys->first_sequence, shift);
    if (sort.from != keys->entries)
        memcpy(keys->entries, sort.from, keys->count * sizeof(*other));
    free(other);
}

enum err key_run_write(struct usage_io *io, const char *path, const struct key_run_keys *keys)
{
    struct key_writer *writer;
    enum err err = OK;
    for (size_t i = 0; i < keys->count; i++)
        CHECK(keys->entries[i].sequence >= keys->first_sequence &&
              keys->entries[i].sequence <= keys->last_sequence);
    entries_sort(keys);
    writer = key_writer_new(io, path, keys, &err);
    if (!writer)
        return err;
    for (size_t i = 0; i < keys->count; i++)
        key_writer_add(writer, key_of(keys->entries[i].fingerprint),
                       (uint32_t)(keys->entries[i].sequence - keys->first_sequence));
    return key_writer_finish(writer, OK);
}

/* ---- merging ---- */

#define NO_KEY   UINT64_MAX
#define RUN_BITS 16U /* of a head: which run it is of */

struct merge {
    struct key_reader *readers;
    uint64_t *heads;  /* of each run, its next key; NO_KEY at its end */
    uint32_t *at;     /* of each run, that key's place in its page */
    uint32_t *less;   /* of each run, its first sequence less that of all */
    uint32_t *widths; /* of each run, its last sequence less its first */
    size_t count;
};

/* The next page of a run. */
static enum err merge_load(struct merge *merge, size_t i)
{
    enum err err = key_reader_next(&merge->readers[i], NULL);
    merge->at[i] = 0;
    merge->heads[i] = err == OK ? merge->readers[i].page.keys[0] << RUN_BITS | i : NO_KEY;
    return err == ERR_ABSENT ? OK : err;
}

static enum err merge_step(struct merge *merge, size_t i)
{
    uint64_t before = merge->heads[i];
    merge->at[i]++;
    if (merge->at[i] == merge->readers[i].page.count) {
        enum err err = merge_load(merge, i);
        if (err != OK)
            return err;
    } else {
        merge->heads[i] = merge->readers[i].page.keys[merge->at[i]] << RUN_BITS | i;
    }
    return merge->heads[i] < before ? ERR_CORRUPT : OK;
}

/* Equal keys come by run, so by sequence. */
static enum err merge_run(struct merge *merge, struct key_writer *writer, uint64_t count)
{
    enum err err = OK;
    for (size_t i = 0; i < merge->count && err == OK; i++)
        err = merge_load(merge, i);
    for (uint64_t n = 0; n < count && err == OK; n++) {
        const struct key_reader *reader;
        uint64_t least = merge->heads[0];
        uint32_t place;
        size_t from;
        for (size_t i = 1; i < merge->count; i++)
            least = merge->heads[i] < least ? merge->heads[i] : least;
        if (least == NO_KEY)
            return ERR_CORRUPT;
        from = least & ((1U << RUN_BITS) - 1);
        reader = &merge->readers[from];
        place = reader->page.places[merge->at[from]];
        if (place > merge->widths[from])
            return ERR_CORRUPT;
        key_writer_add(writer, least >> RUN_BITS, merge->less[from] + place);
        err = merge_step(merge, from);
    }
    for (size_t i = 0; i < merge->count && err == OK; i++)
        err = merge->heads[i] == NO_KEY ? OK : ERR_CORRUPT;
    return err;
}

enum err key_run_merge(struct usage_io *io, const char *path, struct key_run *const *runs,
                       size_t count)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct merge merge = {
        .readers = ARENA_ARRAY(arena, struct key_reader, count),
        .heads = ARENA_ARRAY(arena, uint64_t, count),
        .at = ARENA_ARRAY(arena, uint32_t, count),
        .less = ARENA_ARRAY(arena, uint32_t, count),
        .widths = ARENA_ARRAY(arena, uint32_t, count),
        .count = count,
    };
    struct key_writer *writer;
    struct key_run_keys keys = { .count = 0 };
    enum err err = OK;

    CHECK(count > 0 && count < 1U << RUN_BITS);
    for (size_t i = 0; i < count; i++) {
        const struct key_run_summary *summary = &runs[i]->summary;
        CHECK(i == 0 || summary->first_sequence == runs[i - 1]->summary.last_sequence + 1);
        CHECK(summary->last_sequence - runs[0]->summary.first_sequence <= UINT32_MAX);
        merge.readers[i].run = runs[i];
        merge.less[i] = (uint32_t)(summary->first_sequence - runs[0]->summary.first_sequence);
        merge.widths[i] = (uint32_t)(summary->last_sequence - summary->first_sequence);
        keys.count += summary->count;
    }
    keys.first_sequence = runs[0]->summary.first_sequence;
    keys.last_sequence = runs[count - 1]->summary.last_sequence;
    writer = key_writer_new(io, path, &keys, &err);
    if (!writer)
        return err;
    err = merge_run(&merge, writer, keys.count);
    return key_writer_finish(writer, err);
}
