/* event_index.h: what is kept in memory of each event of a part: 32 bytes, by sequence.
 *
 * Private to usage/. One thread adds, any number read: entries live in chunks that never move. An
 * entry may be read by who has learned its sequence through the store's published sequence
 * number (an acquire of what the adder released after adding).
 *
 * The memory comes from the system by whole pages and goes back there, so that parts that come and
 * go leave no holes.
 */
#ifndef USAGE_EVENT_INDEX_H
#define USAGE_EVENT_INDEX_H

#include "usage/intern.h"
#include "usage/usage.h"

#define INDEX_CHUNK_EVENTS 65536U
#define INDEX_CHUNKS_MAX   1024U
#define INDEX_EVENTS_MAX   ((uint64_t)INDEX_CHUNKS_MAX * INDEX_CHUNK_EVENTS)

struct index_entry {
    uint64_t fingerprint;
    instant time;
    uint32_t offset; /* in the log file */
    uint32_t org;
    uint32_t type;
    uint32_t subject;
};

_Static_assert(sizeof(struct index_entry) == 32, "memory per event is counted on");

/* What a run of INDEX_BLOCK_EVENTS entries has in common, so that a scan can pass it over: events
 * come about in order of time, and a query is mostly about one period. To be read of a full
 * block only: that of a block that is being filled changes. */
#define INDEX_BLOCK_EVENTS 4096U

struct index_block {
    instant time_min;
    instant time_max;
    uint64_t orgs; /* bit n: an org whose number modulo 64 is n */
};

struct index_chunk {
    struct index_entry entries[INDEX_CHUNK_EVENTS];
    struct index_block blocks[INDEX_CHUNK_EVENTS / INDEX_BLOCK_EVENTS];
};

struct event_index {
    uint64_t first_sequence;
    uint64_t count; /* the adder's */
    struct intern *orgs;
    struct intern *types;
    struct intern *subjects;
    struct index_chunk *chunks[INDEX_CHUNKS_MAX];
};

/* An empty index of the events from `first_sequence` on, freed with event_index_free. */
struct event_index *event_index_new(uint64_t first_sequence, uint64_t salt);

/* NULL is allowed. */
void event_index_free(struct event_index *index);

/* What an event has in the index besides what its record says. */
struct index_place {
    uint64_t fingerprint;
    uint64_t subject_hash; /* intern_hash of its subject */
    uint32_t offset;       /* of its record in the log file */
};

/* Adds a record: the next sequence. */
void event_index_add(struct event_index *index, const struct index_place *place,
                     const unsigned char *record);

/* Hints that a subject with the one hash will be added, and one with the other before it. */
void event_index_prefetch(const struct event_index *index, uint64_t later_hash,
                          uint64_t sooner_hash);

/* Bytes of memory in use. */
size_t event_index_bytes(const struct event_index *index);

/* The entry of a sequence. */
static inline const struct index_entry *event_index_entry(const struct event_index *index,
                                                          uint64_t sequence)
{
    uint64_t at = sequence - index->first_sequence;
    return &index->chunks[at / INDEX_CHUNK_EVENTS]->entries[at % INDEX_CHUNK_EVENTS];
}

/* The block that holds the entry of a sequence. */
static inline const struct index_block *event_index_block(const struct event_index *index,
                                                          uint64_t sequence)
{
    uint64_t at = sequence - index->first_sequence;
    return &index->chunks[at / INDEX_CHUNK_EVENTS]
                ->blocks[at % INDEX_CHUNK_EVENTS / INDEX_BLOCK_EVENTS];
}

/* The last sequence of that block. */
static inline uint64_t event_index_block_end(const struct event_index *index, uint64_t sequence)
{
    uint64_t at = sequence - index->first_sequence;
    return sequence + INDEX_BLOCK_EVENTS - 1 - at % INDEX_BLOCK_EVENTS;
}

/* The org as a text, for `orgs`; borrowed from `org`. */
text event_index_org(const struct org_id *org);

#endif
