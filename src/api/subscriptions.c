/* subscriptions.c: subscriptions, in both dialects. */
#include "api/handlers.h"

#include "bill/billing.h"

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
    /* v1 answers a creation with the short form, without phases. */
    return reply_one(call, is_v1 ? &subscription_brief_fields : &subscription_fields, &made);
}

/* The id in the path, as text, once it has been seen to be one. */
static enum err path_subscription(struct api_call *call, text *ret)
{
    ulid id;

    *ret = call->path_params[0];
    return path_ulid(call, 0, FAULT_SUBSCRIPTION_ABSENT, &id);
}

enum err subscriptions_get(struct api_call *call)
{
    struct subscription subscription;
    text id;
    enum err err = path_subscription(call, &id);

    if (err == OK)
        err = subscription_get(&call->cx, id, &subscription);
    return err == OK ? reply_one(call, &subscription_fields, &subscription) : err;
}

static const struct filter_param subscription_filters[] = {
    { "id", FILTER_KIND_EXACT },       { "customer_id", FILTER_KIND_EXACT },
    { "status", FILTER_KIND_EXACT },   { "plan_id", FILTER_KIND_EXACT },
    { "plan_key", FILTER_KIND_EXACT }, { NULL, FILTER_KIND_EXACT },
};

/* The one value of an exact filter; TEXT_NONE when absent, a fault when there are more. */
static text one_value(struct api_call *call, const char *name)
{
    struct text_list values = { 0 };

    if (!filter_values(call, name, &values))
        return TEXT_NONE;
    if (values.count != 1)
        param_fault(call, name, "max_items", "one value only");
    return values.items[0];
}

static const char *const subscription_sort_words_v3[] = { "active_from", "id", NULL };

static enum err list_reply(struct api_call *call, const struct subscription_query *query)
{
    struct list list;
    int64_t total;
    enum err err;

    for (size_t i = 0; i < query->statuses.count; i++)
        if (words_find(subscription_status_words, query->statuses.items[i]) < 0)
            param_fault(call, "status", "enum", "must be active, inactive, canceled or scheduled");
    if (problem_is_set(&call->cx.problem))
        return ERR_REFUSED;
    err = subscription_list(&call->cx, query, &list, &total);
    return err == OK ? reply_page(call, &subscription_fields, &list, query->page, total) : err;
}

enum err subscriptions_list(struct api_call *call)
{
    struct subscription_query query = { .page = param_page(call) };
    text customer;

    filters_check(call, subscription_filters);
    (void)param_sort(call, subscription_sort_words_v3, &query.is_descending);
    (void)filter_values(call, "id", &query.ids);
    (void)filter_values(call, "status", &query.statuses);
    query.plan_id = one_value(call, "plan_id");
    query.plan_key = one_value(call, "plan_key");
    customer = one_value(call, "customer_id");
    if (customer.ptr && !ulid_parse(customer, &query.customer_id.ulid))
        param_fault(call, "customer_id", "invalid", "is no id");
    return list_reply(call, &query);
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
    query.is_descending = text_equal_nocase(param_text(call, "order"), TEXT("desc"));
    return list_reply(call, &query);
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
    return err == OK ? reply_one(call, &subscription_fields, &subscription) : err;
}

enum err subscriptions_continue(struct api_call *call)
{
    struct subscription subscription;
    text id;
    enum err err = path_subscription(call, &id);

    if (err == OK)
        err = bill_subscription_continue(&call->cx, id, &subscription);
    return err == OK ? reply_one(call, &subscription_fields, &subscription) : err;
}

enum err subscriptions_delete(struct api_call *call)
{
    text id;
    enum err err = path_subscription(call, &id);

    if (err == OK)
        err = bill_subscription_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}
