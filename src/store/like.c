/* like.c */
#include "store/like.h"

struct store_arg store_like(const char *name, text part, struct arena *arena)
{
    CHECK(name != NULL);
    struct buffer pattern = { .arena = arena };
    if (part.ptr == NULL)
        return store_text(name, TEXT_NONE);
    buffer_add_char(&pattern, '%');
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (c == '%' || c == '_' || c == '!')
            buffer_add_char(&pattern, '!');
        buffer_add_char(&pattern, c);
    }
    buffer_add_char(&pattern, '%');
    return store_text(name, buffer_text(&pattern));
}
