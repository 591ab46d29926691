/* cx.h: the context of one request or one job: what a flow is handed.
 *
 * Time, chance, ids, the store, the usage log and the caller come in here; a flow reads nothing
 * global. `now` is taken once, at the start: a command sees one instant throughout.
 *
 * Whose instant: the server's, until a customer who lives on a test clock is looked at. Loading one
 * of these enters its clock (customer/customer.h), and from then on `now` is the time there;
 * loading another customer enters that one's, or goes back to the server's. So flows say cx->now
 * and mean the present of whom they deal with. Ids and the audit log keep the server's time.
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
struct outbox_hold;
struct token_cache;

ID_TYPE(test_clock);

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
    bool is_now_asked; /* the question is about another time: no clock changes `now` */
    struct test_clock_id test_clock; /* that was entered; zero: `now` is the server's */
    instant server_now;              /* kept while a test clock is entered */
    struct outbox_hold
        *outbox_hold;    /* events are kept back there; NULL: they are written at once */
    const void *assumed; /* usage that is assumed: struct life_request of bill/life.h; or NULL */
    struct problem problem;
};

/* Makes `now` the time of a test clock; with a zero id, the server's again. */
void cx_enter_clock(struct cx *cx, struct test_clock_id clock, instant now);

/* The server's time, whatever clock was entered. */
instant cx_server_now(const struct cx *cx);

/* When the catalog is looked at: the later of `now` and the server's time. So what is published is
 * there for a customer whose test clock is behind, and what will be is for one whose is ahead. */
instant cx_catalog_now(const struct cx *cx);

/* The next id at the server's instant, for `struct plan_id id = { cx_ulid(cx) }`. */
ulid cx_ulid(struct cx *cx);

#endif
