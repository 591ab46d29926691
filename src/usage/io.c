/* io.c: the file calls of the operating system behind struct usage_io. */
#include "usage/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int io_open(struct usage_io *io, const char *path, int flags, int mode)
{
    int fd;
    (void)io;
    do
        fd = open(path, flags, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

static int64_t io_write(struct usage_io *io, int fd, const void *from, size_t size, int64_t offset)
{
    ssize_t written;
    (void)io;
    do
        written = pwrite(fd, from, size, (off_t)offset);
    while (written < 0 && errno == EINTR);
    return (int64_t)written;
}

/* Not repeated on EINTR: a flush that was broken off is a flush that failed (journal.h). */
static int io_sync(struct usage_io *io, int fd)
{
    (void)io;
    return fdatasync(fd);
}

static int io_truncate(struct usage_io *io, int fd, int64_t size)
{
    int result;
    (void)io;
    do
        result = ftruncate(fd, (off_t)size);
    while (result < 0 && errno == EINTR);
    return result;
}

static int64_t io_read(struct usage_io *io, int fd, void *to, size_t size, int64_t offset)
{
    ssize_t got;
    (void)io;
    do
        got = pread(fd, to, size, (off_t)offset);
    while (got < 0 && errno == EINTR);
    return (int64_t)got;
}

static int io_allocate(struct usage_io *io, int fd, int64_t size)
{
    int number;
    (void)io;
    do
        number = posix_fallocate(fd, 0, (off_t)size);
    while (number == EINTR);
    errno = number;
    return number == 0 ? 0 : -1;
}

static int io_rename(struct usage_io *io, const char *from, const char *to)
{
    (void)io;
    return rename(from, to);
}

static int io_unlink(struct usage_io *io, const char *path)
{
    (void)io;
    return unlink(path);
}

static int io_sync_directory(struct usage_io *io, const char *path)
{
    int result;
    int number;
    int fd = io_open(io, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    result = fsync(fd);
    number = errno;
    (void)close(fd);
    errno = number;
    return result;
}

struct usage_io *usage_io_system(void)
{
    static struct usage_io io = {
        .open = io_open,
        .write = io_write,
        .sync = io_sync,
        .truncate = io_truncate,
        .sync_directory = io_sync_directory,
        .read = io_read,
        .allocate = io_allocate,
        .rename = io_rename,
        .unlink = io_unlink,
    };
    return &io;
}
