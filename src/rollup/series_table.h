/* series_table.h: numbers for series while a run is being built: a subject's number and those of
 * the values of its dimensions.
 *
 * Private to rollup/.
 */
#ifndef ROLLUP_SERIES_TABLE_H
#define ROLLUP_SERIES_TABLE_H

#include "base/arena.h"

/* Start with arena and width. */
struct series_table {
    struct arena *arena;
    size_t width;   /* numbers of a key */
    uint32_t *keys; /* `width` for each series */
    uint32_t count;
    uint32_t room;
    uint32_t *slots; /* number + 1; 0 when free */
    uint32_t slot_count;
};

/* The hash of a key. */
uint32_t series_table_hash(const struct series_table *table, const uint32_t *key);

/* The number of the series with this key and its hash, a new one when it has none. */
uint32_t series_table_add(struct series_table *table, const uint32_t *key, uint32_t hash);

/* Asks for what series_table_add will look at: first the slot, a while later the key. */
static inline void series_table_prefetch_slot(const struct series_table *table, uint32_t hash)
{
    if (table->slot_count > 0)
        __builtin_prefetch(&table->slots[hash & (table->slot_count - 1)]);
}

static inline void series_table_prefetch_key(const struct series_table *table, uint32_t hash)
{
    if (table->slot_count == 0)
        return;
    uint32_t number = table->slots[hash & (table->slot_count - 1)];
    if (number != 0)
        __builtin_prefetch(table->keys + (size_t)(number - 1) * table->width);
}

/* The key of a series. */
static inline const uint32_t *series_table_key(const struct series_table *table, uint32_t series)
{
    return table->keys + (size_t)series * table->width;
}

/* The series in ascending order of ranks[i][key[i]] for i from `from` on: the result's item n is
 * the n-th series; `ret_ranks` (by series) counts distinct keys. ranks[i] may be NULL: the number
 * itself. In the arena. */
uint32_t *series_table_order(const struct series_table *table, size_t from, uint32_t *const *ranks,
                             uint32_t **ret_ranks);

#endif
