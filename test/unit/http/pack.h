/* pack.h: makes gzip members and zstd frames for tests. */
#ifndef TEST_UNIT_HTTP_PACK_H
#define TEST_UNIT_HTTP_PACK_H

#include <zlib.h>
#include <zstd.h>

#include "base/text.h"

/* One gzip member that holds `t`, in the arena. */
static inline text gzip_of(struct arena *arena, text t)
{
    union {
        const char *from;
        Bytef *to;
    } in = { .from = t.ptr };

    z_stream z = { 0 };
    Bytef *out;

    MUST(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    out = arena_alloc(arena, deflateBound(&z, t.len));
    z.next_in = in.to;
    z.avail_in = (uInt)t.len;
    z.next_out = out;
    z.avail_out = (uInt)deflateBound(&z, t.len);
    MUST(deflate(&z, Z_FINISH) == Z_STREAM_END);
    MUST(deflateEnd(&z) == Z_OK);
    return (text){ (const char *)out, z.total_out };
}

/* One zstd frame that holds `t`, with a checksum, in the arena. */
static inline text zstd_of(struct arena *arena, text t)
{
    size_t room = ZSTD_compressBound(t.len);
    char *out = arena_alloc(arena, room);
    ZSTD_CCtx *context = ZSTD_createCCtx();
    size_t len;

    MUST(context);
    MUST(!ZSTD_isError(ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)));
    len = ZSTD_compress2(context, out, room, t.ptr, t.len);
    MUST(!ZSTD_isError(len));
    ZSTD_freeCCtx(context);
    return (text){ out, len };
}

/* A text of `len` times the character `c`. */
static inline text text_of_many(struct arena *arena, char c, size_t len)
{
    char *bytes = arena_alloc(arena, len);

    memset(bytes, c, len);
    return (text){ bytes, len };
}

#endif
