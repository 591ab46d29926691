/* usage_inside.h: the inside of struct usage, shared by the files that make it up.
 *
 * Private to usage/: usage.c opens, closes and queues; commit.c is the commit thread; seal.c the
 * sealing thread; scan.c, part_scan.c and sealed_scan.c read. Who touches what:
 *   - the queue's members under `lock`, by anyone;
 *   - journal, `part` and adding to it by the commit thread only;
 *   - `visible` is stored by the commit thread after the part has the events and the disk has
 *     their frame (release), and read by everybody (acquire): it is what makes them readable. Who
 *     reads takes `visible` first and a snapshot of the catalog after it.
 */
#ifndef USAGE_USAGE_INSIDE_H
#define USAGE_USAGE_INSIDE_H

#include "usage/catalog.h"
#include "usage/conflict.h"
#include "usage/journal.h"

/* What is known of a record besides itself, computed by the thread that appends it. */
struct batch_mark {
    uint64_t fingerprint;
    uint64_t subject_hash;
    uint64_t size; /* of the record */
};

/* One call of usage_append, in one piece of memory: this, marks, records. */
struct batch {
    struct batch *next;
    usage_done *done;
    void *state;
    size_t bytes; /* of all of it: what it takes of the queue */
    size_t count;
    struct batch_mark *marks;
    unsigned char *records; /* without sequence */
    struct usage_receipt receipt;
};

/* What sealing is to do, and how it fares. */
struct sealing {
    uint32_t rows_max;    /* of a segment */
    uint32_t parts_max;   /* waiting */
    uint64_t backlog_max; /* bytes of memory of what is not sealed */
    int64_t age_ns;       /* INT64_MAX for never */
    pthread_t thread;

    /* Under the catalog's lock, whose is_changed tells of changes. */
    _Atomic bool is_stopping; /* read without the lock, too */
    uint64_t wanted_to;       /* usage_seal asks for all up to this sequence */
    uint64_t failures;        /* attempts that failed, .. */
    enum err failure;         /* .. the last one with this */
    int64_t retry_at_ns;      /* not before; on the monotonic clock */
    bool is_resting;          /* the thread has nothing to do */
    bool is_rolling;          /* the commit thread is asked to end the last part */

    pthread_mutex_t listener_lock; /* held while the listener runs */
    usage_sealed *listener;
    void *listener_state;
    bool is_news; /* under the catalog's lock: an epoch has changed, the listener is to be told */
};

struct usage {
    struct catalog *catalog;
    struct journal *journal;
    struct log_room room; /* the sealing thread makes it, the commit thread takes it */
    struct part *part;    /* the last one; the commit thread's */
    struct conflicts *ring;
    uint64_t salt;
    _Atomic uint64_t visible;
    uint64_t room_least; /* bytes of `room`, at least .. */
    uint64_t room_max;   /* .. and at most; 0: none is made */
    struct sealing sealing;

    pthread_mutex_t lock;
    pthread_cond_t has_work;
    struct batch *queue_first;
    struct batch *queue_last;
    size_t queue_bytes; /* taken: of batches queued, being copied, or in the group being written */
    size_t queue_bytes_max;
    bool is_stopping;
    bool wants_roll;           /* the last part is to be ended, for sealing */
    uint64_t settled_sequence; /* a moment: with this newest sequence .. */
    uint32_t settled_log;      /* .. the file of this ordinal .. */
    uint64_t settled_length;   /* .. had so many bytes that count */

    pthread_t thread;
    int lock_fd;

    _Atomic uint64_t duplicates;
    _Atomic uint64_t conflicts;
    _Atomic uint64_t flushes;
    _Atomic bool is_failing;
};

/* Notes down the settled_ moment. The commit thread under the lock, or before there are threads. */
void usage_settle(struct usage *usage);

/* The commit thread: `state` is the struct usage. Ends when it is stopping and nothing is left. */
void *commit_run(void *state);

/* ---- duplicates (known.c) ---- */

/* What becomes of one event. */
enum verdict { IS_NEW, IS_DUPLICATE, IS_CONFLICT, IS_UNREADABLE, IS_FAILED };

/* Some events to be looked for among those of a snapshot. */
struct known_query {
    const struct snapshot *snapshot;
    struct conflicts *ring; /* keeps those that contradict */
    const uint64_t *fingerprints;
    const unsigned char *const *records;
    enum verdict *verdicts; /* to be filled: IS_UNREADABLE when a record that decides is damaged,
                               IS_FAILED when it cannot be read now */
    uint32_t *passed;       /* room for `count` numbers */
    size_t count;
};

/* Fills the verdicts. How many records of the log were looked at. The commit thread. */
uint32_t known_look(const struct known_query *query, struct arena *arena);

/* ---- sealing (seal.c, seal_merge.c) ---- */

/* Starts and ends the thread. */
void seal_start(struct usage *usage);
void seal_stop(struct usage *usage);

/* Wakes the thread to look whether there is something to do; with `is_news` it tells the listener,
 * because an epoch has changed. */
void seal_wake(struct usage *usage, bool is_news);

/* Waits until the thread has nothing to do: all that was asked for and merging is done. */
void seal_await_rest(struct usage *usage);

/* Merges the neighbouring segments or runs that are due, some at a time. ERR_ABSENT when none are.
 * The caller holds the catalog's `work`. */
NODISCARD enum err seal_merge(struct usage *usage);

/* ---- reading by columns what is in a part (part_blocks.c) ---- */

struct part_range {
    const struct part *part;
    uint64_t first; /* sequences to look at; none when last < first */
    uint64_t last;
    uint64_t visible; /* of the part: tells the blocks that are full */
};

/* As usage_scan_blocks for events of one part. */
NODISCARD enum err part_scan_blocks(const struct part_range *range,
                                    const struct usage_filter *filter,
                                    const struct usage_paths *paths,
                                    struct sealed_block_visitor *visitor);

/* As usage_scan; `ret_is_over`: the visitor has enough. */
NODISCARD enum err part_scan(const struct part_range *range, const struct usage_filter *filter,
                             usage_visit *visit, void *state, bool *ret_is_over);

#endif
