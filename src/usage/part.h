/* part.h: a piece of the log: one file, what is in memory of its events, and their keys.
 *
 * Private to usage/. Parts come one after the other; the last is written to. All of a part is freed
 * at once, when its events are in a sealed segment and nobody reads it any more.
 */
#ifndef USAGE_PART_H
#define USAGE_PART_H

#include "usage/event_index.h"
#include "usage/key_index.h"
#include "usage/log_file.h"

struct part {
    struct log_file *file;
    struct event_index *index;
    struct key_table *keys;         /* this and the next two are the commit thread's */
    struct key_filter_line *filter; /* of a part that has ended; else NULL */
    uint64_t filter_lines;
    uint64_t first_sequence;
    uint64_t salt;
    _Atomic int64_t begun_ns;      /* on the monotonic clock, when its first event came; 0: none */
    _Atomic uint64_t memory_bytes; /* of index and keys, as last counted */
    uint32_t references;           /* of snapshots; under the catalog's lock */
    bool is_obsolete;              /* its file goes when the last reference goes */
};

/* A part of the events behind a file's header. Takes the file. */
struct part *part_new(struct log_file *file);

/* Unmaps and closes, too; the file stays. NULL is allowed. */
void part_free(struct part *part);

/* Adds a record: the next sequence. One thread. */
void part_add(struct part *part, const struct index_place *place, const unsigned char *record);

/* Counts memory_bytes. The adder's thread. */
void part_measure(struct part *part);

/* No more will be added: from now on a small filter is asked before the table is. */
void part_end(struct part *part);

/* Which of the fingerprints the part may hold, by place, ascending, into `ret`, which has room for
 * all; returns how many. The adder's thread. */
size_t part_sieve(const struct part *part, const uint64_t *fingerprints, size_t count,
                  uint32_t *ret);

/* The record of an event of this part, verified against its checksum and sequence; NULL when it is
 * damaged. Any thread; the sequence must have been published to it. */
const unsigned char *part_record(const struct part *part, uint64_t sequence);

#endif
