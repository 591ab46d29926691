#include "usage/sealed_cache.h"

#include <pthread.h>
#include <xxhash.h>

#define BUCKETS 8192U

struct sealed_cache {
    pthread_mutex_t lock;
    size_t bytes;
    size_t bytes_max;
    struct sealed_item *newest;
    struct sealed_item *oldest;
    struct sealed_item *buckets[BUCKETS];
};

struct sealed_item *sealed_item_new(uint64_t segment, uint64_t offset)
{
    struct sealed_item *item = calloc(1, sizeof(*item));
    MUST(item != NULL);
    item->segment = segment;
    item->offset = offset;
    item->arena = arena_new();
    return item;
}

void sealed_item_free(struct sealed_item *item)
{
    if (!item)
        return;
    arena_free(item->arena);
    free(item);
}

struct sealed_cache *sealed_cache_new(size_t bytes_max)
{
    struct sealed_cache *cache = calloc(1, sizeof(*cache));
    MUST(cache != NULL);
    MUST(pthread_mutex_init(&cache->lock, NULL) == 0);
    cache->bytes_max = bytes_max;
    return cache;
}

void sealed_cache_free(struct sealed_cache *cache)
{
    if (!cache)
        return;
    while (cache->oldest) {
        struct sealed_item *item = cache->oldest;
        CHECK(item->holders == 0);
        cache->oldest = item->newer;
        sealed_item_free(item);
    }
    MUST(pthread_mutex_destroy(&cache->lock) == 0);
    free(cache);
}

size_t sealed_cache_bytes(struct sealed_cache *cache)
{
    size_t bytes;
    MUST(pthread_mutex_lock(&cache->lock) == 0);
    bytes = cache->bytes;
    MUST(pthread_mutex_unlock(&cache->lock) == 0);
    return bytes;
}

static struct sealed_item **bucket_of(struct sealed_cache *cache, uint64_t segment, uint64_t offset)
{
    uint64_t hash = (segment * UINT64_C(0x9e3779b97f4a7c15) + offset) *
                    UINT64_C(0xbf58476d1ce4e5b9);
    return &cache->buckets[(hash >> 32) % BUCKETS];
}

static void unlink_item(struct sealed_cache *cache, struct sealed_item *item)
{
    if (item->newer)
        item->newer->older = item->older;
    else
        cache->newest = item->older;
    if (item->older)
        item->older->newer = item->newer;
    else
        cache->oldest = item->newer;
}

static void link_newest(struct sealed_cache *cache, struct sealed_item *item)
{
    item->newer = NULL;
    item->older = cache->newest;
    if (cache->newest)
        cache->newest->newer = item;
    else
        cache->oldest = item;
    cache->newest = item;
}

static void drop(struct sealed_cache *cache, struct sealed_item *item)
{
    struct sealed_item **at = bucket_of(cache, item->segment, item->offset);
    CHECK(item->holders == 0);
    while (*at != item)
        at = &(*at)->chain;
    *at = item->chain;
    unlink_item(cache, item);
    cache->bytes -= item->bytes;
    sealed_item_free(item);
}

static void shrink(struct sealed_cache *cache)
{
    struct sealed_item *item = cache->oldest;
    while (item && cache->bytes > cache->bytes_max) {
        struct sealed_item *newer = item->newer;
        if (item->holders == 0)
            drop(cache, item);
        item = newer;
    }
}

static struct sealed_item *find_locked(struct sealed_cache *cache, uint64_t segment,
                                       uint64_t offset)
{
    struct sealed_item *item = *bucket_of(cache, segment, offset);
    while (item && (item->segment != segment || item->offset != offset))
        item = item->chain;
    if (!item)
        return NULL;
    unlink_item(cache, item);
    link_newest(cache, item);
    item->holders++;
    return item;
}

struct sealed_item *sealed_cache_find(struct sealed_cache *cache, uint64_t segment, uint64_t offset)
{
    struct sealed_item *item;
    MUST(pthread_mutex_lock(&cache->lock) == 0);
    item = find_locked(cache, segment, offset);
    MUST(pthread_mutex_unlock(&cache->lock) == 0);
    return item;
}

struct sealed_item *sealed_cache_put(struct sealed_cache *cache, struct sealed_item *item)
{
    struct sealed_item *there;
    MUST(pthread_mutex_lock(&cache->lock) == 0);
    there = find_locked(cache, item->segment, item->offset);
    if (!there) {
        struct sealed_item **bucket = bucket_of(cache, item->segment, item->offset);
        item->bytes = sizeof(*item) + arena_used(item->arena);
        item->holders = 1;
        item->chain = *bucket;
        *bucket = item;
        link_newest(cache, item);
        cache->bytes += item->bytes;
        shrink(cache);
    }
    MUST(pthread_mutex_unlock(&cache->lock) == 0);
    if (there)
        sealed_item_free(item);
    return there ? there : item;
}

void sealed_cache_release(struct sealed_cache *cache, struct sealed_item *item)
{
    if (!item)
        return;
    MUST(pthread_mutex_lock(&cache->lock) == 0);
    CHECK(item->holders > 0);
    item->holders--;
    if (item->holders == 0)
        shrink(cache);
    MUST(pthread_mutex_unlock(&cache->lock) == 0);
}

void sealed_cache_forget(struct sealed_cache *cache, uint64_t segment)
{
    struct sealed_item *item;
    MUST(pthread_mutex_lock(&cache->lock) == 0);
    for (item = cache->oldest; item;) {
        struct sealed_item *newer = item->newer;
        if (item->segment == segment)
            drop(cache, item);
        item = newer;
    }
    MUST(pthread_mutex_unlock(&cache->lock) == 0);
}
