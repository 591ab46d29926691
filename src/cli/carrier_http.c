/* carrier_http.c: batches posted to a server, until it has them.
 *
 * An attempt whose answer was lost may have been taken: the server drops what it has, by (source,
 * id), so that sending again counts nothing twice.
 */
#include "cli/carrier.h"

#include <errno.h>

#include "cli/remote.h"

#define BACKOFF_FIRST_NS (NS_PER_SECOND / 10)
#define BACKOFF_MAX_NS   (5 * NS_PER_SECOND)
#define WAIT_STEP_NS     (NS_PER_SECOND / 20)

struct poster {
    const struct carrier_http_config *config;
    const atomic_bool *is_stopping;
    struct http_client *client;
    struct arena *arena; /* of one attempt */
    struct http_answer answer;
};

static void *poster_open(const void *config, const atomic_bool *is_stopping)
{
    struct poster *poster = calloc(1, sizeof *poster);

    MUST(poster);
    poster->config = config;
    poster->is_stopping = is_stopping;
    poster->arena = arena_new();
    poster->client = http_client_new(poster->config->server, poster->config->token);
    return poster;
}

static void poster_close(void *state)
{
    struct poster *poster = state;

    http_client_free(poster->client);
    arena_free(poster->arena);
    free(poster);
}

/* Waits in steps, so that a stop is not kept waiting. */
static void wait_ns(const struct poster *poster, int64_t ns)
{
    for (; ns > 0 && !atomic_load(poster->is_stopping); ns -= WAIT_STEP_NS) {
        struct timespec step = { 0, ns < WAIT_STEP_NS ? ns : WAIT_STEP_NS };

        while (nanosleep(&step, &step) != 0)
            MUST(errno == EINTR);
    }
}

/* "Away" or "busy", said by the server or by a proxy before it. */
static bool is_passing(int status)
{
    return status == 429 || (status >= 502 && status <= 504);
}

/* What an event of the batch may be the cause of. */
static bool is_refusal(int status)
{
    return status == 400 || status == 413 || status == 422;
}

static void tell_retry(const struct poster *poster, enum err err)
{
    const struct carrier_http_config *config = poster->config;
    const struct http_answer *answer = &poster->answer;

    if (!config->on_retry)
        return;
    config->on_retry(config->state,
                     err == OK ? text_format(poster->arena, "%d", answer->status) : answer->body);
}

/* Waits before the next attempt: as long as the answer says, else a little longer each time. */
static void wait_retry(const struct poster *poster, enum err err, int64_t *backoff)
{
    int64_t hint = err == OK ? poster->answer.retry_after_seconds : 0;

    tell_retry(poster, err);
    wait_ns(poster, hint > 0 ? hint * NS_PER_SECOND : *backoff);
    *backoff = *backoff * 2 > BACKOFF_MAX_NS ? BACKOFF_MAX_NS : *backoff * 2;
}

/* Posts a body until it is answered by something else than "away" or "busy". */
static enum err post(struct poster *poster, text body)
{
    const struct carrier_http_config *config = poster->config;
    struct http_call call = {
        .method = HTTP_POST,
        .path = text_is_empty(config->path) ? TEXT("/v3/openmeter/events") : config->path,
        .content_type = TEXT("application/cloudevents-batch+json"),
        .body = body,
        .is_cancelled = config->is_cancelling ? poster->is_stopping : NULL,
    };
    int64_t backoff = BACKOFF_FIRST_NS;
    enum err err;

    for (int64_t attempt = 0;; attempt++) {
        arena_reset(poster->arena);
        err = http_client_call(poster->client, &call, poster->arena, &poster->answer);
        if (err == OK && !is_passing(poster->answer.status))
            return OK;
        if (attempt >= config->retries || atomic_load(poster->is_stopping))
            return err;
        wait_retry(poster, err, &backoff);
        if (atomic_load(poster->is_stopping))
            return err;
    }
}

static uint64_t header_count(struct poster *poster, const char *name, struct arena *arena)
{
    text value = http_client_header(poster->client, name, arena);
    int64_t n;

    return text_to_int(value, &n) && n >= 0 ? (uint64_t)n : 0;
}

/* What the answer says of a body that was not taken. */
static struct carriage carriage_of_answer(const struct http_answer *answer, struct arena *arena)
{
    struct remote_problem problem = remote_problem_read(answer, arena);
    struct carriage_field *fields = ARENA_ARRAY(arena, struct carriage_field, problem.count);

    for (size_t i = 0; i < problem.count; i++)
        fields[i] = (struct carriage_field){ problem.fields[i].field, problem.fields[i].reason };
    return (struct carriage){
        .outcome = is_refusal(answer->status) ? CARRIED_REFUSED : CARRIED_FAILED,
        .status = answer->status,
        .code = remote_exit(answer->status),
        .reason = text_format(arena, "%d %.*s", answer->status, TEXT_ARG(problem.detail)),
        .fields = fields,
        .field_count = problem.count,
    };
}

static struct carriage poster_carry(void *state, text body, struct arena *arena)
{
    struct poster *poster = state;
    enum err err = post(poster, body);

    if (err != OK)
        return (struct carriage){
            .outcome = CARRIED_FAILED,
            .code = EXIT_UNREACHABLE,
            .reason = text_format(arena, "%.*s: %.*s", TEXT_ARG(poster->config->server),
                                  TEXT_ARG(poster->answer.body)),
        };
    if (poster->answer.status / 100 != 2)
        return carriage_of_answer(&poster->answer, arena);
    return (struct carriage){
        .outcome = CARRIED_TAKEN,
        .accepted = header_count(poster, "X-Tollgate-Accepted", arena),
        .duplicates = header_count(poster, "X-Tollgate-Duplicates", arena),
    };
}

struct carrier carrier_http(const struct carrier_http_config *config)
{
    CHECK(config->retries >= 0);
    return (struct carrier){
        .config = config,
        .open = poster_open,
        .close = poster_close,
        .carry = poster_carry,
    };
}
