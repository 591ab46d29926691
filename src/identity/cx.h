/* cx.h: the context of one request or one job: what a flow is handed.
 *
 * Time, chance, ids, the store, the usage log and the caller come in here; a flow reads nothing
 * global. `now` is taken once, at the start: a command sees one instant throughout.
 */
#ifndef IDENTITY_CX_H
#define IDENTITY_CX_H

#include "base/clock.h"
#include "base/id.h"
#include "base/problem.h"
#include "identity/role.h"
#include "store/store.h"
#include "usage/usage.h"

struct rollup;
struct token_cache;

struct cx {
    struct arena *arena;
    struct store *store;
    struct usage *usage;
    struct rollup *rollup; /* NULL: queries read raw events only */
    struct ids *ids;
    struct random *random;
    struct token_cache *token_cache; /* NULL: every token is looked up in the store */
    struct org_id org;
    enum role role;
    text actor; /* who asks: a token's name, "anonymous" on loopback, "worker", "cli" */
    text request_id;
    instant now;
    struct problem problem;
};

/* The next id at the context's instant, for `struct plan_id id = { cx_ulid(cx) }`. */
ulid cx_ulid(struct cx *cx);

#endif
