/* kit.h: what the tests of rollups share: a store with events in a directory to throw away, rollups
 * beside it, and the same questions answered from the events one by one. */
#ifndef TEST_UNIT_ROLLUP_KIT_H
#define TEST_UNIT_ROLLUP_KIT_H

#include "lib/directory.h"
#include "lib/law.h"
#include "rollup/rollup.h"
#include "rollup/rollup_parts.h"
#include "rollup/value.h"

#define KIT_EVENTS_MAX 40000

/* Files that go to no disk: flushes are nothing. */
static inline int kit_no_sync(struct usage_io *io, int fd)
{
    (void)io;
    (void)fd;
    return 0;
}

static inline int kit_no_sync_directory(struct usage_io *io, const char *path)
{
    (void)io;
    (void)path;
    return 0;
}

static inline struct usage_io *kit_quick_io(void)
{
    static struct usage_io io;
    io = *usage_io_system();
    io.sync = kit_no_sync;
    io.sync_directory = kit_no_sync_directory;
    return &io;
}

struct kit {
    struct arena *arena;
    char directory[DIRECTORY_PATH_MAX];
    char usage_path[DIRECTORY_PATH_MAX + 16];
    char rollup_path[DIRECTORY_PATH_MAX + 16];
    struct usage_io *io; /* of the rollups */
    struct usage *usage;
    struct rollup *rollup;
    struct usage_event events[KIT_EVENTS_MAX]; /* what the store holds, by sequence - 1 */
    size_t count;
    bool is_erased[KIT_EVENTS_MAX];
    size_t sealed; /* so many of them may be in rollups */
};

static inline struct org_id kit_org(void)
{
    struct org_id org;
    memset(&org, 7, sizeof(org));
    return org;
}

static inline void kit_open_rollups(struct kit *kit)
{
    struct rollup_config config = {
        .directory = kit->rollup_path, .usage = kit->usage, .io = kit->io, .is_idle = true
    };
    MUST(rollup_open(&config, &kit->rollup) == OK);
}

static inline void kit_open(struct kit *kit)
{
    memset(kit, 0, sizeof(*kit));
    kit->arena = arena_new();
    kit->io = kit_quick_io();
    directory_make(kit->directory);
    snprintf(kit->usage_path, sizeof(kit->usage_path), "%s/usage", kit->directory);
    snprintf(kit->rollup_path, sizeof(kit->rollup_path), "%s/rollup", kit->directory);
    struct usage_config config = { .directory = kit->usage_path,
                                   .io = kit_quick_io(),
                                   .seal_age_millisecond = UINT32_MAX };
    MUST(usage_open(&config, &kit->usage, NULL) == OK);
    kit_open_rollups(kit);
}

static inline void kit_close(struct kit *kit)
{
    rollup_close(kit->rollup);
    usage_close(kit->usage);
    directory_remove(kit->directory);
    arena_free(kit->arena);
}

/* The rollups closed and opened again; views are to be kept again. */
static inline void kit_reopen(struct kit *kit)
{
    rollup_close(kit->rollup);
    kit_open_rollups(kit);
}

/* Appends the events, and remembers them; their texts live as long as the kit. */
static inline void kit_append(struct kit *kit, struct usage_event *events, size_t count)
{
    struct usage_receipt receipt;
    MUST(kit->count + count <= KIT_EVENTS_MAX);
    for (size_t i = 0; i < count; i++) {
        events[i].org = kit_org();
        events[i].source = TEXT("kit");
        events[i].id = text_format(kit->arena, "%zu", kit->count + i);
        events[i].sequence = kit->count + i + 1;
    }
    MUST(usage_append_wait(kit->usage, events, count, &receipt) == OK);
    MUST(receipt.accepted == count);
    memcpy(kit->events + kit->count, events, count * sizeof(*events));
    kit->count += count;
}

/* Everything so far may be in rollups, and is. */
static inline enum err kit_catch_up(struct kit *kit)
{
    MUST(usage_seal(kit->usage) == OK);
    kit->sealed = kit->count;
    return rollup_catch_up(kit->rollup);
}

/* Erases a subject's events. */
static inline void kit_erase(struct kit *kit, text subject)
{
    struct usage_erasure erasure = {
        .org = kit_org(), .subjects = &subject, .subject_count = 1, .before = INSTANT_NONE
    };
    struct usage_erased erased;
    MUST(usage_erase(kit->usage, &erasure, &erased) == OK);
    for (size_t i = 0; i < kit->count; i++)
        kit->is_erased[i] |= text_equal(kit->events[i].subject, subject);
    kit->sealed = kit->count;
}

/* ---- answers ---- */

/* Tallies by (subject, values, window), to be compared. */
struct answer {
    struct arena *arena;
    enum tally_kind kind;
    bool is_by_subject;
    size_t dimensions;
    int64_t window_ns;

    struct answer_cell {
        text key;
        struct tally tally;
    } * cells;

    size_t count;
    size_t room;
    bool is_wrong; /* a cell that should not have come */
    const struct rollup_query *query;
};

static inline struct tally *answer_cell(struct answer *answer, text key)
{
    for (size_t i = answer->count; i-- > 0;)
        if (text_equal(answer->cells[i].key, key))
            return &answer->cells[i].tally;
    if (answer->count == answer->room) {
        size_t room = answer->room == 0 ? 64 : answer->room * 2;
        struct answer_cell *cells = ARENA_ARRAY(answer->arena, struct answer_cell, room);
        if (answer->count > 0)
            memcpy(cells, answer->cells, answer->count * sizeof(*cells));
        answer->cells = cells;
        answer->room = room;
    }
    answer->cells[answer->count].key = key;
    return &answer->cells[answer->count++].tally;
}

static inline text answer_key(struct answer *answer, text subject, const text *values, instant at)
{
    struct buffer key = { .arena = answer->arena };
    buffer_format(&key, "%lld", (long long)floor_div(at.ns, answer->window_ns));
    if (answer->is_by_subject)
        buffer_format(&key, "|%.*s", TEXT_ARG(subject));
    for (size_t i = 0; i < answer->dimensions; i++)
        buffer_format(&key, "|%s%.*s", values[i].ptr == NULL ? "-" : "=", TEXT_ARG(values[i]));
    return buffer_text(&key);
}

/* A rollup's visitor: adds the cells, and sees that they are what was asked for. */
static inline bool answer_visit(void *state, const struct rollup_series *series)
{
    struct answer *answer = state;
    const struct rollup_query *query = answer->query;
    answer->is_wrong |= series->level > query->coarsest || series->count == 0;
    answer->is_wrong |= answer->is_by_subject && series->subject.ptr == NULL;
    for (size_t i = 0; i < series->count; i++) {
        const struct rollup_cell *cell = &series->cells[i];
        int64_t end = cell->from.ns + level_ns(series->level);
        answer->is_wrong |= i > 0 && cell->from.ns <= series->cells[i - 1].from.ns;
        answer->is_wrong |= !instant_is_none(query->from) && end <= query->from.ns;
        answer->is_wrong |= !instant_is_none(query->to) && cell->from.ns >= query->to.ns;
        answer->is_wrong |= end <= series->first.ns || cell->from.ns > series->last.ns;
        text key = answer_key(answer, series->subject, series->dimensions, cell->from);
        tally_merge(answer_cell(answer, key), answer->kind, &cell->tally, answer->arena);
    }
    return true;
}

static inline bool kit_is_asked(const struct rollup_query *query, const struct usage_event *event)
{
    bool is_asked = query->subject_count == 0;
    for (size_t i = 0; i < query->subject_count; i++)
        is_asked |= text_equal(query->subjects[i], event->subject);
    return is_asked && (instant_is_none(query->from) || event->time.ns >= query->from.ns) &&
           (instant_is_none(query->to) || event->time.ns < query->to.ns);
}

/* Adds an event as a query of raw events would. */
static inline void answer_add(struct answer *answer, const struct definition *definition,
                              const struct usage_event *event)
{
    struct json data = { .kind = JSON_NULL };
    struct json_fault fault;
    bool has_data = !text_is_empty(event->data) &&
                    json_parse(answer->arena, event->data, &data, &fault);
    const struct json_path *paths = definition->paths.items;
    struct tally_item item = { .at = event->time, .sequence = event->sequence };
    text values[LIMIT_DIMENSIONS_MAX];
    const struct json *at =
        has_data && definition->view.kind != TALLY_COUNT ? json_path_get(&data, &paths[0]) : NULL;
    if (!value_item(definition->view.kind, at, &item))
        return;
    for (size_t i = 0; i < definition->dimensions.count; i++)
        values[i] = value_dimension(
            has_data ? json_path_get(&data, &paths[definition->first_dimension + i]) : NULL);
    text key = answer_key(answer, event->subject, values, event->time);
    tally_add(answer_cell(answer, key), answer->kind, &item, answer->arena);
}

static inline int compare_answer_cells(const void *left, const void *right)
{
    const struct answer_cell *a = left;
    const struct answer_cell *b = right;
    return text_compare(a->key, b->key);
}

static inline bool answers_equal(struct answer *a, struct answer *b)
{
    if (a->is_wrong || a->count != b->count)
        return false;
    if (a->count == 0)
        return true;
    qsort(a->cells, a->count, sizeof(*a->cells), compare_answer_cells);
    qsort(b->cells, b->count, sizeof(*b->cells), compare_answer_cells);
    for (size_t i = 0; i < a->count; i++) {
        struct buffer one = { .arena = a->arena };
        struct buffer other = { .arena = b->arena };
        tally_write(&a->cells[i].tally, a->kind, &one);
        tally_write(&b->cells[i].tally, b->kind, &other);
        if (!text_equal(a->cells[i].key, b->cells[i].key) ||
            !text_equal(buffer_text(&one), buffer_text(&other)))
            return false;
    }
    return true;
}

/* Whether the rollup's answer, with raw events behind `valid_to`, is that from raw events alone.
 * `ret_valid_to` is how far the rollup reached. */
static inline enum err kit_compare(struct kit *kit, const struct rollup_view *view,
                                   const struct rollup_query *query, bool *ret_equal,
                                   uint64_t *ret_valid_to)
{
    static const int64_t windows[] = { NS_PER_MINUTE, NS_PER_HOUR, NS_PER_DAY };
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct definition definition;
    MUST(definition_of(view, arena, &definition));
    struct answer got = {
        .arena = arena,
        .kind = view->kind,
        .is_by_subject = query->is_by_subject,
        .dimensions = query->is_alone ? 0 : definition.dimensions.count,
        .window_ns = windows[query->coarsest],
        .query = query,
    };
    struct answer want = got;
    enum err err = rollup_read(kit->rollup, query, answer_visit, &got, ret_valid_to);
    if (err != OK)
        return err;
    for (size_t i = 0; i < kit->count; i++) {
        const struct usage_event *event = &kit->events[i];
        if (kit->is_erased[i] || !kit_is_asked(query, event) ||
            !text_equal(event->type, view->type) ||
            (!instant_is_none(view->from) && event->time.ns < view->from.ns))
            continue;
        answer_add(&want, &definition, event);
        if (event->sequence > *ret_valid_to)
            answer_add(&got, &definition, event);
    }
    *ret_equal = answers_equal(&got, &want);
    return OK;
}

#endif
