/* server.h: the inside of the HTTP server: what its threads share.
 *
 * Private to http/. The parts:
 *
 *   server.c   starting and stopping; counters
 *   listen.c   the listening socket and the thread that accepts
 *   serve.c    libmicrohttpd's callbacks: reading a request, sending a reply (I/O threads)
 *   work.c     the queue, the workers, what is in flight
 *
 * We accept ourselves instead of leaving it to libmicrohttpd: in 0.9.75 MHD_quiesce_daemon races
 * with its epoll threads, and under load a graceful stop could end in its panic function. It also
 * spreads connections over the I/O threads evenly.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "http/exchange.h"

#define HTTP_IO_THREADS_MAX 64
#define HTTP_WORKERS_MAX    1024

struct http_server {
    struct http_config config;
    struct MHD_Daemon *daemons[HTTP_IO_THREADS_MAX]; /* one I/O thread each */
    int daemon_count;
    pthread_t *workers;
    int worker_count;
    pthread_t acceptor;
    bool has_acceptor;
    int listen_fd;
    uint16_t port;
    uint64_t id_prefix; /* of request ids made up here */
    atomic_uint_fast64_t id_count;
    struct http_budget bodies;
    atomic_bool is_stopping; /* no new connections; kept ones are closed after their reply */
    atomic_uint_fast64_t requests, refused, connections, by_class[6];

    pthread_mutex_t lock; /* guards all below; taken before an exchange's lock, never after */
    pthread_cond_t has_work;
    pthread_cond_t is_idle;
    struct http_exchange *queue_first, *queue_last;
    size_t queued;
    int sleepers;                    /* workers waiting for has_work */
    bool is_waking;                  /* one of them has been signalled and is not up yet */
    struct http_exchange *in_flight; /* those waiting, answered or cut, until they are sent */
    size_t in_flight_count;
    struct http_exchange *spare;
    size_t spare_count;
    bool is_cutting; /* the grace is over: nothing is accepted any more */
    bool is_over;    /* workers return */
};

/* listen.c. Binds; ERR_IO with a static sentence in `ret_why`. */
NODISCARD enum err http_listen_open(struct http_server *server, const char **ret_why);
/* Starts the accepting thread. */
NODISCARD bool http_listen_start(struct http_server *server);
/* Closes the socket and ends the thread. */
void http_listen_stop(struct http_server *server);

/* serve.c. Starts one libmicrohttpd daemon, for one I/O thread; NULL when it cannot. */
struct MHD_Daemon *http_serve_start(struct http_server *server);

/* work.c. */
NODISCARD bool http_work_start(struct http_server *server);
void http_work_stop(struct http_server *server);

/* An exchange for a new request, from the spare ones or new. */
struct http_exchange *http_work_open(struct http_server *server);
/* The connection has ended or the reply is sent: takes the exchange off the list and keeps it. */
void http_work_close(struct http_server *server, struct http_exchange *exchange);

/* A suspended exchange waits for an answer from now on, by http_exchange_answer. Puts it on the
 * list of those in flight, which the stop waits for; false when the stop waits for nobody any more:
 * then the caller is to answer it at once. */
NODISCARD bool http_work_accept(struct http_server *server, struct http_exchange *exchange);
/* Hands an accepted exchange to the workers. ERR_BUSY when the queue is full, ERR_STOPPED when
 * nothing is taken any more: then the caller is to answer it. */
NODISCARD enum err http_work_submit(struct http_server *server, struct http_exchange *exchange);

/* Waits until nothing is in flight; false when `seconds` pass before. */
bool http_work_drain(struct http_server *server, int seconds);
/* Answers all that is in flight with 503, and everything from now on. */
void http_work_cut(struct http_server *server);
/* Frees the spare exchanges. */
void http_work_free(struct http_server *server);

#endif
