/* backup.c: the directories of backups: linked, copied, read, removed. */
#include "api/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define BACKUPS_MAX 4
#define IDLE_NS     (10 * 60 * NS_PER_SECOND) /* then another may take its place */
#define MARK_BYTES  16
#define MARK_PIECE  4096 /* of the beginning and of the end */
#define FILES_FIRST 64

struct backups {
    text directory; /* the data directory */
    struct arena *arena;
    pthread_mutex_t mutex; /* guards what follows */

    struct backup_held {
        bool is_taken;
        bool is_made; /* may be read */
        struct backup_id id;
        int64_t used_at_ns; /* monotonic */
        int64_t *sizes;     /* of its files, malloc'ed */
        int64_t count;
    } held[BACKUPS_MAX];
};

/* ---- directories --------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

static void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static char *path_of_all(const struct backups *backups, struct arena *arena)
{
    return text_cstr(arena, text_format(arena, "%.*s/backup", TEXT_ARG(backups->directory)));
}

static char *path_of_one(const struct backups *backups, struct backup_id id, struct arena *arena)
{
    return text_cstr(arena, text_format(arena, "%s/%.*s", path_of_all(backups, arena),
                                        TEXT_ARG(ulid_text(arena, id.ulid))));
}

static char *path_of_file(const struct backups *backups, struct backup_id id, int64_t index,
                          struct arena *arena)
{
    return text_cstr(
        arena, text_format(arena, "%s/%lld", path_of_one(backups, id, arena), (long long)index));
}

struct backups *backups_new(const char *directory)
{
    struct backups *backups = calloc(1, sizeof *backups);

    MUST(backups);
    backups->arena = arena_new();
    backups->directory = text_copy(backups->arena, text_of(directory));
    MUST(pthread_mutex_init(&backups->mutex, NULL) == 0);
    remove_tree(path_of_all(backups, backups->arena));
    return backups;
}

/* The mutex is held, or nobody else is there. */
static void release(struct backups *backups, struct backup_held *held)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();

    remove_tree(path_of_one(backups, held->id, arena));
    free(held->sizes);
    *held = (struct backup_held){ 0 };
}

void backups_free(struct backups *backups)
{
    if (!backups)
        return;
    for (size_t i = 0; i < BACKUPS_MAX; i++)
        if (backups->held[i].is_taken)
            release(backups, &backups->held[i]);
    remove_tree(path_of_all(backups, backups->arena));
    MUST(pthread_mutex_destroy(&backups->mutex) == 0);
    arena_free(backups->arena);
    free(backups);
}

/* The mutex is held. NULL when there is none. */
static struct backup_held *find(struct backups *backups, struct backup_id id)
{
    for (size_t i = 0; i < BACKUPS_MAX; i++) {
        struct backup_held *held = &backups->held[i];

        if (held->is_made && ulid_equal(held->id.ulid, id.ulid))
            return held;
    }
    return NULL;
}

/* A place for a new one; one that nobody has asked for lately makes room. */
static enum err take_place(struct backups *backups, struct backup_id id, struct backup_held **ret)
{
    struct backup_held *place = NULL;
    int64_t now = clock_monotonic_ns();

    MUST(pthread_mutex_lock(&backups->mutex) == 0);
    for (size_t i = 0; i < BACKUPS_MAX; i++) {
        struct backup_held *held = &backups->held[i];

        if (held->is_made && now - held->used_at_ns > IDLE_NS)
            release(backups, held);
        if (!place && !held->is_taken)
            place = held;
    }
    if (place)
        *place = (struct backup_held){ .is_taken = true, .id = id };
    MUST(pthread_mutex_unlock(&backups->mutex) == 0);
    *ret = place;
    return place ? OK : ERR_BUSY;
}

/* ---- making -------------------------------------------------------------------------------- */

struct maker {
    struct backups *backups;
    struct usage *usage;
    struct arena *arena;
    struct backup *backup;
    struct backup_file *files;
    size_t count, room;
};

static struct backup_file *file_add(struct maker *maker, text name, int64_t size)
{
    if (maker->count == maker->room) {
        size_t room = maker->room ? maker->room * 2 : FILES_FIRST;
        struct backup_file *files = ARENA_ARRAY(maker->arena, struct backup_file, room);

        if (maker->count > 0)
            memcpy(files, maker->files, maker->count * sizeof *files);
        maker->files = files;
        maker->room = room;
    }
    maker->files[maker->count] = (struct backup_file){ .name = name, .size = size };
    return &maker->files[maker->count++];
}

static enum err write_contents(const char *path, text contents)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err err = OK;

    if (fd < 0)
        return err_of_errno(errno);
    errno = ENOSPC; /* what a short write means */
    if (write(fd, contents.ptr, contents.len) != (ssize_t)contents.len)
        err = err_of_errno(errno);
    close(fd);
    return err;
}

/* For file systems that do not link. */
static enum err copy_file(const char *from, const char *to, int64_t size)
{
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err err = out < 0 ? err_of_errno(errno) : OK;

    while (err == OK && size > 0) {
        ssize_t done = copy_file_range(in, NULL, out, NULL, (size_t)size, 0);

        if (done <= 0)
            err = done < 0 ? err_of_errno(errno) : ERR_CORRUPT;
        size -= done > 0 ? done : 0;
    }
    if (in >= 0)
        close(in);
    if (out >= 0)
        close(out);
    return err;
}

/* What tells the file from another of its name and size: a digest of both its ends, where the
 * store's files have salts and checksums. */
static enum err mark_file(struct arena *arena, const char *path, int64_t size, text *ret)
{
    unsigned char piece[MARK_PIECE], digest[MARK_BYTES];
    char *printed = arena_alloc(arena, sizeof digest * 2 + 1);
    int64_t ends[] = { 0, size > MARK_PIECE ? size - MARK_PIECE : 0 };
    crypto_generichash_state hash;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return err_of_errno(errno);
    MUST(crypto_generichash_init(&hash, NULL, 0, sizeof digest) == 0);
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        size_t want = (size_t)(size - ends[i] < MARK_PIECE ? size - ends[i] : MARK_PIECE);

        if (pread(fd, piece, want, (off_t)ends[i]) != (ssize_t)want) {
            close(fd);
            return ERR_CORRUPT;
        }
        MUST(crypto_generichash_update(&hash, piece, want) == 0);
    }
    close(fd);
    MUST(crypto_generichash_final(&hash, digest, sizeof digest) == 0);
    sodium_bin2hex(printed, sizeof digest * 2 + 1, digest, sizeof digest);
    *ret = text_of(printed);
    return OK;
}

static enum err add_usage_file(void *state, const struct usage_file *file)
{
    struct maker *maker = state;
    struct arena *arena = maker->arena;
    const struct backups *backups = maker->backups;
    text name = text_format(arena, "usage/%s", file->name);
    struct backup_file *added = file_add(maker, name, (int64_t)file->size);
    const char *to = path_of_file(backups, maker->backup->id, (int64_t)maker->count - 1, arena);
    const char *from = text_cstr(
        arena, text_format(arena, "%.*s/%.*s", TEXT_ARG(backups->directory), TEXT_ARG(name)));

    if (file->contents)
        return write_contents(to, (text){ file->contents, file->size });
    if (link(from, to) != 0) {
        enum err err = errno == ENOENT ? ERR_IO : copy_file(from, to, added->size);

        if (err != OK)
            return err;
    }
    added->is_immutable = file->is_immutable;
    return file->is_immutable ? mark_file(arena, to, added->size, &added->mark) : OK;
}

/* Nobody writes to the state now: the events are those of this moment. */
static enum err at_moment(void *state)
{
    struct maker *maker = state;
    uint64_t sequence;
    enum err err = usage_copy(maker->usage, add_usage_file, maker, &sequence);

    if (err == OK)
        maker->backup->sequence = (int64_t)sequence;
    return err;
}

static enum err make_directories(const struct backups *backups, struct backup_id id,
                                 struct arena *arena)
{
    if (mkdir(path_of_all(backups, arena), 0700) != 0 && errno != EEXIST)
        return err_of_errno(errno);
    if (mkdir(path_of_one(backups, id, arena), 0700) != 0)
        return err_of_errno(errno);
    return OK;
}

static enum err make_files(struct maker *maker, struct store *store)
{
    const char *state = path_of_file(maker->backups, maker->backup->id, 0, maker->arena);
    struct stat status;
    enum err err = make_directories(maker->backups, maker->backup->id, maker->arena);

    if (err != OK)
        return err;
    (void)file_add(maker, TEXT("state.db"), 0);
    err = store_backup(store, state, at_moment, maker);
    if (err == OK && stat(state, &status) != 0)
        err = err_of_errno(errno);
    if (err == OK)
        maker->files[0].size = (int64_t)status.st_size;
    return err;
}

enum err backup_make(struct backups *backups, struct store *store, struct usage *usage,
                     struct arena *arena, struct backup *backup)
{
    struct maker maker = { backups, usage, arena, .backup = backup };
    struct backup_held *held;
    enum err err = take_place(backups, backup->id, &held);

    if (err != OK)
        return err;
    err = make_files(&maker, store);
    MUST(pthread_mutex_lock(&backups->mutex) == 0);
    if (err == OK) {
        held->is_made = true;
        held->used_at_ns = clock_monotonic_ns();
        held->count = (int64_t)maker.count;
        held->sizes = calloc(maker.count, sizeof *held->sizes);
        MUST(held->sizes);
        for (size_t i = 0; i < maker.count; i++)
            held->sizes[i] = maker.files[i].size;
        backup->files = (struct list){ maker.files, maker.count };
    } else {
        release(backups, held);
    }
    MUST(pthread_mutex_unlock(&backups->mutex) == 0);
    return err;
}

/* ---- reading and removing ------------------------------------------------------------------ */

/* Opens the file, so that removing the backup does not matter any more; its size. */
static enum err open_file(struct backups *backups, const struct backup_piece *piece, int *ret_fd,
                          int64_t *ret_size)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct backup_held *held;
    enum err err = ERR_ABSENT;

    MUST(pthread_mutex_lock(&backups->mutex) == 0);
    held = find(backups, piece->id);
    if (held && piece->index >= 0 && piece->index < held->count) {
        held->used_at_ns = clock_monotonic_ns();
        *ret_size = held->sizes[piece->index];
        *ret_fd = open(path_of_file(backups, piece->id, piece->index, arena), O_RDONLY | O_CLOEXEC);
        err = *ret_fd >= 0 ? OK : err_of_errno(errno);
    }
    MUST(pthread_mutex_unlock(&backups->mutex) == 0);
    return err;
}

enum err backup_read(struct backups *backups, const struct backup_piece *piece, struct arena *arena,
                     text *ret)
{
    int64_t size, want;
    char *bytes;
    ssize_t got;
    int fd;
    enum err err = open_file(backups, piece, &fd, &size);

    CHECK(piece->offset >= 0);
    if (err != OK)
        return err;
    want = piece->offset < size ? size - piece->offset : 0;
    want = want < BACKUP_PIECE_BYTES ? want : BACKUP_PIECE_BYTES;
    bytes = arena_alloc(arena, (size_t)want);
    got = pread(fd, bytes, (size_t)want, (off_t)piece->offset);
    close(fd);
    if (got < 0)
        return err_of_errno(errno);
    if (got != want)
        return ERR_CORRUPT;
    *ret = (text){ bytes, (size_t)got };
    return OK;
}

enum err backup_drop(struct backups *backups, struct backup_id id)
{
    struct backup_held *held;

    MUST(pthread_mutex_lock(&backups->mutex) == 0);
    held = find(backups, id);
    if (held)
        release(backups, held);
    MUST(pthread_mutex_unlock(&backups->mutex) == 0);
    return held ? OK : ERR_ABSENT;
}
