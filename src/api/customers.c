/* customers.c: customers, in both dialects. */
#include "api/handlers.h"

#include "bill/billing.h"
#include "customer/customer.h"

/* v1 shows which subscription runs now. */
static enum err fill_subscription(struct api_call *call, struct customer *customer)
{
    bool is_active;

    if (call->dialect != DIALECT_V1)
        return OK;
    return subscription_customer_is_active(&call->cx, customer->id, &is_active,
                                           &customer->current_subscription_id.ulid);
}

static enum err reply_customer(struct api_call *call, struct customer *customer)
{
    enum err err = fill_subscription(call, customer);

    return err == OK ? reply_one(call, &customer_fields, customer) : err;
}

static enum err read_body(struct api_call *call, bool is_update, struct customer *ret)
{
    struct json body;
    enum err err = body_json(call, false, &body);

    if (err != OK)
        return err;
    if (!fields_read(customer_body_fields(call->dialect, is_update, &body), call->dialect, &body,
                     &call->cx.problem, ret))
        return ERR_REFUSED;
    return OK;
}

/* The id or key in the path: v3 takes ids only. */
static enum err path_customer(struct api_call *call, text *ret)
{
    ulid id;

    *ret = call->path_params[0];
    if (call->dialect == DIALECT_V1)
        return OK;
    return path_ulid(call, 0, FAULT_CUSTOMER_ABSENT, &id);
}

enum err customers_create(struct api_call *call)
{
    struct customer body, made;
    enum err err = read_body(call, false, &body);

    if (err == OK)
        err = customer_create(&call->cx, &body, &made);
    return err == OK ? reply_customer(call, &made) : err;
}

enum err customers_get(struct api_call *call)
{
    struct customer customer;
    text id;
    enum err err = path_customer(call, &id);

    if (err == OK)
        err = customer_get(&call->cx, id, &customer);
    return err == OK ? reply_customer(call, &customer) : err;
}

static const struct filter_param customer_filters[] = {
    { "key", FILTER_KIND_TEXT },
    { "name", FILTER_KIND_TEXT },
    { "primary_email", FILTER_KIND_TEXT },
    { NULL, FILTER_KIND_TEXT },
};

/* v3 asks for equality or a part of the text. */
static void read_text_filter(struct api_call *call, const char *name, text *ret_equals,
                             text *ret_contains)
{
    struct filter filter;

    if (!filter_text(call, name, &filter))
        return;
    if (filter.op == FILTER_EQ && ret_equals)
        *ret_equals = filter.value;
    else if (filter.op == FILTER_CONTAINS)
        *ret_contains = filter.value;
    else
        param_fault(call, name, "enum",
                    ret_equals ? "the operators here are eq and contains"
                               : "the operator here is contains");
}

enum err customers_list(struct api_call *call)
{
    struct customer_filter filter = { 0 };
    struct page page = param_page(call);
    struct list list;
    int64_t total;
    enum err err;

    if (call->dialect == DIALECT_V3) {
        filters_check(call, customer_filters);
        read_text_filter(call, "key", &filter.key, &filter.key_contains);
        read_text_filter(call, "name", &filter.name, &filter.name_contains);
        read_text_filter(call, "primary_email", NULL, &filter.email_contains);
    } else {
        filter.key_contains = param_text(call, "key");
        filter.name_contains = param_text(call, "name");
        filter.email_contains = param_text(call, "primaryEmail");
        filter.subject = param_text(call, "subject");
        filter.with_deleted = param_bool(call, "includeDeleted");
    }
    if (problem_is_set(&call->cx.problem))
        return ERR_REFUSED;
    err = customer_list(&call->cx, &filter, page, &list, &total);
    for (size_t i = 0; err == OK && i < list.count; i++)
        err = fill_subscription(call, &((struct customer *)list.items)[i]);
    return err == OK ? reply_page(call, &customer_fields, &list, page, total) : err;
}

enum err customers_update(struct api_call *call)
{
    struct customer body, customer;
    struct customer_change change = { .body = &body, .keeps_key = call->dialect == DIALECT_V3 };
    text id;
    ulid current;
    enum err err = path_customer(call, &id);

    if (err == OK)
        err = read_body(call, true, &body);
    if (err == OK)
        err = customer_get(&call->cx, id, &customer);
    if (err == OK)
        err = subscription_customer_is_active(&call->cx, customer.id, &change.is_subscribed,
                                              &current);
    if (err == OK)
        err = customer_update(&call->cx, id, &change, &customer);
    return err == OK ? reply_customer(call, &customer) : err;
}

enum err customers_delete(struct api_call *call)
{
    struct customer customer;
    bool is_subscribed = false, has_lines = false;
    ulid current;
    text id;
    enum err err = path_customer(call, &id);

    if (err == OK)
        err = customer_get(&call->cx, id, &customer);
    if (err == OK)
        err = subscription_customer_is_active(&call->cx, customer.id, &is_subscribed, &current);
    if (err == OK)
        err = bill_customer_has_lines(&call->cx, customer.id, &has_lines);
    if (err == OK)
        err = customer_delete(&call->cx, id, is_subscribed || has_lines);
    return err == OK ? reply_empty(call) : err;
}
