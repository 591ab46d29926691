#include "rollup/run_trailer.h"

#include <endian.h>
#include <xxhash.h>

#include "rollup/varint.h"

#define MAGIC          0x314c4c4f52475400U /* the format's version is part of it */
#define CHECKSUM_BYTES 8U

uint64_t run_checksum(const void *bytes, size_t size, uint64_t place)
{
    return XXH3_64bits_withSeed(bytes, size, place);
}

/* ---- writing ------------------------------------------------------------------------------ */

static void put(struct buffer *out, uint64_t n)
{
    unsigned char bytes[VARINT_MAX];
    const unsigned char *end = varint_put(bytes, n);
    buffer_add(out, (text){ (const char *)bytes, (size_t)(end - bytes) });
}

static void put_text(struct buffer *out, text t)
{
    put(out, t.len);
    buffer_add(out, t);
}

static void put_fixed(struct buffer *out, uint64_t n)
{
    n = htole64(n);
    buffer_add(out, (text){ (const char *)&n, sizeof(n) });
}

static void put_summary(struct buffer *out, const struct run_summary *summary)
{
    buffer_add(out, (text){ (const char *)summary->view.bytes, sizeof(summary->view.bytes) });
    put_fixed(out, summary->fingerprint);
    put(out, summary->first);
    put(out, summary->last);
    put(out, summary->epoch);
    put(out, summary->events);
    put(out, summary->series);
    for (size_t i = 0; i < ROLLUP_LEVEL_COUNT; i++)
        put(out, summary->cells[i]);
    put(out, varint_fold(summary->minute_min));
    put(out, varint_fold(summary->minute_max));
    put(out, summary->kind);
    put(out, summary->everyone);
    put(out, summary->dimension_count);
}

static void put_words(struct buffer *out, const struct run_words *words)
{
    put(out, words->is_inline);
    put(out, words->count);
    for (uint32_t i = 0; i < words->count; i++)
        put_text(out, words->items[i]);
}

void run_trailer_write(const struct run_trailer *trailer, const struct run_pages *pages,
                       struct buffer *out)
{
    CHECK(trailer != NULL && pages != NULL && out != NULL);
    put_summary(out, &trailer->summary);
    for (size_t i = 0; i < trailer->summary.dimension_count; i++)
        put_words(out, &trailer->words[i]);
    put(out, trailer->index.count);
    for (size_t i = 0; i < trailer->index.count; i++) {
        const struct run_restart *restart = &trailer->index.items[i];
        put(out, varint_fold(restart->everyone));
        put(out, restart->offset);
        put_text(out, restart->subject);
    }
    for (size_t area = 0; area < RUN_AREA_COUNT; area++) {
        put(out, pages[area].count);
        for (size_t i = 0; i < pages[area].count; i++) {
            put(out, pages[area].items[i].offset);
            put(out, pages[area].items[i].size);
            put_fixed(out, pages[area].items[i].checksum);
        }
    }
}

void run_footer_write(const struct run_footer *footer, unsigned char to[RUN_FOOTER_BYTES])
{
    uint64_t parts[] = { htole64(MAGIC), htole64(footer->offset), htole64(footer->size),
                         htole64(footer->checksum), 0 };
    _Static_assert(sizeof(parts) == RUN_FOOTER_BYTES, "five numbers");
    parts[4] = htole64(run_checksum(parts, RUN_FOOTER_BYTES - CHECKSUM_BYTES, 0));
    memcpy(to, parts, sizeof(parts));
}

/* ---- reading ------------------------------------------------------------------------------ */

/* What is left to read; `is_bad` from the first flaw on, and then only zeros come. */
struct input {
    const unsigned char *at;
    const unsigned char *end;
    bool is_bad;
};

static uint64_t get(struct input *in)
{
    uint64_t n = 0;
    if (in->is_bad || !varint_get(&in->at, in->end, &n))
        in->is_bad = true;
    return in->is_bad ? 0 : n;
}

static text get_bytes(struct input *in, uint64_t size)
{
    if (in->is_bad || size > (uint64_t)(in->end - in->at)) {
        in->is_bad = true;
        return TEXT("");
    }
    text ret = { (const char *)in->at, (size_t)size };
    in->at += size;
    return ret;
}

static uint64_t get_fixed(struct input *in)
{
    uint64_t n = 0;
    text bytes = get_bytes(in, sizeof(n));
    if (bytes.len == sizeof(n))
        memcpy(&n, bytes.ptr, sizeof(n));
    return le64toh(n);
}

/* A number of things of which each takes a byte at least, and which is at most `max`. */
static size_t get_count(struct input *in, uint64_t max)
{
    uint64_t n = get(in);
    if (n > max || n > (uint64_t)(in->end - in->at))
        in->is_bad = true;
    return in->is_bad ? 0 : (size_t)n;
}

static void get_summary(struct input *in, struct run_summary *ret)
{
    text view = get_bytes(in, sizeof(ret->view.bytes));
    if (view.len == sizeof(ret->view.bytes))
        memcpy(ret->view.bytes, view.ptr, view.len);
    ret->fingerprint = get_fixed(in);
    ret->first = get(in);
    ret->last = get(in);
    ret->epoch = get(in);
    ret->events = get(in);
    ret->series = get(in);
    for (size_t i = 0; i < ROLLUP_LEVEL_COUNT; i++)
        ret->cells[i] = get(in);
    ret->minute_min = varint_unfold(get(in));
    ret->minute_max = varint_unfold(get(in));
    uint64_t kind = get(in);
    uint64_t everyone = get(in);
    uint64_t dimensions = get(in);
    in->is_bad |= kind >= TALLY_KIND_COUNT || everyone >= 1U << (ROLLUP_LEVEL_COUNT + 1) ||
                  dimensions > LIMIT_DIMENSIONS_MAX || ret->first == 0 || ret->first > ret->last;
    ret->kind = (uint32_t)kind;
    ret->everyone = (uint32_t)everyone;
    ret->dimension_count = in->is_bad ? 0 : (uint32_t)dimensions;
}

static void get_words(struct input *in, struct arena *arena, struct run_words *ret)
{
    ret->is_inline = get(in) != 0;
    ret->count = (uint32_t)get_count(in, ret->is_inline ? 0 : RUN_WORDS_MAX);
    ret->items = ARENA_ARRAY(arena, text, ret->count);
    for (uint32_t i = 0; i < ret->count; i++) {
        ret->items[i] = get_bytes(in, get(in));
        in->is_bad |= i > 0 && text_compare(ret->items[i - 1], ret->items[i]) >= 0;
    }
}

static void get_index(struct input *in, struct arena *arena, struct run_index *ret)
{
    ret->count = get_count(in, UINT32_MAX);
    ret->items = ARENA_ARRAY(arena, struct run_restart, ret->count);
    for (size_t i = 0; i < ret->count; i++) {
        struct run_restart *restart = &ret->items[i];
        int64_t everyone = varint_unfold(get(in));
        in->is_bad |= everyone < -1 || everyone > ROLLUP_LEVEL_COUNT;
        restart->everyone = in->is_bad ? -1 : (int32_t)everyone;
        restart->offset = get(in);
        restart->subject = get_bytes(in, get(in));
        in->is_bad |= i == 0 ? restart->offset != 0 : restart->offset <= ret->items[i - 1].offset;
    }
}

/* The pages of an area; their bytes are added to `filled`. */
static void get_pages(struct input *in, struct run *run, enum run_area area, uint64_t *filled)
{
    struct run_pages *pages = &run->pages[area];
    uint64_t start = 0;
    pages->count = get_count(in, UINT32_MAX);
    pages->items = ARENA_ARRAY(run->arena, struct run_page, pages->count);
    for (size_t i = 0; i < pages->count && !in->is_bad; i++) {
        struct run_page *page = &pages->items[i];
        page->start = start;
        page->offset = get(in);
        uint64_t size = get(in);
        page->checksum = get_fixed(in);
        in->is_bad |= size == 0 || size > RUN_PAGE_BYTES;
        page->size = in->is_bad ? 0 : (uint32_t)size;
        start += page->size;
    }
    run->sizes[area] = start;
    *filled += start;
}

bool run_trailer_read(text from, uint64_t offset, struct run *run)
{
    struct input in = { .at = (const unsigned char *)from.ptr };
    uint64_t filled = 0;
    CHECK(run != NULL && run->arena != NULL);
    in.end = in.at + from.len;
    get_summary(&in, &run->summary);
    size_t dimensions = run->summary.dimension_count;
    run->words = ARENA_ARRAY(run->arena, struct run_words, dimensions);
    for (size_t i = 0; i < dimensions; i++)
        get_words(&in, run->arena, &run->words[i]);
    get_index(&in, run->arena, &run->index);
    for (size_t area = 0; area < RUN_AREA_COUNT; area++)
        get_pages(&in, run, (enum run_area)area, &filled);
    for (size_t i = 0; i < run->index.count; i++)
        in.is_bad |= run->index.items[i].offset >= run->sizes[RUN_KEYS];
    in.is_bad |= (run->index.count == 0) != (run->sizes[RUN_KEYS] == 0);
    for (size_t area = 0; area < RUN_AREA_COUNT; area++)
        for (size_t i = 0; i < run->pages[area].count; i++)
            in.is_bad |= run->pages[area].items[i].offset > offset - run->pages[area].items[i].size;
    return !in.is_bad && in.at == in.end && filled == offset;
}

bool run_footer_read(const unsigned char from[RUN_FOOTER_BYTES], uint64_t bytes,
                     struct run_footer *ret)
{
    uint64_t parts[RUN_FOOTER_BYTES / 8];
    memcpy(parts, from, sizeof(parts));
    uint64_t checksum = run_checksum(parts, RUN_FOOTER_BYTES - CHECKSUM_BYTES, 0);
    if (le64toh(parts[0]) != MAGIC || le64toh(parts[4]) != checksum)
        return false;
    struct run_footer footer = { le64toh(parts[1]), le64toh(parts[2]), le64toh(parts[3]) };
    uint64_t room = bytes - RUN_FOOTER_BYTES;
    if (bytes < RUN_FOOTER_BYTES || footer.offset > room || footer.size != room - footer.offset)
        return false;
    *ret = footer;
    return true;
}
