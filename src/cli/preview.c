/* preview.c: `tollgate preview`: what a customer would be invoiced now, as a table. */
#include "cli/commands.h"
#include "cli/invoice_table.h"

static const struct option options[] = { REMOTE_OPTIONS, OUTPUT_OPTION };

static void print_invoice(const struct invocation *invocation, const struct json *invoice)
{
    struct arena *arena = invocation->arena;
    bool is_table = text_equal(option_text(invocation, "output"), TEXT("table"));

    if (is_table)
        printf("%.*s  %.*s  %.*s, so far\n\n", TEXT_ARG(member_text(arena, invoice, "$.number")),
               TEXT_ARG(member_text(arena, invoice, "$.customer.name")),
               TEXT_ARG(member_period(arena, invoice)));
    invoice_table_print(invocation, invoice);
    if (is_table)
        printf("\nTotal  %.*s %.*s\n", TEXT_ARG(member_text(arena, invoice, "$.totals.total")),
               TEXT_ARG(member_text(arena, invoice, "$.currency")));
}

static int preview(struct remote *remote)
{
    const struct invocation *invocation = remote->invocation;
    struct arena *arena = invocation->arena;
    const struct json *data;
    struct json answer;
    text id = { 0 };
    int code = customer_find(remote, invocation->arguments[0], &id);

    if (code == EXIT_OK)
        code = remote_get_json(
            remote,
            text_format(arena, "/v3/openmeter/customers/%.*s/invoices/preview", TEXT_ARG(id)),
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
