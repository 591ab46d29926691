/* shape.c: shapes as they are read back: pieces, paths, values. */
#include "usage/shape.h"

#include "usage/shape_scan.h"

/* Cuts the template at its holes. */
static void read_pieces(struct shape *shape, struct arena *arena)
{
    text rest = shape->template;
    for (size_t i = 0; i < rest.len; i++)
        shape->leaf_count += rest.ptr[i] == SHAPE_HOLE;
    shape->pieces = ARENA_ARRAY(arena, text, (size_t)shape->leaf_count + 1);
    for (uint32_t i = 0; i < shape->leaf_count; i++)
        shape->pieces[i] = text_cut(&rest, SHAPE_HOLE);
    shape->pieces[shape->leaf_count] = rest;
}

bool shape_read(text template, struct arena *arena, struct shape *ret)
{
    struct shape shape = { .template = template };
    struct json_fault fault;
    char *filled = arena_copy(arena, template.ptr, template.len);
    size_t scalars = 0;
    for (size_t i = 0; i < template.len; i++) {
        if (filled[i] != SHAPE_HOLE)
            continue;
        filled[i] = '0';
        scalars++;
    }
    if (scalars > SHAPE_LEAVES_MAX ||
        !json_parse(arena, (text){ filled, template.len }, &shape.tree, &fault))
        return false;
    read_pieces(&shape, arena);
    *ret = shape;
    return true;
}

/* Counts the scalars before `target` in the order of the text, or all of them; true when it was
 * found. Trees are at most LIMIT_JSON_DEPTH deep. */
static bool count_before(const struct json *value, const struct json *target, uint32_t *count)
{
    if (value == target)
        return true;
    if (value->kind != JSON_ARRAY && value->kind != JSON_OBJECT) {
        ++*count;
        return false;
    }
    for (size_t i = 0; i < value->count; i++)
        if (count_before(&value->items[i], target, count))
            return true;
    return false;
}

struct shape_place shape_find(const struct shape *shape, const struct json_path *path)
{
    const struct json *found = json_path_get(&shape->tree, path);
    struct shape_place place = { .kind = PLACE_NOTHING };
    if (!found)
        return place;
    if (found->kind == JSON_ARRAY)
        place.kind = PLACE_ARRAY;
    else if (found->kind == JSON_OBJECT)
        place.kind = PLACE_OBJECT;
    else
        place.kind = PLACE_LEAF;
    if (place.kind == PLACE_LEAF)
        MUST(count_before(&shape->tree, found, &place.leaf));
    CHECK(place.leaf < shape->leaf_count || place.kind != PLACE_LEAF);
    return place;
}

/* A string with escapes; its bytes are decoded as any other JSON. */
static bool rich_value(text leaf, struct arena *arena, struct json *ret)
{
    struct json_fault fault;
    struct json value;
    if (!json_parse(arena, leaf, &value, &fault) || value.kind != JSON_TEXT)
        return false;
    *ret = (struct json){ .kind = JSON_TEXT, .text = value.text, .raw = leaf };
    return true;
}

bool shape_leaf_value(text leaf, struct arena *arena, struct json *ret)
{
    if (leaf.len == 0)
        return false;
    *ret = (struct json){ .raw = leaf };
    switch (leaf.ptr[0]) {
    case '"':
        if (leaf.len < 2 || leaf.ptr[leaf.len - 1] != '"')
            return false;
        if (memchr(leaf.ptr, '\\', leaf.len))
            return rich_value(leaf, arena, ret);
        ret->kind = JSON_TEXT;
        ret->text = text_slice(leaf, 1, leaf.len - 2);
        return true;
    case 't':
    case 'f':
        ret->kind = JSON_BOOL;
        ret->boolean = leaf.ptr[0] == 't';
        return true;
    case 'n':
        ret->kind = JSON_NULL;
        return true;
    default:
        ret->kind = JSON_NUMBER;
        ret->text = leaf;
        return true;
    }
}
