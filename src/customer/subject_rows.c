/* subject_rows.c: the records of subjects in the store. */
#include "customer/subject_rows.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err subject_rows_by_id(struct cx *cx, struct store_tx *tx, ulid id, struct subject *ret)
{
    CHECK(tx != NULL && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id, cx->arena)) };
    return store_one(tx, SQL_SUBJECT_BY_ID, &call, STORE_AS(&subject_fields, cx->arena), ret);
}

enum err subject_rows_by_key(struct cx *cx, struct store_tx *tx, text key, struct subject *ret)
{
    CHECK(tx != NULL && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_text("key", key)) };
    return store_one(tx, SQL_SUBJECT_BY_KEY, &call, STORE_AS(&subject_fields, cx->arena), ret);
}

enum err subject_rows_insert(struct store_tx *tx, const struct subject *subject)
{
    CHECK(tx != NULL && !ulid_is_zero(subject->id.ulid));
    struct store_call call = { .fields = &subject_fields, .record = subject };
    return store_run(tx, SQL_SUBJECT_INSERT, &call, NULL);
}

enum err subject_rows_update(struct store_tx *tx, const struct subject *subject)
{
    CHECK(tx != NULL && !ulid_is_zero(subject->id.ulid));
    struct store_call call = { .fields = &subject_fields, .record = subject };
    int64_t changed = 0;
    enum err err = store_run(tx, SQL_SUBJECT_UPDATE, &call, &changed);
    CHECK(err != OK || changed == 1);
    return err;
}

enum err subject_rows_delete(struct cx *cx, struct store_tx *tx, struct subject_id id)
{
    CHECK(tx != NULL && !ulid_is_zero(id.ulid));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                                                  store_instant("now", cx->now, cx->arena)) };
    return store_run(tx, SQL_SUBJECT_MARK_DELETED, &call, NULL);
}

enum err subject_rows_all(struct cx *cx, struct store_tx *tx, struct list *ret)
{
    CHECK(tx != NULL && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx)) };
    return store_all(tx, SQL_SUBJECT_ALL, &call, STORE_AS(&subject_fields, cx->arena), ret);
}
