/* relay_in.c: the relay's HTTP side. Requests are checked and answered as the server does it, so
 * that gateways and SDKs can be pointed here; the answer says that the events are on the relay's
 * disk. An event without a time gets the relay's: it may be long until the server sees it. */
#include <sodium.h>

#include "api/api.h"
#include "cli/relay.h"
#include "meter/event.h"

struct relay_call {
    struct relay *relay;
    struct http_request *request;
    enum dialect dialect;
    size_t count; /* events */
};

static enum http_outcome answer(struct http_reply *ret, text content_type, text body)
{
    *ret = (struct http_reply){ .status = 200, .content_type = content_type, .body = body };
    return HTTP_DONE;
}

/* ---- events -------------------------------------------------------------------------------- */

static enum http_outcome refuse(struct relay_call *call, const struct problem *problem,
                                enum err err, struct http_reply *ret)
{
    atomic_fetch_add(err == ERR_REFUSED ? &call->relay->refused : &call->relay->busy, 1);
    api_answer_problem(call->request, call->dialect, problem, err, ret);
    return HTTP_DONE;
}

/* Runs on the spool's thread: the events are on the disk, or not. */
static void spooled(void *state, enum err err)
{
    struct relay_call *call = state;
    struct http_request *request = call->request;
    struct http_reply reply = { .status = call->dialect == DIALECT_V1 ? 204 : 202 };
    struct problem problem;

    problem_init(&problem, request->arena);
    if (err == OK) {
        atomic_fetch_add(&call->relay->received, call->count);
        http_reply_header(&reply, TEXT("X-Tollgate-Accepted"),
                          text_format(request->arena, "%zu", call->count));
        http_reply_header(&reply, TEXT("X-Tollgate-Duplicates"), TEXT("0"));
    } else {
        (void)refuse(call, &problem, err, &reply);
    }
    http_finish(request, &reply);
}

static text *print_events(struct arena *arena, const struct event_batch *batch)
{
    text *events = ARENA_ARRAY(arena, text, batch->count);

    for (size_t i = 0; i < batch->count; i++) {
        struct buffer out = { .arena = arena };
        struct json_writer w = json_writer_of(&out);

        event_write(&w, &batch->items[i]);
        events[i] = buffer_text(&out);
    }
    return events;
}

static enum err spool_events(struct relay_call *call, const struct event_batch *batch,
                             struct problem *problem)
{
    text *events = print_events(call->request->arena, batch);
    struct relay *relay = call->relay;
    enum err err;

    call->count = batch->count;
    err = spool_append(relay->spool, events, batch->count, spooled, call);
    if (err == ERR_BUSY)
        return problem_refuse(problem, FAULT_SERVER_BUSY, "the relay's spool is full");
    return err;
}

static enum http_outcome take_events(struct relay_call *call, struct http_reply *ret)
{
    struct http_request *request = call->request;
    struct cx cx = { .arena = request->arena, .now = clock_now(call->relay->clock) };
    struct event_batch batch = { 0 };
    enum event_form form;
    enum err err;

    problem_init(&cx.problem, request->arena);
    if (!event_form_of(request->content_type, call->dialect == DIALECT_V3, &form))
        err = problem_refuse(&cx.problem, FAULT_CONTENT_TYPE, "invalid content type: %.*s",
                             TEXT_ARG(request->content_type));
    else
        err = event_parse_in_place(&cx, form, request->body, &batch);
    if (err == OK)
        err = spool_events(call, &batch, &cx.problem);
    /* Once spooled, the spool's thread owns the call. */
    return err == OK ? HTTP_DEFERRED : refuse(call, &cx.problem, err, ret);
}

/* ---- health and metrics -------------------------------------------------------------------- */

static enum http_outcome tell_health(struct relay *relay, struct http_request *request,
                                     struct http_reply *ret)
{
    struct buffer body = { .arena = request->arena };
    struct json_writer w = json_writer_of(&body);
    struct spool_stats stats;

    spool_stats(relay->spool, &stats);
    json_object_begin(&w);
    json_member_text(&w, "status", stats.is_failing ? TEXT("failing") : TEXT("ok"));
    json_member_text(&w, "upstream", atomic_load(&relay->is_away) ? TEXT("away") : TEXT("up"));
    json_key(&w, TEXT("pending"));
    json_int(&w, (int64_t)stats.pending);
    json_object_end(&w);
    buffer_add_char(&body, '\n');
    (void)answer(ret, TEXT("application/json"), buffer_text(&body));
    if (stats.is_failing)
        ret->status = 503;
    return HTTP_DONE;
}

struct metric {
    const char *name, *type, *help;
    uint64_t value;
};

static enum http_outcome tell_metrics(struct relay *relay, struct http_request *request,
                                      struct http_reply *ret)
{
    struct buffer body = { .arena = request->arena };
    struct spool_stats s;

    spool_stats(relay->spool, &s);
    const struct metric rows[] = {
        { "events_received_total", "counter", "Events taken.", relay->received },
        { "requests_refused_total", "counter", "Requests refused for their form.", relay->refused },
        { "requests_busy_total", "counter", "Requests refused for want of room.", relay->busy },
        { "events_delivered_total", "counter", "Events the server has.", relay->delivered },
        { "events_duplicate_total", "counter", "Of these, those it had already.",
          relay->duplicates },
        { "events_dead_total", "counter", "Events the server refused.", relay->dead },
        { "retries_total", "counter", "Attempts that were repeated.", relay->retried },
        { "events_pending", "gauge", "Events in the spool.", s.pending },
        { "oldest_pending_seconds", "gauge", "How long an event has waited to be sent.",
          (uint64_t)(s.oldest_age_ns / NS_PER_SECOND) },
        { "spool_bytes", "gauge", "Size of the spool on disk.", s.bytes },
        { "spool_flushes_total", "counter", "Flushes of the spool.", s.flushes },
        { "spool_failing", "gauge", "1 while events cannot be written.", s.is_failing },
        { "upstream_up", "gauge", "0 while the server is away.", !relay->is_away },
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        buffer_format(&body,
                      "# HELP tollgate_relay_%s %s\n# TYPE tollgate_relay_%s %s\n"
                      "tollgate_relay_%s %llu\n",
                      rows[i].name, rows[i].help, rows[i].name, rows[i].type, rows[i].name,
                      (unsigned long long)rows[i].value);
    return answer(ret, TEXT("text/plain; version=0.0.4; charset=utf-8"), buffer_text(&body));
}

/* ---- routes -------------------------------------------------------------------------------- */

enum place { PLACE_NONE, PLACE_EVENTS, PLACE_HEALTH, PLACE_METRICS };

static const struct {
    const char *path;
    enum place place;
    enum http_method method;
} places[] = {
    { "/api/v1/events", PLACE_EVENTS, HTTP_POST },
    { "/v3/openmeter/events", PLACE_EVENTS, HTTP_POST },
    { "/api/v3/openmeter/events", PLACE_EVENTS, HTTP_POST },
    { "/health", PLACE_HEALTH, HTTP_GET },
    { "/healthz", PLACE_HEALTH, HTTP_GET },
    { "/readyz", PLACE_HEALTH, HTTP_GET },
    { "/metrics", PLACE_METRICS, HTTP_GET },
};

static enum fault find_place(const struct http_request *request, enum place *ret)
{
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        if (!text_equal(request->path, text_of(places[i].path)))
            continue;
        *ret = places[i].place;
        return request->method == places[i].method ? FAULT_NONE : FAULT_METHOD_ABSENT;
    }
    return FAULT_ROUTE_ABSENT;
}

/* Of "Authorization: Bearer <secret>". The time it takes says nothing of the secret. */
static enum fault check_token(const struct relay *relay, const struct http_request *request)
{
    static const text scheme = TEXT_INIT("Bearer ");
    text sent = request->authorization;

    if (text_is_empty(relay->local_token))
        return FAULT_NONE;
    if (!text_equal_nocase(text_slice(sent, 0, scheme.len), scheme))
        return FAULT_TOKEN_MISSING;
    sent = text_trim(text_slice(sent, scheme.len, sent.len));
    return sent.len == relay->local_token.len &&
                   sodium_memcmp(sent.ptr, relay->local_token.ptr, sent.len) == 0
               ? FAULT_NONE
               : FAULT_TOKEN_UNKNOWN;
}

static struct relay_call *call_new(struct relay *relay, struct http_request *request)
{
    struct relay_call *call = ARENA_NEW(request->arena, struct relay_call);
    bool is_v1 = text_starts_with(request->path, TEXT("/api/v1/")) ||
                 text_starts_with(request->path, TEXT("/api/v2/"));

    *call = (struct relay_call){ .relay = relay,
                                 .request = request,
                                 .dialect = is_v1 ? DIALECT_V1 : DIALECT_V3 };
    return call;
}

enum http_outcome relay_handle(void *state, struct http_request *request, struct http_reply *ret)
{
    struct relay_call *call = call_new(state, request);
    enum place place = PLACE_NONE;
    enum fault fault = find_place(request, &place);
    bool is_unknown = fault != FAULT_NONE;
    struct problem problem;

    if (fault == FAULT_NONE && place == PLACE_HEALTH)
        return tell_health(call->relay, request, ret);
    if (fault == FAULT_NONE && place == PLACE_METRICS)
        return tell_metrics(call->relay, request, ret);
    if (fault == FAULT_NONE)
        fault = check_token(call->relay, request);
    if (fault == FAULT_NONE)
        return take_events(call, ret);
    problem_init(&problem, request->arena);
    if (is_unknown)
        problem_set(&problem, fault, "%.*s", TEXT_ARG(request->path));
    else
        problem_set(&problem, fault, "%s", "");
    return refuse(call, &problem, ERR_REFUSED, ret);
}

void relay_refuse(void *state, struct http_request *request, struct http_reply *ret)
{
    struct relay_call *call = call_new(state, request);
    struct problem problem;

    problem_init(&problem, request->arena);
    (void)refuse(call, &problem, problem_refuse(&problem, request->refusal, "%s", ""), ret);
}
