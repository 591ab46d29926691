/* batch.c: one JSON array at a time, posted until the server has it. */
#include "cli/batch.h"

#include <errno.h>

#include "base/limits.h"

/* A batch is sent when it has this many bytes, so that with one more event (SOURCE_LINE_BYTES_MAX)
 * it is still a body that the server takes. */
#define BATCH_BYTES      (8 * 1024 * 1024)
#define BACKOFF_FIRST_NS (NS_PER_SECOND / 10)
#define BACKOFF_MAX_NS   (5 * NS_PER_SECOND)

_Static_assert(BATCH_BYTES + SOURCE_LINE_BYTES_MAX < LIMIT_BODY_BYTES, "a batch fits a body");

void batch_open(struct batch *batch, const struct invocation *invocation,
                const struct batch_config *config)
{
    CHECK(config->events_max > 0 && config->retries >= 0);
    *batch = (struct batch){ .config = *config, .arena = arena_new() };
    batch->body.arena = batch->arena;
    batch->events = ARENA_ARRAY(invocation->arena, struct batch_event, (size_t)config->events_max);
    batch->progress = progress_start("events", source_size(config->source));
    remote_open(&batch->remote, invocation);
    batch->remote.arena = batch->arena;
}

void batch_close(struct batch *batch)
{
    remote_close(&batch->remote);
    arena_free(batch->arena);
    batch->arena = NULL;
}

/* ---- posting ------------------------------------------------------------------------------- */

static void wait_ns(int64_t ns)
{
    struct timespec wait = { ns / NS_PER_SECOND, ns % NS_PER_SECOND };

    while (nanosleep(&wait, &wait) != 0)
        MUST(errno == EINTR);
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

/* Posts a body until it is answered by something else than "away" or "busy". */
static enum err post(struct batch *batch, text body)
{
    struct http_call call = {
        .method = HTTP_POST,
        .path = TEXT("/v3/openmeter/events"),
        .content_type = TEXT("application/cloudevents-batch+json"),
        .body = body,
    };
    struct http_answer *answer = &batch->remote.answer;
    int64_t backoff = BACKOFF_FIRST_NS;
    enum err err = OK;

    for (int64_t attempt = 0; attempt <= batch->config.retries; attempt++) {
        if (attempt > 0) {
            bool has_hint = err == OK && answer->retry_after_seconds > 0;

            wait_ns(has_hint ? answer->retry_after_seconds * NS_PER_SECOND : backoff);
            backoff = backoff * 2 > BACKOFF_MAX_NS ? BACKOFF_MAX_NS : backoff * 2;
        }
        err = http_client_call(batch->remote.client, &call, batch->arena, answer);
        if (err == OK && !is_passing(answer->status))
            return OK;
    }
    return err;
}

static bool is_taken(const struct batch *batch, enum err err)
{
    return err == OK && batch->remote.answer.status == 202;
}

static uint64_t header_count(struct batch *batch, const char *name)
{
    text value = http_client_header(batch->remote.client, name, batch->arena);
    int64_t n;

    return text_to_int(value, &n) && n >= 0 ? (uint64_t)n : 0;
}

static void count_taken(struct batch *batch, size_t count)
{
    batch->sent += count;
    batch->accepted += header_count(batch, "X-Tollgate-Accepted");
    batch->duplicates += header_count(batch, "X-Tollgate-Duplicates");
}

/* ---- telling what was refused -------------------------------------------------------------- */

/* The event as it was added; the batch is whole, with its closing bracket. */
static text event_at(const struct batch *batch, size_t index)
{
    size_t start = batch->events[index].start;
    bool is_last = index + 1 == batch->count;
    size_t end = is_last ? batch->body.len : batch->events[index + 1].start;

    CHECK(index < batch->count && start < end);
    /* A comma, or the bracket, follows it. */
    return text_slice(buffer_text(&batch->body), start, end - start - 1);
}

static void print_line(const struct batch *batch, size_t index, text why)
{
    fprintf(stderr, "  line %llu of the file%s%.*s\n",
            (unsigned long long)batch->events[index].line, text_is_empty(why) ? "" : ": ",
            TEXT_ARG(why));
}

/* The number in "[12].id"; -1 when the place is no such, or beyond the batch. */
static int64_t place_index(text place, size_t count)
{
    text rest = text_slice(place, 1, place.len);
    int64_t index;

    if (!text_starts_with(place, TEXT("[")) || !text_to_int(text_cut(&rest, ']'), &index))
        return -1;
    return index >= 0 && (size_t)index < count ? index : -1;
}

/* Prints the lines that the server's answer names; false when it names none. */
static bool print_named_lines(struct batch *batch, size_t first, size_t count)
{
    struct json_fault fault;
    struct json problem;
    const struct json *fields = NULL;
    int64_t last = -1;

    if (json_parse(batch->arena, batch->remote.answer.body, &problem, &fault))
        fields = json_member(&problem, TEXT("invalid_parameters"));
    for (size_t i = 0; fields && i < fields->count; i++) {
        const struct json *place = json_member(&fields->items[i], TEXT("field"));
        int64_t index = place ? place_index(place->text, count) : -1;

        if (index <= last)
            continue;
        print_line(batch, first + (size_t)index, TEXT(""));
        last = index;
    }
    return last >= 0;
}

/* Prints the first line that is no JSON; false when all are. */
static bool print_broken_line(struct batch *batch, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        struct json_fault fault;
        struct json event;

        if (json_parse(batch->arena, event_at(batch, i), &event, &fault))
            continue;
        print_line(batch, i, fault.message);
        return true;
    }
    return false;
}

static void print_refused_lines(struct batch *batch, size_t first, size_t count)
{
    if (print_named_lines(batch, first, count) || print_broken_line(batch, first, count))
        return;
    if (count == 1)
        print_line(batch, first, TEXT(""));
    else
        fprintf(stderr, "  among lines %llu to %llu of the file\n",
                (unsigned long long)batch->events[first].line,
                (unsigned long long)batch->events[first + count - 1].line);
}

/* Tells why these events were not taken. */
static int fail(struct batch *batch, enum err err, size_t first, size_t count)
{
    const struct invocation *invocation = batch->remote.invocation;
    int code;

    progress_end(&batch->progress);
    if (err != OK)
        return command_fail(invocation, EXIT_UNREACHABLE, "%.*s: %.*s",
                            TEXT_ARG(option_text(invocation, "server")),
                            TEXT_ARG(batch->remote.answer.body));
    code = remote_fail(&batch->remote);
    if (code == EXIT_REFUSED)
        print_refused_lines(batch, first, count);
    return code;
}

/* ---- sending ------------------------------------------------------------------------------- */

/* Sends the events of a refused batch one by one; those refused again are counted and told. */
static int send_singly(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        text body = text_format(batch->arena, "[%.*s]", TEXT_ARG(event_at(batch, i)));
        enum err err = post(batch, body);
        int code;

        if (is_taken(batch, err)) {
            count_taken(batch, 1);
            continue;
        }
        code = fail(batch, err, i, 1);
        if (code != EXIT_REFUSED)
            return code;
        batch->rejected++;
    }
    return EXIT_OK;
}

int batch_send(struct batch *batch)
{
    int code = EXIT_OK;
    enum err err;

    if (batch->count == 0)
        return EXIT_OK;
    buffer_add_char(&batch->body, ']');
    err = post(batch, buffer_text(&batch->body));
    if (is_taken(batch, err))
        count_taken(batch, batch->count);
    else if (err == OK && is_refusal(batch->remote.answer.status) && batch->config.does_keep_going)
        code = send_singly(batch);
    else
        code = fail(batch, err, 0, batch->count);
    progress_move(&batch->progress, source_position(batch->config.source), batch->sent);
    arena_reset(batch->arena);
    batch->body = (struct buffer){ .arena = batch->arena };
    batch->count = 0;
    return code;
}

int batch_add(struct batch *batch, text event, uint64_t line)
{
    bool is_full;

    CHECK(batch->count < (size_t)batch->config.events_max);
    buffer_add_char(&batch->body, batch->count == 0 ? '[' : ',');
    batch->events[batch->count++] = (struct batch_event){ line, batch->body.len };
    buffer_add(&batch->body, event);
    is_full = batch->count == (size_t)batch->config.events_max || batch->body.len >= BATCH_BYTES;
    return is_full ? batch_send(batch) : EXIT_OK;
}
