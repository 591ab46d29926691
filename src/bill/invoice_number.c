/* invoice_number.c: numbers of invoices. Names are brought to ASCII by ICU's transliteration, so
 * that a number can be typed and spoken anywhere. */
#include <pthread.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include "bill/invoice.h"

/* Longer names differ in their first letters or not at all. */
#define NAME_UNITS_MAX 1024

static pthread_once_t ascii_once = PTHREAD_ONCE_INIT;
static UTransliterator *ascii_rules;

static void ascii_open(void)
{
    static const UChar id[] = u"Any-Latin; Latin-ASCII; Upper";
    UErrorCode code = U_ZERO_ERROR;
    ascii_rules = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &code);
    MUST(U_SUCCESS(code) && ascii_rules != NULL);
}

/* Capitals of a name that is ASCII already, which most are: without the tables of ICU. */
static bool ascii_plain(struct arena *arena, text name, text *ret)
{
    char *bytes = arena_alloc(arena, name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if ((unsigned char)c >= 0x80)
            return false;
        bytes[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    *ret = (text){ bytes, name.len };
    return true;
}

/* The name in capitals, where that can be; other signs are left as they are. */
static text ascii_capitals(struct arena *arena, text name)
{
    text plain;
    if (ascii_plain(arena, name, &plain))
        return plain;
    UChar *units = ARENA_ARRAY(arena, UChar, NAME_UNITS_MAX);
    UErrorCode code = U_ZERO_ERROR;
    int32_t length = 0;
    text start = text_slice(name, 0, NAME_UNITS_MAX / 4);
    MUST(pthread_once(&ascii_once, ascii_open) == 0);
    u_strFromUTF8WithSub(units, NAME_UNITS_MAX / 4 + 1, &length, start.ptr, (int32_t)start.len,
                         0xFFFD, NULL, &code);
    MUST(U_SUCCESS(code));
    int32_t limit = length;
    /* A transliterator keeps no state between calls, but is not promised to be shareable: each
     * call works on a copy. */
    UTransliterator *rules = utrans_clone(ascii_rules, &code);
    MUST(U_SUCCESS(code));
    utrans_transUChars(rules, units, &length, NAME_UNITS_MAX, 0, &limit, &code);
    utrans_close(rules);
    if (U_FAILURE(code))
        return (text){ "", 0 };
    char *bytes = arena_alloc(arena, (size_t)length * 3 + 1);
    int32_t size = 0;
    u_strToUTF8WithSub(bytes, length * 3 + 1, &size, units, length, '?', NULL, &code);
    MUST(U_SUCCESS(code));
    return (text){ bytes, (size_t)size };
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The next word without signs that are no letters; ptr NULL at the end. */
static text next_word(struct arena *arena, text *rest)
{
    while (rest->ptr != NULL) {
        text raw = text_cut(rest, ' ');
        struct buffer word = { .arena = arena };
        for (size_t i = 0; i < raw.len; i++) {
            if (is_letter(raw.ptr[i]))
                buffer_add_char(&word, raw.ptr[i]);
        }
        if (word.len > 0)
            return buffer_text(&word);
    }
    return TEXT_NONE;
}

text invoice_number_letters(struct arena *arena, text name)
{
    CHECK(arena != NULL);
    text rest = ascii_capitals(arena, name);
    text first = next_word(arena, &rest);
    if (first.ptr == NULL)
        return TEXT("UNKN");
    text second = next_word(arena, &rest);
    if (second.ptr == NULL)
        return text_slice(first, 0, 4);
    return text_format(arena, "%.*s%.*s", TEXT_ARG(text_slice(first, 0, 2)),
                       TEXT_ARG(text_slice(second, 0, 2)));
}

text invoice_number_gathering(struct arena *arena, text name, text currency, int64_t n)
{
    CHECK(!text_is_empty(currency));
    CHECK(n > 0);
    return text_format(arena, "GATHER-%.*s-%.*s-%lld",
                       TEXT_ARG(invoice_number_letters(arena, name)), TEXT_ARG(currency),
                       (long long)n);
}

text invoice_number_series(struct arena *arena, text series, text name, int64_t n)
{
    CHECK(!text_is_empty(series));
    CHECK(n > 0);
    return text_format(arena, "%.*s-%.*s-%lld", TEXT_ARG(series),
                       TEXT_ARG(invoice_number_letters(arena, name)), (long long)n);
}
