/* wire.h: the other end of the socket, byte by byte: for requests that no client library sends. */
#ifndef TEST_UNIT_HTTP_WIRE_H
#define TEST_UNIT_HTTP_WIRE_H

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"

#define WIRE_SECONDS 20 /* without a byte, then the test fails instead of hanging */

struct wire {
    struct arena *arena;
    int fd;
    struct buffer in; /* read, and not yet taken */
    size_t taken;
};

struct wire_reply {
    int status; /* 0 when the connection ended instead */
    text head;  /* status line and headers */
    text body;
};

static inline struct wire wire_open(struct arena *arena, uint16_t port)
{
    const struct timeval patience = { .tv_sec = WIRE_SECONDS };
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    struct wire wire = { .arena = arena, .in = { .arena = arena } };

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    wire.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MUST(wire.fd >= 0);
    MUST(setsockopt(wire.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0);
    MUST(setsockopt(wire.fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0);
    if (connect(wire.fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(wire.fd);
        wire.fd = -1;
    }
    return wire;
}

static inline void wire_close(struct wire *wire)
{
    if (wire->fd >= 0)
        close(wire->fd);
    wire->fd = -1;
}

/* Sends all of it; false when the other end hung up first. */
static inline bool wire_send(struct wire *wire, text t)
{
    while (t.len > 0) {
        ssize_t sent = send(wire->fd, t.ptr, t.len, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        t = text_slice(t, (size_t)sent, t.len);
    }
    return true;
}

/* Reads some more; false at the end of the connection. */
static inline bool wire_fill(struct wire *wire)
{
    char bytes[16384];
    ssize_t got;

    errno = 0;
    got = recv(wire->fd, bytes, sizeof bytes, 0);

    if (got <= 0)
        return false;
    buffer_add(&wire->in, (text){ bytes, (size_t)got });
    return true;
}

static inline text wire_unread(const struct wire *wire)
{
    text all = buffer_text(&wire->in);

    return text_slice(all, wire->taken, all.len);
}

/* Whether the other end closes the connection without another byte. */
static inline bool wire_is_closed(struct wire *wire)
{
    return wire_unread(wire).len == 0 && !wire_fill(wire);
}

/* Reads to the end; whether there is one. */
static inline bool wire_is_ended(struct wire *wire)
{
    while (wire_fill(wire))
        continue;
    return errno != EAGAIN;
}

/* A header's value; empty when there is none. */
static inline text wire_header(const struct wire_reply *reply, text name)
{
    text rest = reply->head;

    while (rest.len > 0) {
        text line = text_cut(&rest, '\n');
        text key = text_cut(&line, ':');

        if (text_equal_nocase(key, name))
            return text_trim(line);
    }
    return TEXT("");
}

/* Reads a reply with a Content-Length; a reply to HEAD has none behind its headers. */
static inline struct wire_reply wire_read(struct wire *wire, bool is_head)
{
    struct wire_reply reply = { 0 };
    int64_t status = 0, length = 0;
    size_t end = 0;
    text seen;

    for (;;) {
        seen = wire_unread(wire);
        for (end = 0; end + 4 <= seen.len; end++)
            if (memcmp(seen.ptr + end, "\r\n\r\n", 4) == 0)
                break;
        if (end + 4 <= seen.len)
            break;
        if (!wire_fill(wire))
            return reply;
    }
    reply.head = text_copy(wire->arena, text_slice(seen, 0, end + 4));
    wire->taken += end + 4;
    MUST(text_to_int(text_slice(reply.head, 9, 3), &status));
    if (status == 100)
        length = 0;
    else if (!text_to_int(wire_header(&reply, TEXT("Content-Length")), &length))
        length = 0;
    if (is_head)
        length = 0;
    while (wire_unread(wire).len < (size_t)length)
        if (!wire_fill(wire))
            return (struct wire_reply){ 0 };
    reply.body = text_copy(wire->arena, text_slice(wire_unread(wire), 0, (size_t)length));
    wire->taken += (size_t)length;
    reply.status = (int)status;
    return reply;
}

/* One request, one reply. */
static inline struct wire_reply wire_ask(struct wire *wire, text request)
{
    wire_send(wire, request);
    return wire_read(wire, text_starts_with(request, TEXT("HEAD ")));
}

#endif
