/* load.c: `tollgate load`: reads a file of usage straight into a data directory, without a server:
 * the way to bring years of events in. */
#include "cli/commands.h"
#include "cli/input.h"
#include "cli/local.h"

static const struct option options[] = {
    DATA_OPTION,
    INPUT_OPTIONS,
    FEEDER_OPTIONS,
    { .name = "threads",
      .value = "N",
      .about = "batches read at a time; with 1 events keep the order of the file",
      .fallback = "4" },
};

/* Seals what has come, so that the first server need not. */
static int seal(struct local *local, const struct invocation *invocation, int code)
{
    enum err err = usage_seal(local->usage);

    if (err == OK || code != EXIT_OK)
        return code;
    return command_fail(invocation, EXIT_TROUBLE, "the events are there, but not sealed: %s",
                        err_name(err));
}

static int load_run(const struct invocation *invocation)
{
    struct feeder_config config = { .invocation = invocation,
                                    .destination = option_text(invocation, "data") };
    struct carrier_local_config target = { .clock = clock_system() };
    struct carrier carrier = carrier_local(&target);
    struct local local;
    int code;

    if (!option_int(invocation, "threads", 1, 64, &config.connections))
        return EXIT_USAGE;
    code = local_open_usage(&local, invocation);
    if (code != EXIT_OK)
        return code;
    target.usage = local.usage;
    target.org = local.cx.org;
    config.carrier = &carrier;
    code = seal(&local, invocation, input_feed(&config));
    local_close(&local);
    return code;
}

const struct command load_command = {
    .name = "load",
    .arguments = "FILE|-",
    .summary = "read a file of usage events into a data directory, without a server",
    .about =
        "Takes what `tollgate ingest` takes and drops duplicates as the server does, but works\n"
        "on the data directory itself, several times as fast. No server may run on it.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples =
        "tollgate load history.jsonl.gz --data /var/lib/tollgate --resume history.position\n"
        "tollgate load usage.csv --set type=api_call --column subject=account\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = load_run,
};
