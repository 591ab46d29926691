/* server.c: starting and stopping the HTTP server. */
#include "http/server.h"

#include <signal.h>

#define CUT_SECONDS 1 /* for the last 503s to go out */

/* Threads of the server take no signals: they belong to the program's main thread. */
static void signals_block(sigset_t *ret_before)
{
    sigset_t all;

    MUST(sigfillset(&all) == 0);
    MUST(pthread_sigmask(SIG_BLOCK, &all, ret_before) == 0);
}

static struct http_server *server_new(const struct http_config *config)
{
    struct http_server *server = calloc(1, sizeof *server);
    pthread_condattr_t monotonic;

    MUST(server);
    server->config = *config;
    server->listen_fd = -1;
    if (server->config.body_max == 0)
        server->config.body_max = LIMIT_BODY_BYTES;
    if (server->config.queued_max == 0)
        server->config.queued_max = LIMIT_QUEUED_REQUESTS;
    if (server->config.idle_seconds == 0)
        server->config.idle_seconds = LIMIT_REQUEST_SECONDS;
    if (server->config.body_seconds == 0)
        server->config.body_seconds = LIMIT_BODY_SECONDS;
    server->bodies.max = LIMIT_BODIES_BYTES;
    random_fill(config->random, &server->id_prefix, sizeof server->id_prefix);
    MUST(pthread_mutex_init(&server->lock, NULL) == 0);
    MUST(pthread_cond_init(&server->has_work, NULL) == 0);
    MUST(pthread_condattr_init(&monotonic) == 0);
    MUST(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    MUST(pthread_cond_init(&server->is_idle, &monotonic) == 0);
    MUST(pthread_condattr_destroy(&monotonic) == 0);
    return server;
}

static bool server_start_daemons(struct http_server *server)
{
    while (server->daemon_count < server->config.io_threads) {
        struct MHD_Daemon *daemon = http_serve_start(server);

        if (!daemon)
            return false;
        server->daemons[server->daemon_count++] = daemon;
    }
    return true;
}

enum err http_server_start(const struct http_config *config, struct http_server **ret,
                           const char **ret_why)
{
    struct http_server *server;
    sigset_t before;
    bool is_started;

    CHECK(config && ret && ret_why);
    CHECK(config->handler && config->refuse && config->clock && config->random);
    MUST(config->io_threads > 0 && config->io_threads <= HTTP_IO_THREADS_MAX);
    MUST(config->workers > 0 && config->workers <= HTTP_WORKERS_MAX);
    server = server_new(config);
    if (http_listen_open(server, ret_why) != OK) {
        http_server_stop(server, 0);
        return ERR_IO;
    }
    signals_block(&before);
    is_started = http_work_start(server) && server_start_daemons(server) &&
                 http_listen_start(server);
    MUST(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
    if (!is_started) {
        *ret_why = "the system allows no more threads";
        http_server_stop(server, 0);
        return ERR_IO;
    }
    *ret = server;
    return OK;
}

uint16_t http_server_port(const struct http_server *server)
{
    CHECK(server != NULL);
    return server->port;
}

void http_server_stop(struct http_server *server, int grace_seconds)
{
    CHECK(server && grace_seconds >= 0);
    atomic_store(&server->is_stopping, true);
    http_listen_stop(server);
    if (!http_work_drain(server, grace_seconds)) {
        http_work_cut(server);
        http_work_drain(server, CUT_SECONDS);
    } else {
        /* A request may just have come in on a kept connection. */
        http_work_cut(server);
    }
    /* Nothing is suspended any more, and nothing will be: libmicrohttpd insists on that. */
    while (server->daemon_count > 0)
        MHD_stop_daemon(server->daemons[--server->daemon_count]);
    http_work_stop(server);
    http_work_free(server);
    MUST(pthread_cond_destroy(&server->is_idle) == 0);
    MUST(pthread_cond_destroy(&server->has_work) == 0);
    MUST(pthread_mutex_destroy(&server->lock) == 0);
    free(server);
}

void http_server_stats(struct http_server *server, struct http_stats *ret)
{
    CHECK(server && ret);
    ret->requests = atomic_load_explicit(&server->requests, memory_order_relaxed);
    ret->refused = atomic_load_explicit(&server->refused, memory_order_relaxed);
    ret->connections = atomic_load_explicit(&server->connections, memory_order_relaxed);
    for (size_t i = 0; i < COUNT_OF(ret->by_class); i++)
        ret->by_class[i] = atomic_load_explicit(&server->by_class[i], memory_order_relaxed);
    MUST(pthread_mutex_lock(&server->lock) == 0);
    ret->in_flight = server->in_flight_count;
    MUST(pthread_mutex_unlock(&server->lock) == 0);
}

void http_finish(struct http_request *request, const struct http_reply *reply)
{
    CHECK(request && reply && request->connection);
    http_exchange_answer(request->connection, reply);
}
