/* relay.c: `tollgate relay`: a place near the senders that takes events at any time and delivers
 * them when the server is there. */
#include "cli/relay.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/daemon.h"
#include "base/limits.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/remote.h"
#include "codec/fields.h"
#include "http/address.h"

#define SPOOL_BYTES_MIN    (64LL * 1024 * 1024) /* a few of the largest requests */
#define BATCH_BYTES        (4 * 1024 * 1024)
#define STOP_GRACE_SECONDS 10
#define WORKERS            4

static const struct option options[] = {
    REMOTE_OPTIONS,
    { .name = "listen",
      .value = "ADDRESS:PORT|PATH",
      .about = "where to take events; a path is a Unix socket",
      .fallback = "127.0.0.1:8889" },
    { .name = "local-token",
      .value = "SECRET",
      .about = "what senders must present; on other than loopback addresses there must be one" },
    { .name = "spool",
      .value = "DIR",
      .about = "directory of events that wait; made when missing",
      .fallback = "tollgate-spool" },
    { .name = "spool-bytes",
      .value = "N",
      .about = "how large it may grow; then senders are answered 429",
      .fallback = "1073741824" },
    { .name = "dead-letters",
      .value = "FILE",
      .about = "where events go that the server refuses; in the spool by default" },
    { .name = "batch", .value = "N", .about = "events in one delivery", .fallback = "100" },
    { .name = "linger",
      .value = "MILLISECONDS",
      .about = "how long events wait for a batch to fill",
      .fallback = "1000" },
    { .name = "in-flight",
      .value = "N",
      .about = "deliveries under way at a time; with 1 events arrive in their order",
      .fallback = "4" },
    { .name = "upstream-path",
      .value = "PATH",
      .about = "where the server takes batches of events",
      .fallback = "/v3/openmeter/events" },
    DAEMON_LOG_OPTIONS,
};

struct relay_config {
    struct http_config http;
    struct spool_config spool;
};

static int read_listen(struct relay *relay, const struct invocation *invocation,
                       struct http_config *http)
{
    text listen = option_text(invocation, "listen");

    relay->local_token = option_text(invocation, "local-token");
    if (text_starts_with(listen, TEXT("/"))) {
        http->address = listen;
        return EXIT_OK;
    }
    if (!http_address_parse(listen, &http->address, &http->port))
        return command_fail(invocation, EXIT_USAGE,
                            "--listen is ADDRESS:PORT, or the whole path of a socket");
    if (!http_address_is_loopback(http->address) && text_is_empty(relay->local_token))
        return command_fail(invocation, EXIT_USAGE,
                            "others can reach this address: it needs a --local-token");
    return EXIT_OK;
}

static int read_config(struct relay *relay, const struct invocation *invocation,
                       struct relay_config *config)
{
    struct arena *arena = invocation->arena;
    text spool = option_text(invocation, "spool");
    text dead_letters = option_text(invocation, "dead-letters");
    int64_t bytes_max, batch, linger;

    *config = (struct relay_config){ .spool.directory = text_cstr(arena, spool) };
    if (!option_int(invocation, "spool-bytes", SPOOL_BYTES_MIN, INT64_MAX / 2, &bytes_max) ||
        !option_int(invocation, "batch", 1, LIMIT_EVENTS_PER_REQUEST, &batch) ||
        !option_int(invocation, "linger", 0, 3600000, &linger) ||
        !option_int(invocation, "in-flight", 1, RELAY_SENDERS_MAX, &relay->sender_count))
        return EXIT_USAGE;
    config->spool.bytes_max = (uint64_t)bytes_max;
    relay->limits = (struct spool_limits){ .events_max = (size_t)batch,
                                           .bytes_max = BATCH_BYTES,
                                           .linger_ns = linger * (NS_PER_SECOND / 1000) };
    relay->upstream = (struct carrier_http_config){
        .server = option_text(invocation, "server"),
        .token = option_text(invocation, "token"),
        .path = option_text(invocation, "upstream-path"),
        .retries = CARRIER_FOR_EVER,
        .is_cancelling = true,
        .on_retry = relay_tell_away,
        .state = relay,
    };
    relay->carrier = carrier_http(&relay->upstream);
    if (text_is_empty(dead_letters))
        dead_letters = text_format(arena, "%.*s/dead-letters.jsonl", TEXT_ARG(spool));
    relay->dead_letters_path = text_cstr(arena, dead_letters);
    return read_listen(relay, invocation, &config->http);
}

static int open_spool(struct relay *relay, const struct invocation *invocation,
                      const struct spool_config *config)
{
    struct spool_stats stats;
    const char *why;
    int letters;

    if (spool_open(config, invocation->arena, &relay->spool, &why) != OK)
        return command_fail(invocation, EXIT_TROUBLE, "%s", why);
    relay->dead_letters = fopen(relay->dead_letters_path, "ae");
    if (!relay->dead_letters)
        return command_fail(invocation, EXIT_TROUBLE, "%s: %s", relay->dead_letters_path,
                            strerror(errno));
    letters = fileno(relay->dead_letters);
    /* They hold what senders sent. */
    MUST(fchmod(letters, 0600) == 0 || errno == EPERM);
    spool_stats(relay->spool, &stats);
    log_info("spool_opened", LOG_CSTR("directory", config->directory),
             LOG_INT("pending", stats.pending));
    if (stats.cut_bytes > 0)
        log_warn("spool_tail_cut", LOG_INT("bytes", stats.cut_bytes));
    return EXIT_OK;
}

static int open_http(struct relay *relay, const struct invocation *invocation,
                     struct http_config *config)
{
    const char *why = "the address cannot be bound";
    text address = config->address;

    config->io_threads = 1;
    config->workers = WORKERS;
    config->handler = relay_handle;
    config->refuse = relay_refuse;
    config->state = relay;
    config->clock = relay->clock;
    config->random = &relay->random;
    if (http_server_start(config, &relay->http, &why) != OK)
        return command_fail(invocation, EXIT_TROUBLE, "%s", why);
    if (text_starts_with(address, TEXT("/")))
        printf("Tollgate relay listens on unix:%.*s\n", TEXT_ARG(address));
    else
        printf("Tollgate relay listens on http://%s%.*s%s:%u\n",
               memchr(address.ptr, ':', address.len) ? "[" : "", TEXT_ARG(address),
               memchr(address.ptr, ':', address.len) ? "]" : "",
               (unsigned)http_server_port(relay->http));
    fflush(stdout);
    return EXIT_OK;
}

/* Opens all, runs until a signal, closes in reverse. */
static int run(struct relay *relay, const struct invocation *invocation,
               struct relay_config *config)
{
    sigset_t stop = daemon_block_signals();
    int code = open_spool(relay, invocation, &config->spool);
    int signal_number;

    if (code == EXIT_OK)
        code = open_http(relay, invocation, &config->http);
    if (code == EXIT_OK) {
        relay_out_start(relay);
        MUST(sigwait(&stop, &signal_number) == 0);
        log_info("relay_stopping", LOG_INT("signal", signal_number));
        /* HTTP first: it waits for the requests it has accepted, and these need the spool. */
        http_server_stop(relay->http, STOP_GRACE_SECONDS);
        relay_out_stop(relay);
    }
    spool_close(relay->spool);
    if (relay->dead_letters)
        (void)fclose(relay->dead_letters);
    return code;
}

static int relay_run(const struct invocation *invocation)
{
    static struct relay relay; /* one per process */
    struct relay_config config;
    int code;

    relay.random = random_system();
    relay.clock = clock_system();
    MUST(pthread_mutex_init(&relay.dead_letters_mutex, NULL) == 0);
    code = read_config(&relay, invocation, &config);
    if (code != EXIT_OK)
        return code;
    daemon_open_log(invocation);
    return run(&relay, invocation, &config);
}

const struct command relay_command = {
    .name = "relay",
    .arguments = "",
    .summary = "take events near their senders and deliver them to a server",
    .about =
        "Takes events by HTTP at the paths the server has for them, answers when they are on\n"
        "its disk, and delivers them to --server in batches, again and again while the server\n"
        "is away. Nothing is lost and nothing counted twice, whichever of the two dies when.\n"
        "Events that the server refuses are written to the dead letters, with the reason.\n"
        "\n"
        "/health and /metrics tell how it fares.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate relay --server https://billing.example.com --token kpat_…\n"
                "tollgate relay --listen /run/tollgate/relay.sock --spool /var/spool/tollgate\n"
                "tollgate ingest events.jsonl --server unix:/run/tollgate/relay.sock\n",
    .run = relay_run,
};
