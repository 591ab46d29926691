/* spool_file.c: segments, frames and the mark of a spool. */
#include "cli/spool_file.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/random.h"

#define FRAME_PAYLOAD_MAX (256U * 1024 * 1024)
#define MARK_BYTES        24

static const char segment_magic[8] = "TGSPOOL1";
static const char mark_magic[8] = "TGSPMARK";

static void put64(char *to, uint64_t n)
{
    n = htole64(n);
    memcpy(to, &n, sizeof n);
}

static uint64_t get64(const char *from)
{
    uint64_t n;

    memcpy(&n, from, sizeof n);
    return le64toh(n);
}

static void put32(char *to, uint32_t n)
{
    n = htole32(n);
    memcpy(to, &n, sizeof n);
}

static uint32_t get32(const char *from)
{
    uint32_t n;

    memcpy(&n, from, sizeof n);
    return le32toh(n);
}

/* ---- whole reads and writes ---------------------------------------------------------------- */

/* How much came; less than `size` only at the end of the file. -1 with errno set. */
static int64_t read_at(int fd, void *to, size_t size, uint64_t offset)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = pread(fd, (char *)to + done, size - done, (off_t)(offset + done));

        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -1;
        done += got > 0 ? (size_t)got : 0;
    }
    return (int64_t)done;
}

static enum err sync_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int code = fd < 0 ? -1 : fsync(fd);
    enum err err = code == 0 ? OK : err_of_errno(errno);

    if (fd >= 0)
        close(fd);
    return err;
}

/* ---- segments ------------------------------------------------------------------------------ */

const char *spool_segment_path(struct arena *arena, const char *directory, uint64_t number)
{
    return text_cstr(arena,
                     text_format(arena, "%s/%016llu.spool", directory, (unsigned long long)number));
}

static void print_header(const struct spool_segment *segment, char to[SPOOL_HEADER_BYTES])
{
    memcpy(to, segment_magic, sizeof segment_magic);
    put64(to + 8, segment->salt);
    put64(to + 16, segment->first);
    put64(to + 24, segment->previous_number);
    put64(to + 32, segment->previous_length);
    put64(to + 40, XXH3_64bits(to, 40));
}

enum err spool_segment_create(const char *directory, struct spool_segment *segment)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const char *path = spool_segment_path(arena, directory, segment->number);
    struct random random = random_system();
    char header[SPOOL_HEADER_BYTES];
    enum err err;

    CHECK(segment->first > 0 && segment->number > segment->previous_number);
    random_fill(&random, &segment->salt, sizeof segment->salt);
    print_header(segment, header);
    segment->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (segment->fd < 0)
        return err_of_errno(errno);
    err = OK;
    if (pwrite(segment->fd, header, sizeof header, 0) != (ssize_t)sizeof header ||
        fsync(segment->fd) != 0)
        err = err_of_errno(errno);
    if (err == OK)
        err = sync_directory(directory);
    if (err != OK) {
        close(segment->fd);
        unlink(path);
        segment->fd = -1;
        return err;
    }
    segment->last = segment->first - 1;
    segment->length = SPOOL_HEADER_BYTES;
    return OK;
}

enum err spool_segment_open(const char *directory, struct spool_segment *segment)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    char header[SPOOL_HEADER_BYTES + 1];
    int64_t got;

    segment->fd = open(spool_segment_path(arena, directory, segment->number), O_RDWR | O_CLOEXEC);
    if (segment->fd < 0)
        return ERR_IO;
    got = read_at(segment->fd, header, sizeof header, 0);
    if (got < 0)
        return ERR_IO;
    if (got < SPOOL_HEADER_BYTES || memcmp(header, segment_magic, sizeof segment_magic) != 0 ||
        get64(header + 40) != XXH3_64bits(header, 40))
        return got <= SPOOL_HEADER_BYTES ? ERR_ABSENT : ERR_CORRUPT;
    segment->salt = get64(header + 8);
    segment->first = get64(header + 16);
    segment->previous_number = get64(header + 24);
    segment->previous_length = get64(header + 32);
    segment->last = segment->first - 1;
    segment->length = SPOOL_HEADER_BYTES;
    return OK;
}

/* ---- frames -------------------------------------------------------------------------------- */

static size_t padded(size_t size)
{
    return (size + 7) / 8 * 8;
}

static uint64_t frame_checksum(const char *frame, size_t size, uint64_t salt)
{
    uint64_t head = XXH3_64bits_withSeed(frame, 16, salt);

    return XXH3_64bits_withSeed(frame + SPOOL_FRAME_BYTES, size, head);
}

void spool_frame_begin(struct buffer *out)
{
    static const char zero[SPOOL_FRAME_BYTES];

    CHECK(out->len == 0);
    buffer_add(out, (text){ zero, sizeof zero });
}

size_t spool_event_bytes(text event)
{
    return 4 + event.len;
}

void spool_event_put(char *to, text event)
{
    put32(to, (uint32_t)event.len);
    memcpy(to + 4, event.ptr, event.len);
}

text spool_frame_end(struct buffer *out, const struct spool_segment *segment, uint64_t first,
                     uint32_t count)
{
    size_t size = out->len - SPOOL_FRAME_BYTES;

    CHECK(size <= FRAME_PAYLOAD_MAX && count > 0);
    put32(out->ptr, (uint32_t)size);
    put32(out->ptr + 4, count);
    put64(out->ptr + 8, first);
    put64(out->ptr + 16, frame_checksum(out->ptr, size, segment->salt));
    while (out->len % 8 != 0)
        buffer_add_char(out, '\0');
    return buffer_text(out);
}

enum err spool_frame_read(const struct spool_segment *segment, uint64_t offset,
                          struct spool_frame *frame)
{
    char head[SPOOL_FRAME_BYTES];
    int64_t got = read_at(segment->fd, head, sizeof head, offset);
    size_t size, whole;

    if (got < 0)
        return ERR_IO;
    size = get32(head);
    if (got < (int64_t)sizeof head || size < 4 || size > FRAME_PAYLOAD_MAX)
        return ERR_CORRUPT;
    whole = SPOOL_FRAME_BYTES + size;
    if (frame->room < whole) {
        frame->bytes = realloc(frame->bytes, whole);
        MUST(frame->bytes);
        frame->room = whole;
    }
    got = read_at(segment->fd, frame->bytes, whole, offset);
    if (got < 0)
        return ERR_IO;
    if (got < (int64_t)whole ||
        get64(frame->bytes + 16) != frame_checksum(frame->bytes, size, segment->salt))
        return ERR_CORRUPT;
    frame->count = get32(frame->bytes + 4);
    frame->first = get64(frame->bytes + 8);
    frame->next = 0;
    frame->at = SPOOL_FRAME_BYTES;
    frame->end = whole;
    frame->length = padded(whole);
    return OK;
}

bool spool_frame_peek(const struct spool_frame *frame, text *ret)
{
    size_t length;

    if (frame->next >= frame->count)
        return false;
    /* The checksum was right, so these are as they were written. */
    MUST(frame->end - frame->at >= 4);
    length = get32(frame->bytes + frame->at);
    MUST(frame->end - frame->at - 4 >= length);
    *ret = (text){ frame->bytes + frame->at + 4, length };
    return true;
}

void spool_frame_skip(struct spool_frame *frame)
{
    text event;

    MUST(spool_frame_peek(frame, &event));
    frame->at += 4 + event.len;
    frame->next++;
}

/* Whether a whole frame stands anywhere behind `offset`: then what stands at it was not torn. */
static bool has_frame_behind(const struct spool_segment *segment, uint64_t offset, uint64_t size,
                             struct spool_frame *frame)
{
    for (uint64_t at = offset + 8; at + SPOOL_FRAME_BYTES < size; at += 8)
        if (spool_frame_read(segment, at, frame) == OK)
            return true;
    return false;
}

static enum err cut_tail(struct spool_segment *segment, struct spool_frame *frame,
                         uint64_t *ret_cut)
{
    off_t size = lseek(segment->fd, 0, SEEK_END);

    if (size < 0)
        return ERR_IO;
    if (has_frame_behind(segment, segment->length, (uint64_t)size, frame))
        return ERR_CORRUPT;
    *ret_cut = (uint64_t)size - segment->length;
    if (*ret_cut == 0)
        return OK;
    if (ftruncate(segment->fd, (off_t)segment->length) != 0 || fsync(segment->fd) != 0)
        return err_of_errno(errno);
    return OK;
}

enum err spool_segment_scan(struct spool_segment *segment, uint64_t want_length, uint64_t *ret_cut)
{
    struct spool_frame frame = { 0 };
    enum err err = OK;

    *ret_cut = 0;
    while (segment->length < want_length) {
        err = spool_frame_read(segment, segment->length, &frame);
        if (err == OK && frame.first != segment->last + 1)
            err = ERR_CORRUPT;
        if (err != OK)
            break;
        segment->last += frame.count;
        segment->length += frame.length;
    }
    if (err == OK && segment->length != want_length)
        err = ERR_CORRUPT;
    if (err == ERR_CORRUPT && want_length == UINT64_MAX)
        err = cut_tail(segment, &frame, ret_cut);
    free(frame.bytes);
    return err;
}

/* ---- the mark ------------------------------------------------------------------------------ */

uint64_t spool_mark_read(const char *directory)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const char *path = text_cstr(arena, text_format(arena, "%s/delivered", directory));
    char bytes[MARK_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t got;

    if (fd < 0)
        return 0;
    got = read_at(fd, bytes, sizeof bytes, 0);
    close(fd);
    if (got != MARK_BYTES || memcmp(bytes, mark_magic, sizeof mark_magic) != 0 ||
        get64(bytes + 16) != XXH3_64bits(bytes, 16))
        return 0;
    return get64(bytes + 8);
}

enum err spool_mark_write(const char *directory, uint64_t sequence)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const char *path = text_cstr(arena, text_format(arena, "%s/delivered", directory));
    const char *temporary = text_cstr(arena, text_format(arena, "%s.new", path));
    char bytes[MARK_BYTES];
    enum err err = OK;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_of_errno(errno);
    memcpy(bytes, mark_magic, sizeof mark_magic);
    put64(bytes + 8, sequence);
    put64(bytes + 16, XXH3_64bits(bytes, 16));
    if (write(fd, bytes, sizeof bytes) != (ssize_t)sizeof bytes || fsync(fd) != 0 ||
        rename(temporary, path) != 0)
        err = err_of_errno(errno);
    close(fd);
    return err == OK ? sync_directory(directory) : err;
}
