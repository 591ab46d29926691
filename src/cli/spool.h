/* spool.h: events on their way, kept on the disk until they are delivered: a queue that outlives
 * its process.
 *
 * Why not the event store: that keeps events for ever, by key and by column. A spool forgets what
 * is delivered, never looks into an event, and is read once, in order. So it is a few files that
 * are only appended to and removed as a whole.
 *
 *   <number>.spool  segments: a header, then frames; a frame is what one flush made durable
 *   delivered       the sequence up to which all is delivered; written now and then, so after a
 *                   crash some events are delivered again, and dropped as duplicates by (source,
 * id) lock
 *
 * What was acknowledged is in the queue after any crash. A frame that is torn at the end of the
 * last segment was not acknowledged and is cut off; a flaw anywhere else is damage: opening fails,
 * nothing is skipped. Checksums are seeded with a salt that clients do not know.
 */
#ifndef CLI_SPOOL_H
#define CLI_SPOOL_H

#include "base/err.h"
#include "base/text.h"

struct spool;

struct spool_config {
    const char *directory; /* made when missing */
    uint64_t bytes_max;    /* on the disk; more is refused until something is delivered */
};

/* Opens it and starts its thread. ERR_BUSY when another process has it, ERR_CORRUPT when a file is
 * damaged: then `ret_why` (NUL-terminated, in the arena) names it. */
NODISCARD enum err spool_open(const struct spool_config *config, struct arena *arena,
                              struct spool **ret, const char **ret_why);

/* Makes what was accepted durable, and the mark, then closes. NULL is allowed. */
void spool_close(struct spool *spool);

/* Called once, from the spool's thread: OK when the events are durable, ERR_NO_SPACE or ERR_IO when
 * they are not in the queue. */
typedef void spool_done(void *state, enum err err);

/* Appends events, all or none; copies them. ERR_BUSY when the spool is full, ERR_STOPPED when it is
 * closing; then `done` is not called. */
NODISCARD enum err spool_append(struct spool *spool, const text *events, size_t count,
                                spool_done *done, void *state);

/* Events in the order of their arrival. */
struct spool_batch {
    uint64_t first; /* sequence of the first; the others follow without a gap */
    text *events;
    size_t count;
};

struct spool_limits {
    size_t events_max;
    size_t bytes_max;  /* of a batch with more than one event */
    int64_t linger_ns; /* how long events wait for others to fill the batch */
};

/* Waits for the next events that nobody has taken, and takes them; texts in the arena. Any thread;
 * each batch must be given to spool_delivered. ERR_STOPPED after spool_stop, ERR_IO or ERR_CORRUPT
 * when the disk fails: the events stay where they are. */
NODISCARD enum err spool_take(struct spool *spool, const struct spool_limits *limits,
                              struct arena *arena, struct spool_batch *ret);

/* The batch is the receiver's: forgets its events. Any order of batches. */
void spool_delivered(struct spool *spool, const struct spool_batch *batch);

/* Makes spool_take return ERR_STOPPED, now and from now on. */
void spool_stop(struct spool *spool);

struct spool_stats {
    uint64_t appended;  /* events made durable since the start of the process */
    uint64_t pending;   /* events not yet delivered */
    uint64_t bytes;     /* on the disk */
    uint64_t flushes;   /* since the start */
    uint64_t cut_bytes; /* of a torn tail, at the start */
    int64_t
        oldest_age_ns; /* how long the oldest that nobody has taken has waited in this process */
    bool is_failing;   /* the last write failed */
};

/* Fills in all of them. Any thread. */
void spool_stats(struct spool *spool, struct spool_stats *ret);

#endif
