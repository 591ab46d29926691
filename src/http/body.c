/* body.c: a body that grows in an arena, with an inflater in front of it when it is compressed.
 *
 * zlib's own memory comes from the same arena, so there is nothing to clean up.
 */
#include "http/body.h"

#include <limits.h>
#define ZLIB_CONST /* next_in points to what is only read */
#include <zlib.h>

#define BODY_FIRST_BYTES   1024
#define BODY_TRUSTED_BYTES (256 * 1024) /* of an announced length, reserved before it arrives */
#define GZIP_WINDOW_BITS   (15 + 16)    /* the largest window; 16 asks for the gzip format only */
#define GZIP_USUAL_RATIO   4

static void body_allocate(struct http_body *body, size_t room)
{
    char *grown = arena_alloc(body->arena, room + HTTP_BODY_SPARE);

    CHECK(room >= body->len);
    if (body->len > 0)
        memcpy(grown, body->bytes, body->len);
    body->bytes = grown;
    body->room = room;
}

void http_body_init(struct http_body *body, struct arena *arena, size_t max, size_t size_hint)
{
    CHECK(body && arena);
    CHECK(max > 0 && max < SIZE_MAX / 4);
    *body = (struct http_body){ .arena = arena, .max = max };
    if (size_hint > max)
        size_hint = max;
    if (size_hint > 0)
        body_allocate(body, size_hint < BODY_TRUSTED_BYTES ? size_hint : BODY_TRUSTED_BYTES);
}

static voidpf inflater_alloc(voidpf arena, uInt count, uInt size)
{
    return arena_array(arena, count, size);
}

/* The arena takes it all back. */
static void inflater_free(voidpf arena, voidpf memory)
{
    (void)arena;
    (void)memory;
}

void http_body_expect_gzip(struct http_body *body)
{
    z_stream *inflater = ARENA_NEW(body->arena, z_stream);

    CHECK(body->len == 0 && !body->inflater);
    inflater->zalloc = inflater_alloc;
    inflater->zfree = inflater_free;
    inflater->opaque = body->arena;
    MUST(inflateInit2(inflater, GZIP_WINDOW_BITS) == Z_OK);
    body->inflater = inflater;
}

/* Makes room for `more` bytes behind what is there: doubling, but never past the limit. */
static void body_reserve(struct http_body *body, size_t more)
{
    size_t room = body->room ? body->room : BODY_FIRST_BYTES;

    CHECK(more <= body->max - body->len);
    if (more <= body->room - body->len)
        return;
    while (room - body->len < more)
        room *= 2;
    body_allocate(body, room < body->max ? room : body->max);
}

static void body_add_plain(struct http_body *body, const void *bytes, size_t size)
{
    if (size > body->max - body->len) {
        body->fault = FAULT_BODY_TOO_LARGE;
        return;
    }
    body_reserve(body, size);
    memcpy(body->bytes + body->len, bytes, size);
    body->len += size;
}

/* Inflates once into what room there is. At the limit one byte more is offered, in the spare
 * bytes: if it is taken, the body is too large. */
static int body_inflate(struct http_body *body)
{
    z_stream *z = body->inflater;
    size_t avail;
    int result;

    if (body->len == body->room && body->len < body->max)
        body_reserve(body, 1);
    avail = body->len == body->max ? 1 : body->room - body->len;
    if (avail > UINT_MAX)
        avail = UINT_MAX;
    z->next_out = (Bytef *)body->bytes + body->len;
    z->avail_out = (uInt)avail;
    result = inflate(z, Z_NO_FLUSH);
    CHECK(z->avail_out <= avail);
    body->len += avail - z->avail_out;
    if (body->len > body->max)
        body->fault = FAULT_BODY_TOO_LARGE;
    return result;
}

static void body_add_gzip(struct http_body *body, const Bytef *bytes, size_t size)
{
    z_stream *z = body->inflater;

    MUST(size <= UINT_MAX);
    if (!body->bytes)
        body_reserve(body, size * GZIP_USUAL_RATIO < body->max ? size * GZIP_USUAL_RATIO : 1);
    z->next_in = bytes;
    z->avail_in = (uInt)size;
    for (;;) {
        int result;

        if (!body->is_member_open) {
            if (z->avail_in == 0)
                return;
            MUST(inflateReset(z) == Z_OK);
            body->is_member_open = true;
        }
        result = body_inflate(body);
        if (body->fault != FAULT_NONE)
            return;
        if (result == Z_STREAM_END) {
            body->is_member_open = false;
        } else if (result == Z_BUF_ERROR || (result == Z_OK && z->avail_out > 0)) {
            CHECK(z->avail_in == 0);
            return;
        } else if (result != Z_OK) {
            body->fault = FAULT_BODY_COMPRESSION;
            return;
        }
    }
}

void http_body_add(struct http_body *body, const void *bytes, size_t size)
{
    CHECK(body && body->arena);
    CHECK(bytes || size == 0);
    if (size == 0 || body->fault != FAULT_NONE)
        return;
    if (body->inflater)
        body_add_gzip(body, bytes, size);
    else
        body_add_plain(body, bytes, size);
}

enum fault http_body_end(struct http_body *body, text *ret)
{
    CHECK(body && ret);
    if (body->fault == FAULT_NONE && body->is_member_open)
        body->fault = FAULT_BODY_COMPRESSION;
    if (body->fault != FAULT_NONE)
        return body->fault;
    CHECK(body->len <= body->room || body->len == 0);
    if (!body->bytes)
        body_allocate(body, 0);
    memset(body->bytes + body->len, 0, HTTP_BODY_SPARE);
    *ret = (text){ body->bytes, body->len };
    return FAULT_NONE;
}
