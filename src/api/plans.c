/* plans.c: plans, in both dialects. */
#include "api/handlers.h"

#include "catalog/plan.h"

static enum err reply_plan(struct api_call *call, enum err err, const struct plan *plan)
{
    if (err == OK)
        err = plan_printable(&call->cx, call->dialect, plan);
    return err == OK ? reply_one(call, &plan_fields, plan) : err;
}

/* The plan in the path: v1 by id or key, v3 by id. */
static enum err path_plan(struct api_call *call, struct plan *ret)
{
    struct plan_id id;
    bool is_latest;
    enum err err;

    if (call->dialect == DIALECT_V1) {
        is_latest = param_bool(call, "includeLatest");
        err = problem_err(&call->cx.problem);
        return err == OK ? plan_find(&call->cx, call->path_params[0], is_latest, ret) : err;
    }
    err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &id.ulid);
    return err == OK ? plan_get(&call->cx, id, ret) : err;
}

enum err plans_create(struct api_call *call)
{
    struct plan body, made;
    enum err err = body_read(call, &plan_fields, &body);

    if (err == OK)
        err = plan_create(&call->cx, call->dialect, &body, &made);
    return reply_plan(call, err, &made);
}

enum err plans_get(struct api_call *call)
{
    struct plan plan;
    enum err err = path_plan(call, &plan);

    return reply_plan(call, err, &plan);
}

enum err plans_update(struct api_call *call)
{
    struct plan_id id;
    struct plan body, changed;
    enum err err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &id.ulid);

    if (err == OK)
        err = body_read(call, &plan_update_fields, &body);
    if (err == OK)
        err = plan_update(&call->cx, call->dialect, id, &body, &changed);
    return reply_plan(call, err, &changed);
}

enum err plans_delete(struct api_call *call)
{
    struct plan_id id;
    enum err err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &id.ulid);

    if (err == OK)
        err = plan_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}

/* The body is ours, and may be missing. */
static enum err read_publication(struct api_call *call, struct plan_publication *ret)
{
    struct json json;
    enum err err = body_json(call, true, &json);

    if (err != OK)
        return err;
    return fields_read(&plan_publication_fields, call->dialect, &json, &call->cx.problem, ret)
               ? OK
               : ERR_REFUSED;
}

enum err plans_publish(struct api_call *call)
{
    struct plan_publication when;
    struct plan_id id;
    struct plan plan;
    enum err err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &id.ulid);

    if (err == OK)
        err = read_publication(call, &when);
    if (err == OK)
        err = plan_publish_at(&call->cx, call->dialect, id, &when, &plan);
    return reply_plan(call, err, &plan);
}

enum err plans_archive(struct api_call *call)
{
    struct plan_id id;
    struct plan plan;
    enum err err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &id.ulid);

    if (err == OK)
        err = plan_archive(&call->cx, call->dialect, id, &plan);
    return reply_plan(call, err, &plan);
}

enum err plans_next(struct api_call *call)
{
    struct plan plan;
    enum err err = plan_next(&call->cx, call->dialect, call->path_params[0], &plan);

    return reply_plan(call, err, &plan);
}

static const struct filter_param plan_filters[] = {
    { "key", FILTER_KIND_TEXT },     { "name", FILTER_KIND_TEXT },
    { "status", FILTER_KIND_EXACT }, { "currency", FILTER_KIND_EXACT },
    { NULL, FILTER_KIND_TEXT },
};

/* v1 and v3 write statuses in lower case. */
static void check_statuses(struct api_call *call, const struct text_list *statuses)
{
    for (size_t i = 0; i < statuses->count; i++)
        if (words_find(plan_status_words, statuses->items[i]) < 0)
            param_fault(call, "status", "enum",
                        "must be draft, active, archived, scheduled or invalid");
}

static enum err fetch_plans(struct api_call *call, const void *query, struct page page,
                            struct list *ret, int64_t *ret_total)
{
    struct plan_query one = *(const struct plan_query *)query;

    one.page = page;
    return plan_list(&call->cx, &one, ret, ret_total);
}

/* v1's keyVersion[key]=version, which may be repeated: one of them has to be the plan's. */
static enum err judge_key_version(struct api_call *call, const void *item,
                                  const struct filter_entry *entry, bool *ret)
{
    const struct plan *plan = item;
    text name = text_format(call->cx.arena, "keyVersion[%.*s]", TEXT_ARG(plan->key));
    struct text_list versions = param_list(call, text_cstr(call->cx.arena, name));
    int64_t version;

    (void)entry;
    *ret = false;
    for (size_t i = 0; i < versions.count; i++)
        if (text_to_int(versions.items[i], &version) && version == plan->version)
            *ret = true;
    return OK;
}

static bool has_key_versions(const struct api_call *call)
{
    for (size_t i = 0; i < call->request->param_count; i++)
        if (text_starts_with(call->request->params[i].name, TEXT("keyVersion[")))
            return true;
    return false;
}

enum err plans_list(struct api_call *call)
{
    static struct filter_entry key_version = { .name = TEXT_INIT("key_version") };

    struct plan_query query = { .page = param_page(call) };
    struct list_scan scan = {
        .table = &plan_fields, .query = &query, .fetch = fetch_plans, .judge = judge_key_version
    };
    struct list list;
    int64_t total;
    enum err err;

    query.sort = (enum plan_sort)param_sort(call, plan_sort_words, &query.is_descending);
    if (call->dialect == DIALECT_V3) {
        filters_check(call, plan_filters);
        filter_lookup(call, "key", &query.keys, &query.key_contains, &scan.rest);
        filter_lookup(call, "name", &query.names, &query.name_contains, &scan.rest);
        filter_lookup(call, "status", &query.statuses, NULL, &scan.rest);
        filter_lookup(call, "currency", &query.currencies, NULL, &scan.rest);
    } else {
        query.ids = param_list(call, "id");
        query.keys = param_list(call, "key");
        query.statuses = param_list(call, "status");
        query.currencies = param_list(call, "currency");
        query.include_deleted = param_bool(call, "includeDeleted");
        query.is_of_v1 = true;
        if (has_key_versions(call))
            scan.rest = (struct filter_map){ &key_version, 1 };
    }
    check_statuses(call, &query.statuses);
    err = list_scan_run(call, &scan, query.page, &list, &total);
    return err == OK ? reply_page(call, &plan_fields, &list, query.page, total) : err;
}
