/* meter_rows.c: meters in the store. */
#include "meter/meter_rows.h"

enum err meter_load(struct store_tx *tx, struct org_id org, struct meter_id id, struct arena *arena,
                    struct meter *ret)
{
    CHECK(tx != NULL && ret != NULL);
    const struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", org.ulid, arena), store_ulid("id", id.ulid, arena)),
    };
    return store_one(tx, SQL_METER_LOAD, &call, STORE_AS(&meter_fields, arena), ret);
}

enum err meter_load_by_key(struct store_tx *tx, struct org_id org, text key, struct arena *arena,
                           struct meter *ret)
{
    CHECK(tx != NULL && ret != NULL);
    const struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", org.ulid, arena), store_text("key", key)),
    };
    return store_one(tx, SQL_METER_LOAD_BY_KEY, &call, STORE_AS(&meter_fields, arena), ret);
}

enum err meter_load_all(struct store_tx *tx, struct org_id org, struct arena *arena,
                        struct list *ret)
{
    CHECK(tx != NULL && ret != NULL);
    const struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", org.ulid, arena)) };
    return store_all(tx, SQL_METER_LOAD_ALL, &call, STORE_AS(&meter_fields, arena), ret);
}

enum err meter_load_living(struct store_tx *tx, struct arena *arena, struct list *ret)
{
    CHECK(tx != NULL && ret != NULL);
    const struct store_call call = { 0 };
    return store_all(tx, SQL_METER_LOAD_LIVING, &call, STORE_AS(&meter_fields, arena), ret);
}

enum err meter_insert(struct store_tx *tx, const struct meter *meter)
{
    CHECK(tx != NULL && meter != NULL);
    CHECK(!ulid_is_zero(meter->id.ulid) && !ulid_is_zero(meter->org.ulid));
    const struct store_call call = { .fields = &meter_fields, .record = meter };
    return store_run(tx, SQL_METER_INSERT, &call, NULL);
}

enum err meter_save(struct store_tx *tx, const struct meter *meter)
{
    CHECK(tx != NULL && meter != NULL);
    CHECK(!ulid_is_zero(meter->id.ulid) && !ulid_is_zero(meter->org.ulid));
    const struct store_call call = { .fields = &meter_fields, .record = meter };
    int64_t changed = 0;
    enum err err = store_run(tx, SQL_METER_SAVE, &call, &changed);
    if (err == OK && changed == 0)
        err = ERR_ABSENT;
    return err;
}
