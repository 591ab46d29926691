/* kit_disk.h: a model of a disk that keeps what it likes when the power goes.
 *
 * The store runs on files whose calls are written down here. What was written and not flushed may
 * be on the disk or not, sector by sector; a flush that fails forgets what was to be flushed, as
 * Linux does, so that a second one would lie; a name that was made, changed or removed may be as
 * before until the directory is flushed, each by itself. Before the power goes, a call may fail,
 * the process may die at a call (what it wrote lives on in the cache, and is all that the next one
 * sees), or both, one after the other.
 */
#ifndef TEST_UNIT_USAGE_KIT_DISK_H
#define TEST_UNIT_USAGE_KIT_DISK_H

#include "base/random.h"
#include "unit/usage/kit.h"

#define DISK_SECTOR     32U /* small, so that headers and records tear too */
#define DISK_FILES      400U
#define DISK_FILE_BYTES 16384U
#define DISK_CHANGES    400U
#define DISK_NAME       64U

struct disk_file {
    unsigned char cache[DISK_FILE_BYTES]; /* what programs read */
    unsigned char disk[DISK_FILE_BYTES];  /* what is on the disk for sure */
    bool is_dirty[DISK_FILE_BYTES / DISK_SECTOR];
    size_t cache_size;
    size_t disk_size;
};

/* A name and the file it stands for; file 0 for none. */
struct disk_name {
    char name[DISK_NAME];
    unsigned file;
};

/* A change to the directory that is not on the disk for sure: `name` gets `file`, and `gone` goes.
 */
struct disk_change {
    struct disk_name name;
    char gone[DISK_NAME];
};

struct disk {
    struct usage_io io; /* first */
    struct disk_file *files[DISK_FILES];
    unsigned file_count;
    struct disk_name cache[DISK_FILES]; /* the directory as programs see it */
    struct disk_name disk[DISK_FILES];  /* as it is on the disk for sure */
    struct disk_change changes[DISK_CHANGES];
    size_t change_count;
    unsigned fds[4096]; /* the file of an fd */
    long calls;
    long power_at;  /* the call before which the power goes */
    long fail_at;   /* the call that fails; negative for none */
    long kill_at;   /* the call at which the process dies; negative for none */
    bool is_killed; /* until the next process: no call does anything */
    bool is_dead;   /* the power went: nothing that follows counts */
    struct random random;
};

static inline bool disk_chance(struct disk *disk)
{
    return random_below(&disk->random, 2) == 0;
}

/* Counts a call; false when it has to fail. */
static inline bool disk_call(struct disk *disk)
{
    long call = disk->calls++;
    if (call >= disk->power_at)
        disk->is_dead = true;
    if (call == disk->kill_at)
        disk->is_killed = true;
    errno = EIO;
    return !disk->is_dead && !disk->is_killed && call != disk->fail_at;
}

static inline const char *disk_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The entry of a name, or a free one. */
static inline struct disk_name *disk_find(struct disk_name *names, const char *name)
{
    struct disk_name *free_one = NULL;
    for (size_t i = 0; i < DISK_FILES; i++) {
        if (names[i].file != 0 && strcmp(names[i].name, name) == 0)
            return &names[i];
        if (names[i].file == 0 && !free_one)
            free_one = &names[i];
    }
    MUST(free_one != NULL);
    return free_one;
}

static inline void disk_change_apply(struct disk_name *names, const struct disk_change *change)
{
    if (change->gone[0] != '\0')
        disk_find(names, change->gone)->file = 0;
    if (change->name.file != 0)
        *disk_find(names, change->name.name) = change->name;
}

/* Changes the directory in the cache, and notes it down for the disk. */
static inline void disk_change_add(struct disk *disk, const char *name, unsigned file,
                                   const char *gone)
{
    struct disk_change change = { .name.file = file };
    MUST(disk->change_count < DISK_CHANGES);
    MUST(snprintf(change.name.name, DISK_NAME, "%s", name) < (int)DISK_NAME);
    MUST(snprintf(change.gone, DISK_NAME, "%s", gone) < (int)DISK_NAME);
    disk_change_apply(disk->cache, &change);
    disk->changes[disk->change_count++] = change;
}

static inline void disk_file_cut(struct disk_file *file, size_t size)
{
    if (size < file->cache_size)
        memset(file->cache + size, 0, file->cache_size - size);
    file->cache_size = size;
}

static inline int disk_open(struct usage_io *io, const char *path, int flags, int mode)
{
    struct disk *disk = (struct disk *)io;
    const char *name = disk_base(path);
    unsigned file;
    int fd;
    if (!disk_call(disk))
        return -1;
    fd = open(path, flags, mode);
    if (fd < 0)
        return -1;
    file = disk_find(disk->cache, name)->file;
    if (file == 0) {
        file = ++disk->file_count;
        MUST(file < DISK_FILES);
        disk->files[file] = calloc(1, sizeof(struct disk_file));
        MUST(disk->files[file] != NULL);
        disk_change_add(disk, name, file, "");
    }
    MUST(fd < (int)COUNT_OF(disk->fds));
    disk->fds[fd] = file;
    if (flags & O_TRUNC)
        disk_file_cut(disk->files[file], 0);
    return fd;
}

static inline int64_t disk_write(struct usage_io *io, int fd, const void *from, size_t size,
                                 int64_t offset)
{
    struct disk *disk = (struct disk *)io;
    struct disk_file *file = disk->files[disk->fds[fd]];
    bool is_good = disk_call(disk);
    if (disk->is_dead || disk->is_killed)
        return -1;
    size = is_good ? size : size / 2;
    MUST((size_t)offset + size <= DISK_FILE_BYTES);
    MUST(pwrite(fd, from, size, offset) == (ssize_t)size);
    memcpy(file->cache + offset, from, size);
    for (size_t at = (size_t)offset / DISK_SECTOR; at * DISK_SECTOR < (size_t)offset + size; at++)
        file->is_dirty[at] = true;
    if (file->cache_size < (size_t)offset + size)
        file->cache_size = (size_t)offset + size;
    errno = ENOSPC;
    return is_good ? (int64_t)size : -1;
}

/* Puts dirty sectors on the disk: all of them, or any. */
static inline void disk_file_flush(struct disk *disk, struct disk_file *file, bool is_all)
{
    size_t sectors = (file->cache_size + DISK_SECTOR - 1) / DISK_SECTOR;
    for (size_t at = 0; at < sectors; at++)
        if (file->is_dirty[at] && (is_all || disk_chance(disk)))
            memcpy(file->disk + at * DISK_SECTOR, file->cache + at * DISK_SECTOR, DISK_SECTOR);
    if (is_all || disk_chance(disk)) {
        if (file->cache_size < file->disk_size)
            memset(file->disk + file->cache_size, 0, file->disk_size - file->cache_size);
        file->disk_size = file->cache_size;
    }
    memset(file->is_dirty, 0, sizeof(file->is_dirty));
}

static inline int disk_sync(struct usage_io *io, int fd)
{
    struct disk *disk = (struct disk *)io;
    bool is_good = disk_call(disk);
    if (disk->is_dead || disk->is_killed)
        return -1;
    disk_file_flush(disk, disk->files[disk->fds[fd]], is_good);
    errno = EIO;
    return is_good ? 0 : -1;
}

static inline int disk_truncate(struct usage_io *io, int fd, int64_t size)
{
    struct disk *disk = (struct disk *)io;
    if (!disk_call(disk))
        return -1;
    MUST(ftruncate(fd, size) == 0);
    disk_file_cut(disk->files[disk->fds[fd]], (size_t)size);
    return 0;
}

/* A directory that could not be flushed may be on the disk all the same, in part. */
static inline int disk_sync_directory(struct usage_io *io, const char *path)
{
    struct disk *disk = (struct disk *)io;
    (void)path;
    if (!disk_call(disk))
        return -1;
    for (size_t i = 0; i < disk->change_count; i++)
        disk_change_apply(disk->disk, &disk->changes[i]);
    disk->change_count = 0;
    return 0;
}

static inline int64_t disk_read(struct usage_io *io, int fd, void *to, size_t size, int64_t offset)
{
    struct disk *disk = (struct disk *)io;
    return disk_call(disk) ? pread(fd, to, size, offset) : -1;
}

static inline int disk_allocate(struct usage_io *io, int fd, int64_t size)
{
    struct disk *disk = (struct disk *)io;
    struct disk_file *file = disk->files[disk->fds[fd]];
    if (!disk_call(disk))
        return -1;
    MUST((size_t)size <= DISK_FILE_BYTES && ftruncate(fd, size) == 0);
    if (file->cache_size < (size_t)size)
        file->cache_size = (size_t)size;
    return 0;
}

static inline int disk_rename(struct usage_io *io, const char *from, const char *to)
{
    struct disk *disk = (struct disk *)io;
    if (!disk_call(disk))
        return -1;
    MUST(rename(from, to) == 0);
    disk_change_add(disk, disk_base(to), disk_find(disk->cache, disk_base(from))->file,
                    disk_base(from));
    return 0;
}

static inline int disk_unlink(struct usage_io *io, const char *path)
{
    struct disk *disk = (struct disk *)io;
    if (!disk_call(disk))
        return -1;
    if (unlink(path) != 0)
        return -1;
    disk_change_add(disk, "", 0, disk_base(path));
    return 0;
}

/* An empty disk on which nothing goes wrong yet; to be ended with disk_end. */
static inline void disk_begin(struct disk *disk, uint64_t seed)
{
    memset(disk, 0, sizeof(*disk));
    disk->io = (struct usage_io){ disk_open,     disk_write,          disk_sync,
                                  disk_truncate, disk_sync_directory, disk_read,
                                  disk_allocate, disk_rename,         disk_unlink };
    disk->power_at = LONG_MAX;
    disk->fail_at = -1;
    disk->kill_at = -1;
    disk->random = random_seeded(seed);
}

static inline void disk_end(struct disk *disk)
{
    for (unsigned i = 1; i <= disk->file_count; i++)
        free(disk->files[i]);
}

/* What is found when the power is back, as files in `directory`: changes to the directory that were
 * not flushed are all there up to one of them, or each by chance. */
static inline void disk_settle(struct disk *disk, const char *directory)
{
    bool is_in_order = disk_chance(disk);
    size_t kept = random_below(&disk->random, disk->change_count + 1);
    kit_empty_directory(directory);
    for (size_t i = 0; i < disk->change_count; i++)
        if (is_in_order ? i < kept : disk_chance(disk))
            disk_change_apply(disk->disk, &disk->changes[i]);
    for (unsigned i = 0; i < DISK_FILES; i++) {
        char path[KIT_PATH * 2];
        struct disk_file *file = disk->files[disk->disk[i].file];
        if (disk->disk[i].file == 0)
            continue;
        disk_file_flush(disk, file, false);
        MUST(snprintf(path, sizeof(path), "%s/%s", directory, disk->disk[i].name) > 0);
        kit_write_file(path, file->disk, file->disk_size);
    }
}

#endif
