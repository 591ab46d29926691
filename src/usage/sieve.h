/* sieve.h: a filter in numbers: which entries of an index pass.
 *
 * Private to usage/. A scan turns its filter into a sieve once for each index it looks at; entries
 * of 32 bytes in memory are then compared with numbers, and nothing else is touched.
 */
#ifndef USAGE_SIEVE_H
#define USAGE_SIEVE_H

#include "usage/event_index.h"

struct sieve {
    uint32_t org;
    uint32_t type;
    bool has_type;
    bool has_subjects;
    uint8_t *subjects; /* a bit for each number of a subject, in the arena */
    uint32_t subject_count;
    instant from;
    instant to; /* INSTANT_NONE for no end */
};

/* False when the filter names what no event of the index has. A text that gets its number after
 * this belongs to events after the snapshot, so the snapshot must have been taken before. */
NODISCARD bool sieve_make(struct sieve *sieve, const struct event_index *index,
                          const struct usage_filter *filter, struct arena *arena);

/* False when no entry of a full block can pass. */
bool sieve_may_pass(const struct sieve *sieve, const struct index_block *block);

/* Whether the entry passes. */
static inline bool sieve_passes(const struct sieve *sieve, const struct index_entry *entry)
{
    if (entry->org != sieve->org || (sieve->has_type && entry->type != sieve->type))
        return false;
    if (instant_before(entry->time, sieve->from) ||
        (!instant_is_none(sieve->to) && !instant_before(entry->time, sieve->to)))
        return false;
    if (!sieve->has_subjects)
        return true;
    if (entry->subject >= sieve->subject_count)
        return false;
    return (sieve->subjects[entry->subject / 8] & (1U << (entry->subject % 8))) != 0;
}

#endif
