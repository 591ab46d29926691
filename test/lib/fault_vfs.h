/* fault_vfs.h: an SQLite VFS that makes the n-th call to the disk fail.
 *
 *   fault_vfs_install();                        once; opens as "fault"
 *   fault_vfs_arm(n, FAULT_ONCE, SQLITE_FULL);  the n-th call from now (0 is the next) fails
 *   ... fault_vfs_fired() tells whether it came to that ...
 *   fault_vfs_disarm();
 *
 * It stands before the default VFS and counts open, read, write, truncate, sync and delete. With
 * FAULT_FOR_GOOD every later one fails too, as on a disk that is gone. A write that fails with
 * SQLITE_IOERR_WRITE has written its first half, as a torn one has.
 */
#ifndef TEST_LIB_FAULT_VFS_H
#define TEST_LIB_FAULT_VFS_H

#include <sqlite3.h>
#include <string.h>

#include "base/base.h"

enum fault_vfs_mode { FAULT_ONCE, FAULT_FOR_GOOD };

struct fault_vfs_file {
    sqlite3_file base;
    sqlite3_file *real; /* lies behind this struct */
};

static struct {
    bool is_armed;
    bool has_fired;
    int64_t left;
    enum fault_vfs_mode mode;
    int write_code;
    int64_t calls;
    int64_t syncs;
    bool is_quick; /* flushes nothing: for tests about something else */
} fault_vfs_state;

static sqlite3_vfs fault_vfs_self;
static sqlite3_vfs *fault_vfs_below;

static inline void fault_vfs_arm(int64_t n, enum fault_vfs_mode mode, int write_code)
{
    fault_vfs_state.left = n;
    fault_vfs_state.mode = mode;
    fault_vfs_state.write_code = write_code;
    fault_vfs_state.has_fired = false;
    fault_vfs_state.is_armed = true;
}

static inline void fault_vfs_disarm(void)
{
    fault_vfs_state.is_armed = false;
}

/* How often the disk was asked to make things durable. */
static inline int64_t fault_vfs_syncs(void)
{
    return fault_vfs_state.syncs;
}

static inline bool fault_vfs_fired(void)
{
    return fault_vfs_state.has_fired;
}

/* Whether the call that is being made has to fail. */
static inline bool fault_vfs_strikes(void)
{
    fault_vfs_state.calls++;
    if (!fault_vfs_state.is_armed)
        return false;
    if (fault_vfs_state.has_fired)
        return fault_vfs_state.mode == FAULT_FOR_GOOD;
    if (fault_vfs_state.left-- > 0)
        return false;
    fault_vfs_state.has_fired = true;
    return true;
}

static inline sqlite3_file *fault_vfs_real(sqlite3_file *file)
{
    return ((struct fault_vfs_file *)(void *)file)->real;
}

static int fault_close(sqlite3_file *file)
{
    return fault_vfs_real(file)->pMethods->xClose(fault_vfs_real(file));
}

static int fault_read(sqlite3_file *file, void *to, int size, sqlite3_int64 offset)
{
    if (fault_vfs_strikes())
        return SQLITE_IOERR_READ;
    return fault_vfs_real(file)->pMethods->xRead(fault_vfs_real(file), to, size, offset);
}

static int fault_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 offset)
{
    sqlite3_file *real = fault_vfs_real(file);
    if (!fault_vfs_strikes())
        return real->pMethods->xWrite(real, from, size, offset);
    if (fault_vfs_state.write_code == SQLITE_IOERR_WRITE)
        MUST(real->pMethods->xWrite(real, from, size / 2, offset) == SQLITE_OK);
    return fault_vfs_state.write_code;
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    if (fault_vfs_strikes())
        return SQLITE_IOERR_TRUNCATE;
    return fault_vfs_real(file)->pMethods->xTruncate(fault_vfs_real(file), size);
}

static int fault_sync(sqlite3_file *file, int flags)
{
    fault_vfs_state.syncs++;
    if (fault_vfs_strikes())
        return SQLITE_IOERR_FSYNC;
    if (fault_vfs_state.is_quick)
        return SQLITE_OK;
    return fault_vfs_real(file)->pMethods->xSync(fault_vfs_real(file), flags);
}

static int fault_file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    return fault_vfs_real(file)->pMethods->xFileSize(fault_vfs_real(file), ret);
}

static int fault_lock(sqlite3_file *file, int level)
{
    return fault_vfs_real(file)->pMethods->xLock(fault_vfs_real(file), level);
}

static int fault_unlock(sqlite3_file *file, int level)
{
    return fault_vfs_real(file)->pMethods->xUnlock(fault_vfs_real(file), level);
}

static int fault_check_lock(sqlite3_file *file, int *ret)
{
    return fault_vfs_real(file)->pMethods->xCheckReservedLock(fault_vfs_real(file), ret);
}

static int fault_control(sqlite3_file *file, int operation, void *argument)
{
    return fault_vfs_real(file)->pMethods->xFileControl(fault_vfs_real(file), operation, argument);
}

static int fault_sector_size(sqlite3_file *file)
{
    return fault_vfs_real(file)->pMethods->xSectorSize(fault_vfs_real(file));
}

static int fault_characteristics(sqlite3_file *file)
{
    return fault_vfs_real(file)->pMethods->xDeviceCharacteristics(fault_vfs_real(file));
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
    return fault_vfs_real(file)->pMethods->xShmMap(fault_vfs_real(file), page, size, extend, ret);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return fault_vfs_real(file)->pMethods->xShmLock(fault_vfs_real(file), offset, n, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
    fault_vfs_real(file)->pMethods->xShmBarrier(fault_vfs_real(file));
}

static int fault_shm_unmap(sqlite3_file *file, int is_delete)
{
    return fault_vfs_real(file)->pMethods->xShmUnmap(fault_vfs_real(file), is_delete);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_file_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector_size,
    .xDeviceCharacteristics = fault_characteristics,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                      int *ret_flags)
{
    struct fault_vfs_file *self = (struct fault_vfs_file *)(void *)file;
    int code;
    (void)vfs;
    self->base.pMethods = NULL;
    if (fault_vfs_strikes())
        return SQLITE_CANTOPEN;
    self->real = (sqlite3_file *)(void *)(self + 1);
    code = fault_vfs_below->xOpen(fault_vfs_below, name, self->real, flags, ret_flags);
    if (code == SQLITE_OK)
        self->base.pMethods = &fault_methods;
    return code;
}

static int fault_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    (void)vfs;
    if (fault_vfs_strikes())
        return SQLITE_IOERR_DELETE;
    return fault_vfs_below->xDelete(fault_vfs_below, name, sync_directory);
}

static inline void fault_vfs_install(void)
{
    fault_vfs_below = sqlite3_vfs_find(NULL);
    MUST(fault_vfs_below != NULL);
    fault_vfs_self = *fault_vfs_below;
    fault_vfs_self.zName = "fault";
    fault_vfs_self.szOsFile = (int)sizeof(struct fault_vfs_file) + fault_vfs_below->szOsFile;
    fault_vfs_self.xOpen = fault_open;
    fault_vfs_self.xDelete = fault_delete;
    MUST(sqlite3_vfs_register(&fault_vfs_self, 0) == SQLITE_OK);
}

#endif
