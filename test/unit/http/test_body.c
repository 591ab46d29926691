/* Bodies: collected in pieces of any size, inflated on the way, never past the limit. */
#include "http/body.h"

#include "lib/tap.h"
#include "unit/http/gzip.h"

/* How a body comes. */
struct way {
    size_t step; /* bytes in a piece */
    size_t max;
    bool is_gzip;
};

/* Feeds `sent` the fault, or the body in `ret`. */
static enum fault collect(struct arena *arena, text sent, struct way way, text *ret)
{
    struct http_body body;

    http_body_init(&body, arena, way.max, way.step % 2 ? sent.len : 0);
    if (way.is_gzip)
        http_body_expect_gzip(&body);
    for (size_t at = 0; at < sent.len; at += way.step) {
        text piece = text_slice(sent, at, way.step);

        http_body_add(&body, piece.ptr, piece.len);
    }
    return http_body_end(&body, ret);
}

static bool is_padded(text body)
{
    for (size_t i = 0; i < HTTP_BODY_SPARE; i++)
        if (body.ptr[body.len + i] != 0)
            return false;
    return true;
}

static text numbers(struct arena *arena, int count)
{
    struct buffer b = { .arena = arena };

    for (int i = 0; i < count; i++)
        buffer_format(&b, "%d,", i * i);
    return buffer_text(&b);
}

static void test_pieces(struct arena *arena)
{
    static const size_t steps[] = { 1, 2, 7, 1000, 65536 };
    text whole = numbers(arena, 9000);
    text zipped = gzip_of(arena, whole);
    text got;

    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        OK(collect(arena, whole, (struct way){ steps[i], whole.len, false }, &got) == FAULT_NONE &&
               text_equal(got, whole) && is_padded(got),
           "plain, pieces of %zu bytes, exactly at the limit", steps[i]);
        OK(collect(arena, zipped, (struct way){ steps[i], whole.len, true }, &got) == FAULT_NONE &&
               text_equal(got, whole) && is_padded(got),
           "gzip, pieces of %zu bytes, exactly at the limit", steps[i]);
        OK(collect(arena, whole, (struct way){ steps[i], whole.len - 1, false }, &got) ==
               FAULT_BODY_TOO_LARGE,
           "plain, pieces of %zu bytes, one byte past the limit", steps[i]);
        OK(collect(arena, zipped, (struct way){ steps[i], whole.len - 1, true }, &got) ==
               FAULT_BODY_TOO_LARGE,
           "gzip, pieces of %zu bytes, one byte past the limit", steps[i]);
    }
}

static void test_members(struct arena *arena)
{
    struct buffer sent = { .arena = arena };
    text got;

    buffer_add(&sent, gzip_of(arena, TEXT("one ")));
    buffer_add(&sent, gzip_of(arena, TEXT("")));
    buffer_add(&sent, gzip_of(arena, TEXT("two")));
    for (size_t step = 1; step < 4; step++)
        OK(collect(arena, buffer_text(&sent), (struct way){ step, 7, true }, &got) == FAULT_NONE &&
               text_equal(got, TEXT("one two")),
           "several gzip members are one body, pieces of %zu", step);
    OK(collect(arena, buffer_text(&sent), (struct way){ 5, 6, true }, &got) == FAULT_BODY_TOO_LARGE,
       "the limit counts all members");
}

static void test_empty(struct arena *arena)
{
    text got;

    OK(collect(arena, TEXT(""), (struct way){ 1, 10, false }, &got) == FAULT_NONE && got.len == 0 &&
           got.ptr && is_padded(got),
       "an empty body is a body");
    OK(collect(arena, TEXT(""), (struct way){ 1, 10, true }, &got) == FAULT_NONE && got.len == 0,
       "nothing at all is an empty body, gzip or not");
    OK(collect(arena, gzip_of(arena, TEXT("")), (struct way){ 3, 1, true }, &got) == FAULT_NONE &&
           got.len == 0,
       "gzip of nothing");
}

static void test_malformed(struct arena *arena)
{
    text zipped = gzip_of(arena, numbers(arena, 100));
    char *broken = arena_copy(arena, zipped.ptr, zipped.len);
    struct buffer trailing = { .arena = arena };
    text got;

    for (size_t len = 1; len < zipped.len; len += 13)
        OK(collect(arena, text_slice(zipped, 0, len), (struct way){ 5, 4096, true }, &got) ==
               FAULT_BODY_COMPRESSION,
           "gzip cut after %zu bytes", len);
    broken[zipped.len - 5] ^= 1;
    OK(collect(arena, (text){ broken, zipped.len }, (struct way){ 64, 4096, true }, &got) ==
           FAULT_BODY_COMPRESSION,
       "gzip with a wrong checksum");
    OK(collect(arena, TEXT("{\"id\":1}"), (struct way){ 3, 4096, true }, &got) ==
           FAULT_BODY_COMPRESSION,
       "JSON said to be gzip");
    buffer_add(&trailing, zipped);
    buffer_add_cstr(&trailing, "garbage");
    OK(collect(arena, buffer_text(&trailing), (struct way){ 64, 4096, true }, &got) ==
           FAULT_BODY_COMPRESSION,
       "gzip with something else behind it");
}

static void test_bomb(struct arena *arena)
{
    CLEANUP(arena_cleanup) struct arena *own = arena_new();
    text bomb = gzip_of(arena, text_of_many(arena, '0', 64 * 1024 * 1024));
    text got;

    OK(bomb.len < 100 * 1024, "the bomb is small: %zu bytes", bomb.len);
    OK(collect(own, bomb, (struct way){ 4096, 1024 * 1024, true }, &got) == FAULT_BODY_TOO_LARGE,
       "a gzip bomb is too large");
    OK(arena_used(own) < 4 * 1024 * 1024, "and took no more memory than the limit calls for: %zu",
       arena_used(own));
}

static void test_announced(void)
{
    CLEANUP(arena_cleanup) struct arena *own = arena_new();
    struct http_body body;

    http_body_init(&body, own, 16 * 1024 * 1024, 16 * 1024 * 1024);
    OK(arena_used(own) < 512 * 1024, "an announced length is not believed before it arrives: %zu",
       arena_used(own));
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();

    test_pieces(arena);
    test_members(arena);
    test_empty(arena);
    test_malformed(arena);
    test_bomb(arena);
    test_announced();
    return tap_end();
}
