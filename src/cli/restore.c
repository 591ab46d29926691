/* restore.c: `tollgate restore`: makes a data directory out of a backup, after every file was
 * compared with its digest.
 *
 * All files are first brought into a directory of their own inside the new one, and only when all
 * are right put into their places; so a data directory is whole or nothing.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "cli/backup_set.h"
#include "cli/commands.h"
#include "cli/local.h"
#include "cli/tar.h"

#define PIECE_BYTES        (1024 * 1024)
#define MANIFEST_BYTES_MAX (64 * 1024 * 1024)
#define STAGE              ".restore"

static const struct option options[] = {
    { .name = "from",
      .value = "DIR|FILE|-",
      .about = "a backup: its directory, or a tar archive, plain or gzip; - is standard input" },
    DATA_OPTION,
};

/* A file that was brought into the stage. */
struct staged {
    text stored; /* its name in the backup */
    text digest;
    uint64_t size;
    size_t number; /* its name in the stage */
    struct staged *next;
};

struct restore {
    const struct invocation *invocation;
    struct arena *arena;
    const char *data;
    char *piece; /* PIECE_BYTES */
    text manifest;
    struct backup_set set;
    struct staged *staged;
    size_t staged_count;
    bool has_made_data;
};

static int fail_path(const struct restore *restore, const char *path)
{
    return command_fail(restore->invocation, EXIT_TROUBLE, "%s: %s", path, strerror(errno));
}

static int refuse(const struct restore *restore, const char *what)
{
    return command_fail(restore->invocation, EXIT_REFUSED, "%s", what);
}

static const char *path_staged(const struct restore *restore, size_t number)
{
    return text_cstr(restore->arena,
                     text_format(restore->arena, "%s/" STAGE "/%zu", restore->data, number));
}

static const char *path_data(const struct restore *restore, text name)
{
    return text_cstr(restore->arena,
                     text_format(restore->arena, "%s/%.*s", restore->data, TEXT_ARG(name)));
}

/* ---- bytes in, from a file or an archive ---------------------------------------------------- */

/* Up to `size` bytes; how many came, -1 in trouble. */
static int64_t pull(gzFile from, void *to, size_t size)
{
    size_t done = 0;

    while (done < size) {
        unsigned want = (unsigned)(size - done < PIECE_BYTES ? size - done : PIECE_BYTES);
        int got = gzread(from, (char *)to + done, want);

        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (int64_t)done;
}

/* Copies `size` bytes into the file, which is flushed; their digest. */
static int copy_bytes(struct restore *restore, gzFile from, uint64_t size, int fd, text *ret_digest)
{
    struct backup_hash hash;

    backup_hash_begin(&hash);
    while (size > 0) {
        size_t want = size < PIECE_BYTES ? (size_t)size : PIECE_BYTES;
        int64_t got = pull(from, restore->piece, want);

        if (got != (int64_t)want)
            return refuse(restore, "the backup is not whole");
        if (write(fd, restore->piece, want) != (ssize_t)want)
            return fail_path(restore, restore->data);
        backup_hash_add(&hash, (text){ restore->piece, want });
        size -= want;
    }
    if (fsync(fd) != 0)
        return fail_path(restore, restore->data);
    *ret_digest = backup_hash_end(&hash, restore->arena);
    return EXIT_OK;
}

/* Brings a file into the stage. */
static int stage(struct restore *restore, gzFile from, text stored, uint64_t size)
{
    struct staged *staged = ARENA_NEW(restore->arena, struct staged);
    const char *path = path_staged(restore, restore->staged_count);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int code;

    if (fd < 0)
        return fail_path(restore, path);
    *staged = (struct staged){ .stored = text_copy(restore->arena, stored),
                               .size = size,
                               .number = restore->staged_count++,
                               .next = restore->staged };
    restore->staged = staged;
    code = copy_bytes(restore, from, size, fd, &staged->digest);
    close(fd);
    return code;
}

static int keep_manifest(struct restore *restore, gzFile from, uint64_t size)
{
    char *bytes;

    if (size > MANIFEST_BYTES_MAX)
        return refuse(restore, "the manifest is too large");
    bytes = arena_alloc(restore->arena, (size_t)size);
    if (pull(from, bytes, (size_t)size) != (int64_t)size)
        return refuse(restore, "the backup is not whole");
    restore->manifest = (text){ bytes, (size_t)size };
    return EXIT_OK;
}

/* ---- an archive ----------------------------------------------------------------------------- */

static int skip(struct restore *restore, gzFile from, uint64_t size)
{
    while (size > 0) {
        size_t want = size < PIECE_BYTES ? (size_t)size : PIECE_BYTES;

        if (pull(from, restore->piece, want) != (int64_t)want)
            return refuse(restore, "the backup is not whole");
        size -= want;
    }
    return EXIT_OK;
}

static int read_entry(struct restore *restore, gzFile from, const struct tar_entry *entry)
{
    text name = text_of(entry->name);

    if (text_equal(name, TEXT(BACKUP_MANIFEST)))
        return keep_manifest(restore, from, entry->size);
    if (!backup_name_is_valid(name))
        return skip(restore, from, entry->size);
    return stage(restore, from, name, entry->size);
}

static int read_archive(struct restore *restore, gzFile from)
{
    int code = EXIT_OK;

    while (code == EXIT_OK) {
        char block[TAR_BLOCK_BYTES];
        struct tar_entry entry;
        enum tar_kind kind;

        if (pull(from, block, sizeof block) != (int64_t)sizeof block)
            return refuse(restore, "the backup is not whole");
        kind = tar_read_header(block, &entry);
        if (kind == TAR_BROKEN)
            return refuse(restore, "it is no tar archive, or a damaged one");
        if (kind == TAR_END)
            return EXIT_OK;
        code = kind == TAR_FILE ? read_entry(restore, from, &entry)
                                : skip(restore, from, entry.size);
        if (code == EXIT_OK)
            code = skip(restore, from, tar_padding(entry.size));
    }
    return code;
}

/* ---- a directory ---------------------------------------------------------------------------- */

/* Opens a file of a backup directory: none of ours looks like gzip. */
static gzFile open_plain(const char *path, uint64_t *ret_size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    gzFile file;

    if (fd < 0)
        return NULL;
    MUST(fstat(fd, &status) == 0);
    *ret_size = (uint64_t)status.st_size;
    file = gzdopen(fd, "rb");
    MUST(file);
    return file;
}

static int read_file(struct restore *restore, const char *from, const struct backup_part *part)
{
    const char *path = text_cstr(
        restore->arena, text_format(restore->arena, "%s/%.*s", from,
                                    TEXT_ARG(part ? part->stored : TEXT(BACKUP_MANIFEST))));
    uint64_t size;
    gzFile file = open_plain(path, &size);
    int code;

    if (!file)
        return command_fail(restore->invocation, errno == ENOENT ? EXIT_ABSENT : EXIT_TROUBLE,
                            "%s: %s", path, strerror(errno));
    if (!part)
        code = keep_manifest(restore, file, size);
    else if (size != part->size)
        code = command_fail(restore->invocation, EXIT_REFUSED, "%s has another size than it had",
                            path);
    else
        code = stage(restore, file, part->stored, part->size);
    gzclose(file);
    return code;
}

static int read_directory(struct restore *restore, const char *from)
{
    int code = read_file(restore, from, NULL);

    if (code != EXIT_OK)
        return code;
    if (!backup_set_read(restore->arena, restore->manifest, &restore->set))
        return refuse(restore, BACKUP_MANIFEST " is no manifest");
    for (size_t i = 0; code == EXIT_OK && i < restore->set.count; i++)
        code = read_file(restore, from, &restore->set.parts[i]);
    return code;
}

/* ---- comparing and placing ------------------------------------------------------------------ */

static const struct staged *find_staged(const struct restore *restore, text stored)
{
    for (const struct staged *s = restore->staged; s; s = s->next)
        if (text_equal(s->stored, stored))
            return s;
    return NULL;
}

static int compare(const struct restore *restore)
{
    bool has_state = false;

    for (size_t i = 0; i < restore->set.count; i++) {
        const struct backup_part *part = &restore->set.parts[i];
        const struct staged *staged = find_staged(restore, part->stored);

        if (!staged)
            return command_fail(restore->invocation, EXIT_REFUSED, "%.*s is missing",
                                TEXT_ARG(part->stored));
        if (staged->size != part->size || !text_equal(staged->digest, part->digest))
            return command_fail(restore->invocation, EXIT_REFUSED,
                                "%.*s is damaged: it has another digest than it had",
                                TEXT_ARG(part->stored));
        has_state |= text_equal(part->name, TEXT("state.db"));
    }
    return has_state ? EXIT_OK : refuse(restore, "the manifest names no state.db");
}

static bool sync_directory(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return is_synced;
}

/* Into their places, the state last: without it there is nothing. */
static int place(const struct restore *restore)
{
    const char *usage = path_data(restore, TEXT("usage"));

    if (mkdir(usage, 0700) != 0)
        return fail_path(restore, usage);
    for (size_t i = restore->set.count; i-- > 0;) {
        const struct backup_part *part = &restore->set.parts[i];
        const struct staged *staged = find_staged(restore, part->stored);

        if (text_equal(part->name, TEXT("state.db")) && !sync_directory(usage))
            return fail_path(restore, usage);
        if (rename(path_staged(restore, staged->number), path_data(restore, part->name)) != 0)
            return fail_path(restore, path_data(restore, part->name));
    }
    return sync_directory(restore->data) ? EXIT_OK : fail_path(restore, restore->data);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
    (void)status;
    (void)kind;
    (void)at;
    (void)remove(path);
    return 0;
}

static void clear(const struct restore *restore, bool is_failed)
{
    (void)nftw(path_data(restore, TEXT(STAGE)), remove_one, 8, FTW_DEPTH | FTW_PHYS);
    if (is_failed && restore->has_made_data)
        (void)rmdir(restore->data);
}

static int open_data(struct restore *restore)
{
    DIR *directory;
    struct dirent *entry;
    bool is_empty = true;

    if (mkdir(restore->data, 0700) == 0)
        restore->has_made_data = true;
    else if (errno != EEXIST)
        return fail_path(restore, restore->data);
    directory = opendir(restore->data);
    if (!directory)
        return fail_path(restore, restore->data);
    while ((entry = readdir(directory)))
        is_empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                    strcmp(entry->d_name, "lost+found") == 0;
    closedir(directory);
    if (!is_empty)
        return command_fail(restore->invocation, EXIT_REFUSED,
                            "%s is not empty: a backup is restored into a new directory",
                            restore->data);
    if (mkdir(path_data(restore, TEXT(STAGE)), 0700) != 0)
        return fail_path(restore, restore->data);
    return EXIT_OK;
}

static int read_backup(struct restore *restore, const char *from)
{
    struct stat status;
    gzFile archive;
    int code, fd;

    if (strcmp(from, "-") != 0 && stat(from, &status) == 0 && S_ISDIR(status.st_mode))
        return read_directory(restore, from);
    fd = strcmp(from, "-") == 0 ? dup(STDIN_FILENO) : open(from, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return command_fail(restore->invocation, errno == ENOENT ? EXIT_ABSENT : EXIT_TROUBLE,
                            "%s: %s", from, strerror(errno));
    archive = gzdopen(fd, "rb");
    MUST(archive);
    code = read_archive(restore, archive);
    gzclose(archive);
    if (code == EXIT_OK && !restore->manifest.ptr)
        return refuse(restore, "there is no " BACKUP_MANIFEST " in the archive");
    if (code == EXIT_OK && !backup_set_read(restore->arena, restore->manifest, &restore->set))
        return refuse(restore, BACKUP_MANIFEST " is no manifest");
    return code;
}

static int run(struct restore *restore, const char *from)
{
    int code = open_data(restore);

    if (code != EXIT_OK)
        return code;
    code = read_backup(restore, from);
    if (code == EXIT_OK)
        code = compare(restore);
    if (code == EXIT_OK)
        code = place(restore);
    clear(restore, code != EXIT_OK);
    if (code == EXIT_OK)
        printf("%llu events of %.*s\n", (unsigned long long)restore->set.sequence,
               TEXT_ARG(restore->set.created_at));
    return code;
}

static int restore_run(const struct invocation *invocation)
{
    text from = option_text(invocation, "from");
    struct restore restore = {
        .invocation = invocation,
        .arena = invocation->arena,
        .data = text_cstr(invocation->arena, option_text(invocation, "data")),
    };
    int code;

    if (text_is_empty(from))
        return command_fail(invocation, EXIT_USAGE, "--from names the backup");
    restore.piece = malloc(PIECE_BYTES);
    MUST(restore.piece);
    code = run(&restore, text_cstr(invocation->arena, from));
    free(restore.piece);
    return code;
}

const struct command restore_command = {
    .name = "restore",
    .arguments = "",
    .summary = "make a data directory out of a backup",
    .about =
        "The data directory must not exist, or be empty. Every file is compared with its digest\n"
        "in backup.json; when one differs, nothing is restored.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate restore --from /backup/tollgate --data /var/lib/tollgate\n"
                "zstdcat tollgate.tar.zst | tollgate restore --from - --data /var/lib/tollgate\n",
    .run = restore_run,
};
