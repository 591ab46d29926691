/* body.h: collecting a request's body, decompressing it on the way, never past its limit.
 *
 * Private to http/. Pieces come in as the network delivers them. A body that breaks a rule keeps
 * the first fault and takes no more memory, whatever still comes. A bomb stops at the limit:
 * nothing is decompressed past it.
 *
 * The memory outlives the request: the next body goes into the same buffer, unless that has grown
 * very large. All bodies together stay within a budget.
 */
#ifndef HTTP_BODY_H
#define HTTP_BODY_H

#include <stdatomic.h>

#include "base/fault.h"
#include "base/text.h"

/* Bytes behind the body, all zero, for parsers that read in wide steps (simdjson: 64). */
#define HTTP_BODY_SPARE 64

enum http_coding {
    HTTP_CODING_IDENTITY,
    HTTP_CODING_GZIP, /* RFC 1952, one member or several */
    HTTP_CODING_ZSTD, /* RFC 8878, one frame or several, with windows of up to 8 MiB (RFC 9659) */
    HTTP_CODING_COUNT
};

/* What all bodies together may take. */
struct http_budget {
    _Atomic size_t used; /* bytes */
    size_t max;
};

struct http_body {
    struct http_budget *budget; /* NULL: none */
    size_t max;                 /* bytes after decompression */
    char *bytes;
    size_t len;
    size_t room; /* without the spare bytes */
    enum http_coding coding;
    struct z_stream_s *inflater;  /* of gzip; NULL before the first piece */
    struct ZSTD_DCtx_s *unpacker; /* of zstd; the same */
    bool is_member_open;          /* a member or frame has begun and not ended */
    enum fault fault;             /* FAULT_NONE while all is well */
};

/* Starts an empty body of at most `max` bytes; the struct is zeroed, or held a body before.
 * `size_hint` is the length announced, 0 when none was: memory for it is reserved, within reason.
 */
void http_body_begin(struct http_body *body, enum http_coding coding, size_t max, size_t size_hint);

/* Takes the next piece. */
void http_body_add(struct http_body *body, const void *bytes, size_t size);

/* The whole body, with HTTP_BODY_SPARE zero bytes behind it, until the next call; or the fault:
 * FAULT_BODY_TOO_LARGE, FAULT_BODY_COMPRESSION, FAULT_SERVER_BUSY when the budget is used up. */
enum fault http_body_end(struct http_body *body, text *ret);

/* The body is no longer needed: gives back what is not worth keeping for the next. */
void http_body_trim(struct http_body *body);

/* Gives back everything. */
void http_body_free(struct http_body *body);

#endif
