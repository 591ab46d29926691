#include "usage/key_page.h"

#include "usage/bytes.h"

#include <string.h>
#include <xxhash.h>

#define PAYLOAD_AT   2U /* words */
#define PAYLOAD_BITS ((KEY_PAGE_WORDS - PAYLOAD_AT) * 64)
#define KEY_MAX      ((UINT64_C(1) << KEY_RUN_BITS) - 1)

/* Room behind the last word, so that bits are moved eight bytes at a time. */
#define BUFFER_BYTES (KEY_PAGE_BYTES + 8)

struct page_form {
    uint64_t base;
    uint32_t count;
    unsigned low_bits;
    unsigned places_at; /* bits, from the payload's begin */
    unsigned unary_at;  /* words, from the page's begin */
};

static unsigned bit_length(uint64_t n)
{
    return n == 0 ? 0 : 64U - (unsigned)__builtin_clzll(n);
}

/* How many lower bits leave about one upper step an entry. */
static unsigned low_bits_for(uint64_t width, uint32_t count)
{
    unsigned length = bit_length(width);
    unsigned less = bit_length(count);
    return length > less ? length - less : 0;
}

static unsigned words_for(unsigned bits)
{
    return (bits + 63) / 64;
}

bool key_page_has_room(const struct key_page *page, uint64_t key, unsigned place_bits)
{
    uint32_t count = page->count + 1;
    uint64_t width;
    unsigned low_bits;
    if (page->count == 0)
        return true;
    if (page->count == KEY_PAGE_ENTRIES_MAX)
        return false;
    CHECK(key >= page->keys[page->count - 1]);
    width = key - page->keys[0];
    low_bits = low_bits_for(width, count);
    return words_for(count * (low_bits + place_bits)) * 64 + (width >> low_bits) + count <=
           PAYLOAD_BITS;
}

static void bits_put(unsigned char *payload, unsigned at, uint64_t value)
{
    unsigned char *to = payload + at / 8;
    bytes_put64(to, bytes_get64(to) | value << at % 8);
}

/* Up to 57 bits. */
static uint64_t bits_get(const unsigned char *payload, unsigned at, unsigned bits)
{
    return bytes_get64(payload + at / 8) >> at % 8 & ((UINT64_C(1) << bits) - 1);
}

void key_page_write(const struct key_page *page, unsigned place_bits, uint64_t seed,
                    unsigned char to[KEY_PAGE_BYTES])
{
    unsigned char bytes[BUFFER_BYTES] = { 0 };
    unsigned char *payload = bytes + (size_t)PAYLOAD_AT * 8;
    uint64_t base = page->keys[0];
    uint32_t count = page->count;
    unsigned low_bits;
    unsigned places_at;
    unsigned unary_at;

    CHECK(count > 0 && count <= KEY_PAGE_ENTRIES_MAX && page->keys[count - 1] <= KEY_MAX);
    low_bits = low_bits_for(page->keys[count - 1] - base, count);
    places_at = count * low_bits;
    unary_at = words_for(places_at + count * place_bits) * 64;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t from_base = page->keys[i] - base;
        unsigned unary = unary_at + (unsigned)(from_base >> low_bits) + i;
        bits_put(payload, i * low_bits, from_base & ((UINT64_C(1) << low_bits) - 1));
        bits_put(payload, places_at + i * place_bits, page->places[i]);
        CHECK(unary < PAYLOAD_BITS);
        payload[unary / 8] |= (unsigned char)(1U << unary % 8);
    }
    bytes_put64(bytes + 8, base | (uint64_t)count << 44 | (uint64_t)low_bits << 54);
    bytes_put64(bytes, XXH3_64bits_withSeed(bytes + 8, KEY_PAGE_BYTES - 8, seed));
    memcpy(to, bytes, KEY_PAGE_BYTES);
}

bool key_page_is_whole(const unsigned char from[KEY_PAGE_BYTES], uint64_t seed)
{
    return bytes_get64(from) == XXH3_64bits_withSeed(from + 8, KEY_PAGE_BYTES - 8, seed);
}

static bool form_read(const unsigned char *from, unsigned place_bits, struct page_form *ret)
{
    uint64_t header = bytes_get64(from + 8);
    unsigned unary_words;
    ret->base = header & KEY_MAX;
    ret->count = (uint32_t)(header >> 44) & 1023;
    ret->low_bits = (unsigned)(header >> 54) & 63;
    if (header >> 60 != 0 || ret->count == 0 || ret->count > KEY_PAGE_ENTRIES_MAX ||
        ret->low_bits > KEY_RUN_BITS)
        return false;
    ret->places_at = ret->count * ret->low_bits;
    unary_words = words_for(ret->places_at + ret->count * place_bits);
    ret->unary_at = PAYLOAD_AT + unary_words;
    return unary_words * 64 + ret->count <= PAYLOAD_BITS;
}

bool key_page_read(const unsigned char from[KEY_PAGE_BYTES], unsigned place_bits,
                   struct key_page *ret)
{
    unsigned char bytes[BUFFER_BYTES] = { 0 };
    const unsigned char *payload = bytes + (size_t)PAYLOAD_AT * 8;
    struct page_form form;
    uint32_t i = 0;

    if (!form_read(from, place_bits, &form))
        return false;
    memcpy(bytes, from, KEY_PAGE_BYTES);
    for (unsigned word = form.unary_at; word < KEY_PAGE_WORDS; word++) {
        uint64_t left = bytes_get64(bytes + (size_t)word * 8);
        for (; left != 0; left &= left - 1) {
            uint64_t step = (word - form.unary_at) * 64 + (unsigned)__builtin_ctzll(left);
            if (i == form.count)
                return false;
            ret->keys[i] = form.base + ((step - i) << form.low_bits) +
                           bits_get(payload, i * form.low_bits, form.low_bits);
            ret->places[i] =
                (uint32_t)bits_get(payload, form.places_at + i * place_bits, place_bits);
            i++;
        }
    }
    ret->count = form.count;
    return i == form.count && ret->keys[i - 1] <= KEY_MAX;
}

/* The unary bit behind so many zeros, from the begin of the unary part; past the page's end when
 * there are fewer. */
static unsigned unary_after(const unsigned char *bytes, unsigned unary_at, uint64_t zeros)
{
    unsigned at = 0;
    for (unsigned word = unary_at; word < KEY_PAGE_WORDS; word++) {
        uint64_t left = bytes_get64(bytes + (size_t)word * 8);
        unsigned here = (unsigned)__builtin_popcountll(~left);
        if (here >= zeros) {
            for (; zeros > 1; zeros--)
                left |= left + 1; /* fills the lowest zero */
            return zeros == 0 ? at : at + (unsigned)__builtin_ctzll(~left) + 1;
        }
        zeros -= here;
        at += 64;
    }
    return KEY_PAGE_WORDS * 64;
}

bool key_page_find(const unsigned char from[KEY_PAGE_BYTES], unsigned place_bits, uint64_t key,
                   struct key_candidates *candidates)
{
    unsigned char bytes[BUFFER_BYTES] = { 0 };
    const unsigned char *payload = bytes + (size_t)PAYLOAD_AT * 8;
    struct page_form form;
    uint64_t high;
    uint64_t low;

    if (!form_read(from, place_bits, &form))
        return false;
    candidates->is_over = form.base > key;
    if (form.base > key)
        return true;
    memcpy(bytes, from, KEY_PAGE_BYTES);
    high = (key - form.base) >> form.low_bits;
    low = (key - form.base) & ((UINT64_C(1) << form.low_bits) - 1);
    for (unsigned step = unary_after(bytes, form.unary_at, high);; step++) {
        unsigned at = form.unary_at * 64 + step;
        uint64_t i = step - high;
        uint64_t found;
        if (at >= KEY_PAGE_WORDS * 64 || (bytes[at / 8] >> at % 8 & 1) == 0)
            return true;
        if (i >= form.count)
            return false;
        found = bits_get(payload, (unsigned)i * form.low_bits, form.low_bits);
        if (found > low)
            return true;
        if (found < low)
            continue;
        if (candidates->count == KEY_CANDIDATES_MAX)
            return false;
        candidates->places[candidates->count] =
            (uint32_t)bits_get(payload, form.places_at + (unsigned)i * place_bits, place_bits);
        candidates->count++;
    }
}
