/* work.c: the queue before the workers, and the list of what is in flight. */
#include "http/server.h"

#include <errno.h>

/* Exchanges kept for reuse; each holds up to one arena block and a body's buffer. */
#define SPARE_MAX 64

#define WORKER_STACK_BYTES (512 * 1024)

static void server_lock(struct http_server *server)
{
    MUST(pthread_mutex_lock(&server->lock) == 0);
}

static void server_unlock(struct http_server *server)
{
    MUST(pthread_mutex_unlock(&server->lock) == 0);
}

struct http_exchange *http_work_open(struct http_server *server)
{
    struct http_exchange *exchange;

    server_lock(server);
    exchange = server->spare;
    if (exchange) {
        server->spare = exchange->next;
        server->spare_count--;
    }
    server_unlock(server);
    if (!exchange)
        exchange = http_exchange_new(&server->bodies);
    exchange->server = server;
    CHECK(exchange->stage == HTTP_EXCHANGE_OPEN);
    return exchange;
}

static void list_add(struct http_server *server, struct http_exchange *exchange)
{
    CHECK(!exchange->is_in_flight);
    exchange->prev = NULL;
    exchange->next = server->in_flight;
    if (exchange->next)
        exchange->next->prev = exchange;
    server->in_flight = exchange;
    server->in_flight_count++;
    exchange->is_in_flight = true;
}

static void list_remove(struct http_server *server, struct http_exchange *exchange)
{
    CHECK(exchange->is_in_flight && server->in_flight_count > 0);
    if (exchange->next)
        exchange->next->prev = exchange->prev;
    if (exchange->prev)
        exchange->prev->next = exchange->next;
    else
        server->in_flight = exchange->next;
    exchange->is_in_flight = false;
    if (--server->in_flight_count == 0)
        MUST(pthread_cond_broadcast(&server->is_idle) == 0);
}

void http_work_close(struct http_server *server, struct http_exchange *exchange)
{
    bool is_mine;

    server_lock(server);
    if (exchange->is_in_flight)
        list_remove(server, exchange);
    is_mine = http_exchange_let_go(exchange);
    server_unlock(server);
    if (!is_mine)
        return;
    http_exchange_reset(exchange);
    server_lock(server);
    if (server->spare_count < SPARE_MAX) {
        exchange->next = server->spare;
        server->spare = exchange;
        server->spare_count++;
        exchange = NULL;
    }
    server_unlock(server);
    if (exchange)
        http_exchange_free(exchange);
}

/* Workers are woken one at a time: each, once up, wakes the next if there is more to do. Short
 * handlers are then served by few workers that stay awake, which saves most of the switching, and
 * blocking ones still get as many as there are. The lock is held; true when the caller is to wake
 * one. */
static bool take_waking(struct http_server *server)
{
    if (server->queued == 0 || server->sleepers == 0 || server->is_waking)
        return false;
    server->is_waking = true;
    return true;
}

static void wake_worker(struct http_server *server)
{
    MUST(pthread_cond_signal(&server->has_work) == 0);
}

bool http_work_accept(struct http_server *server, struct http_exchange *exchange)
{
    bool is_accepted;

    server_lock(server);
    http_exchange_wait(exchange);
    is_accepted = !server->is_cutting;
    if (is_accepted)
        list_add(server, exchange);
    server_unlock(server);
    return is_accepted;
}

enum err http_work_submit(struct http_server *server, struct http_exchange *exchange)
{
    enum err e = OK;
    bool wakes = false;

    server_lock(server);
    if (server->is_cutting) {
        e = ERR_STOPPED;
    } else if (server->queued >= server->config.queued_max) {
        e = ERR_BUSY;
    } else {
        exchange->queued_after = NULL;
        if (server->queue_last)
            server->queue_last->queued_after = exchange;
        else
            server->queue_first = exchange;
        server->queue_last = exchange;
        server->queued++;
        wakes = take_waking(server);
    }
    server_unlock(server);
    if (wakes)
        wake_worker(server);
    return e;
}

/* The next exchange, or NULL when the queue is empty. The lock is held. */
static struct http_exchange *queue_pop(struct http_server *server)
{
    struct http_exchange *exchange = server->queue_first;

    if (!exchange)
        return NULL;
    CHECK(server->queued > 0);
    server->queue_first = exchange->queued_after;
    if (!server->queue_first)
        server->queue_last = NULL;
    server->queued--;
    return exchange;
}

static struct http_exchange *queue_wait(struct http_server *server)
{
    struct http_exchange *exchange;
    bool wakes;

    server_lock(server);
    while (!(exchange = queue_pop(server)) && !server->is_over) {
        server->sleepers++;
        MUST(pthread_cond_wait(&server->has_work, &server->lock) == 0);
        server->sleepers--;
        server->is_waking = false;
    }
    wakes = take_waking(server);
    server_unlock(server);
    if (wakes)
        wake_worker(server);
    return exchange;
}

static void *work_main(void *state)
{
    struct http_server *server = state;
    struct http_exchange *exchange;

    MUST(pthread_setname_np(pthread_self(), "http-worker") == 0);
    while ((exchange = queue_wait(server)) != NULL) {
        struct http_reply reply = { 0 };

        atomic_fetch_add_explicit(&server->requests, 1, memory_order_relaxed);
        switch (server->config.handler(server->config.state, &exchange->request, &reply)) {
        case HTTP_DONE:
            http_exchange_answer(exchange, &reply);
            break;
        case HTTP_DEFERRED:
            break;
        case HTTP_LATER:
        case HTTP_OUTCOME_COUNT:
            UNREACHABLE();
        }
    }
    return NULL;
}

bool http_work_start(struct http_server *server)
{
    pthread_attr_t attributes;

    CHECK(server->config.workers > 0 && server->worker_count == 0);
    server->workers = calloc((size_t)server->config.workers, sizeof *server->workers);
    MUST(server->workers);
    MUST(pthread_attr_init(&attributes) == 0);
    MUST(pthread_attr_setstacksize(&attributes, WORKER_STACK_BYTES) == 0);
    while (server->worker_count < server->config.workers) {
        pthread_t *worker = &server->workers[server->worker_count];

        if (pthread_create(worker, &attributes, work_main, server) != 0)
            break;
        server->worker_count++;
    }
    MUST(pthread_attr_destroy(&attributes) == 0);
    return server->worker_count == server->config.workers;
}

void http_work_stop(struct http_server *server)
{
    server_lock(server);
    server->is_over = true;
    MUST(pthread_cond_broadcast(&server->has_work) == 0);
    server_unlock(server);
    while (server->worker_count > 0)
        MUST(pthread_join(server->workers[--server->worker_count], NULL) == 0);
    free(server->workers);
    server->workers = NULL;
}

bool http_work_drain(struct http_server *server, int seconds)
{
    struct timespec until;
    bool is_idle;
    int result = 0;

    CHECK(seconds >= 0);
    MUST(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    until.tv_sec += seconds;
    server_lock(server);
    while (server->in_flight_count > 0 && result == 0) {
        result = pthread_cond_timedwait(&server->is_idle, &server->lock, &until);
        MUST(result == 0 || result == ETIMEDOUT);
    }
    is_idle = server->in_flight_count == 0;
    server_unlock(server);
    return is_idle;
}

void http_work_cut(struct http_server *server)
{
    static const struct http_reply none = { .status = 503 };
    struct http_exchange *queued, *next;

    server_lock(server);
    server->is_cutting = true;
    for (struct http_exchange *exchange = server->in_flight; exchange; exchange = exchange->next)
        http_exchange_cut(exchange);
    queued = server->queue_first;
    server->queue_first = server->queue_last = NULL;
    server->queued = 0;
    server_unlock(server);
    /* Those no worker has begun: nobody else will answer them. */
    for (; queued; queued = next) {
        next = queued->queued_after;
        http_exchange_answer(queued, &none);
    }
}

void http_work_free(struct http_server *server)
{
    CHECK(server->in_flight_count == 0 && server->queued == 0);
    while (server->spare) {
        struct http_exchange *exchange = server->spare;

        server->spare = exchange->next;
        http_exchange_free(exchange);
    }
    server->spare_count = 0;
}
