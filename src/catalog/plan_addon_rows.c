/* plan_addon_rows.c: add-ons of plans in the store. */
#include "catalog/plan_addon_rows.h"

#include "catalog/addon_rows.h"
#include "catalog/choice.h"

/* A row refers to an add-on, which is never removed: one that is not there is damage. */
static enum err complete(struct cx *cx, struct store_tx *tx, struct plan_addon *link)
{
    enum err err = addon_load(cx, tx, link->addon_id, &link->addon);
    link->reference.id = link->addon_id;
    return err == ERR_ABSENT ? ERR_CORRUPT : err;
}

enum err plan_addon_load(struct cx *cx, struct store_tx *tx, struct plan_id plan_id, text id_or_key,
                         struct plan_addon *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct plan_addon link = { 0 };
    ulid id;
    text key = ulid_parse(id_or_key, &id) ? ulid_text(cx->arena, id) : id_or_key;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("plan_id", plan_id.ulid, cx->arena),
                           store_text("id_or_key", key)),
    };
    enum err err =
        store_one(tx, SQL_PLAN_ADDON_GET, &call, STORE_AS(&plan_addon_fields, cx->arena), &link);
    if (err == OK)
        err = complete(cx, tx, &link);
    if (err == OK)
        *ret = link;
    return err;
}

enum err plan_addon_insert(struct cx *cx, struct store_tx *tx, const struct plan_addon *link)
{
    CHECK(cx != NULL && tx != NULL && link != NULL);
    CHECK(!ulid_is_zero(link->id.ulid) && ulid_equal(link->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &plan_addon_fields, .record = link };
    return store_run(tx, SQL_PLAN_ADDON_INSERT, &call, NULL);
}

enum err plan_addon_save(struct cx *cx, struct store_tx *tx, const struct plan_addon *link)
{
    CHECK(cx != NULL && tx != NULL && link != NULL);
    CHECK(ulid_equal(link->org_id.ulid, cx->org.ulid));
    struct store_call call = { .fields = &plan_addon_fields, .record = link };
    return store_run(tx, SQL_PLAN_ADDON_UPDATE, &call, NULL);
}

enum err plan_addon_load_page(struct cx *cx, struct store_tx *tx,
                              const struct plan_addon_query *query, struct list *ret,
                              int64_t *ret_total)
{
    CHECK(cx != NULL && tx != NULL && query != NULL);
    CHECK((int)query->sort >= 0 && query->sort < PLAN_SORT_COUNT);
    struct store_call call = {
        .args = STORE_ARGS(
            store_ulid("org_id", cx->org.ulid, cx->arena),
            store_ulid("plan_id", query->plan_id.ulid, cx->arena),
            store_int("include_deleted", query->include_deleted),
            store_text("separator", TEXT(CHOICE_SEPARATOR)),
            choice_arg("ids", &query->ids, cx->arena), choice_arg("keys", &query->keys, cx->arena),
            store_text("sort", text_of(plan_sort_words[query->sort])),
            store_int("is_descending", query->is_descending), store_int("limit", query->page.size),
            store_int("offset", page_offset(query->page))),
    };
    struct list page = { 0 };
    int64_t total = 0;
    enum err err = store_number(tx, SQL_PLAN_ADDON_COUNT, &call, &total);
    if (err == OK)
        err = store_all(tx, SQL_PLAN_ADDON_LIST, &call, STORE_AS(&plan_addon_fields, cx->arena),
                        &page);
    for (size_t i = 0; i < page.count && err == OK; i++)
        err = complete(cx, tx, (struct plan_addon *)page.items + i);
    if (err != OK)
        return err;
    *ret = page;
    *ret_total = total;
    return OK;
}
