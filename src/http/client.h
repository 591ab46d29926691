/* client.h: a small HTTP client over libcurl, for the command line and, later, webhooks.
 *
 * One client is one thread's: it keeps its connection alive between calls. libcurl is initialised
 * by the first client made, so a server that makes none does not pay for it. Redirects are not
 * followed: a 3xx is an answer like any other.
 */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <stdatomic.h>

#include "base/err.h"
#include "http/http.h"

struct http_client;

/* `base_url` such as "http://127.0.0.1:8888", or "unix:/path/of/a/socket"; `token` is sent as a
 * bearer token when not empty. Both are copied. Freed with http_client_free. */
struct http_client *http_client_new(text base_url, text token);

/* Closes its connection and frees the client. NULL is allowed. */
void http_client_free(struct http_client *client);

struct http_call {
    enum http_method method;
    text path;         /* with the query string, percent-encoded */
    text content_type; /* of the body */
    text body;
    text accept;                     /* empty for any */
    bool is_gzip;                    /* compress the body */
    int timeout_seconds;             /* of the whole call; 0 for 60 */
    const atomic_bool *is_cancelled; /* looked at about once a second: ERR_STOPPED. NULL: never */
};

struct http_answer {
    int status;
    text content_type;
    text body;                   /* in the arena */
    int64_t retry_after_seconds; /* from Retry-After; -1 when absent */
};

/* Makes one call. ERR_IO, ERR_TIMEOUT or ERR_STOPPED when no answer came, with the reason in
 * `ret->body`; any HTTP status is OK here. */
NODISCARD enum err http_client_call(struct http_client *client, const struct http_call *call,
                                    struct arena *arena, struct http_answer *ret);

/* A header of the last answer, in the arena; ptr NULL when it had none. */
text http_client_header(struct http_client *client, const char *name, struct arena *arena);

#endif
