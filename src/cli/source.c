/* source.c: lines out of a plain or compressed file, through zlib (which reads both). */
#include "cli/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define SOURCE_READ_BYTES     (256 * 1024)
#define SOURCE_REST_BYTES_MAX (1024ULL * 1024 * 1024)

struct source {
    gzFile file;
    char *bytes; /* [begin, end) is read and not yet handed out */
    size_t begin, end, room;
    uint64_t size;
    uint64_t lines;
    bool is_at_end;
    const char *trouble;
};

struct source *source_open(const char *path)
{
    int fd = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    struct source *source;
    struct stat status;

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(fd);
        errno = EISDIR;
        return NULL;
    }
    source = calloc(1, sizeof *source);
    MUST(source);
    source->file = gzdopen(fd, "rb");
    MUST(source->file);
    gzbuffer(source->file, SOURCE_READ_BYTES);
    source->size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    return source;
}

void source_close(struct source *source)
{
    if (!source)
        return;
    gzclose(source->file);
    free(source->bytes);
    free(source);
}

/* Reads more behind what is there; false at the end or in trouble. */
static bool fill(struct source *source)
{
    int got;

    if (source->is_at_end || source->trouble)
        return false;
    if (source->begin > 0) {
        memmove(source->bytes, source->bytes + source->begin, source->end - source->begin);
        source->end -= source->begin;
        source->begin = 0;
    }
    if (source->room - source->end < SOURCE_READ_BYTES) {
        source->room = (source->room + SOURCE_READ_BYTES) * 2;
        source->bytes = realloc(source->bytes, source->room);
        MUST(source->bytes);
    }
    got = gzread(source->file, source->bytes + source->end, SOURCE_READ_BYTES);
    if (got < 0)
        source->trouble = "cannot be read, or is not whole";
    else if (got == 0)
        source->is_at_end = true;
    else
        source->end += (size_t)got;
    return got > 0;
}

/* The end of the record at `begin`: the offset of its line feed, or of the end of what is there. */
static size_t find_end(const struct source *source, size_t from, bool is_quoting, bool *in_quotes)
{
    for (size_t i = from; i < source->end; i++) {
        if (is_quoting && source->bytes[i] == '"')
            *in_quotes = !*in_quotes;
        else if (source->bytes[i] == '\n' && !*in_quotes)
            return i;
    }
    return source->end;
}

static bool next_record(struct source *source, bool is_quoting, text *ret)
{
    bool in_quotes = false;
    size_t looked = 0; /* bytes behind begin that hold no end */
    size_t at;

    for (;;) {
        at = find_end(source, source->begin + looked, is_quoting, &in_quotes);
        if (at < source->end)
            break;
        looked = source->end - source->begin;
        if (looked > SOURCE_LINE_BYTES_MAX)
            source->trouble = "has a line that is too long";
        if (!fill(source)) {
            at = source->end;
            break;
        }
    }
    if (source->trouble || source->begin == source->end)
        return false;
    *ret = (text){ source->bytes + source->begin, at - source->begin };
    source->begin = at < source->end ? at + 1 : at;
    source->lines++;
    if (text_ends_with(*ret, TEXT("\r")))
        ret->len--;
    return true;
}

bool source_line(struct source *source, text *ret)
{
    return next_record(source, false, ret);
}

bool source_record(struct source *source, text *ret)
{
    return next_record(source, true, ret);
}

const char *source_trouble(const struct source *source)
{
    return source->trouble;
}

int source_peek(struct source *source)
{
    for (size_t skip = 0;; skip++) {
        while (source->begin + skip >= source->end)
            if (!fill(source))
                return -1;
        if (!strchr(" \t\r\n", source->bytes[source->begin + skip]))
            return (unsigned char)source->bytes[source->begin + skip];
    }
}

uint64_t source_position(const struct source *source)
{
    z_off_t at = gzoffset(source->file);

    return at > 0 ? (uint64_t)at : 0;
}

uint64_t source_size(const struct source *source)
{
    return source->size;
}

uint64_t source_line_number(const struct source *source)
{
    return source->lines;
}

bool source_rest(struct source *source, struct arena *arena, text *ret)
{
    while (fill(source)) {
        if (source->end - source->begin > SOURCE_REST_BYTES_MAX) {
            source->trouble = "is too large for one JSON array: use JSON lines";
            return false;
        }
    }
    if (source->trouble)
        return false;
    *ret = text_copy(arena, (text){ source->bytes + source->begin, source->end - source->begin });
    source->begin = source->end;
    return true;
}
