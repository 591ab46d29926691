/* preview.c: `tollgate preview`: what a customer would be invoiced now, as a table. */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/remote.h"

static const struct option options[] = { REMOTE_OPTIONS, OUTPUT_OPTION };

static const char *const columns[] = { "line",   "period", "quantity", "unit price",
                                       "amount", "total",  NULL };
static const bool is_number[] = { false, false, true, true, true, true };

/* The member at a path of names; TEXT("-") when there is none. */
static text at_path(struct arena *arena, const struct json *value, const char *path)
{
    struct json_path steps;
    const struct json *found;

    MUST(json_path_parse(arena, text_of(path), &steps));
    found = json_path_get(value, &steps);
    return found && found->kind != JSON_NULL ? found->text : TEXT("-");
}

static text period_of(struct arena *arena, const struct json *value)
{
    text from = at_path(arena, value, "$.service_period.from");
    text to = at_path(arena, value, "$.service_period.to");

    return text_format(arena, "%.*s - %.*s", TEXT_ARG(text_slice(from, 0, 10)),
                       TEXT_ARG(text_slice(to, 0, 10)));
}

/* One row for each detailed line; a line without any shows its quantity and nothing to pay. */
static void add_line(struct table *table, const struct json *line)
{
    struct arena *arena = table->arena;
    const struct json *details = json_member(line, TEXT("detailed_lines"));

    for (size_t i = 0; details && i < details->count; i++) {
        const struct json *detail = &details->items[i];

        table_add(table, at_path(arena, detail, "$.name"));
        table_add(table, period_of(arena, line));
        table_add(table, at_path(arena, detail, "$.quantity"));
        table_add(table, at_path(arena, detail, "$.unit_price"));
        table_add(table, at_path(arena, detail, "$.totals.amount"));
        table_add(table, at_path(arena, detail, "$.totals.total"));
    }
    if (details && details->count > 0)
        return;
    table_add(table, at_path(arena, line, "$.name"));
    table_add(table, period_of(arena, line));
    table_add(table, at_path(arena, line, "$.usage_quantity_detail.raw_quantity"));
    table_add(table, TEXT("-"));
    table_add(table, at_path(arena, line, "$.totals.amount"));
    table_add(table, at_path(arena, line, "$.totals.total"));
}

static void print_invoice(const struct invocation *invocation, const struct json *invoice)
{
    struct arena *arena = invocation->arena;
    text form = option_text(invocation, "output");
    bool is_table = text_equal(form, TEXT("table"));
    const struct json *lines = json_member(invoice, TEXT("lines"));
    struct table table = table_new(arena, columns, is_number);

    for (size_t i = 0; lines && i < lines->count; i++)
        add_line(&table, &lines->items[i]);
    if (is_table)
        printf("%.*s  %.*s  %.*s, so far\n\n", TEXT_ARG(at_path(arena, invoice, "$.number")),
               TEXT_ARG(at_path(arena, invoice, "$.customer.name")),
               TEXT_ARG(period_of(arena, invoice)));
    table_print(&table, form, stdout);
    if (is_table)
        printf("\nTotal  %.*s %.*s\n", TEXT_ARG(at_path(arena, invoice, "$.totals.total")),
               TEXT_ARG(at_path(arena, invoice, "$.currency")));
}

static int preview(struct remote *remote)
{
    const struct invocation *invocation = remote->invocation;
    struct arena *arena = invocation->arena;
    const struct json *data;
    struct json customer, answer;
    text id = http_percent_encode(arena, invocation->arguments[0]);
    int code = remote_get_json(remote, text_format(arena, "/api/v1/customers/%.*s", TEXT_ARG(id)),
                               &customer);

    if (code == EXIT_OK)
        code = remote_get_json(remote,
                               text_format(arena, "/v3/openmeter/customers/%.*s/invoices/preview",
                                           TEXT_ARG(at_path(arena, &customer, "$.id"))),
                               &answer);
    if (code != EXIT_OK)
        return code;
    data = json_member(&answer, TEXT("data"));
    if (text_equal(option_text(invocation, "output"), TEXT("json"))) {
        printf("%.*s\n", TEXT_ARG(answer.raw));
        return EXIT_OK;
    }
    if (!data || data->count == 0)
        printf("Nothing is pending for %.*s.\n", TEXT_ARG(invocation->arguments[0]));
    for (size_t i = 0; data && i < data->count; i++)
        print_invoice(invocation, &data->items[i]);
    return EXIT_OK;
}

static int preview_run(const struct invocation *invocation)
{
    struct remote remote;
    int code;

    remote_open(&remote, invocation);
    code = preview(&remote);
    remote_close(&remote);
    return code;
}

const struct command preview_command = {
    .name = "preview",
    .arguments = "CUSTOMER",
    .summary = "print what a customer would be invoiced now",
    .about = "CUSTOMER is an id or a key. --output json prints the API's answer as it is.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate preview acme-inc\ntollgate preview acme-inc --output json\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = preview_run,
};
