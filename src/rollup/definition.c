#include "rollup/definition.h"

#include <xxhash.h>

/* Raised when runs are to be built differently from the same view. */
#define BUILT_AS 1

static void add_number(struct buffer *out, int64_t n)
{
    buffer_add(out, (text){ (const char *)&n, sizeof(n) });
}

static void add_text(struct buffer *out, text t)
{
    add_number(out, (int64_t)t.len);
    buffer_add(out, t);
}

static uint64_t fingerprint_of(const struct rollup_view *view, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    add_number(&out, BUILT_AS);
    buffer_add(&out, (text){ (const char *)view->org.ulid.bytes, sizeof(view->org.ulid.bytes) });
    add_text(&out, view->type);
    add_number(&out, view->from.ns);
    add_number(&out, (int64_t)view->kind);
    add_text(&out, view->value);
    for (size_t i = 0; i < view->dimensions->count; i++)
        add_text(&out, view->dimensions->items[i]);
    return XXH3_64bits(out.ptr, out.len);
}

bool definition_of(const struct rollup_view *view, struct arena *arena, struct definition *ret)
{
    static const struct text_list none;
    CHECK(view != NULL && arena != NULL && ret != NULL);
    CHECK(view->kind >= 0 && view->kind < TALLY_KIND_COUNT);
    struct definition definition = { .view = *view };
    const struct text_list *dimensions = view->dimensions != NULL ? view->dimensions : &none;
    CHECK(dimensions->count <= LIMIT_DIMENSIONS_MAX);
    text *items = ARENA_ARRAY(arena, text, dimensions->count);
    struct json_path *paths = ARENA_ARRAY(arena, struct json_path, dimensions->count + 1);
    size_t count = 0;
    definition.view.type = text_copy(arena, view->type);
    definition.view.value = text_copy(arena, view->value);
    if (view->kind != TALLY_COUNT &&
        !json_path_parse(arena, definition.view.value, &paths[count++]))
        return false;
    definition.first_dimension = count;
    for (size_t i = 0; i < dimensions->count; i++) {
        items[i] = text_copy(arena, dimensions->items[i]);
        if (!json_path_parse(arena, items[i], &paths[count++]))
            return false;
    }
    definition.dimensions = (struct text_list){ items, dimensions->count };
    definition.paths = (struct usage_paths){ paths, count };
    *ret = definition;
    ret->view.dimensions = NULL;
    definition.view.dimensions = &definition.dimensions;
    ret->fingerprint = fingerprint_of(&definition.view, arena);
    return true;
}
