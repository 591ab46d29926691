/* Deferred requests, a full queue, clients that leave, and the end of the server. */
#include "http/http.h"

#include <stdatomic.h>

#include "lib/tap.h"
#include "unit/http/host.h"
#include "unit/http/wire.h"

static const text get_defer = TEXT_INIT("GET /defer HTTP/1.1\r\nHost: x\r\n\r\n");
static const text get_gate = TEXT_INIT("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n");
static const text get_echo = TEXT_INIT("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n");

static void *finish_main(void *state)
{
    usleep(20000);
    host_finish(state, "later");
    return NULL;
}

static void test_deferred(struct arena *arena)
{
    struct host host;
    struct wire wire;
    struct wire_reply reply;
    pthread_t thread;

    host_start(&host, (struct http_config){ .workers = 1, .io_threads = 1 });
    wire = wire_open(arena, host_port(&host));
    for (int i = 0; i < 3; i++) {
        wire_send(&wire, get_defer);
        MUST(pthread_create(&thread, NULL, finish_main, host_take(&host, 1)) == 0);
        reply = wire_read(&wire, false);
        MUST(pthread_join(thread, NULL) == 0);
        OK(reply.status == 200 && text_equal(reply.body, TEXT("later")),
           "a deferred request is finished by another thread");
    }
    wire_close(&wire);
    host_stop(&host, 5);
}

/* One worker serves many waiting requests: that is what deferring is for. */
static void test_many_deferred(struct arena *arena)
{
    struct host host;
    struct wire wires[HOST_DEFERRED_MAX];
    struct http_stats stats;
    int good = 0;

    host_start(&host, (struct http_config){ .workers = 1 });
    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        wires[i] = wire_open(arena, host_port(&host));
        wire_send(&wires[i], get_defer);
    }
    OK(host_await_in_flight(&host, COUNT_OF(wires)), "all are in flight");
    for (size_t left = COUNT_OF(wires); left > 0; left--)
        host_finish(host_take(&host, left), "flushed");
    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        struct wire_reply reply = wire_read(&wires[i], false);

        good += text_equal(reply.body, TEXT("flushed"));
        wire_close(&wires[i]);
    }
    OK(good == COUNT_OF(wires), "and all answered: %d", good);
    OK(host_await_in_flight(&host, 0), "none is in flight then");
    http_server_stats(host.server, &stats);
    OK(stats.by_class[2] == COUNT_OF(wires), "each counted once");
    host_stop(&host, 5);
}

/* Requests that are handled where they are read: answered there, or deferred. While all workers are
 * blocked they go on. */
static void test_quick(struct arena *arena)
{
    struct http_stats stats;
    struct host host;
    struct wire blocked, wire;

    host_start(&host, (struct http_config){ .workers = 1 });
    blocked = wire_open(arena, host_port(&host));
    wire_send(&blocked, get_gate);
    host_await_gate(&host, 1);
    wire = wire_open(arena, host_port(&host));
    for (int i = 0; i < 100; i++) {
        struct wire_reply reply;

        if (i % 2 == 0) {
            reply = wire_ask(&wire, TEXT("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n"));
        } else {
            wire_send(&wire, TEXT("GET /defer?a=b HTTP/1.1\r\nHost: x\r\n\r\n"));
            host_finish(host_take(&host, 1), "flushed");
            reply = wire_read(&wire, false);
        }
        OK(reply.status == 200, "a quick request is answered");
    }
    OK(host_await_in_flight(&host, 1), "only the blocked one is in flight");
    http_server_stats(host.server, &stats);
    OK(stats.requests == 101, "each was counted: %llu", (unsigned long long)stats.requests);
    host_open_gate(&host);
    OK(wire_read(&blocked, false).status == 200, "the blocked request goes on");
    wire_close(&wire);
    wire_close(&blocked);
    host_stop(&host, 5);
}

/* The server stops while clients go on asking: each answer is whole, or the connection ends. */
static void *ask_on(void *state)
{
    struct wire *wire = state;

    while (wire_send(wire, TEXT("GET /quick HTTP/1.1\r\nHost: x\r\n\r\n")) && wire_fill(wire))
        continue;
    wire_close(wire);
    return NULL;
}

static void stop_while_asked(void)
{
    const struct timespec pause = { .tv_nsec = 6000000 };
    struct host host;
    pthread_t threads[4];
    struct arena *arenas[4];
    struct wire wires[4];

    host_start(&host, (struct http_config){ 0 });
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        arenas[i] = arena_new();
        wires[i] = wire_open(arenas[i], host_port(&host));
        MUST(pthread_create(&threads[i], NULL, ask_on, &wires[i]) == 0);
    }
    nanosleep(&pause, NULL);
    host_stop(&host, 5);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        MUST(pthread_join(threads[i], NULL) == 0);
        arena_free(arenas[i]);
    }
}

static void test_quick_stop(void)
{
    for (int round = 0; round < 20; round++)
        stop_while_asked();
    OK(true, "a stop in the middle of quick requests ends");
}

static void test_busy(struct arena *arena)
{
    struct host host;
    struct wire blocked, queued[4], late;
    struct wire_reply reply;

    host_start(&host, (struct http_config){ .workers = 1, .queued_max = COUNT_OF(queued) });
    blocked = wire_open(arena, host_port(&host));
    wire_send(&blocked, get_gate);
    host_await_gate(&host, 1);
    for (size_t i = 0; i < COUNT_OF(queued); i++) {
        queued[i] = wire_open(arena, host_port(&host));
        wire_send(&queued[i], get_echo);
    }
    OK(host_await_in_flight(&host, COUNT_OF(queued) + 1), "the queue is full");
    late = wire_open(arena, host_port(&host));
    for (int i = 0; i < 3; i++) {
        reply = wire_ask(&late, get_echo);
        OK(reply.status == 429 && text_equal(reply.body, TEXT("server_busy")),
           "one more is refused at once");
        IS_TEXT(wire_header(&reply, TEXT("Retry-After")), "7", "and told when to come back");
    }
    host_open_gate(&host);
    OK(wire_read(&blocked, false).status == 200, "the blocked request goes on");
    for (size_t i = 0; i < COUNT_OF(queued); i++) {
        OK(wire_read(&queued[i], false).status == 200, "a queued request is answered");
        wire_close(&queued[i]);
    }
    OK(wire_ask(&late, get_echo).status == 200, "the refused connection is still good");
    wire_close(&late);
    wire_close(&blocked);
    host_stop(&host, 5);
}

/* Workers are woken one after another, but all of them when they block. */
static void test_all_workers(struct arena *arena)
{
    struct host host;
    struct wire wires[8];

    host_start(&host, (struct http_config){ .workers = COUNT_OF(wires) });
    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        wires[i] = wire_open(arena, host_port(&host));
        wire_send(&wires[i], get_gate);
    }
    host_await_gate(&host, COUNT_OF(wires));
    OK(true, "as many requests block at once as there are workers");
    host_open_gate(&host);
    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        OK(wire_read(&wires[i], false).status == 200, "and each is answered");
        wire_close(&wires[i]);
    }
    host_stop(&host, 5);
}

static void test_client_gone(struct arena *arena)
{
    struct host host;
    struct wire wire;
    struct http_request *request;

    host_start(&host, (struct http_config){ 0 });
    wire = wire_open(arena, host_port(&host));
    wire_send(&wire, TEXT("POST /defer?a=b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"));
    request = host_take(&host, 1);
    wire_close(&wire);
    usleep(50000);
    OK(text_equal(request->body, TEXT("abc")) && text_equal(request->params[0].value, TEXT("b")),
       "the request outlives its client");
    host_finish(request, "nobody listens");
    OK(host_await_in_flight(&host, 0), "finishing it for nobody is fine");
    host_stop(&host, 5);
}

static void *stop_main(void *state)
{
    http_server_stop(state, 20);
    return NULL;
}

static void test_graceful(struct arena *arena)
{
    struct host host;
    struct wire deferred, idle, kept, late;
    struct wire_reply reply;
    pthread_t stopper;
    uint16_t port;

    host_start(&host, (struct http_config){ 0 });
    port = host_port(&host);
    idle = wire_open(arena, port);
    kept = wire_open(arena, port);
    deferred = wire_open(arena, port);
    OK(wire_ask(&idle, get_echo).status == 200 && wire_ask(&kept, get_echo).status == 200,
       "two connections are kept");
    /* A request just answered may still count as in flight; the one to wait for is the next. */
    MUST(host_await_in_flight(&host, 0));
    wire_send(&deferred, get_defer);
    MUST(host_await_in_flight(&host, 1));
    MUST(pthread_create(&stopper, NULL, stop_main, host.server) == 0);
    usleep(100000);
    late = wire_open(arena, port);
    OK(late.fd < 0 || wire_is_ended(&late), "a stopping server takes no new connection");
    reply = wire_ask(&kept, get_echo);
    OK(reply.status == 200 && text_equal(wire_header(&reply, TEXT("Connection")), TEXT("close")),
       "a request on a kept connection is the last on it");
    host_finish(host_take(&host, 1), "in time");
    reply = wire_read(&deferred, false);
    IS_TEXT(reply.body, "in time", "a request in flight is finished");
    MUST(pthread_join(stopper, NULL) == 0);
    OK(wire_is_closed(&idle) && wire_is_closed(&deferred), "then all connections are closed");
    wire_close(&idle);
    wire_close(&kept);
    wire_close(&deferred);
    wire_close(&late);
    host_clear(&host);
}

static void test_grace_over(struct arena *arena)
{
    struct host host;
    struct wire wires[3];
    struct http_request *first, *second;
    struct wire_reply reply;

    host_start(&host, (struct http_config){ 0 });
    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        wires[i] = wire_open(arena, host_port(&host));
        wire_send(&wires[i], TEXT("POST /defer HTTP/1.1\r\nHost: x\r\nX-Request-Id: me\r\n"
                                  "Content-Length: 4\r\n\r\nbody"));
    }
    wire_close(&wires[2]);
    first = host_take(&host, COUNT_OF(wires));
    second = host_take(&host, 2);
    http_server_stop(host.server, 0);
    for (size_t i = 0; i < 2; i++) {
        reply = wire_read(&wires[i], false);
        OK(reply.status == 503 && text_contains(reply.body, TEXT("shutting down")),
           "a deferred request is answered 503 when the grace is over");
        IS_TEXT(wire_header(&reply, TEXT("X-Request-Id")), "me", "with its request id");
        IS_TEXT(wire_header(&reply, TEXT("Retry-After")), "1", "and told to come back");
        OK(wire_is_closed(&wires[i]), "and its connection closed");
        wire_close(&wires[i]);
    }
    OK(text_equal(first->body, TEXT("body")) && text_equal(second->body, TEXT("body")),
       "the requests outlive the server");
    host_finish(first, "too late");
    host_finish(second, "too late");
    host_finish(host_take(&host, 1), "too late");
    OK(true, "finishing them late does no harm");
    host_clear(&host);
}

static void *gate_main(void *state)
{
    usleep(300000);
    host_open_gate(state);
    return NULL;
}

/* A worker at work and requests in the queue when the grace is over. */
static void test_cut_at_work(struct arena *arena)
{
    struct host host;
    struct wire working, queued;
    pthread_t opener;

    host_start(&host, (struct http_config){ .workers = 1 });
    working = wire_open(arena, host_port(&host));
    wire_send(&working, get_gate);
    host_await_gate(&host, 1);
    queued = wire_open(arena, host_port(&host));
    wire_send(&queued, get_echo);
    MUST(host_await_in_flight(&host, 2));
    MUST(pthread_create(&opener, NULL, gate_main, &host) == 0);
    http_server_stop(host.server, 0);
    OK(wire_read(&working, false).status == 503, "a request at work is cut");
    OK(wire_read(&queued, false).status == 503, "a queued request is cut");
    MUST(pthread_join(opener, NULL) == 0);
    wire_close(&working);
    wire_close(&queued);
    host_clear(&host);
}

/* A client that does not read its reply cannot hold the server up for ever. */
static void test_stuck_client(struct arena *arena)
{
    struct host host;
    struct wire wire;
    int64_t begin;

    host_start(&host, (struct http_config){ 0 });
    wire = wire_open(arena, host_port(&host));
    for (int i = 0; i < 4; i++)
        wire_send(&wire, TEXT("GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));
    MUST(host_await_in_flight(&host, 1));
    usleep(50000);
    begin = clock_monotonic_ns();
    http_server_stop(host.server, 1);
    OK(clock_monotonic_ns() - begin < 10 * NS_PER_SECOND, "the server stops all the same");
    wire_close(&wire);
    host_clear(&host);
}

struct load {
    struct host *host;
    atomic_bool is_over;
    atomic_int good, bad;
};

static void *load_main(void *state)
{
    struct load *load = state;
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();

    while (!load->is_over) {
        struct wire wire = wire_open(arena, host_port(load->host));

        for (int i = 0; i < 20 && wire.fd >= 0; i++) {
            int status = wire_ask(&wire, get_echo).status;

            if (status == 200)
                load->good++;
            else if (status != 0 && status != 503)
                load->bad++;
            if (status == 0)
                break;
        }
        if (wire.fd < 0)
            break;
        wire_close(&wire);
        arena_reset(arena);
    }
    return NULL;
}

/* Stopping under load: the worst moment for races. */
static void test_stop_under_load(void)
{
    for (int round = 0; round < 20; round++) {
        pthread_t threads[4];
        struct host host;
        struct load load = { .host = &host };

        host_start(&host, (struct http_config){ 0 });
        for (size_t i = 0; i < COUNT_OF(threads); i++)
            MUST(pthread_create(&threads[i], NULL, load_main, &load) == 0);
        /* A busy machine may not come to the first reply before any fixed time is over. */
        for (int i = 0; load.good == 0 && i < 10000; i++)
            usleep(1000);
        usleep(20000 + (useconds_t)round * 1000);
        load.is_over = true;
        for (size_t i = 0; i < COUNT_OF(threads); i++)
            if (i % 2 == 0)
                MUST(pthread_join(threads[i], NULL) == 0);
        http_server_stop(host.server, round % 2);
        OK(load.good > 0 && load.bad == 0, "round %d: %d good replies, none wrong", round,
           load.good);
        for (size_t i = 0; i < COUNT_OF(threads); i++)
            if (i % 2 == 1)
                MUST(pthread_join(threads[i], NULL) == 0);
        host_clear(&host);
    }
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();

    test_deferred(arena);
    test_many_deferred(arena);
    test_quick(arena);
    test_quick_stop();
    test_busy(arena);
    test_all_workers(arena);
    test_client_gone(arena);
    test_graceful(arena);
    test_grace_over(arena);
    test_cut_at_work(arena);
    test_stuck_client(arena);
    test_stop_under_load();
    return tap_end();
}
