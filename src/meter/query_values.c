/* query_values.c: what there is to group and filter by: distinct subjects and dimension values. */
#include <stdlib.h>

#include "meter/keymap.h"
#include "meter/query.h"
#include "rollup/value.h"

struct collector {
    struct keymap seen;
    bool is_of_subjects; /* else of the values of the one column */
};

/* Which of a block's values its rows have. */
static bool visit_block(void *state, const struct usage_block *block)
{
    struct collector *collector = state;
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
    uint32_t room = block->subject_count;
    if (!collector->is_of_subjects)
        room = block->columns[0].value_count + 1;
    bool *is_seen = ARENA_ARRAY(scratch, bool, room);
    for (uint32_t i = 0; i < block->row_count; i++) {
        uint32_t row = block->rows[i];
        uint32_t code = collector->is_of_subjects ? block->subjects[row]
                                                  : block->columns[0].codes[row];
        const uint32_t place = code == USAGE_NOTHING ? room - 1 : code;
        if (is_seen[place])
            continue;
        is_seen[place] = true;
        if (collector->is_of_subjects)
            (void)keymap_add(&collector->seen, block->subject_names[code]);
        else
            (void)keymap_add(
                &collector->seen,
                value_text(code == USAGE_NOTHING ? NULL : &block->columns[0].values[code]));
    }
    return true;
}

static int compare_texts(const void *left, const void *right)
{
    const text *a = left;
    const text *b = right;
    return text_compare(*a, *b);
}

static struct text_list sorted_keys(const struct keymap *map, struct arena *arena)
{
    struct text_list list = { ARENA_ARRAY(arena, text, map->count), map->count };
    for (size_t i = 0; i < map->count; i++)
        list.items[i] = map->entries[i].key;
    if (list.count > 1)
        qsort(list.items, list.count, sizeof(*list.items), compare_texts);
    return list;
}

/* Reads the meter's events of the period into the collector. */
static enum err collect(struct cx *cx, const struct meter *meter, struct period period,
                        const struct usage_paths *paths, struct collector *collector)
{
    instant from = meter->events_from;
    if (instant_before(from, period.from))
        from = period.from;
    if (!instant_is_none(period.to) && period.to.ns <= from.ns)
        return OK;
    const struct usage_filter filter = {
        .org = cx->org,
        .type = meter->event_type,
        .from = from,
        .to = period.to,
    };
    return usage_scan_blocks(cx->usage, &filter, paths, visit_block, collector);
}

enum err meter_subjects(struct cx *cx, const struct meter *meter, instant from, instant to,
                        struct text_list *ret)
{
    CHECK(cx != NULL && meter != NULL && ret != NULL);
    CHECK(ulid_equal(meter->org.ulid, cx->org.ulid));
    struct collector collector = { .seen = { .arena = cx->arena }, .is_of_subjects = true };
    const struct usage_paths paths = { 0 };
    enum err err = collect(cx, meter, (struct period){ from, to }, &paths, &collector);
    if (err == OK)
        *ret = sorted_keys(&collector.seen, cx->arena);
    return err;
}

enum err meter_values(struct cx *cx, const struct meter *meter,
                      const struct meter_values_query *query, struct text_list *ret)
{
    CHECK(cx != NULL && meter != NULL && query != NULL && ret != NULL);
    CHECK(ulid_equal(meter->org.ulid, cx->org.ulid));
    text path_text = text_map_get(&meter->dimensions, query->dimension);
    if (path_text.ptr == NULL)
        return problem_refuse(&cx->problem, FAULT_QUERY_INVALID, "invalid group by: %.*s",
                              TEXT_ARG(query->dimension));
    struct json_path path;
    MUST(json_path_parse(cx->arena, path_text, &path));
    struct collector collector = { .seen = { .arena = cx->arena } };
    const struct usage_paths paths = { &path, 1 };
    struct period period = { query->from, query->to };
    enum err err = collect(cx, meter, period, &paths, &collector);
    if (err == OK)
        *ret = sorted_keys(&collector.seen, cx->arena);
    return err;
}
