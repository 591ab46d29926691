/* buffer.c: text that grows in an arena. */
#include "base/text.h"

#define BUFFER_FIRST_BYTES 256

/* Whether `more` bytes may still go in; the first that may not marks the buffer. */
static bool buffer_allows(struct buffer *b, size_t more)
{
    CHECK(b->arena);
    CHECK(b->is_over || b->max == 0 || b->len <= b->max);
    if (b->max > 0 && !b->is_over && more > b->max - b->len)
        b->is_over = true;
    return !b->is_over;
}

/* Makes room for `more` bytes. */
static void buffer_reserve(struct buffer *b, size_t more)
{
    size_t room = b->room ? b->room : BUFFER_FIRST_BYTES;
    char *grown;

    MUST(more <= SIZE_MAX / 4 - b->len);
    if (more <= b->room - b->len)
        return;
    while (room - b->len < more)
        room *= 2;
    grown = arena_alloc(b->arena, room);
    if (b->len > 0)
        memcpy(grown, b->ptr, b->len);
    b->ptr = grown;
    b->room = room;
}

char *buffer_add_room(struct buffer *b, size_t size)
{
    if (!buffer_allows(b, size))
        return NULL;
    buffer_reserve(b, size);
    b->len += size;
    return b->ptr + b->len - size;
}

void buffer_add(struct buffer *b, text t)
{
    char *room = t.len > 0 ? buffer_add_room(b, t.len) : NULL;

    if (room)
        memcpy(room, t.ptr, t.len);
}

void buffer_add_char(struct buffer *b, char c)
{
    if (!buffer_allows(b, 1))
        return;
    buffer_reserve(b, 1);
    b->ptr[b->len++] = c;
}

void buffer_add_cstr(struct buffer *b, const char *cstr)
{
    buffer_add(b, text_of(cstr));
}

void buffer_add_int(struct buffer *b, int64_t n)
{
    buffer_format(b, "%lld", (long long)n);
}

void buffer_format(struct buffer *b, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    buffer_vformat(b, format, values);
    va_end(values);
}

PRINTF_LIKE(2, 0)

void buffer_vformat(struct buffer *b, const char *format, va_list values)
{
    va_list again;
    int len;

    va_copy(again, values);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    MUST(len >= 0);
    if (!buffer_allows(b, (size_t)len))
        return;
    /* One byte more than needed: vsnprintf ends with a NUL that is not part of the text. */
    buffer_reserve(b, (size_t)len + 1);
    vsnprintf(b->ptr + b->len, (size_t)len + 1, format, values);
    b->len += (size_t)len;
}

text buffer_text(const struct buffer *b)
{
    return (text){ b->ptr ? b->ptr : "", b->len };
}
