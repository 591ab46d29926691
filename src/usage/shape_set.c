/* shape_set.c: finding the shape of each datum while a segment is written. */
#include "usage/column_same.h"
#include "usage/shape.h"
#include "usage/shape_scan.h"

#include <xxhash.h>

#define SLOTS (SHAPES_MAX * 4)

struct shape_set {
    struct arena *arena;
    struct arena *scratch; /* emptied after each new shape */
    struct shape shapes[SHAPES_MAX];
    uint32_t count;
    uint32_t leaves;       /* of all shapes */
    uint32_t slots[SLOTS]; /* by hash of the template: number + 1 */
    char *template;        /* of the datum at hand */
    size_t template_room;
};

struct shape_set *shape_set_new(void)
{
    struct shape_set *set = calloc(1, sizeof(*set));
    MUST(set != NULL);
    set->arena = arena_new();
    set->scratch = arena_new();
    return set;
}

void shape_set_free(struct shape_set *set)
{
    if (!set)
        return;
    arena_free(set->arena);
    arena_free(set->scratch);
    free(set->template);
    free(set);
}

uint32_t shape_set_count(const struct shape_set *set)
{
    return set->count;
}

const struct shape *shape_set_get(const struct shape_set *set, uint32_t number)
{
    CHECK(number < set->count);
    return &set->shapes[number];
}

/* Whether the datum has this shape: the way that nearly all of them take. */
static bool is_of_shape(const struct shape *shape, text data, struct shape_leaf *ret_leaves)
{
    const char *at = data.ptr;
    const char *end = data.ptr + data.len;
    for (uint32_t i = 0;; i++) {
        const text *piece = &shape->pieces[i];
        const char *from;
        if ((size_t)(end - at) < piece->len || !column_same(at, piece->ptr, piece->len))
            return false;
        at += piece->len;
        if (i == shape->leaf_count)
            return at == end;
        from = at;
        at = shape_scan_leaf(from, end);
        if (!at)
            return false;
        ret_leaves[i].offset = (uint32_t)(from - data.ptr);
        ret_leaves[i].length = (uint32_t)(at - from);
    }
}

/* A datum being turned into its template. */
struct making {
    const char *at;
    const char *end;
    char *to;
    uint32_t leaves;
};

static void skip_space(struct making *making)
{
    while (making->at < making->end && (*making->at == ' ' || *making->at == '\n' ||
                                        *making->at == '\t' || *making->at == '\r'))
        *making->to++ = *making->at++;
}

/* A string: a key, which stays, when a colon follows; else a leaf. */
static bool make_string(struct making *making)
{
    const char *from = making->at;
    const char *to = shape_scan_string(from, making->end);
    const char *next = to;
    if (!to)
        return false;
    while (next < making->end && (*next == ' ' || *next == '\n' || *next == '\t' || *next == '\r'))
        next++;
    making->at = to;
    if (next < making->end && *next == ':') {
        memcpy(making->to, from, (size_t)(to - from));
        making->to += to - from;
    } else {
        *making->to++ = SHAPE_HOLE;
        making->leaves++;
    }
    return true;
}

static bool make_word(struct making *making)
{
    const char *to = shape_scan_word(making->at, making->end);
    if (!to)
        return false;
    making->at = to;
    *making->to++ = SHAPE_HOLE;
    making->leaves++;
    return true;
}

/* The datum's template; whether it is one of JSON is not known yet. */
static bool make_template(struct shape_set *set, text data, text *ret)
{
    struct making making = { .at = data.ptr, .end = data.ptr + data.len };
    if (set->template_room < data.len) {
        free(set->template);
        set->template = malloc(data.len);
        MUST(set->template != NULL);
        set->template_room = data.len;
    }
    making.to = set->template;
    while (making.at < making.end) {
        char c = *making.at;
        if (c == '{' || c == '}' || c == '[' || c == ']' || c == ':' || c == ',') {
            *making.to++ = c;
            making.at++;
        } else if (c == ' ' || c == '\n' || c == '\t' || c == '\r') {
            skip_space(&making);
        } else if (!(c == '"' ? make_string(&making) : make_word(&making))) {
            return false;
        }
        if (making.leaves > SHAPE_LEAVES_MAX)
            return false;
    }
    *ret = (text){ set->template, (size_t)(making.to - set->template) };
    return true;
}

static size_t slot_of(const struct shape_set *set, text template)
{
    size_t at = (size_t)XXH3_64bits(template.ptr, template.len) % SLOTS;
    while (set->slots[at] != 0 && !text_equal(set->shapes[set->slots[at] - 1].template, template))
        at = (at + 1) % SLOTS;
    return at;
}

/* A new shape, when there is room and the datum is JSON. */
static bool add_shape(struct shape_set *set, text template, text data, uint32_t *ret)
{
    uint32_t leaves = 0;
    struct json tree;
    struct json_fault fault;
    struct shape *shape = &set->shapes[set->count];
    bool is_json;
    for (size_t i = 0; i < template.len; i++)
        leaves += template.ptr[i] == SHAPE_HOLE;
    if (set->count == SHAPES_MAX || set->leaves + leaves > LEAVES_MAX)
        return false;
    is_json = json_parse(set->scratch, data, &tree, &fault);
    arena_reset(set->scratch);
    if (!is_json)
        return false;
    template = text_copy(set->arena, template);
    MUST(shape_read(template, set->arena, shape));
    CHECK(shape->leaf_count == leaves);
    set->slots[slot_of(set, template)] = set->count + 1;
    set->leaves += leaves;
    *ret = set->count++;
    return true;
}

uint32_t shape_set_take(struct shape_set *set, text data, uint32_t hint,
                        struct shape_leaf *ret_leaves)
{
    text template;
    uint32_t number;
    CHECK(data.len > 0);
    if (hint < set->count && is_of_shape(&set->shapes[hint], data, ret_leaves))
        return hint;
    if (data.len > SHAPE_BYTES_MAX || !make_template(set, data, &template))
        return SHAPE_OPAQUE;
    number = set->slots[slot_of(set, template)];
    if (number != 0)
        number--;
    else if (!add_shape(set, template, data, &number))
        return SHAPE_OPAQUE;
    return is_of_shape(&set->shapes[number], data, ret_leaves) ? number : SHAPE_OPAQUE;
}
