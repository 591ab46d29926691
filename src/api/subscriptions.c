/* subscriptions.c: subscriptions, in both dialects. */
#include "api/handlers.h"

#include "bill/billing.h"

/* v1 prints phases only where one subscription is asked for. */
static const struct fields *answer_fields(const struct api_call *call)
{
    return call->dialect == DIALECT_V1 ? &subscription_brief_fields : &subscription_fields;
}

enum err subscriptions_create(struct api_call *call)
{
    bool is_v1 = call->dialect == DIALECT_V1;
    struct subscription_body body;
    struct subscription made;
    enum err err =
        body_read(call, is_v1 ? &subscription_body_v1_fields : &subscription_body_v3_fields, &body);

    if (err == OK)
        err = bill_subscription_create(&call->cx, &body, &made);
    if (err != OK)
        return err;
    return reply_one(call, answer_fields(call), &made);
}

/* The id in the path, as text, once it has been seen to be one. */
static enum err path_subscription(struct api_call *call, text *ret)
{
    ulid id;

    *ret = call->path_params[0];
    return path_ulid(call, 0, FAULT_SUBSCRIPTION_ABSENT, &id);
}

/* v1's `at` shows the subscription as it is at another time. */
enum err subscriptions_get(struct api_call *call)
{
    struct subscription subscription;
    text id;
    enum err err = path_subscription(call, &id);
    instant at = call->dialect == DIALECT_V1 ? param_instant(call, "at") : INSTANT_NONE;

    if (!instant_is_none(at)) {
        call->cx.now = at;
        call->cx.is_now_asked = true;
    }
    if (err == OK)
        err = problem_err(&call->cx.problem);
    if (err == OK)
        err = subscription_get(&call->cx, id, &subscription);
    return err == OK ? reply_one(call, &subscription_fields, &subscription) : err;
}

static const struct filter_param subscription_filters[] = {
    { "id", FILTER_KIND_ID },          { "customer_id", FILTER_KIND_ID },
    { "status", FILTER_KIND_EXACT },   { "plan_id", FILTER_KIND_ID },
    { "plan_key", FILTER_KIND_EXACT }, { NULL, FILTER_KIND_EXACT },
};

/* The rows can look up one value of these fields; more are tried one by one. */
static text look_up_one(struct api_call *call, const char *name, struct filter_map *rest)
{
    struct text_list values = { 0 };
    struct filter_map other = *rest;

    filter_lookup(call, name, &values, NULL, &other);
    if (values.count == 1)
        return values.items[0];
    filter_lookup(call, name, NULL, NULL, rest);
    return TEXT_NONE;
}

static enum err fetch_subscriptions(struct api_call *call, const void *query, struct page page,
                                    struct list *ret, int64_t *ret_total)
{
    struct subscription_query one = *(const struct subscription_query *)query;

    one.page = page;
    return subscription_list(&call->cx, &one, ret, ret_total);
}

static enum err list_reply(struct api_call *call, const struct subscription_query *query,
                           struct filter_map rest)
{
    const struct list_scan scan = {
        .table = &subscription_fields,
        .query = query,
        .fetch = fetch_subscriptions,
        .rest = rest,
    };
    struct list list;
    int64_t total;
    enum err err;

    for (size_t i = 0; i < query->statuses.count; i++)
        if (words_find(subscription_status_words, query->statuses.items[i]) < 0)
            param_fault(call, "status", "enum", "must be active, inactive, canceled or scheduled");
    err = list_scan_run(call, &scan, query->page, &list, &total);
    return err == OK ? reply_page(call, answer_fields(call), &list, query->page, total) : err;
}

enum err subscriptions_list(struct api_call *call)
{
    struct subscription_query query = { .page = param_page(call) };
    struct filter_map rest = { 0 };
    text customer;

    filters_check(call, subscription_filters);
    query.sort =
        (enum subscription_sort)param_sort(call, subscription_sort_words, &query.is_descending);
    filter_lookup(call, "id", &query.ids, NULL, &rest);
    filter_lookup(call, "status", &query.statuses, NULL, &rest);
    query.plan_id = look_up_one(call, "plan_id", &rest);
    query.plan_key = look_up_one(call, "plan_key", &rest);
    customer = look_up_one(call, "customer_id", &rest);
    /* A malformed one was found at fault above. */
    if (customer.ptr && !ulid_parse(customer, &query.customer_id.ulid))
        CHECK(problem_is_set(&call->cx.problem));
    return list_reply(call, &query, rest);
}

/* v1: GET /customers/{idOrKey}/subscriptions. */
enum err customers_subscriptions(struct api_call *call)
{
    struct subscription_query query = { .page = param_page(call) };
    struct customer customer;
    enum err err = customer_get(&call->cx, call->path_params[0], &customer);

    if (err != OK)
        return err;
    query.customer_id = customer.id;
    query.statuses = param_list(call, "status");
    query.sort =
        (enum subscription_sort)param_sort(call, subscription_sort_words, &query.is_descending);
    return list_reply(call, &query, (struct filter_map){ 0 });
}

enum err subscriptions_cancel(struct api_call *call)
{
    struct subscription_cancel_body body = { 0 };
    struct subscription subscription;
    struct json json;
    text id;
    enum err err = path_subscription(call, &id);

    if (err == OK)
        err = body_json(call, true, &json);
    if (err != OK)
        return err;
    if (!fields_read(&subscription_cancel_fields, call->dialect, &json, &call->cx.problem, &body))
        return ERR_REFUSED;
    err = bill_subscription_cancel(&call->cx, id, body.timing, &subscription);
    return err == OK ? reply_one(call, answer_fields(call), &subscription) : err;
}

enum err subscriptions_continue(struct api_call *call)
{
    struct subscription subscription;
    text id;
    enum err err = path_subscription(call, &id);

    if (err == OK)
        err = bill_subscription_continue(&call->cx, id, &subscription);
    return err == OK ? reply_one(call, answer_fields(call), &subscription) : err;
}

enum err subscriptions_delete(struct api_call *call)
{
    text id;
    enum err err = path_subscription(call, &id);

    if (err == OK)
        err = bill_subscription_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}
