/* scan.c: reading events that are visible, without ever waiting for a writer.
 *
 * The filter is turned into numbers once (intern.h), the 32-byte entries in memory are compared
 * with those, and only what passes is read from the log, verified, and handed out. Whole blocks of
 * entries are passed over when their times or orgs rule them out.
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

/* False when no entry of a full block can pass. */
static bool sieve_may_pass(const struct sieve *sieve, const struct index_block *block)
{
    if ((block->orgs & UINT64_C(1) << (sieve->org % 64)) == 0)
        return false;
    return !instant_before(block->time_max, sieve->from) &&
           (instant_is_none(sieve->to) || instant_before(block->time_min, sieve->to));
}

/* A scan under way. */
struct scan {
    struct usage *usage;
    struct sieve sieve;
    usage_visit *visit;
    void *state;
    bool is_newest_first;
    bool is_over; /* the visitor has enough */
};

/* Visits what passes among `count` entries, from `sequence` on, up or down. */
static enum err scan_entries(struct scan *scan, uint64_t sequence, uint64_t count)
{
    for (uint64_t i = 0; i < count && !scan->is_over; i++) {
        uint64_t at = scan->is_newest_first ? sequence - i : sequence + i;
        const struct index_entry *entry = event_index_entry(scan->usage->index, at);
        const unsigned char *record;
        struct usage_event event;
        if (!sieve_passes(&scan->sieve, entry))
            continue;
        record = journal_record(scan->usage->journal, entry->position, at);
        if (!record)
            return ERR_CORRUPT;
        record_read(record, &event);
        scan->is_over = !scan->visit(scan->state, &event);
    }
    return OK;
}

/* Visits what passes among the first `count` events, block by block; `visible` of them can be
 * read, which tells the blocks that are full. */
static enum err scan_blocks(struct scan *scan, uint64_t count, uint64_t visible)
{
    uint64_t size;
    for (uint64_t done = 0; done < count && !scan->is_over; done += size) {
        uint64_t at = scan->is_newest_first ? count - done - 1 : done; /* counts from 0 */
        uint64_t in_block = at % INDEX_BLOCK_EVENTS;
        bool is_full = at - in_block + INDEX_BLOCK_EVENTS <= visible;
        enum err err;
        size = scan->is_newest_first ? in_block + 1 : INDEX_BLOCK_EVENTS - in_block;
        if (size > count - done)
            size = count - done;
        if (is_full && !sieve_may_pass(&scan->sieve, event_index_block(scan->usage->index, at + 1)))
            continue;
        err = scan_entries(scan, at + 1, size);
        if (err != OK)
            return err;
    }
    return OK;
}

enum err usage_scan(struct usage *usage, const struct usage_filter *filter, usage_visit *visit,
                    void *state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    uint64_t visible = usage_sequence(usage);
    uint64_t count = visible;
    struct scan scan = {
        .usage = usage,
        .visit = visit,
        .state = state,
        .is_newest_first = filter->is_newest_first,
    };

    CHECK(visit != NULL);
    CHECK(!ulid_is_zero(filter->org.ulid));
    CHECK(filter->subject_count == 0 || filter->subjects != NULL);
    if (filter->sequence_max != 0 && filter->sequence_max < count)
        count = filter->sequence_max;
    if (!sieve_make(&scan.sieve, usage, filter, arena))
        return OK;
    return scan_blocks(&scan, count, visible);
}
