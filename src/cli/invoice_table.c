/* invoice_table.c: what preview, invoices and invoice print alike. */
#include "cli/invoice_table.h"

static const char *const columns[] = { "line",   "period", "quantity", "unit price",
                                       "amount", "total",  NULL };
static const bool is_number[] = { false, false, true, true, true, true };

static const struct json *at_path(struct arena *arena, const struct json *value, const char *path)
{
    struct json_path steps;

    CHECK(value != NULL);
    MUST(json_path_parse(arena, text_of(path), &steps));
    return json_path_get(value, &steps);
}

text member_text(struct arena *arena, const struct json *value, const char *path)
{
    const struct json *found = at_path(arena, value, path);

    return found && found->kind != JSON_NULL ? found->text : TEXT("-");
}

bool member_is_there(struct arena *arena, const struct json *value, const char *path)
{
    const struct json *found = at_path(arena, value, path);

    return found && found->kind != JSON_NULL;
}

text member_period(struct arena *arena, const struct json *value)
{
    text from = member_text(arena, value, "$.service_period.from");
    text to = member_text(arena, value, "$.service_period.to");

    return text_format(arena, "%.*s - %.*s", TEXT_ARG(text_slice(from, 0, 10)),
                       TEXT_ARG(text_slice(to, 0, 10)));
}

static void add_line(struct table *table, const struct json *line)
{
    struct arena *arena = table->arena;
    const struct json *details = json_member(line, TEXT("detailed_lines"));

    for (size_t i = 0; details && i < details->count; i++) {
        const struct json *detail = &details->items[i];

        table_add(table, member_text(arena, detail, "$.name"));
        table_add(table, member_period(arena, line));
        table_add(table, member_text(arena, detail, "$.quantity"));
        table_add(table, member_text(arena, detail, "$.unit_price"));
        table_add(table, member_text(arena, detail, "$.totals.amount"));
        table_add(table, member_text(arena, detail, "$.totals.total"));
    }
    if (details && details->count > 0)
        return;
    table_add(table, member_text(arena, line, "$.name"));
    table_add(table, member_period(arena, line));
    table_add(table, member_text(arena, line, "$.usage_quantity_detail.raw_quantity"));
    table_add(table, TEXT("-"));
    table_add(table, member_text(arena, line, "$.totals.amount"));
    table_add(table, member_text(arena, line, "$.totals.total"));
}

void invoice_table_print(const struct invocation *invocation, const struct json *invoice)
{
    const struct json *lines = json_member(invoice, TEXT("lines"));
    struct table table = table_new(invocation->arena, columns, is_number);

    for (size_t i = 0; lines && i < lines->count; i++)
        add_line(&table, &lines->items[i]);
    table_print(&table, option_text(invocation, "output"), stdout);
}

int customer_find(struct remote *remote, text id_or_key, text *ret_id)
{
    CHECK(ret_id != NULL);
    struct arena *arena = remote->invocation->arena;
    struct json customer;
    text id = http_percent_encode(arena, id_or_key);
    int code = remote_get_json(remote, text_format(arena, "/api/v1/customers/%.*s", TEXT_ARG(id)),
                               &customer);

    if (code == EXIT_OK)
        *ret_id = member_text(arena, &customer, "$.id");
    return code;
}
