/* serve.c: `tollgate serve`: reads the configuration, runs until a signal says stop. */
#include "server/serve.h"

#include <malloc.h>

#include "base/daemon.h"
#include "base/log.h"
#include "http/address.h"
#include "server/app.h"

static const struct option options[] = {
    { .name = "data",
      .value = "DIR",
      .about = "directory of state and events; made when missing",
      .fallback = "tollgate-data" },
    { .name = "listen",
      .value = "ADDRESS:PORT",
      .about = "where to listen; port 0 picks a free one",
      .fallback = "127.0.0.1:8888" },
    { .name = "auth", .about = "demand an API token also on a loopback address" },
    { .name = "dev", .about = "allow what only development may do: a manual clock" },
    { .name = "clock",
      .value = "CLOCK",
      .about = "\"system\", or with --dev \"manual=TIME\"",
      .fallback = "system" },
    { .name = "workers", .value = "N", .about = "threads that handle requests", .fallback = "4" },
    { .name = "io-threads",
      .value = "N",
      .about = "threads that read and write connections",
      .fallback = "2" },
    { .name = "cache",
      .value = "MIB",
      .about = "memory for events that were read back from segments",
      .fallback = "64" },
    { .name = "segment-events",
      .value = "N",
      .about = "events in a sealed segment at most; few are for trials",
      .fallback = "262144" },
    DAEMON_LOG_OPTIONS,
};

/* Reads --clock; 0, or the exit code after a message. */
static int read_clock(const struct invocation *invocation, struct app_config *config)
{
    text clock = option_text(invocation, "clock");

    if (text_equal(clock, TEXT("system")))
        return EXIT_OK;
    if (!text_starts_with(clock, TEXT("manual=")) ||
        !instant_parse(text_slice(clock, 7, clock.len), &config->clock_start))
        return command_fail(invocation, EXIT_USAGE,
                            "--clock is \"system\" or \"manual=2026-01-01T00:00:00Z\"");
    if (!config->is_dev)
        return command_fail(invocation, EXIT_USAGE,
                            "a manual clock is for development only: add --dev");
    config->is_clock_manual = true;
    return EXIT_OK;
}

static int read_config(const struct invocation *invocation, struct app_config *config)
{
    int64_t workers, io_threads, cache, segment_events;

    *config = (struct app_config){
        .data_directory = text_cstr(invocation->arena, option_text(invocation, "data")),
        .is_dev = option_is_set(invocation, "dev"),
    };
    if (!http_address_parse(option_text(invocation, "listen"), &config->address, &config->port))
        return command_fail(invocation, EXIT_USAGE, "--listen is ADDRESS:PORT");
    if (!option_int(invocation, "workers", 1, 256, &workers) ||
        !option_int(invocation, "io-threads", 1, 64, &io_threads) ||
        !option_int(invocation, "cache", 1, 1024 * 1024, &cache) ||
        !option_int(invocation, "segment-events", 16, 262144, &segment_events))
        return EXIT_USAGE;
    config->cache_bytes = (size_t)cache * 1024 * 1024;
    config->segment_events = (uint32_t)segment_events;
    config->workers = (int)workers;
    config->io_threads = (int)io_threads;
    config->is_auth_required = option_is_set(invocation, "auth") ||
                               !http_address_is_loopback(config->address);
    return read_clock(invocation, config);
}

/* Bodies and batches come and go: their memory is kept for the next ones, as far as that is modest,
 * since the system clears each page that it gives. */
static void keep_memory(void)
{
    (void)mallopt(M_MMAP_THRESHOLD, 8 * 1024 * 1024); /* a hint: sanitizers take none */
    (void)mallopt(M_TRIM_THRESHOLD, 32 * 1024 * 1024);
}

static void announce(const struct app *app)
{
    bool is_six = memchr(app->config.address.ptr, ':', app->config.address.len) != NULL;

    log_info("server_started", LOG_TEXT("address", app->config.address),
             LOG_INT("port", http_server_port(app->http)),
             LOG_CSTR("data", app->config.data_directory), LOG_INT("events", app->replay.events));
    if (app->replay.cut_bytes > 0)
        log_warn("event_log_tail_cut", LOG_INT("bytes", app->replay.cut_bytes));
    if (!app->config.is_auth_required)
        log_warn("no_authentication",
                 LOG_CSTR("why", "requests from this machine need no token; --auth demands one"));
    printf("Tollgate listens on http://%s%.*s%s:%u\n", is_six ? "[" : "",
           TEXT_ARG(app->config.address), is_six ? "]" : "", (unsigned)http_server_port(app->http));
    fflush(stdout);
}

static int serve_run(const struct invocation *invocation)
{
    static struct app app; /* large, one per process */
    struct app_config config;
    const char *why = "the address cannot be bound";
    sigset_t stop;
    int signal_number;
    int code = read_config(invocation, &config);

    if (code != EXIT_OK)
        return code;
    daemon_open_log(invocation);
    keep_memory();
    stop = daemon_block_signals();
    if (!app_open(&app, &config, &why))
        return command_fail(invocation, EXIT_TROUBLE, "%s", why);
    announce(&app);
    MUST(sigwait(&stop, &signal_number) == 0);
    log_info("server_stopping", LOG_INT("signal", signal_number));
    app_close(&app);
    log_info("server_stopped");
    return EXIT_OK;
}

const struct command serve_command = {
    .name = "serve",
    .arguments = "",
    .summary = "run the server until SIGINT or SIGTERM",
    .about = "On a loopback address requests need no token unless --auth is given. On any other\n"
             "address every request needs one: make the first with `tollgate token create`.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate serve\n"
                "tollgate serve --data /var/lib/tollgate --listen 0.0.0.0:8888 --log json\n"
                "tollgate serve --dev --clock manual=2026-01-01T00:00:00Z\n",
    .run = serve_run,
};
