/* org.h: organizations: the tenants. Every other row and every event belongs to one.
 *
 * A fresh installation has one, the default organization, so that a single business needs to know
 * nothing about tenants.
 */
#ifndef IDENTITY_ORG_H
#define IDENTITY_ORG_H

#include "base/span.h"
#include "codec/fields.h"
#include "identity/cx.h"

struct org {
    struct org_id id;
    text name;
    bool is_default;
    instant created_at;
    span usage_retention;  /* events older than this are given up, in whole segments */
    span outbox_retention; /* and what others are told, oldest first */
};

/* What an organization has that never said anything else. */
#define ORG_USAGE_RETENTION  ((span){ .years = 2 })
#define ORG_OUTBOX_RETENTION ((span){ .days = 90 })

extern const struct fields org_fields;

/* The default organization, made when there is none yet. Before the first request there is no
 * context, so it takes the parts it needs. */
NODISCARD enum err org_ensure_default(struct store *store, struct ids *ids, instant now,
                                      struct org_id *ret);

/* The context's organization. ERR_ABSENT when there is no such row. */
NODISCARD enum err org_get(struct cx *cx, struct org *ret);

/* Every organization, oldest first: a list of struct org in the arena. */
NODISCARD enum err org_list(struct store *store, struct arena *arena, struct list *ret);

/* Changes how long the context's organization keeps its events; written to the audit log. The
 * rules are the caller's (meter/erasure.h). */
NODISCARD enum err org_set_retention(struct cx *cx, span retention);

/* The same for its outbox (notify/outbox_retention.h). */
NODISCARD enum err org_set_outbox_retention(struct cx *cx, span retention);

#endif
