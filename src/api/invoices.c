/* invoices.c: invoices as they gather, rated live. */
#include "api/handlers.h"

#include "bill/invoice.h"

/* v3, ours: what the customer would be billed if the invoice were made now, one object for each
 * currency. The contract's own list leaves gathering invoices out. */
enum err invoices_preview(struct api_call *call)
{
    struct list invoices;
    ulid id;
    enum err err = path_ulid(call, 0, FAULT_CUSTOMER_ABSENT, &id);

    if (err == OK)
        err = invoice_preview(&call->cx, call->path_params[0], &invoices);
    return err == OK ? reply_data(call, &invoice_fields, &invoices) : err;
}

/* Whether a time lies in the range of two parameters, both ends in it. */
static bool is_between(struct api_call *call, instant t, const char *after, const char *before)
{
    instant from = param_instant(call, after);
    instant to = param_instant(call, before);

    return !instant_before(t, from) && (instant_is_none(to) || !instant_before(to, t));
}

/* v1's times: of the making, and of the period's start, which an invoice without lines has not. */
static enum err judge_times(struct api_call *call, const void *item,
                            const struct filter_entry *entry, bool *ret)
{
    const struct invoice *invoice = item;
    bool asks_period = param_text(call, "periodStartAfter").ptr ||
                       param_text(call, "periodStartBefore").ptr;

    (void)entry;
    *ret = is_between(call, invoice->created_at, "createdAfter", "createdBefore") &&
           (!asks_period ||
            (invoice->has_period &&
             is_between(call, invoice->period.from, "periodStartAfter", "periodStartBefore")));
    return OK;
}

static enum err fetch_invoices(struct api_call *call, const void *query, struct page page,
                               struct list *ret, int64_t *ret_total)
{
    struct invoice_query one = *(const struct invoice_query *)query;

    one.page = page;
    return invoice_list(&call->cx, &one, ret, ret_total);
}

/* Whether the list asks for what no gathering invoice is or has. */
static bool asks_for_others(struct api_call *call)
{
    static const char *const status_lists[] = { "statuses", "extendedStatuses" };
    bool asks = param_text(call, "issuedAfter").ptr || param_text(call, "issuedBefore").ptr;

    for (size_t i = 0; i < COUNT_OF(status_lists); i++) {
        struct text_list statuses = param_list(call, status_lists[i]);

        asks |= statuses.count > 0 && !text_list_holds(&statuses, TEXT("gathering"));
    }
    return asks;
}

static void check_times(struct api_call *call)
{
    static const char *const names[] = { "issuedAfter",   "issuedBefore",     "createdAfter",
                                         "createdBefore", "periodStartAfter", "periodStartBefore" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        (void)param_instant(call, names[i]);
}

/* v1: the invoices there are, all of which gather; a list that asks for others is empty. Lines are
 * printed when expand names them. */
enum err invoices_list(struct api_call *call)
{
    static struct filter_entry times = { .name = TEXT_INIT("times") };
    struct invoice_query query = {
        .customers = param_list(call, "customers"),
        .page = param_page(call),
    };
    struct list_scan scan = {
        .table = &invoice_fields,
        .query = &query,
        .fetch = fetch_invoices,
        .judge = judge_times,
    };
    struct text_list expand = param_list(call, "expand");
    struct list invoices = { 0 };
    int64_t total = 0;
    enum err err;

    check_times(call);
    if (param_text(call, "createdAfter").ptr || param_text(call, "createdBefore").ptr ||
        param_text(call, "periodStartAfter").ptr || param_text(call, "periodStartBefore").ptr)
        scan.rest = (struct filter_map){ &times, 1 };
    err = problem_err(&call->cx.problem);
    if (err == OK && !asks_for_others(call))
        err = list_scan_run(call, &scan, query.page, &invoices, &total);
    if (err != OK)
        return err;
    for (size_t i = 0; !text_list_holds(&expand, TEXT("lines")) && i < invoices.count; i++)
        ((struct invoice *)invoices.items)[i].lines = (struct list){ 0 };
    return reply_page(call, &invoice_fields, &invoices, query.page, total);
}

enum err invoices_get(struct api_call *call)
{
    struct invoice invoice;
    struct invoice_id id;
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &id.ulid);

    if (err == OK)
        err = invoice_get(&call->cx, id, &invoice);
    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}
