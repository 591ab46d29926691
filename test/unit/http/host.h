/* host.h: a server under test and the handler behind it.
 *
 *   /echo   says what arrived: method, path, parameters, content type, body
 *   /defer  waits until the test finishes it with host_take and http_finish
 *   /gate   blocks its worker until the test opens the gate
 *   /large  answers 4 MiB
 *   /empty  answers 204
 *   /id     answers the request id
 *   /token  answers the Authorization header
 */
#ifndef TEST_UNIT_HTTP_HOST_H
#define TEST_UNIT_HTTP_HOST_H

#include <pthread.h>

#include "http/http.h"

#define HOST_DEFERRED_MAX 64
#define HOST_LARGE_BYTES  (4 * 1024 * 1024)

struct host {
    struct http_server *server;
    struct random random;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_request *deferred[HOST_DEFERRED_MAX];
    size_t deferred_count;
    size_t at_gate;
    bool is_gate_open;
    char *large;
};

static inline text host_echo(struct http_request *request)
{
    struct buffer b = { .arena = request->arena };

    buffer_format(&b, "%s %.*s",
                  request->is_method_known ? http_method_name(request->method) : "unknown",
                  TEXT_ARG(request->path));
    for (size_t i = 0; i < request->param_count; i++)
        buffer_format(&b, " [%.*s]=[%.*s]", TEXT_ARG(request->params[i].name),
                      TEXT_ARG(request->params[i].value));
    buffer_format(&b, " type=%.*s body=", TEXT_ARG(request->content_type));
    buffer_add(&b, request->body);
    return buffer_text(&b);
}

static inline void host_defer(struct host *host, struct http_request *request)
{
    MUST(pthread_mutex_lock(&host->lock) == 0);
    MUST(host->deferred_count < HOST_DEFERRED_MAX);
    host->deferred[host->deferred_count++] = request;
    MUST(pthread_cond_broadcast(&host->changed) == 0);
    MUST(pthread_mutex_unlock(&host->lock) == 0);
}

static inline void host_wait_at_gate(struct host *host)
{
    MUST(pthread_mutex_lock(&host->lock) == 0);
    host->at_gate++;
    MUST(pthread_cond_broadcast(&host->changed) == 0);
    while (!host->is_gate_open)
        MUST(pthread_cond_wait(&host->changed, &host->lock) == 0);
    MUST(pthread_mutex_unlock(&host->lock) == 0);
}

static inline enum http_outcome host_handle(void *state, struct http_request *request,
                                            struct http_reply *ret)
{
    struct host *host = state;

    MUST(request->refusal == FAULT_NONE);
    ret->status = 200;
    ret->content_type = TEXT("text/plain");
    if (text_equal(request->path, TEXT("/defer"))) {
        host_defer(host, request);
        return HTTP_DEFERRED;
    }
    if (text_equal(request->path, TEXT("/gate")))
        host_wait_at_gate(host);
    if (text_equal(request->path, TEXT("/large")))
        ret->body = (text){ host->large, HOST_LARGE_BYTES };
    else if (text_equal(request->path, TEXT("/id")))
        ret->body = request->request_id;
    else if (text_equal(request->path, TEXT("/token")))
        ret->body = request->authorization;
    else if (text_equal(request->path, TEXT("/empty")))
        *ret = (struct http_reply){ .status = 204 };
    else
        ret->body = host_echo(request);
    http_reply_header(ret, TEXT("X-Peer"), request->peer);
    http_reply_header(ret, TEXT("X-Split"), TEXT("a\r\nInjected: b"));
    return HTTP_DONE;
}

/* Takes what says quick, and half of what is deferred; the rest goes to the workers. */
static inline enum http_outcome host_quick(void *state, struct http_request *request,
                                           struct http_reply *ret)
{
    bool is_quick = text_equal(request->path, TEXT("/quick")) ||
                    (text_equal(request->path, TEXT("/defer")) && request->param_count > 0);

    return is_quick ? host_handle(state, request, ret) : HTTP_LATER;
}

static inline void host_refuse(void *state, struct http_request *request, struct http_reply *ret)
{
    const struct fault_info *info = fault_info(request->refusal);

    (void)state;
    ret->status = 400;
    if (info->kind == FAULT_KIND_LIMIT)
        ret->status = 413;
    if (info->kind == FAULT_KIND_MEDIA)
        ret->status = 415;
    if (info->kind == FAULT_KIND_TARGET)
        ret->status = 414;
    if (info->kind == FAULT_KIND_HEADERS)
        ret->status = 431;
    if (info->kind == FAULT_KIND_BUSY) {
        ret->status = 429;
        http_reply_header(ret, TEXT("Retry-After"), TEXT("7"));
    }
    ret->content_type = TEXT("text/plain");
    ret->body = text_of(info->slug);
}

/* Starts a server on a port of the system's choice, unless it has an address; `config` may set
 * limits and threads. */
static inline void host_start(struct host *host, struct http_config config)
{
    const char *why = "";

    *host = (struct host){ .random = random_seeded(1) };
    MUST(pthread_mutex_init(&host->lock, NULL) == 0);
    MUST(pthread_cond_init(&host->changed, NULL) == 0);
    host->large = calloc(1, HOST_LARGE_BYTES);
    MUST(host->large);
    if (text_is_empty(config.address))
        config.address = TEXT("127.0.0.1");
    config.io_threads = config.io_threads ? config.io_threads : 2;
    config.workers = config.workers ? config.workers : 2;
    config.handler = host_handle;
    config.quick = host_quick;
    config.refuse = host_refuse;
    config.state = host;
    config.clock = clock_system();
    config.random = &host->random;
    MUST(http_server_start(&config, &host->server, &why) == OK);
}

static inline uint16_t host_port(const struct host *host)
{
    return http_server_port(host->server);
}

/* Waits until `count` requests are deferred, and takes the first. */
static inline struct http_request *host_take(struct host *host, size_t count)
{
    struct http_request *request;

    MUST(pthread_mutex_lock(&host->lock) == 0);
    while (host->deferred_count < count)
        MUST(pthread_cond_wait(&host->changed, &host->lock) == 0);
    request = host->deferred[0];
    memmove(host->deferred, host->deferred + 1, --host->deferred_count * sizeof request);
    MUST(pthread_mutex_unlock(&host->lock) == 0);
    return request;
}

/* Waits until `count` requests have come to the gate. */
static inline void host_await_gate(struct host *host, size_t count)
{
    MUST(pthread_mutex_lock(&host->lock) == 0);
    while (host->at_gate < count)
        MUST(pthread_cond_wait(&host->changed, &host->lock) == 0);
    MUST(pthread_mutex_unlock(&host->lock) == 0);
}

static inline void host_open_gate(struct host *host)
{
    MUST(pthread_mutex_lock(&host->lock) == 0);
    host->is_gate_open = true;
    MUST(pthread_cond_broadcast(&host->changed) == 0);
    MUST(pthread_mutex_unlock(&host->lock) == 0);
}

/* Waits, for some seconds at most, until `count` requests are in flight. */
static inline bool host_await_in_flight(struct host *host, uint64_t count)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    struct http_stats stats;

    for (int i = 0; i < 10000; i++) {
        http_server_stats(host->server, &stats);
        if (stats.in_flight == count)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

static inline void host_finish(struct http_request *request, const char *body)
{
    http_finish(request, &(struct http_reply){ .status = 200,
                                               .content_type = TEXT("text/plain"),
                                               .body = text_of(body) });
}

/* What the handler used; the server was stopped before. */
static inline void host_clear(struct host *host)
{
    MUST(pthread_cond_destroy(&host->changed) == 0);
    MUST(pthread_mutex_destroy(&host->lock) == 0);
    free(host->large);
}

static inline void host_stop(struct host *host, int grace_seconds)
{
    http_server_stop(host->server, grace_seconds);
    host_clear(host);
}

#endif
