/* explain.c: `tollgate explain`: why the lines of an invoice come to what they come to. */
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/remote.h"

static const struct option options[] = {
    REMOTE_OPTIONS,
    OUTPUT_OPTION,
    { .name = "events", .about = "list the events that were counted, all of them" },
};

/* The text at a path of names; TEXT("-") when there is none. */
static text at_path(struct arena *arena, const struct json *value, const char *path)
{
    struct json_path steps;
    const struct json *found;

    MUST(json_path_parse(arena, text_of(path), &steps));
    found = json_path_get(value, &steps);
    return found && found->kind != JSON_NULL ? found->text : TEXT("-");
}

static text line_path(const struct invocation *invocation, text line, const char *rest)
{
    return text_format(invocation->arena, "/v3/openmeter/billing/invoices/%.*s/lines/%.*s/%s",
                       TEXT_ARG(http_percent_encode(invocation->arena, invocation->arguments[0])),
                       TEXT_ARG(http_percent_encode(invocation->arena, line)), rest);
}

/* ---- one line ------------------------------------------------------------------------------ */

static void print_source(struct arena *arena, const struct json *line)
{
    if (!json_member(line, TEXT("source")))
        printf("  price    made by hand\n");
    else
        printf("  price    rate card %.*s, version %.*s, in phase %.*s of plan %.*s, version %.*s\n"
               "           subscription %.*s, period %.*s\n",
               TEXT_ARG(at_path(arena, line, "$.source.item.key")),
               TEXT_ARG(at_path(arena, line, "$.source.item.version")),
               TEXT_ARG(at_path(arena, line, "$.source.phase.key")),
               TEXT_ARG(at_path(arena, line, "$.source.plan.key")),
               TEXT_ARG(at_path(arena, line, "$.source.plan.version")),
               TEXT_ARG(at_path(arena, line, "$.source.subscription_id")),
               TEXT_ARG(at_path(arena, line, "$.source.period_index")));
}

static void print_usage(struct arena *arena, const struct json *line)
{
    const struct json *usage = json_member(line, TEXT("usage"));
    const struct json *subjects = usage ? json_member(usage, TEXT("subjects")) : NULL;

    if (!usage)
        return;
    printf("  usage    feature %.*s, meter %.*s: %.*s of events %.*s\n",
           TEXT_ARG(at_path(arena, usage, "$.feature.key")),
           TEXT_ARG(at_path(arena, usage, "$.meter.key")),
           TEXT_ARG(at_path(arena, usage, "$.meter.aggregation")),
           TEXT_ARG(at_path(arena, usage, "$.meter.event_type")));
    printf("  events   %.*s - %.*s, up to number %.*s, of",
           TEXT_ARG(at_path(arena, usage, "$.period.from")),
           TEXT_ARG(at_path(arena, usage, "$.period.to")),
           TEXT_ARG(at_path(arena, usage, "$.usage_sequence")));
    for (size_t i = 0; subjects && i < subjects->count; i++)
        printf("%s %.*s", i > 0 ? "," : "",
               TEXT_ARG(at_path(arena, &subjects->items[i], "$.subject")));
    printf("\n");
}

static void print_list(const struct json *line, const char *name, const char *head)
{
    const struct json *items = json_member(line, text_of(name));

    for (size_t i = 0; items && i < items->count; i++)
        printf("  %-8s %.*s\n", i == 0 ? head : "", TEXT_ARG(items->items[i].text));
}

static void print_differences(struct arena *arena, const struct json *line)
{
    const struct json *items = json_member(line, TEXT("differences"));

    for (size_t i = 0; items && i < items->count; i++)
        printf("  DIFFERS  %.*s: stored %.*s, derived %.*s\n",
               TEXT_ARG(at_path(arena, &items->items[i], "$.field")),
               TEXT_ARG(at_path(arena, &items->items[i], "$.stored")),
               TEXT_ARG(at_path(arena, &items->items[i], "$.derived")));
}

static void print_line(struct arena *arena, const struct json *line)
{
    printf("%.*s  %.*s %.*s\n", TEXT_ARG(at_path(arena, line, "$.name")),
           TEXT_ARG(at_path(arena, line, "$.totals.total")),
           TEXT_ARG(at_path(arena, line, "$.currency")));
    printf("  line     %.*s, %.*s - %.*s\n", TEXT_ARG(at_path(arena, line, "$.line_id")),
           TEXT_ARG(at_path(arena, line, "$.service_period.from")),
           TEXT_ARG(at_path(arena, line, "$.service_period.to")));
    print_source(arena, line);
    print_usage(arena, line);
    print_list(line, "steps", "steps");
    print_differences(arena, line);
}

/* ---- its events ---------------------------------------------------------------------------- */

static const char *const event_columns[] = { "time", "id", "source", "subject", "value", NULL };
static const bool event_is_number[] = { false, false, false, false, true };

static int events_page(struct remote *remote, text line, text after, struct json *ret)
{
    struct arena *arena = remote->arena;
    text rest = TEXT("explain/events?page[size]=100");

    if (after.ptr)
        rest = text_format(arena, "explain/events?page[size]=100&page[after]=%.*s",
                           TEXT_ARG(http_percent_encode(arena, after)));
    return remote_get_json(remote, line_path(remote->invocation, line, text_cstr(arena, rest)),
                           ret);
}

static int print_events(struct remote *remote, text line)
{
    struct arena *arena = remote->arena;
    struct table table = table_new(arena, event_columns, event_is_number);
    text after = TEXT_NONE;
    int code;

    do {
        struct json page;
        const struct json *data;
        text next;

        code = events_page(remote, line, after, &page);
        if (code != EXIT_OK)
            return code;
        data = json_member(&page, TEXT("data"));
        for (size_t i = 0; data && i < data->count; i++) {
            const struct json *event = &data->items[i];

            table_add(&table, at_path(arena, event, "$.usage.event.time"));
            table_add(&table, at_path(arena, event, "$.usage.event.id"));
            table_add(&table, at_path(arena, event, "$.usage.event.source"));
            table_add(&table, at_path(arena, event, "$.usage.event.subject"));
            table_add(&table, at_path(arena, event, "$.value"));
        }
        next = at_path(arena, &page, "$.meta.page.next");
        after = text_equal(next, TEXT("-")) ? TEXT_NONE : next;
    } while (after.ptr);
    table_print(&table, option_text(remote->invocation, "output"), stdout);
    return EXIT_OK;
}

/* ---- the command --------------------------------------------------------------------------- */

static int explain_one(struct remote *remote, text line)
{
    const struct invocation *invocation = remote->invocation;
    bool is_table = text_equal(option_text(invocation, "output"), TEXT("table"));
    bool has_events = option_is_set(invocation, "events");
    struct json answer;
    int code = remote_get_json(remote, line_path(invocation, line, "explain"), &answer);

    if (code != EXIT_OK)
        return code;
    if (is_table)
        print_line(invocation->arena, &answer);
    else if (!has_events)
        printf("%.*s\n", TEXT_ARG(answer.raw));
    if (has_events && json_member(&answer, TEXT("usage")))
        code = print_events(remote, line);
    if (is_table)
        printf("\n");
    return code;
}

static int explain(struct remote *remote)
{
    const struct invocation *invocation = remote->invocation;
    const struct json *lines;
    struct json invoice;
    text id = http_percent_encode(invocation->arena, invocation->arguments[0]);
    int code;

    if (invocation->argument_count > 1)
        return explain_one(remote, invocation->arguments[1]);
    code = remote_get_json(
        remote, text_format(invocation->arena, "/api/v1/billing/invoices/%.*s", TEXT_ARG(id)),
        &invoice);
    if (code != EXIT_OK)
        return code;
    lines = json_member(&invoice, TEXT("lines"));
    if (text_equal(option_text(invocation, "output"), TEXT("table")))
        printf("%.*s  %.*s  %.*s %.*s\n\n",
               TEXT_ARG(at_path(invocation->arena, &invoice, "$.number")),
               TEXT_ARG(at_path(invocation->arena, &invoice, "$.customer.name")),
               TEXT_ARG(at_path(invocation->arena, &invoice, "$.totals.total")),
               TEXT_ARG(at_path(invocation->arena, &invoice, "$.currency")));
    for (size_t i = 0; code == EXIT_OK && lines && i < lines->count; i++)
        code = explain_one(remote, at_path(invocation->arena, &lines->items[i], "$.id"));
    return code;
}

static int explain_run(const struct invocation *invocation)
{
    struct remote remote;
    int code;

    remote_open(&remote, invocation);
    code = explain(&remote);
    remote_close(&remote);
    return code;
}

const struct command explain_command = {
    .name = "explain",
    .arguments = "INVOICE [LINE]",
    .summary = "print why an invoice comes to what it comes to",
    .about =
        "For each line, or the one that is named: which rate card of which plan version set\n"
        "the price, which events were counted, and the arithmetic from the quantity to the\n"
        "total. INVOICE and LINE are ids. --output json prints the API's answers as they are,\n"
        "one a line.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate explain 01K9ZQ6B4Z5E2Y6Y3M0V6N1T7R\n",
    .arguments_min = 1,
    .arguments_max = 2,
    .run = explain_run,
};
