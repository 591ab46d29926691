/* remote.c: calls to a server, and their failures in words. */
#include "cli/remote.h"

void remote_open(struct remote *remote, const struct invocation *invocation)
{
    *remote = (struct remote){
        .invocation = invocation,
        .arena = invocation->arena,
        .client =
            http_client_new(option_text(invocation, "server"), option_text(invocation, "token")),
    };
}

void remote_close(struct remote *remote)
{
    http_client_free(remote->client);
    remote->client = NULL;
}

int remote_exit(int status)
{
    if (status == 401 || status == 403)
        return EXIT_DENIED;
    if (status == 404 || status == 410)
        return EXIT_ABSENT;
    return status >= 500 || status == 429 ? EXIT_UNREACHABLE : EXIT_REFUSED;
}

static text member_text(const struct json *object, const char *key)
{
    const struct json *member = json_member(object, text_of(key));

    return member && member->kind == JSON_TEXT ? member->text : TEXT_NONE;
}

/* The fields that the server found at fault. */
static void read_fields(const struct json *problem, struct arena *arena, struct remote_problem *ret)
{
    const struct json *fields = json_member(problem, TEXT("invalid_parameters"));
    const struct json *extensions = json_member(problem, TEXT("extensions"));

    if (!fields && extensions)
        fields = json_member(extensions, TEXT("validationErrors"));
    if (!fields || fields->kind != JSON_ARRAY)
        return;
    ret->fields = ARENA_ARRAY(arena, struct remote_field, fields->count);
    for (size_t i = 0; i < fields->count; i++) {
        text field = member_text(&fields->items[i], "field");
        text reason = member_text(&fields->items[i], "reason");

        if (!reason.ptr)
            reason = member_text(&fields->items[i], "message");
        /* Without a field it repeats the detail. */
        if (field.ptr)
            ret->fields[ret->count++] = (struct remote_field){ field, reason };
    }
}

struct remote_problem remote_problem_read(const struct http_answer *answer, struct arena *arena)
{
    struct remote_problem ret = { .detail = TEXT("(the answer says no more)") };
    struct json_fault fault;
    struct json problem;
    text detail;

    ret.is_problem = json_parse(arena, answer->body, &problem, &fault);
    if (!ret.is_problem)
        return ret;
    detail = member_text(&problem, "detail");
    if (detail.ptr)
        ret.detail = detail;
    read_fields(&problem, arena, &ret);
    return ret;
}

int remote_fail(struct remote *remote)
{
    struct remote_problem problem = remote_problem_read(&remote->answer, remote->arena);

    (void)command_fail(remote->invocation, 0, "%d %.*s", remote->answer.status,
                       TEXT_ARG(problem.detail));
    for (size_t i = 0; i < problem.count; i++)
        fprintf(stderr, "  %.*s: %.*s\n", TEXT_ARG(problem.fields[i].field),
                TEXT_ARG(problem.fields[i].reason));
    return remote_exit(remote->answer.status);
}

int remote_call(struct remote *remote, const struct http_call *call)
{
    enum err err = http_client_call(remote->client, call, remote->arena, &remote->answer);

    if (err != OK)
        return command_fail(remote->invocation, EXIT_UNREACHABLE, "%.*s: %.*s",
                            TEXT_ARG(option_text(remote->invocation, "server")),
                            TEXT_ARG(remote->answer.body));
    if (remote->answer.status < 200 || remote->answer.status > 299)
        return remote_fail(remote);
    return EXIT_OK;
}

int remote_get_json(struct remote *remote, text path, struct json *ret)
{
    struct http_call call = { .method = HTTP_GET, .path = path };
    struct json_fault fault;
    int code = remote_call(remote, &call);

    if (code != EXIT_OK)
        return code;
    if (!json_parse(remote->arena, remote->answer.body, ret, &fault))
        return command_fail(remote->invocation, EXIT_UNREACHABLE, "the answer is not JSON");
    return EXIT_OK;
}

int remote_get_data(const struct invocation *invocation, text path, struct json *ret)
{
    const struct json *data;
    struct remote remote;
    struct json answer;
    int code;

    remote_open(&remote, invocation);
    code = remote_get_json(&remote, path, &answer);
    remote_close(&remote);
    if (code != EXIT_OK)
        return code;
    data = json_member(&answer, TEXT("data"));
    if (!data || data->kind != JSON_ARRAY)
        return command_fail(invocation, EXIT_UNREACHABLE, "the answer has no data");
    *ret = *data;
    return EXIT_OK;
}
