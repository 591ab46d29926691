#include "identity/token_cache.h"

#include <pthread.h>

#define PLACES 256 /* a power of two */

struct place {
    char *bytes; /* of the token's texts; NULL while the place is empty */
    struct token token;
    int64_t until_ns; /* on the monotonic clock */
};

struct token_cache {
    pthread_mutex_t mutex;
    uint64_t stamp; /* counts the clears */
    struct place places[PLACES];
};

struct token_cache *token_cache_new(void)
{
    struct token_cache *cache = calloc(1, sizeof(*cache));
    MUST(cache != NULL);
    MUST(pthread_mutex_init(&cache->mutex, NULL) == 0);
    return cache;
}

void token_cache_free(struct token_cache *cache)
{
    if (!cache)
        return;
    token_cache_clear(cache);
    MUST(pthread_mutex_destroy(&cache->mutex) == 0);
    free(cache);
}

/* The hash is uniform: two of its hexadecimal digits choose the place. */
static struct place *place_of(struct token_cache *cache, text hash)
{
    size_t index = 0;
    CHECK(hash.len >= 2);
    for (size_t i = 0; i < 2; i++) {
        unsigned char c = (unsigned char)hash.ptr[i];
        index = index * 16 + (size_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    CHECK(index < PLACES);
    return &cache->places[index];
}

bool token_cache_get(struct token_cache *cache, text hash, struct arena *arena, struct token *ret,
                     uint64_t *ret_stamp)
{
    struct place *place = place_of(cache, hash);
    bool is_found;
    CHECK(arena != NULL && ret != NULL && ret_stamp != NULL);
    MUST(pthread_mutex_lock(&cache->mutex) == 0);
    is_found = place->bytes && text_equal(place->token.hash, hash) &&
               clock_monotonic_ns() < place->until_ns;
    if (is_found) {
        *ret = place->token;
        ret->name = text_copy(arena, ret->name);
        ret->hash = text_copy(arena, ret->hash);
        ret->hint = text_copy(arena, ret->hint);
    }
    *ret_stamp = cache->stamp;
    MUST(pthread_mutex_unlock(&cache->mutex) == 0);
    return is_found;
}

static text text_move(char **to, text t)
{
    text moved = { *to, t.len };
    memcpy(*to, t.ptr, t.len);
    *to += t.len;
    return moved;
}

void token_cache_add(struct token_cache *cache, const struct token *token, uint64_t stamp)
{
    struct place *place = place_of(cache, token->hash);
    struct token copy = *token;
    char *bytes = malloc(token->name.len + token->hash.len + token->hint.len);
    char *to = bytes;
    CHECK(text_is_empty(token->secret));
    MUST(bytes != NULL);
    copy.name = text_move(&to, token->name);
    copy.hash = text_move(&to, token->hash);
    copy.hint = text_move(&to, token->hint);
    MUST(pthread_mutex_lock(&cache->mutex) == 0);
    if (stamp == cache->stamp) {
        char *old = place->bytes;
        place->bytes = bytes;
        place->token = copy;
        place->until_ns = clock_monotonic_ns() + TOKEN_CACHE_SECONDS * NS_PER_SECOND;
        bytes = old;
    }
    MUST(pthread_mutex_unlock(&cache->mutex) == 0);
    free(bytes);
}

void token_cache_clear(struct token_cache *cache)
{
    CHECK(cache != NULL);
    MUST(pthread_mutex_lock(&cache->mutex) == 0);
    cache->stamp++;
    for (size_t i = 0; i < PLACES; i++) {
        free(cache->places[i].bytes);
        cache->places[i].bytes = NULL;
    }
    MUST(pthread_mutex_unlock(&cache->mutex) == 0);
}
