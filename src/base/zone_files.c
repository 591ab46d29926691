/* Rules of zones out of compiled zone files (TZif, RFC 9636).
 *
 * A file holds a block with times of 32 bits, which is skipped, then one with 64 bits, then a
 * line that says in POSIX form what holds after the last transition. Numbers are big-endian.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/zone_rules.h"

#define FILE_BYTES_MAX 65536
#define HEADER_BYTES   44
#define TYPE_BYTES     6 /* of one kind of local time: offset, is summer time, abbreviation */

/* Two changes a year over the whole range, and more than any history had besides. */
#define TRANSITIONS_MAX 2048

/* What a block's header says of it. */
struct block {
    size_t utc_marks, standard_marks, leap_seconds, transitions, types, name_bytes;
    size_t time_bytes; /* of one time: 4 or 8 */
};

static uint64_t read_big_endian(const uint8_t *at, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | at[i];
    return number;
}

/* Reads the header at `at`; false when it is none. */
static bool read_header(text file, size_t at, size_t time_bytes, struct block *ret)
{
    if (at + HEADER_BYTES > file.len)
        return false;
    const uint8_t *header = (const uint8_t *)file.ptr + at;
    if (memcmp(header, "TZif", 4) != 0 || header[4] < '2')
        return false;
    *ret = (struct block){
        .utc_marks = read_big_endian(header + 20, 4),
        .standard_marks = read_big_endian(header + 24, 4),
        .leap_seconds = read_big_endian(header + 28, 4),
        .transitions = read_big_endian(header + 32, 4),
        .types = read_big_endian(header + 36, 4),
        .name_bytes = read_big_endian(header + 40, 4),
        .time_bytes = time_bytes,
    };
    return ret->types > 0;
}

/* Bytes of a block after its header. The counts have 32 bits, so this cannot overflow. */
static size_t block_size(const struct block *b)
{
    return b->transitions * (b->time_bytes + 1) + b->types * TYPE_BYTES + b->name_bytes +
           b->leap_seconds * (b->time_bytes + 4) + b->standard_marks + b->utc_marks;
}

/* The offset of one kind of local time; false when no wall can have it. */
static bool read_offset(const uint8_t *type, int32_t *ret)
{
    *ret = (int32_t)read_big_endian(type, 4);
    return *ret >= -ZONE_OFFSET_SECONDS_MAX && *ret <= ZONE_OFFSET_SECONDS_MAX;
}

/* Reads a block of 64-bit times, of a size that was checked. */
static bool read_block(const uint8_t *times, const struct block *b, struct arena *arena,
                       struct zone_rules *rules, int64_t *ret_last)
{
    const uint8_t *kinds = times + b->transitions * b->time_bytes;
    const uint8_t *types = kinds + b->transitions;
    int64_t before = INT64_MIN;
    int32_t offset;
    if (b->transitions > TRANSITIONS_MAX || !read_offset(types, &offset))
        return false;
    zone_rules_init(rules, arena, TRANSITIONS_MAX, offset);
    for (size_t i = 0; i < b->transitions; i++) {
        int64_t seconds = (int64_t)read_big_endian(times + i * 8, 8);
        if (kinds[i] >= b->types || seconds <= before ||
            !read_offset(types + (size_t)kinds[i] * TYPE_BYTES, &offset))
            return false;
        before = seconds;
        zone_rules_add(rules, seconds, offset);
    }
    *ret_last = before;
    return true;
}

/* Reads a whole file. One with leap seconds in it ("right/...") counts other seconds than ours. */
static bool read_rules(text file, struct arena *arena, struct zone_rules *rules)
{
    struct block b;
    int64_t last;
    if (!read_header(file, 0, 4, &b))
        return false;
    size_t at = HEADER_BYTES + block_size(&b);
    if (!read_header(file, at, 8, &b) || b.leap_seconds != 0)
        return false;
    at += HEADER_BYTES;
    size_t footer = at + block_size(&b);
    if (footer + 2 > file.len || file.ptr[footer] != '\n' || file.ptr[file.len - 1] != '\n')
        return false;
    return read_block((const uint8_t *)file.ptr + at, &b, arena, rules, &last) &&
           zone_rules_add_posix(rules, text_slice(file, footer + 1, file.len - footer - 2), last);
}

/* Whether the name can only lead to a zone's file below the directory. There are files that are not
 * zones, or the same zones under a directory of another kind. */
static bool is_name(text name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
            !(c == '/' && i > 0 && name.ptr[i - 1] != '/') && c != '-' && c != '+' && c != '_')
            return false;
    }
    return name.len > 0 && name.len <= ZONE_NAME_MAX && !text_starts_with(name, TEXT("posix")) &&
           !text_starts_with(name, TEXT("right/")) && !text_equal(name, TEXT("localtime")) &&
           !text_equal(name, TEXT("Factory"));
}

/* Reads up to `room` bytes; 0 when there is no such file or it cannot be read. */
static size_t read_file(const char *path, char *room, size_t size)
{
    size_t length = 0;
    ssize_t got;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    do {
        got = read(fd, room + length, size - length);
        length += got > 0 ? (size_t)got : 0;
    } while (got > 0 && length < size);
    (void)close(fd);
    return got < 0 ? 0 : length;
}

bool zone_rules_of_files(const char *directory, text name, struct arena *arena,
                         struct zone_rules *ret)
{
    struct zone_rules rules;
    if (!is_name(name))
        return false;
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
    text path = text_format(scratch, "%s/%.*s", directory, TEXT_ARG(name));
    char *file = arena_alloc(scratch, FILE_BYTES_MAX);
    size_t length = read_file(text_cstr(scratch, path), file, FILE_BYTES_MAX);
    /* Read beside the caller's arena first, which then takes only what is needed. */
    if (!read_rules((text){ file, length }, scratch, &rules))
        return false;
    ret->count = rules.count;
    ret->room = rules.count;
    ret->transitions =
        arena_copy(arena, rules.transitions, rules.count * sizeof(rules.transitions[0]));
    ret->offsets_seconds = arena_copy(arena, rules.offsets_seconds,
                                      (rules.count + 1) * sizeof(rules.offsets_seconds[0]));
    return true;
}
