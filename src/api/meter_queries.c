/* meter_queries.c: usage queries, by GET and POST, as JSON and CSV, and the listings of subjects
 * and of dimension values. */
#include "api/handlers.h"

#include "customer/customer.h"
#include "meter/meter_flow.h"
#include "meter/query_write.h"

/* The subjects of a customer and the times in which they are his: a subject that moved from one to
 * another splits its usage at that instant. */
static enum err resolve_subjects(struct api_call *call, struct customer_id id,
                                 struct meter_customer *customer)
{
    struct arena *arena = call->cx.arena;
    struct list found;
    enum err err = customer_attributions(&call->cx, id, &found);
    const struct attribution *rows = found.items;
    struct period *periods;

    if (err != OK)
        return err;
    periods = ARENA_ARRAY(arena, struct period, found.count);
    customer->subjects = (struct text_list){ ARENA_ARRAY(arena, text, found.count), found.count };
    customer->periods = periods;
    for (size_t i = 0; i < found.count; i++) {
        customer->subjects.items[i] = rows[i].subject;
        periods[i] = (struct period){ rows[i].valid_from, rows[i].valid_to };
    }
    return OK;
}

enum err query_resolve_customers(struct api_call *call, struct meter_query *query)
{
    struct cx *cx = &call->cx;
    struct meter_customer *items =
        ARENA_ARRAY(cx->arena, struct meter_customer, query->customer_ids.count);

    for (size_t i = 0; i < query->customer_ids.count; i++) {
        struct customer customer;
        enum err err = customer_get(cx, query->customer_ids.items[i], &customer);

        if (err != OK)
            return err;
        items[i] = (struct meter_customer){
            .id = customer.id.ulid,
            .key = customer.key,
            .name = customer.name,
        };
        err = resolve_subjects(call, customer.id, &items[i]);
        if (err != OK)
            return err;
    }
    /* Asked of one customer, the present is that customer's; else it is the server's. */
    if (query->customer_ids.count != 1)
        cx_enter_clock(cx, (struct test_clock_id){ 0 }, INSTANT_NONE);
    query->customers = (struct meter_customers){ items, query->customer_ids.count };
    return OK;
}

/* v1's GET parameters filterGroupBy[name]=value, each an equality. */
static void read_group_filters(struct api_call *call, struct meter_query *query)
{
    const struct http_request *request = call->request;

    query->filters.items = ARENA_ARRAY(request->arena, struct filter_entry, request->param_count);
    for (size_t i = 0; i < request->param_count; i++) {
        text name = request->params[i].name;

        if (!text_starts_with(name, TEXT("filterGroupBy[")) || !text_ends_with(name, TEXT("]")))
            continue;
        query->filters.items[query->filters.count++] = (struct filter_entry){
            .name = text_slice(name, 14, name.len - 15),
            .filter = { .op = FILTER_EQ, .value = request->params[i].value },
        };
    }
}

/* v1's advancedMeterGroupByFilters: filters as JSON in one parameter. */
static void read_advanced_filters(struct api_call *call, struct meter_query *query)
{
    text value = param_text(call, "advancedMeterGroupByFilters");
    struct json_fault fault;
    struct json filters;

    if (!value.ptr)
        return;
    if (query->filters.count > 0)
        param_fault(call, "advancedMeterGroupByFilters", "invalid",
                    "cannot be combined with filterGroupBy");
    else if (!json_parse(call->cx.arena, value, &filters, &fault))
        param_fault(call, "advancedMeterGroupByFilters", "invalid", "is not valid JSON");
    else if (!filter_map_read(&filters, DIALECT_V1, TEXT("advancedMeterGroupByFilters"),
                              &call->cx.problem, &query->filters))
        CHECK(problem_is_set(&call->cx.problem));
}

static void read_window(struct api_call *call, struct meter_query *query)
{
    text value = param_text(call, "windowSize");

    if (!value.ptr)
        return;
    for (int i = 0; i < METER_WINDOW_NONE; i++)
        if (text_equal_nocase(value, text_of(meter_window_words[i])))
            query->window = (enum meter_window)i;
    if (query->window == METER_WINDOW_NONE)
        param_fault(call, "windowSize", "enum", "must be MINUTE, HOUR, DAY or MONTH");
}

static enum err read_params(struct api_call *call, struct meter_query *query)
{
    query->from = param_instant(call, "from");
    query->to = param_instant(call, "to");
    query->time_zone = param_text(call, "windowTimeZone");
    query->group_by = param_list(call, "groupBy");
    query->subjects = param_list(call, "subject");
    query->has_subjects = query->subjects.count > 0;
    query->customer_ids = param_list(call, "filterCustomerId");
    query->has_customers = query->customer_ids.count > 0;
    param_client_id(call);
    read_window(call, query);
    read_group_filters(call, query);
    read_advanced_filters(call, query);
    return problem_err(&call->cx.problem);
}

static enum err reply_result(struct api_call *call, const struct meter *meter,
                             const struct meter_result *result)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);

    if (!http_media_type_is(call->request->accept, TEXT("text/csv"))) {
        meter_result_write(&w, call->dialect, result);
        return reply_body(call, TEXT("application/json"), buffer_text(&body));
    }
    meter_result_csv(&body, call->dialect, result);
    MUST(reply_body(call, TEXT("text/csv"), buffer_text(&body)) == OK);
    http_reply_header(
        call->reply, TEXT("Content-Disposition"),
        text_format(call->cx.arena, "attachment; filename=%.*s.csv", TEXT_ARG(meter->key)));
    return OK;
}

static enum err answer_query(struct api_call *call, const struct meter *meter,
                             struct meter_query *query)
{
    struct meter_result result;
    enum err err = OK;

    if (query->has_customers)
        err = query_resolve_customers(call, query);
    if (err != OK)
        return err;
    meter_query_normalize(query, call->cx.arena);
    if (!meter_query_check(meter, query, call->dialect, &call->cx.problem))
        return ERR_REFUSED;
    err = meter_query_run(&call->cx, meter, query, &result);
    return err == OK ? reply_result(call, meter, &result) : err;
}

enum err meters_query_get(struct api_call *call)
{
    struct meter_query query = METER_QUERY_ALL;
    struct meter meter;
    enum err err = path_meter(call, &meter);

    if (err == OK)
        err = read_params(call, &query);
    return err == OK ? answer_query(call, &meter, &query) : err;
}

enum err meters_query_post(struct api_call *call)
{
    struct meter_query query = METER_QUERY_ALL;
    struct meter meter;
    struct json body;
    enum err err = path_meter(call, &meter);

    if (err == OK)
        err = body_json(call, true, &body);
    if (err != OK)
        return err;
    if (!meter_query_read(call->dialect, call->cx.arena, &body, &call->cx.problem, &query))
        return ERR_REFUSED;
    return answer_query(call, &meter, &query);
}

/* A JSON array of strings. */
static enum err reply_texts(struct api_call *call, const struct text_list *texts)
{
    struct buffer body = call_buffer(call);
    struct json_writer w = json_writer_of(&body);

    json_array_begin(&w);
    for (size_t i = 0; i < texts->count; i++)
        json_text(&w, texts->items[i]);
    json_array_end(&w);
    return reply_body(call, TEXT("application/json"), buffer_text(&body));
}

enum err meters_subjects(struct api_call *call)
{
    instant from = param_instant(call, "from");
    instant to = param_instant(call, "to");
    struct text_list subjects;
    struct meter meter;
    enum err err = problem_err(&call->cx.problem);

    if (err == OK)
        err = path_meter(call, &meter);
    if (err == OK)
        err = meter_subjects(&call->cx, &meter, from, to, &subjects);
    return err == OK ? reply_texts(call, &subjects) : err;
}

#define VALUES_DEFAULT_NS    NS_PER_DAY
#define VALUES_WINDOW_NS_MAX (30 * NS_PER_DAY)
#define VALUES_AGE_NS_MAX    (90 * NS_PER_DAY)

/* Whether more than `limit_ns` lie between two instants, which may be any. */
static bool is_wider(instant from, instant to, int64_t limit_ns)
{
    return instant_before(from, to) && (uint64_t)to.ns - (uint64_t)from.ns > (uint64_t)limit_ns;
}

/* The contract's limits: a day back by default, at most 90 days back, 30 days wide. */
static enum err read_values_query(struct api_call *call, struct meter_values_query *query)
{
    instant now = call->cx.now;
    instant earliest = { now.ns - VALUES_AGE_NS_MAX };
    instant to = param_instant(call, "to");

    query->dimension = call->path_params[1];
    query->from = param_instant(call, "from");
    query->to = to;
    if (instant_is_none(to))
        to = now;
    if (instant_before(to, earliest))
        param_fault(call, "to", "min", "must not be more than 90 days ago");
    else if (instant_is_none(query->from))
        query->from = (instant){ to.ns - VALUES_DEFAULT_NS };
    if (instant_before(query->from, earliest))
        param_fault(call, "from", "min", "must not be more than 90 days ago");
    if (is_wider(query->from, to, VALUES_WINDOW_NS_MAX))
        param_fault(call, "to", "max", "must not be more than 30 days after from");
    return problem_err(&call->cx.problem);
}

enum err meters_values(struct api_call *call)
{
    struct meter_values_query query;
    struct text_list values;
    struct meter meter;
    enum err err = read_values_query(call, &query);

    if (err == OK)
        err = path_meter(call, &meter);
    if (err == OK)
        err = meter_values(&call->cx, &meter, &query, &values);
    return err == OK ? reply_texts(call, &values) : err;
}
