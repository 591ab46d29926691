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

enum exchange_stage {
    EXCHANGE_OPEN,
    EXCHANGE_READING,
    EXCHANGE_WAITING,
    EXCHANGE_ANSWERED,
    EXCHANGE_CUT,
    EXCHANGE_STAGE_COUNT
};

struct exchange {
    struct http_request request;
    struct http_reply reply;
    struct http_body body;
    struct http_server *server;
    struct MHD_Connection *connection;
    const char *target_at;         /* the target in libmicrohttpd's memory */
    size_t target_length;          /* up to the first NUL */
    size_t discarded;              /* bytes of a refused body */
    struct exchange *next, *prev;  /* in the list of those in flight, or of the spare ones */
    struct exchange *queued_after; /* in the queue for workers */
    bool is_in_flight;
    char request_id[LIMIT_REQUEST_ID_MAX + 1]; /* NUL-terminated */
    /* Kept when an exchange is used again: */
    struct arena *arena;
    pthread_mutex_t lock;
    enum exchange_stage stage;
    bool is_half_gone; /* CUT, and one of its two holders is through */
};

/* A new exchange, OPEN; freed with exchange_free. */
struct exchange *exchange_new(void);
void exchange_free(struct exchange *exchange);

/* Makes it as new, keeping its arena's memory. */
void exchange_reset(struct exchange *exchange);

/* The I/O thread hands the exchange over; its connection is suspended already. */
void exchange_wait(struct exchange *exchange);

/* Stores the reply and resumes the connection. For an exchange that was cut, lets go of it. */
void exchange_answer(struct exchange *exchange, const struct http_reply *reply);

/* Takes a waiting exchange from whoever has it and resumes the connection; one that is answered
 * stays so. */
void exchange_cut(struct exchange *exchange);

/* What the I/O thread finds after the connection was resumed. */
enum exchange_stage exchange_stage_now(struct exchange *exchange);

/* The I/O thread is through with it: true when the memory is the caller's to use again or free,
 * false when a late answer will free it. */
NODISCARD bool exchange_let_go(struct exchange *exchange);

#endif
