/* plan_rows.c: plans in the store. */
#include "catalog/plan_rows.h"

#include "catalog/choice.h"

void plan_complete(const struct cx *cx, struct plan *plan)
{
    CHECK(cx != NULL && plan != NULL);
    plan->status = plan_status_at(plan->effective_from, plan->effective_to, cx_catalog_now(cx));
    plan_mirror(plan, cx->arena);
}

static enum err load_one(struct cx *cx, struct store_tx *tx, enum sql statement,
                         const struct store_arg *args, struct plan *ret)
{
    struct plan plan = { 0 };
    struct store_call call = { .args = args };
    enum err err = store_one(tx, statement, &call, STORE_AS(&plan_fields, cx->arena), &plan);
    if (err != OK)
        return err;
    plan_complete(cx, &plan);
    *ret = plan;
    return OK;
}

enum err plan_load(struct cx *cx, struct store_tx *tx, struct plan_id id, struct plan *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_PLAN_GET,
                    STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                               store_ulid("id", id.ulid, cx->arena)),
                    ret);
}

enum err plan_load_active(struct cx *cx, struct store_tx *tx, text key, struct plan *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_PLAN_GET_ACTIVE,
                    STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                               store_text("key", key),
                               store_instant("now", cx_catalog_now(cx), cx->arena)),
                    ret);
}

enum err plan_load_version(struct cx *cx, struct store_tx *tx, text key, int64_t version,
                           struct plan *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_PLAN_GET_VERSION,
                    STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                               store_text("key", key), store_int("version", version)),
                    ret);
}

enum err plan_load_newest(struct cx *cx, struct store_tx *tx, text key, struct plan *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(
        cx, tx, SQL_PLAN_GET_NEWEST,
        STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), store_text("key", key)), ret);
}

/* Sets status and views of all. */
static void complete_all(const struct cx *cx, const struct list *plans)
{
    for (size_t i = 0; i < plans->count; i++)
        plan_complete(cx, (struct plan *)plans->items + i);
}

enum err plan_load_versions(struct cx *cx, struct store_tx *tx, text key, struct list *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct list versions = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), store_text("key", key),
                           store_instant("now", cx_catalog_now(cx), cx->arena)),
    };
    enum err err =
        store_all(tx, SQL_PLAN_VERSIONS, &call, STORE_AS(&plan_fields, cx->arena), &versions);
    if (err != OK)
        return err;
    complete_all(cx, &versions);
    *ret = versions;
    return OK;
}

enum err plan_version_newest(struct cx *cx, struct store_tx *tx, text key, int64_t *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), store_text("key", key)),
    };
    return store_number(tx, SQL_PLAN_VERSION_NEWEST, &call, ret);
}

enum err plan_insert(struct cx *cx, struct store_tx *tx, const struct plan *plan)
{
    CHECK(cx != NULL && tx != NULL && plan != NULL);
    CHECK(!ulid_is_zero(plan->id.ulid) && ulid_equal(plan->org_id.ulid, cx->org.ulid));
    CHECK(plan->version >= 1);
    struct store_call call = { .fields = &plan_fields, .record = plan };
    return store_run(tx, SQL_PLAN_INSERT, &call, NULL);
}

enum err plan_save(struct cx *cx, struct store_tx *tx, const struct plan *plan)
{
    CHECK(cx != NULL && tx != NULL && plan != NULL);
    CHECK(ulid_equal(plan->org_id.ulid, cx->org.ulid));
    int64_t changed = 0;
    struct store_call call = { .fields = &plan_fields, .record = plan };
    enum err err = store_run(tx, SQL_PLAN_UPDATE, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err plan_load_page(struct cx *cx, struct store_tx *tx, const struct plan_query *query,
                        struct list *ret, int64_t *ret_total)
{
    CHECK(cx != NULL && tx != NULL && query != NULL);
    CHECK((int)query->sort >= 0 && query->sort < PLAN_SORT_COUNT);
    struct store_call call = {
        .args = STORE_ARGS(
            store_ulid("org_id", cx->org.ulid, cx->arena),
            store_int("include_deleted", query->include_deleted),
            store_int("is_of_v1", query->is_of_v1), store_text("separator", TEXT(CHOICE_SEPARATOR)),
            choice_arg("ids", &query->ids, cx->arena), choice_arg("keys", &query->keys, cx->arena),
            choice_arg("names", &query->names, cx->arena),
            choice_arg("currencies", &query->currencies, cx->arena),
            choice_arg("statuses", &query->statuses, cx->arena),
            store_instant("now", cx_catalog_now(cx), cx->arena),
            part_arg("key_part", query->key_contains), part_arg("name_part", query->name_contains),
            store_text("sort", text_of(plan_sort_words[query->sort])),
            store_int("is_descending", query->is_descending), store_int("limit", query->page.size),
            store_int("offset", page_offset(query->page))),
    };
    struct list page = { 0 };
    int64_t total = 0;
    enum err err = store_number(tx, SQL_PLAN_COUNT, &call, &total);
    if (err == OK)
        err = store_all(tx, SQL_PLAN_LIST, &call, STORE_AS(&plan_fields, cx->arena), &page);
    if (err != OK)
        return err;
    complete_all(cx, &page);
    CHECK(total >= (int64_t)page.count);
    *ret = page;
    *ret_total = total;
    return OK;
}
