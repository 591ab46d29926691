/* plan_addons.c: add-ons of plans, in both dialects. */
#include "api/handlers.h"

#include "catalog/plan_addon.h"

static enum err reply_link(struct api_call *call, enum err err, const struct plan_addon *link)
{
    if (err == OK)
        err = addon_printable(&call->cx, call->dialect, &link->addon);
    return err == OK ? reply_one(call, &plan_addon_fields, link) : err;
}

/* The plan in the path, for reading: v1 by id or key, v3 by id. */
static enum err path_plan(struct api_call *call, struct plan_id *ret)
{
    struct plan plan;
    enum err err;

    if (call->dialect == DIALECT_V1) {
        err = plan_find(&call->cx, call->path_params[0], true, &plan);
    } else {
        struct plan_id id;
        err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &id.ulid);
        if (err == OK)
            err = plan_get(&call->cx, id, &plan);
    }
    if (err == OK)
        *ret = plan.id;
    return err;
}

enum err plan_addons_create(struct api_call *call)
{
    const struct fields *table = call->dialect == DIALECT_V1 ? &plan_addon_create_v1_fields
                                                             : &plan_addon_fields;
    struct plan_id plan_id;
    struct plan_addon body, made;
    enum err err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &plan_id.ulid);

    if (err == OK)
        err = body_read(call, table, &body);
    if (err == OK)
        err = plan_addon_create(&call->cx, call->dialect, plan_id, &body, &made);
    return reply_link(call, err, &made);
}

enum err plan_addons_get(struct api_call *call)
{
    struct plan_id plan_id;
    struct plan_addon link;
    enum err err = path_plan(call, &plan_id);

    if (err == OK)
        err = plan_addon_get(&call->cx, plan_id, call->path_params[1], &link);
    return reply_link(call, err, &link);
}

enum err plan_addons_update(struct api_call *call)
{
    struct plan_addon_place place = { .id_or_key = call->path_params[1] };
    struct plan_addon body, changed;
    enum err err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &place.plan_id.ulid);

    if (err == OK)
        err = body_read(call, &plan_addon_update_fields, &body);
    if (err == OK)
        err = plan_addon_update(&call->cx, call->dialect, &place, &body, &changed);
    return reply_link(call, err, &changed);
}

enum err plan_addons_delete(struct api_call *call)
{
    struct plan_id plan_id;
    enum err err = path_ulid(call, 0, FAULT_PLAN_ABSENT, &plan_id.ulid);

    if (err == OK)
        err = plan_addon_delete(&call->cx, plan_id, call->path_params[1]);
    return err == OK ? reply_empty(call) : err;
}

static enum err fetch_links(struct api_call *call, const void *query, struct page page,
                            struct list *ret, int64_t *ret_total)
{
    struct plan_addon_query one = *(const struct plan_addon_query *)query;

    one.page = page;
    return plan_addon_list(&call->cx, &one, ret, ret_total);
}

static enum err judge_v1(struct api_call *call, const void *item, const struct filter_entry *entry,
                         bool *ret)
{
    const struct plan_addon *link = item;

    *ret = text_equal(entry->name, FILTER_OF_V1)
               ? text_is_empty(link->addon.v1_refusal)
               : param_holds_version(call, link->addon.key, link->addon.version);
    return OK;
}

enum err plan_addons_list(struct api_call *call)
{
    struct plan_addon_query query = { .page = param_page(call) };
    struct list_scan scan = {
        .table = &plan_addon_fields, .query = &query, .fetch = fetch_links, .judge = judge_v1
    };
    struct list list;
    int64_t total;
    enum err err = path_plan(call, &query.plan_id);

    if (err != OK)
        return err;
    if (call->dialect == DIALECT_V1) {
        query.sort = (enum plan_sort)param_sort(call, plan_sort_words, &query.is_descending);
        query.ids = param_list(call, "id");
        query.keys = param_list(call, "key");
        query.include_deleted = param_bool(call, "includeDeleted");
        scan.rest = filters_of_v1(call);
    }
    err = list_scan_run(call, &scan, query.page, &list, &total);
    return err == OK ? reply_page(call, &plan_addon_fields, &list, query.page, total) : err;
}
