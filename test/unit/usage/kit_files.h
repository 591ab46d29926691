/* kit_files.h: what the tests of whole stores share: copying a directory, and looking for bytes in
 * its files, also in what is compressed there. Included after kit.h. */
#ifndef TEST_UNIT_USAGE_KIT_FILES_H
#define TEST_UNIT_USAGE_KIT_FILES_H

#include "unit/usage/kit.h"

#include <zstd.h>

/* Calls `visit` with the name of each file of a store; not for its lock. */
typedef void kit_file_visit(void *state, const char *directory, const char *name);

static inline void kit_each_file(const char *directory, kit_file_visit *visit, void *state)
{
    struct dirent *entry;
    DIR *listing = opendir(directory);
    MUST(listing != NULL);
    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] != '.' && !text_equal(text_of(entry->d_name), TEXT("lock")))
            visit(state, directory, entry->d_name);
    MUST(closedir(listing) == 0);
}

static inline const char *kit_path(const char *directory, const char *name)
{
    static char paths[2][KIT_PATH * 2];
    static unsigned turn;
    char *path = paths[turn++ % 2];
    MUST(snprintf(path, sizeof(paths[0]), "%s/%s", directory, name) > 0);
    return path;
}

static inline void kit_copy_one(void *state, const char *directory, const char *name)
{
    size_t size;
    unsigned char *bytes = kit_read_file(kit_path(directory, name), &size);
    kit_write_file(kit_path(state, name), bytes, size);
    free(bytes);
}

/* Makes `to`, a directory, hold what `from` holds and nothing else. */
static inline void kit_copy_directory(const char *from, char *to)
{
    kit_empty_directory(to);
    kit_each_file(from, kit_copy_one, to);
}

/* A search of all files. */
struct kit_search {
    text needle;
    bool is_found;
};

/* A frame of zstd that begins at `from`, if one does. */
static inline void kit_search_frame(struct kit_search *search, const unsigned char *from,
                                    size_t size)
{
    unsigned long long whole = ZSTD_getFrameContentSize(from, size);
    size_t packed = ZSTD_findFrameCompressedSize(from, size);
    char *bytes;
    if (ZSTD_isError(packed) || whole == ZSTD_CONTENTSIZE_ERROR ||
        whole == ZSTD_CONTENTSIZE_UNKNOWN || whole > (1U << 28))
        return;
    bytes = malloc((size_t)whole + 1);
    MUST(bytes != NULL);
    if (ZSTD_decompress(bytes, (size_t)whole, from, packed) == whole &&
        text_contains((text){ bytes, (size_t)whole }, search->needle))
        search->is_found = true;
    free(bytes);
}

static inline void kit_search_file(void *state, const char *directory, const char *name)
{
    static const unsigned char magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
    struct kit_search *search = state;
    size_t size;
    int fd = open(kit_path(directory, name), O_RDONLY);
    unsigned char *bytes;
    if (fd < 0)
        return; /* an open store removes a log file once it is sealed */
    bytes = kit_read_all(fd, &size);
    if (text_contains((text){ (const char *)bytes, size }, search->needle))
        search->is_found = true;
    for (size_t at = 0; at + sizeof(magic) < size && !search->is_found; at++)
        if (memcmp(bytes + at, magic, sizeof(magic)) == 0)
            kit_search_frame(search, bytes + at, size - at);
    free(bytes);
}

/* Whether any file has these bytes, as they are or in a compressed frame. */
static inline bool kit_files_hold(const char *directory, text needle)
{
    struct kit_search search = { .needle = needle };
    kit_each_file(directory, kit_search_file, &search);
    return search.is_found;
}

#endif
