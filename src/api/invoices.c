/* invoices.c: invoices read: lists, one by its id, previews. */
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

static void lines_drop(struct list *invoices)
{
    for (size_t i = 0; i < invoices->count; i++)
        ((struct invoice *)invoices->items)[i].lines = (struct list){ 0 };
}

/* What v1's expand names. */
struct expands {
    bool has_lines;
    struct invoice_expansion rest;
};

static struct expands expand_read(struct api_call *call)
{
    struct text_list words = param_list(call, "expand");

    return (struct expands){
        .has_lines = text_list_holds(&words, TEXT("lines")),
        .rest = { text_list_holds(&words, TEXT("preceding")),
                  text_list_holds(&words, TEXT("workflow.apps")) },
    };
}

static enum err search_reply(struct api_call *call, const struct invoice_search *search,
                             const struct expands *expands)
{
    struct list invoices = { 0 };
    int64_t total = 0;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = invoice_list(&call->cx, search, &invoices, &total);
    if (err == OK)
        err = invoice_expand(&call->cx, &expands->rest, invoices.items, invoices.count);
    if (err != OK)
        return err;
    if (!expands->has_lines)
        lines_drop(&invoices);
    return reply_page(call, &invoice_fields, &invoices, search->page, total);
}

/* ---- v1 ------------------------------------------------------------------------------------ */

/* Both kinds of status are asked for at once: what is in both lists. */
static struct text_list states_v1(struct api_call *call)
{
    struct text_list statuses = param_list(call, "statuses");
    struct text_list extended = param_list(call, "extendedStatuses");
    struct text_list states = invoice_states_of(&statuses, call->cx.arena);
    size_t count = 0;

    if (statuses.count == 0 || extended.count == 0)
        return statuses.count == 0 ? extended : states;
    for (size_t i = 0; i < states.count; i++) {
        if (text_list_holds(&extended, states.items[i]))
            states.items[count++] = states.items[i];
    }
    if (count == 0)
        states.items[count++] = TEXT("none");
    return (struct text_list){ states.items, count };
}

/* v1: gathering invoices and standard ones. Lines are printed when expand names them. */
enum err invoices_list(struct api_call *call)
{
    /* In the order of enum invoice_sort, and of the words of the contract. */
    static const char *const sorts[] = { "createdAt", "updatedAt",     "issuedAt", "periodStart",
                                         "status",    "customer.name", NULL };
    struct invoice_search search = invoice_search_all(param_page(call));
    struct expands expands = expand_read(call);

    search.customers = param_list(call, "customers");
    search.states = states_v1(call);
    search.with_deleted = param_bool(call, "includeDeleted");
    search.issued_from = param_instant(call, "issuedAfter");
    search.issued_to = param_instant(call, "issuedBefore");
    search.period_from = param_instant(call, "periodStartAfter");
    search.period_to = param_instant(call, "periodStartBefore");
    search.created_from = param_instant(call, "createdAfter");
    search.created_to = param_instant(call, "createdBefore");
    search.sort = (enum invoice_sort)param_sort(call, sorts, &search.is_descending);
    return search_reply(call, &search, &expands);
}

/* v1: with its lines, unless expand names other things only. */
enum err invoices_get(struct api_call *call)
{
    struct invoice invoice;
    struct invoice_id id;
    struct expands expands = expand_read(call);
    bool with_deleted = param_bool(call, "includeDeletedLines");
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &id.ulid);

    if (err == OK)
        err = problem_err(&call->cx.problem);
    if (err == OK)
        err = invoice_get(&call->cx, id, with_deleted, &invoice);
    if (err == OK)
        err = invoice_expand(&call->cx, &expands.rest, &invoice, 1);
    if (err == OK && !expands.has_lines && (expands.rest.has_preceding || expands.rest.has_apps))
        invoice.lines = (struct list){ 0 };
    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}

/* ---- v3 ------------------------------------------------------------------------------------ */

/* Every state but the one that v3 does not know. */
static struct text_list states_standard(struct api_call *call)
{
    struct text_list states = { ARENA_ARRAY(call->cx.arena, text, STATE_COUNT), 0 };

    for (size_t i = STATE_GATHERING + 1; i < STATE_COUNT; i++)
        states.items[states.count++] = text_of(invoice_state_words[i]);
    return states;
}

/* A half-open range as one that holds both its ends. */
static void times_closed(struct api_call *call, const char *name, instant *ret_from,
                         instant *ret_to)
{
    filter_times(call, name, ret_from, ret_to);
    if (!instant_is_none(*ret_to))
        ret_to->ns--;
}

enum err invoices_list_v3(struct api_call *call)
{
    static const struct filter_param known[] = {
        { "status", FILTER_KIND_EXACT },
        { "customer_id", FILTER_KIND_ID },
        { "issued_at", FILTER_KIND_TIME },
        { "service_period_start", FILTER_KIND_TIME },
        { "created_at", FILTER_KIND_TIME },
        { "number", FILTER_KIND_EXACT },
        { 0 },
    };
    static const char *const sorts[] = { "created_at", "issued_at", "service_period_start", NULL };

    static const enum invoice_sort sorted[] = { INVOICE_SORT_CREATED_AT, INVOICE_SORT_ISSUED_AT,
                                                INVOICE_SORT_PERIOD_START };
    struct invoice_search search = invoice_search_all(param_page(call));
    struct text_list statuses = { 0 };

    filters_check(call, known);
    search.states = states_standard(call);
    if (filter_values(call, "status", &statuses))
        search.states = invoice_states_of(&statuses, call->cx.arena);
    for (size_t i = 0; i < search.states.count; i++) {
        if (text_equal(search.states.items[i], TEXT("gathering")))
            search.states.items[i] = TEXT("none");
    }
    (void)filter_values(call, "customer_id", &search.customers);
    (void)filter_values(call, "number", &search.numbers);
    times_closed(call, "issued_at", &search.issued_from, &search.issued_to);
    times_closed(call, "service_period_start", &search.period_from, &search.period_to);
    times_closed(call, "created_at", &search.created_from, &search.created_to);
    search.sort = sorted[param_sort(call, sorts, &search.is_descending)];
    return search_reply(call, &search, &(struct expands){ .has_lines = false });
}

enum err invoices_get_v3(struct api_call *call)
{
    struct invoice invoice;
    struct invoice_id id;
    enum err err = path_ulid(call, 0, FAULT_INVOICE_ABSENT, &id.ulid);

    if (err == OK)
        err = invoice_get(&call->cx, id, false, &invoice);
    if (err == OK && invoice.status == INVOICE_GATHERING)
        err = problem_refuse(&call->cx.problem, FAULT_INVOICE_ABSENT, "%.*s",
                             TEXT_ARG(call->path_params[0]));
    return err == OK ? reply_one(call, &invoice_fields, &invoice) : err;
}
