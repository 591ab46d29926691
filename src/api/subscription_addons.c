/* subscription_addons.c: add-ons bought with subscriptions. */
#include "api/subscriptions.h"

static enum err path_addon(struct api_call *call, struct subscription_addon_target *ret)
{
    enum err err = path_subscription(call, &ret->subscription);

    ret->id = call->path_params[1];
    return err;
}

enum err subscription_addons_create(struct api_call *call)
{
    const struct fields *table = call->dialect == DIALECT_V1 ? &subscription_addon_create_v1_fields
                                                             : &subscription_addon_create_v3_fields;
    struct subscription_target target;
    struct subscription_addon_body body;
    struct subscription_addon made;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = body_read(call, table, &body);
    if (err == OK)
        err = bill_subscription_addon_create(&call->cx, &target, &body, &made);
    return err == OK ? reply_one(call, &subscription_addon_fields, &made) : err;
}

enum err subscription_addons_update(struct api_call *call)
{
    struct subscription_addon_target target;
    struct subscription_addon_body body;
    struct subscription_addon changed;
    struct json json;
    enum err err = path_addon(call, &target);

    if (err == OK)
        err = body_json(call, false, &json);
    if (err != OK)
        return err;
    if (!fields_read(&subscription_addon_update_fields, call->dialect, &json, &call->cx.problem,
                     &body))
        return ERR_REFUSED;
    /* An absent one and 0 read alike, and 0 gives the add-on up. */
    const struct json *quantity = json_member(&json, TEXT("quantity"));
    if (quantity == NULL || quantity->kind == JSON_NULL)
        body.quantity = -1;
    err = bill_subscription_addon_update(&call->cx, &target, &body, &changed);
    return err == OK ? reply_one(call, &subscription_addon_fields, &changed) : err;
}

enum err subscription_addons_get(struct api_call *call)
{
    struct subscription_addon_target target;
    struct subscription_addon addon;
    enum err err = path_addon(call, &target);

    if (err == OK)
        err = subscription_addon_get(&call->cx, &target, &addon);
    return err == OK ? reply_one(call, &subscription_addon_fields, &addon) : err;
}

enum { SORT_CREATED_AT, SORT_UPDATED_AT };

static const char *const sort_words[] = { "created_at", "updated_at", "id", NULL };

/* Ids grow with the time of creation. */
static int by_id(const void *a, const void *b)
{
    const struct subscription_addon *x = a;
    const struct subscription_addon *y = b;

    return memcmp(x->id.ulid.bytes, y->id.ulid.bytes, sizeof x->id.ulid.bytes);
}

static int by_update(const void *a, const void *b)
{
    const struct subscription_addon *x = a;
    const struct subscription_addon *y = b;

    if (instant_before(x->updated_at, y->updated_at))
        return -1;
    return instant_before(y->updated_at, x->updated_at) ? 1 : by_id(a, b);
}

static void list_sort(struct list *list, int sort, bool is_descending)
{
    struct subscription_addon *items = list->items;

    if (list->count > 1)
        qsort(items, list->count, sizeof *items, sort == SORT_UPDATED_AT ? by_update : by_id);
    for (size_t i = 0, k = list->count; is_descending && i + 1 < k; i++) {
        struct subscription_addon last = items[--k];

        items[k] = items[i];
        items[i] = last;
    }
}

/* v1 has a bare array, v3 sorted pages of it. */
enum err subscription_addons_list(struct api_call *call)
{
    struct subscription_target target;
    struct list list;
    struct page page = param_page(call);
    bool is_descending = false;
    int sort = call->dialect == DIALECT_V3 ? param_sort(call, sort_words, &is_descending) : 0;
    enum err err = path_subscription(call, &target);

    if (err == OK)
        err = problem_err(&call->cx.problem);
    if (err == OK)
        err = subscription_addon_list(&call->cx, target.id, &list);
    if (err != OK)
        return err;
    if (call->dialect == DIALECT_V1)
        return reply_array(call, &subscription_addon_fields, &list);
    list_sort(&list, sort, is_descending);
    int64_t total = (int64_t)list.count;
    int64_t from = page_offset(page) < total ? page_offset(page) : total;
    int64_t count = total - from < page.size ? total - from : page.size;
    struct list shown = { (struct subscription_addon *)list.items + from, (size_t)count };
    return reply_page(call, &subscription_addon_fields, &shown, page, total);
}
