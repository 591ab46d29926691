#include "usage/sealed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static enum err error_of(int number)
{
    return err_of_errno(number) == ERR_NO_SPACE ? ERR_NO_SPACE : ERR_IO;
}

static enum err write_all(struct usage_io *io, int fd, const unsigned char *from, size_t size)
{
    size_t done = 0;
    while (done < size) {
        int64_t written;
        errno = EIO;
        written = io->write(io, fd, from + done, size - done, (int64_t)done);
        if (written <= 0)
            return error_of(errno);
        CHECK((uint64_t)written <= size - done);
        done += (size_t)written;
    }
    return OK;
}

enum err sealed_file_write(struct usage_io *io, const char *path, const unsigned char *from,
                           size_t size)
{
    enum err err;
    int fd = io->open(io, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_of(errno);
    err = write_all(io, fd, from, size);
    if (err == OK && io->sync(io, fd) != 0)
        err = error_of(errno);
    if (close(fd) != 0 && err == OK)
        err = error_of(errno);
    if (err != OK)
        (void)io->unlink(io, path);
    return err;
}

enum err sealed_file_read(struct usage_io *io, int fd, uint64_t offset, size_t size,
                          unsigned char *ret)
{
    size_t done = 0;
    while (done < size) {
        int64_t got;
        errno = EIO;
        got = io->read(io, fd, ret + done, size - done, (int64_t)(offset + done));
        if (got < 0)
            return error_of(errno);
        if (got == 0)
            return ERR_CORRUPT;
        CHECK((uint64_t)got <= size - done);
        done += (size_t)got;
    }
    return OK;
}
