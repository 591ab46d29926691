#include "identity/org_rows.h"

enum err org_load(struct store_tx *tx, struct org_id id, struct arena *arena, struct org *ret)
{
    CHECK(tx != NULL && !ulid_is_zero(id.ulid));
    return store_one(tx, SQL_ORG_GET,
                     &(struct store_call){ .args = STORE_ARGS(store_ulid("id", id.ulid, arena)) },
                     STORE_AS(&org_fields, arena), ret);
}

enum err org_load_default(struct store_tx *tx, struct arena *arena, struct org *ret)
{
    CHECK(tx != NULL);
    return store_one(tx, SQL_ORG_GET_DEFAULT, NULL, STORE_AS(&org_fields, arena), ret);
}

enum err org_insert(struct store_tx *tx, const struct org *org)
{
    CHECK(tx != NULL && !ulid_is_zero(org->id.ulid));
    return store_run(tx, SQL_ORG_INSERT,
                     &(struct store_call){ .fields = &org_fields, .record = org }, NULL);
}

enum err org_load_all(struct store_tx *tx, struct arena *arena, struct list *ret)
{
    CHECK(tx != NULL && ret != NULL);
    return store_all(tx, SQL_ORG_LIST, NULL, STORE_AS(&org_fields, arena), ret);
}

enum err org_save_retention(struct store_tx *tx, const struct org *org)
{
    CHECK(tx != NULL && !span_is_zero(org->usage_retention));
    return store_run(tx, SQL_ORG_SAVE_RETENTION,
                     &(struct store_call){ .fields = &org_fields, .record = org }, NULL);
}

enum err org_save_outbox_retention(struct store_tx *tx, const struct org *org)
{
    CHECK(tx != NULL && !span_is_zero(org->outbox_retention));
    return store_run(tx, SQL_ORG_SAVE_OUTBOX_RETENTION,
                     &(struct store_call){ .fields = &org_fields, .record = org }, NULL);
}
