/* query_cells.c: cells by their keys. */
#include "meter/query_cells.h"

#include "base/limits.h"

#define PARTS_MAX (LIMIT_GROUP_BY_MAX + 2)

struct key {
    int64_t window;
    uint32_t parts[PARTS_MAX];
};

_Static_assert(offsetof(struct key, parts) == sizeof(int64_t), "no gap");

struct query_cells query_cells_of(struct arena *arena, size_t part_count)
{
    CHECK(arena != NULL && part_count <= PARTS_MAX);
    return (struct query_cells){
        .arena = arena,
        .part_count = part_count,
        .keys = { .arena = arena },
        .latest = KEYMAP_NONE,
    };
}

static void grow(struct query_cells *cells)
{
    size_t room = cells->room == 0 ? 16 : cells->room * 2;
    struct query_cell *items = ARENA_ARRAY(cells->arena, struct query_cell, room);
    if (cells->room > 0)
        memcpy(items, cells->items, cells->room * sizeof(*items));
    cells->items = items;
    cells->room = room;
}

struct query_cell *query_cells_at(struct query_cells *cells, struct period window,
                                  const uint32_t *parts)
{
    CHECK(cells != NULL && (parts != NULL || cells->part_count == 0));
    struct key bytes;
    text key = { (const char *)&bytes, sizeof(int64_t) + cells->part_count * sizeof(*parts) };
    bytes.window = window.from.ns;
    if (cells->part_count > 0)
        memcpy(bytes.parts, parts, cells->part_count * sizeof(*parts));
    if (cells->latest != KEYMAP_NONE && text_equal(cells->keys.entries[cells->latest].key, key))
        return &cells->items[cells->latest];
    size_t before = cells->keys.count;
    size_t number = keymap_add(&cells->keys, key);
    if (number == LIMIT_QUERY_ROWS)
        return NULL;
    if (number == cells->room)
        grow(cells);
    if (number == before)
        cells->items[number] = (struct query_cell){
            .window = window,
            .first = INSTANT_MAX,
            .last = INSTANT_NONE,
        };
    cells->latest = number;
    return &cells->items[number];
}

const struct query_cell *query_cells_get(const struct query_cells *cells, size_t index,
                                         uint32_t *ret_parts)
{
    CHECK(cells != NULL && index < cells->keys.count);
    text key = cells->keys.entries[index].key;
    CHECK(key.len == sizeof(int64_t) + cells->part_count * sizeof(*ret_parts));
    if (cells->part_count > 0)
        memcpy(ret_parts, key.ptr + sizeof(int64_t), cells->part_count * sizeof(*ret_parts));
    return &cells->items[index];
}

void query_cell_touch(struct query_cell *cell, instant at)
{
    CHECK(cell != NULL && !instant_is_none(at));
    if (instant_before(at, cell->first))
        cell->first = at;
    if (instant_before(cell->last, at))
        cell->last = at;
}
