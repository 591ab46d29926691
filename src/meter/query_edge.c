/* query_edge.c: changes of levels at the starts of windows. */
#include "meter/query_edge.h"

#include <stdlib.h>

#include "base/limits.h"

/* An edge stands where a window with a row begins or ends, or both. */
#define EDGES_MAX (2 * LIMIT_QUERY_ROWS)

/* The edge of a group at an instant, made when new; NULL when there are too many. */
static struct query_edge *edge_at(struct query_edges *edges, uint32_t group, instant at)
{
    struct {
        int64_t at;
        uint64_t group;
    } bytes = { at.ns, group };

    size_t before = edges->keys.count;
    size_t number = keymap_add(&edges->keys, (text){ (const char *)&bytes, sizeof(bytes) });
    if (number >= EDGES_MAX) {
        edges->run->is_too_large = true;
        return NULL;
    }
    if (number == edges->room) {
        size_t room = edges->room == 0 ? 256 : edges->room * 2;
        struct query_edge *items = ARENA_ARRAY(edges->scratch, struct query_edge, room);
        if (edges->room > 0)
            memcpy(items, edges->items, edges->room * sizeof(*items));
        edges->items = items;
        edges->room = room;
    }
    if (number == before)
        edges->items[number] = (struct query_edge){ .group = group, .at = at };
    return &edges->items[number];
}

static void change(struct query_edge *edge, dec level, int64_t count)
{
    if (edge == NULL)
        return;
    edge->change = dec_add(edge->change, level);
    edge->count += count;
}

void query_edges_add(struct query_edges *edges, const uint32_t *parts, dec level,
                     struct period period)
{
    CHECK(edges != NULL && !instant_is_none(period.from) && !period_is_empty(period));
    text key = { (const char *)parts, edges->run->plan.groups.count * sizeof(*parts) };
    uint32_t group = (uint32_t)keymap_add(&edges->groups, key);
    change(edge_at(edges, group, period.from), level, 1);
    change(edge_at(edges, group, period.to), dec_negate(level), -1);
}

static int compare_edges(const void *left, const void *right)
{
    const struct query_edge *a = left;
    const struct query_edge *b = right;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return (a->at.ns > b->at.ns) - (a->at.ns < b->at.ns);
}

/* Adds a sum of levels to the cells of the windows of a period. */
static void add_windows(struct query_edges *edges, uint32_t group, dec level, struct period period)
{
    struct query_run *run = edges->run;
    uint32_t parts[LIMIT_GROUP_BY_MAX + 2];
    text key = edges->groups.entries[group].key;
    CHECK(key.len <= sizeof(parts));
    if (key.len > 0)
        memcpy(parts, key.ptr, key.len);
    for (instant at = period.from; instant_before(at, period.to) && !run->is_too_large;) {
        struct period window = query_run_window(run, at);
        CHECK(instant_equal(window.from, at));
        query_run_add_level(run, parts, level, window);
        at = window.to;
    }
}

void query_edges_end(struct query_edges *edges)
{
    CHECK(edges != NULL);
    struct query_edge *items = edges->items;
    size_t count = edges->keys.count;
    struct query_edge sum = { 0 };
    if (edges->run->is_too_large || count == 0)
        return;
    qsort(items, count, sizeof(*items), compare_edges);
    for (size_t i = 0; i + 1 < count; i++) {
        sum.change = dec_add(sum.change, items[i].change);
        sum.count += items[i].count;
        CHECK(sum.count == 0 || items[i].group == items[i + 1].group);
        if (sum.count > 0)
            add_windows(edges, items[i].group, sum.change,
                        (struct period){ items[i].at, items[i + 1].at });
    }
}
