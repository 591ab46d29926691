/* token_flow.c: making, revoking, listing and verifying tokens. */
#include "identity/token_rows.h"

#include <sodium.h>

#include "identity/audit.h"
#include "identity/token_cache.h"

/* Characters of the secret that lists show; they lie in its checksum. */
#define HINT_LENGTH 4

static text hash_of(text secret, struct arena *arena)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    char *hex = arena_alloc(arena, 2 * sizeof(hash) + 1);
    MUST(crypto_hash_sha256(hash, (const unsigned char *)secret.ptr, secret.len) == 0);
    sodium_bin2hex(hex, 2 * sizeof(hash) + 1, hash, sizeof(hash));
    return (text){ hex, 2 * sizeof(hash) };
}

enum err token_create(struct cx *cx, const struct token_request *request, struct token *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum fault fault = token_request_check(request, cx->now);
    text secret = token_secret_make(cx->random, request->kind, cx->arena);
    struct token token = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .kind = request->kind,
        .name = request->name,
        .role = request->role,
        .hash = hash_of(secret, cx->arena),
        .hint = text_slice(secret, secret.len - HINT_LENGTH, HINT_LENGTH),
        .created_at = cx->now,
        .expires_at = request->expires_at,
        .revoked_at = INSTANT_NONE,
    };
    enum err err;
    CHECK(ret != NULL);
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "%s", "");
    err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = token_insert(tx, &token);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("token.create"), token.id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err != OK)
        return err;
    token.secret = secret;
    *ret = token;
    return OK;
}

enum err token_revoke(struct cx *cx, struct token_id id)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct token token;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = token_load(cx, tx, id, &token);
    if (err == ERR_ABSENT)
        return problem_refuse(&cx->problem, FAULT_TOKEN_ABSENT, "%s", "");
    if (err != OK || !instant_is_none(token.revoked_at))
        return err;
    err = token_set_revoked(cx, tx, id);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("token.revoke"), id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (cx->token_cache)
        token_cache_clear(cx->token_cache);
    return err;
}

enum err token_list(struct cx *cx, struct page page, struct list *ret, int64_t *ret_total)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    CHECK(ret != NULL && ret_total != NULL);
    return err != OK ? err : token_load_page(cx, tx, page, ret, ret_total);
}

/* By way of the cache, when there is one. ERR_ABSENT when there is no such token. */
static enum err token_find(struct cx *cx, text hash, struct token *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    uint64_t stamp = 0;
    enum err err;
    if (cx->token_cache && token_cache_get(cx->token_cache, hash, cx->arena, ret, &stamp))
        return OK;
    if (!cx->store)
        return ERR_BUSY;
    err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = token_load_by_hash(tx, hash, cx->arena, ret);
    if (err == OK && cx->token_cache)
        token_cache_add(cx->token_cache, ret, stamp);
    return err;
}

enum err token_verify(struct cx *cx, text secret, struct token *ret)
{
    struct token token;
    text hash;
    enum err err;
    CHECK(cx != NULL && ret != NULL);
    if (!token_secret_is_whole(secret))
        return problem_refuse(&cx->problem, FAULT_TOKEN_UNKNOWN, "%s", "");
    hash = hash_of(secret, cx->arena);
    err = token_find(cx, hash, &token);
    if (err != OK && err != ERR_ABSENT)
        return err;
    /* The index found it byte by byte; what that tells an onlooker is about the hash, not the
     * secret. The last word is a comparison that takes the same time whatever it finds. */
    if (err == ERR_ABSENT || token.hash.len != hash.len ||
        sodium_memcmp(token.hash.ptr, hash.ptr, hash.len) != 0 || !token_is_live(&token, cx->now))
        return problem_refuse(&cx->problem, FAULT_TOKEN_UNKNOWN, "%s", "");
    *ret = token;
    return OK;
}
