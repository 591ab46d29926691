#include "identity/token_rows.h"

enum err token_insert(struct store_tx *tx, const struct token *token)
{
    CHECK(tx != NULL && !ulid_is_zero(token->id.ulid) && !ulid_is_zero(token->org_id.ulid));
    return store_run(tx, SQL_TOKEN_INSERT,
                     &(struct store_call){ .fields = &token_fields, .record = token }, NULL);
}

enum err token_load(struct cx *cx, struct store_tx *tx, struct token_id id, struct token *ret)
{
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                                                  store_ulid("id", id.ulid, cx->arena)) };
    return store_one(tx, SQL_TOKEN_GET, &call, STORE_AS(&token_fields, cx->arena), ret);
}

enum err token_load_by_hash(struct store_tx *tx, text hash, struct arena *arena, struct token *ret)
{
    struct store_call call = { .args = STORE_ARGS(store_text("hash", hash)) };
    CHECK(!text_is_empty(hash));
    return store_one(tx, SQL_TOKEN_GET_BY_HASH, &call, STORE_AS(&token_fields, arena), ret);
}

enum err token_load_page(struct cx *cx, struct store_tx *tx, struct page page, struct list *ret,
                         int64_t *ret_total)
{
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                                                  store_int("limit", page.size),
                                                  store_int("offset", page_offset(page))) };
    enum err err = store_number(tx, SQL_TOKEN_COUNT, &call, ret_total);
    CHECK(page.number >= 1 && page.size >= 1);
    return err != OK
               ? err
               : store_all(tx, SQL_TOKEN_LIST, &call, STORE_AS(&token_fields, cx->arena), ret);
}

enum err token_set_revoked(struct cx *cx, struct store_tx *tx, struct token_id id)
{
    struct store_call call = { .args =
                                   STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                                              store_ulid("id", id.ulid, cx->arena),
                                              store_instant("revoked_at", cx->now, cx->arena)) };
    return store_run(tx, SQL_TOKEN_REVOKE, &call, NULL);
}
