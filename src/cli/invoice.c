/* invoice.c: `tollgate invoice`: one invoice as it is printed for people: who, when, lines, totals,
 * payments, credit notes. */
#include "cli/commands.h"
#include "cli/invoice_table.h"

#include "base/id.h"

static const struct option options[] = { REMOTE_OPTIONS, OUTPUT_OPTION };

static void print_member(const char *label, text value)
{
    printf("%-12s%.*s\n", label, TEXT_ARG(value));
}

static void print_head(struct arena *arena, const struct json *invoice)
{
    printf("%.*s  %.*s\n\n", TEXT_ARG(member_text(arena, invoice, "$.number")),
           TEXT_ARG(member_text(arena, invoice, "$.status_details.extended_status")));
    print_member("From", member_text(arena, invoice, "$.supplier.name"));
    print_member("To", member_text(arena, invoice, "$.customer.name"));
    print_member("Period", member_period(arena, invoice));
    print_member("Issued", member_text(arena, invoice, "$.issued_at"));
    print_member("Due", member_text(arena, invoice, "$.due_at"));
    putchar('\n');
}

/* The sums that are not zero, below each other, and the total. */
static void print_totals(struct arena *arena, const struct json *invoice)
{
    static const struct {
        const char *label, *path;
    } sums[] = {
        { "Amount", "$.totals.amount" },
        { "Charges", "$.totals.charges_total" },
        { "Discounts", "$.totals.discounts_total" },
        { "Taxes, contained", "$.totals.taxes_inclusive_total" },
        { "Taxes, added", "$.totals.taxes_exclusive_total" },
        { "Credits", "$.totals.credits_total" },
    };

    text total = member_text(arena, invoice, "$.totals.total");
    int width = (int)total.len;

    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        size_t len = member_text(arena, invoice, sums[i].path).len;

        width = (int)len > width ? (int)len : width;
    }
    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        text sum = member_text(arena, invoice, sums[i].path);
        dec value;

        if (i == 0 || (dec_parse(sum, &value) && !dec_is_zero(value)))
            printf("%-16s  %*.*s\n", sums[i].label, width, TEXT_ARG(sum));
    }
    printf("%-16s  %*.*s %.*s\n", "Total", width, TEXT_ARG(total),
           TEXT_ARG(member_text(arena, invoice, "$.currency")));
}

/* A table of what a list of the invoice holds, under a heading; nothing when it is empty. */
struct listing {
    const char *heading, *path; /* below the invoice */
    const char *const *columns; /* NULL-terminated */
    const char *const *members; /* the path of each column */
    const bool *is_number;
};

static int print_listing(struct remote *remote, text id, const struct listing *listing)
{
    struct arena *arena = remote->invocation->arena;
    struct table table = table_new(arena, listing->columns, listing->is_number);
    const struct json *data;
    struct json answer;
    int code = remote_get_json(
        remote,
        text_format(arena, "/v3/openmeter/billing/invoices/%.*s/%s", TEXT_ARG(id), listing->path),
        &answer);

    if (code != EXIT_OK)
        return code;
    data = json_member(&answer, TEXT("data"));
    if (!data || data->count == 0)
        return EXIT_OK;
    for (size_t i = 0; i < data->count; i++) {
        for (size_t c = 0; listing->columns[c]; c++)
            table_add(&table, member_text(arena, &data->items[i], listing->members[c]));
    }
    printf("\n%s\n\n", listing->heading);
    table_print(&table, TEXT("table"), stdout);
    return EXIT_OK;
}

static int print_credit_notes(struct remote *remote, text id)
{
    static const char *const columns[] = { "credit note", "total", "reason", "at", NULL };
    static const char *const members[] = { "$.number", "$.totals.total", "$.reason",
                                           "$.issued_at" };
    static const bool is_number[] = { false, true, false, false };
    static const struct listing listing = { "Credit notes", "credit-notes?page[size]=1000", columns,
                                            members, is_number };

    return print_listing(remote, id, &listing);
}

static int print_payments(struct remote *remote, text id)
{
    static const char *const columns[] = { "payment", "status", "amount", "method", "at", NULL };
    static const char *const members[] = { "$.type", "$.status", "$.amount", "$.method",
                                           "$.created_at" };
    static const bool is_number[] = { false, false, true, false, false };
    static const struct listing listing = { "Payments", "payments?page[size]=1000", columns,
                                            members, is_number };
    struct arena *arena = remote->invocation->arena;
    struct json balance;
    int code = print_listing(remote, id, &listing);

    if (code == EXIT_OK)
        code = remote_get_json(
            remote, text_format(arena, "/v3/openmeter/billing/invoices/%.*s/balance", TEXT_ARG(id)),
            &balance);
    if (code == EXIT_OK)
        printf("\nOutstanding  %.*s %.*s\n",
               TEXT_ARG(member_text(arena, &balance, "$.outstanding")),
               TEXT_ARG(member_text(arena, &balance, "$.currency")));
    return code;
}

/* The id behind what the command is given: itself, or that of the invoice with this number. */
static int invoice_find(struct remote *remote, text id_or_number, text *ret_id)
{
    const struct invocation *invocation = remote->invocation;
    struct arena *arena = invocation->arena;
    const struct json *data;
    struct json answer;
    ulid id;
    int code;

    if (ulid_parse(id_or_number, &id)) {
        *ret_id = id_or_number;
        return EXIT_OK;
    }
    code = remote_get_json(remote,
                           text_format(arena, "/v3/openmeter/billing/invoices?filter[number]=%.*s",
                                       TEXT_ARG(http_percent_encode(arena, id_or_number))),
                           &answer);
    if (code != EXIT_OK)
        return code;
    data = json_member(&answer, TEXT("data"));
    if (!data || data->count == 0)
        return command_fail(invocation, EXIT_ABSENT, "there is no invoice %.*s",
                            TEXT_ARG(id_or_number));
    *ret_id = member_text(arena, &data->items[0], "$.id");
    return EXIT_OK;
}

static int invoice(struct remote *remote)
{
    const struct invocation *invocation = remote->invocation;
    struct arena *arena = invocation->arena;
    text form = option_text(invocation, "output");
    struct json answer;
    text id = { 0 };
    int code = invoice_find(remote, invocation->arguments[0], &id);

    if (code == EXIT_OK)
        code = remote_get_json(
            remote, text_format(arena, "/v3/openmeter/billing/invoices/%.*s", TEXT_ARG(id)),
            &answer);
    if (code != EXIT_OK)
        return code;
    if (text_equal(form, TEXT("json"))) {
        printf("%.*s\n", TEXT_ARG(answer.raw));
        return EXIT_OK;
    }
    if (text_equal(form, TEXT("csv"))) {
        invoice_table_print(invocation, &answer);
        return EXIT_OK;
    }
    print_head(arena, &answer);
    invoice_table_print(invocation, &answer);
    putchar('\n');
    print_totals(arena, &answer);
    if (!member_is_there(arena, &answer, "$.issued_at"))
        return EXIT_OK;
    code = print_credit_notes(remote, id);
    return code == EXIT_OK ? print_payments(remote, id) : code;
}

static int invoice_run(const struct invocation *invocation)
{
    struct remote remote;
    int code;

    remote_open(&remote, invocation);
    code = invoice(&remote);
    remote_close(&remote);
    return code;
}

const struct command invoice_command = {
    .name = "invoice",
    .arguments = "INVOICE",
    .summary = "print an invoice with its totals and payments",
    .about = "INVOICE is a number or an id. --output csv prints its lines, --output json the API's "
             "answer as it is.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate invoice OM-SANDBOX-ACIN-1\n"
                "tollgate invoice OM-SANDBOX-ACIN-1 --output csv\n",
    .arguments_min = 1,
    .arguments_max = 1,
    .run = invoice_run,
};
