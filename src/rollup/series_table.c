#include "rollup/series_table.h"

#include "rollup/radix.h"

#define ROOM_MIN 1024U
#define MIX      0x9e3779b97f4a7c15U

uint32_t series_table_hash(const struct series_table *table, const uint32_t *key)
{
    uint64_t hash = (uint64_t)(uintptr_t)table;
    for (size_t i = 0; i < table->width; i++) {
        hash = (hash ^ key[i]) * MIX;
        hash ^= hash >> 32;
    }
    return (uint32_t)hash;
}

static void grow(struct series_table *table)
{
    uint32_t room = table->room == 0 ? ROOM_MIN : table->room * 2;
    MUST(room > table->room);
    uint32_t *keys = ARENA_ARRAY(table->arena, uint32_t, (size_t)room * table->width);
    if (table->count > 0)
        memcpy(keys, table->keys, (size_t)table->count * table->width * sizeof(*keys));
    table->keys = keys;
    table->room = room;
    table->slot_count = room * 2;
    table->slots = ARENA_ARRAY(table->arena, uint32_t, table->slot_count);
    uint32_t mask = table->slot_count - 1;
    for (uint32_t i = 0; i < table->count; i++) {
        uint32_t at = series_table_hash(table, series_table_key(table, i)) & mask;
        while (table->slots[at] != 0)
            at = (at + 1) & mask;
        table->slots[at] = i + 1;
    }
}

uint32_t series_table_add(struct series_table *table, const uint32_t *key, uint32_t hash)
{
    size_t size = table->width * sizeof(*key);
    if (table->count == table->room)
        grow(table);
    uint32_t mask = table->slot_count - 1;
    uint32_t at = hash & mask;
    for (; table->slots[at] != 0; at = (at + 1) & mask)
        if (memcmp(series_table_key(table, table->slots[at] - 1), key, size) == 0)
            return table->slots[at] - 1;
    memcpy(table->keys + (size_t)table->count * table->width, key, size);
    table->slots[at] = ++table->count;
    return table->count - 1;
}

/* ---- order -------------------------------------------------------------------------------- */

struct order {
    const struct series_table *table;
    size_t from;
    uint32_t *const *ranks;
};

static uint32_t rank_of(const struct order *order, uint32_t series, size_t i)
{
    uint32_t number = series_table_key(order->table, series)[i];
    return order->ranks[i] != NULL ? order->ranks[i][number] : number;
}

static int compare(const void *left, const void *right, void *state)
{
    const struct order *order = state;
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    for (size_t i = order->from; i < order->table->width; i++) {
        uint32_t one = rank_of(order, a, i);
        uint32_t other = rank_of(order, b, i);
        if (one != other)
            return one < other ? -1 : 1;
    }
    return 0;
}

/* How many bits all ranks of a key take side by side; `bits` has them one by one. */
static unsigned count_bits(const struct order *order, unsigned *bits)
{
    unsigned all = 0;
    for (size_t i = order->from; i < order->table->width; i++) {
        uint32_t max = 0;
        for (uint32_t series = 0; series < order->table->count; series++) {
            uint32_t rank = rank_of(order, series, i);
            max = rank > max ? rank : max;
        }
        bits[i] = radix_bits(max);
        all += bits[i];
    }
    return all;
}

static void sort_packed(const struct order *order, const unsigned *bits, unsigned all,
                        uint32_t *sorted)
{
    const struct series_table *table = order->table;
    struct radix_item *items =
        ARENA_ARRAY(table->arena, struct radix_item, 2 * (size_t)table->count);
    for (uint32_t series = 0; series < table->count; series++) {
        uint64_t key = 0;
        for (size_t i = order->from; i < table->width; i++)
            key = bits[i] == 64 ? 0 : key << bits[i] | rank_of(order, series, i);
        items[series] = (struct radix_item){ key, series };
    }
    radix_sort(items, items + table->count, table->count, all);
    for (uint32_t i = 0; i < table->count; i++)
        sorted[i] = items[i].item;
}

uint32_t *series_table_order(const struct series_table *table, size_t from, uint32_t *const *ranks,
                             uint32_t **ret_ranks)
{
    struct order order = { table, from, ranks };
    uint32_t *sorted = ARENA_ARRAY(table->arena, uint32_t, table->count);
    uint32_t *numbers = ARENA_ARRAY(table->arena, uint32_t, table->count);
    unsigned *bits = ARENA_ARRAY(table->arena, unsigned, table->width);
    unsigned all = count_bits(&order, bits);
    for (uint32_t i = 0; i < table->count; i++)
        sorted[i] = i;
    if (all <= 64)
        sort_packed(&order, bits, all, sorted);
    else
        qsort_r(sorted, table->count, sizeof(*sorted), compare, &order);
    uint32_t rank = 0;
    for (uint32_t i = 0; i < table->count; i++) {
        if (i > 0 && compare(&sorted[i - 1], &sorted[i], &order) != 0)
            rank++;
        numbers[sorted[i]] = rank;
    }
    *ret_ranks = numbers;
    return sorted;
}
