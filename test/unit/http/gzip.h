/* gzip.h: makes gzip members for tests. */
#ifndef TEST_UNIT_HTTP_GZIP_H
#define TEST_UNIT_HTTP_GZIP_H

#include <zlib.h>

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

/* A text of `len` times the character `c`. */
static inline text text_of_many(struct arena *arena, char c, size_t len)
{
    char *bytes = arena_alloc(arena, len);

    memset(bytes, c, len);
    return (text){ bytes, len };
}

#endif
