/* event_index.h: what is kept in memory of each event: 32 bytes, by sequence.
 *
 * Private to usage/. One thread adds, any number read: entries live in chunks that never move. An
 * entry may be read by who has learned its sequence through the store's published sequence
 * number (an acquire of what the adder released after adding).
 *
 * The dedupe table hangs on it, because both tell where an event's key is to be found.
 */
#ifndef USAGE_EVENT_INDEX_H
#define USAGE_EVENT_INDEX_H

#include "usage/dedupe.h"
#include "usage/intern.h"
#include "usage/journal.h"

#define INDEX_CHUNK_EVENTS 65536U
#define INDEX_CHUNKS_MAX   65535U
#define INDEX_EVENTS_MAX   ((uint64_t)INDEX_CHUNKS_MAX * INDEX_CHUNK_EVENTS) /* just below 2^32 */

struct index_entry {
    uint64_t position; /* in the journal */
    instant time;
    uint32_t org;
    uint32_t type;
    uint32_t subject;
    uint32_t fingerprint_low;
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
    struct index_chunk *chunks[INDEX_CHUNKS_MAX];
    uint64_t count;
    struct intern *orgs;
    struct intern *types;
    struct intern *subjects;
    struct dedupe *dedupe;
};

/* An empty index, freed with event_index_free. */
struct event_index *event_index_new(void);

/* NULL is allowed. */
void event_index_free(struct event_index *index);

/* Adds a record that stands at `position` in the journal: the next sequence. */
void event_index_add(struct event_index *index, uint64_t position, uint64_t fingerprint,
                     const unsigned char *record);

/* The entry of a sequence, from 1 on. */
static inline const struct index_entry *event_index_entry(const struct event_index *index,
                                                          uint64_t sequence)
{
    uint64_t at = sequence - 1;
    return &index->chunks[at / INDEX_CHUNK_EVENTS]->entries[at % INDEX_CHUNK_EVENTS];
}

/* The block that holds the entry of a sequence. */
static inline const struct index_block *event_index_block(const struct event_index *index,
                                                          uint64_t sequence)
{
    uint64_t at = sequence - 1;
    return &index->chunks[at / INDEX_CHUNK_EVENTS]
                ->blocks[at % INDEX_CHUNK_EVENTS / INDEX_BLOCK_EVENTS];
}

/* Looks for the event with the key of `record`. ERR_ABSENT when there is none; ERR_CORRUPT when
 * it cannot be told, a record with that fingerprint being damaged. `ret` is the first record. */
NODISCARD enum err event_index_find(const struct event_index *index, const struct journal *journal,
                                    uint64_t fingerprint, const unsigned char *record,
                                    const unsigned char **ret);

/* The org as a text, for `orgs`; borrowed from `org`. */
text event_index_org(const struct org_id *org);

#endif
