/* fuzz_key_run.c: any bytes as a run of keys. Opening, asking, reading through, checking and
 * merging it never crashes and never reads outside.
 *
 * The first byte says what the rest is:
 *   0  the whole file
 *   1  pages of a run of one filter line: checksums, header and directory are put right, so that
 * what lies behind them is reached; the second byte is the place bits
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "usage/bytes.h"
#include "usage/key_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES_MAX (1 << 16)
#define PAGES_MAX 16U

static char directory[64];

static int no_sync(struct usage_io *io, int fd)
{
    (void)io;
    (void)fd;
    return 0;
}

static struct usage_io *quick_io(void)
{
    static struct usage_io io;
    io = *usage_io_system();
    io.sync = no_sync;
    return &io;
}

static const char *path_of(const char *name)
{
    static char path[128];
    MUST(snprintf(path, sizeof(path), "%s/%s", directory, name) > 0);
    return path;
}

static void directory_leave(void)
{
    (void)unlink(path_of("run"));
    (void)unlink(path_of("merged"));
    (void)rmdir(directory);
}

static void directory_enter(void)
{
    const char *base = getenv("TMPDIR");
    if (directory[0] != '\0')
        return;
    MUST(snprintf(directory, sizeof(directory), "%s/fuzz-keys-XXXXXX", base ? base : "/tmp") > 0);
    MUST(mkdtemp(directory) != NULL);
    MUST(atexit(directory_leave) == 0);
}

static void file_write(const uint8_t *data, size_t size)
{
    int fd = open(path_of("run"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    MUST(close(fd) == 0);
}

/* A file around these pages, in which only they may be wrong. */
static size_t file_make(unsigned place_bits, const uint8_t *pages, size_t size, unsigned char *to)
{
    const uint64_t first = 1000;
    uint64_t count = size / KEY_PAGE_BYTES;
    uint64_t keys = count == 0 ? 0 : count + 3; /* so few that the filter has one line */
    uint64_t filter_bytes = key_run_filter_bytes(key_filter_lines(keys));
    unsigned char *directory_at = to + key_run_page_at(key_filter_lines(keys), count);

    memset(to, 0, KEY_PAGE_BYTES);
    memset(to + KEY_PAGE_BYTES, 0xff, filter_bytes);
    for (uint64_t i = 0; i < count; i++) {
        unsigned char *page = to + key_run_page_at(key_filter_lines(keys), i);
        memcpy(page, pages + i * KEY_PAGE_BYTES, KEY_PAGE_BYTES);
        bytes_put64(page,
                    XXH3_64bits_withSeed(page + 8, KEY_PAGE_BYTES - 8, key_page_seed(first, i)));
        bytes_put32(directory_at + 4 * i,
                    key_prefix(bytes_get64(page + 8) & ((UINT64_C(1) << KEY_RUN_BITS) - 1)));
    }
    memcpy(to + KEY_RUN_AT_MAGIC, key_run_magic, sizeof(key_run_magic));
    bytes_put32(to + KEY_RUN_AT_VERSION, KEY_RUN_VERSION);
    bytes_put32(to + KEY_RUN_AT_PLACE_BITS, place_bits);
    bytes_put64(to + KEY_RUN_AT_FIRST, first);
    bytes_put64(to + KEY_RUN_AT_LAST, first + ((UINT64_C(1) << place_bits) - 1));
    bytes_put64(to + KEY_RUN_AT_KEYS, keys);
    bytes_put64(to + KEY_RUN_AT_PAGES, count);
    bytes_put64(to + KEY_RUN_AT_FILTER, XXH3_64bits(to + KEY_PAGE_BYTES, filter_bytes));
    bytes_put64(to + KEY_RUN_AT_DIRECTORY, XXH3_64bits(directory_at, 4 * count));
    bytes_put64(to + KEY_RUN_AT_CHECKSUM, XXH3_64bits(to, KEY_RUN_AT_CHECKSUM));
    return (size_t)(directory_at + 4 * count - to);
}

static void see_entry(void *state, const struct key_entry *entry)
{
    *(uint64_t *)state ^= entry->fingerprint + entry->sequence;
}

static void see_damage(void *state, const struct usage_damage *damage)
{
    *(uint64_t *)state += damage->offset;
}

static void run_try(const uint8_t *data, size_t size)
{
    uint64_t sequences[KEY_CANDIDATES_MAX];
    uint32_t passed[BYTES_MAX / 8];
    uint64_t *questions = calloc(size / 8 + 1, sizeof(*questions));
    struct usage_damage damage;
    struct key_run *run;
    uint64_t sum = 0;
    enum err err = key_run_open(quick_io(), path_of("run"), &run, &damage);

    MUST(questions != NULL);
    MUST(err == OK || err == ERR_CORRUPT);
    for (size_t i = 0; err == OK && i < size / 8; i++) {
        enum err answer;
        size_t found;
        questions[i] = bytes_get64(data + 8 * i) << (64 - KEY_RUN_BITS);
        answer = key_run_find(run, questions[i], sequences, &found);
        MUST(answer == ERR_CORRUPT || (answer == OK && found <= KEY_CANDIDATES_MAX));
    }
    if (err == OK) {
        (void)!key_run_sieve(run, questions, size / 8, passed);
        err = key_run_each(run, see_entry, &sum, &damage);
        MUST(err == OK || err == ERR_CORRUPT);
        MUST(key_run_check(run, see_damage, &sum) == OK);
        err = key_run_merge(quick_io(), path_of("merged"), &run, 1);
        MUST(err == OK || err == ERR_CORRUPT);
        key_run_free(run);
    }
    free(questions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned char file[BYTES_MAX];
    if (size < 2 || size > PAGES_MAX * KEY_PAGE_BYTES)
        return 0;
    directory_enter();
    if (data[0] == 0)
        file_write(data + 1, size - 1);
    else
        file_write(file, file_make(data[1] % 33, data + 2, size - 2, file));
    run_try(data + 2, size - 2);
    return 0;
}
