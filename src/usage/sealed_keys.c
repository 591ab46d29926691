#include "usage/sealed_keys.h"

#include "usage/bytes.h"

#include <sodium.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FORM_ERASED = 1, FORM_ORGS = 2, FORM_SOURCES = 4, FORM_TEXTS = 8, FORM_ALL = 15 };

#define BITS_PER_BYTE 8U
#define BITMAP_BYTES  (SEALED_PAGE_ROWS / BITS_PER_BYTE)
#define DIGEST_BYTES  4U

/* ---- keys and digests of events ---- */

static void hash_text(crypto_generichash_state *state, text t)
{
    unsigned char length[8];
    bytes_put64(length, t.len);
    MUST(crypto_generichash_update(state, length, sizeof(length)) == 0);
    MUST(crypto_generichash_update(state, (const unsigned char *)t.ptr, t.len) == 0);
}

struct sealed_key sealed_key_of(const struct usage_event *event, uint64_t salt)
{
    unsigned char key[crypto_generichash_KEYBYTES_MIN] = "tollgate";
    crypto_generichash_state state;
    struct sealed_key ret;
    bytes_put64(key + 8, salt);
    MUST(crypto_generichash_init(&state, key, sizeof(key), sizeof(ret.bytes)) == 0);
    hash_text(&state, (text){ (const char *)&event->org, sizeof(event->org) });
    hash_text(&state, event->source);
    hash_text(&state, event->id);
    MUST(crypto_generichash_final(&state, ret.bytes, sizeof(ret.bytes)) == 0);
    return ret;
}

/* Each part seeds the next, so ("ab", "c") and ("a", "bc") differ. */
uint32_t sealed_digest_of(const struct usage_event *event)
{
    const text parts[] = { event->type, event->subject, event->data_schema, event->data };
    uint64_t hash = 0;
    if (event->is_time_given)
        hash = XXH3_64bits_withSeed(&event->time, sizeof(event->time), 1);
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        hash = XXH3_64bits_withSeed(parts[i].len > 0 ? parts[i].ptr : "", parts[i].len, hash);
    return (uint32_t)(hash ^ hash >> 32);
}

/* ---- writing ---- */

static unsigned char form_of(const struct sealed_keys *keys, size_t row, size_t count)
{
    unsigned form = (keys->orgs ? FORM_ORGS : 0U) | (keys->sources ? FORM_SOURCES : 0U);
    for (size_t i = row; i < row + count; i++) {
        if (keys->texts[i].ptr)
            form |= FORM_TEXTS;
        if (keys->flags[i] & SEALED_FLAG_ERASED)
            form |= FORM_ERASED;
    }
    return (unsigned char)form;
}

static void put_erased(const uint32_t *flags, size_t count, struct column_bytes *out)
{
    unsigned char bits[BITMAP_BYTES] = { 0 };
    for (size_t i = 0; i < count; i++)
        if (flags[i] & SEALED_FLAG_ERASED)
            bits[i / BITS_PER_BYTE] |= (unsigned char)(1U << i % BITS_PER_BYTE);
    column_add(out, bits, sizeof(bits));
}

static void put_texts(struct column_packer *packer, const struct sealed_keys *keys, size_t row,
                      size_t count, struct column_bytes *out)
{
    struct column_bytes bytes = { 0 };
    uint32_t tags[SEALED_PAGE_ROWS];
    for (size_t i = 0; i < count; i++) {
        text t = keys->texts[row + i];
        tags[i] = t.ptr ? (uint32_t)t.len + 1 : 0;
        if (t.ptr)
            column_add(&bytes, t.ptr, t.len);
        else
            column_add(&bytes, keys->fixed + (row + i) * UUID_BYTES, UUID_BYTES);
    }
    column_put_codes(packer, tags, count, out);
    column_put_bytes(packer, bytes.ptr, bytes.len, out);
    column_bytes_free(&bytes);
}

void sealed_page_put(struct column_packer *packer, const struct sealed_keys *keys, size_t row,
                     size_t count, struct column_bytes *out)
{
    unsigned char form = form_of(keys, row, count);
    CHECK(count > 0 && count <= SEALED_PAGE_ROWS);
    column_add(out, &form, 1);
    if (form & FORM_ERASED)
        put_erased(keys->flags + row, count, out);
    for (size_t i = 0; i < count; i++)
        column_add32(out, keys->digests[row + i]);
    if (form & FORM_ORGS)
        column_put_codes(packer, keys->orgs + row, count, out);
    if (form & FORM_SOURCES)
        column_put_codes(packer, keys->sources + row, count, out);
    if (form & FORM_TEXTS)
        put_texts(packer, keys, row, count, out);
    else
        column_add(out, keys->fixed + row * UUID_BYTES, count * UUID_BYTES);
}

/* ---- reading ---- */

static const unsigned char *take(struct column_cursor *from, size_t size)
{
    const unsigned char *at = from->at;
    if ((size_t)(from->end - at) < size)
        return NULL;
    from->at += size;
    return at;
}

static bool get_codes(struct column_cursor *from, uint32_t count, uint32_t limit,
                      struct arena *arena, const uint32_t **ret)
{
    uint32_t *codes = ARENA_ARRAY(arena, uint32_t, count);
    *ret = codes;
    return column_get_codes(from, count, limit, codes);
}

static bool get_texts(struct column_cursor *from, struct arena *arena, struct sealed_page *page)
{
    text *texts = ARENA_ARRAY(arena, text, page->count);
    uint64_t sum = 0;
    size_t at = 0;
    unsigned char *bytes;
    if (!get_codes(from, page->count, UINT32_MAX, arena, &page->tags))
        return false;
    for (uint32_t i = 0; i < page->count; i++) {
        texts[i].len = page->tags[i] == 0 ? UUID_BYTES : page->tags[i] - 1;
        sum += texts[i].len;
    }
    if (sum > UINT32_MAX / 2 || !column_may_have(from, (size_t)sum))
        return false;
    bytes = arena_alloc(arena, (size_t)sum);
    if (!column_get_bytes(from, (size_t)sum, bytes))
        return false;
    for (uint32_t i = 0; i < page->count; i++) {
        texts[i].ptr = (const char *)bytes + at;
        at += texts[i].len;
    }
    page->texts = texts;
    return true;
}

bool sealed_page_get(struct column_cursor from, uint32_t count,
                     const struct sealed_directory *directory, struct arena *arena,
                     struct sealed_page *ret)
{
    struct sealed_page page = { .count = count };
    const unsigned char *form = take(&from, 1);
    CHECK(count > 0 && count <= SEALED_PAGE_ROWS);
    if (!form || *form > FORM_ALL)
        return false;
    if (*form & FORM_ERASED) {
        page.erased = take(&from, BITMAP_BYTES);
        if (!page.erased)
            return false;
    }
    page.digests = take(&from, (size_t)count * DIGEST_BYTES);
    if (!page.digests)
        return false;
    if ((*form & FORM_ORGS) &&
        !get_codes(&from, count, directory->dictionaries[SEALED_ORGS].value, arena, &page.orgs))
        return false;
    if ((*form & FORM_SOURCES) &&
        !get_codes(&from, count, directory->dictionaries[SEALED_SOURCES].value, arena,
                   &page.sources))
        return false;
    if (*form & FORM_TEXTS) {
        if (!get_texts(&from, arena, &page))
            return false;
    } else {
        page.fixed = take(&from, (size_t)count * UUID_BYTES);
        if (!page.fixed)
            return false;
    }
    *ret = page;
    return from.at == from.end;
}

bool sealed_page_is_erased(const struct sealed_page *page, uint32_t row)
{
    CHECK(row < page->count);
    return page->erased && (page->erased[row / BITS_PER_BYTE] >> row % BITS_PER_BYTE & 1) != 0;
}

uint32_t sealed_page_digest(const struct sealed_page *page, uint32_t row)
{
    CHECK(row < page->count);
    return bytes_get32(page->digests + (size_t)row * DIGEST_BYTES);
}

bool sealed_page_id(const struct sealed_page *page, uint32_t row, text *ret)
{
    CHECK(row < page->count);
    if (page->fixed) {
        *ret = (text){ (const char *)page->fixed + (size_t)row * UUID_BYTES, UUID_BYTES };
        return true;
    }
    *ret = page->texts[row];
    return page->tags[row] == 0;
}
