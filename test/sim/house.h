/* house.h: the whole program in one process, as a server has it but without sockets: stores,
 * rollups, worker and api on a clock that only moves when told to, on a disk that can die (disk.h).
 *
 * Requests go in as a client sends them, JSON in and JSON out, so that what is inside may change
 * as it likes. The clock goes on over restarts, as time does.
 */
#ifndef TEST_SIM_HOUSE_H
#define TEST_SIM_HOUSE_H

#include "api/api.h"
#include "codec/json.h"
#include "lib/directory.h"
#include "rollup/rollup.h"
#include "worker/worker.h"

struct house {
    char directory[DIRECTORY_PATH_MAX];
    struct clock clock;
    struct random random; /* of ids: seeded, goes on over restarts */
    struct ids *ids;
    struct usage *usage;
    struct store *store;
    struct rollup *rollup;
    struct worker *worker;
    struct api *api;
    struct org_id org;
    int opened;      /* times */
    uint64_t parked; /* rows set aside, over all restarts */
};

/* Makes a directory and opens what is in it: nothing. */
void house_build(struct house *house, uint64_t seed, instant start);

/* Closes and removes everything. */
void house_remove(struct house *house);

/* After the disk has died: closes all with every call failing, mends the disk, opens again what was
 * left. */
void house_restart(struct house *house);

struct answer {
    int status; /* 0: the house died over it; whether it was done is unknown */
    text body;
    struct json json; /* of a body that is JSON, else null */
};

/* Asks the way in; the answer lives in the arena. */
struct answer house_ask(struct house *house, struct arena *arena, enum http_method method,
                        text target, text body);

/* The same as POST, with an idempotency key. */
struct answer house_ask_once(struct house *house, struct arena *arena, text key, text target,
                             text body);

/* The same for events: a batch of CloudEvents. */
struct answer house_ingest(struct house *house, struct arena *arena, text body);

/* Moves the clock, doing all that is due on the way. False when the house died over it. */
NODISCARD bool house_advance(struct house *house, instant to);

/* Seals what is in the log and catches up the rollups. False when the house died over it. */
NODISCARD bool house_seal(struct house *house);

#endif
