/* page_cache.h: pages of runs that were read and found right, in bounded memory.
 *
 * Private to rollup/. Any thread. A page that is held stays; of the others the least recently used
 * goes first.
 */
#ifndef ROLLUP_PAGE_CACHE_H
#define ROLLUP_PAGE_CACHE_H

#include "base/err.h"

struct page_cache;

struct page {
    const unsigned char *bytes;
    size_t size;
};

struct page_key {
    uint64_t run; /* a number that no other run of the process has */
    uint32_t area;
    uint32_t number;
};

/* An empty cache; freed with page_cache_free, when no page is held. */
struct page_cache *page_cache_new(size_t bytes_max);

/* NULL is allowed. */
void page_cache_free(struct page_cache *cache);

/* The page, held until page_release; NULL when it is not there. */
const struct page *page_find(struct page_cache *cache, struct page_key key);

/* Puts in a page of `size` bytes and holds it; `bytes` came from malloc and are the cache's now.
 * When another thread was faster, its page is taken. */
const struct page *page_add(struct page_cache *cache, struct page_key key, unsigned char *bytes,
                            size_t size);

/* Gives back what was held. NULL is allowed. */
void page_release(struct page_cache *cache, const struct page *page);

#endif
