/* disk.c: two kinds of files that fail together. */
#include "disk.h"

#include <errno.h>
#include <stdatomic.h>
#include <sys/prctl.h>

#include "lib/fault_vfs.h"

static struct {
    _Atomic bool is_armed; /* on a call of the usage store */
    _Atomic bool is_dead;
    _Atomic bool counts_all; /* else what the thread that acknowledges asks for */
    _Atomic int64_t left;
} disk;

/* Sealing goes on behind the scenes for as long as it likes: its calls would not be the same ones
 * each time that a seed is run. */
static bool is_counted(void)
{
    char name[16] = { 0 };
    (void)prctl(PR_GET_NAME, name);
    return disk.counts_all || strcmp(name, "usage-commit") == 0;
}

/* A call of SQLite may have been the last: then it is for the usage store, too. */
static bool usage_strikes(void)
{
    if (fault_vfs_state.is_armed && fault_vfs_fired())
        return true;
    if (!disk.is_armed)
        return false;
    if (!disk.is_dead && !is_counted())
        return false;
    if (!disk.is_dead && atomic_fetch_sub(&disk.left, 1) > 0)
        return false;
    if (!atomic_exchange(&disk.is_dead, true))
        fault_vfs_arm(0, FAULT_FOR_GOOD, SQLITE_IOERR_WRITE);
    return true;
}

static int fail(void)
{
    errno = EIO;
    return -1;
}

static int disk_open(struct usage_io *io, const char *path, int flags, int mode)
{
    (void)io;
    return usage_strikes() ? fail() : usage_io_system()->open(usage_io_system(), path, flags, mode);
}

static int64_t disk_write(struct usage_io *io, int fd, const void *from, size_t size,
                          int64_t offset)
{
    bool was_dead = disk_is_dead();
    (void)io;
    if (!usage_strikes())
        return usage_io_system()->write(usage_io_system(), fd, from, size, offset);
    if (!was_dead)
        MUST(usage_io_system()->write(usage_io_system(), fd, from, size / 2, offset) >= 0);
    return fail();
}

static int disk_sync(struct usage_io *io, int fd)
{
    (void)io;
    (void)fd;
    return usage_strikes() ? fail() : 0;
}

static int disk_truncate(struct usage_io *io, int fd, int64_t size)
{
    (void)io;
    return usage_strikes() ? fail() : usage_io_system()->truncate(usage_io_system(), fd, size);
}

static int disk_sync_directory(struct usage_io *io, const char *path)
{
    (void)io;
    (void)path;
    return usage_strikes() ? fail() : 0;
}

static int64_t disk_read(struct usage_io *io, int fd, void *to, size_t size, int64_t offset)
{
    (void)io;
    if (usage_strikes())
        return fail();
    return usage_io_system()->read(usage_io_system(), fd, to, size, offset);
}

static int disk_allocate(struct usage_io *io, int fd, int64_t size)
{
    (void)io;
    return usage_strikes() ? fail() : usage_io_system()->allocate(usage_io_system(), fd, size);
}

static int disk_rename(struct usage_io *io, const char *from, const char *to)
{
    (void)io;
    return usage_strikes() ? fail() : usage_io_system()->rename(usage_io_system(), from, to);
}

static int disk_unlink(struct usage_io *io, const char *path)
{
    (void)io;
    return usage_strikes() ? fail() : usage_io_system()->unlink(usage_io_system(), path);
}

static struct usage_io disk_io = {
    disk_open, disk_write,    disk_sync,   disk_truncate, disk_sync_directory,
    disk_read, disk_allocate, disk_rename, disk_unlink,
};

void disk_install(void)
{
    fault_vfs_install();
    fault_vfs_state.is_quick = true;
}

struct usage_io *disk_usage_io(void)
{
    return &disk_io;
}

void disk_arm(enum disk_part part, int64_t n)
{
    CHECK(n >= 0 && !disk_is_dead());
    if (part != DISK_STATE) {
        disk.counts_all = part == DISK_SEALING;
        disk.left = n;
        disk.is_armed = true;
    } else {
        fault_vfs_arm(n, FAULT_FOR_GOOD, SQLITE_IOERR_WRITE);
    }
}

bool disk_is_dead(void)
{
    return disk.is_dead || (fault_vfs_state.is_armed && fault_vfs_fired());
}

void disk_mend(void)
{
    fault_vfs_disarm();
    disk.is_armed = false;
    disk.is_dead = false;
}
