#include "rollup/names.h"

#include <xxhash.h>

#include "rollup/radix.h"

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
    const struct radix_item *a = left;
    const struct radix_item *b = right;
    return text_compare(names->items[a->item], names->items[b->item]);
}

/* How many bytes all texts begin with alike. */
static size_t common_prefix(const struct names *names)
{
    text first = names->items[0];
    size_t len = first.len;
    for (uint32_t i = 1; i < names->count; i++) {
        text t = names->items[i];
        size_t same = 0;
        while (same < len && same < t.len && t.ptr[same] == first.ptr[same])
            same++;
        len = same;
    }
    return len;
}

/* Eight bytes behind the prefix as a number that sorts as they do; 0 where the text has ended. */
static uint64_t key_of(text t, size_t prefix)
{
    uint64_t key = 0;
    for (size_t i = prefix; i < prefix + 8; i++)
        key = key << 8 | (i < t.len ? (unsigned char)t.ptr[i] : 0);
    return key;
}

/* Texts that have the same key are compared whole. */
static void sort_ties(const struct names *names, struct radix_item *items)
{
    for (uint32_t from = 0, to; from < names->count; from = to) {
        for (to = from + 1; to < names->count && items[to].key == items[from].key;)
            to++;
        if (to - from > 1)
            qsort_r(items + from, to - from, sizeof(*items), compare_numbers,
                    (void *)(uintptr_t)names);
    }
}

uint32_t *names_ranks(const struct names *names, struct arena *arena)
{
    uint32_t *ranks = ARENA_ARRAY(arena, uint32_t, names->count);
    if (names->count == 0)
        return ranks;
    struct radix_item *items = ARENA_ARRAY(arena, struct radix_item, 2 * (size_t)names->count);
    size_t prefix = common_prefix(names);
    uint64_t all = 0;
    for (uint32_t i = 0; i < names->count; i++) {
        items[i] = (struct radix_item){ key_of(names->items[i], prefix), i };
        all |= items[i].key;
    }
    unsigned low = all == 0 ? 0 : (unsigned)__builtin_ctzll(all);
    for (uint32_t i = 0; i < names->count; i++)
        items[i].key >>= low;
    radix_sort(items, items + names->count, names->count, radix_bits(all >> low));
    sort_ties(names, items);
    for (uint32_t i = 0; i < names->count; i++)
        ranks[items[i].item] = i;
    return ranks;
}
