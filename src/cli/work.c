/* work.c: `tollgate work --once`: does what is due, for machines on which nothing runs but cron. */
#include "cli/commands.h"
#include "cli/local.h"
#include "worker/worker.h"

static const struct option options[] = {
    DATA_OPTION,
    { .name = "once", .about = "do what is due now, then end; there is no other way" },
};

static int work_once(struct local *local, const struct invocation *invocation)
{
    struct worker_config config = {
        .store = local->store,
        .usage = local->usage,
        .clock = clock_system(),
        .ids = local->cx.ids,
        .random = &local->random,
    };
    struct worker *worker = worker_new(&config);
    struct worker_stats stats;
    enum err err = worker_run_due(worker);

    if (err == OK)
        err = worker_finish_clocks(worker);

    worker_stats(worker, &stats);
    worker_free(worker);
    if (err != OK)
        return local_fail(local, invocation, err);
    printf("%llu done, %llu to be tried again, %llu parked\n", (unsigned long long)stats.done,
           (unsigned long long)stats.retried, (unsigned long long)stats.parked);
    return stats.parked > 0 ? EXIT_REFUSED : EXIT_OK;
}

static int work_run(const struct invocation *invocation)
{
    struct local local;
    int code;

    if (!option_is_set(invocation, "once"))
        return command_fail(invocation, EXIT_USAGE, "wants --once: a server works by itself");
    code = local_open_usage(&local, invocation);
    if (code != EXIT_OK)
        return code;
    code = work_once(&local, invocation);
    local_close(&local);
    return code;
}

const struct command work_command = {
    .name = "work",
    .arguments = "",
    .summary = "do the work that is due",
    .about =
        "Makes lines and invoices, issues and collects what is due by now, brings test clocks to\n"
        "where they are on their way to, and ends. A server "
        "does\n"
        "this by itself; this is for a data directory without one, from cron. No server may "
        "run on\n"
        "the directory. Fails when work had to be set aside: see the parked work in the API.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate work --once --data /var/lib/tollgate\n",
    .run = work_run,
};
