/* app.h: the parts of a running server, opened in order and closed in reverse; private to server/.
 */
#ifndef SERVER_APP_H
#define SERVER_APP_H

#include "api/api.h"
#include "identity/token.h"
#include "rollup/rollup.h"
#include "worker/worker.h"

struct app_config {
    const char *data_directory;
    text address;
    uint16_t port;
    int io_threads, workers;
    bool is_auth_required;
    bool is_dev;
    bool is_clock_manual;
    instant clock_start;     /* for a manual clock */
    size_t cache_bytes;      /* of events read back from segments */
    uint32_t segment_events; /* most of a sealed segment */
};

struct app {
    struct app_config config;
    struct clock manual_clock;
    struct clock *clock;
    struct random random;
    struct ids *ids;
    struct store *store;
    char *store_trouble; /* why it could not be opened, else NULL; kept for the process */
    struct usage *usage;
    struct usage_replay replay;
    struct rollup *rollup;
    struct token_cache *token_cache;
    struct worker *worker;
    struct api *api;
    struct http_server *http;
    struct org_id org;
};

/* Opens everything and starts to listen. On failure closes what was opened, puts a sentence into
 * `ret_why` (for the process) and returns false. */
NODISCARD bool app_open(struct app *app, const struct app_config *config, const char **ret_why);

/* Finishes what was accepted, then closes all parts. */
void app_close(struct app *app);

#endif
