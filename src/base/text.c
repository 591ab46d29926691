/* text.c: comparing, cutting and checking text. */
#include "base/text.h"

text text_of(const char *cstr)
{
    return cstr ? (text){ cstr, strlen(cstr) } : TEXT_NONE;
}

text text_copy(struct arena *arena, text t)
{
    if (!t.ptr)
        return TEXT_NONE;
    return (text){ arena_copy(arena, t.ptr, t.len), t.len };
}

char *text_cstr(struct arena *arena, text t)
{
    char *cstr = arena_alloc(arena, t.len + 1);

    if (t.len > 0)
        memcpy(cstr, t.ptr, t.len);
    return cstr;
}

text text_format(struct arena *arena, const char *format, ...)
{
    struct buffer b = { .arena = arena };
    va_list values;

    va_start(values, format);
    buffer_vformat(&b, format, values);
    va_end(values);
    return buffer_text(&b);
}

bool text_is_empty(text t)
{
    return t.len == 0;
}

bool text_equal(text a, text b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool equal_nocase(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (fold(a[i]) != fold(b[i]))
            return false;
    return true;
}

bool text_equal_nocase(text a, text b)
{
    return a.len == b.len && equal_nocase(a.ptr, b.ptr, a.len);
}

int text_compare(text a, text b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool text_starts_with(text t, text prefix)
{
    return t.len >= prefix.len && text_equal(text_slice(t, 0, prefix.len), prefix);
}

bool text_ends_with(text t, text suffix)
{
    return t.len >= suffix.len && text_equal(text_slice(t, t.len - suffix.len, suffix.len), suffix);
}

bool text_contains(text t, text needle)
{
    return needle.len == 0 ||
           (t.len >= needle.len && memmem(t.ptr, t.len, needle.ptr, needle.len) != NULL);
}

bool text_contains_nocase(text t, text needle)
{
    for (size_t i = 0; needle.len <= t.len && i <= t.len - needle.len; i++)
        if (equal_nocase(t.ptr + i, needle.ptr, needle.len))
            return true;
    return false;
}

text text_slice(text t, size_t from, size_t len)
{
    if (from > t.len)
        from = t.len;
    if (len > t.len - from)
        len = t.len - from;
    return (text){ t.ptr ? t.ptr + from : NULL, len };
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

text text_trim(text t)
{
    while (t.len > 0 && is_space(t.ptr[0]))
        t = text_slice(t, 1, t.len);
    while (t.len > 0 && is_space(t.ptr[t.len - 1]))
        t.len--;
    return t;
}

text text_cut(text *rest, char separator)
{
    text head = *rest;
    const char *at = rest->len > 0 ? memchr(rest->ptr, separator, rest->len) : NULL;

    if (!at) {
        *rest = TEXT_NONE;
        return head;
    }
    head.len = (size_t)(at - rest->ptr);
    *rest = text_slice(*rest, head.len + 1, rest->len);
    return head;
}

bool text_to_int(text t, int64_t *ret)
{
    bool is_negative = t.len > 0 && t.ptr[0] == '-';
    int64_t n = 0;

    if (is_negative)
        t = text_slice(t, 1, t.len);
    if (t.len == 0)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] < '0' || t.ptr[i] > '9')
            return false;
        if (__builtin_mul_overflow(n, 10, &n) || __builtin_sub_overflow(n, t.ptr[i] - '0', &n))
            return false;
    }
    /* Counted downwards, because the smallest int64_t has no positive twin. */
    if (!is_negative && __builtin_sub_overflow(0, n, &n))
        return false;
    *ret = n;
    return true;
}

/* Length that a lead byte announces; 0 for a byte that cannot lead. */
static size_t utf8_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xc2 || lead > 0xf4)
        return 0;
    return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

/* Whether the second byte makes an overlong form, a surrogate or a code point past U+10FFFF. */
static bool utf8_is_forbidden(unsigned char lead, unsigned char second)
{
    return (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
           (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
}

/* Length of the UTF-8 sequence at `s`, 0 when it is malformed. */
static size_t utf8_sequence(const unsigned char *s, size_t left)
{
    size_t len = utf8_length(s[0]);

    if (len == 0 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    return len > 1 && utf8_is_forbidden(s[0], s[1]) ? 0 : len;
}

bool text_is_utf8(text t)
{
    const unsigned char *s = (const unsigned char *)t.ptr;

    for (size_t i = 0; i < t.len;) {
        size_t len = utf8_sequence(s + i, t.len - i);

        if (len == 0)
            return false;
        i += len;
    }
    return true;
}

size_t text_code_points(text t)
{
    size_t count = 0;

    for (size_t i = 0; i < t.len; i++)
        count += ((unsigned char)t.ptr[i] & 0xc0) != 0x80;
    return count;
}
