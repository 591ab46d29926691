/* key_table.c: young keys, in memory: open addressing in segments that split.
 *
 * Extendible hashing (R. Fagin et al., 1979): a directory by the top bits of a hash names segments
 * of fixed size. A full segment splits in two, which moves some hundred keys; the directory doubles
 * when a segment needs a bit more than it has, which copies one pointer for some hundred keys. So
 * no addition is slow. Keys that cannot be told apart, being the same, do not split: their segment
 * gets another one behind it.
 *
 * A slot is eight bytes: 32 bits of the hash, and the sequence less the first one, plus one.
 */
#include "usage/key_index.h"

#include <stdlib.h>
#include <string.h>

#define SEGMENT_SLOTS 1024U
#define SEGMENT_FULL  704U /* keys: slots stay free, so that every search ends */
#define SPARSE_KEYS   64U  /* a directory with fewer keys an entry does not double any more */

struct segment {
    uint64_t slots[SEGMENT_SLOTS];
    struct segment *next; /* when full of keys that do not split */
    uint32_t used;
    uint32_t depth; /* its hashes have so many top bits in common */
};

struct key_table {
    struct segment **directory; /* 2^depth of them */
    uint32_t depth;
    bool has_chains; /* some segment has a next one */
    bool has_base;
    uint64_t base; /* the first sequence */
    uint64_t count;
    size_t bytes;
};

static uint32_t hash_of(uint64_t fingerprint)
{
    return (uint32_t)(fingerprint * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static size_t place_of(const struct key_table *table, uint32_t hash)
{
    return (size_t)((uint64_t)hash >> (32 - table->depth));
}

static struct segment *segment_new(struct key_table *table, uint32_t depth)
{
    struct segment *segment = aligned_alloc(64, (sizeof(*segment) + 63) & ~(size_t)63);
    MUST(segment != NULL);
    memset(segment, 0, sizeof(*segment));
    segment->depth = depth;
    table->bytes += sizeof(*segment);
    return segment;
}

struct key_table *key_table_new(void)
{
    struct key_table *table = calloc(1, sizeof(*table));
    MUST(table != NULL);
    table->directory = calloc(1, sizeof(struct segment *));
    MUST(table->directory != NULL);
    table->bytes = sizeof(*table) + sizeof(struct segment *);
    table->directory[0] = segment_new(table, 0);
    return table;
}

/* A segment stands at 2^(depth - its depth) neighbouring places; it is freed at the last. */
void key_table_free(struct key_table *table)
{
    size_t count;
    if (!table)
        return;
    count = (size_t)1 << table->depth;
    for (size_t i = 0; i < count; i++) {
        struct segment *segment = table->directory[i];
        if (i + 1 < count && table->directory[i + 1] == segment)
            continue;
        while (segment) {
            struct segment *next = segment->next;
            free(segment);
            segment = next;
        }
    }
    free(table->directory);
    free(table);
}

size_t key_table_bytes(const struct key_table *table)
{
    return table->bytes;
}

static void segment_insert(struct segment *segment, uint64_t slot)
{
    size_t at = (size_t)(slot >> 32) % SEGMENT_SLOTS;
    CHECK(segment->used < SEGMENT_FULL);
    while (segment->slots[at] != 0)
        at = (at + 1) % SEGMENT_SLOTS;
    segment->slots[at] = slot;
    segment->used++;
}

static void directory_double(struct key_table *table)
{
    size_t count = (size_t)1 << table->depth;
    struct segment **directory = calloc(2 * count, sizeof(struct segment *));
    MUST(directory != NULL);
    for (size_t i = 0; i < count; i++) {
        directory[2 * i] = table->directory[i];
        directory[2 * i + 1] = table->directory[i];
    }
    free(table->directory);
    table->directory = directory;
    table->depth++;
    table->bytes += count * sizeof(struct segment *);
}

/* Moves the keys whose next bit is set into a segment of their own. */
static void segment_split(struct key_table *table, uint32_t hash)
{
    struct segment *old = table->directory[place_of(table, hash)];
    uint64_t bit = UINT64_C(1) << (63 - old->depth);
    size_t width = (size_t)1 << (table->depth - old->depth);
    size_t first = place_of(table, hash) & ~(width - 1);
    struct segment *fresh = segment_new(table, old->depth + 1);
    uint64_t slots[SEGMENT_SLOTS];

    CHECK(width >= 2 && !old->next);
    memcpy(slots, old->slots, sizeof(slots));
    memset(old->slots, 0, sizeof(old->slots));
    old->used = 0;
    old->depth++;
    for (size_t i = 0; i < SEGMENT_SLOTS; i++)
        if (slots[i] != 0)
            segment_insert(slots[i] & bit ? fresh : old, slots[i]);
    for (size_t i = first + width / 2; i < first + width; i++)
        table->directory[i] = fresh;
}

/* Whether a full segment can be split; doubles the directory where that is wanted. */
static bool can_split(struct key_table *table, const struct segment *segment)
{
    if (segment->next || segment->depth == 32)
        return false;
    if (segment->depth < table->depth)
        return true;
    if (((uint64_t)SPARSE_KEYS << table->depth) > table->count)
        return false;
    directory_double(table);
    return true;
}

void key_table_add(struct key_table *table, uint64_t fingerprint, uint64_t sequence)
{
    uint32_t hash = hash_of(fingerprint);
    struct segment *segment = table->directory[place_of(table, hash)];
    uint64_t number;

    if (!table->has_base)
        table->base = sequence;
    table->has_base = true;
    CHECK(sequence >= table->base && sequence - table->base < UINT32_MAX);
    number = sequence - table->base + 1;
    while (segment->used == SEGMENT_FULL && can_split(table, segment)) {
        segment_split(table, hash);
        segment = table->directory[place_of(table, hash)];
    }
    while (segment->used == SEGMENT_FULL) {
        if (!segment->next)
            segment->next = segment_new(table, segment->depth);
        table->has_chains = true;
        segment = segment->next;
    }
    segment_insert(segment, (uint64_t)hash << 32 | number);
    table->count++;
}

void key_table_prefetch(const struct key_table *table, uint64_t fingerprint)
{
    uint32_t hash = hash_of(fingerprint);
    const struct segment *segment = table->directory[place_of(table, hash)];
    __builtin_prefetch(&segment->slots[hash % SEGMENT_SLOTS]);
}

/* The cursor counts steps: SEGMENT_SLOTS of them lead to the next segment of a chain. */
bool key_table_find(const struct key_table *table, uint64_t fingerprint, size_t *cursor,
                    uint64_t *ret_sequence)
{
    uint32_t hash = hash_of(fingerprint);
    const struct segment *segment = table->directory[place_of(table, hash)];
    size_t step = *cursor;

    for (size_t i = 0; i < step / SEGMENT_SLOTS; i++)
        segment = segment->next;
    while (segment) {
        uint64_t slot = segment->slots[(hash + step) % SEGMENT_SLOTS];
        step++;
        if (slot != 0 && slot >> 32 == hash) {
            *cursor = step;
            *ret_sequence = table->base + (uint32_t)slot - 1;
            return true;
        }
        if (slot == 0) {
            segment = table->has_chains ? segment->next : NULL;
            step = (step + SEGMENT_SLOTS - 1) / SEGMENT_SLOTS * SEGMENT_SLOTS;
        }
    }
    *cursor = step;
    return false;
}
