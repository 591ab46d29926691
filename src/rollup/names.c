#include "rollup/names.h"

#include <xxhash.h>

#define ROOM_MIN 64U

/* The address keeps clients from choosing texts that collide. */
static uint64_t hash_of(const struct names *names, text t)
{
    return XXH3_64bits_withSeed(t.ptr, t.len, (uint64_t)(uintptr_t)names);
}

static void insert_slot(struct names *names, uint32_t number)
{
    uint32_t mask = names->slot_count - 1;
    uint32_t at = (uint32_t)hash_of(names, names->items[number]) & mask;
    while (names->slots[at] != 0)
        at = (at + 1) & mask;
    names->slots[at] = number + 1;
}

static void grow(struct names *names)
{
    uint32_t room = names->room == 0 ? ROOM_MIN : names->room * 2;
    MUST(room > names->room);
    text *items = ARENA_ARRAY(names->arena, text, room);
    if (names->count > 0)
        memcpy(items, names->items, names->count * sizeof(*items));
    names->items = items;
    names->room = room;
    names->slot_count = room * 2;
    names->slots = ARENA_ARRAY(names->arena, uint32_t, names->slot_count);
    for (uint32_t i = 0; i < names->count; i++)
        insert_slot(names, i);
}

uint32_t names_add(struct names *names, text t)
{
    CHECK(names != NULL && names->arena != NULL);
    if (names->count == names->room)
        grow(names);
    uint32_t mask = names->slot_count - 1;
    uint32_t at = (uint32_t)hash_of(names, t) & mask;
    for (; names->slots[at] != 0; at = (at + 1) & mask)
        if (text_equal(names->items[names->slots[at] - 1], t))
            return names->slots[at] - 1;
    names->items[names->count] = text_copy(names->arena, t);
    names->slots[at] = ++names->count;
    names->bytes += t.len;
    return names->count - 1;
}

static int compare_numbers(const void *left, const void *right, void *state)
{
    const struct names *names = state;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return text_compare(names->items[a], names->items[b]);
}

uint32_t *names_ranks(const struct names *names, struct arena *arena)
{
    uint32_t *order = ARENA_ARRAY(arena, uint32_t, names->count);
    uint32_t *ranks = ARENA_ARRAY(arena, uint32_t, names->count);
    for (uint32_t i = 0; i < names->count; i++)
        order[i] = i;
    if (names->count > 1)
        qsort_r(order, names->count, sizeof(*order), compare_numbers, (void *)(uintptr_t)names);
    for (uint32_t i = 0; i < names->count; i++)
        ranks[order[i]] = i;
    return ranks;
}
