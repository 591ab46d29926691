/* body.c: a body that grows in a buffer, with a decompressor in front of it when it is compressed.
 */
#include "http/body.h"

#include <limits.h>
#define ZLIB_CONST /* next_in points to what is only read */
#include <zlib.h>
#include <zstd.h>

#define BODY_FIRST_BYTES   1024
#define BODY_TRUSTED_BYTES (512 * 1024) /* of an announced length, reserved before it arrives */
#define BODY_KEPT_BYTES    (512 * 1024) /* a larger buffer is given back */
#define GZIP_WINDOW_BITS   (15 + 16)    /* the largest window; 16 asks for the gzip format only */
#define ZSTD_WINDOW_BITS   23
#define USUAL_RATIO        4

/* What a decompressor made of its input. */
enum unpacked { UNPACKED_ALL, UNPACKED_MORE, UNPACKED_NONSENSE };

/* ---- the buffer ---- */

static bool budget_take(struct http_budget *budget, size_t bytes)
{
    if (!budget)
        return true;
    if (atomic_fetch_add(&budget->used, bytes) + bytes <= budget->max)
        return true;
    atomic_fetch_sub(&budget->used, bytes);
    return false;
}

static void budget_give(struct http_budget *budget, size_t bytes)
{
    if (budget)
        atomic_fetch_sub(&budget->used, bytes);
}

static void buffer_drop(struct http_body *body)
{
    if (!body->bytes)
        return;
    free(body->bytes);
    budget_give(body->budget, body->room);
    body->bytes = NULL;
    body->room = 0;
    body->len = 0;
}

/* Makes the buffer larger; false when the budget does not allow it. */
static bool buffer_grow(struct http_body *body, size_t room)
{
    CHECK(room >= body->len && room >= body->room);
    if (!budget_take(body->budget, room - body->room)) {
        body->fault = FAULT_SERVER_BUSY;
        return false;
    }
    body->bytes = realloc(body->bytes, room + HTTP_BODY_SPARE);
    MUST(body->bytes);
    body->room = room;
    return true;
}

/* Makes room for `more` bytes behind what is there: doubling, but never past the limit. */
static bool body_reserve(struct http_body *body, size_t more)
{
    size_t room = body->room ? body->room : BODY_FIRST_BYTES;

    CHECK(more <= body->max - body->len);
    if (body->bytes && more <= body->room - body->len)
        return true;
    while (room - body->len < more)
        room *= 2;
    if (room > body->max)
        room = body->max;
    return buffer_grow(body, room > body->room ? room : body->room);
}

/* ---- gzip ---- */

static void inflater_open(struct http_body *body)
{
    body->inflater = calloc(1, sizeof *body->inflater);
    MUST(body->inflater);
    MUST(inflateInit2(body->inflater, GZIP_WINDOW_BITS) == Z_OK);
}

/* Inflates once into `avail` bytes at `to`. */
static enum unpacked inflate_once(struct http_body *body, char *to, size_t *avail)
{
    z_stream *z = body->inflater;
    int result;

    if (!body->is_member_open) {
        MUST(inflateReset(z) == Z_OK);
        body->is_member_open = true;
    }
    z->next_out = (Bytef *)to;
    z->avail_out = (uInt)*avail;
    result = inflate(z, Z_NO_FLUSH);
    *avail -= z->avail_out;
    if (result == Z_STREAM_END) {
        body->is_member_open = false;
        return z->avail_in > 0 ? UNPACKED_MORE : UNPACKED_ALL;
    }
    if (result == Z_BUF_ERROR || (result == Z_OK && z->avail_out > 0)) {
        CHECK(z->avail_in == 0);
        return UNPACKED_ALL;
    }
    return result == Z_OK ? UNPACKED_MORE : UNPACKED_NONSENSE;
}

/* ---- zstd ---- */

static void unpacker_open(struct http_body *body)
{
    body->unpacker = ZSTD_createDCtx();
    MUST(body->unpacker);
    MUST(!ZSTD_isError(
        ZSTD_DCtx_setParameter(body->unpacker, ZSTD_d_windowLogMax, ZSTD_WINDOW_BITS)));
}

static enum unpacked unpack_once(struct http_body *body, ZSTD_inBuffer *in, char *to, size_t *avail)
{
    ZSTD_outBuffer out = { to, *avail, 0 };
    size_t result = ZSTD_decompressStream(body->unpacker, &out, in);

    *avail = out.pos;
    if (ZSTD_isError(result))
        return UNPACKED_NONSENSE;
    body->is_member_open = result != 0;
    /* A full buffer may hide more that waits inside. */
    return in->pos < in->size || (result != 0 && out.pos == out.size) ? UNPACKED_MORE
                                                                      : UNPACKED_ALL;
}

/* ---- both ---- */

/* Decompresses a piece into what room there is, and makes more. At the limit one byte more is
 * offered, in the spare bytes: if it is taken, the body is too large. */
static void body_unpack(struct http_body *body, ZSTD_inBuffer *in)
{
    enum unpacked what = UNPACKED_MORE;

    while (what == UNPACKED_MORE) {
        size_t room;

        if (body->len == body->room && body->len < body->max && !body_reserve(body, 1))
            return;
        room = body->len == body->max ? 1 : body->room - body->len;
        if (room > UINT_MAX)
            room = UINT_MAX;
        what = body->coding == HTTP_CODING_GZIP
                   ? inflate_once(body, body->bytes + body->len, &room)
                   : unpack_once(body, in, body->bytes + body->len, &room);
        body->len += room;
        if (body->len > body->max)
            body->fault = FAULT_BODY_TOO_LARGE;
        else if (what == UNPACKED_NONSENSE)
            body->fault = FAULT_BODY_COMPRESSION;
        if (body->fault != FAULT_NONE)
            return;
    }
}

static void body_add_packed(struct http_body *body, const void *bytes, size_t size)
{
    ZSTD_inBuffer in = { bytes, size, 0 };
    size_t likely = size * USUAL_RATIO;

    MUST(size <= UINT_MAX);
    if (!body->bytes && !body_reserve(body, likely < body->max ? likely : 1))
        return;
    if (body->coding == HTTP_CODING_ZSTD) {
        if (!body->unpacker)
            unpacker_open(body);
    } else {
        if (!body->inflater)
            inflater_open(body);
        body->inflater->next_in = bytes;
        body->inflater->avail_in = (uInt)size;
    }
    body_unpack(body, &in);
}

static void body_add_plain(struct http_body *body, const void *bytes, size_t size)
{
    if (size > body->max - body->len) {
        body->fault = FAULT_BODY_TOO_LARGE;
        return;
    }
    if (!body_reserve(body, size))
        return;
    memcpy(body->bytes + body->len, bytes, size);
    body->len += size;
}

void http_body_begin(struct http_body *body, enum http_coding coding, size_t max, size_t size_hint)
{
    CHECK(body && !body->inflater && !body->unpacker);
    CHECK(max > 0 && max < SIZE_MAX / 4 && coding < HTTP_CODING_COUNT);
    body->coding = coding;
    body->max = max;
    body->len = 0;
    body->is_member_open = false;
    body->fault = FAULT_NONE;
    if (body->room > max)
        buffer_drop(body);
    if (size_hint > max)
        size_hint = max;
    if (size_hint > BODY_TRUSTED_BYTES)
        size_hint = BODY_TRUSTED_BYTES;
    if (size_hint > body->room)
        (void)buffer_grow(body, size_hint);
}

void http_body_add(struct http_body *body, const void *bytes, size_t size)
{
    CHECK(body && body->max > 0);
    CHECK(bytes || size == 0);
    if (size == 0 || body->fault != FAULT_NONE)
        return;
    if (body->coding == HTTP_CODING_IDENTITY)
        body_add_plain(body, bytes, size);
    else
        body_add_packed(body, bytes, size);
}

enum fault http_body_end(struct http_body *body, text *ret)
{
    CHECK(body && ret);
    if (body->fault == FAULT_NONE && body->is_member_open)
        body->fault = FAULT_BODY_COMPRESSION;
    if (body->fault == FAULT_NONE && !body->bytes)
        (void)buffer_grow(body, 0);
    if (body->fault != FAULT_NONE)
        return body->fault;
    CHECK(body->len <= body->room);
    memset(body->bytes + body->len, 0, HTTP_BODY_SPARE);
    *ret = (text){ body->bytes, body->len };
    return FAULT_NONE;
}

void http_body_trim(struct http_body *body)
{
    CHECK(body);
    if (body->inflater)
        MUST(inflateEnd(body->inflater) == Z_OK);
    free(body->inflater);
    body->inflater = NULL;
    (void)ZSTD_freeDCtx(body->unpacker);
    body->unpacker = NULL;
    if (body->room > BODY_KEPT_BYTES)
        buffer_drop(body);
}

void http_body_free(struct http_body *body)
{
    http_body_trim(body);
    buffer_drop(body);
}
