/* Text and buffers: comparing, cutting, numbers, UTF-8, limits. */
#include "base/text.h"

#include "lib/percent.h"
#include "lib/table.h"
#include "lib/tap.h"

static void test_utf8(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/utf8.vec", 3);
    while (table_next(&t)) {
        text bytes = percent_decode(arena, t.cells[1]);
        /* A buffer of exactly these bytes, so that AddressSanitizer sees a look beyond them. */
        char *exact = malloc(bytes.len);
        text copy = { memcpy(exact, bytes.ptr, bytes.len), bytes.len };
        int64_t points;
        if (text_to_int(t.cells[2], &points))
            OK(text_is_utf8(copy) && text_code_points(copy) == (size_t)points, "%s",
               table_name(&t));
        else
            OK(!text_is_utf8(copy), "%s", table_name(&t));
        free(exact);
    }
    table_close(&t);
    OK(text_is_utf8(TEXT_NONE) && text_code_points(TEXT_NONE) == 0, "no bytes are well-formed");
}

static void test_to_int(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/base/int.vec", 3);
    while (table_next(&t)) {
        int64_t got = 42;
        bool is_read = text_to_int(percent_decode(arena, t.cells[1]), &got);
        text printed = is_read ? text_format(arena, "%lld", (long long)got) : TEXT("no");
        IS_TEXT(printed, text_cstr(arena, t.cells[2]), table_name(&t));
        if (!is_read)
            OK(got == 42, "and leaves the result alone");
    }
    table_close(&t);
}

static void test_compare(void)
{
    OK(text_is_empty(TEXT_NONE) && text_is_empty(TEXT("")) && !text_is_empty(TEXT("a")),
       "empty is empty, with or without a pointer");
    OK(text_equal(TEXT_NONE, TEXT("")), "the two empty texts are equal");
    OK(text_equal(TEXT("a\0b"), TEXT("a\0b")) && !text_equal(TEXT("a\0b"), TEXT("a\0c")),
       "NUL is a byte like others");
    OK(!text_equal(TEXT("a"), TEXT("ab")) && !text_equal(TEXT("a"), TEXT("A")),
       "length and case count");
    OK(text_equal_nocase(TEXT("Content-TYPE"), TEXT("content-type")), "case does not, when asked");
    OK(!text_equal_nocase(TEXT("@[`{"), TEXT("`{@[")), "only letters have case");
    OK(!text_equal_nocase(TEXT("\xc3\x84"), TEXT("\xc3\xa4")), "only those of ASCII");
    OK(text_compare(TEXT("a"), TEXT("b")) < 0 && text_compare(TEXT("b"), TEXT("a")) > 0 &&
           text_compare(TEXT("a"), TEXT("a")) == 0,
       "order goes by bytes");
    OK(text_compare(TEXT("a"), TEXT("ab")) < 0 && text_compare(TEXT_NONE, TEXT("a")) < 0 &&
           text_compare(TEXT_NONE, TEXT("")) == 0,
       "a prefix comes first");
    OK(text_compare(TEXT("\x7f"), TEXT("\x80")) < 0, "bytes are unsigned");
}

static void test_find(void)
{
    text t = TEXT("a needle in hay");
    OK(text_starts_with(t, TEXT("a n")) && !text_starts_with(t, TEXT("needle")), "starts with");
    OK(text_ends_with(t, TEXT("hay")) && !text_ends_with(t, TEXT("in")), "ends with");
    OK(text_starts_with(t, TEXT("")) && text_ends_with(t, TEXT_NONE), "everything, with nothing");
    OK(!text_starts_with(TEXT("a"), TEXT("ab")) && !text_ends_with(TEXT("b"), TEXT("ab")),
       "nothing, with more than it has");
    OK(text_contains(t, TEXT("needle")) && !text_contains(t, TEXT("NEEDLE")), "contains");
    OK(text_contains_nocase(t, TEXT("NEEDLE")) && !text_contains_nocase(t, TEXT("nail")),
       "contains in either case");
    OK(text_contains(t, TEXT("")) && text_contains(TEXT_NONE, TEXT_NONE) &&
           text_contains_nocase(TEXT_NONE, TEXT("")),
       "the empty text is in each");
    OK(!text_contains(TEXT_NONE, TEXT("a")) && !text_contains_nocase(TEXT("a"), TEXT("aa")),
       "a longer one is in none");
    OK(text_contains_nocase(TEXT("xxAb"), TEXT("aB")), "also at the very end");
}

static void test_cut(void)
{
    text rest = TEXT("a,,b,");
    IS_TEXT(text_cut(&rest, ','), "a", "a cut gives what stands before the separator");
    IS_TEXT(text_cut(&rest, ','), "", "between two of them nothing");
    IS_TEXT(text_cut(&rest, ','), "b", "then the next");
    OK(rest.ptr != NULL && rest.len == 0, "behind the last one an empty text is left");
    IS_TEXT(text_cut(&rest, ','), "", "which is a part as well");
    OK(rest.ptr == NULL, "after which none is left");
    text none = text_cut(&rest, ',');
    OK(none.ptr == NULL && rest.ptr == NULL, "nothing can be cut off nothing");
    rest = TEXT("whole");
    IS_TEXT(text_cut(&rest, ','), "whole", "without a separator all is given");
    OK(rest.ptr == NULL, "and nothing is left");
}

static void test_parts(struct arena *arena)
{
    text t = TEXT("abcdef");
    IS_TEXT(text_slice(t, 2, 3), "cde", "a slice from the middle");
    IS_TEXT(text_slice(t, 4, 99), "ef", "is clipped at the end");
    IS_TEXT(text_slice(t, 9, 1), "", "and empty beyond it");
    IS_TEXT(text_slice(t, 1, SIZE_MAX), "bcdef", "the largest length does not wrap");
    OK(text_slice(TEXT_NONE, 1, 1).ptr == NULL, "a slice of nothing is nothing");
    IS_TEXT(text_trim(TEXT(" \t\r\n\v\f a b \n")), "a b", "trimming takes white space of ASCII");
    IS_TEXT(text_trim(TEXT(" \t ")), "", "down to nothing");
    IS_TEXT(text_trim(TEXT("\xc2\xa0")), "\xc2\xa0", "and leaves other spaces");
    OK(strcmp(text_cstr(arena, text_slice(t, 0, 3)), "abc") == 0, "a C string ends with a NUL");
    OK(strcmp(text_cstr(arena, TEXT_NONE), "") == 0, "also that of nothing");
    text copy = text_copy(arena, t);
    OK(copy.ptr != t.ptr && text_equal(copy, t), "a copy has its own bytes");
    OK(text_copy(arena, TEXT_NONE).ptr == NULL && text_copy(arena, TEXT("")).ptr != NULL,
       "a copy of nothing is nothing, of an empty text an empty text");
    OK(text_of(NULL).ptr == NULL && text_equal(text_of("ab"), TEXT("ab")), "text of a C string");
    IS_TEXT(text_format(arena, "%s-%d", "a", 7), "a-7", "formatted");
    OK(text_format(arena, "%s", "").ptr != NULL, "formatted nothing is an empty text");
    text large = text_format(arena, "%5000d", 1);
    OK(large.len == 5000 && large.ptr[4999] == '1', "formatted text may be long");
}

static void test_buffer(struct arena *arena)
{
    struct buffer b = { .arena = arena };
    OK(buffer_text(&b).ptr != NULL && buffer_text(&b).len == 0, "a fresh buffer is empty");
    buffer_add(&b, TEXT("one"));
    buffer_add_char(&b, ' ');
    buffer_add_cstr(&b, "two ");
    buffer_add_int(&b, INT64_MIN);
    buffer_format(&b, " %03d", 7);
    buffer_add(&b, TEXT_NONE);
    IS_TEXT(buffer_text(&b), "one two -9223372036854775808 007", "all kinds add at the end");
    b = (struct buffer){ .arena = arena };
    for (int i = 0; i < 100000; i++)
        buffer_add_char(&b, (char)('a' + i % 26));
    bool is_kept = b.len == 100000;
    for (int i = 0; is_kept && i < 100000; i++)
        is_kept = b.ptr[i] == (char)('a' + i % 26);
    OK(is_kept && !b.is_over, "it grows, and keeps what it has");
}

static void test_limit(struct arena *arena)
{
    struct buffer b = { .arena = arena, .max = 5 };
    buffer_add(&b, TEXT("abc"));
    buffer_format(&b, "%s", "de");
    IS_TEXT(buffer_text(&b), "abcde", "a buffer can be filled to its limit");
    OK(!b.is_over, "which is not over it");
    buffer_add(&b, TEXT(""));
    OK(!b.is_over, "nothing more fits");
    buffer_add_char(&b, 'f');
    OK(b.is_over, "one byte more does not");
    IS_TEXT(buffer_text(&b), "abcde", "it keeps what it had");
    b = (struct buffer){ .arena = arena, .max = 5 };
    buffer_add(&b, TEXT("abc"));
    buffer_add(&b, TEXT("def"));
    buffer_add(&b, TEXT("g"));
    OK(b.is_over && text_equal(buffer_text(&b), TEXT("abc")),
       "what is too long is left out whole, and all that follows");
    b = (struct buffer){ .arena = arena, .max = 5 };
    buffer_format(&b, "%s", "abcdef");
    OK(b.is_over && b.len == 0, "so it is with formatted text");
    b = (struct buffer){ .arena = arena, .max = 2000 };
    for (int i = 0; i < 2000; i++)
        buffer_add_char(&b, 'x');
    OK(b.len == 2000 && !b.is_over, "a limit that is no power of two can be reached");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_utf8(arena);
    test_to_int(arena);
    test_compare();
    test_find();
    test_cut();
    test_parts(arena);
    test_buffer(arena);
    test_limit(arena);
    return tap_end();
}
