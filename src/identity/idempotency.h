/* idempotency.h: the first answers to requests that carry an Idempotency-Key.
 *
 * A key belongs to an organization. Its row is written in the transaction of the command, so
 * a request that was answered is known as done, and one that was cut off is not. Answers hold for
 * IDEMPOTENCY_DAYS of the server's time; older ones are as if they were not there, and go.
 */
#ifndef IDENTITY_IDEMPOTENCY_H
#define IDENTITY_IDEMPOTENCY_H

#include "base/span.h"
#include "identity/cx.h"

#define IDEMPOTENCY_DAYS 30

struct idempotent_answer {
    struct org_id org_id;
    text key;
    text fingerprint; /* of method, path, query string and body */
    int64_t status;
    text content_type;
    text body;
    text etag;
    instant created_at; /* on the server */
};

/* The answer under a key of the context's organization; ERR_ABSENT. */
NODISCARD enum err idempotency_find(struct cx *cx, struct store_tx *tx, text key,
                                    struct idempotent_answer *ret);

/* Keeps an answer for the context's organization, in place of one that is too old. ERR_CONFLICT
 * when there is one under its key that holds. */
NODISCARD enum err idempotency_keep(struct cx *cx, struct store_tx *tx,
                                    const struct idempotent_answer *answer);

/* Removes answers that hold no more, of every organization, at most `limit`, in a transaction of
 * its own; how many. */
NODISCARD enum err idempotency_prune(struct cx *cx, int64_t limit, int64_t *ret);

#endif
