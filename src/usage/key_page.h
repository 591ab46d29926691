/* key_page.h: a page of a run of keys: some neighbouring keys with their sequences, packed.
 *
 * Private to usage/'s key files. Here a key is the KEY_RUN_BITS top bits of a fingerprint, and a
 * place is a sequence less the run's first. Keys ascend, places under one key too.
 *
 *      0  checksum   8   XXH3 of all that follows, seeded with the page's own number
 *      8  header     8   bits 0 to 43: the first key; 44 to 53: entries; 54 to 59: low bits
 *     16  lower low bits of each key less the first, then the place of each: packed
 *         from the next word on: the upper bits in unary (P. Elias, 1974; R. Fano, 1971): entry i
 *         with upper bits h sets bit h + i
 *
 * A key costs about two bits more than the logarithm of the mean distance between keys. Words are
 * little-endian.
 */
#ifndef USAGE_KEY_PAGE_H
#define USAGE_KEY_PAGE_H

#include "usage/key_index.h"

#define KEY_PAGE_BYTES       1024U
#define KEY_PAGE_WORDS       (KEY_PAGE_BYTES / 8)
#define KEY_PAGE_ENTRIES_MAX 512U

/* A page unpacked, or being filled. */
struct key_page {
    uint32_t count;
    uint32_t places[KEY_PAGE_ENTRIES_MAX];
    uint64_t keys[KEY_PAGE_ENTRIES_MAX];
};

/* Whether a page with these entries has room for this one, too. */
bool key_page_has_room(const struct key_page *page, uint64_t key, unsigned place_bits);

/* Packs a page that has entries. `seed` tells it from every other page. */
void key_page_write(const struct key_page *page, unsigned place_bits, uint64_t seed,
                    unsigned char to[KEY_PAGE_BYTES]);

/* Whether the checksum is right. */
bool key_page_is_whole(const unsigned char from[KEY_PAGE_BYTES], uint64_t seed);

/* Unpacks a page; false when it is not formed as key_page_write does it. */
NODISCARD bool key_page_read(const unsigned char from[KEY_PAGE_BYTES], unsigned place_bits,
                             struct key_page *ret);

/* What a search for one key has found so far, page by page. */
struct key_candidates {
    size_t count;
    uint32_t places[KEY_CANDIDATES_MAX];
    bool is_over; /* the last page begins beyond the key, so no later one has it */
};

/* Adds the places of a key. False when there are too many, or the page is not well formed. */
NODISCARD bool key_page_find(const unsigned char from[KEY_PAGE_BYTES], unsigned place_bits,
                             uint64_t key, struct key_candidates *candidates);

#endif
