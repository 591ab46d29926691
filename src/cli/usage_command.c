/* usage_command.c: `tollgate usage check`: every byte of the events and their rollups, compared
 * with its checksum and with each other. */
#include <errno.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/local.h"
#include "meter/meter_rollup.h"
#include "rollup/rollup.h"

static const struct option options[] = { DATA_OPTION };

struct check {
    const char *directory; /* the part of the data directory that is looked at */
    uint64_t flaws;
};

static void tell_flaw(void *state, const struct usage_damage *damage)
{
    struct check *check = state;

    check->flaws++;
    printf("%s/%s: at byte %llu: %s\n", check->directory, damage->file,
           (unsigned long long)damage->offset, damage->what);
}

static int check_rollups(struct local *local, const struct invocation *invocation,
                         struct check *check)
{
    struct arena *arena = invocation->arena;
    text data = option_text(invocation, "data");
    struct rollup_config config = {
        .directory = text_cstr(arena, text_format(arena, "%.*s/rollup", TEXT_ARG(data))),
        .usage = local->usage,
        .is_idle = true,
    };
    enum err err = rollup_open(&config, &local->cx.rollup);

    if (err == OK)
        err = meter_rollups_keep(&local->cx);
    check->directory = "rollup";
    if (err == OK)
        err = rollup_check(local->cx.rollup, tell_flaw, check);
    if (local->cx.rollup)
        rollup_close(local->cx.rollup);
    local->cx.rollup = NULL;
    if (err == OK)
        return EXIT_OK;
    return command_fail(invocation, EXIT_TROUBLE, "the rollups cannot be read: %s", err_name(err));
}

static int check_all(struct local *local, const struct invocation *invocation)
{
    struct check check = { .directory = "usage" };
    enum err err = usage_check(local->usage, tell_flaw, &check);
    struct usage_stats stats;
    int code;

    if (err != OK)
        return command_fail(invocation, EXIT_TROUBLE, "the events cannot be read: %s",
                            err_name(err));
    /* What is made of damaged events says nothing. */
    code = check.flaws == 0 ? check_rollups(local, invocation, &check) : EXIT_OK;
    if (code != EXIT_OK)
        return code;
    usage_stats(local->usage, &stats);
    printf("%llu events, %llu bytes, %llu flaws\n", (unsigned long long)stats.events,
           (unsigned long long)stats.bytes_on_disk, (unsigned long long)check.flaws);
    return check.flaws > 0 ? EXIT_REFUSED : EXIT_OK;
}

static int usage_run(const struct invocation *invocation)
{
    const char *data = text_cstr(invocation->arena, option_text(invocation, "data"));
    struct local local;
    int code;

    if (!text_equal(invocation->arguments[0], TEXT("check")))
        return command_fail(invocation, EXIT_USAGE, "wants check");
    if (access(data, F_OK) != 0)
        return command_fail(invocation, EXIT_ABSENT, "%s: %s", data, strerror(errno));
    code = local_open_usage(&local, invocation);
    if (code != EXIT_OK)
        return code;
    code = check_all(&local, invocation);
    local_close(&local);
    return code;
}

const struct command usage_command = {
    .name = "usage",
    .arguments = "check",
    .summary = "check the events of a data directory",
    .about =
        "Reads every file of events, of their keys and of rollups, compares each checksum, and\n"
        "the files with each other: keys with events, rollups with raw events. Prints a line\n"
        "for each flaw and fails when there is one; rollups at fault are made anew. No server\n"
        "may run on the directory.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate usage check --data /var/lib/tollgate\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = usage_run,
};
