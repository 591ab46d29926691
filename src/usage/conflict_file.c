/* conflict_file.c: the list of conflicts as a file, so that a restart does not forget it.
 *
 *      0  magic      8   "TGCONFL1"
 *      8  count      8
 *     16  entries        oldest first: org, the two versions, lengths of source and id, these
 *         checksum   8   XXH3 of all before it
 *
 * It is a list for people to look at, and written now and then: what a crash takes from it is told
 * by the counters and the log. A damaged one counts as none.
 */
#include "usage/conflict_inside.h"

#include "usage/bytes.h"
#include "usage/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define NEW_NAME       CONFLICTS_NAME ".new"
#define MAGIC_BYTES    8U
#define HEAD_BYTES     16U
#define DIGEST_BYTES   32U
#define VERSION_BYTES  (24U + DIGEST_BYTES)
#define ENTRY_BYTES    (16U + 2 * VERSION_BYTES + 8U) /* without source and id */
#define FILE_BYTES_MAX (64U * 1024 * 1024)

static const char magic[MAGIC_BYTES] = { 'T', 'G', 'C', 'O', 'N', 'F', 'L', '1' };

static void path_of(const char *directory, const char *name, char ret[PATH_MAX])
{
    int length = snprintf(ret, PATH_MAX, "%s/%s", directory, name);
    MUST(length > 0 && length < PATH_MAX);
}

/* ---- writing ---- */

static unsigned char *put_version(unsigned char *to, const struct usage_version *version)
{
    bytes_put64(to, (uint64_t)version->time.ns);
    bytes_put64(to + 8, (uint64_t)version->ingested_at.ns);
    bytes_put64(to + 16, version->sequence);
    memcpy(to + 24, version->digest, DIGEST_BYTES);
    return to + VERSION_BYTES;
}

static void put_conflict(struct buffer *out, const struct usage_conflict *conflict)
{
    unsigned char bytes[ENTRY_BYTES];
    unsigned char *to = bytes + sizeof(conflict->org);
    memcpy(bytes, &conflict->org, sizeof(conflict->org));
    to = put_version(to, &conflict->first);
    to = put_version(to, &conflict->second);
    bytes_put32(to, (uint32_t)conflict->source.len);
    bytes_put32(to + 4, (uint32_t)conflict->id.len);
    CHECK(to + 8 == bytes + sizeof(bytes));
    buffer_add(out, (text){ (const char *)bytes, sizeof(bytes) });
    buffer_add(out, conflict->source);
    buffer_add(out, conflict->id);
}

/* The list as a file; false when it is there already as it is. */
static bool list_print(struct conflicts *conflicts, struct buffer *out)
{
    unsigned char number[8];
    uint64_t count = 0;
    bool is_changed;
    buffer_add(out, (text){ magic, sizeof(magic) });
    MUST(pthread_mutex_lock(&conflicts->lock) == 0);
    is_changed = conflicts->is_changed;
    conflicts->is_changed = false;
    for (size_t i = 0; i < LIMIT_CONFLICTS_KEPT && is_changed; i++)
        count += conflicts->ring[i].bytes != NULL;
    bytes_put64(number, count);
    buffer_add(out, (text){ (const char *)number, sizeof(number) });
    for (size_t i = 0; i < LIMIT_CONFLICTS_KEPT && is_changed; i++) {
        const struct kept *kept = &conflicts->ring[(conflicts->count + i) % LIMIT_CONFLICTS_KEPT];
        if (kept->bytes)
            put_conflict(out, &kept->conflict);
    }
    MUST(pthread_mutex_unlock(&conflicts->lock) == 0);
    bytes_put64(number, XXH3_64bits(out->ptr, out->len));
    buffer_add(out, (text){ (const char *)number, sizeof(number) });
    return is_changed;
}

static enum err file_replace(struct usage_io *io, const char *directory, text bytes)
{
    char path[PATH_MAX];
    char new_path[PATH_MAX];
    path_of(directory, CONFLICTS_NAME, path);
    path_of(directory, NEW_NAME, new_path);
    enum err err = log_file_put(io, new_path, bytes);
    if (err == OK &&
        (io->rename(io, new_path, path) != 0 || io->sync_directory(io, directory) != 0))
        err = log_file_error(errno);
    return err;
}

enum err conflicts_save(struct conflicts *conflicts, struct usage_io *io, const char *directory)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct buffer out = { .arena = arena };
    enum err err = OK;
    MUST(pthread_mutex_lock(&conflicts->saving) == 0);
    if (list_print(conflicts, &out))
        err = file_replace(io, directory, buffer_text(&out));
    if (err != OK) {
        MUST(pthread_mutex_lock(&conflicts->lock) == 0);
        conflicts->is_changed = true;
        MUST(pthread_mutex_unlock(&conflicts->lock) == 0);
    }
    MUST(pthread_mutex_unlock(&conflicts->saving) == 0);
    return err;
}

/* ---- reading ---- */

static const unsigned char *get_version(const unsigned char *from, struct usage_version *ret)
{
    ret->time.ns = (int64_t)bytes_get64(from);
    ret->ingested_at.ns = (int64_t)bytes_get64(from + 8);
    ret->sequence = bytes_get64(from + 16);
    memcpy(ret->digest, from + 24, DIGEST_BYTES);
    ret->digest[DIGEST_BYTES] = '\0';
    return from + VERSION_BYTES;
}

/* Takes an entry; the bytes behind it, or NULL when it does not lie before `end`. */
static const unsigned char *take_entry(struct conflicts *conflicts, const unsigned char *at,
                                       const unsigned char *end)
{
    struct usage_conflict conflict = { 0 };
    if ((size_t)(end - at) < ENTRY_BYTES)
        return NULL;
    memcpy(&conflict.org, at, sizeof(conflict.org));
    at = get_version(at + sizeof(conflict.org), &conflict.first);
    at = get_version(at, &conflict.second);
    conflict.source.len = bytes_get32(at);
    conflict.id.len = bytes_get32(at + 4);
    at += 8;
    if (conflict.source.len > (size_t)(end - at) ||
        conflict.id.len > (size_t)(end - at) - conflict.source.len)
        return NULL;
    conflict.source.ptr = (const char *)at;
    conflict.id.ptr = (const char *)at + conflict.source.len;
    conflicts_keep(conflicts, &conflict);
    return at + conflict.source.len + conflict.id.len;
}

static bool list_parse(struct conflicts *conflicts, const unsigned char *bytes, size_t size)
{
    if (size < HEAD_BYTES + 8 || memcmp(bytes, magic, sizeof(magic)) != 0)
        return false;
    const unsigned char *at = bytes + HEAD_BYTES;
    const unsigned char *end = bytes + size - 8;
    if (bytes_get64(end) != XXH3_64bits(bytes, size - 8))
        return false;
    uint64_t count = bytes_get64(bytes + MAGIC_BYTES);
    for (uint64_t i = 0; i < count && i < LIMIT_CONFLICTS_KEPT && at; i++)
        at = take_entry(conflicts, at, end);
    return at == end;
}

bool conflicts_load(struct conflicts *conflicts, struct usage_io *io, const char *directory)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    char path[PATH_MAX];
    struct stat status;
    bool is_whole = false;
    size_t done = 0;
    int fd;
    path_of(directory, CONFLICTS_NAME, path);
    fd = io->open(io, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return errno == ENOENT;
    if (fstat(fd, &status) == 0 && status.st_size > 0 && status.st_size <= FILE_BYTES_MAX) {
        size_t size = (size_t)status.st_size;
        unsigned char *bytes = arena_alloc(arena, size);
        int64_t got = 1;
        while (done < size && got > 0) {
            got = io->read(io, fd, bytes + done, size - done, (int64_t)done);
            done += got > 0 ? (size_t)got : 0;
        }
        is_whole = done == size && list_parse(conflicts, bytes, size);
    }
    (void)close(fd);
    MUST(pthread_mutex_lock(&conflicts->lock) == 0);
    conflicts->is_changed = false;
    MUST(pthread_mutex_unlock(&conflicts->lock) == 0);
    return is_whole;
}
