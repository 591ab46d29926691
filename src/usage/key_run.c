/* key_run.c: runs of keys: opening and asking. */
#include "usage/key_run.h"

#include "usage/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#define HUGE_PAGE_BYTES ((size_t)2 << 20)
#define SIEVE_AHEAD     16U /* keys whose lines are on their way */

const unsigned char key_run_magic[8] = { 'T', 'G', 'K', 'E', 'Y', 'S', '0', '1' };

enum err key_run_read(struct usage_io *io, int fd, void *to, size_t size, uint64_t offset)
{
    unsigned char *at = to;
    while (size > 0) {
        int64_t got = io->read(io, fd, at, size, (int64_t)offset);
        if (got < 0)
            return ERR_IO;
        if (got == 0)
            return ERR_CORRUPT;
        CHECK((uint64_t)got <= size);
        at += got;
        size -= (size_t)got;
        offset += (uint64_t)got;
    }
    return OK;
}

void key_run_flaw(const char *name, uint64_t offset, struct usage_damage *ret, const char *what,
                  ...)
{
    va_list values;
    if (!ret)
        return;
    ret->offset = offset;
    (void)snprintf(ret->file, sizeof(ret->file), "%s", name);
    va_start(values, what);
    (void)vsnprintf(ret->what, sizeof(ret->what), what, values);
    va_end(values);
}

/* ---- open ---- */

/* NULL, or what is wrong with a header. */
static const char *header_read(struct key_run *run, const unsigned char *from, uint64_t bytes)
{
    struct key_run_summary *summary = &run->summary;
    if (memcmp(from + KEY_RUN_AT_MAGIC, key_run_magic, sizeof(key_run_magic)) != 0)
        return "header: not a run of keys";
    if (bytes_get64(from + KEY_RUN_AT_CHECKSUM) != XXH3_64bits(from, KEY_RUN_AT_CHECKSUM))
        return "header: checksum";
    if (bytes_get32(from + KEY_RUN_AT_VERSION) != KEY_RUN_VERSION)
        return "header: another version";
    run->place_bits = bytes_get32(from + KEY_RUN_AT_PLACE_BITS);
    summary->first_sequence = bytes_get64(from + KEY_RUN_AT_FIRST);
    summary->last_sequence = bytes_get64(from + KEY_RUN_AT_LAST);
    summary->count = bytes_get64(from + KEY_RUN_AT_KEYS);
    summary->bytes = bytes;
    run->page_count = bytes_get64(from + KEY_RUN_AT_PAGES);
    run->filter_checksum = bytes_get64(from + KEY_RUN_AT_FILTER);
    run->directory_checksum = bytes_get64(from + KEY_RUN_AT_DIRECTORY);
    if (summary->first_sequence > summary->last_sequence ||
        summary->last_sequence - summary->first_sequence > UINT32_MAX ||
        run->place_bits != key_place_bits(summary->first_sequence, summary->last_sequence) ||
        summary->count > KEY_RUN_KEYS_MAX || run->page_count > summary->count)
        return "header: numbers that disagree";
    run->filter_lines = key_filter_lines(summary->count);
    if (key_run_page_at(run->filter_lines, run->page_count) + 4 * run->page_count != bytes)
        return "the file has another length than its header says";
    return NULL;
}

/* Few address translations are kept by a processor: a large filter gets large pages. */
static void *filter_alloc(uint64_t bytes)
{
    bool is_large = bytes >= HUGE_PAGE_BYTES;
    size_t unit = is_large ? HUGE_PAGE_BYTES : KEY_FILTER_LINE_BYTES;
    size_t size = ((size_t)bytes + unit - 1) / unit * unit;
    void *filter = aligned_alloc(unit, size);
    MUST(filter != NULL);
    if (is_large)
        (void)madvise(filter, size, MADV_HUGEPAGE);
    return filter;
}

static enum err filter_load(struct key_run *run, struct usage_damage *ret_damage)
{
    uint64_t bytes = key_run_filter_bytes(run->filter_lines);
    enum err err;
    run->filter = filter_alloc(bytes);
    err = key_run_read(run->io, run->fd, run->filter, (size_t)bytes, KEY_PAGE_BYTES);
    if (err != OK)
        return err;
    if (XXH3_64bits(run->filter, (size_t)bytes) != run->filter_checksum) {
        key_run_flaw(run->name, KEY_PAGE_BYTES, ret_damage, "filter: checksum");
        return ERR_CORRUPT;
    }
    for (uint64_t i = 0; i < run->filter_lines; i++)
        for (unsigned k = 0; k < COUNT_OF(run->filter[i].words); k++)
            run->filter[i].words[k] = le64toh(run->filter[i].words[k]);
    run->summary.memory_bytes = bytes + 4 * run->page_count;
    return OK;
}

static enum err directory_load(struct key_run *run, struct usage_damage *ret_damage)
{
    uint64_t offset = key_run_page_at(run->filter_lines, run->page_count);
    size_t bytes = (size_t)(4 * run->page_count);
    enum err err;
    run->directory = malloc(bytes + 1);
    MUST(run->directory != NULL);
    err = key_run_read(run->io, run->fd, run->directory, bytes, offset);
    if (err != OK)
        return err;
    if (XXH3_64bits(run->directory, bytes) != run->directory_checksum) {
        key_run_flaw(run->name, offset, ret_damage, "directory: checksum");
        return ERR_CORRUPT;
    }
    for (uint64_t i = 0; i < run->page_count; i++) {
        run->directory[i] = le32toh(run->directory[i]);
        if (i > 0 && run->directory[i] < run->directory[i - 1]) {
            key_run_flaw(run->name, offset + 4 * i, ret_damage, "directory: not in order");
            return ERR_CORRUPT;
        }
    }
    return OK;
}

static enum err run_load(struct key_run *run, struct usage_damage *ret_damage)
{
    unsigned char header[KEY_PAGE_BYTES];
    struct stat status;
    const char *flaw;
    enum err err;

    if (fstat(run->fd, &status) != 0)
        return ERR_IO;
    key_run_flaw(run->name, 0, ret_damage, "the file ends early");
    err = key_run_read(run->io, run->fd, header, sizeof(header), 0);
    if (err != OK)
        return err;
    flaw = header_read(run, header, (uint64_t)status.st_size);
    if (flaw) {
        key_run_flaw(run->name, 0, ret_damage, "%s", flaw);
        return ERR_CORRUPT;
    }
    err = filter_load(run, ret_damage);
    return err == OK ? directory_load(run, ret_damage) : err;
}

enum err key_run_open(struct usage_io *io, const char *path, struct key_run **ret,
                      struct usage_damage *ret_damage)
{
    const char *slash = strrchr(path, '/');
    int fd = io->open(io, path, O_RDONLY | O_CLOEXEC, 0);
    struct key_run *run;
    enum err err;
    if (fd < 0)
        return errno == ENOENT ? ERR_ABSENT : ERR_IO;
    run = calloc(1, sizeof(*run));
    MUST(run != NULL);
    run->io = io;
    run->fd = fd;
    (void)snprintf(run->name, sizeof(run->name), "%s", slash ? slash + 1 : path);
    err = run_load(run, ret_damage);
    if (err != OK) {
        key_run_free(run);
        return err;
    }
    *ret = run;
    return OK;
}

void key_run_free(struct key_run *run)
{
    if (!run)
        return;
    (void)close(run->fd);
    free(run->filter);
    free(run->directory);
    free(run);
}

const struct key_run_summary *key_run_summary(const struct key_run *run)
{
    return &run->summary;
}

/* ---- asking ---- */

static const struct key_filter_line *line_of(const struct key_run *run, uint64_t key)
{
    return &run->filter[key_filter_line(key, run->filter_lines)];
}

void key_run_prefetch(const struct key_run *run, uint64_t fingerprint)
{
    __builtin_prefetch(line_of(run, key_of(fingerprint)));
}

bool key_run_may_hold(const struct key_run *run, uint64_t fingerprint)
{
    uint64_t key = key_of(fingerprint);
    return key_filter_has(line_of(run, key), key_filter_spread(key));
}

size_t key_run_sieve(const struct key_run *run, const uint64_t *fingerprints, size_t count,
                     uint32_t *ret)
{
    size_t ahead = count < SIEVE_AHEAD ? count : SIEVE_AHEAD;
    size_t passed = 0;
    CHECK(count <= UINT32_MAX);
    for (size_t i = 0; i < ahead; i++)
        key_run_prefetch(run, fingerprints[i]);
    for (size_t i = 0; i < count; i++) {
        if (i + SIEVE_AHEAD < count)
            key_run_prefetch(run, fingerprints[i + SIEVE_AHEAD]);
        ret[passed] = (uint32_t)i;
        passed += key_run_may_hold(run, fingerprints[i]);
    }
    return passed;
}

/* The first page whose directory entry is not below `prefix`. Keys are spread evenly, so it is
 * looked for around where it should be, in growing steps. */
static uint64_t directory_find(const struct key_run *run, uint32_t prefix)
{
    const uint32_t *directory = run->directory;
    uint64_t low = 0;
    uint64_t high = run->page_count;
    uint64_t guess = (uint64_t)prefix * run->page_count >> 32;
    uint64_t step = 4;

    if (directory[guess] < prefix)
        for (low = guess + 1; guess + step < high; step *= 2) {
            if (directory[guess + step] >= prefix) {
                high = guess + step;
                break;
            }
            low = guess + step + 1;
        }
    else
        for (high = guess; guess >= step; step *= 2) {
            if (directory[guess - step] < prefix) {
                low = guess - step + 1;
                break;
            }
            high = guess - step;
        }
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (directory[middle] < prefix)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum err key_run_find(struct key_run *run, uint64_t fingerprint,
                      uint64_t ret_sequences[KEY_CANDIDATES_MAX], size_t *ret_count)
{
    unsigned char bytes[KEY_PAGE_BYTES];
    uint64_t key = key_of(fingerprint);
    uint32_t prefix = key_prefix(key);
    struct key_candidates candidates = { .count = 0 };
    uint64_t page;

    page = run->page_count == 0 ? 0 : directory_find(run, prefix);
    page -= page > 0; /* it may begin in the one before */
    for (; page < run->page_count && run->directory[page] <= prefix && !candidates.is_over;
         page++) {
        enum err err = key_run_read(run->io, run->fd, bytes, sizeof(bytes),
                                    key_run_page_at(run->filter_lines, page));
        if (err != OK)
            return err;
        if (!key_page_is_whole(bytes, key_page_seed(run->summary.first_sequence, page)) ||
            !key_page_find(bytes, run->place_bits, key, &candidates))
            return ERR_CORRUPT;
    }
    for (size_t i = 0; i < candidates.count; i++) {
        ret_sequences[i] = run->summary.first_sequence + candidates.places[i];
        if (ret_sequences[i] > run->summary.last_sequence)
            return ERR_CORRUPT;
    }
    *ret_count = candidates.count;
    return OK;
}
