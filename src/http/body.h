/* body.h: collecting a request's body, decompressing it on the way, never past its limit.
 *
 * Private to http/. Pieces come in as the network delivers them. A body that breaks a rule keeps
 * the first fault and takes no more memory, whatever still comes. A gzip bomb stops at the limit:
 * nothing is inflated past it.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include "base/fault.h"

/* Bytes of the arena behind the body, for parsers that read in wide steps (simdjson: 64). */
#define HTTP_BODY_SPARE 64

struct http_body {
    struct arena *arena;
    size_t max; /* bytes after decompression */
    char *bytes;
    size_t len;
    size_t room;                 /* without the spare bytes */
    struct z_stream_s *inflater; /* NULL when the body is not compressed */
    bool is_member_open;         /* a gzip member has begun and not ended */
    enum fault fault;            /* FAULT_NONE while all is well */
};

/* Starts an empty body of at most `max` bytes. `size_hint` is the length announced, 0 when none
 * was: memory for it is reserved, within reason. */
void http_body_init(struct http_body *body, struct arena *arena, size_t max, size_t size_hint);

/* The body comes as gzip (RFC 1952, one member or several). To be called before the first add. */
void http_body_expect_gzip(struct http_body *body);

/* Takes the next piece. */
void http_body_add(struct http_body *body, const void *bytes, size_t size);

/* The whole body, in the arena, with HTTP_BODY_SPARE zero bytes behind it; or the fault:
 * FAULT_BODY_TOO_LARGE, FAULT_BODY_COMPRESSION. */
enum fault http_body_end(struct http_body *body, text *ret);

#endif
