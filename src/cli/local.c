/* local.c: opening the state of a data directory for a command. */
#include "cli/local.h"

#include <errno.h>
#include <sys/stat.h>

#include "identity/org.h"

int local_open(struct local *local, const struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    text directory = option_text(invocation, "data");
    struct store_config config = { .readers = 1, .busy_ms = 5000 };
    char *why = NULL;

    *local = (struct local){ .random = random_system() };
    if (mkdir(text_cstr(arena, directory), 0700) != 0 && errno != EEXIST)
        return command_fail(invocation, EXIT_TROUBLE, "%.*s: the directory cannot be made",
                            TEXT_ARG(directory));
    config.path = text_cstr(arena, text_format(arena, "%.*s/state.db", TEXT_ARG(directory)));
    if (store_open(&config, &local->store, &why) != OK)
        return command_fail(invocation, EXIT_TROUBLE, "%s", why);
    local->cx = (struct cx){
        .arena = arena,
        .store = local->store,
        .ids = ids_new(&local->random),
        .random = &local->random,
        .role = ROLE_ADMIN,
        .actor = TEXT("cli"),
        .now = clock_now(clock_system()),
    };
    problem_init(&local->cx.problem, arena);
    if (org_ensure_default(local->store, local->cx.ids, local->cx.now, &local->cx.org) == OK)
        return EXIT_OK;
    local_close(local);
    return command_fail(invocation, EXIT_TROUBLE, "the organization cannot be read");
}

void local_close(struct local *local)
{
    ids_free(local->cx.ids);
    store_close(local->store);
}

int local_fail(struct local *local, const struct invocation *invocation, enum err err)
{
    const struct problem *problem = &local->cx.problem;
    const struct fault_info *info;

    if (!problem_is_set(problem))
        return command_fail(invocation, EXIT_TROUBLE, "%s", err_name(err));
    info = fault_info(problem->fault);
    return command_fail(invocation, info->kind == FAULT_KIND_ABSENT ? EXIT_ABSENT : EXIT_REFUSED,
                        "%s%s%.*s", info->sentence, text_is_empty(problem->detail) ? "" : ": ",
                        TEXT_ARG(problem->detail));
}
