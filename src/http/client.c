/* client.c: one libcurl handle, used again for each call. */
#include "http/client.h"

#include <curl/curl.h>
#include <limits.h>
#include <pthread.h>

#define ZLIB_CONST /* next_in points to what is only read */
#include <zlib.h>

#define TIMEOUT_SECONDS 60
#define GZIP_LEVEL      6
#define GZIP_WINDOW     (15 + 16) /* the largest window; 16 asks for the gzip format */
#define GZIP_MEMORY     8         /* zlib's default */

struct http_client {
    struct arena *arena; /* of the texts */
    text base_url, token;
    char *socket_path; /* NULL: by TCP */
    CURL *curl;
    char reason[CURL_ERROR_SIZE];
};

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_init(void)
{
    MUST(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

struct http_client *http_client_new(text base_url, text token)
{
    struct http_client *client = calloc(1, sizeof *client);

    MUST(client);
    CHECK(base_url.len > 0);
    MUST(pthread_once(&library_once, library_init) == 0);
    client->arena = arena_new();
    client->base_url = text_copy(client->arena, base_url);
    while (text_ends_with(client->base_url, TEXT("/")))
        client->base_url.len--;
    if (text_starts_with(base_url, TEXT("unix:"))) {
        client->socket_path = text_cstr(client->arena, text_slice(base_url, 5, base_url.len));
        client->base_url = TEXT("http://localhost");
    }
    client->token = text_copy(client->arena, token);
    client->curl = curl_easy_init();
    MUST(client->curl);
    return client;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->curl);
    arena_free(client->arena);
    free(client);
}

static text body_compress(struct arena *arena, text body)
{
    z_stream z = { 0 };
    uLong bound;
    Bytef *to;

    MUST(body.len <= UINT_MAX);
    MUST(deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY, Z_DEFAULT_STRATEGY) ==
         Z_OK);
    bound = deflateBound(&z, (uLong)body.len);
    MUST(bound <= UINT_MAX);
    to = arena_alloc(arena, bound);
    z.next_in = (const Bytef *)body.ptr;
    z.avail_in = (uInt)body.len;
    z.next_out = to;
    z.avail_out = (uInt)bound;
    MUST(deflate(&z, Z_FINISH) == Z_STREAM_END);
    MUST(deflateEnd(&z) == Z_OK);
    CHECK(z.total_out <= bound);
    return (text){ (const char *)to, z.total_out };
}

static size_t on_body(char *bytes, size_t size, size_t count, void *state)
{
    struct buffer *body = state;

    buffer_add(body, (text){ bytes, size * count });
    return size * count;
}

/* Whether a Retry-After stood in the answer: libcurl reads it, but gives 0 for none. */
static size_t on_header(char *bytes, size_t size, size_t count, void *state)
{
    text line = { bytes, size * count };
    bool *has_retry_after = state;

    if (text_equal_nocase(text_slice(line, 0, 12), TEXT("Retry-After:")))
        *has_retry_after = true;
    return line.len;
}

static int on_progress(void *state, curl_off_t wanted_down, curl_off_t down, curl_off_t wanted_up,
                       curl_off_t up)
{
    const struct http_call *call = state;

    (void)wanted_down;
    (void)down;
    (void)wanted_up;
    (void)up;
    return atomic_load(call->is_cancelled);
}

static struct curl_slist *header_add(struct curl_slist *list, struct arena *arena,
                                     const char *format, text value)
{
    char *line = text_cstr(arena, text_format(arena, "%s: %.*s", format, TEXT_ARG(value)));
    struct curl_slist *longer = curl_slist_append(list, line);

    MUST(longer);
    return longer;
}

static struct curl_slist *headers_of(const struct http_client *client, const struct http_call *call,
                                     struct arena *arena)
{
    /* An empty Expect keeps libcurl from asking leave before larger bodies: one round trip less. */
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    MUST(list);
    if (call->content_type.len > 0)
        list = header_add(list, arena, "Content-Type", call->content_type);
    if (call->accept.len > 0)
        list = header_add(list, arena, "Accept", call->accept);
    if (call->is_gzip && call->body.len > 0)
        list = header_add(list, arena, "Content-Encoding", TEXT("gzip"));
    if (client->token.len > 0)
        list = header_add(list, arena, "Authorization",
                          text_format(arena, "Bearer %.*s", TEXT_ARG(client->token)));
    return list;
}

#define CURL_SET(curl, option, value) MUST(curl_easy_setopt((curl), (option), (value)) == CURLE_OK)

static void call_prepare(struct http_client *client, const struct http_call *call,
                         struct arena *arena)
{
    CURL *curl = client->curl;
    text url = text_format(arena, "%.*s%.*s", TEXT_ARG(client->base_url), TEXT_ARG(call->path));
    text body = call->body;
    int seconds = call->timeout_seconds > 0 ? call->timeout_seconds : TIMEOUT_SECONDS;

    curl_easy_reset(curl);
    CURL_SET(curl, CURLOPT_URL, text_cstr(arena, url));
    if (client->socket_path)
        CURL_SET(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket_path);
    CURL_SET(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    CURL_SET(curl, CURLOPT_NOSIGNAL, 1L);
    CURL_SET(curl, CURLOPT_TIMEOUT, (long)seconds);
    CURL_SET(curl, CURLOPT_ERRORBUFFER, client->reason);
    CURL_SET(curl, CURLOPT_USERAGENT, "tollgate");
    if (call->is_cancelled) {
        CURL_SET(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
        CURL_SET(curl, CURLOPT_XFERINFODATA, call);
        CURL_SET(curl, CURLOPT_NOPROGRESS, 0L);
    }
    if (call->is_gzip && body.len > 0)
        body = body_compress(arena, body);
    if (body.len > 0 || call->method == HTTP_POST) {
        CURL_SET(curl, CURLOPT_POSTFIELDS, body.len > 0 ? body.ptr : "");
        CURL_SET(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len);
    }
    if (call->method == HTTP_HEAD)
        CURL_SET(curl, CURLOPT_NOBODY, 1L);
    else
        CURL_SET(curl, CURLOPT_CUSTOMREQUEST, http_method_name(call->method));
}

static int64_t retry_after(CURL *curl, bool is_present)
{
    curl_off_t seconds = 0;

    if (!is_present)
        return -1;
    MUST(curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK);
    return seconds;
}

enum err http_client_call(struct http_client *client, const struct http_call *call,
                          struct arena *arena, struct http_answer *ret)
{
    CURL *curl = client->curl;
    struct buffer body = { .arena = arena };
    struct curl_slist *headers;
    bool has_retry_after = false;
    const char *content_type = NULL;
    long status = 0;
    CURLcode code;

    CHECK(call && arena && ret);
    CHECK(text_starts_with(call->path, TEXT("/")));
    call_prepare(client, call, arena);
    headers = headers_of(client, call, arena);
    CURL_SET(curl, CURLOPT_HTTPHEADER, headers);
    CURL_SET(curl, CURLOPT_WRITEFUNCTION, on_body);
    CURL_SET(curl, CURLOPT_WRITEDATA, &body);
    CURL_SET(curl, CURLOPT_HEADERFUNCTION, on_header);
    CURL_SET(curl, CURLOPT_HEADERDATA, &has_retry_after);
    client->reason[0] = '\0';
    code = curl_easy_perform(curl);
    curl_slist_free_all(headers);
    if (code != CURLE_OK) {
        const char *reason = client->reason[0] ? client->reason : curl_easy_strerror(code);

        ret->body = text_copy(arena, text_of(reason));
        if (code == CURLE_ABORTED_BY_CALLBACK)
            return ERR_STOPPED;
        return code == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_IO;
    }
    MUST(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK);
    MUST(curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &content_type) == CURLE_OK);
    *ret = (struct http_answer){
        .status = (int)status,
        .content_type = text_copy(arena, text_of(content_type)),
        .body = buffer_text(&body),
        .retry_after_seconds = retry_after(curl, has_retry_after),
    };
    return OK;
}

text http_client_header(struct http_client *client, const char *name, struct arena *arena)
{
    struct curl_header *header;

    if (curl_easy_header(client->curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
        return TEXT_NONE;
    return text_copy(arena, text_of(header->value));
}
