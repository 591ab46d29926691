/* verify.c: `tollgate verify`: issued invoices reckoned again, by a server or here on a data
 * directory. Both give the same pages; this prints them. */
#include "bill/verify.h"

#include "cli/commands.h"
#include "cli/local.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/remote.h"
#include "identity/org.h"

static const struct option options[] = {
    REMOTE_OPTIONS,
    OUTPUT_OPTION,
    { .name = "data",
      .value = "DIR",
      .about = "verify a data directory here, in place of asking a server; none may run on it" },
};

static const char *const columns[] = { "invoice", "line", "field", "stored", "derived", NULL };
static const bool is_number[] = { false, false, false, true, true };

/* What was found so far. */
struct findings {
    const struct invocation *invocation;
    struct table table;
    struct progress progress;
    int64_t invoices;
    int64_t lines;
    int64_t unmeasured;
    int64_t differing;
};

static text word(const struct json *value, const char *name)
{
    const struct json *found = json_member(value, text_of(name));

    return found && found->kind != JSON_NULL ? found->text : TEXT("-");
}

static int64_t count(const struct json *value, const char *name)
{
    int64_t n = 0;

    return text_to_int(word(value, name), &n) ? n : 0;
}

static text keep(const struct findings *findings, text t)
{
    return text_copy(findings->invocation->arena, t);
}

/* Adds the differences of an invoice to the table. */
static void report_take(struct findings *findings, const struct json *report)
{
    const struct json *differences = json_member(report, TEXT("differences"));

    findings->differing++;
    for (size_t i = 0; differences && i < differences->count; i++) {
        const struct json *difference = &differences->items[i];

        table_add(&findings->table, keep(findings, word(report, "number")));
        table_add(&findings->table, keep(findings, word(difference, "line_id")));
        table_add(&findings->table, keep(findings, word(difference, "field")));
        table_add(&findings->table, keep(findings, word(difference, "stored")));
        table_add(&findings->table, keep(findings, word(difference, "derived")));
    }
}

/* Takes a page as the API prints it; `ret_after` has no pointer after the last. */
static void page_take(struct findings *findings, const struct json *page, text *ret_after)
{
    const struct json *differing = json_member(page, TEXT("differing"));
    const struct json *next = json_member(page, TEXT("next_after"));

    findings->invoices += count(page, "invoices");
    findings->lines += count(page, "lines");
    findings->unmeasured += count(page, "unmeasured");
    for (size_t i = 0; differing && i < differing->count; i++)
        report_take(findings, &differing->items[i]);
    progress_move(&findings->progress, (uint64_t)findings->invoices, (uint64_t)findings->invoices);
    *ret_after = next ? keep(findings, next->text) : TEXT_NONE;
}

/* ---- by a server --------------------------------------------------------------------------- */

static int verify_there(struct findings *findings)
{
    const struct invocation *invocation = findings->invocation;
    struct remote remote;
    text after = TEXT_NONE;
    int code;

    remote_open(&remote, invocation);
    do {
        struct json page;
        text path = TEXT("/v3/openmeter/billing/verify");

        if (after.ptr)
            path = text_format(invocation->arena, "/v3/openmeter/billing/verify?page[after]=%.*s",
                               TEXT_ARG(after));
        code = remote_get_json(&remote, path, &page);
        if (code == EXIT_OK)
            page_take(findings, &page, &after);
    } while (code == EXIT_OK && after.ptr);
    remote_close(&remote);
    return code;
}

/* One invoice. */
static int verify_named(struct findings *findings, text id)
{
    const struct invocation *invocation = findings->invocation;
    struct remote remote;
    struct json report;
    int code;

    remote_open(&remote, invocation);
    code =
        remote_get_json(&remote,
                        text_format(invocation->arena, "/v3/openmeter/billing/invoices/%.*s/verify",
                                    TEXT_ARG(http_percent_encode(invocation->arena, id))),
                        &report);
    if (code == EXIT_OK) {
        findings->invoices++;
        findings->lines += count(&report, "lines");
        findings->unmeasured += count(&report, "unmeasured");
        const struct json *differences = json_member(&report, TEXT("differences"));

        if (differences && differences->count > 0)
            report_take(findings, &report);
    }
    remote_close(&remote);
    return code;
}

/* ---- here ---------------------------------------------------------------------------------- */

/* A page, as the API would print it. */
static enum err local_page(struct local *local, struct arena *arena, text after, struct json *ret)
{
    struct cx cx = local->cx;
    struct verify_page page;
    struct buffer printed = { .arena = arena };
    struct json_writer w = json_writer_of(&printed);
    struct json_fault fault;
    struct invoice_id id = { 0 };
    enum err err;

    cx.arena = arena;
    if (after.ptr)
        MUST(ulid_parse(after, &id.ulid));
    err = verify_invoices(&cx, id, VERIFY_LIMIT_MAX / 10, &page);
    local->cx.problem = cx.problem;
    if (err != OK)
        return err;
    fields_write(&verify_page_fields, DIALECT_V3, &w, &page);
    MUST(json_parse(arena, buffer_text(&printed), ret, &fault));
    return OK;
}

static int verify_org(struct findings *findings, struct local *local)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text after = TEXT_NONE;

    do {
        struct json page;
        enum err err;

        arena_reset(arena);
        err = local_page(local, arena, after, &page);
        if (err != OK)
            return local_fail(local, findings->invocation, err);
        page_take(findings, &page, &after);
    } while (after.ptr);
    return EXIT_OK;
}

static int verify_here(struct findings *findings)
{
    const struct invocation *invocation = findings->invocation;
    struct local local;
    struct list orgs = { 0 };
    enum err err;
    int code = local_open_usage(&local, invocation);

    if (code != EXIT_OK)
        return code;
    err = org_list(local.store, invocation->arena, &orgs);
    if (err != OK)
        code = local_fail(&local, invocation, err);
    for (size_t i = 0; code == EXIT_OK && i < orgs.count; i++) {
        local.cx.org = ((const struct org *)orgs.items)[i].id;
        code = verify_org(findings, &local);
    }
    local_close(&local);
    return code;
}

/* ---- the command --------------------------------------------------------------------------- */

static void print_findings(const struct findings *findings)
{
    text form = option_text(findings->invocation, "output");
    bool is_table = text_equal(form, TEXT("table"));

    if (findings->table.count > 0 || !is_table)
        table_print(&findings->table, form, stdout);
    if (!is_table)
        return;
    printf("%s%lld invoices with %lld lines verified: %lld differ.\n",
           findings->table.count > 0 ? "\n" : "", (long long)findings->invoices,
           (long long)findings->lines, (long long)findings->differing);
    if (findings->unmeasured > 0)
        printf("Of %lld lines the events are gone; their quantities were taken as stored.\n",
               (long long)findings->unmeasured);
}

static int verify_run(const struct invocation *invocation)
{
    struct findings findings = {
        .invocation = invocation,
        .table = table_new(invocation->arena, columns, is_number),
    };
    bool is_local = option_text(invocation, "data").ptr != NULL;
    int code = EXIT_OK;

    if (is_local && invocation->argument_count > 0)
        return command_fail(invocation, EXIT_USAGE, "of a data directory all is verified");
    findings.progress = progress_start("invoices", 0);
    if (is_local)
        code = verify_here(&findings);
    else if (invocation->argument_count == 0)
        code = verify_there(&findings);
    for (size_t i = 0; code == EXIT_OK && i < invocation->argument_count; i++)
        code = verify_named(&findings, invocation->arguments[i]);
    progress_end(&findings.progress);
    if (code != EXIT_OK)
        return code;
    print_findings(&findings);
    return findings.differing > 0 ? EXIT_REFUSED : EXIT_OK;
}

const struct command verify_command = {
    .name = "verify",
    .arguments = "[INVOICE...]",
    .summary = "reckon issued invoices again and name what differs",
    .about =
        "Measures, prices, taxes and sums up again what every issued invoice was made of, and\n"
        "compares the result with what is stored, to the byte. Exit code 1: something\n"
        "differs. With INVOICE, ids, only these. With --data the directory is read here,\n"
        "while no server runs on it; else a server does the work.",
    .options = options,
    .option_count = COUNT_OF(options),
    .examples = "tollgate verify\ntollgate verify --data /var/lib/tollgate\n",
    .arguments_min = 0,
    .arguments_max = 100,
    .run = verify_run,
};
