/* retention.c: giving up what is too old. */
#include "worker/retention.h"

#include "base/log.h"
#include "identity/idempotency.h"
#include "meter/erasure.h"
#include "notify/outbox_retention.h"

#define RETENTION_BATCH 500 /* rows in one transaction */

typedef enum err prune(struct cx *cx, int64_t limit, int64_t *ret);

/* Batch by batch, until one is not full. */
static enum err prune_all(struct cx *cx, prune *some, const atomic_bool *is_stopping, int64_t *ret)
{
    int64_t count = RETENTION_BATCH;
    enum err err = OK;

    *ret = 0;
    while (err == OK && count == RETENTION_BATCH && !*is_stopping) {
        struct arena *arena CLEANUP(arena_cleanup) = arena_new();
        struct cx own = *cx;

        own.arena = arena;
        problem_init(&own.problem, arena);
        err = some(&own, RETENTION_BATCH, &count);
        if (err == OK)
            *ret += count;
    }
    return err;
}

enum err retention_of_org(struct cx *cx, const atomic_bool *is_stopping)
{
    uint64_t events = 0;
    int64_t messages = 0;
    enum err err = retention_run(cx, &events);

    CHECK(is_stopping != NULL);
    if (events > 0)
        log_info("events_given_up", LOG_TEXT("org", ulid_text(cx->arena, cx->org.ulid)),
                 LOG_INT("events", events));
    if (err == OK)
        err = prune_all(cx, outbox_prune, is_stopping, &messages);
    if (messages > 0)
        log_info("outbox_given_up", LOG_TEXT("org", ulid_text(cx->arena, cx->org.ulid)),
                 LOG_INT("events", messages));
    return err;
}

enum err retention_of_all(struct cx *cx, const atomic_bool *is_stopping)
{
    int64_t keys = 0;
    enum err err = prune_all(cx, idempotency_prune, is_stopping, &keys);

    CHECK(is_stopping != NULL);
    if (keys > 0)
        log_info("idempotency_keys_given_up", LOG_INT("keys", keys));
    return err;
}
