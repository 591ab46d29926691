/* app.c: opening and closing the parts of a server. The only place, beside the command line, that
 * knows which engines are in use. */
#include "server/app.h"

#include <errno.h>
#include <sys/stat.h>

#include "identity/org.h"
#include "meter/meter_rollup.h"

#define STATE_FILE         "state.db"
#define USAGE_DIRECTORY    "usage"
#define ROLLUP_DIRECTORY   "rollup"
#define STORE_READERS      2
#define STORE_BUSY_MS      5000
#define STOP_GRACE_SECONDS 30

static bool open_clock(struct app *app)
{
    if (app->config.is_clock_manual) {
        clock_init_manual(&app->manual_clock, app->config.clock_start);
        app->clock = &app->manual_clock;
    } else {
        app->clock = clock_system();
    }
    return true;
}

static const char *usage_trouble(enum err err)
{
    if (err == ERR_BUSY)
        return "the data directory is in use by another process";
    if (err == ERR_CORRUPT)
        return "the event log is damaged: a record does not match its checksum";
    return err == ERR_NO_SPACE ? "the disk is full" : "the event log cannot be opened";
}

static bool open_engines(struct app *app, const char **ret_why)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct store_config store = { .readers = STORE_READERS, .busy_ms = STORE_BUSY_MS };
    struct usage_config usage = {
        .cache_bytes = app->config.cache_bytes,
        .seal_rows = app->config.segment_events,
    };
    const char *directory = app->config.data_directory;
    struct stat status;
    enum err err;

    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        *ret_why = "the data directory cannot be made";
        return false;
    }
    if (stat(directory, &status) != 0 || !S_ISDIR(status.st_mode)) {
        *ret_why = "the data directory is no directory";
        return false;
    }
    /* The log's lock comes first: a second server must not touch the state at all. */
    usage.directory = text_cstr(arena, text_format(arena, "%s/" USAGE_DIRECTORY, directory));
    err = usage_open(&usage, &app->usage, &app->replay);
    if (err != OK) {
        *ret_why = usage_trouble(err);
        return false;
    }
    store.path = text_cstr(arena, text_format(arena, "%s/" STATE_FILE, directory));
    if (store_open(&store, &app->store, &app->store_trouble) != OK) {
        *ret_why = app->store_trouble;
        return false;
    }
    if (org_ensure_default(app->store, app->ids, clock_now(app->clock), &app->org) != OK) {
        *ret_why = "the organization cannot be read";
        return false;
    }
    return true;
}

static struct cx app_cx(struct app *app, struct arena *arena)
{
    struct cx cx = {
        .arena = arena,
        .store = app->store,
        .usage = app->usage,
        .rollup = app->rollup,
        .org = app->org,
        .now = clock_now(app->clock),
    };

    problem_init(&cx.problem, arena);
    return cx;
}

/* Partial aggregates: whatever is wrong with them costs time only, unless their directory cannot be
 * made at all. */
static bool open_rollups(struct app *app, const char **ret_why)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text directory = text_format(arena, "%s/" ROLLUP_DIRECTORY, app->config.data_directory);
    const struct rollup_config config = {
        .directory = text_cstr(arena, directory),
        .usage = app->usage,
    };
    struct cx cx;

    if (rollup_open(&config, &app->rollup) != OK) {
        *ret_why = "the directory of rollups cannot be opened";
        return false;
    }
    cx = app_cx(app, arena);
    if (meter_rollups_keep(&cx) != OK) {
        *ret_why = "the meters cannot be read";
        return false;
    }
    return true;
}

/* A server that demands tokens and has none would answer nobody. */
static bool has_tokens(struct app *app)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct cx cx = app_cx(app, arena);
    struct list tokens;
    int64_t total;

    return token_list(&cx, (struct page){ 1, 1 }, &tokens, &total) == OK && total > 0;
}

static void count_work(void *worker, struct api_work *ret)
{
    struct worker_stats stats;

    worker_stats(worker, &stats);
    *ret =
        (struct api_work){ .done = stats.done, .retried = stats.retried, .parked = stats.parked };
}

static void open_parts(struct app *app)
{
    struct worker_config worker = {
        .store = app->store,
        .usage = app->usage,
        .rollup = app->rollup,
        .clock = app->clock,
        .ids = app->ids,
        .random = &app->random,
    };
    struct api_config api = {
        .store = app->store,
        .usage = app->usage,
        .rollup = app->rollup,
        .clock = app->clock,
        .ids = app->ids,
        .random = &app->random,
        .org = app->org,
        .directory = app->config.data_directory,
        .is_auth_required = app->config.is_auth_required,
        .is_dev = app->config.is_dev,
        .advance = worker_advance,
        .advance_clock = worker_advance_clock,
        .wake_clocks = worker_wake_clocks,
        .work = count_work,
    };

    api.token_cache = app->token_cache = token_cache_new();
    app->worker = worker_new(&worker);
    api.worker = app->worker;
    app->api = api_new(&api);
    worker_start_clocks(app->worker);
}

static bool open_http(struct app *app, const char **ret_why)
{
    struct http_config config = {
        .address = app->config.address,
        .port = app->config.port,
        .io_threads = app->config.io_threads,
        .workers = app->config.workers,
        .handler = api_handle,
        .quick = api_quick,
        .refuse = api_refuse,
        .state = app->api,
        .clock = app->clock,
        .random = &app->random,
    };

    return http_server_start(&config, &app->http, ret_why) == OK;
}

bool app_open(struct app *app, const struct app_config *config, const char **ret_why)
{
    *app = (struct app){ .config = *config, .random = random_system() };
    app->ids = ids_new(&app->random);
    if (!open_clock(app) || !open_engines(app, ret_why) || !open_rollups(app, ret_why)) {
        app_close(app);
        return false;
    }
    if (app->config.is_auth_required && !has_tokens(app)) {
        *ret_why = "requests would need a token and there is none: "
                   "make one with `tollgate token create`";
        app_close(app);
        return false;
    }
    open_parts(app);
    if (!open_http(app, ret_why)) {
        app_close(app);
        return false;
    }
    api_set_server(app->api, app->http);
    if (!app->config.is_clock_manual)
        worker_start(app->worker);
    api_set_ready(app->api, true);
    return true;
}

void app_close(struct app *app)
{
    if (app->api)
        api_set_ready(app->api, false);
    if (app->worker)
        worker_interrupt(app->worker);
    /* HTTP first: it waits for the requests it has accepted, and these need all that follows. */
    if (app->http)
        http_server_stop(app->http, STOP_GRACE_SECONDS);
    worker_free(app->worker);
    api_free(app->api);
    token_cache_free(app->token_cache);
    rollup_close(app->rollup);
    if (app->usage)
        usage_close(app->usage);
    if (app->store)
        store_close(app->store);
    ids_free(app->ids);
}
