/* test_power.c: the power goes at every file call, on a disk that keeps what it likes.
 *
 * The store runs on files whose calls are written down in a model of a disk. What was written and
 * not flushed may be on that disk or not, sector by sector; a flush that fails forgets what was to
 * be flushed, as Linux does, so that a second one would lie; a name that was not flushed may be
 * gone. Before the power goes, a call may fail, the process may die at a call (what it wrote lives
 * on in the cache, and is all that the next one sees), or both, one after the other.
 *
 * The rule: whatever the disk kept, the log opens, and every acknowledged batch is in it, once.
 * Never ERR_CORRUPT: a crash is not damage.
 */
#include "base/random.h"
#include "unit/usage/kit.h"

#define SECTOR        32U /* small, so that headers and records tear too */
#define FILES         16U
#define FILE_BYTES    8192U
#define BATCHES       7U
#define BATCH_EVENTS  2U
#define SEGMENT_BYTES 1000U

struct disk_file {
    unsigned char cache[FILE_BYTES]; /* what programs read */
    unsigned char disk[FILE_BYTES];  /* what is on the disk for sure */
    bool is_dirty[FILE_BYTES / SECTOR];
    size_t cache_size;
    size_t disk_size;
    bool is_there;  /* it exists in the cache */
    bool is_listed; /* its name is on the disk */
};

struct disk {
    struct usage_io io; /* first */
    struct disk_file files[FILES];
    int fds[1024]; /* the file of an fd */
    long calls;
    long power_at;  /* the call before which the power goes */
    long fail_at;   /* the call that fails; negative for none */
    long kill_at;   /* the call at which the process dies; negative for none */
    bool is_killed; /* until the next process: no call does anything */
    bool is_dead;   /* the power went: nothing that follows counts */
    struct random random;
};

/* ---- the calls ---- */

static bool chance(struct disk *disk)
{
    return random_below(&disk->random, 2) == 0;
}

/* Counts a call; false when it has to fail. */
static bool disk_call(struct disk *disk)
{
    long call = disk->calls++;
    if (call >= disk->power_at)
        disk->is_dead = true;
    if (call == disk->kill_at)
        disk->is_killed = true;
    errno = EIO;
    return !disk->is_dead && !disk->is_killed && call != disk->fail_at;
}

static void file_truncate(struct disk_file *file, size_t size)
{
    if (size < file->cache_size)
        memset(file->cache + size, 0, file->cache_size - size);
    file->cache_size = size;
}

static int disk_open(struct usage_io *io, const char *path, int flags, int mode)
{
    struct disk *disk = (struct disk *)io;
    struct disk_file *file;
    unsigned ordinal = 0;
    int fd;
    if (!disk_call(disk))
        return -1;
    fd = open(path, flags, mode);
    if (fd < 0)
        return -1;
    MUST(sscanf(strstr(path, "usage-0"), "usage-%u.log", &ordinal) == 1 && ordinal < FILES);
    MUST(fd < (int)COUNT_OF(disk->fds));
    disk->fds[fd] = (int)ordinal;
    file = &disk->files[ordinal];
    file->is_there = true;
    if (flags & O_TRUNC)
        file_truncate(file, 0);
    return fd;
}

static int64_t disk_write(struct usage_io *io, int fd, const void *from, size_t size,
                          int64_t offset)
{
    struct disk *disk = (struct disk *)io;
    struct disk_file *file = &disk->files[disk->fds[fd]];
    bool is_good = disk_call(disk);
    if (disk->is_dead || disk->is_killed)
        return -1;
    size = is_good ? size : size / 2;
    MUST((size_t)offset + size <= FILE_BYTES);
    MUST(pwrite(fd, from, size, offset) == (ssize_t)size);
    memcpy(file->cache + offset, from, size);
    for (size_t at = (size_t)offset / SECTOR; at * SECTOR < (size_t)offset + size; at++)
        file->is_dirty[at] = true;
    if (file->cache_size < (size_t)offset + size)
        file->cache_size = (size_t)offset + size;
    errno = ENOSPC;
    return is_good ? (int64_t)size : -1;
}

/* Puts dirty sectors on the disk: all of them, or any. */
static void file_flush(struct disk *disk, struct disk_file *file, bool is_all)
{
    size_t sectors = (file->cache_size + SECTOR - 1) / SECTOR;
    for (size_t at = 0; at < sectors; at++)
        if (file->is_dirty[at] && (is_all || chance(disk)))
            memcpy(file->disk + at * SECTOR, file->cache + at * SECTOR, SECTOR);
    if (is_all || chance(disk)) {
        if (file->cache_size < file->disk_size)
            memset(file->disk + file->cache_size, 0, file->disk_size - file->cache_size);
        file->disk_size = file->cache_size;
    }
    memset(file->is_dirty, 0, sizeof(file->is_dirty));
}

static int disk_sync(struct usage_io *io, int fd)
{
    struct disk *disk = (struct disk *)io;
    bool is_good = disk_call(disk);
    if (disk->is_dead || disk->is_killed)
        return -1;
    file_flush(disk, &disk->files[disk->fds[fd]], is_good);
    errno = EIO;
    return is_good ? 0 : -1;
}

static int disk_truncate(struct usage_io *io, int fd, int64_t size)
{
    struct disk *disk = (struct disk *)io;
    if (!disk_call(disk))
        return -1;
    MUST(ftruncate(fd, size) == 0);
    file_truncate(&disk->files[disk->fds[fd]], (size_t)size);
    return 0;
}

static int disk_sync_directory(struct usage_io *io, const char *path)
{
    struct disk *disk = (struct disk *)io;
    (void)path;
    if (!disk_call(disk))
        return -1;
    for (size_t i = 0; i < FILES; i++)
        disk->files[i].is_listed = disk->files[i].is_there;
    return 0;
}

static int64_t disk_read(struct usage_io *io, int fd, void *to, size_t size, int64_t offset)
{
    struct disk *disk = (struct disk *)io;
    return disk_call(disk) ? pread(fd, to, size, offset) : -1;
}

static int disk_allocate(struct usage_io *io, int fd, int64_t size)
{
    struct disk *disk = (struct disk *)io;
    (void)fd;
    (void)size;
    (void)disk_call(disk);
    errno = EOPNOTSUPP;
    return -1;
}

static int disk_rename(struct usage_io *io, const char *from, const char *to)
{
    struct disk *disk = (struct disk *)io;
    return disk_call(disk) ? rename(from, to) : -1;
}

static int disk_unlink(struct usage_io *io, const char *path)
{
    struct disk *disk = (struct disk *)io;
    return disk_call(disk) ? unlink(path) : -1;
}

/* What is found when the power is back, as files in `directory`. */
static void disk_settle(struct disk *disk, const char *directory)
{
    kit_empty_directory(directory);
    for (unsigned i = 0; i < FILES; i++) {
        struct disk_file *file = &disk->files[i];
        if (!file->is_listed && !(file->is_there && chance(disk)))
            continue;
        file_flush(disk, file, false);
        kit_write_file(kit_segment(directory, i), file->disk, file->disk_size);
    }
}

/* ---- the runs ---- */

static enum err batch_append(struct usage *usage, unsigned i, struct usage_receipt *ret)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct usage_event events[BATCH_EVENTS];
    for (unsigned k = 0; k < BATCH_EVENTS; k++)
        events[k] = kit_event(arena, i * BATCH_EVENTS + k);
    return usage_append_wait(usage, events, BATCH_EVENTS, ret);
}

/* Appends with two restarts on the way; after a death of the process only, the cache lives on. */
static void run_store(struct disk *disk, const char *directory, bool *is_acknowledged)
{
    struct usage_config config = kit_config(directory, &disk->io, SEGMENT_BYTES);
    for (unsigned i = 0; i < BATCHES && !disk->is_dead;) {
        struct usage_receipt receipt;
        struct usage *usage;
        disk->is_killed = false;
        if (usage_open(&config, &usage, NULL) != OK) {
            MUST(disk->fail_at >= 0 || disk->kill_at >= 0 || disk->is_dead);
            continue;
        }
        do {
            is_acknowledged[i] = batch_append(usage, i, &receipt) == OK;
            if (!is_acknowledged[i] && !disk->is_killed && disk->fail_at % 2 == 0)
                is_acknowledged[i] = batch_append(usage, i, &receipt) == OK;
            if (!is_acknowledged[i] && disk->is_killed)
                break; /* the next process is sent the batch again */
            i++;
        } while (i % 3 != 0 && i < BATCHES);
        usage_close(usage);
    }
}

static const char *flaw_in(const char *directory, const bool *is_acknowledged)
{
    unsigned times[BATCHES * BATCH_EVENTS] = { 0 };
    struct kit_census census = { .room = COUNT_OF(times), .times = times };
    struct usage_config config = kit_config(directory, kit_io_quick(), SEGMENT_BYTES);
    struct usage *usage;
    enum err err = usage_open(&config, &usage, NULL);
    if (err != OK)
        return err_name(err);
    err = kit_take_census(usage, &census);
    usage_close(usage);
    if (err != OK || census.is_wrong)
        return "does not read";
    for (unsigned i = 0; i < BATCHES; i++) {
        if (times[2 * i] > 1)
            return "has an event twice";
        if (times[2 * i] != times[2 * i + 1])
            return "has half a batch";
        if (is_acknowledged[i] && times[2 * i] != 1)
            return "lost an acknowledged batch";
    }
    return NULL;
}

/* What happens in a run, by number of call. */
struct plan {
    long fail_at;
    long kill_at;
    long power_at;
};

/* One run; false when the power outlasted it. */
static bool run_once(struct disk *disk, const struct plan *plan, const char *directory,
                     uint64_t seed, const char **ret_flaw)
{
    bool is_acknowledged[BATCHES] = { false };

    memset(disk, 0, sizeof(*disk));
    disk->io = (struct usage_io){ disk_open,     disk_write,          disk_sync,
                                  disk_truncate, disk_sync_directory, disk_read,
                                  disk_allocate, disk_rename,         disk_unlink };
    disk->fail_at = plan->fail_at;
    disk->kill_at = plan->kill_at;
    disk->power_at = plan->power_at;
    disk->random = random_seeded(seed);
    kit_empty_directory(directory);
    run_store(disk, directory, is_acknowledged);
    disk_settle(disk, directory);
    *ret_flaw = flaw_in(directory, is_acknowledged);
    return disk->is_dead;
}

/* The power goes before call `plan.power_at`, the next, … until it outlasts the run. */
static long test_power(struct disk *disk, struct plan plan, uint64_t seed, const char *what)
{
    char directory[KIT_PATH];
    const char *flaw = NULL;
    long runs = 0;
    kit_make_directory(directory);
    while (run_once(disk, &plan, directory, seed + (uint64_t)runs, &flaw) && !flaw) {
        plan.power_at++;
        runs++;
    }
    OK(!flaw, "%s at call %ld, the power goes at %ld, %ld runs%s%s", what,
       plan.fail_at > plan.kill_at ? plan.fail_at : plan.kill_at, plan.power_at, runs,
       flaw ? ": " : "", flaw ? flaw : "");
    kit_remove_directory(directory);
    return runs;
}

int main(void)
{
    struct disk *disk = malloc(sizeof(*disk));
    const char *seed_text = getenv("SEED");
    int64_t seed = 20240229;
    long calls;

    MUST(disk != NULL);
    if (seed_text)
        MUST(text_to_int(text_of(seed_text), &seed));
    printf("# SEED=%lld\n", (long long)seed);
    calls = test_power(disk, (struct plan){ -1, -1, 0 }, (uint64_t)seed, "nothing else");
    OK(calls > 30, "there are calls (%ld) to go wrong", calls);
    for (long call = 0; call < calls; call++) {
        uint64_t own = (uint64_t)seed + (uint64_t)call * 1000;
        test_power(disk, (struct plan){ call, -1, call + 1 }, own, "a failure");
        test_power(disk, (struct plan){ -1, call, call + 1 }, own, "a death");
        test_power(disk, (struct plan){ call, call + 1, call + 2 }, own, "a failure, then a death");
    }
    free(disk);
    return tap_end();
}
