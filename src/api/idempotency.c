/* idempotency.c: requests that move money, repeated: done once, answered alike.
 *
 * The handler's transactions become parts of one, and the answer is stored in it: either both are
 * there afterwards or neither. A request with the same key that comes meanwhile waits for the
 * writer and then finds the answer. Refusals are not kept: they changed nothing.
 */
#include "api/call.h"

#include <xxhash.h>

#include "identity/idempotency.h"

#define KEY_LENGTH_MAX 255

/* Beneath these, a POST makes, changes or settles what somebody pays. */
static const char *const money_paths[] = {
    "/subscriptions",
    "/billing/invoices",
    "/apps/custom-invoicing",
    "/billing/customers/{customerId}/invoices/pending-lines",
    "/customers/{customerId}/invoices/pending-lines",
    "/customers/{customerId}/credits",
    "/customers/{customerId}/charges",
};

static bool moves_money(const struct route *route)
{
    if (route->method != HTTP_POST)
        return false;
    for (size_t i = 0; i < COUNT_OF(money_paths); i++)
        if (text_starts_with(text_of(route->path), text_of(money_paths[i])))
            return true;
    return false;
}

static void hash_add(XXH3_state_t *state, text t)
{
    (void)XXH3_128bits_update(state, &t.len, sizeof t.len);
    if (t.len > 0)
        (void)XXH3_128bits_update(state, t.ptr, t.len);
}

/* Of everything that tells one request from another. */
static text fingerprint_of(const struct http_request *request)
{
    XXH3_state_t *state = XXH3_createState();
    XXH128_hash_t hash;

    MUST(state && XXH3_128bits_reset(state) == XXH_OK);
    hash_add(state, request->path);
    for (size_t i = 0; i < request->param_count; i++) {
        hash_add(state, request->params[i].name);
        hash_add(state, request->params[i].value);
    }
    hash_add(state, request->body);
    hash = XXH3_128bits_digest(state);
    (void)XXH3_freeState(state);
    return text_format(request->arena, "%016llx%016llx", (unsigned long long)hash.high64,
                       (unsigned long long)hash.low64);
}

static enum err replay(struct api_call *call, const struct idempotent_answer *answer,
                       text fingerprint)
{
    if (!text_equal(answer->fingerprint, fingerprint))
        return problem_refuse(&call->cx.problem, FAULT_IDEMPOTENCY_KEY_REUSED, "%s", "");
    *call->reply = (struct http_reply){
        .status = (int)answer->status,
        .content_type = answer->content_type,
        .body = answer->body,
    };
    if (answer->etag.ptr)
        http_reply_header(call->reply, TEXT("ETag"), answer->etag);
    http_reply_header(call->reply, TEXT("Idempotency-Replayed"), TEXT("true"));
    return OK;
}

static text etag_of(const struct http_reply *reply)
{
    for (size_t i = 0; i < reply->header_count; i++)
        if (text_equal_nocase(reply->headers[i].name, TEXT("ETag")))
            return reply->headers[i].value;
    return TEXT_NONE;
}

/* Runs the handler within the transaction and keeps its answer there. */
static enum err run_and_keep(struct api_call *call, struct store_tx *tx, text fingerprint)
{
    struct idempotent_answer answer = {
        .key = call->request->idempotency_key,
        .fingerprint = fingerprint,
    };
    enum err err;

    store_enclose(tx);
    err = call->route->handler(call);
    store_disclose(tx);
    if (err != OK || problem_is_set(&call->cx.problem))
        return err;
    answer.status = call->reply->status;
    answer.content_type = call->reply->content_type;
    answer.body = call->reply->body;
    answer.etag = etag_of(call->reply);
    return idempotency_keep(&call->cx, tx, &answer);
}

enum err call_run_once(struct api_call *call)
{
    text key = call->request->idempotency_key;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct idempotent_answer answer;
    text fingerprint;
    enum err err;

    if (!key.ptr || !moves_money(call->route))
        return call->route->handler(call);
    if (key.len < 1 || key.len > KEY_LENGTH_MAX)
        return problem_refuse(&call->cx.problem, FAULT_IDEMPOTENCY_KEY_INVALID, "%s", "");
    fingerprint = fingerprint_of(call->request);
    err = store_begin_write(call->cx.store, &tx);
    if (err == OK)
        err = idempotency_find(&call->cx, tx, key, &answer);
    if (err == OK)
        return replay(call, &answer, fingerprint);
    if (err == ERR_ABSENT)
        err = run_and_keep(call, tx, fingerprint);
    return store_finish(&tx, err);
}
