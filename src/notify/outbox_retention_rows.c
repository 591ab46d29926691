/* outbox_retention_rows.c: old events in the store. */
#include "notify/outbox_retention.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

enum err outbox_oldest(struct cx *cx, struct store_tx *tx, int64_t limit, struct list *ret)
{
    CHECK(tx != NULL && limit > 0);
    CHECK(ret != NULL);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_int("limit", limit)) };
    return store_all(tx, SQL_OUTBOX_OLDEST, &call, STORE_AS(&outbox_event_fields, cx->arena), ret);
}

/* A claim that came in between does not matter: who delivers an event of that age reads it again
 * and finds it gone. */
enum err outbox_forget(struct cx *cx, struct store_tx *tx, int64_t up_to)
{
    CHECK(tx != NULL && up_to > 0);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_int("up_to", up_to)) };
    enum err err = store_run(tx, SQL_OUTBOX_REMEMBER, &call, NULL);
    if (err == OK)
        err = store_run(tx, SQL_OUTBOX_FORGET, &call, NULL);
    return err;
}
