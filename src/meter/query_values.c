/* query_values.c: what there is to group and filter by: distinct subjects and dimension values. */
#include <stdlib.h>

#include "meter/keymap.h"
#include "meter/query.h"
#include "meter/value.h"

struct collector {
    struct keymap seen;
    struct arena *scratch;
    const struct json_path *path; /* NULL: subjects are collected */
};

static bool visit_event(void *state, const struct usage_event *event)
{
    struct collector *collector = state;
    if (collector->path == NULL) {
        (void)keymap_add(&collector->seen, event->subject);
        return true;
    }
    struct json data;
    struct json_fault fault;
    arena_reset(collector->scratch);
    if (value_data(event, collector->scratch, &data, &fault))
        (void)keymap_add(&collector->seen, value_text(json_path_get(&data, collector->path)));
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

/* Scans the meter's events of [from, to) into the collector. */
static enum err collect(struct cx *cx, const struct meter *meter, struct period period,
                        struct collector *collector)
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
    return usage_scan(cx->usage, &filter, visit_event, collector);
}

enum err meter_subjects(struct cx *cx, const struct meter *meter, instant from, instant to,
                        struct text_list *ret)
{
    CHECK(cx != NULL && meter != NULL && ret != NULL);
    CHECK(ulid_equal(meter->org.ulid, cx->org.ulid));
    struct collector collector = { .seen = { .arena = cx->arena } };
    enum err err = collect(cx, meter, (struct period){ from, to }, &collector);
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
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
    struct collector collector = {
        .seen = { .arena = cx->arena },
        .scratch = scratch,
        .path = &path,
    };
    enum err err = collect(cx, meter, (struct period){ query->from, query->to }, &collector);
    if (err == OK)
        *ret = sorted_keys(&collector.seen, cx->arena);
    return err;
}
