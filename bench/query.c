/* query.c: times HTTP requests one after the other on one connection that stays open: from the
 * first byte sent to the last byte of the answer.
 *
 *   query port=N [rounds=20] [save=FILE] < TARGETS
 *
 * Each line of the input is a target, "/api/v1/meters/m/query?from=…". Each is asked once without
 * being timed, then all of them in turn, `rounds` times. Prints the median, the 99th percentile
 * and the slowest; with `save` the untimed answers go to that file, each on one line behind its
 * target and a tab. The status is 1 when an answer is not 200.
 */
#include "lib/histogram.h"
#include "lib/wire.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define ANSWER_MAX  (64U * 1024 * 1024)
#define TARGET_MAX  8192U
#define TARGETS_MAX 1000U

struct asker {
    int fd;
    uint64_t port, rounds;
    FILE *save;
    char *targets[TARGETS_MAX];
    size_t count;
    char *answer;
    struct histogram latency;
};

/* Sends one request and reads its whole answer; how long that took. */
static int64_t ask(struct asker *asker, const char *target, struct wire_reply *ret)
{
    char request[TARGET_MAX + 128];
    int length =
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", target);
    size_t held = 0;
    int64_t start_ns = clock_monotonic_ns();

    MUST(length > 0 && (size_t)length < sizeof request);
    MUST(send(asker->fd, request, (size_t)length, MSG_NOSIGNAL) == length);
    do {
        ssize_t count = recv(asker->fd, asker->answer + held, ANSWER_MAX - 1 - held, 0);
        if (count <= 0) {
            fprintf(stderr, "query: the server hung up: %s\n", target);
            exit(1);
        }
        held += (size_t)count;
        asker->answer[held] = '\0';
    } while (!wire_reply_read(asker->answer, held, ret));
    if (ret->status != 200) {
        fprintf(stderr, "query: %s\n%s\n", target, asker->answer);
        exit(1);
    }
    return clock_monotonic_ns() - start_ns;
}

/* Line ends within an answer are kept as \v, so that it stays on one line. */
static void answer_save(struct asker *asker, const char *target, const struct wire_reply *reply)
{
    char *body;
    size_t length = wire_reply_body(asker->answer, reply, &body);

    for (size_t i = 0; i < length; i++)
        if (body[i] == '\n')
            body[i] = '\v';
    MUST(fprintf(asker->save, "%s\t%.*s\n", target, (int)length, body) > 0);
}

static void targets_read(struct asker *asker)
{
    static char line[TARGET_MAX];

    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '\0')
            continue;
        MUST(asker->count < TARGETS_MAX);
        asker->targets[asker->count] = strdup(line);
        MUST(asker->targets[asker->count++]);
    }
}

static void ask_all(struct asker *asker)
{
    struct wire_reply reply;
    uint64_t bytes = 0;

    for (size_t i = 0; i < asker->count; i++) {
        (void)ask(asker, asker->targets[i], &reply);
        bytes += reply.length;
        if (asker->save)
            answer_save(asker, asker->targets[i], &reply);
    }
    for (uint64_t round = 0; round < asker->rounds; round++)
        for (size_t i = 0; i < asker->count; i++)
            histogram_add(&asker->latency, ask(asker, asker->targets[i], &reply));
    printf("queries %llu\nmedian_us %lld\np99_us %lld\nmax_us %lld\nanswer_bytes %llu\n",
           (unsigned long long)asker->latency.count,
           (long long)histogram_at(&asker->latency, 500) / 1000,
           (long long)histogram_at(&asker->latency, 990) / 1000,
           (long long)asker->latency.max_ns / 1000, (unsigned long long)(bytes / asker->count));
}

int main(int count, char **values)
{
    static struct asker asker = { .rounds = 20 };

    for (int i = 1; i < count; i++) {
        if (strncmp(values[i], "port=", 5) == 0)
            asker.port = strtoull(values[i] + 5, NULL, 10);
        else if (strncmp(values[i], "rounds=", 7) == 0)
            asker.rounds = strtoull(values[i] + 7, NULL, 10);
        else if (strncmp(values[i], "save=", 5) == 0)
            asker.save = fopen(values[i] + 5, "w");
    }
    if (asker.port == 0 || asker.rounds == 0) {
        fprintf(stderr, "usage: query port=N [rounds=20] [save=FILE] < TARGETS\n");
        return 2;
    }
    targets_read(&asker);
    MUST(asker.count > 0);
    asker.answer = malloc(ANSWER_MAX);
    MUST(asker.answer);
    asker.fd = wire_connect((int)asker.port);
    ask_all(&asker);
    if (asker.save)
        MUST(fclose(asker.save) == 0);
    return 0;
}
