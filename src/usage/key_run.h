/* key_run.h: the file of a run of keys, and what is in memory of it.
 *
 * Private to usage/'s key files; key_index.h is what others see.
 *
 *     header      1 page
 *          0  magic               8
 *          8  version             4
 *         12  place bits          4   of an entry's sequence less the first
 *         16  first sequence      8
 *         24  last sequence       8
 *         32  keys                8
 *         40  pages               8
 *         48  filter checksum     8   XXH3 of the filter
 *         56  directory checksum  8   XXH3 of the directory
 *         64  zeros
 *       1016  checksum            8   XXH3 of all before it
 *     filter      lines (key_filter.h), then zeros to a whole page
 *     pages       key_page.h
 *     directory   4 bytes a page: the upper 32 bits of its first key
 *
 * The header says where everything is, so it is written last. Filter and directory are in memory;
 * a key that passes the filter costs a look into the directory and the reading of one page. The
 * first sequence and the page's number go into a page's checksum: a page that got into another
 * place, or another file, is a flaw.
 */
#ifndef USAGE_KEY_RUN_H
#define USAGE_KEY_RUN_H

#include "usage/key_filter.h"
#include "usage/key_page.h"

#define KEY_RUN_VERSION 1U

enum {
    KEY_RUN_AT_MAGIC = 0,
    KEY_RUN_AT_VERSION = 8,
    KEY_RUN_AT_PLACE_BITS = 12,
    KEY_RUN_AT_FIRST = 16,
    KEY_RUN_AT_LAST = 24,
    KEY_RUN_AT_KEYS = 32,
    KEY_RUN_AT_PAGES = 40,
    KEY_RUN_AT_FILTER = 48,
    KEY_RUN_AT_DIRECTORY = 56,
    KEY_RUN_AT_CHECKSUM = KEY_PAGE_BYTES - 8
};

extern const unsigned char key_run_magic[8];

struct key_run {
    struct usage_io *io;
    int fd;
    char name[64]; /* of the file, for naming a flaw */
    struct key_run_summary summary;
    unsigned place_bits;
    uint64_t filter_lines;
    uint64_t filter_checksum;
    uint64_t page_count;
    uint64_t directory_checksum;
    struct key_filter_line *filter;
    uint32_t *directory;
};

static inline uint64_t key_of(uint64_t fingerprint)
{
    return fingerprint >> (64 - KEY_RUN_BITS);
}

/* What the directory keeps of a key. */
static inline uint32_t key_prefix(uint64_t key)
{
    return (uint32_t)(key >> (KEY_RUN_BITS - 32));
}

/* Of the filter's region: whole pages. */
static inline uint64_t key_run_filter_bytes(uint64_t lines)
{
    uint64_t bytes = lines * KEY_FILTER_LINE_BYTES;
    return (bytes + KEY_PAGE_BYTES - 1) / KEY_PAGE_BYTES * KEY_PAGE_BYTES;
}

static inline uint64_t key_run_page_at(uint64_t filter_lines, uint64_t page)
{
    return KEY_PAGE_BYTES + key_run_filter_bytes(filter_lines) + page * KEY_PAGE_BYTES;
}

static inline uint64_t key_page_seed(uint64_t first_sequence, uint64_t page)
{
    return first_sequence * UINT64_C(0x9e3779b97f4a7c15) + page;
}

static inline unsigned key_place_bits(uint64_t first_sequence, uint64_t last_sequence)
{
    uint64_t width = last_sequence - first_sequence;
    return width == 0 ? 0 : 64U - (unsigned)__builtin_clzll(width);
}

/* Reads all of it. ERR_CORRUPT when the file ends before. */
NODISCARD enum err key_run_read(struct usage_io *io, int fd, void *to, size_t size,
                                uint64_t offset);

/* Fills in a flaw. The rest is a printf-like sentence. */
void key_run_flaw(const char *name, uint64_t offset, struct usage_damage *ret, const char *what,
                  ...) PRINTF_LIKE(4, 5);

/* ---- reading through ---- */

#define KEY_READER_PAGES 32U

/* The pages of a run, one after the other. */
struct key_reader {
    struct key_run *run;
    uint64_t next;   /* the page to come */
    uint64_t loaded; /* pages up to this one are in `bytes` or before it */
    struct key_page page;
    unsigned char bytes[KEY_READER_PAGES * KEY_PAGE_BYTES];
};

/* The next page, into reader->page, whether it fits its neighbours being the caller's to see.
 * ERR_ABSENT after the last. ERR_CORRUPT with the flaw in `ret_damage`; the one after may be read
 * then. */
NODISCARD enum err key_reader_next(struct key_reader *reader, struct usage_damage *ret_damage);

/* ---- writing ---- */

struct key_writer;

/* A file for exactly so many keys; their entries are not looked at. NULL with the error in
 * `ret_err` when there is no such file to be made. `path` is borrowed. */
struct key_writer *key_writer_new(struct usage_io *io, const char *path,
                                  const struct key_run_keys *keys, enum err *ret_err);

/* The next key, ascending by key, then place. An error is kept for the end. */
void key_writer_add(struct key_writer *writer, uint64_t key, uint32_t place);

/* Completes and flushes the file, or removes it when `err` or what was kept is an error. Frees the
 * writer. */
NODISCARD enum err key_writer_finish(struct key_writer *writer, enum err err);

#endif
