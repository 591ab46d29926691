/* wire.h: as much of an HTTP/1.1 client as a load program needs: connect, tell when a reply is
 * whole, read the few headers that count.
 *
 * No TLS, no redirects; replies have a Content-Length or are chunked.
 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include "base/base.h"

struct wire_reply {
    int status;
    uint64_t accepted; /* X-Tollgate-Accepted and -Duplicates; 0 without */
    uint64_t duplicates;
    size_t head_length;
    size_t length; /* of the whole reply */
    bool is_chunked;
};

/* A connection to a port of this machine, without Nagle's delay; exits with a message when nobody
 * listens. */
int wire_connect(int port);

/* Whether the bytes hold a whole reply; exits with a message when they are no HTTP. */
bool wire_reply_read(const char *bytes, size_t length, struct wire_reply *ret);

/* The body of a whole reply, moved together in place when it was chunked; its length. */
size_t wire_reply_body(char *bytes, const struct wire_reply *reply, char **ret);

#endif
