/* usage_parts.h: the inside of struct usage, shared by the files that make it up.
 *
 * Private to usage/: usage.c opens, closes and queues; commit.c is the commit thread; scan.c
 * reads. Who touches what:
 *   - the queue's members under `lock`, by anyone;
 *   - journal (writing) and index (adding) by the commit thread only;
 *   - `visible` is stored by the commit thread after the index has the events and the disk has
 *     their frame (release), and read by everybody (acquire): it is what makes them readable.
 */
#ifndef USAGE_USAGE_PARTS_H
#define USAGE_USAGE_PARTS_H

#include "usage/conflict.h"
#include "usage/event_index.h"
#include "usage/journal.h"
#include "usage/usage.h"

#include <pthread.h>

/* One call of usage_append, in one piece of memory: this, fingerprints, records. */
struct batch {
    struct batch *next;
    usage_done *done;
    void *state;
    size_t bytes; /* of all of it: what it takes of the queue */
    size_t count;
    uint64_t *fingerprints;
    unsigned char *records; /* without sequence and checksum */
    struct usage_receipt receipt;
};

struct usage {
    struct journal *journal;
    struct event_index *index;
    struct conflicts *ring;
    _Atomic uint64_t visible;

    pthread_mutex_t lock;
    pthread_cond_t has_work;
    struct batch *queue_first;
    struct batch *queue_last;
    size_t queue_bytes; /* taken: of batches queued, being copied, or in the group being written */
    size_t queue_bytes_max;
    bool is_stopping;

    usage_sealed *listener; /* under `lock` */
    void *listener_state;

    pthread_t thread;
    int lock_fd;

    _Atomic uint64_t duplicates;
    _Atomic uint64_t conflicts;
    _Atomic uint64_t flushes;
    _Atomic bool is_failing;
};

/* The commit thread: `state` is the struct usage. Ends when it is stopping and nothing is left. */
void *commit_run(void *state);

#endif
