/* sealed_open.c: opening, closing, reading bytes that match their checksum. */
#include "usage/sealed_file.h"
#include "usage/sealed_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

enum err sealed_read(const struct sealed *sealed, uint64_t offset, size_t size, unsigned char *ret)
{
    return sealed_file_read(sealed->io, sealed->fd, offset, size, ret);
}

enum err sealed_chunk(const struct sealed *sealed, const struct sealed_ref *ref,
                      unsigned char **ret)
{
    unsigned char *bytes = malloc(ref->length);
    enum err err;
    CHECK(ref->length > 0);
    MUST(bytes != NULL);
    err = sealed_read(sealed, ref->offset, ref->length, bytes);
    if (err == OK &&
        sealed_checksum(bytes, ref->length, sealed->directory.salt, ref->offset) != ref->checksum)
        err = ERR_CORRUPT;
    if (err != OK) {
        free(bytes);
        return err;
    }
    *ret = bytes;
    return OK;
}

static uint32_t identity[SEALED_BLOCK_ROWS];

static void identity_fill(void)
{
    for (uint32_t i = 0; i < SEALED_BLOCK_ROWS; i++)
        identity[i] = i;
}

const uint32_t *sealed_identity(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    MUST(pthread_once(&once, identity_fill) == 0);
    return identity;
}

static void summary_make(struct sealed *sealed)
{
    const struct sealed_directory *directory = &sealed->directory;
    struct sealed_summary *summary = &sealed->summary;
    *summary = (struct sealed_summary){
        .first_sequence = directory->first_sequence,
        .rows = directory->rows,
        .bytes = directory->footer_offset + directory->footer_length,
        .time_min = INSTANT_MAX,
        .time_max = INSTANT_NONE,
    };
    for (uint32_t i = 0; i < directory->block_count; i++) {
        const struct sealed_block *block = &directory->blocks[i];
        summary->erased += block->erased;
        if (block->erased == block->rows)
            continue;
        if (instant_before(block->time_min, summary->time_min))
            summary->time_min = block->time_min;
        if (instant_before(summary->time_max, block->time_max))
            summary->time_max = block->time_max;
    }
    if (summary->erased == summary->rows)
        summary->time_min = summary->time_max = INSTANT_NONE;
}

static enum err flaw(struct usage_damage *damage, const char *what, uint64_t offset)
{
    MUST(snprintf(damage->what, sizeof(damage->what), "%s", what) > 0);
    damage->offset = offset;
    return ERR_CORRUPT;
}

/* Reads header and footer. */
static enum err directory_read(struct sealed *sealed, struct usage_damage *damage)
{
    struct sealed_directory *directory = &sealed->directory;
    unsigned char header[SEALED_HEADER_BYTES];
    struct stat status;
    unsigned char *footer;
    bool is_sound;
    enum err err;
    if (fstat(sealed->fd, &status) != 0)
        return ERR_IO;
    if (status.st_size < SEALED_HEADER_BYTES)
        return flaw(damage, "header: the file is too short", 0);
    err = sealed_read(sealed, 0, sizeof(header), header);
    if (err != OK)
        return err;
    if (!sealed_header_read(header, directory))
        return flaw(damage, "header: checksum or form", 0);
    if (directory->footer_offset > (uint64_t)status.st_size ||
        directory->footer_length != (uint64_t)status.st_size - directory->footer_offset)
        return flaw(damage, "header: the file has another length", (uint64_t)status.st_size);
    footer = malloc((size_t)directory->footer_length + 1);
    MUST(footer != NULL);
    err = sealed_read(sealed, directory->footer_offset, (size_t)directory->footer_length, footer);
    is_sound = err == OK && sealed_footer_read(footer, sealed->arena, directory);
    free(footer);
    if (err == OK && !is_sound)
        return flaw(damage, "footer: checksum or form", directory->footer_offset);
    return err;
}

static void file_name(const char *path, char *ret, size_t size)
{
    const char *slash = strrchr(path, '/');
    MUST(snprintf(ret, size, "%s", slash ? slash + 1 : path) >= 0);
}

enum err sealed_open(struct usage_io *io, const char *path, struct sealed_cache *cache,
                     struct sealed **ret, struct usage_damage *ret_damage)
{
    static _Atomic uint64_t numbers;
    struct usage_damage damage = { 0 };
    struct sealed *sealed;
    enum err err;
    int fd;
    CHECK(path != NULL && cache != NULL && ret_damage != NULL);
    fd = io->open(io, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return errno == ENOENT ? ERR_ABSENT : ERR_IO;
    sealed = calloc(1, sizeof(*sealed));
    MUST(sealed != NULL);
    sealed->number = atomic_fetch_add(&numbers, 1);
    sealed->io = io;
    sealed->cache = cache;
    sealed->fd = fd;
    sealed->arena = arena_new();
    file_name(path, sealed->file, sizeof(sealed->file));
    err = directory_read(sealed, &damage);
    if (err != OK) {
        if (err == ERR_CORRUPT) {
            file_name(path, damage.file, sizeof(damage.file));
            *ret_damage = damage;
        }
        sealed_free(sealed);
        return err;
    }
    summary_make(sealed);
    *ret = sealed;
    return OK;
}

void sealed_free(struct sealed *sealed)
{
    if (!sealed)
        return;
    sealed_cache_forget(sealed->cache, sealed->number);
    (void)close(sealed->fd);
    arena_free(sealed->arena);
    free(sealed);
}

const struct sealed_summary *sealed_summary(const struct sealed *sealed)
{
    return &sealed->summary;
}
