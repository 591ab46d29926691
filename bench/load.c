/* load.c: sends request bodies over loopback HTTP/1.1, many connections on one thread, with as
 * little work as can be: beside it, on the same processors, runs what is measured.
 *
 *   load port=N path=TARGET [OPTION=VALUE]… send FILE     bodies written by bench/events
 *   load port=N path=TARGET [OPTION=VALUE]… make          bodies made while they are sent
 *
 * Options: connections (16), bodies (all of the file) after skip (0), rate (requests a second; 0:
 * each connection sends as soon as it is answered), type (the content type), check (1: what the
 * server says it accepted and dropped must add up to what the generator knows); and for `make`
 * count, first, year-events, year, seed, batch as in bench/events.
 *
 * With a rate, the i-th request is due at i/rate whether or not earlier ones are answered, and its
 * latency counts from then. 429 and 503 are tried again. Prints figures, "name value" a line; the
 * status is 1 when an answer is not 2xx or the counts do not add up.
 */
#include "lib/bodies.h"
#include "lib/histogram.h"
#include "lib/scale.h"
#include "lib/stream.h"
#include "lib/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

#define CONNECTIONS_MAX 256U
#define REPLY_MAX       16384U
#define HEAD_MAX        512U
#define SENDFILE_BYTES  65536U /* smaller bodies go with their head, in one call */
#define RETRY_NS        20000000
#define SLEEP_NS_MIN    100000 /* what is due within it goes out together */
#define TENTHS          10U

struct options {
    uint64_t port, connections, bodies, skip, rate, check;
    uint64_t count, first, year, year_events, seed, batch;
    const char *path;
    const char *type;
};

enum state { IDLE, SENDING, WAITING, RESTING };

struct connection {
    int fd;
    enum state state;
    bool is_blocked;  /* waits for EPOLLOUT */
    int64_t start_ns; /* of the request, or when it was due */
    int64_t rest_ns;  /* RESTING: until then */
    struct body body;
    const char *text; /* of the body; NULL: it comes from the file */
    char *made;       /* room for a body made on the fly */
    char head[HEAD_MAX];
    size_t head_length;
    size_t sent; /* of head and body */
    char reply[REPLY_MAX];
    size_t reply_length;
};

struct load {
    struct options options;
    struct stream stream;
    int fd;            /* of the bodies; -1: they are made */
    const char *bytes; /* the file, mapped */
    const struct body *index;
    uint64_t bodies; /* to be sent */
    uint64_t next;
    uint64_t done;
    uint64_t events, events_expected, duplicates_expected, accepted, duplicates, bytes_sent;
    uint64_t retries;
    int64_t start_ns, last_ns;
    int64_t gap_ns, gap_at_ns; /* the longest time without an answer, and when it began */
    int64_t tenths_ns[TENTHS];
    uint64_t tenth_events[TENTHS];
    int epoll;
    struct histogram latency;
    struct connection connections[CONNECTIONS_MAX];
};

/* ---- bodies -------------------------------------------------------------------------------- */

static const void *file_map(const char *path, int *ret_fd, size_t *ret_length)
{
    struct stat status;
    const void *bytes;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &status) != 0 || status.st_size == 0) {
        fprintf(stderr, "load: %s: %s\n", path, fd < 0 ? strerror(errno) : "empty");
        exit(1);
    }
    bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
    MUST(bytes != MAP_FAILED);
    *ret_fd = fd;
    *ret_length = (size_t)status.st_size;
    return bytes;
}

static void bodies_open(struct load *load, const char *path)
{
    const struct options *options = &load->options;
    char index_path[4096];
    size_t length;
    int index_fd;

    MUST((size_t)snprintf(index_path, sizeof index_path, "%s.index", path) < sizeof index_path);
    load->bytes = file_map(path, &load->fd, &length);
    load->index = file_map(index_path, &index_fd, &length);
    load->bodies = length / sizeof(struct body);
    MUST(options->skip <= load->bodies);
    load->index += options->skip;
    load->bodies -= options->skip;
    if (options->bodies > 0 && options->bodies < load->bodies)
        load->bodies = options->bodies;
}

static void body_make(struct load *load, struct connection *c, uint64_t number)
{
    const struct options *options = &load->options;
    uint64_t first = number * options->batch;
    uint64_t left = options->count - first;
    uint32_t count = (uint32_t)(left < options->batch ? left : options->batch);
    struct stream_event event;
    size_t length = 0;

    c->body = (struct body){ .events = count };
    for (uint32_t i = 0; i < count; i++) {
        stream_make(&load->stream, options->first + first + i, &event);
        c->body.duplicates += event.is_duplicate;
        c->made[length++] = i == 0 ? '[' : ',';
        length += stream_print(&load->stream, &event, STREAM_CLOUDEVENT, &c->made[length]);
    }
    c->made[length++] = ']';
    c->body.length = (uint32_t)length;
    c->text = c->made;
}

/* ---- one request --------------------------------------------------------------------------- */

static void connection_watch(struct load *load, struct connection *c, bool is_blocked)
{
    struct epoll_event event = {
        .events = is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN,
        .data.ptr = c,
    };
    if (c->is_blocked != is_blocked)
        MUST(epoll_ctl(load->epoll, EPOLL_CTL_MOD, c->fd, &event) == 0);
    c->is_blocked = is_blocked;
}

/* Head and body in one call, or the rest of them. */
static ssize_t send_text(struct connection *c)
{
    size_t in_head = c->sent < c->head_length ? c->sent : c->head_length;
    size_t in_body = c->sent - in_head;

    const struct {
        const char *from;
        size_t length;
    } rest[2] = {
        { c->head + in_head, c->head_length - in_head },
        { c->text + in_body, c->body.length - in_body },
    };

    union {
        const char *from;
        void *to;
    } head = { rest[0].from }, body = { rest[1].from };

    struct iovec parts[2] = { { head.to, rest[0].length }, { body.to, rest[1].length } };
    struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
    return sendmsg(c->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* A large body goes from the page cache into the socket without a copy. */
static ssize_t send_file(const struct load *load, struct connection *c)
{
    if (c->sent < c->head_length)
        return send(c->fd, c->head + c->sent, c->head_length - c->sent,
                    MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE);
    size_t in_body = c->sent - c->head_length;
    off_t offset = (off_t)(c->body.offset + in_body);
    return sendfile(c->fd, load->fd, &offset, c->body.length - in_body);
}

static void connection_send(struct load *load, struct connection *c)
{
    while (c->sent < c->head_length + c->body.length) {
        ssize_t count = c->text ? send_text(c) : send_file(load, c);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) {
            connection_watch(load, c, true);
            return;
        }
        if (count <= 0) {
            fprintf(stderr, "load: sending: %s\n", strerror(errno));
            exit(1);
        }
        c->sent += (size_t)count;
    }
    connection_watch(load, c, false);
    c->state = WAITING;
}

static void request_begin(struct load *load, struct connection *c)
{
    const struct options *options = &load->options;

    c->head_length = (size_t)snprintf(
        c->head, sizeof c->head,
        "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: %s\r\nContent-Length: %u\r\n\r\n",
        options->path, options->type, c->body.length);
    MUST(c->head_length < sizeof c->head);
    c->sent = 0;
    c->reply_length = 0;
    c->state = SENDING;
    connection_send(load, c);
}

static void request_next(struct load *load, struct connection *c, int64_t start_ns)
{
    uint64_t number = load->next++;

    CHECK(c->state == IDLE && number < load->bodies);
    c->start_ns = start_ns;
    if (load->index) {
        c->body = load->index[number];
        c->text = c->body.length < SENDFILE_BYTES ? load->bytes + c->body.offset : NULL;
    } else {
        body_make(load, c, number);
    }
    request_begin(load, c);
}

static void note_tenths(struct load *load, int64_t now_ns)
{
    uint64_t tenth = load->done * TENTHS / load->bodies;

    for (uint64_t i = tenth; i-- > 0 && load->tenths_ns[i] == 0;) {
        load->tenths_ns[i] = now_ns;
        load->tenth_events[i] = load->events;
    }
}

static void request_end(struct load *load, struct connection *c, const struct wire_reply *reply)
{
    int64_t now_ns = clock_monotonic_ns();

    if (reply->status == 429 || reply->status == 503) {
        load->retries++;
        c->state = RESTING;
        c->rest_ns = now_ns + RETRY_NS;
        return;
    }
    if (reply->status < 200 || reply->status > 299) {
        fprintf(stderr, "load: %.*s\n", (int)c->reply_length, c->reply);
        exit(1);
    }
    histogram_add(&load->latency, now_ns > c->start_ns ? now_ns - c->start_ns : 0);
    if (now_ns - load->last_ns > load->gap_ns) {
        load->gap_ns = now_ns - load->last_ns;
        load->gap_at_ns = load->last_ns - load->start_ns;
    }
    load->last_ns = now_ns;
    load->done++;
    load->events += c->body.events;
    load->bytes_sent += c->body.length;
    load->duplicates_expected += c->body.duplicates;
    load->accepted += reply->accepted;
    load->duplicates += reply->duplicates;
    note_tenths(load, now_ns);
    c->state = IDLE;
}

static void connection_receive(struct load *load, struct connection *c)
{
    struct wire_reply reply;
    ssize_t count =
        recv(c->fd, c->reply + c->reply_length, REPLY_MAX - 1 - c->reply_length, MSG_DONTWAIT);

    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        fprintf(stderr, "load: the server hung up\n");
        exit(1);
    }
    c->reply_length += (size_t)count;
    c->reply[c->reply_length] = '\0';
    if (wire_reply_read(c->reply, c->reply_length, &reply))
        request_end(load, c, &reply);
}

/* ---- the loop ------------------------------------------------------------------------------ */

/* When the next request is due; with no rate, at once. */
static int64_t due_ns(const struct load *load, int64_t now_ns)
{
    uint64_t rate = load->options.rate;
    if (rate == 0)
        return now_ns;
    return load->start_ns + (int64_t)scale(load->next, NS_PER_SECOND, rate);
}

/* Sends what is due; whether a connection is left for what is due later. */
static bool start_due(struct load *load)
{
    bool is_any_idle = false;
    int64_t now_ns = clock_monotonic_ns();

    for (size_t i = 0; i < load->options.connections; i++) {
        struct connection *c = &load->connections[i];
        if (c->state == RESTING && c->rest_ns <= now_ns)
            request_begin(load, c);
        if (c->state == IDLE && load->next < load->bodies && due_ns(load, now_ns) <= now_ns)
            request_next(load, c, due_ns(load, now_ns));
        is_any_idle = is_any_idle || c->state == IDLE;
    }
    return is_any_idle;
}

static void wait_for_events(struct load *load, bool is_any_idle)
{
    struct epoll_event events[CONNECTIONS_MAX];
    struct timespec timeout = { .tv_nsec = RETRY_NS };
    int64_t now_ns = clock_monotonic_ns();
    int64_t rest_ns = due_ns(load, now_ns) - now_ns;
    int count;

    if (is_any_idle && load->options.rate > 0 && load->next < load->bodies && rest_ns < RETRY_NS)
        timeout.tv_nsec = rest_ns > SLEEP_NS_MIN ? (long)rest_ns : SLEEP_NS_MIN;
    count = epoll_pwait2(load->epoll, events, CONNECTIONS_MAX, &timeout, NULL);
    MUST(count >= 0 || errno == EINTR);
    for (int i = 0; i < count; i++) {
        struct connection *c = events[i].data.ptr;
        if (events[i].events & EPOLLOUT && c->state == SENDING)
            connection_send(load, c);
        if (events[i].events & ~(uint32_t)EPOLLOUT)
            connection_receive(load, c);
        /* Without a rate the next request goes out at once, not after the other connections. */
        if (c->state == IDLE && load->options.rate == 0 && load->next < load->bodies)
            request_next(load, c, clock_monotonic_ns());
    }
}

static void load_run(struct load *load)
{
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    MUST(load->epoll >= 0);
    MUST(prctl(PR_SET_TIMERSLACK, 1UL) == 0);
    for (size_t i = 0; i < load->options.connections; i++) {
        struct connection *c = &load->connections[i];
        struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
        c->fd = wire_connect((int)load->options.port);
        MUST(epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event) == 0);
        if (!load->index) {
            c->made = malloc(load->options.batch * (STREAM_PRINT_MAX + 1) + 2);
            MUST(c->made);
        }
    }
    load->start_ns = load->last_ns = clock_monotonic_ns();
    while (load->done < load->bodies) {
        bool is_any_idle = start_due(load);
        wait_for_events(load, is_any_idle);
    }
}

static void print_figure(const char *name, uint64_t value)
{
    printf("%s %llu\n", name, (unsigned long long)value);
}

static void load_report(const struct load *load)
{
    static const struct {
        const char *name;
        uint64_t per_mille;
    } points[] = { { "p50_us", 500 }, { "p99_us", 990 }, { "p999_us", 999 } };

    struct rusage use;
    int64_t ns = load->last_ns - load->start_ns;

    MUST(getrusage(RUSAGE_SELF, &use) == 0);
    print_figure("requests", load->done);
    print_figure("events", load->events);
    print_figure("bytes", load->bytes_sent);
    print_figure("accepted", load->accepted);
    print_figure("duplicates", load->duplicates);
    print_figure("retries", load->retries);
    print_figure("elapsed_us", (uint64_t)ns / 1000);
    print_figure("requests_per_second", scale(load->done, NS_PER_SECOND, (uint64_t)ns));
    print_figure("events_per_second", scale(load->events, NS_PER_SECOND, (uint64_t)ns));
    for (size_t i = 0; i < COUNT_OF(points); i++)
        print_figure(points[i].name,
                     (uint64_t)histogram_at(&load->latency, points[i].per_mille) / 1000);
    print_figure("max_us", (uint64_t)load->latency.max_ns / 1000);
    print_figure("gap_us", (uint64_t)load->gap_ns / 1000);
    print_figure("gap_at_us", (uint64_t)load->gap_at_ns / 1000);
    print_figure("client_cpu_us", (uint64_t)((use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
                                             use.ru_utime.tv_usec + use.ru_stime.tv_usec));
    for (size_t i = 0; i < TENTHS; i++) {
        int64_t from = i == 0 ? load->start_ns : load->tenths_ns[i - 1];
        uint64_t events = load->tenth_events[i] - (i == 0 ? 0 : load->tenth_events[i - 1]);
        char name[32];
        snprintf(name, sizeof name, "tenth_%zu_per_second", i + 1);
        if (load->tenths_ns[i] > from)
            print_figure(name, scale(events, NS_PER_SECOND, (uint64_t)(load->tenths_ns[i] - from)));
    }
}

/* ---- the command line ---------------------------------------------------------------------- */

static bool option_read(struct options *options, const char *word)
{
    const struct {
        const char *name;
        uint64_t *to;
    } numbers[] = {
        { "port", &options->port },     { "connections", &options->connections },
        { "bodies", &options->bodies }, { "skip", &options->skip },
        { "rate", &options->rate },     { "check", &options->check },
        { "count", &options->count },   { "first", &options->first },
        { "year", &options->year },     { "year-events", &options->year_events },
        { "seed", &options->seed },     { "batch", &options->batch },
    };

    const char *value = strchr(word, '=');
    size_t length = value ? (size_t)(value - word) : 0;

    if (!value)
        return false;
    if (length == 4 && memcmp(word, "path", 4) == 0)
        options->path = value + 1;
    else if (length == 4 && memcmp(word, "type", 4) == 0)
        options->type = value + 1;
    else
        for (size_t i = 0;; i++) {
            if (i == COUNT_OF(numbers))
                return false;
            if (strlen(numbers[i].name) == length && memcmp(word, numbers[i].name, length) == 0) {
                *numbers[i].to = strtoull(value + 1, NULL, 10);
                break;
            }
        }
    return true;
}

static bool load_prepare(struct load *load, int count, char **values)
{
    struct options *options = &load->options;
    int i = 1;

    *options = (struct options){
        .connections = 16, .check = 1, .count = 10000000, .year = 2025, .seed = 1, .batch = 1000
    };
    options->type = "application/cloudevents-batch+json";
    while (i < count && option_read(options, values[i]))
        i++;
    if (options->year_events == 0)
        options->year_events = options->count;
    if (!options->path || options->port == 0 || options->connections == 0 ||
        options->connections > CONNECTIONS_MAX || options->batch == 0 || options->count == 0)
        return false;
    if (i + 2 == count && strcmp(values[i], "send") == 0) {
        bodies_open(load, values[i + 1]);
        return true;
    }
    if (i + 1 == count && strcmp(values[i], "make") == 0) {
        stream_init(&load->stream, options->seed, options->year_events, (int)options->year);
        load->bodies = (options->count + options->batch - 1) / options->batch;
        return true;
    }
    return false;
}

int main(int count, char **values)
{
    static struct load load;

    if (!load_prepare(&load, count, values)) {
        fprintf(stderr, "usage: load port=N path=TARGET [OPTION=VALUE]... send FILE | make\n");
        return 2;
    }
    load_run(&load);
    load_report(&load);
    if (load.options.check && (load.duplicates != load.duplicates_expected ||
                               load.accepted + load.duplicates != load.events)) {
        fprintf(stderr, "load: %llu duplicates expected\n",
                (unsigned long long)load.duplicates_expected);
        return 1;
    }
    return 0;
}
