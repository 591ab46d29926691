/* run.c: opening, reading and checking a run; writing is in run_writer.c. */
#include "rollup/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "rollup/run_trailer.h"

/* ---- opening ------------------------------------------------------------------------------ */

/* Reads exactly so many bytes; ERR_CORRUPT when the file ends before. */
static enum err read_exactly(struct usage_io *io, int fd, void *to, size_t size, uint64_t offset)
{
    unsigned char *at = to;
    while (size > 0) {
        int64_t got = io->read(io, fd, at, size, (int64_t)offset);
        if (got < 0)
            return err_of_errno(errno);
        if (got == 0)
            return ERR_CORRUPT;
        at += got;
        size -= (size_t)got;
        offset += (uint64_t)got;
    }
    return OK;
}

static enum err read_trailer(struct run *run, int fd)
{
    unsigned char bytes[RUN_FOOTER_BYTES];
    struct run_footer footer;
    int64_t size = lseek(fd, 0, SEEK_END);
    if (size < (int64_t)RUN_FOOTER_BYTES)
        return size < 0 ? err_of_errno(errno) : ERR_CORRUPT;
    run->bytes = (uint64_t)size;
    enum err err =
        read_exactly(run->io, fd, bytes, RUN_FOOTER_BYTES, run->bytes - RUN_FOOTER_BYTES);
    if (err != OK)
        return err;
    if (!run_footer_read(bytes, run->bytes, &footer))
        return ERR_CORRUPT;
    char *trailer = arena_alloc(run->arena, footer.size);
    err = read_exactly(run->io, fd, trailer, footer.size, footer.offset);
    if (err != OK)
        return err;
    if (run_checksum(trailer, footer.size, 0) != footer.checksum ||
        !run_trailer_read((text){ trailer, footer.size }, footer.offset, run))
        return ERR_CORRUPT;
    return OK;
}

enum err run_open(struct usage_io *io, const char *path, struct page_cache *cache, struct run **ret)
{
    static _Atomic uint64_t numbers;
    CHECK(io != NULL && path != NULL && cache != NULL && ret != NULL);
    int fd = io->open(io, path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_of_errno(errno);
    struct run *run = calloc(1, sizeof(*run));
    MUST(run != NULL);
    run->io = io;
    run->cache = cache;
    run->arena = arena_new();
    run->path = text_cstr(run->arena, text_of(path));
    run->number = atomic_fetch_add(&numbers, 1) + 1;
    enum err err = read_trailer(run, fd);
    (void)close(fd);
    if (err != OK) {
        run_free(run);
        return err;
    }
    *ret = run;
    return OK;
}

void run_free(struct run *run)
{
    if (run == NULL)
        return;
    CHECK(run->holders == 0);
    arena_free(run->arena);
    free(run);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* The number of the page that has the byte at `offset` of the area. */
static size_t find_page(const struct run_pages *pages, uint64_t offset)
{
    size_t low = 0;
    size_t high = pages->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (pages->items[middle].start <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Reads a page and compares its checksum; from malloc. */
static enum err read_page(struct run *run, int fd, struct page_key key, unsigned char **ret)
{
    const struct run_page *page = &run->pages[key.area].items[key.number];
    unsigned char *bytes = malloc(page->size);
    MUST(bytes != NULL);
    enum err err = read_exactly(run->io, fd, bytes, page->size, page->offset);
    uint64_t place = run_page_place((enum run_area)key.area, key.number);
    if (err == OK && run_checksum(bytes, page->size, place) != page->checksum)
        err = ERR_CORRUPT;
    if (err != OK) {
        free(bytes);
        return err;
    }
    *ret = bytes;
    return OK;
}

/* The page out of the cache, or out of the file into the cache; held. */
static enum err load_page(struct run *run, struct page_key key, const struct page **ret)
{
    const struct page *page = page_find(run->cache, key);
    if (page != NULL) {
        *ret = page;
        return OK;
    }
    int fd = run->io->open(run->io, run->path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_of_errno(errno);
    unsigned char *bytes;
    enum err err = read_page(run, fd, key, &bytes);
    (void)close(fd);
    if (err == OK)
        *ret = page_add(run->cache, key, bytes, run->pages[key.area].items[key.number].size);
    return err;
}

const unsigned char *run_view(struct run_reader *reader, enum run_area area, uint64_t offset,
                              size_t *ret_size)
{
    struct run *run = reader->run;
    CHECK(area < RUN_AREA_COUNT && ret_size != NULL);
    if (reader->err != OK || offset >= run->sizes[area])
        return NULL;
    const struct page *page = reader->pages[area];
    if (page == NULL || offset < reader->starts[area] ||
        offset - reader->starts[area] >= page->size) {
        size_t number = find_page(&run->pages[area], offset);
        struct page_key key = { run->number, (uint32_t)area, (uint32_t)number };
        page_release(run->cache, page);
        page = reader->pages[area] = NULL;
        reader->err = load_page(run, key, &page);
        if (reader->err != OK)
            return NULL;
        reader->pages[area] = page;
        reader->starts[area] = run->pages[area].items[number].start;
    }
    CHECK(page != NULL);
    size_t inside = (size_t)(offset - reader->starts[area]);
    *ret_size = page->size - inside;
    return page->bytes + inside;
}

/* Room for what lies across pages. */
static unsigned char *room_for(struct run_reader *reader, enum run_area area, size_t size)
{
    if (reader->assembled_room[area] < size) {
        free(reader->assembled[area]);
        reader->assembled[area] = malloc(size);
        MUST(reader->assembled[area] != NULL);
        reader->assembled_room[area] = size;
    }
    return reader->assembled[area];
}

const unsigned char *run_bytes(struct run_reader *reader, enum run_area area, uint64_t offset,
                               size_t size)
{
    size_t got = 0;
    if (reader->err == OK &&
        (offset > reader->run->sizes[area] || size > reader->run->sizes[area] - offset))
        reader->err = ERR_CORRUPT;
    const unsigned char *bytes = run_view(reader, area, offset, &got);
    if (bytes == NULL || got >= size)
        return bytes;
    unsigned char *to = room_for(reader, area, size);
    for (size_t filled = 0;;) {
        size_t part = got < size - filled ? got : size - filled;
        memcpy(to + filled, bytes, part);
        filled += part;
        if (filled == size)
            return to;
        bytes = run_view(reader, area, offset + filled, &got);
        if (bytes == NULL)
            return NULL;
    }
}

void run_reader_corrupt(struct run_reader *reader)
{
    if (reader->err == OK)
        reader->err = ERR_CORRUPT;
}

void run_reader_end(struct run_reader *reader)
{
    for (size_t i = 0; i < RUN_AREA_COUNT; i++) {
        page_release(reader->run->cache, reader->pages[i]);
        free(reader->assembled[i]);
        reader->pages[i] = NULL;
        reader->assembled[i] = NULL;
        reader->assembled_room[i] = 0;
    }
}

/* ---- checking ----------------------------------------------------------------------------- */

static const char *const area_names[] = { "keys", "minutes", "hours", "days" };
_Static_assert(COUNT_OF(area_names) == RUN_AREA_COUNT, "a name for each area");

static void tell(struct run *run, struct page_key key, usage_damage_visit *visit, void *state)
{
    struct usage_damage damage = { .offset = run->pages[key.area].items[key.number].offset };
    MUST(snprintf(damage.file, sizeof(damage.file), "%s", run_file_name(run->path)) > 0);
    MUST(snprintf(damage.what, sizeof(damage.what), "page %u of the %s: checksum", key.number,
                  area_names[key.area]) > 0);
    visit(state, &damage);
}

enum err run_check(struct run *run, usage_damage_visit *visit, void *state)
{
    CHECK(run != NULL && visit != NULL);
    int fd = run->io->open(run->io, run->path, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return err_of_errno(errno);
    enum err err = OK;
    for (uint32_t area = 0; area < RUN_AREA_COUNT && err == OK; area++) {
        for (uint32_t i = 0; i < run->pages[area].count && err == OK; i++) {
            struct page_key key = { run->number, area, i };
            unsigned char *bytes = NULL;
            err = read_page(run, fd, key, &bytes);
            free(bytes);
            if (err == ERR_CORRUPT) {
                tell(run, key, visit, state);
                err = OK;
            }
        }
    }
    (void)close(fd);
    return err;
}
