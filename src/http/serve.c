/* serve.c: libmicrohttpd's callbacks: a request read piece by piece, a reply sent.
 *
 * libmicrohttpd calls on_target with the request line, on_request first with the headers, then
 * with each piece of the body, then once more at the end; and again when a suspended connection is
 * resumed. It takes a reply only after the headers (then it closes the connection) or at the end,
 * so a refused body is read and thrown away, up to a limit, unless the client waits for leave to
 * send it.
 */
#include "http/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "base/turn.h"
#include "http/target.h"

#define IO_STACK_BYTES (256 * 1024)
/* Of a connection: target, headers, buffers. libmicrohttpd clears all of it after each request.
 * What does not fit it refuses with a page of its own, so it is larger than our limits. */
#define POOL_BYTES      (LIMIT_HEADER_BYTES + LIMIT_TARGET_BYTES + 4 * 1024)
#define POOL_STEP_BYTES (4 * 1024)

/* What the I/O thread says by itself once the server has stopped. */
static const struct http_reply reply_stopped = {
    .status = 503,
    .content_type = TEXT_INIT("application/problem+json"),
    .body = TEXT_INIT("{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                      "\"detail\":\"the server is shutting down\"}"),
    .headers = { { TEXT_INIT("Retry-After"), TEXT_INIT("1") } },
    .header_count = 1,
};

/* The headers that matter here. Repeated ones keep the first value. */
struct head {
    text content_length, content_encoding, transfer_encoding, request_id, expect;
    text host;
    int length_count, encoding_count, transfer_count, host_count;
    size_t bytes;      /* of all headers */
    bool is_malformed; /* a name that is no token: "Content-Length " would hide a body */
    struct http_request *request;
};

/* RFC 9110, 5.6.2: letters, digits and these. */
static bool is_token_char(char c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-')
        return true;
    return c != '\0' && strchr("!#$%&'*+.^_`|~", c) != NULL;
}

static bool is_token(text name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_token_char(name.ptr[i]))
            return false;
    return name.len > 0;
}

static enum MHD_Result head_read(void *state, enum MHD_ValueKind kind, const char *key,
                                 const char *value)
{
    struct head *head = state;
    struct http_request *request = head->request;

    const struct {
        text name;
        text *to;
        int *count;
    } wanted[] = {
        { TEXT("Content-Type"), &request->content_type, NULL },
        { TEXT("Accept"), &request->accept, NULL },
        { TEXT("Authorization"), &request->authorization, NULL },
        { TEXT("If-Match"), &request->if_match, NULL },
        { TEXT("Idempotency-Key"), &request->idempotency_key, NULL },
        { TEXT("Content-Length"), &head->content_length, &head->length_count },
        { TEXT("Content-Encoding"), &head->content_encoding, &head->encoding_count },
        { TEXT("Transfer-Encoding"), &head->transfer_encoding, &head->transfer_count },
        { TEXT("Host"), &head->host, &head->host_count },
        { TEXT("X-Request-Id"), &head->request_id, NULL },
        { TEXT("Expect"), &head->expect, NULL },
    };

    text name = text_of(key);

    CHECK(kind == MHD_HEADER_KIND);
    head->bytes += name.len + strlen(value) + 4;
    if (!is_token(name))
        head->is_malformed = true;
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        if (!text_equal_nocase(name, wanted[i].name))
            continue;
        if (wanted[i].count)
            ++*wanted[i].count;
        if (!wanted[i].to->ptr)
            *wanted[i].to = text_copy(request->arena, text_of(value));
    }
    return MHD_YES;
}

/* Transfer-Encoding stays as sent: libmicrohttpd looks at it untrimmed, and the two must agree. */
static void head_trim(struct head *head)
{
    text *const values[] = {
        &head->request->content_type,
        &head->request->accept,
        &head->request->authorization,
        &head->request->if_match,
        &head->request->idempotency_key,
        &head->content_encoding,
        &head->request_id,
        &head->expect,
    };

    for (size_t i = 0; i < COUNT_OF(values); i++)
        *values[i] = text_trim(*values[i]);
}

/* The coding of this name; HTTP_CODING_COUNT for any other. */
static enum http_coding coding_of(text encoding)
{
    static const struct {
        text name;
        enum http_coding coding;
    } rows[] = {
        { TEXT_INIT(""), HTTP_CODING_IDENTITY }, { TEXT_INIT("identity"), HTTP_CODING_IDENTITY },
        { TEXT_INIT("gzip"), HTTP_CODING_GZIP }, { TEXT_INIT("x-gzip"), HTTP_CODING_GZIP },
        { TEXT_INIT("zstd"), HTTP_CODING_ZSTD },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (text_equal_nocase(encoding, rows[i].name))
            return rows[i].coding;
    return HTTP_CODING_COUNT;
}

/* The announced length; INT64_MAX when it is beyond that, 0 when there is none. libmicrohttpd has
 * refused what are no digits. */
static int64_t head_length(const struct head *head)
{
    int64_t length;

    if (head->length_count == 0)
        return 0;
    return text_to_int(head->content_length, &length) ? length : INT64_MAX;
}

/* Two readings of where a body ends are how requests are smuggled past a proxy. */
static bool is_framed(const struct head *head)
{
    if (head->length_count > 1 || head->transfer_count > 1)
        return false;
    if (head->transfer_count == 0)
        return true;
    return head->length_count == 0 && text_equal_nocase(head->transfer_encoding, TEXT("chunked"));
}

static enum fault head_fault(const struct head *head, const struct http_exchange *exchange,
                             const char *version)
{
    bool needs_host = text_equal(text_of(version), TEXT("HTTP/1.1"));

    if (head->is_malformed || head->host_count > 1 || (needs_host && head->host_count == 0))
        return FAULT_REQUEST_HEADERS;
    if (head->bytes > LIMIT_HEADER_BYTES)
        return FAULT_HEADERS_TOO_LARGE;
    if (!is_framed(head))
        return FAULT_REQUEST_FRAMING;
    if (exchange->request.refusal != FAULT_NONE)
        return exchange->request.refusal;
    if (head_length(head) > (int64_t)exchange->server->config.body_max)
        return FAULT_BODY_TOO_LARGE;
    if (head->encoding_count > 1 || coding_of(head->content_encoding) == HTTP_CODING_COUNT)
        return FAULT_BODY_ENCODING;
    return FAULT_NONE;
}

/* Sixteen hexadecimal digits. */
static void print_hex(uint64_t number, char ret[16])
{
    for (int i = 15; i >= 0; i--, number >>= 4)
        ret[i] = "0123456789abcdef"[number & 15];
}

static void request_set_id(struct http_exchange *exchange, text sent)
{
    struct http_server *server = exchange->server;
    bool is_valid = sent.len > 0 && sent.len <= LIMIT_REQUEST_ID_MAX;

    for (size_t i = 0; is_valid && i < sent.len; i++)
        is_valid = sent.ptr[i] >= ' ' && sent.ptr[i] <= '~';
    if (is_valid) {
        memcpy(exchange->request_id, sent.ptr, sent.len);
        exchange->request_id[sent.len] = '\0';
    } else {
        print_hex(server->id_prefix, exchange->request_id);
        print_hex(atomic_fetch_add(&server->id_count, 1), exchange->request_id + 16);
        exchange->request_id[32] = '\0';
    }
    exchange->request.request_id = text_of(exchange->request_id);
    CHECK(exchange->request.request_id.len > 0);
}

static void request_set_method(struct http_request *request, const char *method)
{
    text sent = text_of(method);

    request->method = HTTP_METHOD_COUNT;
    for (enum http_method m = 0; m < HTTP_METHOD_COUNT; m++)
        if (text_equal(sent, text_of(http_method_name(m))))
            request->method = m;
    request->is_method_known = request->method != HTTP_METHOD_COUNT;
    if (request->method == HTTP_HEAD)
        request->method = HTTP_GET;
}

static void request_set_peer(struct http_request *request, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    char printed[INET6_ADDRSTRLEN] = "";
    text peer;

    if (address && address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, printed,
                  sizeof printed);
    else if (address && address->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
                  printed, sizeof printed);
    peer = text_of(printed);
    if (text_starts_with(peer, TEXT("::ffff:")) && text_contains(peer, TEXT(".")))
        peer = text_slice(peer, 7, peer.len);
    request->peer = text_copy(request->arena, peer);
}

/* Takes the target apart. A NUL in it would end the string that libmicrohttpd gave us early: then
 * the version, which stands one byte behind the target, is not where it should be. */
static void request_set_target(struct http_exchange *exchange, const char *version)
{
    struct http_request *request = &exchange->request;
    struct http_target target;
    uintptr_t end = (uintptr_t)exchange->target_at + exchange->target_length;

    if (exchange->target_length > LIMIT_TARGET_BYTES) {
        request->refusal = FAULT_TARGET_TOO_LONG;
        return;
    }
    if ((uintptr_t)version != end + 1 ||
        !http_target_parse(request->arena, request->path, &target)) {
        request->refusal = FAULT_REQUEST_TARGET;
        return;
    }
    request->path = target.path;
    request->params = target.params;
    request->param_count = target.param_count;
}

/* A NUL-terminated copy without control characters; the text itself without an arena. */
static const char *header_cstr(struct arena *arena, text value)
{
    char *copy;

    if (!arena)
        return value.ptr;
    copy = text_cstr(arena, value);
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)copy[i] < ' ' || copy[i] == 0x7f)
            copy[i] = ' ';
    return copy;
}

/* Queues the reply. Without an arena the texts of its headers must be NUL-terminated. */
static enum MHD_Result reply_send(struct http_exchange *exchange, struct MHD_Connection *connection,
                                  const struct http_reply *reply, struct arena *arena)
{
    struct http_server *server = exchange->server;
    struct MHD_Response *response;
    enum MHD_Result result;

    union {
        const void *from;
        void *to;
    } body = { .from = reply->body.ptr };

    CHECK(reply->status >= 200 && reply->status <= 599);
    response = MHD_create_response_from_buffer(reply->body.len, body.to, MHD_RESPMEM_PERSISTENT);
    MUST(response);
    if (reply->content_type.len > 0)
        MHD_add_response_header(response, "Content-Type", header_cstr(arena, reply->content_type));
    MHD_add_response_header(response, "X-Request-Id", exchange->request_id);
    for (size_t i = 0; i < reply->header_count; i++)
        MHD_add_response_header(response, header_cstr(arena, reply->headers[i].name),
                                header_cstr(arena, reply->headers[i].value));
    if (atomic_load(&server->is_stopping))
        MHD_add_response_header(response, "Connection", "close");
    result = MHD_queue_response(connection, (unsigned)reply->status, response);
    MHD_destroy_response(response);
    atomic_fetch_add_explicit(&server->by_class[reply->status / 100], 1, memory_order_relaxed);
    return result;
}

static void reply_refused(struct http_exchange *exchange, struct http_reply *ret)
{
    struct http_config *config = &exchange->server->config;

    CHECK(exchange->request.refusal != FAULT_NONE);
    exchange->request.received_at = clock_now(config->clock);
    config->refuse(config->state, &exchange->request, ret);
    atomic_fetch_add_explicit(&exchange->server->refused, 1, memory_order_relaxed);
}

static enum MHD_Result serve_refusal(struct http_exchange *exchange,
                                     struct MHD_Connection *connection)
{
    reply_refused(exchange, &exchange->reply);
    return reply_send(exchange, connection, &exchange->reply, exchange->arena);
}

static enum MHD_Result serve_head(struct http_exchange *exchange, struct MHD_Connection *connection,
                                  const char *method, const char *version)
{
    struct http_request *request = &exchange->request;
    struct head head = { .request = request };
    int64_t length;
    bool is_waiting, is_unclear;

    CHECK(exchange->stage == HTTP_EXCHANGE_OPEN);
    exchange->stage = HTTP_EXCHANGE_READING;
    exchange->connection = connection;
    exchange->begun_ns = clock_monotonic_ns();
    MHD_get_connection_values(connection, MHD_HEADER_KIND, head_read, &head);
    head_trim(&head);
    request_set_id(exchange, head.request_id);
    request_set_method(request, method);
    request_set_peer(request, connection);
    request_set_target(exchange, version);
    length = head_length(&head);
    request->refusal = head_fault(&head, exchange, version);
    is_waiting = text_equal_nocase(head.expect, TEXT("100-continue"));
    is_unclear = request->refusal == FAULT_REQUEST_FRAMING ||
                 request->refusal == FAULT_REQUEST_HEADERS ||
                 request->refusal == FAULT_HEADERS_TOO_LARGE;
    if (is_unclear ||
        (request->refusal != FAULT_NONE && (is_waiting || length > LIMIT_DISCARD_BYTES)))
        return serve_refusal(exchange, connection);
    if (request->refusal == FAULT_NONE)
        http_body_begin(&exchange->body, coding_of(head.content_encoding),
                        exchange->server->config.body_max, (size_t)length);
    return MHD_YES;
}

/* A client that sends a byte now and then is never idle. */
static bool is_late(const struct http_exchange *exchange)
{
    int64_t elapsed_ns = clock_monotonic_ns() - exchange->begun_ns;

    return elapsed_ns > exchange->server->config.body_seconds * NS_PER_SECOND;
}

static enum MHD_Result serve_piece(struct http_exchange *exchange, const char *piece, size_t *size)
{
    struct http_request *request = &exchange->request;

    if (request->refusal == FAULT_NONE) {
        http_body_add(&exchange->body, piece, *size);
        request->refusal = exchange->body.fault;
    } else {
        exchange->discarded += *size;
    }
    *size = 0;
    /* An endless body, of bytes or of time: hang up. */
    return exchange->discarded > LIMIT_DISCARD_BYTES || is_late(exchange) ? MHD_NO : MHD_YES;
}

/* Hands the request to a worker, or says why it cannot. */
static void serve_later(struct http_exchange *exchange)
{
    struct http_reply reply = { 0 };
    enum err e = http_work_submit(exchange->server, exchange);

    if (e == OK)
        return;
    CHECK(e == ERR_BUSY || e == ERR_STOPPED);
    exchange->request.refusal = FAULT_SERVER_BUSY;
    if (e == ERR_BUSY)
        reply_refused(exchange, &reply);
    else
        reply = reply_stopped;
    http_exchange_answer(exchange, &reply);
}

/* Lets the quick handler try; once it has deferred, the exchange may be answered already. */
static void serve_quick(struct http_exchange *exchange)
{
    const struct http_config *config = &exchange->server->config;
    struct http_server *server = exchange->server;
    struct http_reply reply = { 0 };

    switch (config->quick(config->state, &exchange->request, &reply)) {
    case HTTP_DONE:
        http_exchange_answer(exchange, &reply);
        break;
    case HTTP_DEFERRED:
        break;
    case HTTP_LATER:
        serve_later(exchange);
        return;
    case HTTP_OUTCOME_COUNT:
        UNREACHABLE();
    }
    atomic_fetch_add_explicit(&server->requests, 1, memory_order_relaxed);
}

static enum MHD_Result serve_whole(struct http_exchange *exchange,
                                   struct MHD_Connection *connection)
{
    struct http_request *request = &exchange->request;
    struct http_server *server = exchange->server;

    if (request->refusal == FAULT_NONE)
        request->refusal = http_body_end(&exchange->body, &request->body);
    if (request->refusal != FAULT_NONE)
        return serve_refusal(exchange, connection);
    request->received_at = clock_now(server->config.clock);
    MHD_suspend_connection(connection);
    if (!http_work_accept(server, exchange))
        http_exchange_answer(exchange, &reply_stopped);
    else if (server->config.quick)
        serve_quick(exchange);
    else
        serve_later(exchange);
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): libmicrohttpd calls it so */
static enum MHD_Result on_request(void *state, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *piece,
                                  size_t *piece_size, void **context)
{
    struct http_exchange *exchange = *context;

    (void)state;
    (void)url;
    CHECK(exchange && exchange->server == state);
    switch (http_exchange_stage_now(exchange)) {
    case HTTP_EXCHANGE_OPEN:
        return serve_head(exchange, connection, method, version);
    case HTTP_EXCHANGE_READING:
        if (*piece_size > 0)
            return serve_piece(exchange, piece, piece_size);
        return serve_whole(exchange, connection);
    case HTTP_EXCHANGE_WAITING:
        return MHD_YES;
    case HTTP_EXCHANGE_ANSWERED:
        return reply_send(exchange, connection, &exchange->reply, exchange->arena);
    case HTTP_EXCHANGE_CUT:
        /* The arena may be in use: a handler can still be at work on it. */
        return reply_send(exchange, connection, &reply_stopped, NULL);
    case HTTP_EXCHANGE_STAGE_COUNT:
        break;
    }
    UNREACHABLE();
}

/* The I/O threads are libmicrohttpd's: what is to be said of one is said with its first request. */
static void thread_begin(void)
{
    static _Thread_local bool has_begun;

    if (!has_begun)
        turn_prompt();
    has_begun = true;
}

/* The request line, before libmicrohttpd decodes and cuts it. */
static void *on_target(void *state, const char *target, struct MHD_Connection *connection)
{
    struct http_exchange *exchange = http_work_open(state);

    (void)connection;
    thread_begin();
    exchange->target_at = target;
    exchange->request.path = text_copy(exchange->arena, text_of(target));
    exchange->target_length = exchange->request.path.len;
    return exchange;
}

/* Leaves targets and parameters as they were sent: target.c decodes them. */
static size_t on_unescape(void *state, struct MHD_Connection *connection, char *encoded)
{
    (void)state;
    (void)connection;
    return strlen(encoded);
}

static void on_completed(void *state, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    struct http_exchange *exchange = *context;

    (void)connection;
    (void)code;
    *context = NULL;
    if (exchange)
        http_work_close(state, exchange);
}

static void on_connection(void *state, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = state;

    (void)connection;
    (void)context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        atomic_fetch_add_explicit(&server->connections, 1, memory_order_relaxed);
    else
        atomic_fetch_sub_explicit(&server->connections, 1, memory_order_relaxed);
}

struct MHD_Daemon *http_serve_start(struct http_server *server)
{
    const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                           MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ITC;

    CHECK(server && server->config.handler && server->config.refuse);
    return MHD_start_daemon(flags, 0, NULL, NULL, on_request, server, MHD_OPTION_URI_LOG_CALLBACK,
                            on_target, server, MHD_OPTION_UNESCAPE_CALLBACK, on_unescape, NULL,
                            MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
                            MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES,
                            MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)POOL_STEP_BYTES,
                            /* The acceptor keeps the limit; this one is only never lower. */
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)LIMIT_CONNECTIONS + 64,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)server->config.idle_seconds,
                            MHD_OPTION_THREAD_STACK_SIZE, (size_t)IO_STACK_BYTES, MHD_OPTION_END);
}
