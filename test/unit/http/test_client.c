/* The client against the server: what one sends the other understands. */
#include "http/client.h"

#include <unistd.h>

#include "lib/directory.h"
#include "lib/tap.h"
#include "unit/http/host.h"
#include "unit/http/pack.h"
#include "unit/http/wire.h"

static text base_url(struct arena *arena, uint16_t port)
{
    return text_format(arena, "http://127.0.0.1:%u", (unsigned)port);
}

static void test_calls(struct arena *arena, struct http_client *client)
{
    text large = text_of_many(arena, 'l', 100000);
    struct http_call call = { .method = HTTP_GET, .path = TEXT("/echo?a=b%20c") };
    struct http_answer answer = { 0 };

    OK(http_client_call(client, &call, arena, &answer) == OK && answer.status == 200, "GET");
    IS_TEXT(answer.body, "GET /echo [a]=[b c] type= body=", "the path is sent as it is");
    IS_TEXT(answer.content_type, "text/plain", "the content type is told");
    OK(answer.retry_after_seconds == -1, "no Retry-After");
    call = (struct http_call){ .method = HTTP_POST,
                               .path = TEXT("/echo"),
                               .content_type = TEXT("text/x"),
                               .body = TEXT("hello") };
    OK(http_client_call(client, &call, arena, &answer) == OK, "POST");
    IS_TEXT(answer.body, "POST /echo type=text/x body=hello", "the body is sent");
    call.is_gzip = true;
    call.body = large;
    OK(http_client_call(client, &call, arena, &answer) == OK && text_ends_with(answer.body, large),
       "POST with a gzip body");
    for (enum http_method m = HTTP_PUT; m <= HTTP_DELETE; m++) {
        call = (struct http_call){ .method = m, .path = TEXT("/echo"), .body = TEXT("b") };
        OK(http_client_call(client, &call, arena, &answer) == OK &&
               text_equal(answer.body, text_format(arena,
                                                   "%s /echo type=application/"
                                                   "x-www-form-urlencoded body=b",
                                                   http_method_name(m))),
           "%s: %.*s", http_method_name(m), TEXT_ARG(answer.body));
    }
    call = (struct http_call){ .method = HTTP_GET, .path = TEXT("/token") };
    OK(http_client_call(client, &call, arena, &answer) == OK, "GET with a token");
    IS_TEXT(answer.body, "Bearer kpat_x", "the token is sent");
    call = (struct http_call){ .method = HTTP_HEAD, .path = TEXT("/echo") };
    OK(http_client_call(client, &call, arena, &answer) == OK && answer.status == 200 &&
           answer.body.len == 0,
       "HEAD");
    call = (struct http_call){ .method = HTTP_POST, .path = TEXT("/empty") };
    OK(http_client_call(client, &call, arena, &answer) == OK && answer.status == 204 &&
           answer.body.len == 0 && answer.content_type.len == 0,
       "POST without a body, 204");
}

static void test_refused(struct arena *arena, struct http_client *client)
{
    struct http_call call = { .method = HTTP_GET, .path = TEXT("/a%zz") };
    struct http_answer answer = { 0 };

    OK(http_client_call(client, &call, arena, &answer) == OK && answer.status == 400,
       "a refusal is an answer");
    IS_TEXT(answer.body, "request_target", "with a body");
    call = (struct http_call){ .method = HTTP_POST,
                               .path = TEXT("/echo"),
                               .body = text_of_many(arena, 'x', 20 * 1024 * 1024) };
    OK(http_client_call(client, &call, arena, &answer) == OK && answer.status == 413,
       "a body too large is answered 413: %d", answer.status);
}

static void test_busy(struct arena *arena, struct host *host, struct http_client *client)
{
    struct http_call call = { .method = HTTP_GET, .path = TEXT("/echo") };
    struct http_answer answer = { 0 };
    struct wire blocked = wire_open(arena, host_port(host));
    struct wire queued = wire_open(arena, host_port(host));

    wire_send(&blocked, TEXT("GET /gate HTTP/1.1\r\nHost: x\r\n\r\n"));
    host_await_gate(host, 1);
    wire_send(&queued, TEXT("GET /echo HTTP/1.1\r\nHost: x\r\n\r\n"));
    MUST(host_await_in_flight(host, 2));
    OK(http_client_call(client, &call, arena, &answer) == OK && answer.status == 429 &&
           answer.retry_after_seconds == 7,
       "Retry-After is read");
    host_open_gate(host);
    MUST(host_await_in_flight(host, 0));
    wire_close(&blocked);
    wire_close(&queued);
}

static void test_troubles(struct arena *arena, struct host *host)
{
    struct http_call call = { .method = HTTP_GET, .path = TEXT("/defer"), .timeout_seconds = 1 };
    struct http_answer answer = { 0 };
    struct http_client *client = http_client_new(base_url(arena, host_port(host)), TEXT(""));
    uint16_t port;

    OK(http_client_call(client, &call, arena, &answer) == ERR_TIMEOUT && answer.body.len > 0,
       "no answer in time: %.*s", TEXT_ARG(answer.body));
    host_finish(host_take(host, 1), "too late");
    http_client_free(client);
    port = host_port(host);
    host_stop(host, 5);
    client = http_client_new(base_url(arena, port), TEXT(""));
    OK(http_client_call(client, &call, arena, &answer) == ERR_IO && answer.body.len > 0,
       "nobody there: %.*s", TEXT_ARG(answer.body));
    http_client_free(client);
    client = http_client_new(TEXT("file:///etc/passwd"), TEXT(""));
    OK(http_client_call(client, &call, arena, &answer) == ERR_IO, "other protocols are refused");
    http_client_free(client);
    http_client_free(NULL);
}

static void test_cancelled(struct arena *arena)
{
    atomic_bool is_cancelled = true;
    struct http_call call = { .path = TEXT("/defer"), .is_cancelled = &is_cancelled };
    struct http_answer answer = { 0 };
    struct http_client *client;
    struct host host;

    host_start(&host, (struct http_config){ 0 });
    client = http_client_new(base_url(arena, host_port(&host)), TEXT(""));
    OK(http_client_call(client, &call, arena, &answer) == ERR_STOPPED, "a call can be cancelled");
    http_client_free(client);
    host_stop(&host, 0);
}

static void test_socket(struct arena *arena)
{
    struct http_call call = { .method = HTTP_GET, .path = TEXT("/echo") };
    struct http_answer answer = { 0 };
    char directory[DIRECTORY_PATH_MAX];
    struct http_config config = { 0 };
    struct http_server *second = NULL;
    struct http_client *client;
    const char *why = "";
    struct host host;
    text path;

    directory_make(directory);
    path = text_format(arena, "%s/socket", directory);
    client = http_client_new(text_format(arena, "unix:%.*s", TEXT_ARG(path)), TEXT(""));
    /* One that is left behind, as by a process that was killed. */
    host_start(&host, (struct http_config){ .address = path });
    MUST(rename(text_cstr(arena, path),
                text_cstr(arena, text_format(arena, "%s/old", directory))) == 0);
    host_stop(&host, 0);
    MUST(rename(text_cstr(arena, text_format(arena, "%s/old", directory)),
                text_cstr(arena, path)) == 0);
    host_start(&host, (struct http_config){ .address = path });
    OK(host_port(&host) == 0 && http_client_call(client, &call, arena, &answer) == OK,
       "a server on a Unix socket, in place of one left behind");
    IS_TEXT(answer.body, "GET /echo type= body=", "answers as ever");
    config = (struct http_config){ .address = path,
                                   .io_threads = 1,
                                   .workers = 1,
                                   .handler = host_handle,
                                   .refuse = host_refuse,
                                   .clock = clock_system(),
                                   .random = &host.random };
    OK(http_server_start(&config, &second, &why) == ERR_IO, "no second one");
    OK(http_client_call(client, &call, arena, &answer) == OK,
       "which disturbs the first not at all");
    host_stop(&host, 1);
    OK(access(text_cstr(arena, path), F_OK) != 0, "a stop removes the socket");
    OK(http_client_call(client, &call, arena, &answer) == ERR_IO, "then nobody is there");
    config.address = text_of_many(arena, '/', 300);
    OK(http_server_start(&config, &second, &why) == ERR_IO, "a path too long");
    config.address = text_format(arena, "%s/no/where", directory);
    OK(http_server_start(&config, &second, &why) == ERR_IO, "a path that leads nowhere");
    http_client_free(client);
    directory_remove(directory);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct http_client *client;
    struct host host;

    host_start(&host, (struct http_config){ .workers = 1, .queued_max = 1 });
    client = http_client_new(
        text_format(arena, "%.*s/", TEXT_ARG(base_url(arena, host_port(&host)))), TEXT("kpat_x"));
    test_calls(arena, client);
    test_refused(arena, client);
    test_busy(arena, &host, client);
    http_client_free(client);
    test_troubles(arena, &host);
    test_cancelled(arena);
    test_socket(arena);
    return tap_end();
}
