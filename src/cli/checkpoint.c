/* checkpoint.c: a JSON object in a file, replaced as a whole. */
#include "cli/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "base/err.h"
#include "codec/json.h"

#define CHECKPOINT_BYTES_MAX 65536

static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
    { "records", offsetof(struct checkpoint, place.records) },
    { "line", offsetof(struct checkpoint, place.line) },
    { "sent", offsetof(struct checkpoint, sent) },
    { "accepted", offsetof(struct checkpoint, accepted) },
    { "duplicates", offsetof(struct checkpoint, duplicates) },
    { "rejected", offsetof(struct checkpoint, rejected) },
    { "rows_rejected", offsetof(struct checkpoint, place.rejected) },
};

static bool read_all(struct arena *arena, const char *path, text *ret)
{
    char *bytes = arena_alloc(arena, CHECKPOINT_BYTES_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size;

    if (fd < 0)
        return false;
    size = read(fd, bytes, CHECKPOINT_BYTES_MAX);
    close(fd);
    *ret = (text){ bytes, size > 0 ? (size_t)size : 0 };
    return size >= 0;
}

static bool read_number(const struct json *object, const char *name, uint64_t *ret)
{
    const struct json *member = json_member(object, text_of(name));
    int64_t n;

    if (!member || member->kind != JSON_NUMBER || !text_to_int(member->text, &n) || n < 0)
        return false;
    *ret = (uint64_t)n;
    return true;
}

static bool read_digest(const struct json *object, unsigned char ret[16])
{
    const struct json *member = json_member(object, TEXT("digest"));
    size_t size = 0;

    return member && member->kind == JSON_TEXT &&
           sodium_hex2bin(ret, 16, member->text.ptr, member->text.len, NULL, &size, NULL) == 0 &&
           size == 16;
}

const char *checkpoint_read(struct arena *arena, const char *path, struct checkpoint *ret)
{
    struct checkpoint checkpoint = { 0 };
    const struct json *destination;
    struct json_fault fault;
    struct json object;
    text all;

    if (!read_all(arena, path, &all)) {
        *ret = checkpoint;
        return errno == ENOENT ? NULL : "cannot be read";
    }
    if (!json_parse(arena, all, &object, &fault))
        return "is no checkpoint";
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        uint64_t *to = (uint64_t *)(void *)((char *)&checkpoint + numbers[i].offset);

        if (!read_number(&object, numbers[i].name, to))
            return "is no checkpoint";
    }
    destination = json_member(&object, TEXT("destination"));
    if (!destination || destination->kind != JSON_TEXT ||
        !read_digest(&object, checkpoint.place.digest))
        return "is no checkpoint";
    checkpoint.destination = destination->text;
    *ret = checkpoint;
    return NULL;
}

static text print(struct arena *arena, const struct checkpoint *checkpoint)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    char digest[33];

    sodium_bin2hex(digest, sizeof digest, checkpoint->place.digest, 16);
    json_object_begin(&w);
    json_member_text(&w, "destination", checkpoint->destination);
    json_member_text(&w, "digest", text_of(digest));
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        const char *from = (const char *)checkpoint + numbers[i].offset;

        json_key(&w, text_of(numbers[i].name));
        json_int(&w, (int64_t) * (const uint64_t *)(const void *)from);
    }
    json_object_end(&w);
    buffer_add_char(&out, '\n');
    return buffer_text(&out);
}

static bool write_all(const char *path, text all)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool is_written = fd >= 0 && write(fd, all.ptr, all.len) == (ssize_t)all.len && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return is_written;
}

const char *checkpoint_write(const char *path, const struct checkpoint *checkpoint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const char *temporary = text_cstr(arena, text_format(arena, "%s.new", path));

    if (write_all(temporary, print(arena, checkpoint)) && rename(temporary, path) == 0)
        return NULL;
    return err_of_errno(errno) == ERR_NO_SPACE ? "the disk is full" : "it cannot be written";
}
