/* api.c: the life of a request: route, caller, handler, answer. */
#include "api/backup.h"
#include "api/call.h"
#include "api/handlers.h"
#include "api/query_params.h"

#include <stdatomic.h>

#include "base/limits.h"

struct api *api_new(const struct api_config *config)
{
    struct api *api = calloc(1, sizeof *api);

    MUST(api);
    CHECK(config->store && config->usage && config->clock && config->ids && config->random);
    api->config = *config;
    api->backups = backups_new(config->directory);
    return api;
}

void api_free(struct api *api)
{
    if (api)
        backups_free(api->backups);
    free(api);
}

void api_set_server(struct api *api, struct http_server *server)
{
    api->server = server;
}

void api_set_ready(struct api *api, bool is_ready)
{
    atomic_store(&api->is_ready, is_ready);
}

/* A call lives as long as its request: a deferred one is finished by another thread. */
static struct api_call *call_new(struct api *api, struct http_request *request,
                                 struct http_reply *reply)
{
    struct api_call *call = ARENA_NEW(request->arena, struct api_call);

    call->api = api;
    call->request = request;
    call->reply = reply;
    call->cx = (struct cx){
        .arena = request->arena,
        .store = api->config.store,
        .usage = api->config.usage,
        .rollup = api->config.rollup,
        .ids = api->config.ids,
        .random = api->config.random,
        .token_cache = api->config.token_cache,
        .request_id = request->request_id,
        .now = clock_now(api->config.clock),
    };
    problem_init(&call->cx.problem, request->arena);
    return call;
}

/* Routes, authenticates and handles; the reply is filled only on OK. When the handler has deferred,
 * the call may be gone already. */
static enum err call_handle(struct api_call *call, const bool *is_deferred)
{
    enum fault fault = route_find(call);
    enum err err;

    if (fault != FAULT_NONE)
        return problem_refuse(&call->cx.problem, fault, "%.*s", TEXT_ARG(call->request->path));
    err = call_authenticate(call);
    if (err != OK)
        return err;
    err = query_params_check(call);
    if (err != OK)
        return err;
    err = call_run_once(call);
    if (*is_deferred)
        return OK;
    /* A parameter may have been found at fault on the way: then nothing was done. */
    CHECK(err != OK || !problem_is_set(&call->cx.problem));
    return err;
}

enum http_outcome api_handle(void *state, struct http_request *request, struct http_reply *ret)
{
    struct api_call *call = call_new(state, request, ret);
    bool is_deferred = false;
    enum err err;

    call->is_deferred = &is_deferred;
    err = call_handle(call, &is_deferred);
    if (is_deferred)
        return HTTP_DEFERRED;
    if (err != OK)
        problem_reply(call, err);
    return HTTP_DONE;
}

/* What may be handled at once: events, few enough to be read in no time. */
static bool is_quick(const struct http_request *request)
{
    static const text paths[] = {
        TEXT_INIT("/api/v1/events"),
        TEXT_INIT("/v3/openmeter/events"),
        TEXT_INIT("/api/v3/openmeter/events"),
    };

    if (request->method != HTTP_POST || request->body.len > LIMIT_QUICK_BYTES)
        return false;
    for (size_t i = 0; i < COUNT_OF(paths); i++)
        if (text_equal(request->path, paths[i]))
            return true;
    return false;
}

enum http_outcome api_quick(void *state, struct http_request *request, struct http_reply *ret)
{
    struct api_call *call;
    bool is_deferred = false;
    enum err err;

    if (!is_quick(request))
        return HTTP_LATER;
    call = call_new(state, request, ret);
    call->is_deferred = &is_deferred;
    /* The store may make wait: a token that only it knows is a worker's business. */
    call->cx.store = NULL;
    MUST(route_find(call) == FAULT_NONE && call->route->handler == events_ingest);
    err = call_authenticate(call);
    if (err == ERR_BUSY)
        return HTTP_LATER;
    if (err == OK)
        err = events_ingest(call);
    if (is_deferred)
        return HTTP_DEFERRED;
    if (err != OK)
        problem_reply(call, err);
    return HTTP_DONE;
}

void api_refuse(void *state, struct http_request *request, struct http_reply *ret)
{
    struct api_call *call = call_new(state, request, ret);

    /* Only the dialect is wanted here; a path that leads nowhere is v3's business. */
    if (route_find(call) != FAULT_NONE)
        call->route = NULL;
    problem_set(&call->cx.problem, request->refusal, "%s", "");
    problem_reply(call, ERR_REFUSED);
}
