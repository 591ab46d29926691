/* api.h: the way in over HTTP: both wire contracts, and what is ours beside them.
 *
 *   /v3/openmeter and /api/v3/openmeter   the v3 contract (snake_case, Kong's problem+json)
 *   /api/v1 and /api/v2                   the v1 contract (camelCase, RFC 7807 with extensions)
 *   /v3 and /api/v3                       ours: the test clock, tokens
 *   /healthz /readyz /metrics /openapi.json
 *
 * routes.def lists every route: method, path, handler, right, request and response tables. The
 * router, the OpenAPI documents and the tests' coverage check all come from it.
 */
#ifndef API_API_H
#define API_API_H

#include "base/clock.h"
#include "http/http.h"
#include "identity/cx.h"

struct api;

/* What the worker has done since the start. */
struct api_work {
    uint64_t done, retried, parked;
};

struct api_config {
    struct store *store;
    struct usage *usage;
    struct rollup *rollup;
    struct clock *clock;
    struct ids *ids;
    struct random *random;
    struct token_cache *token_cache;
    struct org_id org;     /* the default organization: whose the anonymous caller is */
    const char *directory; /* of the data */
    bool
        is_auth_required; /* false only on a loopback address: requests without a token are admin */
    bool is_dev;          /* the test clock's routes answer */
    /* The worker is the api's neighbour, so what is wanted of it is handed in: moving the manual
     * clock, with all work due by then done, and its counters. */
    enum err (*advance)(void *worker, instant to);
    /* The same for one test clock of an organization. */
    enum err (*advance_clock)(void *worker, struct org_id org, struct test_clock_id clock,
                              instant to);
    /* Has test clocks advanced that are under way, without waiting; NULL: nobody does that, and
     * every advance is waited for. */
    void (*wake_clocks)(void *worker);
    void (*work)(void *worker, struct api_work *ret);
    void *worker;
};

/* Freed with api_free, after the HTTP server has stopped. */
struct api *api_new(const struct api_config *config);
void api_free(struct api *api);

/* The server whose counters /metrics prints; set once, after it has started. */
void api_set_server(struct api *api, struct http_server *server);

/* Whether /readyz says yes: set when the parts are up, cleared when the stop begins. */
void api_set_ready(struct api *api, bool is_ready);

/* The handlers that the HTTP server calls with the api as its state. */
http_handler api_handle;
http_handler api_quick; /* small requests that need nothing but the usage store */
void api_refuse(void *state, struct http_request *request, struct http_reply *ret);

/* Fills the reply with the problem+json of a refusal, or of a trouble, as a request of this dialect
 * is told of it: for a program beside the server that takes events like it. */
void api_answer_problem(struct http_request *request, enum dialect dialect,
                        const struct problem *problem, enum err err, struct http_reply *ret);

/* Prints the OpenAPI 3.0 document of one dialect. */
void api_openapi_write(enum dialect dialect, struct buffer *out);

#endif
