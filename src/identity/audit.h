/* audit.h: a row for every change, written in the transaction that makes it. */
#ifndef IDENTITY_AUDIT_H
#define IDENTITY_AUDIT_H

#include "identity/cx.h"

/* Writes who did what to which thing: action "customer.create", entity_type "customer". `detail`
 * is JSON or empty, never a secret. */
NODISCARD enum err audit_write(struct cx *cx, struct store_tx *tx, text action, text entity_type,
                               ulid entity, text detail);

#endif
