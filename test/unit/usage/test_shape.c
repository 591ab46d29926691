/* test_shape.c: data taken apart by shape come back byte for byte, and what a shape says of a path
 * is what the tree of the data says. */
#include "lib/table.h"
#include "sealed_kit.h"
#include "usage/shape.h"

/* The bytes of a cell between < and >, escapes resolved. */
static text cell_bytes(struct arena *arena, text cell)
{
    struct buffer out = { .arena = arena };
    for (size_t i = 0; i < cell.len; i++) {
        text next = text_slice(cell, i, 2);
        if (text_equal(next, TEXT("\\x"))) {
            char hex[3] = { cell.ptr[i + 2], cell.ptr[i + 3], '\0' };
            buffer_add_char(&out, (char)strtoul(hex, NULL, 16));
            i += 3;
        } else {
            buffer_add_char(&out, cell.ptr[i]);
        }
    }
    return buffer_text(&out);
}

/* \n and \t outside of strings are white space itself. */
static text with_space(struct arena *arena, text t)
{
    struct buffer out = { .arena = arena };
    bool is_inside = false;
    for (size_t i = 0; i < t.len; i++) {
        text next = text_slice(t, i, 2);
        bool is_space = text_equal(next, TEXT("\\n")) || text_equal(next, TEXT("\\t"));
        if (!is_inside && is_space) {
            buffer_add_char(&out, t.ptr[++i] == 'n' ? '\n' : '\t');
            continue;
        }
        buffer_add_char(&out, t.ptr[i]);
        if (is_inside && t.ptr[i] == '\\' && i + 1 < t.len)
            buffer_add_char(&out, t.ptr[++i]);
        else if (t.ptr[i] == '"')
            is_inside = !is_inside;
    }
    return buffer_text(&out);
}

/* With bytes behind it that would mislead a reader that went too far. */
static text padded(struct arena *arena, text t)
{
    char *copy = arena_alloc(arena, t.len + SHAPE_PADDING);
    memset(copy, '"', t.len + SHAPE_PADDING);
    if (t.len > 0)
        memcpy(copy, t.ptr, t.len);
    return (text){ copy, t.len };
}

static text shown(struct arena *arena, text template)
{
    char *copy = arena_copy(arena, template.ptr, template.len);
    for (size_t i = 0; i < template.len; i++)
        if (copy[i] == SHAPE_HOLE)
            copy[i] = '_';
    return text_trim((text){ copy, template.len });
}

static void test_vectors(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/usage/shapes.vec", 2);
    while (table_next(&t)) {
        struct shape_set *set = shape_set_new();
        struct shape_leaf leaves[SHAPE_LEAVES_MAX];
        text cell = text_slice(t.cells[0], 1, t.cells[0].len - 2);
        text data = padded(arena, cell_bytes(arena, with_space(arena, cell)));
        text want = text_trim(with_space(arena, t.cells[1]));
        text got = TEXT("opaque");
        uint32_t number = SHAPE_OPAQUE;
        if (data.len > 0)
            number = shape_set_take(set, data, 0, leaves);
        if (number != SHAPE_OPAQUE)
            got = shown(arena, shape_set_get(set, number)->template);
        IS_TEXT(got, text_cstr(arena, want), table_name(&t));
        shape_set_free(set);
    }
    table_close(&t);
}

/* ---- laws ---- */

static bool is_restored(struct arena *arena, const struct shape *shape, text data,
                        const struct shape_leaf *leaves)
{
    struct buffer out = { .arena = arena };
    for (uint32_t i = 0; i < shape->leaf_count; i++) {
        buffer_add(&out, shape->pieces[i]);
        buffer_add(&out, text_slice(data, leaves[i].offset, leaves[i].length));
    }
    buffer_add(&out, shape->pieces[shape->leaf_count]);
    return text_equal(buffer_text(&out), data);
}

/* Whether shape and leaves say of a path what the tree says. */
static bool is_told(struct arena *arena, const struct shape *shape, text data,
                    const struct shape_leaf *leaves, const struct json_path *path)
{
    struct shape_place place = shape_find(shape, path);
    struct json root;
    struct json value;
    struct json_fault fault;
    const struct json *want;
    if (!json_parse(arena, data, &root, &fault))
        return false; /* what has a shape is JSON */
    want = json_path_get(&root, path);
    if (!want)
        return place.kind == PLACE_NOTHING;
    if (want->kind == JSON_ARRAY || want->kind == JSON_OBJECT)
        return place.kind == (want->kind == JSON_ARRAY ? PLACE_ARRAY : PLACE_OBJECT);
    return place.kind == PLACE_LEAF &&
           shape_leaf_value(text_slice(data, leaves[place.leaf].offset, leaves[place.leaf].length),
                            arena, &value) &&
           value.kind == want->kind && value.boolean == want->boolean &&
           text_equal(value.text, want->text) && text_equal(value.raw, want->raw);
}

static text some_data(struct arena *arena)
{
    struct buffer out = { .arena = arena };
    text data;
    add_json(&out, 4);
    data = buffer_text(&out);
    if (data.len > 0 && below(4) == 0) {
        char *copy = arena_copy(arena, data.ptr, data.len);
        copy[below(data.len)] = (char)below(256);
        data.ptr = copy;
    }
    return data;
}

static void test_laws(void)
{
    static const char *const paths[] = { "$",       "$.a",      "$.a.b",   "$[0]",
                                         "$[1].a",  "$.a[0]",   "$.model", "$[\"with.dot\"]",
                                         "$[\"\"]", "$.b.deep", "$.a.a.a", "$[2][0]" };
    struct law restored = { .name = "shape and leaves give the data back byte for byte" };
    struct law told = { .name = "a shape says of each path what the tree says" };
    struct law taken = { .name = "plain JSON is taken apart" };
    for (int round = 0; round < 60; round++) {
        struct shape_set *set = shape_set_new();
        uint32_t hint = 0;
        for (int i = 0; i < 300; i++) {
            CLEANUP(arena_cleanup) struct arena *arena = arena_new();
            struct shape_leaf leaves[SHAPE_LEAVES_MAX];
            text data = padded(arena, some_data(arena));
            struct json_path path;
            struct json root;
            struct json_fault fault;
            uint32_t number;
            if (data.len == 0)
                continue;
            number = shape_set_take(set, data, below(2) ? hint : (uint32_t)below(200), leaves);
            if (shape_set_count(set) < SHAPES_MAX)
                law_case(&taken, (number != SHAPE_OPAQUE) == json_parse(arena, data, &root, &fault),
                         "%.*s", TEXT_ARG(data));
            if (number == SHAPE_OPAQUE)
                continue;
            hint = number;
            law_case(&restored, is_restored(arena, shape_set_get(set, number), data, leaves),
                     "%.*s", TEXT_ARG(data));
            MUST(json_path_parse(arena, text_of(paths[below(COUNT_OF(paths))]), &path));
            law_case(&told, is_told(arena, shape_set_get(set, number), data, leaves, &path), "%.*s",
                     TEXT_ARG(data));
        }
        shape_set_free(set);
    }
    law_end(&restored);
    law_end(&told);
    law_end(&taken);
}

/* ---- bounds ---- */

static void test_bounds(struct arena *arena)
{
    struct shape_set *set = shape_set_new();
    struct shape_leaf leaves[SHAPE_LEAVES_MAX];
    struct buffer many = { .arena = arena };
    uint32_t refused = 0;
    buffer_add_char(&many, '[');
    for (uint32_t i = 0; i < SHAPE_LEAVES_MAX; i++)
        buffer_add_cstr(&many, "1,");
    buffer_add_cstr(&many, "1]");
    OK(shape_set_take(set, padded(arena, buffer_text(&many)), 0, leaves) == SHAPE_OPAQUE,
       "a shape has SHAPE_LEAVES_MAX leaves at most");
    for (uint32_t i = 0; i < SHAPES_MAX + 10; i++) {
        text data = padded(arena, text_format(arena, "{\"key-%u\":%u}", i, i));
        refused += shape_set_take(set, data, 0, leaves) == SHAPE_OPAQUE;
    }
    OK(refused == 10 && shape_set_count(set) == SHAPES_MAX, "a set has SHAPES_MAX shapes at most");
    OK(shape_set_take(set, padded(arena, TEXT("{\"key-7\":\"again\"}")), 0, leaves) == 7,
       "a full set still knows its shapes");
    shape_set_free(set);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    law_seed();
    test_vectors(arena);
    test_laws();
    test_bounds(arena);
    return tap_end();
}
