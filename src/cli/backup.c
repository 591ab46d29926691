/* backup.c: `tollgate backup`: fetches a copy of a server's data, as it is at one moment, while it
 * serves: into a directory, or as a tar archive on standard output.
 *
 * In a directory nothing that an older manifest names is touched before the new one stands in its
 * place; so whatever interrupts a backup, the directory is one, the old or the new.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/backup_set.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "cli/remote.h"
#include "cli/tar.h"

#define MANIFEST_BYTES_MAX (64 * 1024 * 1024)

static const struct option options[] = {
    REMOTE_OPTIONS,
    { .name = "to", .value = "DIR|-", .about = "where to; - is a tar archive on standard output" },
    { .name = "incremental", .about = "update the backup in DIR: fetch only what is new" },
};

struct backup_job {
    const struct invocation *invocation;
    struct remote remote;
    struct arena *pieces;  /* of answers; reset after each */
    const char *directory; /* NULL: a tar archive */
    struct backup_set old; /* in the directory; count 0: none */
    struct backup_set set; /* being made */
    struct progress progress;
    uint64_t fetched, kept; /* bytes */
    int fd;                 /* of the file being written */
};

static int fail_write(const struct backup_job *job, const char *path)
{
    return command_fail(job->invocation, EXIT_TROUBLE, "%s: %s", path, strerror(errno));
}

static const char *path_in(const struct backup_job *job, text name)
{
    return text_cstr(job->invocation->arena, text_format(job->invocation->arena, "%s/%.*s",
                                                         job->directory, TEXT_ARG(name)));
}

static bool write_whole(int fd, text bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno != EINTR)
            return false;
        bytes = text_slice(bytes, put > 0 ? (size_t)put : 0, bytes.len);
    }
    return true;
}

/* ---- fetching ------------------------------------------------------------------------------ */

/* Fetches the part piece by piece into job->fd; fills in its digest. */
static int fetch(struct backup_job *job, size_t index, const char *what)
{
    struct backup_part *part = &job->set.parts[index];
    struct backup_hash hash;
    uint64_t offset = 0;

    backup_hash_begin(&hash);
    while (offset < part->size) {
        text path = text_format(job->pieces, "/v3/backups/%.*s/files/%zu?offset=%llu",
                                TEXT_ARG(job->set.id), index, (unsigned long long)offset);
        struct http_call call = { .method = HTTP_GET, .path = path };
        int code = remote_call(&job->remote, &call);
        text piece = job->remote.answer.body;

        if (code != EXIT_OK)
            return code;
        if (piece.len == 0 || piece.len > part->size - offset)
            return command_fail(job->invocation, EXIT_UNREACHABLE,
                                "the server gave another length of %.*s than it told",
                                TEXT_ARG(part->name));
        if (!write_whole(job->fd, piece))
            return fail_write(job, what);
        backup_hash_add(&hash, piece);
        offset += piece.len;
        job->fetched += piece.len;
        progress_move(&job->progress, job->fetched + job->kept, job->fetched);
        arena_reset(job->pieces);
    }
    part->digest = backup_hash_end(&hash, job->invocation->arena);
    return EXIT_OK;
}

/* ---- a directory --------------------------------------------------------------------------- */

static bool read_manifest(struct arena *arena, const char *path, text *ret)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool is_read = fd >= 0 && fstat(fd, &status) == 0 && status.st_size <= MANIFEST_BYTES_MAX;

    if (is_read) {
        char *bytes = arena_alloc(arena, (size_t)status.st_size);

        is_read = read(fd, bytes, (size_t)status.st_size) == status.st_size;
        *ret = (text){ bytes, (size_t)status.st_size };
    }
    if (fd >= 0)
        close(fd);
    return is_read;
}

static bool is_empty_directory(const char *path)
{
    DIR *directory = opendir(path);
    struct dirent *entry;
    bool is_empty = directory != NULL;

    while (directory && (entry = readdir(directory)))
        is_empty &= entry->d_name[0] == '.' &&
                    (entry->d_name[1] == '\0' || strcmp(entry->d_name, "..") == 0);
    if (directory)
        closedir(directory);
    return is_empty;
}

static int open_directory(struct backup_job *job)
{
    const struct invocation *invocation = job->invocation;
    bool is_incremental = option_is_set(invocation, "incremental");
    const char *path = job->directory;
    text manifest;

    if ((mkdir(path, 0700) != 0 && errno != EEXIST) ||
        (mkdir(path_in(job, TEXT("usage")), 0700) != 0 && errno != EEXIST))
        return fail_write(job, path);
    if (!is_incremental)
        return EXIT_OK;
    if (!read_manifest(invocation->arena, path_in(job, TEXT(BACKUP_MANIFEST)), &manifest))
        return EXIT_OK; /* the first of a row */
    if (!backup_set_read(invocation->arena, manifest, &job->old))
        return command_fail(invocation, EXIT_REFUSED, "%s holds no backup that can be updated",
                            path);
    return EXIT_OK;
}

/* Whether the backup in the directory has this very file. */
static bool is_kept(const struct backup_job *job, struct backup_part *part)
{
    const struct backup_part *old = backup_set_find(&job->old, part->name);
    struct stat status;

    if (!old || !part->is_immutable || !old->is_immutable || old->size != part->size ||
        text_is_empty(part->mark) || !text_equal(old->mark, part->mark))
        return false;
    if (stat(path_in(job, old->stored), &status) != 0 || (uint64_t)status.st_size != part->size)
        return false;
    part->stored = old->stored;
    part->digest = old->digest;
    return true;
}

static bool is_stored(const struct backup_set *set, text stored)
{
    for (size_t i = 0; i < set->count; i++)
        if (text_equal(set->parts[i].stored, stored))
            return true;
    return false;
}

/* Fetches the part into a file that the old manifest does not name. */
static int fetch_file(struct backup_job *job, size_t index)
{
    struct backup_part *part = &job->set.parts[index];
    const char *path;
    int code;

    if (is_kept(job, part)) {
        job->kept += part->size;
        return EXIT_OK;
    }
    part->stored = part->name;
    if (is_stored(&job->old, part->name))
        part->stored = text_format(job->invocation->arena, "%.*s.%.*s", TEXT_ARG(part->name),
                                   TEXT_ARG(job->set.id));
    path = path_in(job, part->stored);
    job->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (job->fd < 0)
        return fail_write(job, path);
    code = fetch(job, index, path);
    if (code == EXIT_OK && fsync(job->fd) != 0)
        code = fail_write(job, path);
    close(job->fd);
    return code;
}

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return is_synced;
}

static int write_manifest(struct backup_job *job)
{
    text manifest = backup_set_print(job->invocation->arena, &job->set);
    const char *path = path_in(job, TEXT(BACKUP_MANIFEST));
    const char *temporary = path_in(job, TEXT(BACKUP_MANIFEST ".new"));
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    bool is_written = fd >= 0 && write_whole(fd, manifest) && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    if (!is_written || !sync_directory(path_in(job, TEXT("usage"))) ||
        rename(temporary, path) != 0 || !sync_directory(job->directory))
        return fail_write(job, path);
    return EXIT_OK;
}

/* Removes files of older or interrupted backups from one of the two directories. */
static void sweep(struct backup_job *job, const char *prefix)
{
    DIR *directory = opendir(path_in(job, text_of(prefix)));
    struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        text stored = text_format(job->invocation->arena, "%s%s", prefix, entry->d_name);

        if (backup_name_is_valid(stored) && !is_stored(&job->set, stored))
            (void)unlink(path_in(job, stored));
    }
    if (directory)
        closedir(directory);
}

static int write_directory(struct backup_job *job)
{
    int code = EXIT_OK;

    if (job->old.count > 0 && !text_equal(job->old.origin, job->set.origin))
        return command_fail(job->invocation, EXIT_REFUSED, "%s holds a backup of other data",
                            job->directory);
    for (size_t i = 0; code == EXIT_OK && i < job->set.count; i++)
        code = fetch_file(job, i);
    if (code == EXIT_OK)
        code = write_manifest(job);
    if (code == EXIT_OK) {
        sweep(job, "");
        sweep(job, "usage/");
    }
    return code;
}

/* ---- a tar archive ------------------------------------------------------------------------- */

static bool write_zeros(int fd, size_t count)
{
    static const char zeros[TAR_END_BYTES];

    return write_whole(fd, (text){ zeros, count });
}

static bool write_header(struct backup_job *job, text name, uint64_t size)
{
    char block[TAR_BLOCK_BYTES];
    instant created_at;

    if (!instant_parse(job->set.created_at, &created_at))
        created_at = (instant){ 0 };
    tar_print_header(name, size, created_at, block);
    return write_whole(job->fd, (text){ block, sizeof block });
}

/* The manifest comes last: only then the digests are known. */
static int write_archive(struct backup_job *job)
{
    static const char what[] = "standard output";
    text manifest;

    job->fd = STDOUT_FILENO;
    for (size_t i = 0; i < job->set.count; i++) {
        struct backup_part *part = &job->set.parts[i];
        int code;

        part->stored = part->name;
        if (!write_header(job, part->stored, part->size))
            return fail_write(job, what);
        code = fetch(job, i, what);
        if (code != EXIT_OK)
            return code;
        if (!write_zeros(job->fd, tar_padding(part->size)))
            return fail_write(job, what);
    }
    manifest = backup_set_print(job->invocation->arena, &job->set);
    if (!write_header(job, TEXT(BACKUP_MANIFEST), manifest.len) ||
        !write_whole(job->fd, manifest) || !write_zeros(job->fd, tar_padding(manifest.len)) ||
        !write_zeros(job->fd, TAR_END_BYTES))
        return fail_write(job, what);
    return EXIT_OK;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Asks the server for a copy and reads what it consists of. */
static int begin(struct backup_job *job)
{
    struct http_call call = { .method = HTTP_POST,
                              .path = TEXT("/v3/backups"),
                              .timeout_seconds = 3600 };
    uint64_t total = 0;
    int code = remote_call(&job->remote, &call);

    if (code != EXIT_OK)
        return code;
    if (!backup_set_read(job->invocation->arena, job->remote.answer.body, &job->set))
        return command_fail(job->invocation, EXIT_UNREACHABLE, "the answer is no list of files");
    for (size_t i = 0; i < job->set.count; i++)
        total += job->set.parts[i].size;
    job->progress = progress_start("bytes", total);
    return EXIT_OK;
}

/* The server need not keep it any longer. What comes of this changes nothing. */
static void let_go(struct backup_job *job)
{
    text path = text_format(job->pieces, "/v3/backups/%.*s", TEXT_ARG(job->set.id));
    struct http_call call = { .method = HTTP_DELETE, .path = path };

    (void)!http_client_call(job->remote.client, &call, job->pieces, &job->remote.answer);
}

static int run(struct backup_job *job)
{
    int code = job->directory ? open_directory(job) : EXIT_OK;

    if (code != EXIT_OK)
        return code;
    code = begin(job);
    if (code != EXIT_OK)
        return code;
    code = job->directory ? write_directory(job) : write_archive(job);
    let_go(job);
    progress_end(&job->progress);
    if (code == EXIT_OK)
        fprintf(stderr, "%llu events, %zu files, %llu bytes fetched, %llu kept\n",
                (unsigned long long)job->set.sequence, job->set.count,
                (unsigned long long)job->fetched, (unsigned long long)job->kept);
    return code;
}

static int check_target(const struct invocation *invocation, text to)
{
    bool is_incremental = option_is_set(invocation, "incremental");
    struct stat status;
    const char *path;

    if (text_is_empty(to))
        return command_fail(invocation, EXIT_USAGE, "--to says where the backup goes");
    if (text_equal(to, TEXT("-"))) {
        if (is_incremental)
            return command_fail(invocation, EXIT_USAGE, "an archive cannot be --incremental");
        if (isatty(STDOUT_FILENO))
            return command_fail(invocation, EXIT_USAGE, "the archive would go to the terminal");
        return EXIT_OK;
    }
    path = text_cstr(invocation->arena, to);
    if (!is_incremental && stat(path, &status) == 0 && !is_empty_directory(path))
        return command_fail(invocation, EXIT_REFUSED,
                            "%s is not empty: --incremental updates a backup", path);
    return EXIT_OK;
}

static int backup_run(const struct invocation *invocation)
{
    text to = option_text(invocation, "to");
    struct backup_job job = { .invocation = invocation };
    int code = check_target(invocation, to);

    if (code != EXIT_OK)
        return code;
    if (!text_equal(to, TEXT("-")))
        job.directory = text_cstr(invocation->arena, to);
    remote_open(&job.remote, invocation);
    job.pieces = job.remote.arena = arena_new();
    code = run(&job);
    remote_close(&job.remote);
    arena_free(job.pieces);
    return code;
}

const struct command backup_command = {
    .name = "backup",
    .arguments = "",
    .summary = "copy a server's data while it serves",
    .about =
        "State and events are those of one moment. DIR becomes a directory with the files and\n"
        "backup.json, which has a digest of each; with --incremental it is brought up to date\n"
        "and only new files are fetched. The token must be of the role admin.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate backup --to /backup/today\n"
                "tollgate backup --to /backup/tollgate --incremental\n"
                "tollgate backup --to - | zstd >tollgate.tar.zst\n",
    .run = backup_run,
};
