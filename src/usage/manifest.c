#include "usage/manifest.h"

#include "usage/bytes.h"
#include "usage/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>
#include <xxhash.h>

#define MANIFEST_VERSION 1U
#define NEW_NAME         MANIFEST_NAME ".new"

static const char magic[8] = { 'T', 'G', 'U', 'S', 'G', 'M', 'A', 'N' };

enum {
    AT_MAGIC = 0,
    AT_VERSION = 8,
    AT_FIRST_LOG = 12,
    AT_SALT = 16,
    AT_NEXT_FILE = 24,
    AT_SEALED = 32,
    AT_SEGMENTS = 40,
    AT_RUNS = 44,
    AT_LISTS = 48,
    SEGMENT_BYTES = 32,
    RUN_BYTES = 24,
    CHECKSUM_BYTES = 8
};

void manifest_segment_name(uint64_t file, char ret[MANIFEST_NAME_MAX])
{
    int length = snprintf(ret, MANIFEST_NAME_MAX, "sealed-%08llu.seg", (unsigned long long)file);
    MUST(length > 0 && length < MANIFEST_NAME_MAX);
}

void manifest_run_name(uint64_t file, char ret[MANIFEST_NAME_MAX])
{
    int length = snprintf(ret, MANIFEST_NAME_MAX, "keys-%08llu.run", (unsigned long long)file);
    MUST(length > 0 && length < MANIFEST_NAME_MAX);
}

static size_t size_of(uint32_t segment_count, uint32_t run_count)
{
    return AT_LISTS + (size_t)segment_count * SEGMENT_BYTES + (size_t)run_count * RUN_BYTES +
           CHECKSUM_BYTES;
}

text manifest_print(const struct manifest *manifest, struct arena *arena)
{
    size_t size = size_of(manifest->segment_count, manifest->run_count);
    unsigned char *bytes = arena_alloc(arena, size);
    unsigned char *to = bytes + AT_LISTS;

    CHECK(manifest->segment_count <= MANIFEST_FILES_MAX);
    CHECK(manifest->run_count <= MANIFEST_FILES_MAX);
    memcpy(bytes + AT_MAGIC, magic, sizeof(magic));
    bytes_put32(bytes + AT_VERSION, MANIFEST_VERSION);
    bytes_put32(bytes + AT_FIRST_LOG, manifest->first_log);
    bytes_put64(bytes + AT_SALT, manifest->salt);
    bytes_put64(bytes + AT_NEXT_FILE, manifest->next_file);
    bytes_put64(bytes + AT_SEALED, manifest->sealed_to);
    bytes_put32(bytes + AT_SEGMENTS, manifest->segment_count);
    bytes_put32(bytes + AT_RUNS, manifest->run_count);
    for (uint32_t i = 0; i < manifest->segment_count; i++, to += SEGMENT_BYTES) {
        bytes_put64(to, manifest->segments[i].file);
        bytes_put64(to + 8, manifest->segments[i].first_sequence);
        bytes_put64(to + 16, manifest->segments[i].last_sequence);
        bytes_put64(to + 24, manifest->segments[i].epoch);
    }
    for (uint32_t i = 0; i < manifest->run_count; i++, to += RUN_BYTES) {
        bytes_put64(to, manifest->runs[i].file);
        bytes_put64(to + 8, manifest->runs[i].first_sequence);
        bytes_put64(to + 16, manifest->runs[i].last_sequence);
    }
    CHECK(to == bytes + size - CHECKSUM_BYTES);
    bytes_put64(to, XXH3_64bits(bytes, size - CHECKSUM_BYTES));
    return (text){ (const char *)bytes, size };
}

/* Whether both lists tile the sealed sequences without a gap. */
static bool is_gapless(const struct manifest *manifest)
{
    uint64_t next = 1;
    for (uint32_t i = 0; i < manifest->segment_count; i++) {
        const struct manifest_segment *segment = &manifest->segments[i];
        if (segment->first_sequence != next || segment->last_sequence < next ||
            segment->file >= manifest->next_file)
            return false;
        next = segment->last_sequence + 1;
    }
    if (next != manifest->sealed_to + 1)
        return false;
    next = 1;
    for (uint32_t i = 0; i < manifest->run_count; i++) {
        const struct manifest_run *run = &manifest->runs[i];
        if (run->first_sequence != next || run->last_sequence < next ||
            run->file >= manifest->next_file)
            return false;
        next = run->last_sequence + 1;
    }
    return next == manifest->sealed_to + 1 && manifest->first_log > 0 &&
           manifest->next_file < UINT64_MAX / 2;
}

static void lists_read(const unsigned char *from, struct arena *arena, struct manifest *manifest)
{
    manifest->segments = ARENA_ARRAY(arena, struct manifest_segment, manifest->segment_count);
    manifest->runs = ARENA_ARRAY(arena, struct manifest_run, manifest->run_count);
    for (uint32_t i = 0; i < manifest->segment_count; i++, from += SEGMENT_BYTES)
        manifest->segments[i] = (struct manifest_segment){
            .file = bytes_get64(from),
            .first_sequence = bytes_get64(from + 8),
            .last_sequence = bytes_get64(from + 16),
            .epoch = bytes_get64(from + 24),
        };
    for (uint32_t i = 0; i < manifest->run_count; i++, from += RUN_BYTES)
        manifest->runs[i] = (struct manifest_run){
            .file = bytes_get64(from),
            .first_sequence = bytes_get64(from + 8),
            .last_sequence = bytes_get64(from + 16),
        };
}

bool manifest_parse(text from, struct arena *arena, struct manifest *ret)
{
    const unsigned char *bytes = (const unsigned char *)from.ptr;
    struct manifest manifest;
    if (from.len < size_of(0, 0) || memcmp(bytes + AT_MAGIC, magic, sizeof(magic)) != 0 ||
        bytes_get32(bytes + AT_VERSION) != MANIFEST_VERSION)
        return false;
    manifest = (struct manifest){
        .first_log = bytes_get32(bytes + AT_FIRST_LOG),
        .salt = bytes_get64(bytes + AT_SALT),
        .next_file = bytes_get64(bytes + AT_NEXT_FILE),
        .sealed_to = bytes_get64(bytes + AT_SEALED),
        .segment_count = bytes_get32(bytes + AT_SEGMENTS),
        .run_count = bytes_get32(bytes + AT_RUNS),
    };
    if (manifest.segment_count > MANIFEST_FILES_MAX || manifest.run_count > MANIFEST_FILES_MAX ||
        from.len != size_of(manifest.segment_count, manifest.run_count) ||
        bytes_get64(bytes + from.len - CHECKSUM_BYTES) !=
            XXH3_64bits(bytes, from.len - CHECKSUM_BYTES))
        return false;
    lists_read(bytes + AT_LISTS, arena, &manifest);
    if (!is_gapless(&manifest))
        return false;
    *ret = manifest;
    return true;
}

static void path_of(const char *directory, const char *name, char ret[PATH_MAX])
{
    int length = snprintf(ret, PATH_MAX, "%s/%s", directory, name);
    MUST(length > 0 && length < PATH_MAX);
}

/* All bytes of a file; ERR_CORRUPT when there are too many. */
static enum err file_read(struct usage_io *io, int fd, struct arena *arena, text *ret)
{
    struct buffer bytes = { .arena = arena,
                            .max = size_of(MANIFEST_FILES_MAX, MANIFEST_FILES_MAX) };
    char some[4096];
    for (;;) {
        int64_t got = io->read(io, fd, some, sizeof(some), (int64_t)bytes.len);
        if (got < 0)
            return ERR_IO;
        if (got == 0)
            break;
        buffer_add(&bytes, (text){ some, (size_t)got });
        if (bytes.is_over)
            return ERR_CORRUPT;
    }
    *ret = buffer_text(&bytes);
    return OK;
}

enum err manifest_load(struct usage_io *io, const char *directory, struct arena *arena,
                       struct manifest *ret)
{
    char path[PATH_MAX];
    text bytes = TEXT_NONE;
    enum err err;
    int fd;

    path_of(directory, MANIFEST_NAME, path);
    fd = io->open(io, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return errno == ENOENT ? ERR_ABSENT : ERR_IO;
    err = file_read(io, fd, arena, &bytes);
    (void)close(fd);
    if (err == OK && !manifest_parse(bytes, arena, ret))
        err = ERR_CORRUPT;
    return err;
}

enum err manifest_store(struct usage_io *io, const char *directory, const struct manifest *manifest,
                        bool *ret_is_uncertain)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    char path[PATH_MAX];
    char new_path[PATH_MAX];
    enum err err;

    path_of(directory, MANIFEST_NAME, path);
    path_of(directory, NEW_NAME, new_path);
    CHECK(is_gapless(manifest));
    *ret_is_uncertain = false;
    err = log_file_put(io, new_path, manifest_print(manifest, arena));
    if (err == OK && io->sync_directory(io, directory) != 0) /* of the files it names */
        err = log_file_error(errno);
    if (err != OK)
        return err;
    *ret_is_uncertain = true;
    if (io->rename(io, new_path, path) != 0 || io->sync_directory(io, directory) != 0)
        return log_file_error(errno);
    *ret_is_uncertain = false;
    return OK;
}
