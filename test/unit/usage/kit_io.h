/* kit_io.h: files that fail, and stores that run on them. Included by kit.h. */
#ifndef TEST_UNIT_USAGE_KIT_IO_H
#define TEST_UNIT_USAGE_KIT_IO_H

#include "usage/usage.h"

#include <errno.h>
#include <stdatomic.h>

enum kit_fault {
    KIT_FAULT_ERROR, /* the call fails and does nothing */
    KIT_FAULT_TORN,  /* a write puts down half and fails; a flush flushes and fails */
    KIT_FAULT_SHORT, /* a write puts down half and says so */
    KIT_FAULT_KINDS
};

/* The system's files, of which the n-th call fails, and those after it when it is for good. */
struct kit_io {
    struct usage_io io; /* first */
    enum kit_fault fault;
    long fail_at; /* counts from 0; negative for never */
    bool is_for_good;
    bool is_quick; /* flushes nothing: for tests about something else */
    int number;    /* the errno it fails with */
    _Atomic long calls;
    _Atomic long failed;
};

static inline bool kit_io_fails(struct kit_io *kit)
{
    long call = atomic_fetch_add(&kit->calls, 1);
    bool fails = kit->fail_at >= 0 &&
                 (call == kit->fail_at || (kit->is_for_good && call > kit->fail_at));
    if (fails)
        atomic_fetch_add(&kit->failed, 1);
    return fails;
}

static inline int kit_io_open(struct usage_io *io, const char *path, int flags, int mode)
{
    struct kit_io *kit = (struct kit_io *)io;
    if (kit_io_fails(kit)) {
        errno = kit->number;
        return -1;
    }
    return usage_io_system()->open(usage_io_system(), path, flags, mode);
}

static inline int64_t kit_io_write(struct usage_io *io, int fd, const void *from, size_t size,
                                   int64_t offset)
{
    struct kit_io *kit = (struct kit_io *)io;
    struct usage_io *system = usage_io_system();
    if (!kit_io_fails(kit))
        return system->write(system, fd, from, size, offset);
    if (kit->fault == KIT_FAULT_SHORT && size > 1)
        return system->write(system, fd, from, size / 2, offset);
    if (kit->fault == KIT_FAULT_TORN)
        MUST(system->write(system, fd, from, size / 2, offset) >= 0);
    errno = kit->number;
    return -1;
}

static inline int kit_io_sync(struct usage_io *io, int fd)
{
    struct kit_io *kit = (struct kit_io *)io;
    if (!kit_io_fails(kit))
        return kit->is_quick ? 0 : usage_io_system()->sync(usage_io_system(), fd);
    if (kit->fault == KIT_FAULT_TORN)
        MUST(usage_io_system()->sync(usage_io_system(), fd) == 0);
    errno = kit->number;
    return -1;
}

static inline int kit_io_truncate(struct usage_io *io, int fd, int64_t size)
{
    struct kit_io *kit = (struct kit_io *)io;
    if (!kit_io_fails(kit))
        return usage_io_system()->truncate(usage_io_system(), fd, size);
    errno = kit->number;
    return -1;
}

static inline int kit_io_sync_directory(struct usage_io *io, const char *path)
{
    struct kit_io *kit = (struct kit_io *)io;
    if (!kit_io_fails(kit))
        return kit->is_quick ? 0 : usage_io_system()->sync_directory(usage_io_system(), path);
    errno = kit->number;
    return -1;
}

static inline int64_t kit_io_read(struct usage_io *io, int fd, void *to, size_t size,
                                  int64_t offset)
{
    struct kit_io *kit = (struct kit_io *)io;
    if (!kit_io_fails(kit))
        return usage_io_system()->read(usage_io_system(), fd, to, size, offset);
    if (kit->fault == KIT_FAULT_SHORT && size > 1)
        return usage_io_system()->read(usage_io_system(), fd, to, size / 2, offset);
    errno = kit->number;
    return -1;
}

static inline int kit_io_allocate(struct usage_io *io, int fd, int64_t size)
{
    struct kit_io *kit = (struct kit_io *)io;
    if (!kit_io_fails(kit))
        return usage_io_system()->allocate(usage_io_system(), fd, size);
    errno = kit->number;
    return -1;
}

static inline int kit_io_rename(struct usage_io *io, const char *from, const char *to)
{
    struct kit_io *kit = (struct kit_io *)io;
    if (!kit_io_fails(kit))
        return usage_io_system()->rename(usage_io_system(), from, to);
    errno = kit->number;
    return -1;
}

static inline int kit_io_unlink(struct usage_io *io, const char *path)
{
    struct kit_io *kit = (struct kit_io *)io;
    if (!kit_io_fails(kit))
        return usage_io_system()->unlink(usage_io_system(), path);
    errno = kit->number;
    return -1;
}

/* Files that never fail until `fail_at` is set. */
static inline struct kit_io kit_io_make(void)
{
    return (struct kit_io){
        .io = { kit_io_open, kit_io_write, kit_io_sync, kit_io_truncate, kit_io_sync_directory,
                kit_io_read, kit_io_allocate, kit_io_rename, kit_io_unlink },
        .fail_at = -1,
        .number = EIO,
    };
}

/* A store whose log stays a log: nothing is sealed unless it is asked for. */
static inline struct usage_config kit_config(const char *directory, struct usage_io *io,
                                             size_t segment_bytes)
{
    return (struct usage_config){
        .directory = directory,
        .io = io,
        .segment_bytes = segment_bytes,
        .seal_age_millisecond = UINT32_MAX,
        .parts_max = UINT32_MAX,
    };
}

/* Files that never fail and never flush. */
static inline struct usage_io *kit_io_quick(void)
{
    static struct kit_io io;
    if (!io.is_quick) { /* once: a store that is open reads it */
        io = kit_io_make();
        io.is_quick = true;
    }
    return &io.io;
}

#endif
