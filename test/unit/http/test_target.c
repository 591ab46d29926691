/* Targets and percent encoding: what is malformed is refused, nothing is mended. */
#include "http/target.h"

#include "lib/table.h"
#include "lib/tap.h"

static void test_percent(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/http/percent.vec", 4);

    while (table_next(&t)) {
        bool is_query = text_equal(t.cells[1], TEXT("query"));
        text got = TEXT("untouched");
        bool is_fine = http_percent_decode(arena, t.cells[2], is_query, &got);

        OK(is_fine == text_equal(t.cells[0], TEXT("accept")), "%s: verdict", table_name(&t));
        if (is_fine)
            IS_TEXT(http_percent_encode(arena, got), text_cstr(arena, t.cells[3]), table_name(&t));
        else
            IS_TEXT(got, "untouched", "a refusal leaves the result alone");
    }
    table_close(&t);
}

static text params_text(struct arena *arena, const struct http_target *target)
{
    struct buffer b = { .arena = arena };

    for (size_t i = 0; i < target->param_count; i++) {
        if (i > 0)
            buffer_add_char(&b, '&');
        buffer_add(&b, http_percent_encode(arena, target->params[i].name));
        buffer_add_char(&b, '=');
        buffer_add(&b, http_percent_encode(arena, target->params[i].value));
    }
    return buffer_text(&b);
}

static void test_targets(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/http/target.vec", 4);

    while (table_next(&t)) {
        struct http_target got = { 0 };
        bool is_fine = http_target_parse(arena, t.cells[1], &got);

        OK(is_fine == text_equal(t.cells[0], TEXT("accept")), "%s %.*s: verdict", table_name(&t),
           TEXT_ARG(t.cells[1]));
        if (!is_fine)
            continue;
        IS_TEXT(got.path, text_cstr(arena, t.cells[2]), "the path is as sent");
        IS_TEXT(params_text(arena, &got), text_cstr(arena, t.cells[3]),
                "the parameters are decoded, in order");
    }
    table_close(&t);
}

static void test_bytes_in_targets(struct arena *arena)
{
    for (int c = 0; c < 256; c++) {
        char bytes[] = { '/', 'a', (char)c, 'b' };
        struct http_target got;
        bool is_bad = c <= ' ' || c == 0x7f || c == '#' || c == '%' || c >= 0x80;

        OK(http_target_parse(arena, (text){ bytes, sizeof bytes }, &got) == !is_bad,
           "byte %d in a path is %s", c, is_bad ? "refused" : "accepted");
    }
}

static void test_round_trip(struct arena *arena)
{
    char bytes[255];
    text all, back;

    for (int c = 1; c < 128; c++)
        bytes[c - 1] = (char)c;
    all = (text){ bytes, 127 };
    OK(http_percent_decode(arena, http_percent_encode(arena, all), false, &back) &&
           text_equal(all, back),
       "what is encoded decodes to itself in a path");
    OK(http_percent_decode(arena, http_percent_encode(arena, all), true, &back) &&
           text_equal(all, back),
       "what is encoded decodes to itself in a query string");
}

static void test_words(void)
{
    struct http_param params[] = { { TEXT("a"), TEXT("1") }, { TEXT("a"), TEXT("2") } };
    struct http_request request = { .params = params, .param_count = 2 };

    IS_TEXT(http_param_find(&request, TEXT("a"))->value, "1", "the first of two parameters");
    OK(!http_param_find(&request, TEXT("A")), "names of parameters have case");
    OK(http_media_type_is(TEXT("application/json"), TEXT("application/json")), "a media type");
    OK(http_media_type_is(TEXT("Application/JSON; charset=utf-8"), TEXT("application/json")),
       "a media type: parameters and case are ignored");
    OK(http_media_type_is(TEXT("text/html, application/json;q=0.9"), TEXT("application/json")),
       "a media type: second of a list");
    OK(!http_media_type_is(TEXT("application/json-seq"), TEXT("application/json")),
       "a media type: a longer name is another one");
    OK(!http_media_type_is(TEXT(""), TEXT("application/json")), "a media type: no header");
    OK(!http_media_type_is(TEXT("*/*"), TEXT("application/json")), "a range names no media type");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();

    test_percent(arena);
    test_targets(arena);
    test_bytes_in_targets(arena);
    test_round_trip(arena);
    test_words();
    return tap_end();
}
