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

enum err idempotency_find(struct cx *cx, struct store_tx *tx, text key,
                          struct idempotent_answer *ret)
{
    CHECK(cx != NULL && ret != NULL && !text_is_empty(key));
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), store_text("key", key)),
    };
    return store_one(tx, SQL_IDEMPOTENCY_KEY_FIND, &call, STORE_AS(&answer_fields, cx->arena), ret);
}

enum err idempotency_keep(struct cx *cx, struct store_tx *tx,
                          const struct idempotent_answer *answer)
{
    CHECK(cx != NULL && answer != NULL && !text_is_empty(answer->key));
    struct idempotent_answer row = *answer;
    instant before =
        span_add(answer->created_at, (span){ .days = IDEMPOTENCY_DAYS }, -1, zone_utc());
    struct store_call forget = {
        .args = STORE_ARGS(store_instant("before", before, cx->arena)),
    };
    struct store_call insert = { .fields = &answer_fields, .record = &row };
    row.org_id = cx->org;
    enum err err = store_run(tx, SQL_IDEMPOTENCY_KEY_FORGET, &forget, NULL);
    if (err == OK)
        err = store_run(tx, SQL_IDEMPOTENCY_KEY_INSERT, &insert, NULL);
    return err;
}
