/* keymap.h: byte strings numbered in the order of first sight. Private to the module.
 *
 * Groups of a query, distinct values, subjects of customers: each is "have I seen these bytes, and
 * which number did they get". Keys are copied into the arena once; nothing is ever removed.
 */
#ifndef METER_KEYMAP_H
#define METER_KEYMAP_H

#include "base/text.h"

struct keymap_entry {
    uint64_t hash;
    text key;
};

struct keymap {
    struct arena *arena;
    struct keymap_entry *entries; /* `count` of them, in order of first sight */
    size_t count;
    size_t room;
    uint32_t *slots; /* number + 1 of an entry; 0 is free */
    size_t slot_count;
};

#define KEYMAP_NONE SIZE_MAX

/* The number of the key; a new one is added with the number `count` had before the call. */
size_t keymap_add(struct keymap *map, text key);

/* The number of the key, KEYMAP_NONE when it was never added. */
size_t keymap_find(const struct keymap *map, text key);

#endif
