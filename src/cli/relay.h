/* relay.h: the relay: takes events as the server does, keeps them in a spool, delivers them when
 * the server is there. Private to its three parts:
 *
 *   relay.c       the command: options, opening, closing
 *   relay_in.c    HTTP: the form of events is checked, then they go to the spool
 *   relay_out.c   threads that take batches from the spool and deliver them
 */
#ifndef CLI_RELAY_H
#define CLI_RELAY_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/clock.h"
#include "base/random.h"
#include "cli/carrier.h"
#include "cli/spool.h"
#include "http/http.h"

#define RELAY_SENDERS_MAX 64

struct relay {
    text local_token; /* what clients must send; empty: nothing */
    struct spool *spool;
    struct random random;
    struct clock *clock;
    struct http_server *http;

    struct spool_limits limits; /* of a batch */
    struct carrier_http_config upstream;
    struct carrier carrier;
    int64_t sender_count;
    FILE *dead_letters;
    pthread_mutex_t dead_letters_mutex;
    const char *dead_letters_path;
    atomic_bool is_stopping;
    atomic_bool is_away;                          /* the last attempt on the server has failed */
    atomic_uint_fast64_t received, refused, busy; /* events in; requests refused, busy */
    atomic_uint_fast64_t delivered, duplicates, dead, retried; /* events out; attempts repeated */

    struct relay_sender {
        struct relay *relay;
        pthread_t thread;
    } senders[RELAY_SENDERS_MAX];
};

/* The server's handlers; `state` is the relay. */
http_handler relay_handle;
void relay_refuse(void *state, struct http_request *request, struct http_reply *ret);

/* Starts the senders; the spool is open. */
void relay_out_start(struct relay *relay);

/* Stops them: calls under way are cut off, their events stay in the spool. */
void relay_out_stop(struct relay *relay);

/* An attempt has failed and will be repeated: told once, until one succeeds. `state` is the relay.
 */
void relay_tell_away(void *state, text reason);

#endif
