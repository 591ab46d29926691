/* query.c: `tollgate query`: a meter's usage as a table. */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/remote.h"

static const char *const window_words[] = { "minute", "hour", "day", "month", NULL };

static const struct option options[] = {
    REMOTE_OPTIONS,
    OUTPUT_OPTION,
    { .name = "from", .value = "TIME", .about = "start of the period, RFC 3339" },
    { .name = "to", .value = "TIME", .about = "its end, not part of it" },
    { .name = "window", .value = "SIZE", .about = "one row for each", .words = window_words },
    { .name = "time-zone", .value = "ZONE", .about = "of the windows, as Europe/Budapest" },
    { .name = "group-by",
      .value = "NAME",
      .about = "a dimension, or subject; may be repeated",
      .is_repeatable = true },
    { .name = "subject",
      .value = "SUBJECT",
      .about = "only its usage; may be repeated",
      .is_repeatable = true },
    { .name = "customer",
      .value = "ID",
      .about = "only this customer's usage; may be repeated",
      .is_repeatable = true },
    { .name = "filter",
      .value = "NAME=VALUE",
      .about = "only where a dimension has this value",
      .is_repeatable = true },
};

static void add_param(struct buffer *path, const char *name, text value)
{
    if (!value.ptr)
        return;
    buffer_format(path, "%c%s=%.*s", memchr(path->ptr, '?', path->len) ? '&' : '?', name,
                  TEXT_ARG(http_percent_encode(path->arena, value)));
}

static void add_params(struct buffer *path, const char *name, const struct invocation *invocation,
                       const char *option)
{
    const text *values;
    size_t count = option_all(invocation, option, &values);

    for (size_t i = 0; i < count; i++)
        add_param(path, name, values[i]);
}

static void add_filters(struct buffer *path, const struct invocation *invocation)
{
    const text *values;
    size_t count = option_all(invocation, "filter", &values);

    for (size_t i = 0; i < count; i++) {
        text rest = values[i];
        text name = text_cut(&rest, '=');
        text param = text_format(path->arena, "filterGroupBy%%5B%.*s%%5D",
                                 TEXT_ARG(http_percent_encode(path->arena, name)));

        add_param(path, text_cstr(path->arena, param), rest.ptr ? rest : TEXT(""));
    }
}

/* The wire's windows are in upper case. */
static text upper(struct arena *arena, text word)
{
    struct buffer b = { .arena = arena };

    for (size_t i = 0; i < word.len; i++)
        buffer_add_char(&b, (char)(word.ptr[i] >= 'a' ? word.ptr[i] - 'a' + 'A' : word.ptr[i]));
    return word.ptr ? buffer_text(&b) : TEXT_NONE;
}

static text query_path(const struct invocation *invocation)
{
    struct arena *arena = invocation->arena;
    struct buffer path = { .arena = arena };

    buffer_format(&path, "/api/v1/meters/%.*s/query",
                  TEXT_ARG(http_percent_encode(arena, invocation->arguments[0])));
    add_param(&path, "from", option_text(invocation, "from"));
    add_param(&path, "to", option_text(invocation, "to"));
    add_param(&path, "windowSize", upper(arena, option_text(invocation, "window")));
    add_param(&path, "windowTimeZone", option_text(invocation, "time-zone"));
    add_params(&path, "groupBy", invocation, "group-by");
    add_params(&path, "subject", invocation, "subject");
    add_params(&path, "filterCustomerId", invocation, "customer");
    add_filters(&path, invocation);
    return buffer_text(&path);
}

/* A member as it stands in a table: text, number, or "-" when there is none. */
static text cell_of(const struct json *row, text key)
{
    const struct json *member = json_member(row, key);
    const struct json *group = json_member(row, TEXT("groupBy"));

    if (!member && group)
        member = json_member(group, key);
    if (!member || member->kind == JSON_NULL)
        return TEXT("-");
    return member->text;
}

/* Columns: from, to, what was grouped by (a filter by subject or customer groups too), value. */
static void print_result(const struct invocation *invocation, const struct json *data)
{
    static const char *const first[] = { "windowStart", "windowEnd", "subject", "customerId" };
    const text *groups;
    size_t count = option_all(invocation, "group-by", &groups);
    const char **columns = ARENA_ARRAY(invocation->arena, const char *, count + 6);
    bool *is_number = ARENA_ARRAY(invocation->arena, bool, count + 6);
    struct table table;
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(first); i++)
        if (i < 2 || (data->count > 0 &&
                      !text_equal(cell_of(&data->items[0], text_of(first[i])), TEXT("-"))))
            columns[n++] = first[i];
    for (size_t i = 0; i < count; i++)
        if (!text_equal(groups[i], TEXT("subject")) && !text_equal(groups[i], TEXT("customer_id")))
            columns[n++] = text_cstr(invocation->arena, groups[i]);
    is_number[n] = true;
    columns[n++] = "value";
    table = table_new(invocation->arena, columns, is_number);
    for (size_t r = 0; r < data->count; r++)
        for (size_t c = 0; c < n; c++)
            table_add(&table, cell_of(&data->items[r], text_of(columns[c])));
    table_print(&table, option_text(invocation, "output"), stdout);
}

static int query_run(const struct invocation *invocation)
{
    struct json data;
    int code = remote_get_data(invocation, query_path(invocation), &data);

    if (code == EXIT_OK)
        print_result(invocation, &data);
    return code;
}

const struct command query_command = {
    .name = "query",
    .arguments = "METER",
    .summary = "print a meter's usage",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate query agent_runs_total --group-by agent_name\n"
                "tollgate query tokens_total --subject acme-inc --window day --output csv\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = query_run,
};
