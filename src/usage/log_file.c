#include "usage/log_file.h"

#include "usage/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define LOG_VERSION 2U

static const unsigned char magic[8] = { 'T', 'G', 'U', 'S', 'A', 'G', 'E', '2' };

enum {
    AT_MAGIC = 0,
    AT_VERSION = 8,
    AT_ORDINAL = 12,
    AT_SALT = 16,
    AT_FIRST_SEQUENCE = 24,
    AT_PREVIOUS_LENGTH = 32,
    AT_CHECKSUM = 56
};

enum err log_file_error(int number)
{
    return err_of_errno(number) == ERR_NO_SPACE ? ERR_NO_SPACE : ERR_IO;
}

enum err log_file_write(struct usage_io *io, int fd, const unsigned char *from, uint64_t size,
                        uint64_t offset)
{
    uint64_t done = 0;
    while (done < size) {
        int64_t written;
        errno = EIO;
        written = io->write(io, fd, from + done, (size_t)(size - done), (int64_t)(offset + done));
        if (written <= 0)
            return log_file_error(errno);
        CHECK((uint64_t)written <= size - done);
        done += (uint64_t)written;
    }
    return OK;
}

enum err log_file_put(struct usage_io *io, const char *path, text bytes)
{
    int fd = io->open(io, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return log_file_error(errno);
    enum err err = log_file_write(io, fd, (const unsigned char *)bytes.ptr, bytes.len, 0);
    if (err == OK && io->sync(io, fd) != 0)
        err = log_file_error(errno);
    (void)close(fd);
    return err;
}

static void header_write(const struct log_header *header, unsigned char *to)
{
    memset(to, 0, LOG_HEADER_BYTES);
    memcpy(to + AT_MAGIC, magic, sizeof(magic));
    bytes_put32(to + AT_VERSION, LOG_VERSION);
    bytes_put32(to + AT_ORDINAL, header->ordinal);
    bytes_put64(to + AT_SALT, header->salt);
    bytes_put64(to + AT_FIRST_SEQUENCE, header->first_sequence);
    bytes_put64(to + AT_PREVIOUS_LENGTH, header->previous_length);
    bytes_put64(to + AT_CHECKSUM, XXH3_64bits(to, AT_CHECKSUM));
}

static bool header_read(const unsigned char *from, struct log_header *ret)
{
    if (memcmp(from + AT_MAGIC, magic, sizeof(magic)) != 0 ||
        bytes_get64(from + AT_CHECKSUM) != XXH3_64bits(from, AT_CHECKSUM) ||
        bytes_get32(from + AT_VERSION) != LOG_VERSION)
        return false;
    ret->ordinal = bytes_get32(from + AT_ORDINAL);
    ret->salt = bytes_get64(from + AT_SALT);
    ret->first_sequence = bytes_get64(from + AT_FIRST_SEQUENCE);
    ret->previous_length = bytes_get64(from + AT_PREVIOUS_LENGTH);
    return true;
}

void log_file_name(uint32_t ordinal, char ret[LOG_NAME_MAX])
{
    int length = snprintf(ret, LOG_NAME_MAX, "usage-%08u.log", ordinal);
    MUST(length > 0 && length < LOG_NAME_MAX);
}

static void path_of(const char *directory, uint32_t ordinal, char ret[PATH_MAX])
{
    char name[LOG_NAME_MAX];
    int length;
    log_file_name(ordinal, name);
    length = snprintf(ret, PATH_MAX, "%s/%s", directory, name);
    MUST(length > 0 && length < PATH_MAX);
}

/* Takes the fd, also on failure. */
static enum err file_map(int fd, const struct log_header *header, uint64_t length,
                         uint64_t map_bytes, struct log_file **ret)
{
    struct log_file *file;
    void *map = mmap(NULL, (size_t)map_bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) {
        (void)close(fd);
        return ERR_IO;
    }
    file = calloc(1, sizeof(*file));
    MUST(file != NULL);
    file->header = *header;
    file->fd = fd;
    file->map = map;
    file->map_bytes = map_bytes;
    file->room = length;
    atomic_init(&file->length, length);
    *ret = file;
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

enum err log_file_create(struct usage_io *io, const char *directory,
                         const struct log_header *header, uint64_t map_bytes, struct log_file **ret)
{
    char path[PATH_MAX];
    unsigned char bytes[LOG_HEADER_BYTES];
    enum err err;
    int fd;

    CHECK(header->ordinal > 0 && header->first_sequence > 0);
    CHECK(map_bytes >= LOG_HEADER_BYTES && map_bytes <= LOG_FILE_BYTES_MAX);
    path_of(directory, header->ordinal, path);
    fd = io->open(io, path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return log_file_error(errno);
    header_write(header, bytes);
    err = log_file_write(io, fd, bytes, sizeof(bytes), 0);
    if (err == OK && io->sync(io, fd) != 0)
        err = log_file_error(errno);
    if (err == OK && io->sync_directory(io, directory) != 0)
        err = log_file_error(errno);
    if (err == OK && header->ordinal == 1 && parent_sync(io, directory) != 0)
        err = log_file_error(errno);
    if (err != OK) {
        (void)close(fd);
        return err;
    }
    return file_map(fd, header, LOG_HEADER_BYTES, map_bytes, ret);
}

enum err log_file_adopt(struct usage_io *io, const char *directory, const struct log_header *header,
                        const struct log_adopted *adopted, struct log_file **ret)
{
    char path[PATH_MAX];
    unsigned char bytes[LOG_HEADER_BYTES];
    enum err err;

    CHECK(header->ordinal > 0 && header->first_sequence > 0);
    CHECK(adopted->fd >= 0 && adopted->map_bytes <= LOG_FILE_BYTES_MAX);
    path_of(directory, header->ordinal, path);
    header_write(header, bytes);
    err = log_file_write(io, adopted->fd, bytes, sizeof(bytes), 0);
    if (err == OK && io->sync(io, adopted->fd) != 0)
        err = log_file_error(errno);
    if (err == OK && io->rename(io, adopted->path, path) != 0)
        err = log_file_error(errno);
    if (err == OK && io->sync_directory(io, directory) != 0)
        err = log_file_error(errno);
    if (err != OK) {
        (void)close(adopted->fd);
        return err;
    }
    err = file_map(adopted->fd, header, LOG_HEADER_BYTES, adopted->map_bytes, ret);
    if (err != OK)
        return err;
    (*ret)->room = adopted->size;
    (*ret)->prepared = adopted->size;
    return OK;
}

/* The header of an open file and its length; errors as log_file_open. */
static enum err header_load(struct usage_io *io, int fd, uint32_t ordinal, struct log_header *ret,
                            uint64_t *ret_length)
{
    unsigned char bytes[LOG_HEADER_BYTES] = { 0 };
    struct log_header header;
    struct stat status;
    if (fstat(fd, &status) != 0)
        return ERR_IO;
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size > LOG_FILE_BYTES_MAX)
        return ERR_CORRUPT;
    if (io->read(io, fd, bytes, sizeof(bytes), 0) < 0)
        return ERR_IO;
    if (!header_read(bytes, &header))
        return status.st_size <= LOG_HEADER_BYTES ? ERR_ABSENT : ERR_CORRUPT;
    if (header.ordinal != ordinal || status.st_size < LOG_HEADER_BYTES)
        return ERR_CORRUPT;
    *ret = header;
    *ret_length = (uint64_t)status.st_size;
    return OK;
}

enum err log_file_open(struct usage_io *io, const char *directory, uint32_t ordinal,
                       uint64_t map_bytes_min, struct log_file **ret)
{
    char path[PATH_MAX];
    struct log_header header = { 0 };
    uint64_t length = 0;
    enum err err;
    int fd;

    path_of(directory, ordinal, path);
    fd = io->open(io, path, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0)
        return errno == ENOENT ? ERR_ABSENT : log_file_error(errno);
    err = header_load(io, fd, ordinal, &header, &length);
    if (err != OK) {
        (void)close(fd);
        return err;
    }
    return file_map(fd, &header, length, length > map_bytes_min ? length : map_bytes_min, ret);
}

/* A step of room for a file that grows by small frames, and by large ones. */
#define STEP_SMALL  (256U * 1024)
#define STEP_LARGE  (16U * 1024 * 1024)
#define FRAME_LARGE (64U * 1024)

void log_file_extend(struct usage_io *io, struct log_file *file, uint64_t size)
{
    static const unsigned char zeros[STEP_SMALL];
    uint64_t end = file->length + size;
    uint64_t step = size < FRAME_LARGE ? STEP_SMALL : STEP_LARGE;
    if (end <= file->room || end >= file->map_bytes)
        return;
    if (step > file->map_bytes - end)
        step = file->map_bytes - end;
    if (size < FRAME_LARGE && log_file_write(io, file->fd, zeros, step, end) != OK)
        return;
    if (size >= FRAME_LARGE && io->allocate(io, file->fd, (int64_t)(end + step)) != 0)
        return;
    file->room = end + step;
}

bool log_file_cut(struct usage_io *io, struct log_file *file, uint64_t size)
{
    if (io->truncate(io, file->fd, (int64_t)size) != 0)
        return false;
    file->room = size;
    file->prepared = 0;
    return true;
}

void log_file_rest(const struct log_file *file)
{
    (void)madvise((void *)(uintptr_t)file->map, (size_t)file->map_bytes, MADV_DONTNEED);
}

void log_file_end(struct log_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd);
    file->fd = -1;
}

void log_file_free(struct log_file *file)
{
    if (!file)
        return;
    log_file_end(file);
    MUST(munmap((void *)(uintptr_t)file->map, (size_t)file->map_bytes) == 0);
    free(file);
}
