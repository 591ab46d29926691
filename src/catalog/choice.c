/* choice.c: lists as one argument of a statement. */
#include "catalog/choice.h"

struct store_arg choice_arg(const char *name, const struct text_list *list, struct arena *arena)
{
    CHECK(name != NULL && list != NULL);
    if (list->count == 0)
        return store_text(name, TEXT_NONE);
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < list->count; i++) {
        buffer_add_cstr(&b, CHOICE_SEPARATOR);
        buffer_add(&b, list->items[i]);
        buffer_add_cstr(&b, CHOICE_SEPARATOR);
    }
    CHECK(b.len >= 2 * list->count);
    return store_text(name, buffer_text(&b));
}

struct store_arg part_arg(const char *name, text part)
{
    CHECK(name != NULL);
    return store_text(name, text_is_empty(part) ? TEXT_NONE : part);
}
