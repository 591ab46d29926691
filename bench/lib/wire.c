/* wire.c: see wire.h. */
#include "lib/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>

int wire_connect(int port)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr = { htonl(INADDR_LOOPBACK) },
    };
    int one = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    MUST(fd >= 0);
    if (connect(fd, (const struct sockaddr *)(const void *)&to, sizeof to) != 0) {
        fprintf(stderr, "load: port %d: %s\n", port, strerror(errno));
        exit(1);
    }
    MUST(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0);
    return fd;
}

/* The value of a header, among lines that each end with CRLF; NULL without. */
static const char *header_find(const char *at, const char *end, const char *name)
{
    size_t length = strlen(name);

    while (at < end) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        if ((size_t)(end - at) > length && at[length] == ':' && strncasecmp(at, name, length) == 0)
            return at + length + 1 + strspn(at + length + 1, " ");
        at = next ? next + 1 : end;
    }
    return NULL;
}

static uint64_t header_number(const char *at, const char *end, const char *name)
{
    const char *value = header_find(at, end, name);
    return value ? strtoull(value, NULL, 10) : 0;
}

/* The size line of a chunk: where its data begin, NULL when the line is not whole. */
static const char *chunk_begin(const char *at, const char *end, uint64_t *ret_size)
{
    const char *line_end = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    if (!line_end)
        return NULL;
    *ret_size = strtoull(at, NULL, 16);
    return line_end + 1;
}

static bool chunks_are_whole(const char *bytes, size_t length, struct wire_reply *reply)
{
    const char *at = bytes + reply->head_length;
    const char *end = bytes + length;
    uint64_t size;

    while ((at = chunk_begin(at, end, &size)) != NULL && size + 2 <= (size_t)(end - at)) {
        at += size + 2;
        if (size == 0) {
            reply->length = (size_t)(at - bytes);
            return true;
        }
    }
    return false;
}

bool wire_reply_read(const char *bytes, size_t length, struct wire_reply *ret)
{
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    const char *coding;
    struct wire_reply reply = { 0 };

    if (!end)
        return false;
    end += 2;
    if (memcmp(bytes, "HTTP/1.1 ", 9) != 0) {
        fprintf(stderr, "load: no HTTP/1.1: %.60s\n", bytes);
        exit(1);
    }
    reply.status = (int)strtol(bytes + 9, NULL, 10);
    reply.head_length = (size_t)(end - bytes) + 2;
    reply.accepted = header_number(bytes, end, "X-Tollgate-Accepted");
    reply.duplicates = header_number(bytes, end, "X-Tollgate-Duplicates");
    coding = header_find(bytes, end, "Transfer-Encoding");
    reply.is_chunked = coding && strncasecmp(coding, "chunked", 7) == 0;
    reply.length = reply.head_length + header_number(bytes, end, "Content-Length");
    if (reply.is_chunked ? !chunks_are_whole(bytes, length, &reply) : length < reply.length)
        return false;
    *ret = reply;
    return true;
}

size_t wire_reply_body(char *bytes, const struct wire_reply *reply, char **ret)
{
    const char *at = bytes + reply->head_length;
    const char *end = bytes + reply->length;
    uint64_t size = 0;
    size_t length = 0;

    *ret = bytes + reply->head_length;
    if (!reply->is_chunked)
        return reply->length - reply->head_length;
    while ((at = chunk_begin(at, end, &size)) != NULL && size > 0) {
        memmove(*ret + length, at, size);
        length += size;
        at += size + 2;
    }
    return length;
}
