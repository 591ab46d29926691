#include "usage/segment.h"

#include "usage/bytes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define SEGMENT_VERSION 1U

static const unsigned char magic[8] = { 'T', 'G', 'U', 'S', 'A', 'G', 'E', '1' };

enum {
    AT_MAGIC = 0,
    AT_VERSION = 8,
    AT_ORDINAL = 12,
    AT_SALT = 16,
    AT_FIRST_SEQUENCE = 24,
    AT_PREVIOUS_LENGTH = 32,
    AT_CHECKSUM = 56
};

enum err segment_error(int number)
{
    return err_of_errno(number) == ERR_NO_SPACE ? ERR_NO_SPACE : ERR_IO;
}

enum err segment_write_all(struct usage_io *io, int fd, const unsigned char *from, uint64_t size,
                           uint64_t offset)
{
    uint64_t done = 0;
    while (done < size) {
        int64_t written;
        errno = EIO;
        written = io->write(io, fd, from + done, (size_t)(size - done), (int64_t)(offset + done));
        if (written <= 0)
            return segment_error(errno);
        CHECK((uint64_t)written <= size - done);
        done += (uint64_t)written;
    }
    return OK;
}

static void header_write(const struct segment_header *header, unsigned char *to)
{
    memset(to, 0, SEGMENT_HEADER_BYTES);
    memcpy(to + AT_MAGIC, magic, sizeof(magic));
    bytes_put32(to + AT_VERSION, SEGMENT_VERSION);
    bytes_put32(to + AT_ORDINAL, header->ordinal);
    bytes_put64(to + AT_SALT, header->salt);
    bytes_put64(to + AT_FIRST_SEQUENCE, header->first_sequence);
    bytes_put64(to + AT_PREVIOUS_LENGTH, header->previous_length);
    bytes_put64(to + AT_CHECKSUM, XXH3_64bits(to, AT_CHECKSUM));
}

static bool header_read(const unsigned char *from, struct segment_header *ret)
{
    if (memcmp(from + AT_MAGIC, magic, sizeof(magic)) != 0 ||
        bytes_get64(from + AT_CHECKSUM) != XXH3_64bits(from, AT_CHECKSUM) ||
        bytes_get32(from + AT_VERSION) != SEGMENT_VERSION)
        return false;
    ret->ordinal = bytes_get32(from + AT_ORDINAL);
    ret->salt = bytes_get64(from + AT_SALT);
    ret->first_sequence = bytes_get64(from + AT_FIRST_SEQUENCE);
    ret->previous_length = bytes_get64(from + AT_PREVIOUS_LENGTH);
    return true;
}

static void path_of(const char *directory, uint32_t ordinal, char ret[PATH_MAX])
{
    int length = snprintf(ret, PATH_MAX, "%s/usage-%08u.log", directory, ordinal);
    MUST(length > 0 && length < PATH_MAX);
}

/* Takes the fd, also on failure. */
static enum err segment_map(int fd, const struct segment_header *header, uint64_t length,
                            uint64_t map_bytes, struct segment **ret)
{
    struct segment *segment;
    void *map = mmap(NULL, (size_t)map_bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        (void)close(fd);
        return ERR_IO;
    }
    segment = calloc(1, sizeof(*segment));
    MUST(segment != NULL);
    segment->header = *header;
    segment->fd = fd;
    segment->map = map;
    segment->map_bytes = map_bytes;
    atomic_init(&segment->length, length);
    *ret = segment;
    return OK;
}

/* The directory's own name must last too, and nobody else may have seen to that. */
static int parent_sync(struct usage_io *io, const char *directory)
{
    char parent[PATH_MAX];
    size_t length = strlen(directory);
    CHECK(length > 0 && length < PATH_MAX);
    memcpy(parent, directory, length + 1);
    while (length > 1 && parent[length - 1] == '/')
        length--;
    while (length > 0 && parent[length - 1] != '/')
        length--;
    while (length > 1 && parent[length - 1] == '/')
        length--;
    parent[length] = '\0';
    return io->sync_directory(io, length == 0 ? "." : parent);
}

enum err segment_create(struct usage_io *io, const char *directory,
                        const struct segment_header *header, uint64_t map_bytes,
                        struct segment **ret)
{
    char path[PATH_MAX];
    unsigned char bytes[SEGMENT_HEADER_BYTES];
    enum err err;
    int fd;

    CHECK(header->ordinal > 0 && header->first_sequence > 0);
    CHECK(map_bytes >= SEGMENT_HEADER_BYTES && map_bytes <= SEGMENT_BYTES_MAX);
    path_of(directory, header->ordinal, path);
    fd = io->open(io, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return segment_error(errno);
    header_write(header, bytes);
    err = segment_write_all(io, fd, bytes, sizeof(bytes), 0);
    if (err == OK && io->sync(io, fd) != 0)
        err = segment_error(errno);
    if (err == OK && io->sync_directory(io, directory) != 0)
        err = segment_error(errno);
    if (err == OK && header->ordinal == 1 && parent_sync(io, directory) != 0)
        err = segment_error(errno);
    if (err != OK) {
        (void)close(fd);
        return err;
    }
    return segment_map(fd, header, SEGMENT_HEADER_BYTES, map_bytes, ret);
}

/* The header of an open file and its length; errors as segment_open. */
static enum err header_load(int fd, uint32_t ordinal, struct segment_header *ret,
                            uint64_t *ret_length)
{
    unsigned char bytes[SEGMENT_HEADER_BYTES] = { 0 };
    struct segment_header header;
    struct stat status;
    if (fstat(fd, &status) != 0)
        return ERR_IO;
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size > SEGMENT_BYTES_MAX)
        return ERR_CORRUPT;
    if (pread(fd, bytes, sizeof(bytes), 0) < 0)
        return ERR_IO;
    if (!header_read(bytes, &header))
        return status.st_size <= SEGMENT_HEADER_BYTES ? ERR_ABSENT : ERR_CORRUPT;
    if (header.ordinal != ordinal || status.st_size < SEGMENT_HEADER_BYTES)
        return ERR_CORRUPT;
    *ret = header;
    *ret_length = (uint64_t)status.st_size;
    return OK;
}

enum err segment_open(struct usage_io *io, const char *directory, uint32_t ordinal,
                      uint64_t map_bytes_min, struct segment **ret)
{
    char path[PATH_MAX];
    struct segment_header header = { 0 };
    uint64_t length = 0;
    enum err err;
    int fd;

    path_of(directory, ordinal, path);
    fd = io->open(io, path, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0)
        return errno == ENOENT ? ERR_CORRUPT : segment_error(errno);
    err = header_load(fd, ordinal, &header, &length);
    if (err != OK) {
        (void)close(fd);
        return err;
    }
    return segment_map(fd, &header, length, length > map_bytes_min ? length : map_bytes_min, ret);
}

void segment_seal(struct segment *segment)
{
    if (segment->fd >= 0)
        (void)close(segment->fd);
    segment->fd = -1;
}

void segment_free(struct segment *segment)
{
    if (!segment)
        return;
    segment_seal(segment);
    MUST(munmap((void *)(uintptr_t)segment->map, (size_t)segment->map_bytes) == 0);
    free(segment);
}

enum err segment_find_last(const char *directory, uint32_t *ret)
{
    uint32_t last = 0;
    struct dirent *entry;
    DIR *listing = opendir(directory);
    if (!listing)
        return ERR_IO;
    errno = 0;
    while ((entry = readdir(listing)) != NULL) {
        text name = text_of(entry->d_name);
        int64_t ordinal;
        if (!text_starts_with(name, TEXT("usage-")) || !text_ends_with(name, TEXT(".log")))
            continue;
        if (!text_to_int(text_slice(name, 6, name.len - 10), &ordinal) || ordinal <= 0 ||
            ordinal > UINT32_MAX)
            continue;
        if ((uint32_t)ordinal > last)
            last = (uint32_t)ordinal;
    }
    last = errno == 0 ? last : UINT32_MAX;
    (void)closedir(listing);
    if (last == UINT32_MAX)
        return ERR_IO;
    *ret = last;
    return OK;
}
