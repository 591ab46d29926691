/* batch.h: some events of a file on their way, and what became of them, told by the line of the
 * file they came from.
 *
 * A batch is filled by one thread, carried by another and accounted for by the first; it belongs to
 * one of them at a time.
 */
#ifndef CLI_BATCH_H
#define CLI_BATCH_H

#include "cli/carrier.h"

/* A row of a file up to which something holds. */
struct batch_place {
    uint64_t records;         /* of the file, up to and with this one */
    uint64_t line;            /* where it begins */
    unsigned char digest[16]; /* of all of them */
    uint64_t rejected;        /* among them: rows that made no event */
};

/* Events that were refused together. */
struct batch_refusal {
    size_t first, count;
    struct carriage carriage;
    struct batch_refusal *next;
};

struct batch {
    struct arena *arena; /* of all below but `events` */
    struct buffer body;  /* a JSON array; without its closing bracket until it is carried */

    struct batch_event {
        uint64_t line; /* of the file */
        size_t start;  /* in the body */
    } * events;

    size_t count, room;
    struct batch_place place; /* of its last row */

    /* What became of it. */
    uint64_t sent, accepted, duplicates, rejected; /* events */
    struct batch_refusal *refusals, **refusals_end;
    struct carriage failure; /* when `code` is not EXIT_OK */
    int code;
};

/* An empty batch with room for so many events. Freed with batch_free. */
struct batch *batch_new(size_t room);
void batch_free(struct batch *batch);

/* Empties it. */
void batch_reset(struct batch *batch);

/* Adds an event (JSON text) that stood on `line`; there must be room. */
void batch_add(struct batch *batch, text event, uint64_t line);

/* No further event must be added. */
bool batch_is_full(const struct batch *batch);

/* Hands it to the carrier. `is_splitting`: a batch that is refused is split until the events at
 * fault are found; all others go on. Else it is one refusal. */
void batch_carry(struct batch *batch, const struct carrier *carrier, void *state,
                 bool is_splitting);

/* The event as it was added; after batch_carry. */
text batch_event_at(const struct batch *batch, size_t index);

/* Prints to standard error why these events were refused, and their lines. */
void batch_print_refusal(const struct batch *batch, const struct batch_refusal *refusal,
                         const struct invocation *invocation);

#endif
