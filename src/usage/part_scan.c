/* part_scan.c: visiting the events of a part.
 *
 * The filter is turned into numbers once (intern.h), the 32-byte entries in memory are compared
 * with those, and only what passes is read from the log, verified, and handed out. Whole blocks of
 * entries are passed over when their times or orgs rule them out.
 */
#include "usage/record.h"
#include "usage/sieve.h"
#include "usage/usage_inside.h"

/* A scan under way. */
struct scan {
    const struct part *part;
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
        const struct index_entry *entry = event_index_entry(scan->part->index, at);
        const unsigned char *record;
        struct usage_event event;
        if (!sieve_passes(&scan->sieve, entry))
            continue;
        record = part_record(scan->part, at);
        if (!record)
            return ERR_CORRUPT;
        record_read(record, &event);
        scan->is_over = !scan->visit(scan->state, &event);
    }
    return OK;
}

/* Visits what passes of the range, block by block. */
static enum err scan_range(struct scan *scan, const struct part_range *range)
{
    const struct event_index *index = range->part->index;
    uint64_t count = range->last - range->first + 1;
    uint64_t size;
    for (uint64_t done = 0; done < count && !scan->is_over; done += size) {
        uint64_t at = scan->is_newest_first ? range->last - done : range->first + done;
        uint64_t end = event_index_block_end(index, at);
        enum err err;
        size = scan->is_newest_first ? INDEX_BLOCK_EVENTS - (end - at) : end - at + 1;
        if (size > count - done)
            size = count - done;
        if (end <= range->visible && !sieve_may_pass(&scan->sieve, event_index_block(index, at)))
            continue;
        err = scan_entries(scan, at, size);
        if (err != OK)
            return err;
    }
    return OK;
}

enum err part_scan(const struct part_range *range, const struct usage_filter *filter,
                   usage_visit *visit, void *state, bool *ret_is_over)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct scan scan = {
        .part = range->part,
        .visit = visit,
        .state = state,
        .is_newest_first = filter->is_newest_first,
    };
    enum err err;
    if (range->last < range->first || !sieve_make(&scan.sieve, range->part->index, filter, arena))
        return OK;
    err = scan_range(&scan, range);
    *ret_is_over = scan.is_over;
    return err;
}
