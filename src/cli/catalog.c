/* catalog.c: `tollgate catalog`: the catalog as a file that is kept, compared and applied. */
#include "cli/catalog.h"

#include <errno.h>
#include <unistd.h>

#include "base/limits.h"
#include "catalog/price_list.h"
#include "cli/commands.h"
#include "cli/remote.h"

static const char *const format_words[] = { "text", "json", NULL };

static const struct option options[] = {
    REMOTE_OPTIONS,
    { .name = "file",
      .value = "FILE",
      .about = "the catalog as it is to be, YAML or JSON; - is standard input",
      .letter = 'f' },
    { .name = "prune", .about = "archive or delete what the file's sections lack" },
    { .name = "format",
      .value = "FORMAT",
      .about = "of what plan and apply print; export: json in place of YAML",
      .fallback = "text",
      .words = format_words },
};

#define CATALOG_PATH "/v3/openmeter/catalog"

/* Rating what is open takes its time when there are many customers. */
#define CALL_SECONDS 600

static bool wants_json(const struct invocation *invocation)
{
    return text_equal(option_text(invocation, "format"), TEXT("json"));
}

/* ---- the file ------------------------------------------------------------------------------ */

/* Reads all of it, or as much as shows that it is too large. */
static bool read_all(int fd, struct buffer *body)
{
    char part[65536];
    ssize_t got;

    while ((got = read(fd, part, sizeof part)) > 0 && body->len <= LIMIT_BODY_BYTES)
        buffer_add(body, (text){ part, (size_t)got });
    return got >= 0;
}

static int file_open(const struct invocation *invocation, text name, FILE **ret)
{
    *ret = text_equal(name, TEXT("-")) ? stdin : fopen(text_cstr(invocation->arena, name), "rbe");
    if (*ret)
        return EXIT_OK;
    return command_fail(invocation, errno == ENOENT ? EXIT_ABSENT : EXIT_TROUBLE,
                        "%.*s cannot be read: %s", TEXT_ARG(name), strerror(errno));
}

static int file_parse(struct catalog_file *file, const struct invocation *invocation, text body)
{
    struct yaml_faults faults;

    if (yaml_parse(invocation->arena, body, &file->root, &faults))
        return EXIT_OK;
    for (size_t i = 0; i < faults.count; i++)
        fprintf(stderr, "%.*s:%lld:%lld: %.*s\n", TEXT_ARG(file->name),
                (long long)faults.items[i].mark.line, (long long)faults.items[i].mark.column,
                TEXT_ARG(faults.items[i].reason));
    return EXIT_REFUSED;
}

static int file_read(const struct invocation *invocation, struct catalog_file *ret)
{
    struct buffer body = { .arena = invocation->arena };
    FILE *stream;
    bool is_read;
    int code;

    ret->name = option_text(invocation, "file");
    if (!ret->name.ptr)
        return command_fail(invocation, EXIT_USAGE, "wants --file");
    code = file_open(invocation, ret->name, &stream);
    if (code != EXIT_OK)
        return code;
    is_read = read_all(fileno(stream), &body);
    if (stream != stdin)
        (void)fclose(stream);
    if (!is_read)
        return command_fail(invocation, EXIT_TROUBLE, "%.*s cannot be read", TEXT_ARG(ret->name));
    return file_parse(ret, invocation, buffer_text(&body));
}

/* ---- calls --------------------------------------------------------------------------------- */

/* Faults of the document become faults of the file. */
static int document_fail(struct remote *remote, const struct catalog_file *file)
{
    struct remote_problem problem = remote_problem_read(&remote->answer, remote->arena);

    if (problem.count == 0)
        return remote_fail(remote);
    catalog_print_faults(file, &problem, stderr);
    return remote_exit(remote->answer.status);
}

/* Sends the document; `base` may be empty. The answer is parsed. */
static int document_send(struct remote *remote, const struct catalog_file *file, text action,
                         text base, struct json *ret)
{
    struct buffer body = { .arena = remote->arena };
    struct json_writer w = json_writer_of(&body);
    struct http_call call = {
        .method = HTTP_POST,
        .path = text_format(remote->arena, CATALOG_PATH "/%.*s", TEXT_ARG(action)),
        .content_type = TEXT("application/json"),
        .timeout_seconds = CALL_SECONDS,
    };
    struct json_fault fault;
    enum err err;

    json_object_begin(&w);
    json_key(&w, TEXT("document"));
    yaml_write_json(&file->root, &w);
    json_key(&w, TEXT("prune"));
    json_bool(&w, option_is_set(remote->invocation, "prune"));
    if (!text_is_empty(base))
        json_member_text(&w, "base", base);
    json_object_end(&w);
    call.body = buffer_text(&body);
    err = http_client_call(remote->client, &call, remote->arena, &remote->answer);
    if (err == OK && remote->answer.status != 200)
        return document_fail(remote, file);
    if (err != OK)
        return command_fail(remote->invocation, EXIT_UNREACHABLE, "%.*s: %.*s",
                            TEXT_ARG(option_text(remote->invocation, "server")),
                            TEXT_ARG(remote->answer.body));
    if (!json_parse(remote->arena, remote->answer.body, ret, &fault))
        return command_fail(remote->invocation, EXIT_UNREACHABLE, "the answer is not JSON");
    return EXIT_OK;
}

/* ---- the actions --------------------------------------------------------------------------- */

static int export(struct remote *remote)
{
    struct buffer out = { .arena = remote->arena };
    struct json document;
    int code = remote_get_json(remote, TEXT(CATALOG_PATH "/export"), &document);

    if (code != EXIT_OK)
        return code;
    if (wants_json(remote->invocation)) {
        printf("%.*s\n", TEXT_ARG(document.raw));
        return EXIT_OK;
    }
    yaml_print(&document, &out);
    printf("%.*s", TEXT_ARG(buffer_text(&out)));
    return EXIT_OK;
}

static int plan(struct remote *remote)
{
    struct catalog_file file;
    struct json answer = { 0 };
    int code = file_read(remote->invocation, &file);

    if (code == EXIT_OK)
        code = document_send(remote, &file, TEXT("plan"), TEXT_NONE, &answer);
    if (code != EXIT_OK)
        return code;
    if (wants_json(remote->invocation))
        printf("%.*s\n", TEXT_ARG(answer.raw));
    else
        catalog_print_plan(&answer, remote->arena, stdout);
    return EXIT_OK;
}

/* Looks at the plan first and applies that very plan: what others change meanwhile is not run
 * over. */
static int apply(struct remote *remote)
{
    struct catalog_file file;
    struct json planned = { 0 }, answer = { 0 };
    const struct json *base;
    int code = file_read(remote->invocation, &file);

    if (code == EXIT_OK)
        code = document_send(remote, &file, TEXT("plan"), TEXT_NONE, &planned);
    if (code != EXIT_OK)
        return code;
    base = json_member(&planned, TEXT("base"));
    code = document_send(remote, &file, TEXT("apply"), base ? base->text : TEXT_NONE, &answer);
    if (code != EXIT_OK)
        return code;
    if (wants_json(remote->invocation))
        printf("%.*s\n", TEXT_ARG(answer.raw));
    else
        catalog_print_applied(&answer, remote->arena, stdout);
    return EXIT_OK;
}

static int schema(struct remote *remote)
{
    struct buffer out = { .arena = remote->arena };
    struct json_writer w = json_writer_of(&out);

    price_list_schema(&w);
    printf("%.*s\n", TEXT_ARG(buffer_text(&out)));
    return EXIT_OK;
}

static int catalog_run(const struct invocation *invocation)
{
    static const struct {
        const char *word;
        int (*run)(struct remote *remote);
    } actions[] = {
        { "export", export }, { "plan", plan }, { "apply", apply }, { "schema", schema }
    };

    for (size_t i = 0; i < COUNT_OF(actions); i++) {
        struct remote remote;
        int code;

        if (!text_equal(invocation->arguments[0], text_of(actions[i].word)))
            continue;
        remote_open(&remote, invocation);
        code = actions[i].run(&remote);
        remote_close(&remote);
        return code;
    }
    return command_fail(invocation, EXIT_USAGE, "wants export, plan, apply or schema");
}

const struct command catalog_command = {
    .name = "catalog",
    .arguments = "export|plan|apply|schema",
    .summary = "keep the catalog as a file",
    .about =
        "export prints the catalog as YAML. plan prints what applying a file would change, value\n"
        "by value, and for changed prices the money that moving the subscriptions to them would\n"
        "move of the charges that are open. apply makes the catalog like the file, all of it or\n"
        "nothing. schema prints a JSON schema of the file, for editors.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate catalog export >catalog.yaml\n"
                "tollgate catalog plan -f catalog.yaml\n"
                "tollgate catalog apply -f catalog.yaml --prune\n"
                "tollgate catalog schema >catalog.schema.json\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = catalog_run,
};
