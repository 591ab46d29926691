/* feature_rows.c: features in the store. */
#include "catalog/feature_rows.h"

#include "catalog/choice.h"
#include "catalog/feature_conditions.h"

/* A row that was read: its conditions, and from them the views. Rows hold what feature_create
 * checked, so anything else is damage. */
static enum err feature_complete(struct cx *cx, struct feature *feature)
{
    struct problem problem;
    problem_init(&problem, cx->arena);
    if (!feature_conditions_read(feature, cx->arena, &problem, &feature->conditions))
        return ERR_CORRUPT;
    feature_mirror(feature, cx->arena);
    return OK;
}

static enum err load_one(struct cx *cx, struct store_tx *tx, enum sql statement,
                         struct store_arg by, struct feature *ret)
{
    struct feature feature = { 0 };
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), by),
    };
    enum err err = store_one(tx, statement, &call, STORE_AS(&feature_fields, cx->arena), &feature);
    if (err == OK)
        err = feature_complete(cx, &feature);
    if (err == OK)
        *ret = feature;
    return err;
}

enum err feature_load(struct cx *cx, struct store_tx *tx, struct feature_id id, struct feature *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_FEATURE_GET, store_ulid("id", id.ulid, cx->arena), ret);
}

enum err feature_load_active(struct cx *cx, struct store_tx *tx, text key, struct feature *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_FEATURE_GET_ACTIVE, store_text("key", key), ret);
}

enum err feature_load_newest(struct cx *cx, struct store_tx *tx, text key, struct feature *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    return load_one(cx, tx, SQL_FEATURE_GET_NEWEST, store_text("key", key), ret);
}

enum err feature_insert(struct cx *cx, struct store_tx *tx, const struct feature *feature)
{
    CHECK(cx != NULL && tx != NULL && feature != NULL);
    CHECK(!ulid_is_zero(feature->id.ulid) && !ulid_is_zero(feature->org_id.ulid));
    struct store_call call = { .fields = &feature_fields, .record = feature };
    return store_run(tx, SQL_FEATURE_INSERT, &call, NULL);
}

enum err feature_save_cost(struct cx *cx, struct store_tx *tx, const struct feature *feature)
{
    CHECK(cx != NULL && tx != NULL && feature != NULL);
    CHECK(ulid_equal(feature->org_id.ulid, cx->org.ulid));
    int64_t changed = 0;
    struct store_call call = { .fields = &feature_fields, .record = feature };
    enum err err = store_run(tx, SQL_FEATURE_SET_COST, &call, &changed);
    if (err != OK)
        return err;
    return changed == 1 ? OK : ERR_ABSENT;
}

enum err feature_mark_archived(struct cx *cx, struct store_tx *tx, struct feature_id id)
{
    CHECK(cx != NULL && tx != NULL);
    int64_t changed = 0;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("id", id.ulid, cx->arena),
                           store_instant("now", cx->now, cx->arena)),
    };
    enum err err = store_run(tx, SQL_FEATURE_ARCHIVE, &call, &changed);
    if (err != OK)
        return err;
    CHECK(changed <= 1);
    return changed == 1 ? OK : ERR_ABSENT;
}

enum err feature_load_page(struct cx *cx, struct store_tx *tx, const struct feature_query *query,
                           struct list *ret, int64_t *ret_total)
{
    CHECK(cx != NULL && tx != NULL && query != NULL);
    CHECK(query->limit >= 1 && query->offset >= 0);
    CHECK((int)query->sort >= 0 && query->sort < FEATURE_SORT_COUNT);
    struct store_call call = {
        .args = STORE_ARGS(
            store_ulid("org_id", cx->org.ulid, cx->arena),
            store_int("include_archived", query->include_archived),
            store_text("separator", TEXT(CHOICE_SEPARATOR)),
            choice_arg("ids", &query->ids, cx->arena), choice_arg("keys", &query->keys, cx->arena),
            choice_arg("meter_ids", &query->meter_ids, cx->arena),
            choice_arg("meter_keys", &query->meter_keys, cx->arena),
            choice_arg("names", &query->names, cx->arena),
            part_arg("key_part", query->key_contains), part_arg("name_part", query->name_contains),
            store_text("sort", text_of(feature_sort_words[query->sort])),
            store_int("is_descending", query->is_descending), store_int("limit", query->limit),
            store_int("offset", query->offset)),
    };
    struct list page = { 0 };
    int64_t total = 0;
    enum err err = store_number(tx, SQL_FEATURE_COUNT, &call, &total);
    if (err == OK)
        err = store_all(tx, SQL_FEATURE_LIST, &call, STORE_AS(&feature_fields, cx->arena), &page);
    for (size_t i = 0; i < page.count && err == OK; i++)
        err = feature_complete(cx, (struct feature *)page.items + i);
    if (err != OK)
        return err;
    CHECK(total >= (int64_t)page.count);
    *ret = page;
    *ret_total = total;
    return OK;
}

enum err feature_count_of_meter(struct cx *cx, struct store_tx *tx, ulid meter_id, int64_t *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("meter_id", meter_id, cx->arena)),
    };
    return store_number(tx, SQL_FEATURE_COUNT_OF_METER, &call, ret);
}
