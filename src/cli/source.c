/* source.c: lines out of a plain or compressed file, through zlib (which reads both). */
#include "cli/source.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define SOURCE_READ_BYTES (256 * 1024)

struct source {
    gzFile file;
    char *bytes; /* [begin, end) is read and not yet handed out */
    size_t begin, end, room;
    uint64_t size;
    uint64_t line;      /* where the record last handed out begins, from 1 */
    uint64_t next_line; /* where the one behind it does */
    bool has_begun;
    bool has_items; /* source_item has passed the array's bracket */
    bool is_over;   /* and its end, or a flaw */
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
    MUST(fstat(fd, &status) == 0);
    if (S_ISDIR(status.st_mode)) {
        close(fd);
        errno = EISDIR;
        return NULL;
    }
    source = calloc(1, sizeof *source);
    MUST(source);
    source->next_line = 1;
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

/* Whether a compressed file came to its end; zlib tells of one that was cut only here. */
static bool is_whole(struct source *source)
{
    int code;

    (void)gzerror(source->file, &code);
    return code == Z_OK || code == Z_STREAM_END;
}

/* Spreadsheets put a byte order mark before the first line. */
static void skip_mark(struct source *source)
{
    static const char mark[] = { '\xef', '\xbb', '\xbf' };

    if (!source->has_begun && source->end >= sizeof mark &&
        memcmp(source->bytes, mark, sizeof mark) == 0)
        source->begin = sizeof mark;
    source->has_begun = true;
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
    if (got < 0 || (got == 0 && !is_whole(source)))
        source->trouble = "cannot be read, or is not whole";
    else if (got == 0)
        source->is_at_end = true;
    else
        source->end += (size_t)got;
    if (got > 0)
        skip_mark(source);
    return got > 0;
}

/* Where a byte of CSV stands in its cell (RFC 4180). */
enum csv_place { CSV_CELL_START, CSV_PLAIN, CSV_QUOTED, CSV_QUOTE_ENDED };

/* A quote opens only at the start of a cell; inside, two of them are one that is meant. */
static enum csv_place csv_next(enum csv_place place, char c)
{
    if (place == CSV_QUOTED)
        return c == '"' ? CSV_QUOTE_ENDED : CSV_QUOTED;
    if (c == '"' && place != CSV_PLAIN)
        return CSV_QUOTED;
    return c == ',' ? CSV_CELL_START : CSV_PLAIN;
}

/* The offset of the line feed at or behind `from`; of the end of what is there when it has none. */
static size_t find_line_feed(struct source *source, size_t from)
{
    const char *at = NULL;

    if (from < source->end)
        at = memchr(source->bytes + from, '\n', source->end - from);
    return at ? (size_t)(at - source->bytes) : source->end;
}

/* The same, but for a line feed in quotes. */
static size_t find_record_end(struct source *source, size_t from, enum csv_place *place)
{
    for (size_t i = from; i < source->end; i++) {
        if (source->bytes[i] == '\n' && *place != CSV_QUOTED)
            return i;
        *place = csv_next(*place, source->bytes[i]);
    }
    return source->end;
}

static uint64_t count_line_feeds(text t)
{
    uint64_t count = 0;

    for (size_t i = 0; i < t.len; i++)
        count += t.ptr[i] == '\n';
    return count;
}

static bool next_record(struct source *source, bool is_csv, text *ret)
{
    enum csv_place place = CSV_CELL_START;
    size_t looked = 0; /* bytes behind begin that hold no end */
    size_t at;

    for (;;) {
        size_t from = source->begin + looked;

        at = is_csv ? find_record_end(source, from, &place) : find_line_feed(source, from);
        looked = at - source->begin;
        if (looked > SOURCE_LINE_BYTES_MAX)
            source->trouble = "has a line that is too long";
        if (at < source->end || !fill(source))
            break;
    }
    at = source->begin + looked;
    if (source->trouble || source->begin == source->end)
        return false;
    *ret = (text){ source->bytes + source->begin, looked };
    source->begin = at < source->end ? at + 1 : at;
    source->line = source->next_line;
    source->next_line += 1 + (is_csv ? count_line_feeds(*ret) : 0);
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
        if (!memchr(" \t\r\n", source->bytes[source->begin + skip], 4))
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
    return source->line;
}

/* ---- one array ----------------------------------------------------------------------------- */

/* The byte `at` behind begin, -1 at the end. It may move what is there. */
static int byte_at(struct source *source, size_t at)
{
    while (source->begin + at >= source->end)
        if (!fill(source))
            return -1;
    return (unsigned char)source->bytes[source->begin + at];
}

/* Consumes white space; the byte behind it, -1 at the end. */
static int skip_space(struct source *source)
{
    int c = byte_at(source, 0);

    while (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
        source->next_line += c == '\n';
        source->begin++;
        c = byte_at(source, 0);
    }
    return c;
}

/* How long the string at `at` is, with its quotes; 0 when it has no end. */
static size_t string_length(struct source *source, size_t at)
{
    bool is_escaped = false;

    for (size_t i = at + 1; i - at <= SOURCE_LINE_BYTES_MAX; i++) {
        int c = byte_at(source, i);

        if (c < 0)
            return 0;
        if (c == '"' && !is_escaped)
            return i + 1 - at;
        is_escaped = c == '\\' && !is_escaped;
    }
    return 0;
}

static bool is_between_items(int c)
{
    return c == ',' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* How long the value is that begins here; 0 when it has no end, or none within the limit. */
static size_t value_length(struct source *source)
{
    size_t depth = 0;
    size_t i = 0;

    while (i <= SOURCE_LINE_BYTES_MAX) {
        int c = byte_at(source, i);
        size_t step = c == '"' ? string_length(source, i) : 1;

        if (depth == 0 && is_between_items(c))
            return i;
        if (c < 0 || step == 0 || (depth == 0 && (c == '}' || c == ']')))
            return 0;
        depth += c == '{' || c == '[';
        i += step;
        if ((c == '}' || c == ']') && --depth == 0)
            return i;
    }
    return 0;
}

/* Before an item: consumes the bracket or comma. False at the array's end, and with a flaw. */
static bool item_begins(struct source *source, const char **ret_why)
{
    int c = skip_space(source);
    bool is_end = source->has_items && c == ']';

    if (!is_end && c != (source->has_items ? ',' : '[')) {
        *ret_why = c < 0 ? "the array is not whole" : "a comma or the array's end is expected";
        return false;
    }
    source->begin++;
    c = skip_space(source);
    if (!source->has_items && c == ']') {
        is_end = true;
        source->begin++;
    }
    source->has_items = true;
    if (is_end && skip_space(source) >= 0)
        *ret_why = "something stands behind the array";
    return !is_end;
}

bool source_item(struct source *source, text *ret, const char **ret_why)
{
    const char *why = NULL;
    size_t length = 0;
    bool is_item = !source->is_over && item_begins(source, &why);

    source->line = source->next_line;
    if (is_item) {
        length = value_length(source);
        if (length == 0)
            why = "the array is not whole, or an item is too long";
    }
    if (source->trouble)
        return false;
    if (why)
        *ret_why = why;
    source->is_over = !is_item || why;
    if (source->is_over)
        return false;
    *ret = (text){ source->bytes + source->begin, length };
    source->begin += length;
    source->next_line += count_line_feeds(*ret);
    return true;
}
