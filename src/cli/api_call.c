/* api_call.c: `tollgate api`: any call to the server, for scripts without other tools. */
#include <unistd.h>

#include "cli/commands.h"
#include "cli/remote.h"

#define BODY_BYTES_MAX (64 * 1024 * 1024)

static const struct option options[] = {
    REMOTE_OPTIONS,
    { .name = "type",
      .value = "TYPE",
      .about = "Content-Type of the body",
      .fallback = "application/json" },
    { .name = "accept", .value = "TYPE", .about = "media type wanted", .fallback = "" },
    { .name = "pick",
      .value = "PATH",
      .about = "print one value of the JSON answer, such as "
               "$.data[0].id" },
};

/* Reads all of standard input. */
static bool read_stdin(struct buffer *body)
{
    char part[16384];
    ssize_t got;

    body->max = BODY_BYTES_MAX;
    while ((got = read(STDIN_FILENO, part, sizeof part)) > 0)
        buffer_add(body, (text){ part, (size_t)got });
    return got == 0 && !body->is_over;
}

static bool parse_method(text word, enum http_method *ret)
{
    for (int m = 0; m < HTTP_METHOD_COUNT; m++) {
        if (text_equal_nocase(word, text_of(http_method_name((enum http_method)m)))) {
            *ret = (enum http_method)m;
            return true;
        }
    }
    return false;
}

static int print_picked(struct remote *remote, text path)
{
    const struct json *value;
    struct json_fault fault;
    struct json_path steps;
    struct json root;

    if (!json_path_parse(remote->arena, path, &steps))
        return command_fail(remote->invocation, EXIT_USAGE, "--pick: no path: %.*s",
                            TEXT_ARG(path));
    if (!json_parse(remote->arena, remote->answer.body, &root, &fault))
        return command_fail(remote->invocation, EXIT_ABSENT, "the answer is not JSON");
    value = json_path_get(&root, &steps);
    if (!value)
        return command_fail(remote->invocation, EXIT_ABSENT, "the answer has no %.*s",
                            TEXT_ARG(path));
    printf("%.*s\n", TEXT_ARG(value->kind == JSON_TEXT ? value->text : value->raw));
    return EXIT_OK;
}

static int call_and_print(struct remote *remote, const struct http_call *call)
{
    text pick = option_text(remote->invocation, "pick");
    int code = remote_call(remote, call);

    if (code != EXIT_OK)
        return code;
    if (pick.ptr)
        return print_picked(remote, pick);
    fwrite(remote->answer.body.ptr, 1, remote->answer.body.len, stdout);
    if (remote->answer.body.len > 0 && !text_ends_with(remote->answer.body, TEXT("\n")))
        putchar('\n');
    return EXIT_OK;
}

static int api_run(const struct invocation *invocation)
{
    struct buffer body = { .arena = invocation->arena };
    struct http_call call = { .path = invocation->arguments[1] };
    struct remote remote;
    int code;

    if (!parse_method(invocation->arguments[0], &call.method))
        return command_fail(invocation, EXIT_USAGE, "\"%.*s\" is no method",
                            TEXT_ARG(invocation->arguments[0]));
    if (invocation->argument_count > 2) {
        call.content_type = option_text(invocation, "type");
        call.body = invocation->arguments[2];
        if (text_equal(call.body, TEXT("-"))) {
            if (!read_stdin(&body))
                return command_fail(invocation, EXIT_TROUBLE, "standard input cannot be read");
            call.body = buffer_text(&body);
        }
    }
    call.accept = option_text(invocation, "accept");
    remote_open(&remote, invocation);
    code = call_and_print(&remote, &call);
    remote_close(&remote);
    return code;
}

const struct command api_command = {
    .name = "api",
    .arguments = "METHOD PATH [BODY|-]",
    .summary = "make any call to the server's API and print the answer",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate api GET /v3/openmeter/meters\n"
                "tollgate api POST /v3/openmeter/customers '{\"key\":\"acme\",\"name\":\"Acme\"}' "
                "--pick '$.id'\n",
    .arguments_min = 2,
    .arguments_max = 3,
    .run = api_run,
};
