/* batch.h: events on their way to the server: gathered into requests, sent with retry, and told by
 * the line of the file they came from when the server refuses them.
 *
 * An attempt whose answer was lost may have been taken: the server drops what it has, by (source,
 * id), so that sending again counts nothing twice.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "cli/progress.h"
#include "cli/remote.h"
#include "cli/source.h"

struct batch_config {
    const struct source *source; /* what is read, for the progress bar; borrowed */
    int64_t events_max;          /* in one request */
    int64_t retries;             /* of one request */
    bool does_keep_going;        /* a refused event does not stop the rest */
};

struct batch {
    struct batch_config config;
    struct remote remote;
    struct progress progress;
    struct arena *arena; /* of the events in hand; reset when they are sent */
    struct buffer body;  /* a JSON array without its closing bracket */

    struct batch_event {
        uint64_t line; /* of the file */
        size_t start;  /* in the body */
    } * events;

    size_t count;
    uint64_t sent, accepted, duplicates, rejected; /* events since batch_open */
};

/* Makes an empty batch; the server is named by the command's options. Closed with batch_close. */
void batch_open(struct batch *batch, const struct invocation *invocation,
                const struct batch_config *config);

/* Frees it; what was not sent is lost. */
void batch_close(struct batch *batch);

/* Adds an event (JSON text) that stood on `line`, and sends the batch when it is full. EXIT_OK, or
 * the exit code after a message. */
NODISCARD int batch_add(struct batch *batch, text event, uint64_t line);

/* Sends what is left. As batch_add. */
NODISCARD int batch_send(struct batch *batch);

#endif
