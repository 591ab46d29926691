/* http.h: the HTTP server: bytes in, bytes out, no billing words.
 *
 * libmicrohttpd reads requests and writes replies on its own threads. A request that is complete
 * (headers and body, decompressed, within limits) is suspended and handed to one of our worker
 * threads, where the handler may block; the queue before the workers is bounded, and when it is
 * full the request is answered 429 at once. So it is when the bodies under way take too much
 * memory. A handler either fills the reply, or defers: then any thread finishes the request later
 * with http_finish (this is how one flush acknowledges many requests). A request that cannot be
 * taken (too large, an encoding not understood, a malformed target) never reaches the handler:
 * config->refuse answers it.
 *
 * A graceful stop takes no new connections, finishes what was accepted, then closes. Replies sent
 * meanwhile ask the client to close its connection.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/clock.h"
#include "base/err.h"
#include "base/fault.h"
#include "base/random.h"
#include "base/text.h"

enum http_method {
    HTTP_GET,
    HTTP_POST,
    HTTP_PUT,
    HTTP_PATCH,
    HTTP_DELETE,
    HTTP_HEAD,
    HTTP_OPTIONS,
    HTTP_METHOD_COUNT
};

struct http_param {
    text name, value; /* percent-decoded, UTF-8, without NUL */
};

/* One request. All of it lives in its arena, until the reply has been sent. */
struct http_request {
    struct arena *arena;
    enum http_method method;         /* HEAD comes as HTTP_GET: the server leaves the body out */
    bool is_method_known;            /* else the method is HTTP_METHOD_COUNT */
    text path;                       /* as sent, well-formed; http_percent_decode its segments */
    const struct http_param *params; /* the query string's, in order */
    size_t param_count;
    text body;         /* whole, decompressed; 64 readable bytes stand behind it */
    text content_type; /* as sent; empty when absent */
    text accept;
    text authorization;
    text if_match;
    text idempotency_key;
    text request_id;     /* X-Request-Id when sent (1 to 128 printable bytes), else made up */
    text peer;           /* the address at the other end, without the port */
    enum fault refusal;  /* why config->refuse is called; FAULT_NONE in a handler */
    instant received_at; /* when it was complete */
    void *connection;    /* the server's own */
};

struct http_header {
    text name, value;
};

#define HTTP_HEADERS_MAX 8

/* The answer. Texts must live in the request's arena or be static. */
struct http_reply {
    int status;
    text content_type; /* empty when there is no body */
    text body;
    struct http_header headers[HTTP_HEADERS_MAX]; /* further ones */
    size_t header_count;
};

/* Adds a header. A reply has room for HTTP_HEADERS_MAX; one more is a bug. Control characters in
 * the value are sent as spaces. */
void http_reply_header(struct http_reply *reply, text name, text value);

enum http_outcome {
    HTTP_DONE,     /* the reply is filled */
    HTTP_DEFERRED, /* http_finish will be called, exactly once, from any thread */
    HTTP_LATER,    /* of `quick` only: nothing was done, the handler is to be called */
    HTTP_OUTCOME_COUNT
};

typedef enum http_outcome http_handler(void *state, struct http_request *request,
                                       struct http_reply *ret);

/* Zero members take the default named. */
struct http_config {
    text address;      /* to bind: "127.0.0.1", "::1", "0.0.0.0", or the path of a Unix socket */
    uint16_t port;     /* 0 lets the system choose */
    int io_threads;    /* of libmicrohttpd; 1 or more */
    int workers;       /* threads that run handlers; 1 or more */
    size_t body_max;   /* bytes after decompression; LIMIT_BODY_BYTES */
    size_t queued_max; /* requests waiting for a worker; LIMIT_QUEUED_REQUESTS */
    int idle_seconds;  /* a connection without progress; LIMIT_REQUEST_SECONDS */
    int body_seconds;  /* from a request's head to the end of its body; LIMIT_BODY_SECONDS */
    http_handler *handler;
    /* NULL, or called first with each request, on the I/O thread: what can be done without waiting
     * for anything saves the way over a worker. */
    http_handler *quick;
    /* Called on the I/O thread with a request whose refusal is set; fills the reply. */
    void (*refuse)(void *state, struct http_request *request, struct http_reply *ret);
    void *state; /* handed to both */
    struct clock *clock;
    struct random *random; /* asked once, at the start: made-up request ids begin with it */
};

struct http_server;

/* Binds and starts; owned by the caller. What `config` points to must live until the stop; the
 * struct itself is copied. ERR_IO with a sentence in `ret_why` (static) when the address cannot
 * be bound. */
NODISCARD enum err http_server_start(const struct http_config *config, struct http_server **ret,
                                     const char **ret_why);

/* The port it listens on; 0 for a Unix socket. */
uint16_t http_server_port(const struct http_server *server);

/* Stops taking connections, finishes every accepted request (deferred ones included), at most
 * `grace_seconds`, then frees the server. Requests still open after that are answered 503 and
 * cut; http_finish for one of them does nothing then, also after the server is gone. Returns when
 * no handler runs any more: the grace does not interrupt one. */
void http_server_stop(struct http_server *server, int grace_seconds);

/* Sends the reply of a deferred request: exactly once, from any thread, also before the handler
 * has returned HTTP_DEFERRED. The struct is copied; its texts live as in a handler's. The request
 * is gone after this call. */
void http_finish(struct http_request *request, const struct http_reply *reply);

/* Counters since the start, for /metrics. */
struct http_stats {
    uint64_t requests;    /* complete requests handed to a handler */
    uint64_t refused;     /* answered without one: too large, bad encoding, busy */
    uint64_t connections; /* open now */
    uint64_t in_flight;   /* requests accepted and not yet answered */
    uint64_t by_class[6]; /* replies by hundreds of their status: [2] counts 2xx */
};

/* What the counters stand at. */
void http_server_stats(struct http_server *server, struct http_stats *ret);

/* "GET", "POST", …; static. HTTP_METHOD_COUNT is not allowed. */
const char *http_method_name(enum http_method method);

/* Percent-decodes (and with is_query turns + into a space); false when an escape is malformed, or
 * when what comes out holds a NUL or is not UTF-8. */
NODISCARD bool http_percent_decode(struct arena *arena, text t, bool is_query, text *ret);

/* Percent-encodes everything but unreserved characters (RFC 3986). */
text http_percent_encode(struct arena *arena, text t);

/* The first parameter with this name; NULL when there is none. */
const struct http_param *http_param_find(const struct http_request *request, text name);

/* Whether a header such as Content-Type or Accept names this media type: any of a list separated
 * by commas; parameters and case are ignored, ranges such as "text/" with a star are not expanded.
 */
bool http_media_type_is(text header, text media_type);

#endif
