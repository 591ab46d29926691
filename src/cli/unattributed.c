/* unattributed.c: `tollgate unattributed`: usage that nobody pays for. */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/remote.h"

static const struct option options[] = {
    REMOTE_OPTIONS,
    OUTPUT_OPTION,
    { .name = "from", .value = "TIME", .about = "only events from then on, RFC 3339" },
    { .name = "to", .value = "TIME", .about = "only events before then" },
};

static text query_path(const struct invocation *invocation)
{
    struct buffer path = { .arena = invocation->arena };
    static const char *const names[] = { "from", "to" };

    buffer_add_cstr(&path, "/v3/usage/unattributed");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        text value = option_text(invocation, names[i]);

        if (value.ptr)
            buffer_format(&path, "%c%s=%.*s",
                          i == 0 || !memchr(path.ptr, '?', path.len) ? '?' : '&', names[i],
                          TEXT_ARG(http_percent_encode(path.arena, value)));
    }
    return buffer_text(&path);
}

static void print_rows(const struct invocation *invocation, const struct json *rows)
{
    static const char *const columns[] = { "subject", "events", "first_at", "last_at", NULL };
    static const bool is_number[] = { false, true, false, false };
    struct table table = table_new(invocation->arena, columns, is_number);

    for (size_t i = 0; i < rows->count; i++) {
        for (size_t c = 0; columns[c]; c++) {
            const struct json *cell = json_member(&rows->items[i], text_of(columns[c]));

            table_add(&table, cell ? cell->text : TEXT("-"));
        }
    }
    table_print(&table, option_text(invocation, "output"), stdout);
}

static int unattributed_run(const struct invocation *invocation)
{
    struct json rows;
    int code = remote_get_data(invocation, query_path(invocation), &rows);

    if (code == EXIT_OK)
        print_rows(invocation, &rows);
    return code;
}

const struct command unattributed_command = {
    .name = "unattributed",
    .arguments = "",
    .summary = "list subjects with usage that no customer pays for",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate unattributed --from 2026-01-01T00:00:00Z\n",
    .run = unattributed_run,
};
