/* listen.c: the listening socket and the thread that accepts from it. */
#include "http/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define ACCEPT_STACK_BYTES (256 * 1024)
#define LISTEN_BACKLOG     1024
#define PAUSE_NS           5000000 /* when connections or descriptors have run out */

static const char *reason_of_errno(int number)
{
    switch (number) {
    case EADDRINUSE:
        return "the port is already in use";
    case EADDRNOTAVAIL:
        return "the address does not belong to this machine";
    case EACCES:
        return "the system does not allow this port to this user";
    case EAFNOSUPPORT:
        return "the system does not support this kind of address";
    case EMFILE:
    case ENFILE:
        return "there are no file descriptors left";
    default:
        return "the socket cannot be opened";
    }
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = { 0 };
    socklen_t size = sizeof address;

    MUST(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    if (address.ss_family == AF_UNIX)
        return 0;
    if (address.ss_family == AF_INET6)
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    CHECK(address.ss_family == AF_INET);
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

static int socket_listening(const struct addrinfo *info)
{
    const int yes = 1;
    int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int number;

    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, LISTEN_BACKLOG) == 0)
        return fd;
    number = errno;
    close(fd);
    errno = number;
    return -1;
}

/* ---- a socket in the file system ----------------------------------------------------------- */

/* Whether nobody listens on a socket that is there: a server that was killed leaves it behind. */
static bool is_left_behind(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct stat status;
    bool is_left;

    if (fd < 0 || lstat(address->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) {
        if (fd >= 0)
            close(fd);
        return false;
    }
    is_left = connect(fd, (const struct sockaddr *)(const void *)address, sizeof *address) != 0 &&
              errno == ECONNREFUSED;
    close(fd);
    return is_left;
}

static const char *reason_of_path(int number)
{
    if (number == EADDRINUSE)
        return "the socket is in use, or another file has its name";
    return number == EACCES || number == EPERM ? "the socket cannot be made there: not allowed"
                                               : "the socket cannot be made there";
}

static enum err listen_path(struct http_server *server, const char **ret_why)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    text path = server->config.address;
    int fd;

    if (path.len >= sizeof address.sun_path) {
        *ret_why = "the socket's path is too long";
        return ERR_IO;
    }
    memcpy(address.sun_path, path.ptr, path.len);
    if (is_left_behind(&address))
        unlink(address.sun_path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&address, sizeof address) != 0 ||
        listen(fd, LISTEN_BACKLOG) != 0) {
        *ret_why = reason_of_path(errno);
        if (fd >= 0)
            close(fd);
        return ERR_IO;
    }
    server->listen_fd = fd;
    server->port = 0;
    return OK;
}

/* ---- both kinds ---------------------------------------------------------------------------- */

static bool is_path(text address)
{
    return text_starts_with(address, TEXT("/"));
}

enum err http_listen_open(struct http_server *server, const char **ret_why)
{
    const struct addrinfo hints = {
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
        .ai_socktype = SOCK_STREAM,
    };
    struct addrinfo *info = NULL;
    char address[INET6_ADDRSTRLEN], port[8];

    CHECK(server->listen_fd < 0);
    if (is_path(server->config.address))
        return listen_path(server, ret_why);
    if (server->config.address.len >= sizeof address) {
        *ret_why = "the address is no numeric IPv4 or IPv6 address";
        return ERR_IO;
    }
    snprintf(address, sizeof address, "%.*s", TEXT_ARG(server->config.address));
    snprintf(port, sizeof port, "%u", (unsigned)server->config.port);
    if (getaddrinfo(address, port, &hints, &info) != 0) {
        *ret_why = "the address is no numeric IPv4 or IPv6 address";
        return ERR_IO;
    }
    server->listen_fd = socket_listening(info);
    if (server->listen_fd < 0)
        *ret_why = reason_of_errno(errno);
    freeaddrinfo(info);
    if (server->listen_fd < 0)
        return ERR_IO;
    server->port = port_of(server->listen_fd);
    return OK;
}

static void pause_briefly(void)
{
    const struct timespec pause = { .tv_nsec = PAUSE_NS };

    nanosleep(&pause, NULL);
}

static bool is_full(struct http_server *server)
{
    return atomic_load_explicit(&server->connections, memory_order_relaxed) >= LIMIT_CONNECTIONS;
}

static void *accept_main(void *state)
{
    struct http_server *server = state;
    int turn = 0;

    MUST(pthread_setname_np(pthread_self(), "http-accept") == 0);
    while (!atomic_load(&server->is_stopping)) {
        struct sockaddr_storage address;
        socklen_t size = sizeof address;
        int fd;

        if (is_full(server)) {
            pause_briefly();
            continue;
        }
        fd = accept4(server->listen_fd, (struct sockaddr *)&address, &size,
                     SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            /* On failure it closes the socket itself. */
            (void)MHD_add_connection(server->daemons[turn], fd, (struct sockaddr *)&address, size);
            turn = (turn + 1) % server->daemon_count;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            pause_briefly();
        }
    }
    return NULL;
}

bool http_listen_start(struct http_server *server)
{
    pthread_attr_t attributes;

    CHECK(server->listen_fd >= 0 && server->daemon_count > 0);
    MUST(pthread_attr_init(&attributes) == 0);
    MUST(pthread_attr_setstacksize(&attributes, ACCEPT_STACK_BYTES) == 0);
    server->has_acceptor = pthread_create(&server->acceptor, &attributes, accept_main, server) == 0;
    MUST(pthread_attr_destroy(&attributes) == 0);
    return server->has_acceptor;
}

/* Nobody else listens on it: we have until now. */
static void unlink_path(const struct http_server *server)
{
    char path[sizeof(struct sockaddr_un)];

    if (!is_path(server->config.address) || server->config.address.len >= sizeof path)
        return;
    snprintf(path, sizeof path, "%.*s", TEXT_ARG(server->config.address));
    unlink(path);
}

void http_listen_stop(struct http_server *server)
{
    CHECK(atomic_load(&server->is_stopping));
    if (server->listen_fd < 0)
        return;
    /* Wakes the thread out of accept. */
    shutdown(server->listen_fd, SHUT_RDWR);
    if (server->has_acceptor)
        MUST(pthread_join(server->acceptor, NULL) == 0);
    server->has_acceptor = false;
    close(server->listen_fd);
    server->listen_fd = -1;
    unlink_path(server);
}
