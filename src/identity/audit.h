/* audit.h: a row for every change, written in the transaction that makes it. */
#ifndef IDENTITY_AUDIT_H
#define IDENTITY_AUDIT_H

#include "codec/page.h"
#include "identity/cx.h"

ID_TYPE(audit);
ID_TYPE(entity); /* of whatever was changed */

struct audit {
    struct audit_id id;
    struct org_id org_id;
    instant created_at;
    text actor;
    text action; /* "customer.create" */
    text entity_type;
    struct entity_id entity_id; /* zero when the action is about no single thing */
    text request_id;
    text detail; /* JSON; ptr NULL for none */
};

extern const struct fields audit_fields;

/* Writes who did what to which thing: action "customer.create", of which the first word is the type
 * of the entity. `detail` is JSON or empty, never a secret. */
NODISCARD enum err audit_write(struct cx *cx, struct store_tx *tx, text action, ulid entity,
                               text detail);

/* One page of the organization's book, newest first; of one thing only when `entity` is not zero.
 * `ret` gets a list of struct audit, `ret_total` how many there are on all pages. */
NODISCARD enum err audit_list(struct cx *cx, ulid entity, struct page page, struct list *ret,
                              int64_t *ret_total);

#endif
