/* carrier.h: where batches of events go: a server over HTTP, or a data directory.
 *
 * A carrier is opened once for each thread that uses it. It repeats what fails in passing by
 * itself; what it answers is final.
 */
#ifndef CLI_CARRIER_H
#define CLI_CARRIER_H

#include <stdatomic.h>

#include "base/command.h"
#include "usage/usage.h"

/* What became of a batch. */
enum carried {
    CARRIED_TAKEN,
    CARRIED_REFUSED, /* events of it are at fault, nothing was taken: a part of it may be */
    CARRIED_FAILED   /* for reasons of its own: no part of it would fare better */
};

/* What was at fault in the body: "[3].id". */
struct carriage_field {
    text field, reason;
};

/* Texts live in the arena that was handed in. */
struct carriage {
    enum carried outcome;
    uint64_t accepted, duplicates; /* of what was taken */
    int status;                    /* HTTP's; 0 when there was none */
    int code;                      /* enum command_exit, unless taken */
    text reason;                   /* a sentence, unless taken */
    const struct carriage_field *fields;
    size_t field_count;
};

struct carrier {
    const void *config; /* for open */
    void *(*open)(const void *config, const atomic_bool *is_stopping);
    void (*close)(void *state);
    /* Takes a JSON array of events. `is_stopping` ends the waiting between attempts. */
    struct carriage (*carry)(void *state, text body, struct arena *arena);
};

/* ---- to a server ---- */

#define CARRIER_FOR_EVER INT64_MAX

struct carrier_http_config {
    text server, token;
    text path;          /* empty for that of the v3 contract */
    int64_t retries;    /* of one batch; CARRIER_FOR_EVER */
    bool is_cancelling; /* a stop ends calls that are under way */
    /* Told of each attempt that will be repeated, from the thread that carries; may be NULL. */
    void (*on_retry)(void *state, text reason);
    void *state;
};

/* Posts to the v3 contract; `config` is borrowed for the carrier's life. */
struct carrier carrier_http(const struct carrier_http_config *config);

/* ---- into a data directory ---- */

struct carrier_local_config {
    struct usage *usage; /* open */
    struct org_id org;   /* whose the events are */
    struct clock *clock;
};

/* Appends to the event store; `config` is borrowed for the carrier's life. */
struct carrier carrier_local(const struct carrier_local_config *config);

#endif
