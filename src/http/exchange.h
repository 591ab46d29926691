/* exchange.h: one request and its reply, from the first line read to the last byte sent.
 *
 * Private to http/. Three kinds of thread touch an exchange, one at a time except at a cut:
 *
 *   OPEN      the I/O thread has the request line
 *   READING   the I/O thread has the headers, the body is coming
 *   WAITING   suspended: a queue, a worker or whoever deferred it has it
 *   ANSWERED  the reply is stored, the connection resumed: the I/O thread sends it
 *   CUT       the server stopped before an answer came: the I/O thread sends a 503 of its own, and
 *             the memory lives until both it and the late answer are through
 *
 * While it waits, stage and reply are guarded by the exchange's lock. The lock is also what makes
 * it safe to resume: the I/O thread takes it once before it lets go of an exchange, so nobody is
 * still inside MHD_resume_connection then.
 */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include <pthread.h>

#include "base/limits.h"
#include "http/body.h"
#include "http/http.h"

struct MHD_Connection;

enum http_exchange_stage {
    HTTP_EXCHANGE_OPEN,
    HTTP_EXCHANGE_READING,
    HTTP_EXCHANGE_WAITING,
    HTTP_EXCHANGE_ANSWERED,
    HTTP_EXCHANGE_CUT,
    HTTP_EXCHANGE_STAGE_COUNT
};

struct http_exchange {
    struct http_request request;
    struct http_reply reply;
    struct http_server *server;
    struct MHD_Connection *connection;
    const char *target_at;              /* the target in libmicrohttpd's memory */
    size_t target_length;               /* up to the first NUL */
    size_t discarded;                   /* bytes of a refused body */
    int64_t begun_ns;                   /* on the monotonic clock, when the head was read */
    struct http_exchange *next, *prev;  /* in the list of those in flight, or of the spare ones */
    struct http_exchange *queued_after; /* in the queue for workers */
    bool is_in_flight;
    char request_id[LIMIT_REQUEST_ID_MAX + 1]; /* NUL-terminated */
    /* Kept when an exchange is used again: */
    struct http_body body;
    struct arena *arena;
    pthread_mutex_t lock;
    enum http_exchange_stage stage;
    bool is_half_gone; /* CUT, and one of its two holders is through */
};

/* A new exchange, OPEN; freed with http_exchange_free. Its body counts against the budget. */
struct http_exchange *http_exchange_new(struct http_budget *budget);
void http_exchange_free(struct http_exchange *exchange);

/* Makes it as new, keeping the memory of its arena and its body. */
void http_exchange_reset(struct http_exchange *exchange);

/* The I/O thread hands the exchange over; its connection is suspended already. */
void http_exchange_wait(struct http_exchange *exchange);

/* Stores the reply and resumes the connection. For an exchange that was cut, lets go of it. */
void http_exchange_answer(struct http_exchange *exchange, const struct http_reply *reply);

/* Takes a waiting exchange from whoever has it and resumes the connection; one that is answered
 * stays so. */
void http_exchange_cut(struct http_exchange *exchange);

/* What the I/O thread finds after the connection was resumed. */
enum http_exchange_stage http_exchange_stage_now(struct http_exchange *exchange);

/* The I/O thread is through with it: true when the memory is the caller's to use again or free,
 * false when a late answer will free it. */
NODISCARD bool http_exchange_let_go(struct http_exchange *exchange);

#endif
