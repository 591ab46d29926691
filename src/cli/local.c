/* local.c: opening the state of a data directory for a command. */
#include "cli/local.h"

#include <errno.h>
#include <sys/stat.h>

#include "identity/org.h"

static int make_data(const struct invocation *invocation)
{
    text directory = option_text(invocation, "data");

    if (mkdir(text_cstr(invocation->arena, directory), 0700) != 0 && errno != EEXIST)
        return command_fail(invocation, EXIT_TROUBLE, "%.*s: the directory cannot be made",
                            TEXT_ARG(directory));
    return EXIT_OK;
}

/* Opens the state beside what is open. */
static int open_state(struct local *local, const struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    text directory = option_text(invocation, "data");
    struct store_config config = { .readers = 1, .busy_ms = 5000 };
    char *why = NULL;

    config.path = text_cstr(arena, text_format(arena, "%.*s/state.db", TEXT_ARG(directory)));
    if (store_open(&config, &local->store, &why) != OK)
        return command_fail(invocation, EXIT_TROUBLE, "%s", why);
    local->cx = (struct cx){
        .arena = arena,
        .store = local->store,
        .usage = local->usage,
        .ids = ids_new(&local->random),
        .random = &local->random,
        .role = ROLE_ADMIN,
        .actor = TEXT("cli"),
        .now = clock_now(clock_system()),
    };
    problem_init(&local->cx.problem, arena);
    if (org_ensure_default(local->store, local->cx.ids, local->cx.now, &local->cx.org) == OK)
        return EXIT_OK;
    return command_fail(invocation, EXIT_TROUBLE, "the organization cannot be read");
}

int local_open(struct local *local, const struct invocation *invocation)
{
    int code = make_data(invocation);

    *local = (struct local){ .random = random_system() };
    if (code == EXIT_OK)
        code = open_state(local, invocation);
    if (code != EXIT_OK)
        local_close(local);
    return code;
}

static int fail_usage(const struct invocation *invocation, enum err err,
                      const struct usage_damage *damage)
{
    if (err == ERR_CORRUPT && damage->file[0] != '\0')
        return command_fail(invocation, EXIT_REFUSED, "usage/%s: at byte %llu: %s", damage->file,
                            (unsigned long long)damage->offset, damage->what);
    if (err == ERR_CORRUPT)
        return command_fail(invocation, EXIT_REFUSED, "the events are damaged");
    if (err == ERR_BUSY)
        return command_fail(invocation, EXIT_TROUBLE,
                            "the data directory is in use by another process: stop the server");
    return command_fail(invocation, EXIT_TROUBLE, "the events cannot be opened: %s", err_name(err));
}

int local_open_usage(struct local *local, const struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct usage_damage damage = { 0 };
    struct usage_config config = { .damage = &damage };
    text path = text_format(arena, "%.*s/usage", TEXT_ARG(option_text(invocation, "data")));
    int code = make_data(invocation);
    enum err err;

    *local = (struct local){ .random = random_system() };
    if (code != EXIT_OK)
        return code;
    config.directory = text_cstr(arena, path);
    err = usage_open(&config, &local->usage, NULL);
    if (err != OK)
        return fail_usage(invocation, err, &damage);
    code = open_state(local, invocation);
    if (code != EXIT_OK)
        local_close(local);
    return code;
}

void local_close(struct local *local)
{
    ids_free(local->cx.ids);
    store_close(local->store);
    if (local->usage)
        usage_close(local->usage);
}

int local_fail(struct local *local, const struct invocation *invocation, enum err err)
{
    const struct problem *problem = &local->cx.problem;
    bool is_absent;

    if (!problem_is_set(problem))
        return command_fail(invocation, EXIT_TROUBLE, "%s", err_name(err));
    is_absent = fault_info(problem->fault)->kind == FAULT_KIND_ABSENT;
    return command_fail(invocation, is_absent ? EXIT_ABSENT : EXIT_REFUSED, "%.*s",
                        TEXT_ARG(problem_sentence(problem)));
}
