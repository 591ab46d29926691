/* Bodies over the wire: gzip, limits while reading, refusals that keep the connection. */
#include "http/http.h"

#include "lib/tap.h"
#include "unit/http/host.h"
#include "unit/http/pack.h"
#include "unit/http/wire.h"

#define BODY_MAX (1024 * 1024)

static text status_text(struct arena *arena, const struct wire_reply *reply)
{
    return text_format(arena, "%d %.*s", reply->status, TEXT_ARG(reply->body));
}

static text post(struct arena *arena, const char *headers, text body)
{
    struct buffer b = { .arena = arena };

    buffer_format(&b, "POST /echo HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n", headers,
                  body.len);
    buffer_add(&b, body);
    return buffer_text(&b);
}

static text post_chunked(struct arena *arena, const char *headers, text body, size_t step)
{
    struct buffer b = { .arena = arena };

    buffer_format(&b, "POST /echo HTTP/1.1\r\nHost: x\r\n%sTransfer-Encoding: chunked\r\n\r\n",
                  headers);
    for (size_t at = 0; at < body.len; at += step) {
        text piece = text_slice(body, at, step);

        buffer_format(&b, "%zx\r\n", piece.len);
        buffer_add(&b, piece);
        buffer_add_cstr(&b, "\r\n");
    }
    buffer_add_cstr(&b, "0\r\n\r\n");
    return buffer_text(&b);
}

/* The connection is still good after whatever was refused. */
static void check_kept(struct arena *arena, struct wire *wire)
{
    struct wire_reply reply = wire_ask(wire, post(arena, "", TEXT("next")));

    IS_TEXT(status_text(arena, &reply), "200 POST /echo type= body=next",
            "the next request on the connection is answered");
}

static void check_echo(struct arena *arena, struct wire *wire, text request, text want,
                       const char *name)
{
    struct wire_reply reply = wire_ask(wire, request);

    OK(reply.status == 200 && text_ends_with(reply.body, want), "%s: %d", name, reply.status);
    check_kept(arena, wire);
}

static void check_refused(struct arena *arena, struct wire *wire, text request, const char *want,
                          const char *name)
{
    struct wire_reply reply = wire_ask(wire, request);

    IS_TEXT(status_text(arena, &reply), want, name);
    check_kept(arena, wire);
}

static void test_sizes(struct arena *arena, struct wire *wire)
{
    text full = text_of_many(arena, 'x', BODY_MAX);
    text over = text_of_many(arena, 'x', BODY_MAX + 1);

    check_echo(arena, wire, post(arena, "", full), full, "a body of the largest size");
    check_echo(arena, wire, post_chunked(arena, "", full, 50000), full, "the same, chunked");
    check_echo(arena, wire, post_chunked(arena, "", TEXT("one byte a chunk"), 1),
               TEXT("one byte a chunk"), "small chunks");
    check_refused(arena, wire, post(arena, "", over), "413 body_too_large",
                  "one byte more, announced");
    check_refused(arena, wire, post_chunked(arena, "", over, 50000), "413 body_too_large",
                  "one byte more, chunked");
    check_refused(arena, wire,
                  post_chunked(arena, "", text_of_many(arena, 'y', 16 * BODY_MAX), 1 << 20),
                  "413 body_too_large", "sixteen times as much, chunked");
}

static void test_gzip(struct arena *arena, struct wire *wire)
{
    const char *gzip = "Content-Encoding: gzip\r\n";
    text full = text_of_many(arena, 'x', BODY_MAX);
    text zipped = gzip_of(arena, TEXT("{\"a\":1}"));

    check_echo(arena, wire, post(arena, gzip, zipped), TEXT("body={\"a\":1}"), "a gzip body");
    check_echo(arena, wire, post(arena, "Content-Encoding: GZip\r\n", zipped),
               TEXT("body={\"a\":1}"), "in any case");
    check_echo(arena, wire, post_chunked(arena, "content-encoding: x-gzip\r\n", zipped, 3),
               TEXT("body={\"a\":1}"), "a gzip body in chunks");
    check_echo(arena, wire, post(arena, "Content-Encoding: gzip \t\r\n", zipped),
               TEXT("body={\"a\":1}"), "with white space behind it");
    check_echo(arena, wire, post(arena, "Content-Encoding: identity\r\n", TEXT("a")),
               TEXT("body=a"), "identity");
    check_echo(arena, wire, post(arena, gzip, gzip_of(arena, full)), full,
               "a gzip body that inflates to the largest size");
    check_refused(arena, wire,
                  post(arena, gzip, gzip_of(arena, text_of_many(arena, 'x', BODY_MAX + 1))),
                  "413 body_too_large", "a gzip body that inflates to one byte more");
    check_refused(arena, wire,
                  post(arena, gzip, gzip_of(arena, text_of_many(arena, 0, 64 * 1024 * 1024))),
                  "413 body_too_large", "a gzip bomb");
    check_refused(arena, wire, post(arena, gzip, TEXT("{\"a\":1}")), "400 body_compression",
                  "not gzip at all");
    check_refused(arena, wire, post(arena, gzip, text_slice(zipped, 0, zipped.len - 1)),
                  "400 body_compression", "gzip cut short");
    check_echo(arena, wire, post(arena, gzip, TEXT("")), TEXT("body="), "an empty body");
}

static void test_zstd(struct arena *arena, struct wire *wire)
{
    const char *zstd = "Content-Encoding: zstd\r\n";
    text full = text_of_many(arena, 'x', BODY_MAX);
    text packed = zstd_of(arena, TEXT("{\"a\":1}"));

    check_echo(arena, wire, post(arena, zstd, packed), TEXT("body={\"a\":1}"), "a zstd body");
    check_echo(arena, wire, post_chunked(arena, "Content-Encoding: ZSTD\r\n", packed, 3),
               TEXT("body={\"a\":1}"), "in chunks, in any case");
    check_echo(arena, wire, post(arena, zstd, zstd_of(arena, full)), full,
               "a zstd body that unpacks to the largest size");
    check_refused(arena, wire,
                  post(arena, zstd, zstd_of(arena, text_of_many(arena, 'x', BODY_MAX + 1))),
                  "413 body_too_large", "a zstd body that unpacks to one byte more");
    check_refused(arena, wire, post(arena, zstd, text_slice(packed, 0, packed.len - 1)),
                  "400 body_compression", "a zstd body cut short");
}

static void test_encodings(struct arena *arena, struct wire *wire)
{
    check_refused(arena, wire, post(arena, "Content-Encoding: br\r\n", TEXT("abc")),
                  "415 body_encoding", "an unknown encoding");
    check_refused(arena, wire, post(arena, "Content-Encoding: gzip, gzip\r\n", TEXT("abc")),
                  "415 body_encoding", "two encodings");
    check_refused(arena, wire,
                  post(arena, "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", TEXT("abc")),
                  "415 body_encoding", "two headers");
}

static void test_too_long_to_read(struct arena *arena, struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));
    struct wire_reply reply = wire_ask(&wire, TEXT("POST /echo HTTP/1.1\r\nHost: x\r\n"
                                                   "Content-Length: 9999999999999999999\r\n\r\n"));

    IS_TEXT(status_text(arena, &reply), "413 body_too_large",
            "a length nobody will wait for is refused at once");
    OK(wire_is_ended(&wire), "and the connection closed");
    wire_close(&wire);
}

static void test_endless(struct arena *arena, struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));
    text piece = text_of_many(arena, 'z', 1 << 20);
    text chunk = text_format(arena, "100000\r\n%.*s\r\n", TEXT_ARG(piece));
    int sent = 0;

    wire_send(&wire, TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"));
    while (sent < 200 && wire_send(&wire, chunk))
        sent++;
    OK(sent >= 60 && sent < 120, "an endless body is hung up on after %d MiB", sent);
    wire_close(&wire);
}

/* A client that is never idle, and never through. */
static void test_trickle(struct arena *arena)
{
    const struct timespec pause = { .tv_nsec = 50000000 };
    struct host host;
    struct wire wire;
    int sent = 0;

    host_start(&host, (struct http_config){ .body_seconds = 1 });
    wire = wire_open(arena, host_port(&host));
    wire_send(&wire, TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"));
    while (sent < 500 && wire_send(&wire, TEXT("x"))) {
        nanosleep(&pause, NULL);
        sent++;
    }
    OK(sent >= 1 && sent < 500, "a body that trickles in is hung up on after %d bytes", sent);
    wire_close(&wire);
    host_stop(&host, 5);
}

static bool await_connections(struct host *host, uint64_t count)
{
    const struct timespec pause = { .tv_nsec = 1000000 };
    struct http_stats stats;

    for (int i = 0; i < 10000; i++) {
        http_server_stats(host->server, &stats);
        if (stats.connections == count)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

/* A client that dies in the middle of its body: the idle time ends it at the latest. */
static void test_abandoned(struct arena *arena)
{
    struct wire wires[8];
    struct host host;

    host_start(&host, (struct http_config){ .idle_seconds = 1 });
    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        wires[i] = wire_open(arena, host_port(&host));
        wire_send(&wires[i], TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n"
                                  "Content-Encoding: gzip\r\n\r\n\x1f\x8b"));
    }
    OK(await_connections(&host, COUNT_OF(wires)), "clients in the middle of their bodies");
    for (size_t i = 0; i < COUNT_OF(wires); i++)
        wire_close(&wires[i]);
    OK(await_connections(&host, 0), "nothing is left of abandoned bodies");
    host_stop(&host, 5);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct host host;
    struct wire wire;

    host_start(&host, (struct http_config){ .body_max = BODY_MAX });
    wire = wire_open(arena, host_port(&host));
    test_sizes(arena, &wire);
    test_gzip(arena, &wire);
    test_zstd(arena, &wire);
    test_encodings(arena, &wire);
    wire_close(&wire);
    test_too_long_to_read(arena, &host);
    test_endless(arena, &host);
    host_stop(&host, 5);
    test_trickle(arena);
    test_abandoned(arena);
    return tap_end();
}
