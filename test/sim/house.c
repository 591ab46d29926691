/* house.c: opening and closing the parts, and the way in. */
#include "house.h"

#include <semaphore.h>
#include <string.h>

#include "disk.h"
#include "identity/org.h"
#include "meter/meter_rollup.h"

#define HOUSE_PADDING 64 /* readable bytes behind a body */
#define HOUSE_PARAMS  16

static void count_work(void *worker, struct api_work *ret)
{
    struct worker_stats stats;
    worker_stats(worker, &stats);
    *ret = (struct api_work){ stats.done, stats.retried, stats.parked };
}

static void open_rollups(struct house *house, struct arena *arena)
{
    struct rollup_config config = {
        .directory = text_cstr(arena, text_format(arena, "%s/rollup", house->directory)),
        .usage = house->usage,
        .io = disk_usage_io(),
        .is_idle = true,
    };
    struct cx cx = {
        .arena = arena,
        .store = house->store,
        .usage = house->usage,
        .org = house->org,
        .now = clock_now(&house->clock),
    };
    problem_init(&cx.problem, arena);
    MUST(rollup_open(&config, &house->rollup) == OK);
    cx.rollup = house->rollup;
    MUST(meter_rollups_keep(&cx) == OK);
}

static void open_ways_in(struct house *house)
{
    struct worker_config worker = {
        .store = house->store,
        .usage = house->usage,
        .rollup = house->rollup,
        .clock = &house->clock,
        .ids = house->ids,
        .random = &house->random,
    };
    struct api_config api = {
        .store = house->store,
        .usage = house->usage,
        .rollup = house->rollup,
        .clock = &house->clock,
        .ids = house->ids,
        .random = &house->random,
        .org = house->org,
        .directory = house->directory,
        .is_dev = true,
        .advance = worker_advance,
        .advance_clock = worker_advance_clock,
        .work = count_work,
    };
    house->worker = worker_new(&worker);
    api.worker = house->worker;
    house->api = api_new(&api);
    api_set_ready(house->api, true);
}

static void house_open(struct house *house)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct usage_config usage = {
        .directory = text_cstr(arena, text_format(arena, "%s/usage", house->directory)),
        .io = disk_usage_io(),
        .segment_bytes = (size_t)256 << 10,
        .seal_age_millisecond = UINT32_MAX, /* when told to, so that a seed repeats a run */
        .room_bytes = SIZE_MAX,
        .parts_max = UINT32_MAX,
    };
    struct store_config store = {
        .path = text_cstr(arena, text_format(arena, "%s/state.db", house->directory)),
        .vfs = DISK_VFS,
        .readers = 1,
        .busy_ms = 5000,
    };
    char *why = NULL;
    enum err err = usage_open(&usage, &house->usage, NULL);

    house->ids = ids_new(&house->random);
    if (err == OK)
        err = store_open(&store, &house->store, &why);
    if (err != OK) {
        printf("Bail out! the house does not open: %s %s\n", err_name(err), why ? why : "");
        exit(1);
    }
    MUST(org_ensure_default(house->store, house->ids, clock_now(&house->clock), &house->org) == OK);
    open_rollups(house, arena);
    open_ways_in(house);
    house->opened++;
}

static void house_close(struct house *house)
{
    struct worker_stats stats;
    worker_stats(house->worker, &stats);
    house->parked += stats.parked;
    worker_free(house->worker);
    api_free(house->api);
    rollup_close(house->rollup);
    usage_close(house->usage);
    store_close(house->store);
    ids_free(house->ids);
}

void house_build(struct house *house, uint64_t seed, instant start)
{
    *house = (struct house){ .random = random_seeded(seed) };
    directory_make(house->directory);
    clock_init_manual(&house->clock, start);
    disk_install();
    house_open(house);
}

void house_remove(struct house *house)
{
    house_close(house);
    directory_remove(house->directory);
}

void house_restart(struct house *house)
{
    house_close(house);
    disk_mend();
    house_open(house);
}

/* ---- the way in ----------------------------------------------------------------------------- */

/* A deferred answer: there is one request at a time. */
static struct {
    sem_t done;
    struct http_reply reply;
} deferred;

/* Stands in the place of the server's (the linker is told so). */
void __wrap_http_finish(struct http_request *request, const struct http_reply *reply);

void __wrap_http_finish(struct http_request *request, const struct http_reply *reply)
{
    (void)request;
    deferred.reply = *reply;
    MUST(sem_post(&deferred.done) == 0);
}

static void read_params(struct http_request *request, text query)
{
    struct http_param *params = ARENA_ARRAY(request->arena, struct http_param, HOUSE_PARAMS);
    request->params = params;
    while (!text_is_empty(query)) {
        text value = text_cut(&query, '&');
        text name = text_cut(&value, '=');
        MUST(request->param_count < HOUSE_PARAMS);
        params[request->param_count].name = name;
        MUST(http_percent_decode(request->arena, value, true, &params[request->param_count].value));
        request->param_count++;
    }
}

/* What the process would have said as it died: nothing. */
static struct answer answer_of(struct arena *arena, const struct http_reply *reply)
{
    struct answer answer = { reply->status, reply->body, { .kind = JSON_NULL } };
    struct json_fault fault;

    if (disk_is_dead() && reply->status >= 300)
        return (struct answer){ .json = { .kind = JSON_NULL } };
    if (text_contains(reply->content_type, TEXT("json")))
        MUST(json_parse(arena, reply->body, &answer.json, &fault));
    return answer;
}

static struct answer ask(struct house *house, struct http_request *request)
{
    struct http_reply reply = { 0 };
    MUST(sem_init(&deferred.done, 0, 0) == 0);
    if (api_handle(house->api, request, &reply) == HTTP_DEFERRED) {
        MUST(sem_wait(&deferred.done) == 0);
        reply = deferred.reply;
    }
    return answer_of(request->arena, &reply);
}

static struct http_request request_of(struct house *house, struct arena *arena, text target,
                                      text body)
{
    char *copy = arena_alloc(arena, body.len + HOUSE_PADDING);
    if (body.len > 0)
        memcpy(copy, body.ptr, body.len);
    return (struct http_request){
        .arena = arena,
        .is_method_known = true,
        .path = text_cut(&target, '?'),
        .body = { copy, body.len },
        .content_type = body.len > 0 ? TEXT("application/json") : TEXT_NONE,
        .request_id = TEXT("sim"),
        .peer = TEXT("127.0.0.1"),
        .received_at = clock_now(&house->clock),
    };
}

struct answer house_ask(struct house *house, struct arena *arena, enum http_method method,
                        text target, text body)
{
    struct http_request request = request_of(house, arena, target, body);
    request.method = method;
    (void)text_cut(&target, '?');
    read_params(&request, target);
    return ask(house, &request);
}

struct answer house_ask_once(struct house *house, struct arena *arena, text key, text target,
                             text body)
{
    struct http_request request = request_of(house, arena, target, body);
    request.method = HTTP_POST;
    request.idempotency_key = key;
    return ask(house, &request);
}

struct answer house_ingest(struct house *house, struct arena *arena, text body)
{
    struct http_request request = request_of(house, arena, TEXT("/v3/openmeter/events"), body);
    request.method = HTTP_POST;
    request.content_type = TEXT("application/cloudevents-batch+json");
    return ask(house, &request);
}

/* ---- time ----------------------------------------------------------------------------------- */

bool house_advance(struct house *house, instant to)
{
    enum err err = worker_advance(house->worker, to);
    CHECK(err == OK || disk_is_dead());
    return err == OK && !disk_is_dead();
}

bool house_seal(struct house *house)
{
    enum err err = usage_seal(house->usage);
    if (err == OK)
        err = rollup_catch_up(house->rollup);
    CHECK(err == OK || disk_is_dead());
    return err == OK && !disk_is_dead();
}
