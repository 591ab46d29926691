/* plan_migrations.c: all subscriptions of a plan moved to a newer version. */
#include "api/handlers.h"

#include "bill/plan_migration.h"

static enum err path_plan(struct api_call *call, struct plan_id *ret)
{
    return path_ulid(call, 0, FAULT_PLAN_ABSENT, &ret->ulid);
}

/* The body may be empty. */
static enum err migration_body(struct api_call *call, struct plan_migration_body *ret)
{
    struct json json;
    enum err err = body_json(call, true, &json);

    if (err != OK)
        return err;
    return fields_read(&plan_migration_body_fields, call->dialect, &json, &call->cx.problem, ret)
               ? OK
               : ERR_REFUSED;
}

enum err plan_migrations_create(struct api_call *call)
{
    struct plan_id plan;
    struct plan_migration_body body;
    struct plan_migration migration;
    enum err err = path_plan(call, &plan);

    if (err == OK)
        err = migration_body(call, &body);
    if (err == OK)
        err = plan_migration_start(&call->cx, plan, &body, &migration);
    return err == OK ? reply_one(call, &plan_migration_fields, &migration) : err;
}

enum err plan_migrations_preview(struct api_call *call)
{
    struct plan_id plan;
    struct plan_migration_body body;
    struct plan_migration_preview preview;
    enum err err = path_plan(call, &plan);

    if (err == OK)
        err = migration_body(call, &body);
    if (err == OK)
        err = plan_migration_preview(&call->cx, plan, &body, &preview);
    return err == OK ? reply_one(call, &plan_migration_preview_fields, &preview) : err;
}

enum err plan_migrations_list(struct api_call *call)
{
    struct plan_id plan;
    struct list list;
    enum err err = path_plan(call, &plan);

    if (err == OK)
        err = plan_migration_list(&call->cx, plan, &list);
    return err == OK ? reply_data(call, &plan_migration_fields, &list) : err;
}

enum err plan_migrations_get(struct api_call *call)
{
    struct plan_id plan;
    struct plan_migration migration;
    enum err err = path_plan(call, &plan);

    if (err == OK)
        err = plan_migration_get(&call->cx, plan, call->path_params[1], &migration);
    return err == OK ? reply_one(call, &plan_migration_fields, &migration) : err;
}

enum err plan_subscription_counts(struct api_call *call)
{
    struct plan_id plan;
    struct list list;
    enum err err = path_plan(call, &plan);

    if (err == OK)
        err = plan_version_counts(&call->cx, plan, &list);
    return err == OK ? reply_data(call, &plan_version_count_fields, &list) : err;
}
