/* idempotency_rows.c: the first answers to requests, in the store. */
#include "identity/idempotency.h"

static const struct field answer_rows[] = {
    FIELD_ID(struct idempotent_answer, org_id),
    FIELD(struct idempotent_answer, key, TEXT),
    FIELD(struct idempotent_answer, fingerprint, TEXT),
    FIELD(struct idempotent_answer, status, INT),
    FIELD(struct idempotent_answer, content_type, TEXT),
    FIELD(struct idempotent_answer, body, TEXT),
    FIELD(struct idempotent_answer, etag, TEXT),
    FIELD(struct idempotent_answer, created_at, INSTANT),
};
static const struct fields answer_fields =
    FIELDS("IdempotentAnswer", struct idempotent_answer, answer_rows);

/* Answers from before it hold no more. */
static instant horizon(const struct cx *cx)
{
    return span_add(cx_server_now(cx), (span){ .days = IDEMPOTENCY_DAYS }, -1, zone_utc());
}

enum err idempotency_find(struct cx *cx, struct store_tx *tx, text key,
                          struct idempotent_answer *ret)
{
    CHECK(cx != NULL && ret != NULL && !text_is_empty(key));
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), store_text("key", key),
                           store_instant("from", horizon(cx), cx->arena)),
    };
    return store_one(tx, SQL_IDEMPOTENCY_KEY_FIND, &call, STORE_AS(&answer_fields, cx->arena), ret);
}

enum err idempotency_keep(struct cx *cx, struct store_tx *tx,
                          const struct idempotent_answer *answer)
{
    CHECK(cx != NULL && answer != NULL && !text_is_empty(answer->key));
    struct idempotent_answer row = *answer;
    struct store_call forget = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_text("key", answer->key),
                           store_instant("before", horizon(cx), cx->arena)),
    };
    struct store_call insert = { .fields = &answer_fields, .record = &row };
    row.org_id = cx->org;
    row.created_at = cx_server_now(cx);
    enum err err = store_run(tx, SQL_IDEMPOTENCY_KEY_FORGET, &forget, NULL);
    if (err == OK)
        err = store_run(tx, SQL_IDEMPOTENCY_KEY_INSERT, &insert, NULL);
    return err;
}

enum err idempotency_prune(struct cx *cx, int64_t limit, int64_t *ret)
{
    CHECK(cx != NULL && limit > 0 && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct store_call call = {
        .args =
            STORE_ARGS(store_instant("before", horizon(cx), cx->arena), store_int("limit", limit)),
    };
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = store_run(tx, SQL_IDEMPOTENCY_KEY_PRUNE, &call, ret);
    return store_finish(&tx, err);
}
