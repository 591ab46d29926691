/* subscription_changes.c: from one subscription to the next, and what an organization allows. */
#include "api/subscriptions.h"

#include "bill/line.h"
#include "subscribe/advice.h"
#include "subscribe/subscription_settings.h"

enum err subscriptions_change(struct api_call *call)
{
    const struct fields *table = call->dialect == DIALECT_V1 ? &subscription_change_v1_fields
                                                             : &subscription_change_v3_fields;
    struct subscription_target target;
    struct subscription_body body;
    struct subscription_pair changed;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = subscription_body_read(call, table, &body);
    if (err == OK)
        err = bill_subscription_change(&call->cx, &target, &body, &changed);
    return err == OK ? reply_one(call, &subscription_pair_fields, &changed) : err;
}

enum err subscriptions_migrate(struct api_call *call)
{
    struct subscription_target target;
    struct subscription_migrate_body body;
    struct subscription_pair changed;
    struct json json;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = body_json(call, true, &json);
    if (err != OK)
        return err;
    if (!fields_read(&subscription_migrate_fields, call->dialect, &json, &call->cx.problem, &body))
        return ERR_REFUSED;
    body.dialect = call->dialect;
    err = bill_subscription_migrate(&call->cx, &target, &body, &changed);
    return err == OK ? reply_one(call, &subscription_pair_fields, &changed) : err;
}

enum err subscriptions_restore(struct api_call *call)
{
    struct subscription_target target;
    struct subscription subscription;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = bill_subscription_restore(&call->cx, &target, &subscription);
    return err == OK ? reply_subscription(call, &subscription) : err;
}

enum err subscriptions_pending(struct api_call *call)
{
    struct subscription_target target;
    struct list list;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = pending_list(&call->cx, target.id, &list);
    return err == OK ? reply_data(call, &pending_change_fields, &list) : err;
}

enum err subscriptions_withdraw(struct api_call *call)
{
    struct pending_target target;
    enum err err = path_subscription(call, &target.subscription);

    target.id = call->path_params[1];
    if (err == OK)
        err = bill_subscription_withdraw(&call->cx, &target);
    return err == OK ? reply_empty(call) : err;
}

enum err subscriptions_advise(struct api_call *call)
{
    struct subscription_target target;
    struct subscription_body body;
    struct timing_advice advice;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = subscription_body_read(call, &subscription_advice_body_fields, &body);
    if (err == OK)
        err = subscription_advise(&call->cx, target.id, &body, &advice);
    return err == OK ? reply_one(call, &timing_advice_fields, &advice) : err;
}

enum err subscriptions_credits(struct api_call *call)
{
    struct subscription_target target;
    struct list list;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = bill_subscription_credits(&call->cx, target.id, &list);
    return err == OK ? reply_data(call, &line_credit_fields, &list) : err;
}

enum err subscription_settings_read(struct api_call *call)
{
    struct subscription_settings settings;
    enum err err = subscription_settings_get(&call->cx, &settings);

    return err == OK ? reply_one(call, &subscription_settings_fields, &settings) : err;
}

enum err subscription_settings_write(struct api_call *call)
{
    struct subscription_settings settings;
    enum err err = body_read(call, &subscription_settings_fields, &settings);

    if (err == OK)
        err = subscription_settings_set(&call->cx, &settings);
    return err == OK ? reply_one(call, &subscription_settings_fields, &settings) : err;
}
