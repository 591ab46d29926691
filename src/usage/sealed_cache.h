/* sealed_cache.h: decoded chunks of sealed segments, kept while there is room.
 *
 * Private to usage/sealed*.c. An item is what one chunk says, never changed after it was put here.
 * Whoever found or put it holds it until released; what nobody holds is dropped, least recently
 * used first, when all items together are over the bound. Any thread.
 */
#ifndef USAGE_SEALED_CACHE_H
#define USAGE_SEALED_CACHE_H

#include "usage/column_leaf.h"
#include "usage/sealed_keys.h"

/* Which members are set depends on what the chunk is; all of them live in the arena. */
struct sealed_item {
    uint64_t segment; /* with the offset: the chunk's name */
    uint64_t offset;
    struct arena *arena;
    uint32_t count;
    const uint32_t *codes;           /* columns of codes, by row */
    const uint32_t *ranks;           /* column shape: how many rows before have the same code */
    const int64_t *numbers;          /* columns time and ingested, by row */
    const text *texts;               /* dictionaries and opaque data */
    const uint32_t *slots;           /* dictionaries: by hash, number + 1 */
    uint32_t slot_count;             /* a power of two */
    struct leaf_values leaf;         /* leaves (`values` NULL: in their dictionary) */
    const struct shape *shapes;      /* dictionary of shapes */
    const struct sealed_page *pages; /* the pages of a block */

    /* The cache's. */
    size_t bytes;
    uint32_t holders;
    struct sealed_item *chain;
    struct sealed_item *newer;
    struct sealed_item *older;
};

/* An item with an arena, not in the cache. */
struct sealed_item *sealed_item_new(uint64_t segment, uint64_t offset);
void sealed_item_free(struct sealed_item *item);

/* The item, held; NULL when it is not there. */
struct sealed_item *sealed_cache_find(struct sealed_cache *cache, uint64_t segment,
                                      uint64_t offset);

/* Puts an item in; returns it, or the one that was faster, held. */
struct sealed_item *sealed_cache_put(struct sealed_cache *cache, struct sealed_item *item);

/* NULL is allowed. */
void sealed_cache_release(struct sealed_cache *cache, struct sealed_item *item);

/* Drops what is of a segment; nobody holds any of it. */
void sealed_cache_forget(struct sealed_cache *cache, uint64_t segment);

#endif
