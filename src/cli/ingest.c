/* ingest.c: `tollgate ingest`: sends a file of usage to a server, in batches, with retry.
 *
 * Sending the same file twice counts nothing twice: the server drops duplicates by (source, id).
 */
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/remote.h"

static const struct option options[] = {
    REMOTE_OPTIONS,
    INPUT_OPTIONS,
    FEEDER_OPTIONS,
    { .name = "connections",
      .value = "N",
      .about = "batches under way at a time; with 1 events arrive in the order of the file",
      .fallback = "4" },
    { .name = "retries",
      .value = "N",
      .about = "how often a batch is sent again when the server is away or busy",
      .fallback = "10" },
};

static int ingest_run(const struct invocation *invocation)
{
    struct carrier_http_config http = {
        .server = option_text(invocation, "server"),
        .token = option_text(invocation, "token"),
    };
    struct carrier carrier = carrier_http(&http);
    struct feeder_config config = {
        .invocation = invocation,
        .carrier = &carrier,
        .destination = http.server,
    };

    if (!option_int(invocation, "retries", 0, 1000, &http.retries) ||
        !option_int(invocation, "connections", 1, 64, &config.connections))
        return EXIT_USAGE;
    return input_feed(&config);
}

const struct command ingest_command = {
    .name = "ingest",
    .arguments = "FILE|-",
    .summary = "send a file of usage events",
    .about = "FILE holds CloudEvents as JSON lines or as one array, CSV with a header line, or an\n"
             "access log in the combined format; gzip is read as it is. Sending a file again is\n"
             "safe: what the server has is dropped as a duplicate.\n"
             "\n"
             "With --resume an interrupted run is taken up where it stopped, and of a file that\n"
             "has grown only the new part is sent.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples =
        "tollgate ingest events.jsonl\n"
        "zcat events.jsonl.gz | tollgate ingest -\n"
        "tollgate ingest usage.csv --set type=api_call --column subject=account\n"
        "tollgate ingest /var/log/nginx/access.log --set source=web-1\n"
        "tollgate ingest big.jsonl.gz --connections 8 --resume big.position --rejects bad.jsonl\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = ingest_run,
};
