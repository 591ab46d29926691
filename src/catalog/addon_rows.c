/* addon_rows.c: add-ons in the store. */
#include "catalog/addon_rows.h"

#include "catalog/addon_rules.h"
#include "catalog/choice.h"

void addon_complete(const struct cx *cx, struct addon *addon)
{
    CHECK(cx != NULL && addon != NULL);
    bool is_draft = instant_is_none(addon->effective_from);
    bool is_open = instant_is_none(addon->effective_to);
    struct rate_card *cards = addon->rate_cards.items;
    addon->status = is_draft ? PLAN_DRAFT : is_open ? PLAN_ACTIVE : PLAN_ARCHIVED;
    for (size_t i = 0; i < addon->rate_cards.count; i++)
        rate_card_mirror(&cards[i], cx->arena);
    const struct list unfit = addon_issues_of_v1(addon, cx->arena);
    addon->v1_refusal = unfit.count > 0 ? ((const struct plan_issue *)unfit.items)->code
                                        : TEXT_NONE;
}

static enum err load_one(struct cx *cx, struct store_tx *tx, enum sql statement,
                         const struct store_arg *args, struct addon *ret)
{
    struct addon addon = { 0 };
    struct store_call call = { .args = args };
    enum err err = store_one(tx, statement, &call, STORE_AS(&addon_fields, cx->arena), &addon);
    if (err != OK)
        return err;
    addon_complete(cx, &addon);
    *ret = addon;
    return OK;
}

enum err addon_load(struct cx *cx, struct store_tx *tx, struct addon_id id, struct addon *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_ADDON_GET,
                    STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                               store_ulid("id", id.ulid, cx->arena)),
                    ret);
}

enum err addon_load_by_key(struct cx *cx, struct store_tx *tx, text key, bool is_latest,
                           struct addon *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_ADDON_GET_BY_KEY,
                    STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                               store_text("key", key), store_int("is_latest", is_latest)),
                    ret);
}

enum err addon_version_newest(struct cx *cx, struct store_tx *tx, text key, int64_t *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), store_text("key", key)),
    };
    return store_number(tx, SQL_ADDON_VERSION_NEWEST, &call, ret);
}

enum err addon_insert(struct cx *cx, struct store_tx *tx, const struct addon *addon)
{
    CHECK(cx != NULL && tx != NULL && addon != NULL);
    CHECK(!ulid_is_zero(addon->id.ulid) && ulid_equal(addon->org_id.ulid, cx->org.ulid));
    CHECK(addon->version >= 1);
    struct store_call call = { .fields = &addon_fields, .record = addon };
    return store_run(tx, SQL_ADDON_INSERT, &call, NULL);
}

enum err addon_save(struct cx *cx, struct store_tx *tx, const struct addon *addon)
{
    CHECK(cx != NULL && tx != NULL && addon != NULL);
    CHECK(ulid_equal(addon->org_id.ulid, cx->org.ulid));
    int64_t changed = 0;
    struct store_call call = { .fields = &addon_fields, .record = addon };
    enum err err = store_run(tx, SQL_ADDON_UPDATE, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err addon_load_page(struct cx *cx, struct store_tx *tx, const struct addon_query *query,
                         struct list *ret, int64_t *ret_total)
{
    CHECK(cx != NULL && tx != NULL && query != NULL);
    CHECK((int)query->sort >= 0 && query->sort < PLAN_SORT_COUNT);
    struct store_call call = {
        .args = STORE_ARGS(
            store_ulid("org_id", cx->org.ulid, cx->arena),
            store_int("include_deleted", query->include_deleted),
            store_text("separator", TEXT(CHOICE_SEPARATOR)),
            choice_arg("ids", &query->ids, cx->arena), choice_arg("keys", &query->keys, cx->arena),
            choice_arg("names", &query->names, cx->arena),
            choice_arg("currencies", &query->currencies, cx->arena),
            choice_arg("statuses", &query->statuses, cx->arena),
            part_arg("key_part", query->key_contains), part_arg("name_part", query->name_contains),
            store_text("sort", text_of(plan_sort_words[query->sort])),
            store_int("is_descending", query->is_descending), store_int("limit", query->page.size),
            store_int("offset", page_offset(query->page))),
    };
    struct list page = { 0 };
    int64_t total = 0;
    enum err err = store_number(tx, SQL_ADDON_COUNT, &call, &total);
    if (err == OK)
        err = store_all(tx, SQL_ADDON_LIST, &call, STORE_AS(&addon_fields, cx->arena), &page);
    if (err != OK)
        return err;
    for (size_t i = 0; i < page.count; i++)
        addon_complete(cx, (struct addon *)page.items + i);
    *ret = page;
    *ret_total = total;
    return OK;
}
