/* subscriptions.c: subscriptions, in both dialects. */
#include "api/handlers.h"

#include "api/subscriptions.h"

/* v1 prints phases only where one subscription is asked for. */
static const struct fields *answer_fields(const struct api_call *call)
{
    return call->dialect == DIALECT_V1 ? &subscription_brief_fields : &subscription_fields;
}

/* One subscription, with its version as the ETag that If-Match can name. */
static enum err reply_as(struct api_call *call, const struct fields *table,
                         const struct subscription *subscription)
{
    enum err err = reply_one(call, table, subscription);

    if (err == OK)
        http_reply_header(
            call->reply, TEXT("ETag"),
            text_format(call->cx.arena, "\"%lld\"", (long long)subscription->version));
    return err;
}

enum err reply_subscription(struct api_call *call, const struct subscription *subscription)
{
    return reply_as(call, answer_fields(call), subscription);
}

enum err subscriptions_create(struct api_call *call)
{
    bool is_v1 = call->dialect == DIALECT_V1;
    const struct fields *table = is_v1 ? &subscription_body_v1_fields
                                       : &subscription_body_v3_fields;
    struct subscription_body body;
    struct subscription made;
    enum err err = subscription_body_read(call, table, &body);

    if (err == OK)
        err = bill_subscription_create(&call->cx, &body, &made);
    return err == OK ? reply_subscription(call, &made) : err;
}

enum err subscription_body_read(struct api_call *call, const struct fields *table,
                                struct subscription_body *ret)
{
    struct problem *problem = &call->cx.problem;
    struct json json;
    enum err err = body_json(call, false, &json);
    bool is_read;

    if (err != OK)
        return err;
    is_read = fields_read(table, call->dialect, &json, problem, ret);
    return subscription_body_settle(ret, call->dialect, problem) && is_read ? OK : ERR_REFUSED;
}

/* The version that If-Match names: 0 when any will do. */
static enum err path_version(struct api_call *call, int64_t *ret)
{
    text tag = call->request->if_match;

    *ret = 0;
    if (text_is_empty(tag) || text_equal(tag, TEXT("*")))
        return OK;
    if (tag.len > 2 && tag.ptr[0] == '"' && tag.ptr[tag.len - 1] == '"' &&
        text_to_int(text_slice(tag, 1, tag.len - 2), ret) && *ret > 0)
        return OK;
    return problem_refuse(&call->cx.problem, FAULT_IF_MATCH, "%.*s", TEXT_ARG(tag));
}

enum err path_subscription(struct api_call *call, struct subscription_target *ret)
{
    ulid id;
    enum err err = path_ulid(call, 0, FAULT_SUBSCRIPTION_ABSENT, &id);

    ret->id = call->path_params[0];
    return err == OK ? path_version(call, &ret->if_version) : err;
}

/* v1's `at` shows the subscription as it is at another time. */
enum err subscriptions_get(struct api_call *call)
{
    struct subscription subscription;
    struct subscription_target target;
    enum err err = path_subscription(call, &target);
    instant at = call->dialect == DIALECT_V1 ? param_instant(call, "at") : INSTANT_NONE;

    if (!instant_is_none(at)) {
        call->cx.now = at;
        call->cx.is_now_asked = true;
    }
    if (err == OK)
        err = problem_err(&call->cx.problem);
    if (err == OK)
        err = subscription_get(&call->cx, target.id, &subscription);
    return err == OK ? reply_as(call, &subscription_fields, &subscription) : err;
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
    struct subscription_target target;
    struct subscription subscription;
    struct json json;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = body_json(call, true, &json);
    if (err != OK)
        return err;
    if (!fields_read(&subscription_cancel_fields, call->dialect, &json, &call->cx.problem, &body))
        return ERR_REFUSED;
    err = bill_subscription_cancel(&call->cx, &target, body.timing, &subscription);
    return err == OK ? reply_subscription(call, &subscription) : err;
}

enum err subscriptions_edit(struct api_call *call)
{
    struct subscription_edit_body body = { 0 };
    struct subscription_target target;
    struct subscription subscription;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = body_read(call, &subscription_edit_body_fields, &body);
    if (err != OK)
        return err;
    body.dialect = call->dialect;
    if (!subscription_edits_settle(&body.customizations, call->dialect, &call->cx.problem))
        return ERR_REFUSED;
    err = bill_subscription_edit(&call->cx, &target, &body, &subscription);
    return err == OK ? reply_subscription(call, &subscription) : err;
}

enum err subscriptions_continue(struct api_call *call)
{
    struct subscription_target target;
    struct subscription subscription;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = bill_subscription_continue(&call->cx, &target, &subscription);
    return err == OK ? reply_subscription(call, &subscription) : err;
}

enum err subscriptions_delete(struct api_call *call)
{
    struct subscription_target target;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = bill_subscription_delete(&call->cx, &target);
    return err == OK ? reply_empty(call) : err;
}
