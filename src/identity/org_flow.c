/* org_flow.c: the default organization, made once; what an organization may set. */
#include "identity/audit.h"
#include "identity/org_rows.h"

/* Looks again under the write lock: another process may have been quicker. */
static enum err default_make(struct store *store, struct ids *ids, instant now, struct arena *arena,
                             struct org *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(store, &tx);
    if (err != OK)
        return err;
    err = org_load_default(tx, arena, ret);
    if (err != ERR_ABSENT)
        return err;
    *ret = (struct org){
        .id = { ids_next(ids, now) },
        .name = TEXT("Default"),
        .is_default = true,
        .created_at = now,
        .usage_retention = ORG_USAGE_RETENTION,
        .outbox_retention = ORG_OUTBOX_RETENTION,
    };
    err = org_insert(tx, ret);
    return store_finish(&tx, err);
}

enum err org_ensure_default(struct store *store, struct ids *ids, instant now, struct org_id *ret)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct store_tx *tx;
    struct org org;
    enum err err;
    CHECK(store != NULL && ids != NULL && !instant_is_none(now) && ret != NULL);
    err = store_begin_read(store, &tx);
    if (err != OK)
        return err;
    err = org_load_default(tx, arena, &org);
    store_rollback(tx);
    if (err == ERR_ABSENT)
        err = default_make(store, ids, now, arena, &org);
    if (err != OK)
        return err;
    *ret = org.id;
    return OK;
}

enum err org_get(struct cx *cx, struct org *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    CHECK(ret != NULL);
    return err != OK ? err : org_load(tx, cx->org, cx->arena, ret);
}

enum err org_list(struct store *store, struct arena *arena, struct list *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    CHECK(ret != NULL);
    return err != OK ? err : org_load_all(tx, arena, ret);
}

enum err org_set_retention(struct cx *cx, span retention)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct org org;
    text detail = text_format(cx->arena, "{\"usage_retention\":\"%.*s\"}",
                              TEXT_ARG(span_text(cx->arena, retention)));
    enum err err = store_begin_write(cx->store, &tx);
    CHECK(!span_is_zero(retention));
    if (err == OK)
        err = org_load(tx, cx->org, cx->arena, &org);
    if (err != OK)
        return err;
    org.usage_retention = retention;
    err = org_save_retention(tx, &org);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("org.set_retention"), org.id.ulid, detail);
    return store_finish(&tx, err);
}

enum err org_set_outbox_retention(struct cx *cx, span retention)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct org org;
    text detail = text_format(cx->arena, "{\"outbox_retention\":\"%.*s\"}",
                              TEXT_ARG(span_text(cx->arena, retention)));
    enum err err = store_begin_write(cx->store, &tx);
    CHECK(!span_is_zero(retention));
    if (err == OK)
        err = org_load(tx, cx->org, cx->arena, &org);
    if (err != OK)
        return err;
    org.outbox_retention = retention;
    err = org_save_outbox_retention(tx, &org);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("org.set_outbox_retention"), org.id.ulid, detail);
    return store_finish(&tx, err);
}
