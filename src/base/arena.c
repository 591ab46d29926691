/* arena.c: blocks in a list, a pointer that moves up.
 *
 * Small requests come from the current block; one larger than a quarter of a block gets a block of
 * its own, put behind the current one, so that what is left of the current block is not lost.
 */
#include "base/arena.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISONS 1
#endif
#endif

#ifdef ARENA_POISONS
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

#define ARENA_ALIGN           _Alignof(max_align_t)
#define ARENA_FIRST_BYTES     (8 * 1024)
#define ARENA_BLOCK_BYTES_MAX (256 * 1024)

struct arena_block {
    struct arena_block *next;
    size_t size; /* of the bytes behind this head */
    size_t used;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct arena_block *current;
    size_t next_size; /* of the next ordinary block */
    size_t used;
};

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block = malloc(sizeof *block + size);

    if (!block) {
        fprintf(stderr, "out of memory: %zu bytes\n", size);
        abort();
    }
    block->next = NULL;
    block->size = size;
    block->used = 0;
    POISON(block->bytes, size);
    return block;
}

static void block_free(struct arena_block *block)
{
    UNPOISON(block->bytes, block->size);
    free(block);
}

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);

    MUST(arena);
    arena->next_size = ARENA_FIRST_BYTES;
    return arena;
}

static void arena_free_blocks(struct arena_block *block)
{
    while (block) {
        struct arena_block *next = block->next;

        block_free(block);
        block = next;
    }
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_free_blocks(arena->current);
    free(arena);
}

void arena_cleanup(struct arena **arena)
{
    arena_free(*arena);
    *arena = NULL;
}

void arena_reset(struct arena *arena)
{
    struct arena_block *keep = arena->current;

    arena->used = 0;
    arena->next_size = ARENA_FIRST_BYTES;
    if (!keep)
        return;
    arena_free_blocks(keep->next);
    keep->next = NULL;
    if (keep->size > ARENA_BLOCK_BYTES_MAX) {
        block_free(keep);
        arena->current = NULL;
        return;
    }
    keep->used = 0;
    POISON(keep->bytes, keep->size);
}

static void *block_take(struct arena_block *block, size_t size)
{
    void *ptr = block->bytes + block->used;

    CHECK(size <= block->size - block->used);
    block->used += size;
    UNPOISON(ptr, size);
    memset(ptr, 0, size);
    return ptr;
}

/* A block for this size when the current one is too full. */
static struct arena_block *arena_add_block(struct arena *arena, size_t size)
{
    struct arena_block *block;

    if (arena->current && size > arena->next_size / 4) {
        block = block_new(size);
        block->next = arena->current->next;
        arena->current->next = block;
        return block;
    }
    block = block_new(size > arena->next_size ? size : arena->next_size);
    block->next = arena->current;
    arena->current = block;
    if (arena->next_size < ARENA_BLOCK_BYTES_MAX)
        arena->next_size *= 2;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->current;

    MUST(size <= SIZE_MAX / 2);
    size = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (size == 0)
        size = ARENA_ALIGN;
    arena->used += size;
    if (!block || size > block->size - block->used)
        block = arena_add_block(arena, size);
    return block_take(block, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    MUST(size == 0 || count <= SIZE_MAX / 2 / size);
    return arena_alloc(arena, count * size);
}

void *arena_copy(struct arena *arena, const void *from, size_t size)
{
    void *to = arena_alloc(arena, size);

    if (size > 0)
        memcpy(to, from, size);
    return to;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
{
    CHECK(count <= *room && (items != NULL || *room == 0));
    if (count < *room)
        return items;
    /* Most arrays stay short, and what is large in them is seldom many. */
    size_t first = size > 512 ? 4 : 8;
    size_t wider = *room > 0 ? *room * 2 : first;
    void *grown = arena_array(arena, wider, size);
    if (count > 0)
        memcpy(grown, items, count * size);
    *room = wider;
    return grown;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
