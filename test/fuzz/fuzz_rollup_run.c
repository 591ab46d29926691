/* fuzz_rollup_run.c: any bytes as a run of rollups. Opening, reading and merging it never crashes
 * and never reads outside.
 *
 * The first byte says what the rest is:
 *   0  the whole file
 *   1  a trailer, behind a page of zeros for each area, with a right footer
 *   2  the areas of a file that is otherwise right: each has a share of the bytes, as the second
 * byte says, and checksums are made for them, so that what lies behind those is reached; the third
 *      byte chooses the kind of tally and how many dimensions there are
 */
#include <fcntl.h>
#include <unistd.h>

#include "rollup/merge.h"
#include "rollup/run_trailer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES_MAX (1 << 16)

static char directory[64];

static int no_sync(struct usage_io *io, int fd)
{
    (void)io;
    (void)fd;
    return 0;
}

static int no_sync_directory(struct usage_io *io, const char *path)
{
    (void)io;
    (void)path;
    return 0;
}

static struct usage_io *quick_io(void)
{
    static struct usage_io io;
    io = *usage_io_system();
    io.sync = no_sync;
    io.sync_directory = no_sync_directory;
    return &io;
}

static void path_of(const char *name, char ret[128])
{
    MUST(snprintf(ret, 128, "%s/%s", directory, name) > 0);
}

static void directory_leave(void)
{
    char path[128];
    path_of("run", path);
    (void)unlink(path);
    path_of("merged", path);
    (void)unlink(path);
    (void)rmdir(directory);
}

static void directory_enter(void)
{
    const char *base = getenv("TMPDIR");
    if (directory[0] != '\0')
        return;
    MUST(snprintf(directory, sizeof(directory), "%s/fuzz-rollup-XXXXXX", base ? base : "/tmp") > 0);
    MUST(mkdtemp(directory) != NULL);
    MUST(atexit(directory_leave) == 0);
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    MUST(close(fd) == 0);
}

/* The bytes as a trailer, with a footer that fits. */
static void write_trailer(const char *path, const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct buffer out = { .arena = arena };
    unsigned char footer[RUN_FOOTER_BYTES];
    struct run_footer place = { 0, size, run_checksum(data, size, 0) };
    run_footer_write(&place, footer);
    buffer_add(&out, (text){ (const char *)data, size });
    buffer_add(&out, (text){ (const char *)footer, sizeof(footer) });
    write_file(path, (const uint8_t *)out.ptr, out.len);
}

/* The bytes as areas. */
static void write_areas(const char *path, const uint8_t *data, size_t size)
{
    static text words[] = { TEXT_INIT("a"), TEXT_INIT("b"), TEXT_INIT("c") };
    struct run_words dimensions[2] = { { words, 3, false }, { NULL, 0, true } };
    struct run_restart first = { TEXT(""), 0, -1 };
    struct run_trailer trailer = {
        .summary = { .first = 1,
                     .last = 9,
                     .events = 9,
                     .minute_max = 100000,
                     .kind = data[1] % TALLY_KIND_COUNT,
                     .everyone = data[1] >> 5,
                     .dimension_count = data[1] >> 3 & 1 ? 2 : 0 },
        .words = dimensions,
        .index = { &first, 1 },
    };
    struct run_writer *writer = run_writer_new(quick_io(), path);
    size_t keys = size * data[0] / 256;
    size_t rest = (size - keys) / 3;
    run_write(writer, RUN_KEYS, data, keys);
    for (size_t i = 0; i < ROLLUP_LEVEL_COUNT; i++)
        run_write(writer, level_area((enum rollup_level)i), data + keys + i * rest, rest);
    trailer.index.count = keys > 0 ? 1 : 0;
    MUST(run_writer_finish(writer, &trailer) == OK);
}

/* Reads every cell of a series. */
static void read_cells(struct run_reader *reader, const struct series *series, struct arena *arena)
{
    struct rollup_cell cells[CELLS_CHUNK];
    for (int i = 0; i < ROLLUP_LEVEL_COUNT; i++) {
        enum rollup_level level = (enum rollup_level)i;
        if ((series->cells.levels >> i & 1) == 0)
            continue;
        struct cells_reader all =
            cells_reader_of(reader, level, &series->cells.places[i], arena, cells);
        while (cells_next(&all))
            MUST(all.count > 0 && all.count <= CELLS_CHUNK);
    }
}

static void read_run(struct run *run)
{
    CLEANUP(arena_cleanup) struct arena *sets = arena_new();
    CLEANUP(arena_cleanup) struct arena *keys = arena_new();
    struct run_reader reader = { .run = run };
    struct series_cursor cursor = series_first(&reader, keys);
    while (series_next(&cursor))
        read_cells(&reader, &cursor.series, sets);
    cursor = series_seek(&reader, SERIES_NO_LEVEL, TEXT("b"), keys);
    (void)series_next(&cursor);
    cursor = series_seek(&reader, ROLLUP_DAY, TEXT(""), keys);
    (void)series_next(&cursor);
    run_reader_end(&reader);
}

/* Merging takes what it reads for granted, but for bytes that make no sense. */
static void merge_run(struct run *run, struct page_cache *cache)
{
    char path[128];
    size_t corrupt;
    struct run *merged;
    path_of("merged", path);
    struct merge merge = {
        .io = quick_io(), .runs = &run, .count = 1, .path = path, .everyone = BUILD_EVERYONE_AUTO
    };
    if (merge_runs(&merge, &corrupt) != OK)
        return;
    MUST(run_open(quick_io(), path, cache, &merged) == OK);
    read_run(merged);
    run_free(merged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[128];
    struct run *run;
    if (size < 3 || size > BYTES_MAX)
        return 0;
    directory_enter();
    path_of("run", path);
    if (data[0] == 0)
        write_file(path, data + 1, size - 1);
    else if (data[0] == 1)
        write_trailer(path, data + 1, size - 1);
    else
        write_areas(path, data + 1, size - 1);
    struct page_cache *cache = page_cache_new(1 << 20);
    if (run_open(quick_io(), path, cache, &run) == OK) {
        read_run(run);
        merge_run(run, cache);
        run_free(run);
    }
    page_cache_free(cache);
    return 0;
}
