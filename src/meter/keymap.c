/* keymap.c: open addressing over a row of entries, kept at most half full. */
#include "meter/keymap.h"

#include <string.h>
#include <xxhash.h>

#define SLOTS_FIRST 64

static uint64_t hash_of(text key)
{
    return XXH3_64bits(key.len > 0 ? key.ptr : "", key.len);
}

/* The slot that holds the key, or the free one where it belongs. */
static size_t slot_of(const struct keymap *map, uint64_t hash, text key)
{
    size_t mask = map->slot_count - 1;
    size_t slot = (size_t)hash & mask;
    while (map->slots[slot] != 0) {
        const struct keymap_entry *entry = &map->entries[map->slots[slot] - 1];
        if (entry->hash == hash && text_equal(entry->key, key))
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void grow_slots(struct keymap *map)
{
    map->slot_count = map->slot_count == 0 ? SLOTS_FIRST : map->slot_count * 2;
    map->slots = ARENA_ARRAY(map->arena, uint32_t, map->slot_count);
    size_t mask = map->slot_count - 1;
    for (size_t i = 0; i < map->count; i++) {
        size_t slot = (size_t)map->entries[i].hash & mask;
        while (map->slots[slot] != 0)
            slot = (slot + 1) & mask;
        map->slots[slot] = (uint32_t)(i + 1);
    }
}

static void grow_entries(struct keymap *map)
{
    size_t room = map->room == 0 ? SLOTS_FIRST / 2 : map->room * 2;
    struct keymap_entry *entries = ARENA_ARRAY(map->arena, struct keymap_entry, room);
    if (map->count > 0)
        memcpy(entries, map->entries, map->count * sizeof(*entries));
    map->entries = entries;
    map->room = room;
}

size_t keymap_add(struct keymap *map, text key)
{
    CHECK(map != NULL && map->arena != NULL);
    CHECK(map->count < UINT32_MAX);
    if (2 * (map->count + 1) > map->slot_count)
        grow_slots(map);
    uint64_t hash = hash_of(key);
    size_t slot = slot_of(map, hash, key);
    if (map->slots[slot] != 0)
        return map->slots[slot] - 1;
    if (map->count == map->room)
        grow_entries(map);
    map->entries[map->count] = (struct keymap_entry){ hash, text_copy(map->arena, key) };
    map->count++;
    map->slots[slot] = (uint32_t)map->count;
    return map->count - 1;
}

size_t keymap_find(const struct keymap *map, text key)
{
    CHECK(map != NULL);
    if (map->count == 0)
        return KEYMAP_NONE;
    size_t slot = slot_of(map, hash_of(key), key);
    return map->slots[slot] != 0 ? map->slots[slot] - 1 : KEYMAP_NONE;
}
