/* scan.c: reading what is visible: sealed segments, then parts of the log, without ever waiting for
 * a writer.
 *
 * A reader takes the newest visible sequence first, then a snapshot, which holds all up to it; what
 * is newer in the snapshot is passed over.
 */
#include "usage/usage_inside.h"

/* A scan under way. */
struct scan {
    const struct usage_filter *filter;
    struct snapshot *snapshot;
    uint64_t visible;
    uint64_t first; /* sequences to look at */
    uint64_t last;
    const struct usage_paths *paths; /* by blocks */
    usage_block_visit *block_visit;
    usage_visit *visit; /* or by events */
    void *state;
    bool is_over;
};

static enum err scan_segment(struct scan *scan, struct catalog_segment *segment)
{
    if (segment->is.last_sequence < scan->first || segment->is.first_sequence > scan->last)
        return OK;
    if (scan->block_visit) {
        struct sealed_block_visitor visitor = { scan->block_visit, scan->state, false };
        enum err err = sealed_scan_blocks(segment->sealed, scan->filter, scan->paths, &visitor);
        scan->is_over = visitor.is_over;
        return err;
    }
    return sealed_scan(segment->sealed, scan->filter, scan->visit, scan->state, &scan->is_over);
}

static enum err scan_part(struct scan *scan, uint32_t i)
{
    struct part_range range = { .part = scan->snapshot->parts[i] };
    range.visible = snapshot_part_end(scan->snapshot, i, scan->visible);
    range.first = range.part->first_sequence > scan->first ? range.part->first_sequence
                                                           : scan->first;
    range.last = range.visible < scan->last ? range.visible : scan->last;
    if (scan->block_visit) {
        struct sealed_block_visitor visitor = { scan->block_visit, scan->state, false };
        enum err err = part_scan_blocks(&range, scan->filter, scan->paths, &visitor);
        scan->is_over = visitor.is_over;
        return err;
    }
    return part_scan(&range, scan->filter, scan->visit, scan->state, &scan->is_over);
}

/* All pieces, oldest or newest first. */
static enum err scan_all(struct scan *scan)
{
    uint32_t segments = scan->snapshot->segment_count;
    uint32_t pieces = segments + scan->snapshot->part_count;
    enum err err = OK;
    for (uint32_t i = 0; i < pieces && err == OK && !scan->is_over; i++) {
        uint32_t at = scan->filter->is_newest_first ? pieces - 1 - i : i;
        if (at < segments)
            err = scan_segment(scan, scan->snapshot->segments[at]);
        else
            err = scan_part(scan, at - segments);
    }
    return err;
}

static enum err scan_run(struct usage *usage, const struct usage_filter *filter, struct scan *scan)
{
    struct usage_filter bounded = *filter;
    enum err err;

    CHECK(!ulid_is_zero(filter->org.ulid));
    CHECK(filter->subject_count == 0 || filter->subjects != NULL);
    scan->visible = usage_sequence(usage);
    scan->first = filter->sequence_after + 1;
    scan->last = scan->visible;
    if (filter->sequence_max != 0 && filter->sequence_max < scan->last)
        scan->last = filter->sequence_max;
    if (filter->sequence_after >= scan->last)
        return OK;
    bounded.sequence_max = scan->last;
    scan->filter = &bounded;
    scan->snapshot = catalog_take(usage->catalog);
    err = scan_all(scan);
    catalog_give(usage->catalog, scan->snapshot);
    scan->filter = NULL;
    return err;
}

enum err usage_scan(struct usage *usage, const struct usage_filter *filter, usage_visit *visit,
                    void *state)
{
    struct scan scan = { .visit = visit, .state = state };
    CHECK(visit != NULL);
    return scan_run(usage, filter, &scan);
}

enum err usage_scan_blocks(struct usage *usage, const struct usage_filter *filter,
                           const struct usage_paths *paths, usage_block_visit *visit, void *state)
{
    struct scan scan = { .paths = paths, .block_visit = visit, .state = state };
    struct usage_filter upwards = *filter;
    CHECK(visit != NULL && filter->type.ptr != NULL);
    upwards.is_newest_first = false;
    return scan_run(usage, &upwards, &scan);
}
