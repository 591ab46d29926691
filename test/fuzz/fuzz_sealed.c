/* fuzz_sealed.c: any bytes as a sealed segment. Opening and reading it never crashes and never
 * reads outside.
 *
 * The first byte says what the rest is: 0 a file as it is, others a file whose checksums and
 * lengths are put right first, so that what lies behind them is reached.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "usage/bytes.h"
#include "usage/sealed_directory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BYTES_MAX      (1 << 16)
#define REF_BYTES      16U
#define FOOTER_FIXED   16U /* checksum and two counts */
#define CHECKED_HEADER 56U

/* The file is one in memory. */
static int file;

static int file_open(struct usage_io *io, const char *path, int flags, int mode)
{
    (void)io;
    (void)path;
    (void)flags;
    (void)mode;
    return fcntl(file, F_DUPFD_CLOEXEC, 0);
}

static struct usage_io *memory_io(void)
{
    static struct usage_io io;
    io = *usage_io_system();
    io.open = file_open;
    return &io;
}

/* ---- putting right ---- */

/* A footer being walked the way sealed_footer_read does, as far as it goes. */
struct mend {
    unsigned char *file;
    uint64_t offset; /* of the next chunk */
    uint64_t footer;
    size_t at; /* in the file, within the footer */
    size_t end;
    uint64_t salt;
};

static uint32_t mend_number(struct mend *mend)
{
    uint32_t n = 0;
    if (mend->end - mend->at >= sizeof(n))
        n = bytes_get32(mend->file + mend->at);
    mend->at += mend->end - mend->at >= sizeof(n) ? sizeof(n) : mend->end - mend->at;
    return n;
}

static void mend_refs(struct mend *mend, uint64_t count)
{
    for (uint64_t i = 0; i < count && mend->end - mend->at >= REF_BYTES; i++) {
        uint32_t length = bytes_get32(mend->file + mend->at);
        if (length <= mend->footer - mend->offset) {
            bytes_put64(
                mend->file + mend->at + 8,
                sealed_checksum(mend->file + mend->offset, length, mend->salt, mend->offset));
            mend->offset += length;
        }
        mend->at += REF_BYTES;
    }
}

static void mend_footer(struct mend *mend)
{
    uint32_t counts[SHAPES_MAX] = { 0 };
    uint32_t blocks = mend_number(mend);
    uint32_t shapes = mend_number(mend);
    if (shapes > SHAPES_MAX)
        return;
    for (uint32_t i = 0; i < shapes; i++)
        counts[i] = mend_number(mend);
    for (uint32_t i = 0; i < blocks && mend->at < mend->end; i++) {
        uint32_t rows = mend_number(mend);
        uint32_t parts;
        (void)mend_number(mend);
        (void)mend_number(mend);
        parts = mend_number(mend);
        for (int k = 0; k < 4; k++)
            (void)mend_number(mend);
        mend_refs(mend, SEALED_COLUMN_COUNT);
        mend_refs(mend, ((uint64_t)rows + SEALED_PAGE_ROWS - 1) / SEALED_PAGE_ROWS);
        for (uint32_t k = 0; k < parts && mend->at < mend->end; k++) {
            uint32_t shape = mend_number(mend);
            (void)mend_number(mend);
            mend_refs(mend, shape < shapes ? counts[shape] : 0);
        }
    }
    mend_refs(mend, SEALED_DICTIONARY_COUNT);
    for (uint32_t i = 0; i < shapes; i++)
        mend_refs(mend, counts[i]);
}

/* Where the footer stands is left to the input; the rest is made to agree with it. */
static void mend_file(unsigned char *bytes, size_t size)
{
    struct mend mend = { .file = bytes, .offset = SEALED_HEADER_BYTES, .end = size };
    if (size < SEALED_HEADER_BYTES + FOOTER_FIXED)
        return;
    mend.salt = bytes_get64(bytes + 16);
    mend.footer = bytes_get64(bytes + 32);
    if (mend.footer < SEALED_HEADER_BYTES || mend.footer > size - FOOTER_FIXED)
        mend.footer = size - FOOTER_FIXED;
    bytes_put64(bytes + 32, mend.footer);
    bytes_put64(bytes + 40, size - mend.footer);
    bytes_put64(bytes + CHECKED_HEADER, sealed_checksum(bytes, CHECKED_HEADER, mend.salt, 0));
    mend.at = mend.footer + 8;
    mend_footer(&mend);
    bytes_put64(
        bytes + mend.footer,
        sealed_checksum(bytes + mend.footer + 8, size - mend.footer - 8, mend.salt, mend.footer));
}

/* ---- reading ---- */

/* Touches every byte of a text. */
static unsigned touch(text t)
{
    unsigned sum = 0;
    for (size_t i = 0; i < t.len; i++)
        sum += (unsigned char)t.ptr[i];
    return sum;
}

struct seen {
    struct usage_event first;
    text type;
    struct org_id org;
    struct arena *arena;
    unsigned sum;
};

static bool visit_row(void *state, const struct usage_event *event, const struct sealed_key *erased)
{
    struct seen *seen = state;
    seen->sum += touch(event->id) + touch(event->source) + touch(event->type) +
                 touch(event->subject) + touch(event->data_schema) + touch(event->data);
    if (!erased && !seen->type.ptr) {
        seen->type = text_copy(seen->arena, event->type);
        seen->org = event->org;
    }
    return true;
}

static bool visit_event(void *state, const struct usage_event *event)
{
    return visit_row(state, event, NULL);
}

static bool visit_block(void *state, const struct usage_block *block)
{
    struct seen *seen = state;
    for (uint32_t i = 0; i < block->row_count; i++) {
        uint32_t row = block->rows[i];
        MUST(row < block->count && block->subjects[row] < block->subject_count);
        seen->sum += touch(block->subject_names[block->subjects[row]]);
        for (size_t k = 0; k < 3; k++) {
            const struct usage_column *column = &block->columns[k];
            if (column->codes[row] == USAGE_NOTHING)
                continue;
            MUST(column->codes[row] < column->value_count);
            seen->sum += touch(column->values[column->codes[row]].text);
        }
    }
    return true;
}

static void note_damage(void *state, const struct usage_damage *damage)
{
    unsigned *sum = state;
    *sum += (unsigned)strlen(damage->what);
}

static void is_expected(enum err err)
{
    MUST(err == OK || err == ERR_CORRUPT || err == ERR_ABSENT);
}

static void read_one(struct sealed *sealed, uint64_t sequence, struct seen *seen)
{
    struct usage_event event = { .id = TEXT("a"), .source = TEXT("b") };
    enum sealed_match match;
    uint32_t digest;
    is_expected(sealed_event(sealed, sequence, seen->arena, &event));
    is_expected(sealed_match(sealed, sequence, &event, &match, &digest));
}

static void read_all(struct sealed *sealed, struct arena *arena)
{
    const struct sealed_summary *summary = sealed_summary(sealed);
    struct seen seen = { .arena = arena };
    struct usage_filter filter = USAGE_FILTER_ALL;
    struct json_path paths[3];
    struct usage_paths asked = { paths, COUNT_OF(paths) };
    uint32_t count;
    struct sealed_block_visitor visitor = { visit_block, &seen, false };
    uint32_t org_count;
    bool is_over;
    MUST(json_path_parse(arena, TEXT("$.a"), &paths[0]));
    MUST(json_path_parse(arena, TEXT("$.tokens"), &paths[1]));
    MUST(json_path_parse(arena, TEXT("$[1]"), &paths[2]));
    is_expected(sealed_rows(sealed, visit_row, &seen));
    filter.org = seen.org;
    is_expected(sealed_scan(sealed, &filter, visit_event, &seen, &is_over));
    is_expected(sealed_count(sealed, &filter, &count, &org_count));
    filter.type = seen.type.ptr ? seen.type : TEXT("type-0");
    is_expected(sealed_scan_blocks(sealed, &filter, &asked, &visitor));
    read_one(sealed, summary->first_sequence, &seen);
    read_one(sealed, summary->first_sequence + summary->rows - 1, &seen);
    is_expected(sealed_check(sealed, note_damage, &seen.sum));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct sealed_cache *cache;
    struct usage_damage damage;
    struct sealed *sealed;
    unsigned char *bytes;
    enum err err;
    if (size < 1 || size > BYTES_MAX)
        return 0;
    bytes = arena_copy(arena, data + 1, size - 1);
    if (data[0] != 0)
        mend_file(bytes, size - 1);
    file = memfd_create("sealed", MFD_CLOEXEC);
    MUST(file >= 0 && write(file, bytes, size - 1) == (ssize_t)(size - 1));
    cache = sealed_cache_new(1 << 20);
    err = sealed_open(memory_io(), "sealed", cache, &sealed, &damage);
    MUST(err == OK || err == ERR_CORRUPT);
    if (err == OK) {
        read_all(sealed, arena);
        sealed_free(sealed);
    }
    sealed_cache_free(cache);
    MUST(close(file) == 0);
    return 0;
}
