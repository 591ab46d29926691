/* addons.c: add-ons, in both dialects. */
#include "api/handlers.h"

#include "catalog/addon.h"

static enum err reply_addon(struct api_call *call, enum err err, const struct addon *addon)
{
    if (err == OK)
        err = addon_printable(&call->cx, call->dialect, addon);
    return err == OK ? reply_one(call, &addon_fields, addon) : err;
}

enum err addons_create(struct api_call *call)
{
    struct addon body, made;
    enum err err = body_read(call, &addon_fields, &body);

    if (err == OK)
        err = addon_create(&call->cx, call->dialect, &body, &made);
    return reply_addon(call, err, &made);
}

/* v1 by id or key, v3 by id. */
enum err addons_get(struct api_call *call)
{
    struct addon_id id;
    struct addon addon;
    bool is_latest;
    enum err err;

    if (call->dialect == DIALECT_V1) {
        is_latest = param_bool(call, "includeLatest");
        err = problem_err(&call->cx.problem);
        if (err == OK)
            err = addon_find(&call->cx, call->path_params[0], is_latest, &addon);
        return reply_addon(call, err, &addon);
    }
    err = path_ulid(call, 0, FAULT_ADDON_ABSENT, &id.ulid);
    if (err == OK)
        err = addon_get(&call->cx, id, &addon);
    return reply_addon(call, err, &addon);
}

enum err addons_update(struct api_call *call)
{
    struct addon_id id;
    struct addon body, changed;
    enum err err = path_ulid(call, 0, FAULT_ADDON_ABSENT, &id.ulid);

    if (err == OK)
        err = body_read(call, &addon_update_fields, &body);
    if (err == OK)
        err = addon_update(&call->cx, call->dialect, id, &body, &changed);
    return reply_addon(call, err, &changed);
}

enum err addons_delete(struct api_call *call)
{
    struct addon_id id;
    enum err err = path_ulid(call, 0, FAULT_ADDON_ABSENT, &id.ulid);

    if (err == OK)
        err = addon_delete(&call->cx, id);
    return err == OK ? reply_empty(call) : err;
}

enum err addons_publish(struct api_call *call)
{
    struct addon_id id;
    struct addon addon;
    enum err err = path_ulid(call, 0, FAULT_ADDON_ABSENT, &id.ulid);

    if (err == OK)
        err = addon_publish(&call->cx, call->dialect, id, &addon);
    return reply_addon(call, err, &addon);
}

enum err addons_archive(struct api_call *call)
{
    struct addon_id id;
    struct addon addon;
    enum err err = path_ulid(call, 0, FAULT_ADDON_ABSENT, &id.ulid);

    if (err == OK)
        err = addon_archive(&call->cx, call->dialect, id, &addon);
    return reply_addon(call, err, &addon);
}

static const struct filter_param addon_filters[] = {
    { "id", FILTER_KIND_ID },          { "key", FILTER_KIND_TEXT },
    { "name", FILTER_KIND_TEXT },      { "status", FILTER_KIND_EXACT },
    { "currency", FILTER_KIND_EXACT }, { NULL, FILTER_KIND_TEXT },
};

static enum err fetch_addons(struct api_call *call, const void *query, struct page page,
                             struct list *ret, int64_t *ret_total)
{
    struct addon_query one = *(const struct addon_query *)query;

    one.page = page;
    return addon_list(&call->cx, &one, ret, ret_total);
}

static enum err judge_v1(struct api_call *call, const void *item, const struct filter_entry *entry,
                         bool *ret)
{
    const struct addon *addon = item;

    *ret = text_equal(entry->name, FILTER_OF_V1)
               ? text_is_empty(addon->v1_refusal)
               : param_holds_version(call, addon->key, addon->version);
    return OK;
}

static void read_query(struct api_call *call, struct addon_query *query, struct filter_map *rest)
{
    if (call->dialect == DIALECT_V3) {
        filters_check(call, addon_filters);
        filter_lookup(call, "id", &query->ids, NULL, rest);
        filter_lookup(call, "key", &query->keys, &query->key_contains, rest);
        filter_lookup(call, "name", &query->names, &query->name_contains, rest);
        filter_lookup(call, "status", &query->statuses, NULL, rest);
        filter_lookup(call, "currency", &query->currencies, NULL, rest);
        return;
    }
    query->ids = param_list(call, "id");
    query->keys = param_list(call, "key");
    query->statuses = param_list(call, "status");
    query->currencies = param_list(call, "currency");
    query->include_deleted = param_bool(call, "includeDeleted");
    *rest = filters_of_v1(call);
}

enum err addons_list(struct api_call *call)
{
    struct addon_query query = { .page = param_page(call) };
    struct list_scan scan = {
        .table = &addon_fields, .query = &query, .fetch = fetch_addons, .judge = judge_v1
    };
    struct list list;
    int64_t total;
    enum err err;

    query.sort = (enum plan_sort)param_sort(call, plan_sort_words, &query.is_descending);
    read_query(call, &query, &scan.rest);
    for (size_t i = 0; i < query.statuses.count; i++)
        if (words_find(addon_status_words, query.statuses.items[i]) < 0)
            param_fault(call, "status", "enum", "must be draft, active or archived");
    err = list_scan_run(call, &scan, query.page, &list, &total);
    return err == OK ? reply_page(call, &addon_fields, &list, query.page, total) : err;
}
