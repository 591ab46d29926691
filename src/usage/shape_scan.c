#include "usage/shape_scan.h"

#include "usage/bytes.h"
#include "usage/shape.h"

#define ONES  UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)

/* Marks the high bit of bytes that are zero; of those above the first one perhaps too many. */
static uint64_t zeros_of(uint64_t word)
{
    return (word - ONES) & ~word & HIGHS;
}

/* Marks bytes that end the plain part of a string: quotes, backslashes, control characters and all
 * outside of ASCII. The first mark is always right. */
static uint64_t marks_of(uint64_t word)
{
    return zeros_of(word ^ (ONES * '"')) | zeros_of(word ^ (ONES * '\\')) |
           ((word - ONES * ' ') & ~word & HIGHS) | (word & HIGHS);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Four hexadecimal digits. */
static bool read_hex4(const char *at, const char *end, uint32_t *ret)
{
    uint32_t n = 0;
    if (end - at < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        char low = (char)(c | 0x20);
        if (is_digit(c))
            n = n * 16 + (uint32_t)(c - '0');
        else if (low >= 'a' && low <= 'f')
            n = n * 16 + 10 + (uint32_t)(low - 'a');
        else
            return false;
    }
    *ret = n;
    return true;
}

/* Behind the escape whose backslash is at `at`; halves of surrogate pairs only in whole pairs. */
static const char *scan_escape(const char *at, const char *end)
{
    uint32_t high;
    uint32_t low;
    if (end - at < 2)
        return NULL;
    if (at[1] != 'u')
        return at[1] != '\0' && strchr("\"\\/bfnrt", at[1]) ? at + 2 : NULL;
    if (!read_hex4(at + 2, end, &high))
        return NULL;
    if (high < 0xd800 || high > 0xdfff)
        return at + 6;
    if (high > 0xdbff || end - at < 8 || at[6] != '\\' || at[7] != 'u' ||
        !read_hex4(at + 8, end, &low) || low < 0xdc00 || low > 0xdfff)
        return NULL;
    return at + 12;
}

/* The closing quote of a string with something in it that is not plain ASCII, from the first such
 * byte on. */
static const char *scan_rich(const char *begin, const char *at, const char *end)
{
    while (at < end && *at != '"') {
        if ((unsigned char)*at < ' ')
            return NULL;
        if (*at == '\\')
            at = scan_escape(at, end);
        else
            at++;
        if (!at)
            return NULL;
    }
    if (at >= end || !text_is_utf8((text){ begin, (size_t)(at - begin) }))
        return NULL;
    return at;
}

const char *shape_scan_string(const char *at, const char *end)
{
    const char *begin = at + 1;
    CHECK(at < end && *at == '"');
    _Static_assert(SHAPE_PADDING >= sizeof(uint64_t), "a word can be read behind the end");
    for (at = begin; at < end; at += sizeof(uint64_t)) {
        uint64_t marks = marks_of(bytes_get64((const unsigned char *)at));
        if (marks == 0)
            continue;
        at += __builtin_ctzll(marks) / 8;
        break;
    }
    if (at >= end)
        return NULL;
    if (*at != '"')
        at = scan_rich(begin, at, end);
    return at ? at + 1 : NULL;
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at))
        at++;
    return at;
}

/* RFC 8259: -? (0 | [1-9][0-9]*) (\.[0-9]+)? ([eE][+-]?[0-9]+)? */
static const char *scan_number(const char *at, const char *end)
{
    const char *digits = *at == '-' ? at + 1 : at;
    at = skip_digits(digits, end);
    if (at == digits || (*digits == '0' && at - digits > 1))
        return NULL;
    if (at < end && *at == '.') {
        digits = at + 1;
        at = skip_digits(digits, end);
        if (at == digits)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        digits = at;
        at = skip_digits(digits, end);
        if (at == digits)
            return NULL;
    }
    return at;
}

static const char *scan_literal(const char *at, const char *end, text literal)
{
    bool is_it = (size_t)(end - at) >= literal.len && memcmp(at, literal.ptr, literal.len) == 0;
    return is_it ? at + literal.len : NULL;
}

/* Whether a scalar may be followed by this. */
static bool ends_word(const char *at, const char *end)
{
    return at == end || *at == ',' || *at == '}' || *at == ']' || *at == ' ' || *at == '\n' ||
           *at == '\t' || *at == '\r';
}

const char *shape_scan_word(const char *at, const char *end)
{
    const char *to = NULL;
    CHECK(at < end);
    if (*at == '-' || is_digit(*at))
        to = scan_number(at, end);
    else if (*at == 't')
        to = scan_literal(at, end, TEXT("true"));
    else if (*at == 'f')
        to = scan_literal(at, end, TEXT("false"));
    else if (*at == 'n')
        to = scan_literal(at, end, TEXT("null"));
    return to && ends_word(to, end) ? to : NULL;
}
