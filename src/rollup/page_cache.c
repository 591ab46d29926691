#include "rollup/page_cache.h"

#include <pthread.h>
#include <xxhash.h>

#define BUCKETS 4096U

struct entry {
    struct page page; /* first */
    struct page_key key;
    struct entry *next_in_bucket;
    struct entry *newer, *older; /* by last use, among those that nobody holds */
    unsigned holders;
};

struct page_cache {
    pthread_mutex_t lock;
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t bytes;
    size_t bytes_max;
};

struct page_cache *page_cache_new(size_t bytes_max)
{
    struct page_cache *cache = calloc(1, sizeof(*cache));
    MUST(cache != NULL);
    MUST(pthread_mutex_init(&cache->lock, NULL) == 0);
    cache->bytes_max = bytes_max;
    return cache;
}

static struct entry **bucket_of(struct page_cache *cache, struct page_key key)
{
    return &cache->buckets[XXH3_64bits(&key, sizeof(key)) % BUCKETS];
}

static void entry_free(struct entry *entry)
{
    free((void *)(uintptr_t)entry->page.bytes);
    free(entry);
}

void page_cache_free(struct page_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (struct entry *entry = cache->buckets[i]; entry != NULL;) {
            struct entry *next = entry->next_in_bucket;
            CHECK(entry->holders == 0);
            entry_free(entry);
            entry = next;
        }
    }
    MUST(pthread_mutex_destroy(&cache->lock) == 0);
    free(cache);
}

static void leave_idle(struct page_cache *cache, struct entry *entry)
{
    if (entry->newer != NULL)
        entry->newer->older = entry->older;
    else
        cache->newest = entry->older;
    if (entry->older != NULL)
        entry->older->newer = entry->newer;
    else
        cache->oldest = entry->newer;
    entry->newer = entry->older = NULL;
}

static void enter_idle(struct page_cache *cache, struct entry *entry)
{
    entry->older = cache->newest;
    entry->newer = NULL;
    if (cache->newest != NULL)
        cache->newest->newer = entry;
    else
        cache->oldest = entry;
    cache->newest = entry;
}

static void evict(struct page_cache *cache)
{
    while (cache->bytes > cache->bytes_max && cache->oldest != NULL) {
        struct entry *entry = cache->oldest;
        struct entry **link = bucket_of(cache, entry->key);
        while (*link != entry)
            link = &(*link)->next_in_bucket;
        *link = entry->next_in_bucket;
        leave_idle(cache, entry);
        CHECK(cache->oldest != entry && cache->newest != entry);
        cache->bytes -= entry->page.size;
        entry_free(entry);
    }
}

/* The entry, with one holder more. */
static struct entry *hold(struct page_cache *cache, struct page_key key)
{
    struct entry *entry = *bucket_of(cache, key);
    while (entry != NULL && memcmp(&entry->key, &key, sizeof(key)) != 0)
        entry = entry->next_in_bucket;
    if (entry != NULL && entry->holders++ == 0)
        leave_idle(cache, entry);
    return entry;
}

const struct page *page_find(struct page_cache *cache, struct page_key key)
{
    CHECK(cache != NULL);
    MUST(pthread_mutex_lock(&cache->lock) == 0);
    struct entry *entry = hold(cache, key);
    MUST(pthread_mutex_unlock(&cache->lock) == 0);
    return entry != NULL ? &entry->page : NULL;
}

const struct page *page_add(struct page_cache *cache, struct page_key key, unsigned char *bytes,
                            size_t size)
{
    CHECK(cache != NULL && bytes != NULL);
    MUST(pthread_mutex_lock(&cache->lock) == 0);
    struct entry *entry = hold(cache, key);
    if (entry != NULL) {
        free(bytes);
    } else {
        struct entry **bucket = bucket_of(cache, key);
        entry = calloc(1, sizeof(*entry));
        MUST(entry != NULL);
        entry->page = (struct page){ bytes, size };
        entry->key = key;
        entry->holders = 1;
        entry->next_in_bucket = *bucket;
        *bucket = entry;
        cache->bytes += size;
        evict(cache);
    }
    MUST(pthread_mutex_unlock(&cache->lock) == 0);
    return &entry->page;
}

void page_release(struct page_cache *cache, const struct page *page)
{
    if (page == NULL)
        return;
    struct entry *entry = (struct entry *)(uintptr_t)page;
    MUST(pthread_mutex_lock(&cache->lock) == 0);
    CHECK(entry->holders > 0);
    if (--entry->holders == 0)
        enter_idle(cache, entry);
    evict(cache);
    MUST(pthread_mutex_unlock(&cache->lock) == 0);
}
