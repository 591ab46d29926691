/* profiles.c: billing profiles, and what customers have of their own. */
#include "api/handlers.h"

#include "bill/billing_settings.h"
#include "bill/override.h"

/* Whether v1's expand names something. */
static bool expands(const struct api_call *call, const char *what)
{
    struct text_list expand = param_list(call, "expand");

    return text_list_holds(&expand, text_of(what));
}

enum err profiles_create(struct api_call *call)
{
    const struct fields *table = call->dialect == DIALECT_V1 ? &profile_create_v1_fields
                                                             : &profile_create_v3_fields;
    struct profile body, made;
    enum err err = body_read(call, table, &body);

    if (err == OK)
        err = profile_create(&call->cx, &body, call->dialect, &made);
    return err == OK ? reply_one(call, &profile_fields, &made) : err;
}

enum err profiles_get(struct api_call *call)
{
    struct profile_id id;
    struct profile profile;
    enum err err = path_ulid(call, 0, FAULT_PROFILE_ABSENT, &id.ulid);

    if (err == OK)
        err = profile_get(&call->cx, id, expands(call, "apps"), &profile);
    return err == OK ? reply_one(call, &profile_fields, &profile) : err;
}

enum err profiles_list(struct api_call *call)
{
    struct profile_query query = {
        .with_deleted = param_bool(call, "includeArchived"),
        .expands_apps = expands(call, "apps"),
        .page = param_page(call),
    };
    struct list list;
    int64_t total;
    enum err err;

    query.sort = (enum profile_sort)param_sort(call, profile_sort_words, &query.is_descending);
    err = problem_err(&call->cx.problem);
    if (err == OK)
        err = profile_list(&call->cx, &query, &list, &total);
    return err == OK ? reply_page(call, &profile_fields, &list, query.page, total) : err;
}

enum err profiles_update(struct api_call *call)
{
    struct profile_id id;
    struct profile body, changed;
    enum err err = path_ulid(call, 0, FAULT_PROFILE_ABSENT, &id.ulid);

    if (err == OK)
        err = body_read(call, &profile_update_fields, &body);
    if (err == OK)
        err = profile_update(&call->cx, id, &body, call->dialect, &changed);
    return err == OK ? reply_one(call, &profile_fields, &changed) : err;
}

enum err profiles_delete(struct api_call *call)
{
    struct profile_id id;
    enum err err = path_ulid(call, 0, FAULT_PROFILE_ABSENT, &id.ulid);

    if (err == OK)
        err = profile_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}

/* ---- v1: customers' overrides -------------------------------------------------------------- */

/* The customer's id in the path; a key is none. */
static enum err path_customer(struct api_call *call, text *ret)
{
    ulid id;
    enum err err = path_ulid(call, 0, FAULT_CUSTOMER_ABSENT, &id);

    if (err == OK)
        *ret = ulid_text(call->cx.arena, id);
    return err;
}

static struct override_query override_expansions(const struct api_call *call)
{
    return (struct override_query){
        .expands_apps = expands(call, "apps"),
        .expands_customer = expands(call, "customer"),
    };
}

enum err overrides_get(struct api_call *call)
{
    struct override_query query = override_expansions(call);
    struct override_details details;
    text customer;
    enum err err = path_customer(call, &customer);

    if (err == OK)
        err = override_get(&call->cx, customer, &query, &details);
    return err == OK ? reply_one(call, &override_details_fields, &details) : err;
}

enum err overrides_put(struct api_call *call)
{
    struct override body;
    struct override_details details;
    text customer;
    enum err err = path_customer(call, &customer);

    if (err == OK)
        err = body_read(call, &override_body_fields, &body);
    if (err == OK)
        err = override_put(&call->cx, customer, &body, call->dialect, &details);
    return err == OK ? reply_one(call, &override_details_fields, &details) : err;
}

enum err overrides_delete(struct api_call *call)
{
    text customer;
    enum err err = path_customer(call, &customer);

    if (err == OK)
        err = override_delete(&call->cx, customer);
    return err == OK ? reply_empty(call) : err;
}

enum err overrides_list(struct api_call *call)
{
    struct override_query query = override_expansions(call);
    struct list list;
    int64_t total;
    enum err err;

    query.profiles = param_list(call, "billingProfile");
    query.customers = param_list(call, "customerId");
    query.is_unpinned = param_bool(call, "customersWithoutPinnedProfile");
    query.is_overridden = param_text(call, "includeAllCustomers").ptr != NULL &&
                          !param_bool(call, "includeAllCustomers");
    query.key_contains = param_text(call, "customerKey");
    query.name_contains = param_text(call, "customerName");
    query.email_contains = param_text(call, "customerPrimaryEmail");
    query.sort = (enum override_sort)param_sort(call, override_sort_words, &query.is_descending);
    query.page = param_page(call);
    err = problem_err(&call->cx.problem);
    if (err == OK)
        err = override_list(&call->cx, &query, &list, &total);
    return err == OK ? reply_page(call, &override_details_fields, &list, query.page, total) : err;
}

/* ---- v3: a customer's billing data --------------------------------------------------------- */

static enum err reply_billing(struct api_call *call, const struct override_details *details)
{
    const struct override *own = &details->override;
    struct list data;
    text customer = ulid_text(call->cx.arena, own->customer_id.ulid);
    enum err err = app_data_list(&call->cx, customer, FIELD_ENUM_NONE, &data);
    struct customer_billing billing = {
        .billing_profile = { own->profile_id },
        .has_billing_profile = !ulid_is_zero(own->profile_id.ulid),
        .has_app_data = true,
        .workflow = own->workflow,
        .has_workflow = own->has_workflow,
        .effective = { { details->base_profile_id }, details->profile.workflow },
    };

    if (err != OK)
        return err;
    billing.app_data = app_data_set_of(&data);
    return reply_one(call, &customer_billing_fields, &billing);
}

enum err customer_billing_get(struct api_call *call)
{
    const struct override_query plain = { .expands_apps = false };
    struct override_details details;
    text customer;
    enum err err = path_customer(call, &customer);

    if (err == OK)
        err = override_get(&call->cx, customer, &plain, &details);
    return err == OK ? reply_billing(call, &details) : err;
}

enum err customer_billing_put(struct api_call *call)
{
    struct customer_billing body;
    struct override_details details;
    struct override input;
    struct list data;
    text customer;
    enum err err = path_customer(call, &customer);

    if (err == OK)
        err = body_read(call, &customer_billing_fields, &body);
    if (err != OK)
        return err;
    input = (struct override){ .profile_id = body.billing_profile.id, .workflow = body.workflow };
    data = app_data_items_of(&body.app_data, TEXT("app_data."), call->cx.arena);
    err = override_put_with_data(&call->cx, customer, &input, &data, &details);
    return err == OK ? reply_billing(call, &details) : err;
}

enum err customer_app_data_put(struct api_call *call)
{
    struct app_data_set body;
    struct list data, all;
    text customer;
    enum err err = path_customer(call, &customer);

    if (err == OK)
        err = body_read(call, &app_data_set_fields, &body);
    if (err != OK)
        return err;
    data = app_data_items_of(&body, TEXT(""), call->cx.arena);
    err = app_data_put(&call->cx, customer, &data, &all);
    if (err == OK)
        err = app_data_list(&call->cx, customer, FIELD_ENUM_NONE, &all);
    if (err != OK)
        return err;
    body = app_data_set_of(&all);
    return reply_one(call, &app_data_set_fields, &body);
}

enum err billing_settings_read(struct api_call *call)
{
    struct billing_settings settings;
    enum err err = billing_settings_get(&call->cx, &settings);

    return err == OK ? reply_one(call, &billing_settings_fields, &settings) : err;
}

enum err billing_settings_write(struct api_call *call)
{
    struct billing_settings settings;
    enum err err = body_read(call, &billing_settings_fields, &settings);

    if (err == OK)
        err = billing_settings_set(&call->cx, &settings);
    return err == OK ? reply_one(call, &billing_settings_fields, &settings) : err;
}
