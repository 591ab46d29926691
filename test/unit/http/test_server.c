/* The server on a real socket: requests taken apart, replies put together, connections kept. */
#include "http/http.h"

#include "lib/tap.h"
#include "unit/http/host.h"
#include "unit/http/pack.h"
#include "unit/http/wire.h"

static text status_text(struct arena *arena, const struct wire_reply *reply)
{
    return text_format(arena, "%d %.*s", reply->status, TEXT_ARG(reply->body));
}

/* One request on a connection of its own; "status body". */
static text ask(struct arena *arena, const struct host *host, text request)
{
    struct wire wire = wire_open(arena, host_port(host));
    struct wire_reply reply = wire_ask(&wire, request);

    wire_close(&wire);
    return status_text(arena, &reply);
}

static void test_keep_alive(struct arena *arena, const struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));

    for (int i = 0; i < 50; i++) {
        text request =
            i % 2 == 0 ? text_format(arena, "GET /echo?n=%d HTTP/1.1\r\nHost: x\r\n\r\n", i)
                       : text_format(arena,
                                     "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/x\r\n"
                                     "Content-Length: 4\r\n\r\n%04d",
                                     i);
        text want = i % 2 == 0 ? text_format(arena, "200 GET /echo [n]=[%d] type= body=", i)
                               : text_format(arena, "200 POST /echo type=text/x body=%04d", i);
        struct wire_reply reply = wire_ask(&wire, request);

        IS_TEXT(status_text(arena, &reply), text_cstr(arena, want),
                "a connection is used again and again");
    }
    wire_close(&wire);
}

static void test_pipelined(struct arena *arena, const struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));
    struct buffer all = { .arena = arena };

    for (int i = 0; i < 20; i++)
        buffer_format(&all,
                      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n%02d"
                      "GET /id HTTP/1.1\r\nHost: x\r\nX-Request-Id: r%d\r\n\r\n",
                      i, i);
    OK(wire_send(&wire, buffer_text(&all)), "40 requests sent at once");
    for (int i = 0; i < 20; i++) {
        struct wire_reply first = wire_read(&wire, false);
        struct wire_reply second = wire_read(&wire, false);

        OK(text_equal(first.body, text_format(arena, "POST /echo type= body=%02d", i)) &&
               text_equal(second.body, text_format(arena, "r%d", i)),
           "pipelined requests are answered in order");
    }
    wire_close(&wire);
}

static void test_chunked(struct arena *arena, const struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));
    text parts[] = {
        TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Enc"),
        TEXT("oding: chunked\r\n\r\n5\r\nhel"),
        TEXT("lo\r\n1;ext=1\r\n \r"),
        TEXT("\n5\r\nworld\r\n0\r\nTrailer: x\r\n"),
        TEXT("\r\n"),
    };
    struct wire_reply reply;

    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        wire_send(&wire, parts[i]);
        usleep(2000);
    }
    reply = wire_read(&wire, false);
    IS_TEXT(status_text(arena, &reply), "200 POST /echo type= body=hello world",
            "a chunked body in pieces");
    reply = wire_ask(&wire, TEXT("GET /empty HTTP/1.1\r\nHost: x\r\n\r\n"));
    OK(reply.status == 204 && reply.body.len == 0, "and the connection is kept");
    wire_close(&wire);
}

static void test_head(struct arena *arena, const struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));
    struct wire_reply reply = wire_ask(&wire, TEXT("HEAD /echo HTTP/1.1\r\nHost: x\r\n\r\n"));

    OK(reply.status == 200 && wire_unread(&wire).len == 0, "HEAD has no body");
    IS_TEXT(wire_header(&reply, TEXT("Content-Length")), "21",
            "HEAD tells the length GET would have");
    reply = wire_ask(&wire, TEXT("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"));
    IS_TEXT(reply.body, "GET /echo type= body=", "GET on the same connection");
    wire_close(&wire);
    IS_TEXT(ask(arena, host, TEXT("BREW /echo HTTP/1.1\r\nHost: x\r\n\r\n")),
            "200 unknown /echo type= body=", "an unknown method is the handler's business");
}

static void test_expect(struct arena *arena, const struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));
    struct wire_reply reply;

    wire_send(&wire, TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                          "Expect: 100-continue\r\n\r\n"));
    reply = wire_read(&wire, false);
    OK(reply.status == 100, "leave to send is given");
    wire_send(&wire, TEXT("ok"));
    reply = wire_read(&wire, false);
    IS_TEXT(reply.body, "POST /echo type= body=ok", "and the body taken");
    wire_close(&wire);

    wire = wire_open(arena, host_port(host));
    reply = wire_ask(&wire, TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n"
                                 "Expect: 100-continue\r\n\r\n"));
    IS_TEXT(status_text(arena, &reply), "413 body_too_large",
            "a body too large is refused before it is sent");
    OK(wire_is_closed(&wire), "and the connection closed");
    wire_close(&wire);
}

static void test_request_ids(struct arena *arena, const struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));
    text long_id = text_of_many(arena, 'x', 129);
    struct wire_reply one, two;

    one = wire_ask(&wire, TEXT("GET /id HTTP/1.1\r\nHost: x\r\nX-Request-Id: abc 1!~\r\n\r\n"));
    IS_TEXT(one.body, "abc 1!~", "the client's request id is kept");
    IS_TEXT(wire_header(&one, TEXT("X-Request-Id")), "abc 1!~", "and sent back");
    one = wire_ask(&wire, TEXT("GET /id HTTP/1.1\r\nHost: x\r\n\r\n"));
    two = wire_ask(&wire, TEXT("GET /id HTTP/1.1\r\nHost: x\r\nX-Request-Id: caf\xc3\xa9\r\n\r\n"));
    OK(one.body.len == 32 && two.body.len == 32 && !text_equal(one.body, two.body),
       "without a valid one, each request has an id of its own");
    OK(text_equal(wire_header(&two, TEXT("X-Request-Id")), two.body), "which is sent back too");
    one = wire_ask(&wire,
                   text_format(arena, "GET /id HTTP/1.1\r\nHost: x\r\nX-Request-Id: %.*s\r\n\r\n",
                               TEXT_ARG(text_slice(long_id, 0, 128))));
    OK(one.body.len == 128, "128 bytes are the most");
    one = wire_ask(&wire,
                   text_format(arena, "GET /id HTTP/1.1\r\nHost: x\r\nX-Request-Id: %.*s\r\n\r\n",
                               TEXT_ARG(long_id)));
    OK(one.body.len == 32, "129 are too many");
    wire_close(&wire);
}

static void test_headers(struct arena *arena, const struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));
    struct wire_reply reply = wire_ask(&wire, TEXT("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"));

    IS_TEXT(wire_header(&reply, TEXT("Content-Type")), "text/plain", "the content type is sent");
    IS_TEXT(wire_header(&reply, TEXT("X-Peer")), "127.0.0.1", "the peer is known");
    OK(text_starts_with(wire_header(&reply, TEXT("X-Split")), TEXT("a")) &&
           wire_header(&reply, TEXT("Injected")).len == 0,
       "a header's value cannot start another header");
    wire_close(&wire);
    wire = wire_open(arena, host_port(host));
    reply = wire_ask(&wire, TEXT("GET /echo HTTP/1.0\r\n\r\n"));
    OK(reply.status == 200 && wire_is_closed(&wire), "HTTP/1.0 closes after one reply");
    wire_close(&wire);
}

static void test_refused(struct arena *arena, const struct host *host)
{
    IS_TEXT(ask(arena, host, TEXT("GET /a%zz HTTP/1.1\r\nHost: x\r\n\r\n")), "400 request_target",
            "a malformed escape in the path");
    IS_TEXT(ask(arena, host, TEXT("GET /a?b=%00 HTTP/1.1\r\nHost: x\r\n\r\n")),
            "400 request_target", "a NUL in a parameter");
    IS_TEXT(ask(arena, host, TEXT("GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n")), "400 request_target",
            "a raw NUL in the target");
    IS_TEXT(ask(arena, host, TEXT("GET a HTTP/1.1\r\nHost: x\r\n\r\n")), "400 request_target",
            "a target that is no path");
    IS_TEXT(ask(arena, host, TEXT("GET http://x/echo?a=b HTTP/1.1\r\nHost: x\r\n\r\n")),
            "200 GET /echo [a]=[b] type= body=", "the absolute form is understood");
    IS_TEXT(ask(arena, host,
                TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")),
            "400 request_framing", "two ways to tell the length");
    IS_TEXT(ask(arena, host,
                TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                     "Content-Length: 2\r\n\r\nab")),
            "400 request_framing", "two lengths");
    IS_TEXT(ask(arena, host, TEXT("GET /echo HTTP/1.1\r\n\r\n")), "400 request_headers", "no Host");
    IS_TEXT(ask(arena, host, TEXT("GET /echo HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n")),
            "400 request_headers", "two Hosts");
    IS_TEXT(
        ask(arena, host, TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\nab")),
        "400 request_headers", "a space behind a header's name would hide it");
    IS_TEXT(ask(arena, host, TEXT("GET /a b HTTP/1.1\r\nHost: x\r\n\r\n")), "400 request_target",
            "a space in the target");
    IS_TEXT(ask(arena, host,
                TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\nab")),
            "400 request_framing", "a transfer encoding that is not chunked");
    IS_TEXT(
        ask(arena, host,
            TEXT("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked \r\n\r\n0\r\n\r\n")),
        "400 request_framing", "nor one that libmicrohttpd would not take for it");
}

/* What libmicrohttpd refuses by itself, with words of its own. */
static void test_malformed(struct arena *arena, const struct host *host)
{
    static const text requests[] = {
        TEXT_INIT("nonsense\r\n\r\n"),
        TEXT_INIT("GET /\r\n\r\n"),
        TEXT_INIT("GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
        TEXT_INIT("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n"),
        TEXT_INIT("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        TEXT_INIT("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n"),
        TEXT_INIT("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
        TEXT_INIT("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    };
    text long_target = text_of_many(arena, 'a', 60000);

    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        struct wire wire = wire_open(arena, host_port(host));
        struct wire_reply reply = wire_ask(&wire, requests[i]);

        OK(reply.status == 0 || reply.status >= 400, "malformed request %zu: %d", i, reply.status);
        OK(wire_is_ended(&wire), "malformed request %zu: and the connection is closed", i);
        wire_close(&wire);
    }
    OK(text_starts_with(
           ask(arena, host,
               text_format(arena, "GET /%.*s HTTP/1.1\r\nHost: x\r\n\r\n", TEXT_ARG(long_target))),
           TEXT("414")),
       "a target too long");
    OK(text_starts_with(ask(arena, host,
                            text_format(arena, "GET / HTTP/1.1\r\nHost: x\r\nX: %.*s\r\n\r\n",
                                        TEXT_ARG(long_target))),
                        TEXT("431")),
       "headers too large");
    IS_TEXT(
        ask(arena, host,
            text_format(arena, "GET /id HTTP/1.1\r\nHost: x\r\nX-Request-Id: y\r\nX: %.*s\r\n\r\n",
                        TEXT_ARG(text_slice(long_target, 0, 16000)))),
        "200 y", "16 kB of headers are fine");
    IS_TEXT(ask(arena, host,
                text_format(arena, "GET /id HTTP/1.1\r\nHost: x\r\nX: %.*s\r\n\r\n",
                            TEXT_ARG(text_slice(long_target, 0, 20000)))),
            "431 headers_too_large", "20 kB of headers are refused in our own words");
    IS_TEXT(ask(arena, host,
                text_format(arena, "GET /%.*s HTTP/1.1\r\nHost: x\r\n\r\n",
                            TEXT_ARG(text_slice(long_target, 0, 8192)))),
            "414 target_too_long", "so is a target of 8 kB");
    IS_TEXT(ask(arena, host, TEXT("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n")),
            "200 GET /echo type= body=", "the server is as well as before");
}

static void test_large_reply(struct arena *arena, const struct host *host)
{
    struct wire wire = wire_open(arena, host_port(host));

    for (int i = 0; i < 2; i++) {
        struct wire_reply reply = wire_ask(&wire, TEXT("GET /large HTTP/1.1\r\nHost: x\r\n\r\n"));

        OK(reply.status == 200 && reply.body.len == HOST_LARGE_BYTES,
           "a large reply arrives whole");
    }
    wire_close(&wire);
}

static void test_bind(struct host *host)
{
    struct http_config config = {
        .address = TEXT("127.0.0.1"),
        .port = host_port(host),
        .io_threads = 1,
        .workers = 1,
        .handler = host_handle,
        .refuse = host_refuse,
        .state = host,
        .clock = clock_system(),
        .random = &host->random,
    };
    struct http_server *server = NULL;
    const char *why = "";

    OK(http_server_start(&config, &server, &why) == ERR_IO && !server, "a port in use");
    IS_TEXT(text_of(why), "the port is already in use", "says why");
    config.address = TEXT("localhost.");
    config.port = 0;
    OK(http_server_start(&config, &server, &why) == ERR_IO, "an address must be numeric");
    config.address = TEXT("192.0.2.1");
    OK(http_server_start(&config, &server, &why) == ERR_IO, "an address of another machine");
    IS_TEXT(text_of(why), "the address does not belong to this machine", "says why");
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct http_stats stats;
    struct host host;

    host_start(&host, (struct http_config){ .body_max = 1024 * 1024 });
    test_keep_alive(arena, &host);
    test_pipelined(arena, &host);
    test_chunked(arena, &host);
    test_head(arena, &host);
    test_expect(arena, &host);
    test_request_ids(arena, &host);
    test_headers(arena, &host);
    test_refused(arena, &host);
    test_malformed(arena, &host);
    test_large_reply(arena, &host);
    test_bind(&host);
    http_server_stats(host.server, &stats);
    OK(stats.requests > 100 && stats.refused == 15 && stats.by_class[2] == stats.requests &&
           stats.by_class[4] == stats.refused,
       "counters: %llu requests, %llu refused", (unsigned long long)stats.requests,
       (unsigned long long)stats.refused);
    host_stop(&host, 5);
    return tap_end();
}
