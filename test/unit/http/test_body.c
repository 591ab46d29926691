/* Bodies: collected in pieces of any size, decompressed on the way, never past the limit. */
#include "http/body.h"

#include "lib/tap.h"
#include "unit/http/pack.h"

/* How a body comes. */
struct way {
    size_t step; /* bytes in a piece */
    size_t max;
    enum http_coding coding;
};

static const char *const names[] = { "plain", "gzip", "zstd" };
_Static_assert(COUNT_OF(names) == HTTP_CODING_COUNT, "a name for each coding");

/* One buffer for body after body, as in the server. */
static struct http_body body;

/* Feeds `sent` and gives the fault, or a copy of the body in `ret`. */
static enum fault collect(struct arena *arena, text sent, struct way way, text *ret)
{
    enum fault fault;
    text whole;

    http_body_trim(&body);
    http_body_begin(&body, way.coding, way.max, way.step % 2 ? sent.len : 0);
    for (size_t at = 0; at < sent.len; at += way.step) {
        text piece = text_slice(sent, at, way.step);

        http_body_add(&body, piece.ptr, piece.len);
    }
    fault = http_body_end(&body, &whole);
    if (fault == FAULT_NONE)
        *ret = (text){ arena_copy(arena, whole.ptr, whole.len + HTTP_BODY_SPARE), whole.len };
    return fault;
}

static text packed(struct arena *arena, enum http_coding coding, text t)
{
    switch (coding) {
    case HTTP_CODING_IDENTITY:
        return t;
    case HTTP_CODING_GZIP:
        return gzip_of(arena, t);
    case HTTP_CODING_ZSTD:
        return zstd_of(arena, t);
    case HTTP_CODING_COUNT:
        break;
    }
    UNREACHABLE();
}

static bool is_padded(text got)
{
    for (size_t i = 0; i < HTTP_BODY_SPARE; i++)
        if (got.ptr[got.len + i] != 0)
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

static void test_pieces(struct arena *arena, enum http_coding coding)
{
    static const size_t steps[] = { 1, 2, 7, 1000, 65536 };
    text whole = numbers(arena, 9000);
    text sent = packed(arena, coding, whole);
    text got;

    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        OK(collect(arena, sent, (struct way){ steps[i], whole.len, coding }, &got) == FAULT_NONE &&
               text_equal(got, whole) && is_padded(got),
           "%s, pieces of %zu bytes, exactly at the limit", names[coding], steps[i]);
        OK(collect(arena, sent, (struct way){ steps[i], whole.len - 1, coding }, &got) ==
               FAULT_BODY_TOO_LARGE,
           "%s, pieces of %zu bytes, one byte past the limit", names[coding], steps[i]);
        OK(collect(arena, sent, (struct way){ steps[i], 4 * whole.len, coding }, &got) ==
                   FAULT_NONE &&
               text_equal(got, whole) && is_padded(got),
           "%s, pieces of %zu bytes, far from the limit", names[coding], steps[i]);
    }
}

static void test_members(struct arena *arena, enum http_coding coding)
{
    struct buffer sent = { .arena = arena };
    text got;

    buffer_add(&sent, packed(arena, coding, TEXT("one ")));
    buffer_add(&sent, packed(arena, coding, TEXT("")));
    buffer_add(&sent, packed(arena, coding, TEXT("two")));
    for (size_t step = 1; step < 4; step++)
        OK(collect(arena, buffer_text(&sent), (struct way){ step, 7, coding }, &got) ==
                   FAULT_NONE &&
               text_equal(got, TEXT("one two")),
           "%s, several members are one body, pieces of %zu", names[coding], step);
    OK(collect(arena, buffer_text(&sent), (struct way){ 5, 6, coding }, &got) ==
           FAULT_BODY_TOO_LARGE,
       "%s, the limit counts all members", names[coding]);
}

static void test_empty(struct arena *arena, enum http_coding coding)
{
    text got;

    OK(collect(arena, TEXT(""), (struct way){ 1, 10, coding }, &got) == FAULT_NONE &&
           got.len == 0 && got.ptr && is_padded(got),
       "%s, nothing at all is an empty body", names[coding]);
    OK(collect(arena, packed(arena, coding, TEXT("")), (struct way){ 3, 1, coding }, &got) ==
               FAULT_NONE &&
           got.len == 0,
       "%s of nothing", names[coding]);
}

static void test_malformed(struct arena *arena, enum http_coding coding)
{
    text sent = packed(arena, coding, numbers(arena, 100));
    char *broken = arena_copy(arena, sent.ptr, sent.len);
    struct buffer trailing = { .arena = arena };
    text got;

    for (size_t len = 1; len < sent.len; len += 13)
        OK(collect(arena, text_slice(sent, 0, len), (struct way){ 5, 4096, coding }, &got) ==
               FAULT_BODY_COMPRESSION,
           "%s cut after %zu bytes", names[coding], len);
    broken[sent.len - (coding == HTTP_CODING_GZIP ? 5 : 2)] ^= 1;
    OK(collect(arena, (text){ broken, sent.len }, (struct way){ 64, 4096, coding }, &got) ==
           FAULT_BODY_COMPRESSION,
       "%s with a wrong checksum", names[coding]);
    OK(collect(arena, TEXT("{\"id\":1}"), (struct way){ 3, 4096, coding }, &got) ==
           FAULT_BODY_COMPRESSION,
       "JSON said to be %s", names[coding]);
    buffer_add(&trailing, sent);
    buffer_add_cstr(&trailing, "garbage");
    OK(collect(arena, buffer_text(&trailing), (struct way){ 64, 4096, coding }, &got) ==
           FAULT_BODY_COMPRESSION,
       "%s with something else behind it", names[coding]);
}

static void test_bomb(struct arena *arena, enum http_coding coding)
{
    text bomb = packed(arena, coding, text_of_many(arena, '0', 64 * 1024 * 1024));
    text got;

    OK(bomb.len < 100 * 1024, "the bomb is small: %zu bytes of %s", bomb.len, names[coding]);
    OK(collect(arena, bomb, (struct way){ 4096, 1024 * 1024, coding }, &got) ==
           FAULT_BODY_TOO_LARGE,
       "a bomb of %s is too large", names[coding]);
    OK(body.room <= 1024 * 1024, "and took no more memory than the limit: %zu", body.room);
}

/* A frame that wants 64 MiB to look back into. */
static void test_window(struct arena *arena)
{
    text got;

    OK(collect(arena, TEXT("\x28\xb5\x2f\xfd\x00\x80\x01\x00\x00"),
               (struct way){ 100, 4096, HTTP_CODING_ZSTD }, &got) == FAULT_BODY_COMPRESSION,
       "a zstd window of 64 MiB is not granted");
    OK(collect(arena, TEXT("\x28\xb5\x2f\xfd\x00\x68\x01\x00\x00"),
               (struct way){ 100, 4096, HTTP_CODING_ZSTD }, &got) == FAULT_NONE,
       "one of 8 MiB is");
}

static void test_memory(void)
{
    static struct http_budget budget = { .max = 1024 * 1024 };
    struct http_body one = { .budget = &budget };
    struct http_body other = { .budget = &budget };
    char piece[64 * 1024] = { 0 };
    text got;

    http_body_begin(&one, HTTP_CODING_IDENTITY, 16 * 1024 * 1024, 16 * 1024 * 1024);
    OK(one.room <= 512 * 1024, "an announced length is not believed before it arrives: %zu",
       one.room);
    http_body_begin(&other, HTTP_CODING_IDENTITY, 16 * 1024 * 1024, 0);
    for (int i = 0; i < 12; i++)
        http_body_add(&other, piece, sizeof piece);
    OK(http_body_end(&other, &got) == FAULT_SERVER_BUSY, "bodies stay within the budget");
    OK(http_body_end(&one, &got) == FAULT_NONE, "the other one does not suffer");
    http_body_free(&one);
    http_body_trim(&other);
    http_body_begin(&other, HTTP_CODING_IDENTITY, 16 * 1024 * 1024, 0);
    for (int i = 0; i < 12; i++)
        http_body_add(&other, piece, sizeof piece);
    OK(http_body_end(&other, &got) == FAULT_NONE && got.len == 12 * sizeof piece,
       "there is room again");
    http_body_trim(&other);
    OK(other.room == 0, "a large buffer is not kept");
    http_body_free(&other);
    OK(budget.used == 0, "all was given back: %zu", (size_t)budget.used);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();

    for (enum http_coding coding = HTTP_CODING_IDENTITY; coding < HTTP_CODING_COUNT; coding++) {
        test_pieces(arena, coding);
        test_empty(arena, coding);
        if (coding == HTTP_CODING_IDENTITY)
            continue;
        test_members(arena, coding);
        test_malformed(arena, coding);
        test_bomb(arena, coding);
    }
    test_window(arena);
    test_memory();
    http_body_free(&body);
    return tap_end();
}
