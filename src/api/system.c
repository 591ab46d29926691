/* system.c: the routes for those who run the server: health, metrics, the API description, and the
 * test clock. */
#include "api/handlers.h"

#include <stdatomic.h>

#include "bill/due.h"

enum err health_get(struct api_call *call)
{
    return reply_body(call, TEXT("text/plain; charset=utf-8"), TEXT("ok\n"));
}

/* A failing disk does not make the server unready: reads go on, and only the next write can find
 * out that the trouble is over. tollgate_usage_failing tells of it. */
enum err ready_get(struct api_call *call)
{
    bool is_ready = atomic_load(&call->api->is_ready);
    text body = is_ready ? TEXT("ready\n") : TEXT("not ready: starting or stopping\n");

    MUST(reply_body(call, TEXT("text/plain; charset=utf-8"), body) == OK);
    if (!is_ready)
        call->reply->status = 503;
    return OK;
}

static void add_metric(struct buffer *b, const char *name, const char *type, const char *help)
{
    buffer_format(b, "# HELP tollgate_%s %s\n# TYPE tollgate_%s %s\n", name, help, name, type);
}

static void add_value(struct buffer *b, const char *name, const char *type, const char *help,
                      uint64_t value)
{
    add_metric(b, name, type, help);
    buffer_format(b, "tollgate_%s %llu\n", name, (unsigned long long)value);
}

static void add_usage_metrics(struct buffer *b, struct usage *usage)
{
    struct usage_stats stats;

    usage_stats(usage, &stats);
    add_value(b, "events", "gauge", "Events in the store.", stats.events);
    add_value(b, "events_duplicate_total", "counter", "Events dropped as duplicates.",
              stats.duplicates);
    add_value(b, "events_conflict_total", "counter", "Duplicates with another payload.",
              stats.conflicts);
    add_value(b, "usage_flushes_total", "counter", "Flushes of the event log.", stats.flushes);
    add_value(b, "usage_bytes", "gauge", "Size of the event store on disk.", stats.bytes_on_disk);
    add_value(b, "usage_sealed_events", "gauge", "Events in sealed segments.", stats.sealed_events);
    add_value(b, "usage_segments", "gauge", "Sealed segments.", stats.sealed_segments);
    add_value(b, "usage_erased_events", "gauge", "Events of which only a digest is left.",
              stats.erased_events);
    add_value(b, "usage_memory_bytes", "gauge", "Memory of the event store's indexes and caches.",
              stats.memory_bytes);
    add_value(b, "usage_queue_bytes", "gauge", "Events accepted and not yet durable.",
              stats.queue_bytes);
    add_value(b, "usage_failing", "gauge", "1 while events cannot be written.", stats.is_failing);
}

static void add_http_metrics(struct buffer *b, struct http_server *server)
{
    struct http_stats stats;

    http_server_stats(server, &stats);
    add_metric(b, "http_replies_total", "counter", "Replies by class of status.");
    for (size_t i = 1; i < COUNT_OF(stats.by_class); i++)
        buffer_format(b, "tollgate_http_replies_total{class=\"%zuxx\"} %llu\n", i,
                      (unsigned long long)stats.by_class[i]);
    add_value(b, "http_requests_total", "counter", "Requests handed to a handler.", stats.requests);
    add_value(b, "http_refused_total", "counter", "Requests refused before that.", stats.refused);
    add_value(b, "http_connections", "gauge", "Connections open now.", stats.connections);
    add_value(b, "http_in_flight", "gauge", "Requests accepted and not yet answered.",
              stats.in_flight);
}

static enum err add_work_metrics(struct api_call *call, struct buffer *b)
{
    struct api_work work;
    int64_t parked, due;
    instant since, now = cx_server_now(&call->cx);
    enum err err = due_parked_count(call->cx.store, &parked);

    if (err == OK)
        err = due_backlog(call->cx.store, now, &due, &since);
    if (err != OK)
        return err;
    call->api->config.work(call->api->config.worker, &work);
    add_value(b, "work_due", "gauge", "Due work that waits to be done.", (uint64_t)due);
    add_value(b, "work_lag_seconds", "gauge", "How long the oldest of it has been due.",
              instant_is_none(since) ? 0 : (uint64_t)((now.ns - since.ns) / NS_PER_SECOND));
    add_value(b, "work_parked", "gauge", "Due work set aside with a reason.", (uint64_t)parked);
    add_value(b, "work_done_total", "counter", "Due work done.", work.done);
    add_value(b, "work_retried_total", "counter", "Due work that failed and waits.", work.retried);
    add_value(b, "work_parked_total", "counter", "Due work set aside since the start.",
              work.parked);
    return OK;
}

enum err metrics_get(struct api_call *call)
{
    struct buffer b = call_buffer(call);
    enum err err = add_work_metrics(call, &b);

    if (err != OK)
        return err;
    add_usage_metrics(&b, call->api->config.usage);
    if (call->api->server)
        add_http_metrics(&b, call->api->server);
    return reply_body(call, TEXT("text/plain; version=0.0.4; charset=utf-8"), buffer_text(&b));
}

enum err openapi_v3_get(struct api_call *call)
{
    struct buffer b = call_buffer(call);

    api_openapi_write(DIALECT_V3, &b);
    return reply_body(call, TEXT("application/json"), buffer_text(&b));
}

enum err openapi_v1_get(struct api_call *call)
{
    struct buffer b = call_buffer(call);

    api_openapi_write(DIALECT_V1, &b);
    return reply_body(call, TEXT("application/json"), buffer_text(&b));
}

/* ---- the test clock ------------------------------------------------------------------------ */

struct server_clock {
    instant now;
};

struct server_clock_advance {
    instant to;
};

static const struct field server_clock_rows[] = {
    FIELD(struct server_clock, now, INSTANT, .flags = FIELD_ALWAYS, .about = "The server's time."),
};
const struct fields server_clock_fields =
    FIELDS("TestClock", struct server_clock, server_clock_rows);

static const struct field server_clock_advance_rows[] = {
    FIELD(struct server_clock_advance, to, INSTANT, .flags = FIELD_REQUIRED,
          .about = "Where to move the clock; not before its present time."),
};
const struct fields server_clock_advance_fields =
    FIELDS("TestClockAdvance", struct server_clock_advance, server_clock_advance_rows);

/* The test clock answers only on a server started for development. */
static enum err need_test_clock(struct api_call *call)
{
    if (!call->api->config.is_dev || !clock_is_manual(call->api->config.clock))
        return problem_refuse(&call->cx.problem, FAULT_CLOCK_NOT_MANUAL, "%s", "");
    return OK;
}

static enum err reply_clock(struct api_call *call)
{
    struct server_clock answer = { clock_now(call->api->config.clock) };

    return reply_one(call, &server_clock_fields, &answer);
}

enum err server_clock_get(struct api_call *call)
{
    enum err err = need_test_clock(call);

    return err == OK ? reply_clock(call) : err;
}

enum err server_clock_advance(struct api_call *call)
{
    struct server_clock_advance wanted;
    enum err err = need_test_clock(call);

    if (err == OK)
        err = body_read(call, &server_clock_advance_fields, &wanted);
    if (err != OK)
        return err;
    if (instant_before(wanted.to, call->cx.now))
        return problem_refuse(&call->cx.problem, FAULT_CLOCK_BACKWARDS, "it is %.*s",
                              TEXT_ARG(instant_text(call->cx.arena, call->cx.now)));
    err = call->api->config.advance(call->api->config.worker, wanted.to);
    return err == OK ? reply_clock(call) : err;
}
