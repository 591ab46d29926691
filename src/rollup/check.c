/* check.c: whether runs are what their events say. Each run is made once more, from raw events,
 * into files beside it, and the two are compared byte by byte: runs of the same events are the
 * same.
 */
#include "rollup/rollup_parts.h"

static const char *const area_names[] = { "keys", "minutes", "hours", "days" };
_Static_assert(COUNT_OF(area_names) == RUN_AREA_COUNT, "a name for each area");

/* The runs of one range, made anew. */
struct remake {
    struct rollup *rollup;
    struct view *view;
    struct run *original;
    struct run **runs;
    size_t count;
    size_t room;
};

static void forget(struct remake *remake, size_t at)
{
    struct run *run = remake->runs[at];
    (void)run->io->unlink(run->io, run->path);
    run_free(run);
}

static void forget_all(struct remake *remake)
{
    for (size_t i = 0; i < remake->count; i++)
        forget(remake, i);
    free(remake->runs);
}

/* Opens a file that was just made, as the run at `at`. */
static enum err open_made(struct remake *remake, const char *path, size_t at)
{
    struct rollup *rollup = remake->rollup;
    struct run *run;
    enum err err = run_open(rollup->io, path, rollup->cache, &run);
    if (err != OK) {
        (void)rollup->io->unlink(rollup->io, path);
        return err;
    }
    remake->runs[at] = run;
    return OK;
}

/* Makes runs of all events of the range. */
static enum err build_all(struct remake *remake)
{
    const struct run_summary *summary = &remake->original->summary;
    struct rollup *rollup = remake->rollup;
    char path[ROLLUP_PATH_MAX];
    uint64_t last = summary->first - 1;
    enum err err = OK;
    while (err == OK && last < summary->last) {
        rollup_new_path(rollup, remake->view, path);
        struct build build = {
            .usage = rollup->usage,
            .io = rollup->io,
            .definition = &remake->view->definition,
            .first = last + 1,
            .last = summary->last,
            .path = path,
            .everyone = summary->everyone,
            .is_stopping = &rollup->is_stopping,
        };
        if (remake->count == remake->room) {
            remake->room = remake->room == 0 ? 16 : remake->room * 2;
            remake->runs = realloc(remake->runs, remake->room * sizeof(struct run *));
            MUST(remake->runs != NULL);
        }
        err = build_run(&build, &last);
        if (err == OK)
            err = open_made(remake, path, remake->count);
        if (err == OK)
            remake->count++;
    }
    return err;
}

/* Merges up to MERGE_RUNS of them, from `from` on, into one, which is put at `to`. */
static enum err merge_some(struct remake *remake, size_t from, size_t count, size_t to)
{
    struct rollup *rollup = remake->rollup;
    char path[ROLLUP_PATH_MAX];
    struct run *merged;
    size_t corrupt;
    rollup_new_path(rollup, remake->view, path);
    struct merge merge = {
        .io = rollup->io,
        .runs = remake->runs + from,
        .count = count,
        .path = path,
        .epoch = remake->original->summary.epoch,
        .everyone = remake->original->summary.everyone,
        .is_stopping = &rollup->is_stopping,
    };
    enum err err = merge_runs(&merge, &corrupt);
    if (err == OK)
        err = run_open(rollup->io, path, rollup->cache, &merged);
    if (err != OK)
        return err;
    for (size_t i = from; i < from + count; i++)
        forget(remake, i);
    remake->runs[to] = merged;
    return OK;
}

static enum err merge_all(struct remake *remake)
{
    while (remake->count > 1) {
        size_t made = 0;
        for (size_t from = 0; from < remake->count; made++) {
            size_t count = remake->count - from < MERGE_RUNS ? remake->count - from : MERGE_RUNS;
            enum err err = merge_some(remake, from, count, made);
            if (err != OK) {
                /* Those between were merged already. */
                memmove(remake->runs + made, remake->runs + from,
                        (remake->count - from) * sizeof(struct run *));
                remake->count = made + remake->count - from;
                return err;
            }
            from += count;
        }
        remake->count = made;
    }
    return OK;
}

/* ---- comparing ---------------------------------------------------------------------------- */

static bool is_same_words(const struct run *a, const struct run *b)
{
    for (size_t i = 0; i < a->summary.dimension_count; i++) {
        const struct run_words *one = &a->words[i];
        const struct run_words *other = &b->words[i];
        if (one->is_inline != other->is_inline || one->count != other->count)
            return false;
        for (uint32_t k = 0; k < one->count; k++)
            if (!text_equal(one->items[k], other->items[k]))
                return false;
    }
    return true;
}

static bool is_same_summary(const struct run_summary *a, const struct run_summary *b)
{
    bool is_same = a->events == b->events && a->series == b->series &&
                   a->minute_min == b->minute_min && a->minute_max == b->minute_max &&
                   a->everyone == b->everyone && a->dimension_count == b->dimension_count;
    for (size_t i = 0; i < ROLLUP_LEVEL_COUNT; i++)
        is_same &= a->cells[i] == b->cells[i];
    return is_same;
}

/* How far both say the same in an area. */
static uint64_t compare_area(struct run_reader *one, struct run_reader *other, enum run_area area)
{
    uint64_t at = 0;
    size_t one_size = 0;
    size_t other_size = 0;
    for (;;) {
        const unsigned char *a = run_view(one, area, at, &one_size);
        const unsigned char *b = run_view(other, area, at, &other_size);
        if (a == NULL || b == NULL)
            return at;
        size_t size = one_size < other_size ? one_size : other_size;
        if (memcmp(a, b, size) != 0)
            return at;
        at += size;
    }
}

/* Where a byte of an area is in the file. */
static uint64_t file_offset(const struct run *run, enum run_area area, uint64_t at)
{
    const struct run_pages *pages = &run->pages[area];
    for (size_t i = 0; i < pages->count; i++)
        if (at - pages->items[i].start < pages->items[i].size)
            return pages->items[i].offset;
    return 0;
}

static void tell(const struct run *run, const char *what, uint64_t offset,
                 usage_damage_visit *visit, void *state)
{
    struct usage_damage damage = { .offset = offset };
    MUST(snprintf(damage.file, sizeof(damage.file), "%s", run_file_name(run->path)) > 0);
    MUST(snprintf(damage.what, sizeof(damage.what), "%s: not what the events say", what) > 0);
    visit(state, &damage);
}

static enum err compare(struct run *run, struct run *made, usage_damage_visit *visit, void *state)
{
    struct run_reader one = { .run = run };
    struct run_reader other = { .run = made };
    if (!is_same_summary(&run->summary, &made->summary) || !is_same_words(run, made)) {
        tell(run, "summary", 0, visit, state);
        return OK;
    }
    for (int i = 0; i < RUN_AREA_COUNT; i++) {
        enum run_area area = (enum run_area)i;
        uint64_t same = compare_area(&one, &other, area);
        bool is_read = one.err == OK && other.err == OK;
        if (is_read && (same < run->sizes[area] || same < made->sizes[area]))
            tell(run, area_names[area], file_offset(run, area, same), visit, state);
    }
    run_reader_end(&one);
    run_reader_end(&other);
    return one.err != OK ? one.err : other.err;
}

/* ---- checking ----------------------------------------------------------------------------- */

/* Counts flaws on their way to the visitor. */
struct counter {
    usage_damage_visit *visit;
    void *state;
    uint64_t count;
};

static void count_flaw(void *state, const struct usage_damage *damage)
{
    struct counter *counter = state;
    counter->count++;
    counter->visit(counter->state, damage);
}

static enum err check_run(struct rollup *rollup, struct view *view, struct run *run,
                          struct counter *counter)
{
    struct remake remake = { .rollup = rollup, .view = view, .original = run };
    enum err err = run_check(run, count_flaw, counter);
    if (err != OK || counter->count > 0 || !rollup_is_fresh(rollup, run))
        return err;
    err = build_all(&remake);
    if (err == OK)
        err = merge_all(&remake);
    /* What was erased meanwhile is not the run's fault. */
    CHECK(err != OK || remake.runs != NULL);
    if (err == OK && rollup_is_fresh(rollup, run))
        err = compare(run, remake.runs[0], count_flaw, counter);
    forget_all(&remake);
    return err == ERR_CONFLICT ? OK : err;
}

static enum err check_view(struct rollup *rollup, struct view *view, usage_damage_visit *visit,
                           void *state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct run_list runs = rollup_runs(rollup, view, false, 0, arena);
    enum err err = OK;
    for (size_t i = 0; i < runs.count && err == OK; i++) {
        struct counter counter = { visit, state, 0 };
        err = check_run(rollup, view, runs.items[i], &counter);
        if (counter.count > 0)
            rollup_bury(rollup, view, runs.items[i]);
    }
    rollup_release_runs(rollup, &runs);
    return err;
}

enum err rollup_check(struct rollup *rollup, usage_damage_visit *visit, void *state)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    size_t count;
    enum err err = OK;
    CHECK(rollup != NULL && visit != NULL);
    struct view **views = rollup_hold_all(rollup, arena, &count);
    for (size_t i = 0; i < count; i++) {
        if (err == OK)
            err = check_view(rollup, views[i], visit, state);
        rollup_release(rollup, views[i]);
    }
    return err;
}
