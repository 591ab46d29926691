/* invoices.c: `tollgate invoices`: the invoices that there are, a row for each. */
#include "cli/commands.h"
#include "cli/invoice_table.h"

static const struct option options[] = {
    REMOTE_OPTIONS,
    OUTPUT_OPTION,
    { .name = "customer", .value = "CUSTOMER", .about = "only this customer's; an id or a key" },
    { .name = "status", .value = "STATUS", .about = "only those: draft, issued, paid, overdue, …" },
};

enum { PAGE_SIZE = 100 };

static void add_invoice(struct table *table, const struct json *invoice)
{
    /* In the order of the columns. */
    static const char *const paths[] = { "$.number",   "$.customer.name", NULL,         "$.status",
                                         "$.currency", "$.totals.total",  "$.issued_at" };

    for (size_t i = 0; i < COUNT_OF(paths); i++)
        table_add(table, paths[i] ? member_text(table->arena, invoice, paths[i])
                                  : member_period(table->arena, invoice));
}

static text page_path(const struct invocation *invocation, text customer_id, int64_t number)
{
    struct buffer path = { .arena = invocation->arena };
    text status = option_text(invocation, "status");

    buffer_format(&path, "/v3/openmeter/billing/invoices?page[size]=%d&page[number]=%lld",
                  PAGE_SIZE, (long long)number);
    if (customer_id.len > 0)
        buffer_format(&path, "&filter[customer_id]=%.*s", TEXT_ARG(customer_id));
    if (status.ptr)
        buffer_format(&path, "&filter[status]=%.*s",
                      TEXT_ARG(http_percent_encode(invocation->arena, status)));
    return buffer_text(&path);
}

/* Page after page, until one is not full. */
static int add_pages(struct remote *remote, text customer_id, struct table *table)
{
    for (int64_t number = 1;; number++) {
        const struct json *data;
        struct json answer;
        int code =
            remote_get_json(remote, page_path(remote->invocation, customer_id, number), &answer);

        if (code != EXIT_OK)
            return code;
        data = json_member(&answer, TEXT("data"));
        for (size_t i = 0; data && i < data->count; i++)
            add_invoice(table, &data->items[i]);
        if (!data || data->count < PAGE_SIZE)
            return EXIT_OK;
    }
}

static int invoices(struct remote *remote)
{
    static const char *const columns[] = { "number",   "customer", "period",    "status",
                                           "currency", "total",    "issued_at", NULL };
    static const bool is_number[] = { false, false, false, false, false, true, false };
    const struct invocation *invocation = remote->invocation;
    struct table table = table_new(invocation->arena, columns, is_number);
    text customer = option_text(invocation, "customer");
    text customer_id = { 0 };
    int code = customer.ptr ? customer_find(remote, customer, &customer_id) : EXIT_OK;

    if (code == EXIT_OK)
        code = add_pages(remote, customer_id, &table);
    if (code == EXIT_OK)
        table_print(&table, option_text(invocation, "output"), stdout);
    return code;
}

static int invoices_run(const struct invocation *invocation)
{
    struct remote remote;
    int code;

    remote_open(&remote, invocation);
    code = invoices(&remote);
    remote_close(&remote);
    return code;
}

const struct command invoices_command = {
    .name = "invoices",
    .arguments = "",
    .summary = "list invoices, oldest first",
    .about = "What still gathers is not among them: see preview.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate invoices --customer acme-inc\ntollgate invoices --status overdue\n",
    .run = invoices_run,
};
