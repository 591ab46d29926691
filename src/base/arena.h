/* arena.h: memory with one owner and one end.
 *
 * An arena hands out zeroed memory and takes it all back at once. A request or a job has one
 * arena; nothing in it is freed piece by piece. A function that allocates takes the arena as an
 * argument; what it returns lives until arena_reset or arena_free.
 *
 * Running out of memory is a bug or a machine too small: the process stops. What a client may ask
 * for is bounded earlier, by base/limits.h.
 *
 * Not thread-safe: one arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

struct arena;

/* A new, empty arena; owned by the caller, freed with arena_free. */
struct arena *arena_new(void);

/* Frees the arena and all it handed out. NULL is allowed. */
void arena_free(struct arena *arena);

/* Frees a `struct arena *` variable; for CLEANUP(arena_cleanup). */
void arena_cleanup(struct arena **arena);

/* Takes back all memory but keeps up to one block for reuse. Under AddressSanitizer the kept
 * block is poisoned, so a use after reset is caught. */
void arena_reset(struct arena *arena);

/* `size` bytes, zeroed, aligned for any type. A size of 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size);

/* `count * size` bytes, zeroed; the product must not overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* A copy of `size` bytes at `from`, not zero-terminated. */
void *arena_copy(struct arena *arena, const void *from, size_t size);

/* An array that has room for one item more than `count`: `items` itself, or a copy twice as large
 * when all of its `*room` is taken (then `*room` is the copy's). `items` may be NULL while room is
 * 0. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *room, size_t size);

/* Bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

#define ARENA_NEW(arena, type)          ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, type, count) ((type *)arena_array((arena), (count), sizeof(type)))

/* The same of a struct with the members items, count and room. */
#define ARENA_GROW(arena, list)                                                                    \
    ((list)->items =                                                                               \
         arena_grow((arena), (list)->items, (list)->count, &(list)->room, sizeof *(list)->items))

#endif
