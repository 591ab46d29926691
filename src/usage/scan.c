/* scan.c: reading events that are visible, without ever waiting for a writer.
 *
 * The filter is turned into numbers once (intern.h), the 32-byte entries in memory are compared
 * with those, and only what passes is read from the log, verified, and handed out. Whole blocks of
 * entries are passed over when their times or orgs rule them out.
 */
#include "usage/record.h"
#include "usage/sieve.h"
#include "usage/usage_parts.h"

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

/* Visits what passes of the events first..last (from 1 on), block by block; `visible` of them can
 * be read, which tells the blocks that are full. */
static enum err scan_blocks(struct scan *scan, uint64_t first, uint64_t last, uint64_t visible)
{
    uint64_t size;
    uint64_t count = last < first ? 0 : last - first + 1;
    for (uint64_t done = 0; done < count && !scan->is_over; done += size) {
        uint64_t at = scan->is_newest_first ? last - done : first + done;
        uint64_t in_block = (at - 1) % INDEX_BLOCK_EVENTS;
        bool is_full = at - 1 - in_block + INDEX_BLOCK_EVENTS <= visible;
        enum err err;
        size = scan->is_newest_first ? in_block + 1 : INDEX_BLOCK_EVENTS - in_block;
        if (size > count - done)
            size = count - done;
        if (is_full && !sieve_may_pass(&scan->sieve, event_index_block(scan->usage->index, at)))
            continue;
        err = scan_entries(scan, at, size);
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
    uint64_t last = visible;
    struct scan scan = {
        .usage = usage,
        .visit = visit,
        .state = state,
        .is_newest_first = filter->is_newest_first,
    };

    CHECK(visit != NULL);
    CHECK(!ulid_is_zero(filter->org.ulid));
    if (filter->sequence_max != 0 && filter->sequence_max < last)
        last = filter->sequence_max;
    if (filter->sequence_after >= last)
        return OK;
    if (!sieve_make(&scan.sieve, usage->index, filter, arena))
        return OK;
    return scan_blocks(&scan, filter->sequence_after + 1, last, visible);
}
