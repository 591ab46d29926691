#include "usage/intern.h"

#include <pthread.h>
#include <xxhash.h>

#define SLOTS_MIN 64U

/* A slot: number + 1 in the lower half, 0 when it is free; above it the upper half of the hash, so
 * that an item is looked at when it is nearly sure to be the one. */
struct item {
    text t;
    uint64_t hash;
};

struct intern {
    pthread_rwlock_t lock; /* taken for reading by finders, for writing where anything changes */
    struct arena *arena;   /* the texts */
    struct item *items;    /* by number */
    uint64_t *slots;
    uint32_t count;
    uint32_t slot_count; /* a power of two, twice the room for items */
    uint64_t salt;
};

static uint64_t slot_make(uint32_t number, uint64_t hash)
{
    return (hash >> 32 << 32) | (number + 1);
}

static void intern_make_tables(struct intern *intern, uint32_t slot_count)
{
    uint32_t mask = slot_count - 1;
    free(intern->slots);
    intern->slots = calloc(slot_count, sizeof(*intern->slots));
    intern->items = realloc(intern->items, slot_count / 2 * sizeof(*intern->items));
    MUST(intern->slots != NULL && intern->items != NULL);
    intern->slot_count = slot_count;
    for (uint32_t i = 0; i < intern->count; i++) {
        uint32_t at = (uint32_t)intern->items[i].hash & mask;
        while (intern->slots[at] != 0)
            at = (at + 1) & mask;
        intern->slots[at] = slot_make(i, intern->items[i].hash);
    }
}

struct intern *intern_new(uint64_t salt)
{
    struct intern *intern = calloc(1, sizeof(*intern));
    pthread_rwlockattr_t kind;
    MUST(intern != NULL);
    /* The usual kind lets a crowd of finders keep the adder out for ever. */
    MUST(pthread_rwlockattr_init(&kind) == 0);
    MUST(pthread_rwlockattr_setkind_np(&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP) == 0);
    MUST(pthread_rwlock_init(&intern->lock, &kind) == 0);
    MUST(pthread_rwlockattr_destroy(&kind) == 0);
    intern->arena = arena_new();
    intern->salt = salt;
    intern_make_tables(intern, SLOTS_MIN);
    return intern;
}

void intern_free(struct intern *intern)
{
    if (!intern)
        return;
    MUST(pthread_rwlock_destroy(&intern->lock) == 0);
    arena_free(intern->arena);
    free(intern->items);
    free(intern->slots);
    free(intern);
}

uint64_t intern_hash(text t, uint64_t salt)
{
    return XXH3_64bits_withSeed(t.len > 0 ? t.ptr : "", t.len, salt);
}

uint64_t intern_salt(const struct intern *intern)
{
    return intern->salt;
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t slot_of(const struct intern *intern, text t, uint64_t hash)
{
    uint32_t mask = intern->slot_count - 1;
    uint32_t at = (uint32_t)hash & mask;
    for (; intern->slots[at] != 0; at = (at + 1) & mask)
        if (intern->slots[at] >> 32 == hash >> 32 &&
            text_equal(intern->items[(uint32_t)intern->slots[at] - 1].t, t))
            break;
    return at;
}

uint32_t intern_add(struct intern *intern, text t, uint64_t hash)
{
    uint32_t number =
        (uint32_t)intern->slots[slot_of(intern, t, hash)]; /* only this thread changes it */
    if (number != 0)
        return number - 1;
    MUST(pthread_rwlock_wrlock(&intern->lock) == 0);
    if (intern->count == intern->slot_count / 2) {
        MUST(intern->slot_count <= UINT32_MAX / 2);
        intern_make_tables(intern, intern->slot_count * 2);
    }
    number = intern->count;
    intern->items[number] = (struct item){ text_copy(intern->arena, t), hash };
    intern->slots[slot_of(intern, t, hash)] = slot_make(number, hash);
    intern->count++;
    MUST(pthread_rwlock_unlock(&intern->lock) == 0);
    return number;
}

void intern_prefetch(const struct intern *intern, uint64_t hash)
{
    __builtin_prefetch(&intern->slots[(uint32_t)hash & (intern->slot_count - 1)]);
}

void intern_prefetch_text(const struct intern *intern, uint64_t hash)
{
    uint32_t number = (uint32_t)intern->slots[(uint32_t)hash & (intern->slot_count - 1)];
    if (number != 0)
        __builtin_prefetch(&intern->items[number - 1]);
}

text intern_text(const struct intern *intern, uint32_t number)
{
    CHECK(number < intern->count);
    return intern->items[number].t;
}

bool intern_find(struct intern *intern, text t, uint32_t *ret)
{
    uint64_t hash = intern_hash(t, intern->salt);
    uint32_t number;
    MUST(pthread_rwlock_rdlock(&intern->lock) == 0);
    number = (uint32_t)intern->slots[slot_of(intern, t, hash)];
    MUST(pthread_rwlock_unlock(&intern->lock) == 0);
    if (number == 0)
        return false;
    *ret = number - 1;
    return true;
}

uint32_t intern_count(struct intern *intern)
{
    uint32_t count;
    MUST(pthread_rwlock_rdlock(&intern->lock) == 0);
    count = intern->count;
    MUST(pthread_rwlock_unlock(&intern->lock) == 0);
    return count;
}

size_t intern_bytes(struct intern *intern)
{
    size_t bytes;
    MUST(pthread_rwlock_rdlock(&intern->lock) == 0);
    bytes = sizeof(*intern) + arena_used(intern->arena) +
            intern->slot_count * sizeof(*intern->slots) +
            intern->slot_count / 2 * sizeof(*intern->items);
    MUST(pthread_rwlock_unlock(&intern->lock) == 0);
    return bytes;
}
