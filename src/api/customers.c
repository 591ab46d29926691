/* customers.c: customers, in both dialects. */
#include "api/handlers.h"

#include "base/limits.h"
#include "bill/override.h"
#include "bill/payer.h"
#include "customer/customer.h"
#include "subscribe/subscription.h"

/* The customer's subscriptions that are not over, as v1 prints them. */
static enum err expand_subscriptions(struct api_call *call, struct customer *customer)
{
    static text live[] = { TEXT_INIT("active"), TEXT_INIT("canceled"), TEXT_INIT("scheduled") };
    const struct subscription_query query = {
        .customer_id = customer->id,
        .statuses = { live, COUNT_OF(live) },
        .page = { 1, LIMIT_PAGE_SIZE_MAX },
    };
    struct buffer out = call_buffer(call);
    struct json_writer w = json_writer_of(&out);
    struct list list;
    int64_t total;
    enum err err = subscription_list(&call->cx, &query, &list, &total);

    if (err != OK)
        return err;
    json_array_begin(&w);
    for (size_t i = 0; i < list.count; i++)
        fields_write(&subscription_brief_fields, DIALECT_V1, &w,
                     &((const struct subscription *)list.items)[i]);
    json_array_end(&w);
    customer->subscriptions = buffer_text(&out);
    return OK;
}

/* v1 shows which subscription runs now, and all that are not over when expand names them. */
static enum err fill_subscription(struct api_call *call, struct customer *customer)
{
    struct text_list expand;
    bool is_active;
    enum err err;

    if (call->dialect != DIALECT_V1)
        return OK;
    err = subscription_customer_is_active(&call->cx, customer->id, &is_active,
                                          &customer->current_subscription_id.ulid);
    expand = param_list(call, "expand");
    if (err == OK && text_list_holds(&expand, TEXT("subscriptions")))
        err = expand_subscriptions(call, customer);
    return err;
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
    { "usage_attribution_subject_key", FILTER_KIND_TEXT },
    { "plan_key", FILTER_KIND_TEXT },
    { "test_clock_id", FILTER_KIND_ID },
    { "billing_profile_id", FILTER_KIND_ID },
    { NULL, FILTER_KIND_TEXT },
};

/* Whether one of the customer's subject keys passes. */
static bool subject_passes(const struct customer *customer, const struct filter *filter)
{
    const struct text_list *keys = &customer->usage_attribution.subject_keys;

    if (keys->count == 0)
        return filter_match(filter, TEXT_NONE);
    for (size_t i = 0; i < keys->count; i++)
        if (filter_match(filter, keys->items[i]))
            return true;
    return false;
}

/* Whether the key of a plan that the customer is subscribed to now passes. */
static enum err plan_passes(struct api_call *call, const struct customer *customer,
                            const struct filter *filter, bool *ret)
{
    static text running[] = { TEXT_INIT("active"), TEXT_INIT("canceled") };
    const struct subscription_query query = {
        .customer_id = customer->id,
        .statuses = { running, COUNT_OF(running) },
        .page = { 1, LIMIT_PAGE_SIZE_MAX },
    };
    struct list list;
    int64_t total;
    enum err err = subscription_list(&call->cx, &query, &list, &total);

    if (err != OK)
        return err;
    *ret = list.count == 0 && filter_match(filter, TEXT_NONE);
    for (size_t i = 0; i < list.count && !*ret; i++)
        *ret = filter_match(filter, ((const struct subscription *)list.items)[i].plan_key);
    return OK;
}

/* Whether the profile that the customer is billed by passes: the one it is pinned to, or the
 * default. */
static enum err profile_passes(struct api_call *call, const struct customer *customer,
                               const struct filter *filter, bool *ret)
{
    const struct override_query query = { 0 };
    struct override_details details;
    struct arena *arena = call->cx.arena;
    enum err err = override_get(&call->cx, ulid_text(arena, customer->id.ulid), &query, &details);

    if (err == OK)
        *ret = filter_match(filter, ulid_text(arena, details.base_profile_id.ulid));
    return err;
}

static enum err judge_customer(struct api_call *call, const void *item,
                               const struct filter_entry *entry, bool *ret)
{
    if (text_equal(entry->name, TEXT("plan_key")))
        return plan_passes(call, item, &entry->filter, ret);
    if (text_equal(entry->name, TEXT("billing_profile_id")))
        return profile_passes(call, item, &entry->filter, ret);
    *ret = subject_passes(item, &entry->filter);
    return OK;
}

static enum err fetch_customers(struct api_call *call, const void *query, struct page page,
                                struct list *ret, int64_t *ret_total)
{
    return customer_list(&call->cx, query, page, ret, ret_total);
}

/* A field whose rows can be looked up by one value, or by a part of it. */
static void look_up(struct api_call *call, const char *name, text *ret_equals, text *ret_part,
                    struct filter_map *rest)
{
    struct filter_map other = *rest;
    struct text_list values = { 0 };

    filter_lookup(call, name, ret_equals ? &values : NULL, ret_part, &other);
    if (values.count == 1)
        *ret_equals = values.items[0];
    else if (values.count > 1)
        filter_lookup(call, name, NULL, NULL, rest);
    else
        *rest = other;
}

static void read_query_v3(struct api_call *call, struct customer_filter *query,
                          struct filter_map *rest)
{
    filters_check(call, customer_filters);
    look_up(call, "key", &query->key, &query->key_contains, rest);
    look_up(call, "name", &query->name, &query->name_contains, rest);
    look_up(call, "primary_email", NULL, &query->email_contains, rest);
    filter_lookup(call, "usage_attribution_subject_key", NULL, NULL, rest);
    filter_lookup(call, "plan_key", NULL, NULL, rest);
    filter_lookup(call, "test_clock_id", NULL, NULL, rest);
    filter_lookup(call, "billing_profile_id", NULL, NULL, rest);
}

static void read_query_v1(struct api_call *call, struct customer_filter *query,
                          struct filter_map *rest)
{
    text plan_key = param_text(call, "planKey");
    struct filter_entry *entry;

    query->key_contains = param_text(call, "key");
    query->name_contains = param_text(call, "name");
    query->email_contains = param_text(call, "primaryEmail");
    query->subject = param_text(call, "subject");
    query->with_deleted = param_bool(call, "includeDeleted");
    if (!plan_key.ptr)
        return;
    entry = ARENA_NEW(call->cx.arena, struct filter_entry);
    *entry = (struct filter_entry){ TEXT("plan_key"), { .op = FILTER_EQ, .value = plan_key } };
    *rest = (struct filter_map){ entry, 1 };
}

enum err customers_list(struct api_call *call)
{
    struct customer_filter query = { 0 };
    struct list_scan scan = {
        .table = &customer_fields,
        .query = &query,
        .fetch = fetch_customers,
        .judge = judge_customer,
    };
    struct page page = param_page(call);
    struct list list;
    int64_t total;
    enum err err;

    query.sort = (enum customer_sort)param_sort(call, customer_sort_words, &query.is_descending);
    if (call->dialect == DIALECT_V3)
        read_query_v3(call, &query, &scan.rest);
    else
        read_query_v1(call, &query, &scan.rest);
    err = list_scan_run(call, &scan, page, &list, &total);
    for (size_t i = 0; err == OK && i < list.count; i++)
        err = fill_subscription(call, &((struct customer *)list.items)[i]);
    return err == OK ? reply_page(call, &customer_fields, &list, page, total) : err;
}

enum err customers_update(struct api_call *call)
{
    struct customer body, customer;
    struct customer_change change = { .body = &body,
                                      .keeps_key = call->dialect == DIALECT_V3,
                                      .keeps_ours = call->dialect == DIALECT_V1 };
    text id;
    enum err err = path_customer(call, &id);

    if (err == OK)
        err = read_body(call, true, &body);
    if (err == OK)
        err = payer_update(&call->cx, id, &change, &customer);
    return err == OK ? reply_customer(call, &customer) : err;
}

enum err customers_delete(struct api_call *call)
{
    text id;
    enum err err = path_customer(call, &id);

    if (err == OK)
        err = payer_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}
