/* yaml_find.c: from the place that a fault names to the node that stands there. */
#include "codec/yaml.h"

static const struct yaml_node *member(const struct yaml_node *node, text key)
{
    for (size_t i = 0; node->kind == JSON_OBJECT && i < node->count; i++)
        if (text_equal(node->items[i].key, key))
            return &node->items[i];
    return NULL;
}

static const struct yaml_node *item(const struct yaml_node *node, text digits)
{
    int64_t index;

    if (node->kind != JSON_ARRAY || !text_to_int(digits, &index) || index < 0 ||
        (size_t)index >= node->count)
        return NULL;
    return &node->items[index];
}

/* The item whose key is this one. */
static const struct yaml_node *item_with(const struct yaml_node *node, text key)
{
    for (size_t i = 0; node->kind == JSON_ARRAY && i < node->count; i++) {
        const struct yaml_node *found = member(&node->items[i], TEXT("key"));

        if (found && text_equal(found->text, key))
            return &node->items[i];
    }
    return NULL;
}

/* What stands between brackets: 3, ?(@.key=='trial'), 'a name'. */
static const struct yaml_node *bracket(const struct yaml_node *node, text inside)
{
    static const text head = TEXT_INIT("?(@.key=='");

    if (text_starts_with(inside, head) && text_ends_with(inside, TEXT("')")))
        return item_with(node, text_slice(inside, head.len, inside.len - head.len - 2));
    if (inside.len >= 2 && (inside.ptr[0] == '\'' || inside.ptr[0] == '"'))
        return member(node, text_slice(inside, 1, inside.len - 2));
    return item(node, inside);
}

/* Cuts one step off: "[…]", or a name up to the next step. */
static text step_cut(text *rest, bool *ret_is_bracket)
{
    text step = *rest;
    size_t end = 0;

    *ret_is_bracket = step.ptr[0] == '[';
    if (*ret_is_bracket) {
        bool is_condition = step.len > 1 && step.ptr[1] == '?';

        while (end < step.len &&
               !(step.ptr[end] == ']' && (!is_condition || step.ptr[end - 1] == ')')))
            end++;
        *rest = text_slice(step, end + 1, step.len);
        return text_slice(step, 1, end - 1);
    }
    while (end < step.len && step.ptr[end] != '.' && step.ptr[end] != '[')
        end++;
    *rest = text_slice(step, end, step.len);
    return text_slice(step, 0, end);
}

const struct yaml_node *yaml_find(const struct yaml_node *root, text place)
{
    const struct yaml_node *node = root;

    CHECK(root);
    while (!text_is_empty(place)) {
        const struct yaml_node *next;
        bool is_bracket;
        text step;

        if (place.ptr[0] == '.' || place.ptr[0] == '$') {
            place = text_slice(place, 1, place.len);
            continue;
        }
        step = step_cut(&place, &is_bracket);
        next = is_bracket ? bracket(node, step) : member(node, step);
        if (!next)
            break;
        node = next;
    }
    return node;
}
