/* query_sliding.c: how many distinct values the time before each window's end holds.
 *
 * The events of each group are put in order of time; then two marks walk along them, one at the
 * end of the time looked at and one at its start, while a count of each value is kept. So every
 * event is looked at twice, however far the windows look back.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "meter/query_run.h"

struct entry {
    instant at;
    uint32_t group; /* number of its parts */
    uint32_t word;  /* number of its value */
};

struct sliding {
    struct query_run *run;
    struct arena *scratch;
    struct keymap groups; /* parts' numbers, as bytes */
    struct keymap words;
    struct entry *entries;
    size_t count;
    size_t room;
    uint32_t *seen;   /* for each word, how often it is between the marks */
    int64_t distinct; /* words that are */
};

static void add_entry(struct sliding *sliding, struct entry entry)
{
    if (sliding->count == sliding->room) {
        size_t room = sliding->room == 0 ? 1024 : sliding->room * 2;
        struct entry *entries = ARENA_ARRAY(sliding->scratch, struct entry, room);
        if (sliding->count > 0)
            memcpy(entries, sliding->entries, sliding->count * sizeof(*entries));
        sliding->entries = entries;
        sliding->room = room;
    }
    sliding->entries[sliding->count++] = entry;
}

static bool add_event(void *state, const struct pass_item *item)
{
    struct sliding *sliding = state;
    text group = { (const char *)item->parts,
                   sliding->run->plan.groups.count * sizeof(*item->parts) };
    size_t number = keymap_add(&sliding->groups, group);
    if (number == LIMIT_QUERY_ROWS) {
        sliding->run->is_too_large = true;
        return false;
    }
    add_entry(sliding, (struct entry){
                           .at = item->value.at,
                           .group = (uint32_t)number,
                           .word = (uint32_t)keymap_add(&sliding->words, item->value.word),
                       });
    return true;
}

/* How far before its end a window looks. */
static int64_t length_ns(const struct meter *meter)
{
    instant end = span_add((instant){ 0 }, meter->sliding_window, 1, zone_utc());
    CHECK(end.ns > 0);
    return end.ns;
}

static instant earlier(instant t, int64_t ns)
{
    return t.ns < INT64_MIN + 1 + ns ? INSTANT_NONE : (instant){ t.ns - ns };
}

static enum err gather(struct sliding *sliding)
{
    struct query_run *run = sliding->run;
    const struct query_pass pass = {
        .plan = &run->plan,
        .parts = &run->plan.groups,
        .is_of_customers = run->plan.query->has_customers,
        .value_kind = TALLY_UNIQUE,
        .sink = add_event,
        .state = sliding,
    };
    struct period period = { earlier(run->plan.from, length_ns(run->plan.meter)),
                             query_run_elapsed_end(run) };
    if (instant_before(period.from, run->plan.meter->events_from))
        period.from = run->plan.meter->events_from;
    if (period.to.ns <= period.from.ns || period.to.ns <= run->plan.from.ns)
        return OK;
    struct usage_filter filter = query_plan_filter(&run->plan, period, 0);
    return query_pass_run(run->cx->usage, &pass, &filter);
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left;
    const struct entry *b = right;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return (a->at.ns > b->at.ns) - (a->at.ns < b->at.ns);
}

static void enter(struct sliding *sliding, const struct entry *entry)
{
    sliding->distinct += sliding->seen[entry->word]++ == 0 ? 1 : 0;
}

static void leave(struct sliding *sliding, const struct entry *entry)
{
    CHECK(sliding->seen[entry->word] > 0);
    sliding->distinct -= --sliding->seen[entry->word] == 0 ? 1 : 0;
}

/* The cell of a window that ends with so many distinct values. */
static bool add_cell(struct sliding *sliding, struct period window, const struct entry *first)
{
    text parts = sliding->groups.entries[first->group].key;
    uint32_t numbers[LIMIT_GROUP_BY_MAX + 2];
    CHECK(parts.len <= sizeof(numbers));
    if (parts.len > 0)
        memcpy(numbers, parts.ptr, parts.len);
    struct query_cell *cell = query_cells_at(&sliding->run->cells, window, numbers);
    if (cell == NULL) {
        sliding->run->is_too_large = true;
        return false;
    }
    cell->amount = dec_of_int(sliding->distinct);
    query_cell_touch(cell, first->at);
    return true;
}

/* One group: walks over the windows from the first that was asked for. */
static void count_group(struct sliding *sliding, const struct entry *entries, size_t count)
{
    struct query_run *run = sliding->run;
    int64_t length = length_ns(run->plan.meter);
    instant end = query_run_elapsed_end(run);
    instant start = instant_before(entries[0].at, run->plan.from) ? run->plan.from : entries[0].at;
    struct period window = query_run_window(run, start);
    size_t head = 0;
    size_t tail = 0;
    bool goes_on = true;
    while (goes_on) {
        instant window_end = instant_before(window.to, end) ? window.to : end;
        instant window_start = earlier(window_end, length);
        for (; head < count && instant_before(entries[head].at, window_end); head++)
            enter(sliding, &entries[head]);
        for (; tail < head && instant_before(entries[tail].at, window_start); tail++)
            leave(sliding, &entries[tail]);
        if (sliding->distinct > 0)
            goes_on = add_cell(sliding, window, &entries[tail]);
        goes_on = goes_on && tail < count && window.to.ns < end.ns;
        if (goes_on && tail == head)
            window = query_run_window(run, entries[head].at);
        else if (goes_on)
            window = query_run_window(run, window.to);
    }
    for (; tail < head; tail++)
        leave(sliding, &entries[tail]);
}

static void count_groups(struct sliding *sliding)
{
    const struct entry *entries = sliding->entries;
    sliding->seen = ARENA_ARRAY(sliding->scratch, uint32_t, sliding->words.count);
    if (sliding->count > 1)
        qsort(sliding->entries, sliding->count, sizeof(*entries), compare_entries);
    for (size_t i = 0; i < sliding->count && !sliding->run->is_too_large;) {
        size_t end = i + 1;
        while (end < sliding->count && entries[end].group == entries[i].group)
            end++;
        count_group(sliding, &entries[i], end - i);
        i = end;
    }
}

enum err query_run_sliding(struct query_run *run)
{
    CHECK(run != NULL && !span_is_zero(run->plan.meter->sliding_window));
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
    struct sliding sliding = {
        .run = run,
        .scratch = scratch,
        .groups = { .arena = scratch },
        .words = { .arena = scratch },
    };
    enum err err = gather(&sliding);
    if (err == OK && !run->is_too_large)
        count_groups(&sliding);
    return err;
}
