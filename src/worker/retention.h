/* retention.h: giving up what is too old: events of usage, the outbox, answers kept under
 * Idempotency-Keys. Each in small transactions, so that nobody waits for it. Used by the worker
 * only.
 */
#ifndef WORKER_RETENTION_H
#define WORKER_RETENTION_H

#include <stdatomic.h>

#include "identity/cx.h"

/* What is too old of the context's organization. Ends early, with OK, when `is_stopping` becomes
 * true: the rest is for the next time. */
NODISCARD enum err retention_of_org(struct cx *cx, const atomic_bool *is_stopping);

/* What is too old of no organization in particular. */
NODISCARD enum err retention_of_all(struct cx *cx, const atomic_bool *is_stopping);

#endif
