/* events.c: ingest and listing of usage events.
 *
 * Ingest is deferred: the worker thread parses, the usage store's commit thread finishes the
 * request when the events are durable, so that one flush acknowledges many requests and no thread
 * waits.
 */
#include "api/event_lists.h"
#include "api/handlers.h"

#include "base/limits.h"
#include "base/log.h"
#include "customer/customer.h"
#include "meter/event_flow.h"

/* Runs on the commit thread: answers the request whose events are durable, or failed. */
static void ingest_done(void *state, const struct usage_receipt *receipt)
{
    struct api_call *call = state;
    struct http_reply reply = { 0 };

    call->reply = &reply;
    if (receipt->err == OK) {
        reply.status = call->route->status;
        http_reply_header(
            &reply, TEXT("X-Tollgate-Accepted"),
            text_format(call->request->arena, "%llu", (unsigned long long)receipt->accepted));
        http_reply_header(
            &reply, TEXT("X-Tollgate-Duplicates"),
            text_format(call->request->arena, "%llu", (unsigned long long)receipt->duplicates));
    } else {
        problem_reply(call, receipt->err);
    }
    if (receipt->conflicts > 0)
        log_warn("events_conflict", LOG_INT("count", receipt->conflicts),
                 LOG_TEXT("request_id", call->request->request_id));
    http_finish(call->request, &reply);
}

enum err events_ingest(struct api_call *call)
{
    bool is_v3 = call->dialect == DIALECT_V3;
    struct event_batch batch;
    enum event_form form;
    bool *is_deferred;
    enum err err;

    if (!event_form_of(call->request->content_type, is_v3, &form))
        return problem_refuse(&call->cx.problem, FAULT_CONTENT_TYPE, "invalid content type: %.*s",
                              TEXT_ARG(call->request->content_type));
    err = event_parse_in_place(&call->cx, form, call->request->body, &batch);
    if (err != OK)
        return err;
    /* Once appended, the commit thread owns the call: nothing of it is touched here afterwards. */
    is_deferred = call->is_deferred;
    *is_deferred = true;
    err = usage_append(call->cx.usage, batch.items, batch.count, ingest_done, call);
    if (err == OK)
        return OK;
    *is_deferred = false;
    if (err == ERR_BUSY)
        return problem_refuse(&call->cx.problem, FAULT_SERVER_BUSY, "%s",
                              "too many events wait for the disk");
    return err;
}

/* ---- listing ------------------------------------------------------------------------------- */

/* Looks up whose subject it is: a page has few, the organization may have very many. */
struct attribution_state {
    struct cx *cx;
    enum err err; /* of the first look-up that failed */
};

static ulid customer_of_subject(void *state, text subject, instant time)
{
    struct attribution_state *s = state;
    const struct attribution *row = NULL;
    struct list attributions;

    if (s->err == OK)
        s->err = customer_attributions_of_subjects(s->cx, &subject, 1, &attributions);
    if (s->err == OK)
        row = attribution_find(&attributions, subject, time);
    return row ? row->customer_id.ulid : (ulid){ { 0 } };
}

/* A customer that is not there is a fault of the parameter that names it, not an absent page. */
static enum err refuse_customer(struct api_call *call)
{
    problem_init(&call->cx.problem, call->cx.arena);
    param_fault(call, call->dialect == DIALECT_V1 ? "customerId" : "filter[customer_id]", "invalid",
                "there is no such customer");
    return ERR_REFUSED;
}

/* What a customer has and had. */
static enum err owned_by(struct api_call *call, text id_or_key, struct list *ret)
{
    struct customer customer;
    enum err err = customer_get(&call->cx, id_or_key, &customer);

    if (err == OK)
        err = customer_attributions(&call->cx, customer.id, ret);
    return err;
}

enum err events_of_customers(struct api_call *call, const struct text_list *ids,
                             struct event_query *query)
{
    struct arena *arena = call->cx.arena;
    struct list *found = ARENA_ARRAY(arena, struct list, ids->count);
    struct period *times;
    size_t count = 0;
    enum err err = OK;

    if (problem_is_set(&call->cx.problem))
        return ERR_REFUSED;
    for (size_t i = 0; i < ids->count && err == OK; i++) {
        err = owned_by(call, ids->items[i], &found[i]);
        count += err == OK ? found[i].count : 0;
    }
    if (err != OK)
        return err == ERR_REFUSED ? refuse_customer(call) : err;
    query->has_owned = true;
    query->owned = (struct text_list){ ARENA_ARRAY(arena, text, count), 0 };
    query->owned_times = times = ARENA_ARRAY(arena, struct period, count);
    for (size_t i = 0; i < ids->count; i++) {
        const struct attribution *rows = found[i].items;

        for (size_t k = 0; k < found[i].count; k++) {
            times[query->owned.count] = (struct period){ rows[k].valid_from, rows[k].valid_to };
            query->owned.items[query->owned.count++] = rows[k].subject;
        }
    }
    /* A list of events is on the server's clock, whoever is looked at. */
    cx_enter_clock(&call->cx, (struct test_clock_id){ 0 }, INSTANT_NONE);
    return OK;
}

enum err events_page(struct api_call *call, struct event_query *query, struct event_page *ret)
{
    struct attribution_state state = { .cx = &call->cx };
    enum err err;

    if (problem_is_set(&call->cx.problem))
        return ERR_REFUSED;
    query->customer_of = customer_of_subject;
    query->customer_state = &state;
    err = event_list(&call->cx, query, ret);
    return err == OK ? state.err : err;
}

void events_write_rows(struct api_call *call, const struct event_page *page, struct json_writer *w)
{
    json_array_begin(w);
    for (size_t i = 0; i < page->count; i++)
        event_row_write(w, call->dialect, &page->items[i]);
    json_array_end(w);
}

int64_t events_limit(struct api_call *call, const char *name, int64_t fallback)
{
    text value = param_text(call, name);
    int64_t n = fallback;

    if (value.ptr && (!text_to_int(value, &n) || n < 1 || n > EVENT_LIST_LIMIT_MAX))
        param_fault(call, name, "is_integer", "must be a whole number from 1 to 100");
    return n;
}

#define EVENT_LIST_V1_NS_MAX (32 * NS_PER_DAY)

enum err events_list_v1(struct api_call *call)
{
    struct event_query query = EVENT_QUERY_ALL;
    instant earliest = { call->cx.now.ns - EVENT_LIST_V1_NS_MAX };
    struct text_list customers = param_list(call, "customerId");
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);
    struct event_page page;
    enum err err;

    query.from = param_instant(call, "from");
    query.to = param_instant(call, "to");
    query.ingested_from = param_instant(call, "ingestedAtFrom");
    query.ingested_to = param_instant(call, "ingestedAtTo");
    query.id_contains = param_text(call, "id");
    query.subjects = param_list(call, "subject");
    query.has_subjects = query.subjects.count > 0;
    query.limit = events_limit(call, "limit", EVENT_LIST_LIMIT_MAX);
    param_client_id(call);
    if (instant_is_none(query.from))
        query.from = earliest;
    else if (instant_before(query.from, earliest))
        param_fault(call, "from", "min", "must not be more than 32 days ago");
    err = customers.count > 0 ? events_of_customers(call, &customers, &query) : OK;
    if (err == OK)
        err = events_page(call, &query, &page);
    if (err != OK)
        return err;
    events_write_rows(call, &page, &w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

static const struct filter_param event_filters[] = {
    { "id", FILTER_KIND_TEXT },
    { "source", FILTER_KIND_TEXT },
    { "subject", FILTER_KIND_TEXT },
    { "type", FILTER_KIND_TEXT },
    { "customer_id", FILTER_KIND_LOOKUP },
    { "time", FILTER_KIND_TIME },
    { "ingested_at", FILTER_KIND_TIME },
    { "stored_at", FILTER_KIND_TIME },
    { NULL, FILTER_KIND_TEXT },
};

static const struct filter *text_filter(struct api_call *call, const char *name)
{
    struct filter *filter = ARENA_NEW(call->cx.arena, struct filter);

    return filter_text(call, name, filter) ? filter : NULL;
}

/* An event is stored when it is ingested, so both fields narrow the same range. */
static void arrival_filters(struct api_call *call, struct event_query *query)
{
    instant from, to;

    filter_times(call, "ingested_at", &query->ingested_from, &query->ingested_to);
    filter_times(call, "stored_at", &from, &to);
    if (instant_before(query->ingested_from, from))
        query->ingested_from = from;
    if (!instant_is_none(to) &&
        (instant_is_none(query->ingested_to) || instant_before(to, query->ingested_to)))
        query->ingested_to = to;
}

/* Reads v3's parameters into a query. */
static enum err read_query_v3(struct api_call *call, struct event_query *query)
{
    struct text_list customers;
    text after = param_text(call, "page[after]");
    bool is_descending = true;

    filters_check(call, event_filters);
    query->id = text_filter(call, "id");
    query->source = text_filter(call, "source");
    query->subject = text_filter(call, "subject");
    query->type = text_filter(call, "type");
    filter_times(call, "time", &query->from, &query->to);
    arrival_filters(call, query);
    query->sort = (enum event_sort)param_sort(call, event_sort_words, &is_descending);
    query->is_ascending = !is_descending;
    query->limit = events_limit(call, "page[size]", LIMIT_PAGE_SIZE_V3);
    if (param_text(call, "page[before]").ptr)
        param_fault(call, "page[before]", "invalid", "backward pagination is not supported");
    if (after.ptr && !event_cursor_parse(call->cx.arena, after, &query->after))
        param_fault(call, "page[after]", "invalid", "is no cursor");
    if (!filter_values(call, "customer_id", &customers))
        return problem_err(&call->cx.problem);
    return events_of_customers(call, &customers, query);
}

enum err events_list_v3(struct api_call *call)
{
    struct event_query query = EVENT_QUERY_ALL;
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);
    struct event_page page;
    enum err err = read_query_v3(call, &query);

    if (err == OK)
        err = events_page(call, &query, &page);
    if (err != OK)
        return err;
    json_object_begin(&w);
    json_key(&w, TEXT("data"));
    events_write_rows(call, &page, &w);
    reply_cursor_end(&w, query.limit,
                     page.next.is_set ? event_cursor_text(call->cx.arena, page.next) : TEXT_NONE);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}
