/* scan.c: reading events that are visible, without ever waiting for a writer.
 *
 * The filter is turned into numbers once (intern.h), the 32-byte entries in memory are compared
 * with those, and only what passes is read from the log, verified, and handed out.
 */
#include "usage/record.h"
#include "usage/usage_parts.h"

/* A filter in numbers. */
struct sieve {
    uint32_t org;
    uint32_t type;
    bool has_type;
    bool has_subjects;
    uint8_t *subjects; /* a bit for each number of a subject */
    uint32_t subject_count;
    instant from;
    instant to; /* INSTANT_NONE for no end */
};

/* Sets the bits of the subjects that are known; false when none is. */
static bool sieve_subjects(struct sieve *sieve, struct usage *usage,
                           const struct usage_filter *filter, struct arena *arena)
{
    bool is_any = false;
    sieve->has_subjects = true;
    sieve->subject_count = intern_count(usage->index->subjects);
    sieve->subjects = ARENA_ARRAY(arena, uint8_t, sieve->subject_count / 8 + 1);
    for (size_t i = 0; i < filter->subject_count; i++) {
        uint32_t number;
        if (!intern_find(usage->index->subjects, filter->subjects[i], &number) ||
            number >= sieve->subject_count)
            continue;
        sieve->subjects[number / 8] |= (uint8_t)(1U << (number % 8));
        is_any = true;
    }
    return is_any;
}

/* False when the filter names what no event has. A text that gets its number after this belongs
 * to events after the snapshot, so the snapshot must have been taken before. */
static bool sieve_make(struct sieve *sieve, struct usage *usage, const struct usage_filter *filter,
                       struct arena *arena)
{
    struct event_index *index = usage->index;
    *sieve = (struct sieve){ .from = filter->from, .to = filter->to };
    if (sieve->from.ns == 0)
        sieve->from = INSTANT_NONE; /* the least of all instants */
    if (sieve->to.ns == 0)
        sieve->to = INSTANT_NONE;
    if (!intern_find(index->orgs, event_index_org(&filter->org), &sieve->org))
        return false;
    sieve->has_type = filter->type.ptr != NULL;
    if (sieve->has_type && !intern_find(index->types, filter->type, &sieve->type))
        return false;
    return filter->subject_count == 0 || sieve_subjects(sieve, usage, filter, arena);
}

static bool sieve_passes(const struct sieve *sieve, const struct index_entry *entry)
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

enum err usage_scan(struct usage *usage, const struct usage_filter *filter, usage_visit *visit,
                    void *state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    uint64_t count = usage_sequence(usage);
    struct sieve sieve;

    CHECK(visit != NULL);
    CHECK(!ulid_is_zero(filter->org.ulid));
    CHECK(filter->subject_count == 0 || filter->subjects != NULL);
    if (filter->sequence_max != 0 && filter->sequence_max < count)
        count = filter->sequence_max;
    if (!sieve_make(&sieve, usage, filter, arena))
        return OK;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t sequence = filter->is_newest_first ? count - i : i + 1;
        const struct index_entry *entry = event_index_entry(usage->index, sequence);
        const unsigned char *record;
        struct usage_event event;
        if (!sieve_passes(&sieve, entry))
            continue;
        record = journal_record(usage->journal, entry->position, sequence);
        if (!record)
            return ERR_CORRUPT;
        record_read(record, &event);
        if (!visit(state, &event))
            return OK;
    }
    return OK;
}
