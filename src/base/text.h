/* text.h: text as a pair of pointer and length, and a buffer that grows in an arena.
 *
 * A `text` borrows its bytes: it never owns them, and is not NUL-terminated. It lives as long as
 * what it points into (a literal, a request body, an arena). UTF-8 by convention; functions that
 * care say so. text_cstr gives a NUL-terminated copy, for calls outside the tree only.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdarg.h>

#include "base/arena.h"

typedef struct text {
    const char *ptr;
    size_t len;
} text;

/* A text of a string literal, usable in static initialisers with TEXT_INIT. */
#define TEXT(literal) ((text){ "" literal, sizeof(literal) - 1 })
#define TEXT_INIT(literal)                                                                         \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }
#define TEXT_NONE ((text){ NULL, 0 })

/* For printf: printf("%.*s", TEXT_ARG(t)). Evaluates `t` more than once. */
#define TEXT_ARG(t) (int)(t).len, (t).ptr ? (t).ptr : ""

/* The text of a NUL-terminated string (borrowed); NULL gives the empty text. */
text text_of(const char *cstr);

/* A copy in the arena. */
text text_copy(struct arena *arena, text t);

/* A NUL-terminated copy in the arena. */
char *text_cstr(struct arena *arena, text t);

/* printf into the arena. */
text text_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Whether there are no bytes; ptr may be NULL or not. */
bool text_is_empty(text t);

/* Whether both have the same bytes. */
bool text_equal(text a, text b);

/* Equality that takes ASCII case for the same. */
bool text_equal_nocase(text a, text b);

/* Byte order, as memcmp; a prefix comes first. */
int text_compare(text a, text b);

/* Whether `t` begins or ends with these bytes; with the empty text always. */
bool text_starts_with(text t, text prefix);
bool text_ends_with(text t, text suffix);

/* Whether `needle` occurs in `t`, byte by byte; text_contains_nocase folds ASCII case. */
bool text_contains(text t, text needle);
bool text_contains_nocase(text t, text needle);

/* The part of `t` from `from` on, `len` bytes at most; clipped to `t`. */
text text_slice(text t, size_t from, size_t len);

/* Without ASCII white space at both ends. */
text text_trim(text t);

/* Cuts `*rest` at the first `separator`: returns what stands before it and leaves what stands
 * after it in `*rest`. Without a separator returns all and leaves `*rest` as TEXT_NONE. */
text text_cut(text *rest, char separator);

/* Reads a decimal integer, optional minus, nothing else; false when it is none or too large. */
NODISCARD bool text_to_int(text t, int64_t *ret);

/* Whether the bytes are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms). */
bool text_is_utf8(text t);

/* Number of Unicode code points, for well-formed UTF-8. */
size_t text_code_points(text t);

/* A growing buffer in an arena. Start with { .arena = a }. `max` of 0 means no limit; a buffer
 * that would pass `max` keeps what it has and sets `is_over`, to be looked at once, at the end. */
struct buffer {
    struct arena *arena;
    char *ptr;
    size_t len;
    size_t room;
    size_t max;
    bool is_over;
};

/* Each adds at the end, all or nothing: what would pass `max` sets `is_over` instead, and from then
 * on nothing is added. buffer_format and buffer_vformat are printf into the buffer. */
void buffer_add(struct buffer *b, text t);
void buffer_add_char(struct buffer *b, char c);
void buffer_add_cstr(struct buffer *b, const char *cstr);
void buffer_add_int(struct buffer *b, int64_t n);
void buffer_format(struct buffer *b, const char *format, ...) PRINTF_LIKE(2, 3);
void buffer_vformat(struct buffer *b, const char *format, va_list values);

/* Adds `size` bytes for the caller to fill, and returns where; NULL when they may not be added. */
char *buffer_add_room(struct buffer *b, size_t size);

/* What is in the buffer; valid until the next add. */
text buffer_text(const struct buffer *b);

#endif
