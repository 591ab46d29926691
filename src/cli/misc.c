/* misc.c: version, completion and man: what the program can say of itself. */
#include <sqlite3.h>

#include "cli/commands.h"
#include "store/store.h"

static int version_run(const struct invocation *invocation)
{
    printf("%s %s\nschema %d, sqlite %s\n", invocation->program->name, invocation->program->version,
           store_schema_newest(), sqlite3_libversion());
    return EXIT_OK;
}

const struct command version_command = {
    .name = "version",
    .arguments = "",
    .summary = "print the versions of the program and its schema",
    .run = version_run,
};

static int completion_run(const struct invocation *invocation)
{
    struct buffer out = { .arena = invocation->arena };

    if (!command_print_completion(invocation->program, invocation->arguments[0], &out))
        return command_fail(invocation, EXIT_USAGE, "the shells are bash and zsh");
    printf("%.*s", TEXT_ARG(buffer_text(&out)));
    return EXIT_OK;
}

const struct command completion_command = {
    .name = "completion",
    .arguments = "bash|zsh",
    .summary = "print a shell completion script",
    .examples = "source <(tollgate completion bash)\n"
                "tollgate completion zsh > ~/.zfunc/_tollgate\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = completion_run,
};

static int man_run(const struct invocation *invocation)
{
    struct buffer out = { .arena = invocation->arena };

    command_print_man(invocation->program, &out);
    printf("%.*s", TEXT_ARG(buffer_text(&out)));
    return EXIT_OK;
}

const struct command man_command = {
    .name = "man",
    .arguments = "",
    .summary = "print the manual page, as roff",
    .examples = "tollgate man | man -l -\n",
    .run = man_run,
};
