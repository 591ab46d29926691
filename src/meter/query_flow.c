/* query_flow.c: one pass over the events of a meter's type, in three steps for each event: does it
 * pass the filters, what is its value, which group's tally does it go to.
 *
 * A group's key is bytes: the window's start, then each group value with its length before it. The
 * row's texts point into the key, so a value is copied once, when its group is new.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "meter/keymap.h"
#include "meter/query.h"
#include "meter/value.h"
#include "meter/window.h"
#include "rollup/tally.h"

/* One thing that rows are grouped by. */
struct group {
    enum { GROUP_SUBJECT, GROUP_CUSTOMER, GROUP_DIMENSION } kind;
    const struct json_path *path; /* GROUP_DIMENSION */
};

/* A group's state: its tally, and the span of its events where no window gives one. */
struct cell {
    struct tally tally;
    struct period window;
    instant first;
    instant last;
};

struct condition {
    const struct json_path *path;
    const struct filter *filter;
};

struct scan {
    const struct meter *meter;
    const struct meter_query *query;
    struct value_reader reader;
    enum tally_kind kind;
    struct arena *arena;   /* lives as long as the answer */
    struct arena *scratch; /* emptied for each event */
    const struct zone *zone;
    instant from; /* what was asked for, not before the meter's own start */
    instant to;
    struct period window; /* of the event before: most are in the same */
    struct group *groups;
    size_t group_count;
    struct condition *conditions;
    size_t condition_count;
    struct keymap subjects;  /* of the subject filter */
    struct keymap owned;     /* subjects of customers; */
    size_t *owners;          /* the customer of each */
    struct keymap cell_keys; /* number of a cell */
    struct cell *cells;
    size_t cell_room;
    struct buffer key;
    bool needs_data;
    enum fault fault;
};

/* ---- making ready ------------------------------------------------------------------------- */

static const struct json_path *path_of(const struct scan *scan, text dimension)
{
    for (size_t i = 0; i < scan->meter->dimensions.count; i++) {
        if (text_equal(scan->meter->dimensions.items[i].key, dimension))
            return &scan->reader.dimensions[i];
    }
    UNREACHABLE();
}

static void prepare_groups(struct scan *scan)
{
    const struct text_list *names = &scan->query->group_by;
    scan->groups = ARENA_ARRAY(scan->arena, struct group, names->count);
    scan->group_count = names->count;
    for (size_t i = 0; i < names->count; i++) {
        struct group *group = &scan->groups[i];
        group->kind = GROUP_DIMENSION;
        if (text_equal(names->items[i], TEXT("subject")))
            group->kind = GROUP_SUBJECT;
        else if (text_equal(names->items[i], TEXT("customer_id")))
            group->kind = GROUP_CUSTOMER;
        else
            group->path = path_of(scan, names->items[i]);
        scan->needs_data |= group->kind == GROUP_DIMENSION;
    }
}

static void prepare_conditions(struct scan *scan)
{
    const struct filter_map *filters = &scan->query->filters;
    scan->conditions = ARENA_ARRAY(scan->arena, struct condition, filters->count);
    scan->condition_count = filters->count;
    for (size_t i = 0; i < filters->count; i++)
        scan->conditions[i] = (struct condition){
            .path = path_of(scan, filters->items[i].name),
            .filter = &filters->items[i].filter,
        };
    scan->needs_data |= filters->count > 0;
}

/* Numbers the subjects of all customers; a subject that two of them name stays with the first. */
static void prepare_customers(struct scan *scan)
{
    const struct meter_customers *customers = &scan->query->customers;
    size_t count = 0;
    for (size_t i = 0; i < customers->count; i++)
        count += customers->items[i].subjects.count;
    scan->owners = ARENA_ARRAY(scan->arena, size_t, count);
    for (size_t i = 0; i < customers->count; i++) {
        const struct text_list *subjects = &customers->items[i].subjects;
        for (size_t j = 0; j < subjects->count; j++) {
            size_t before = scan->owned.count;
            size_t number = keymap_add(&scan->owned, subjects->items[j]);
            if (number == before)
                scan->owners[number] = i;
        }
    }
}

static enum tally_kind kind_of(enum meter_aggregation aggregation)
{
    switch (aggregation) {
    case METER_SUM:
        return TALLY_SUM;
    case METER_COUNT:
        return TALLY_COUNT;
    case METER_UNIQUE_COUNT:
        return TALLY_UNIQUE;
    case METER_AVG:
        return TALLY_AVG;
    case METER_MIN:
        return TALLY_MIN;
    case METER_MAX:
        return TALLY_MAX;
    case METER_LATEST:
        return TALLY_LATEST;
    case METER_AGGREGATION_COUNT:
        break;
    }
    UNREACHABLE();
}

static struct scan scan_of(struct cx *cx, const struct meter *meter,
                           const struct meter_query *query, struct arena *scratch)
{
    CHECK(!ulid_is_zero(meter->org.ulid) && ulid_equal(meter->org.ulid, cx->org.ulid));
    struct scan scan = {
        .meter = meter,
        .query = query,
        .reader = value_reader_of(meter, cx->arena),
        .kind = kind_of(meter->aggregation),
        .arena = cx->arena,
        .scratch = scratch,
        .zone = text_is_empty(query->time_zone) ? zone_utc() : zone_find(query->time_zone),
        .from = instant_before(meter->events_from, query->from) ? query->from : meter->events_from,
        .to = query->to,
        .window = { INSTANT_NONE, INSTANT_NONE },
        .subjects = { .arena = cx->arena },
        .owned = { .arena = cx->arena },
        .cell_keys = { .arena = cx->arena },
        .key = { .arena = cx->arena },
        .needs_data = meter->aggregation != METER_COUNT,
    };
    CHECK(scan.zone != NULL);
    for (size_t i = 0; query->has_subjects && i < query->subjects.count; i++)
        (void)keymap_add(&scan.subjects, query->subjects.items[i]);
    prepare_customers(&scan);
    prepare_groups(&scan);
    prepare_conditions(&scan);
    return scan;
}

/* ---- one event ---------------------------------------------------------------------------- */

static bool passes_conditions(const struct scan *scan, const struct json *data)
{
    for (size_t i = 0; i < scan->condition_count; i++) {
        const struct condition *condition = &scan->conditions[i];
        const struct json *at = json_path_get(data, condition->path);
        if (!filter_match(condition->filter, at != NULL ? value_text(at) : TEXT_NONE))
            return false;
    }
    return true;
}

/* The event's value, into `ret`; false when it has none. */
static bool find_value(const struct scan *scan, const struct json *data, struct tally_item *ret)
{
    if (scan->kind == TALLY_COUNT)
        return true;
    return value_item(scan->kind, json_path_get(data, &scan->reader.value), ret);
}

static void add_part(struct buffer *key, text part)
{
    uint32_t size = (uint32_t)part.len;
    CHECK(part.len <= UINT32_MAX);
    buffer_add(key, (text){ (const char *)&size, sizeof(size) });
    buffer_add(key, part);
}

/* Writes the group key of an event into scan->key. */
static void write_key(struct scan *scan, const struct usage_event *event, const struct json *data,
                      size_t owner)
{
    scan->key.len = 0;
    buffer_add(&scan->key,
               (text){ (const char *)&scan->window.from.ns, sizeof(scan->window.from.ns) });
    for (size_t i = 0; i < scan->group_count; i++) {
        const struct group *group = &scan->groups[i];
        switch (group->kind) {
        case GROUP_SUBJECT:
            add_part(&scan->key, event->subject);
            break;
        case GROUP_CUSTOMER:
            add_part(&scan->key, (text){ (const char *)&owner, sizeof(owner) });
            break;
        case GROUP_DIMENSION:
            add_part(&scan->key, value_text(json_path_get(data, group->path)));
            break;
        }
    }
}

/* The cell of the key in scan->key, made when new; NULL when there would be too many. */
static struct cell *find_cell(struct scan *scan)
{
    size_t before = scan->cell_keys.count;
    size_t number = keymap_add(&scan->cell_keys, buffer_text(&scan->key));
    if (number == LIMIT_QUERY_ROWS)
        return NULL;
    if (number == scan->cell_room) {
        size_t room = scan->cell_room == 0 ? 16 : scan->cell_room * 2;
        struct cell *cells = ARENA_ARRAY(scan->arena, struct cell, room);
        if (scan->cell_room > 0)
            memcpy(cells, scan->cells, scan->cell_room * sizeof(*cells));
        scan->cells = cells;
        scan->cell_room = room;
    }
    struct cell *cell = &scan->cells[number];
    if (number == before)
        *cell = (struct cell){ .window = scan->window, .first = INSTANT_MAX, .last = INSTANT_NONE };
    return cell;
}

static void find_window(struct scan *scan, instant at)
{
    if (scan->query->window == METER_WINDOW_NONE)
        return;
    bool is_same = scan->window.from.ns <= at.ns && at.ns < scan->window.to.ns;
    if (!is_same || instant_is_none(scan->window.from))
        scan->window = window_at(at, scan->query->window, scan->zone);
}

/* Whether time and subject of the event are asked for; its customer's number. */
static bool is_asked_for(const struct scan *scan, const struct usage_event *event, size_t *ret)
{
    if (instant_before(event->time, scan->from))
        return false;
    if (!instant_is_none(scan->to) && !instant_before(event->time, scan->to))
        return false;
    if (scan->query->has_subjects && keymap_find(&scan->subjects, event->subject) == KEYMAP_NONE)
        return false;
    if (!scan->query->has_customers)
        return true;
    size_t number = keymap_find(&scan->owned, event->subject);
    if (number == KEYMAP_NONE)
        return false;
    *ret = scan->owners[number];
    return true;
}

/* The event's data, where anything depends on it. Data that is no JSON has no values: the event
 * list says so. */
static struct json read_data(struct scan *scan, const struct usage_event *event)
{
    struct json data = { .kind = JSON_NULL };
    struct json_fault fault;
    if (!scan->needs_data)
        return data;
    arena_reset(scan->scratch);
    if (!value_data(event, scan->scratch, &data, &fault))
        data = (struct json){ .kind = JSON_NULL };
    return data;
}

static bool visit_event(void *state, const struct usage_event *event)
{
    struct scan *scan = state;
    size_t owner = 0;
    if (!is_asked_for(scan, event, &owner))
        return true;
    struct json data = read_data(scan, event);
    struct tally_item item = { .at = event->time, .sequence = event->sequence };
    if (!passes_conditions(scan, &data) || !find_value(scan, &data, &item))
        return true;
    find_window(scan, event->time);
    write_key(scan, event, &data, owner);
    struct cell *cell = find_cell(scan);
    if (cell == NULL) {
        scan->fault = FAULT_QUERY_TOO_LARGE;
        return false;
    }
    tally_add(&cell->tally, scan->kind, &item, scan->arena);
    cell->first = instant_before(event->time, cell->first) ? event->time : cell->first;
    cell->last = instant_before(cell->last, event->time) ? event->time : cell->last;
    return true;
}

/* ---- the pass ----------------------------------------------------------------------------- */

/* The subjects whose events can count, for the event store to pick from. */
static void restrict_subjects(const struct scan *scan, struct usage_filter *filter)
{
    const struct keymap *map = scan->query->has_subjects ? &scan->subjects : &scan->owned;
    text *subjects = ARENA_ARRAY(scan->arena, text, map->count);
    for (size_t i = 0; i < map->count; i++)
        subjects[i] = map->entries[i].key;
    filter->subjects = subjects;
    filter->subject_count = map->count;
}

/* Runs the pass; fills the cells. */
static enum err run_scan(struct cx *cx, struct scan *scan)
{
    const struct meter_query *query = scan->query;
    bool is_empty = !instant_is_none(scan->to) && scan->to.ns <= scan->from.ns;
    is_empty |= query->has_subjects && query->subjects.count == 0;
    is_empty |= query->has_customers && scan->owned.count == 0;
    if (is_empty)
        return OK;
    struct usage_filter filter = {
        .org = cx->org,
        .type = scan->meter->event_type,
        .from = scan->from,
        .to = scan->to,
        .sequence_max = query->sequence_max,
    };
    if (query->has_subjects || query->has_customers)
        restrict_subjects(scan, &filter);
    enum err err = usage_scan(cx->usage, &filter, visit_event, scan);
    if (err == OK && scan->fault != FAULT_NONE)
        err = problem_refuse(&cx->problem, scan->fault, "the answer would have more than %d rows",
                             LIMIT_QUERY_ROWS);
    return err;
}

/* ---- rows --------------------------------------------------------------------------------- */

/* Takes the next length-prefixed part off the key. */
static text take_part(text *key)
{
    uint32_t size;
    CHECK(key->len >= sizeof(size));
    memcpy(&size, key->ptr, sizeof(size));
    text part = text_slice(*key, sizeof(size), size);
    CHECK(part.len == size);
    *key = text_slice(*key, sizeof(size) + size, key->len);
    return part;
}

/* The period a row without windows speaks of: as asked, else whole minutes around its events. */
static struct period period_of(const struct cell *cell, const struct meter_query *query)
{
    if (query->window != METER_WINDOW_NONE)
        return cell->window;
    struct period period = { query->from, query->to };
    if (instant_is_none(period.from))
        period.from = instant_floor(cell->first, NS_PER_MINUTE);
    if (instant_is_none(period.to))
        period.to.ns = instant_floor(cell->last, NS_PER_MINUTE).ns + NS_PER_MINUTE;
    return period;
}

static void fill_row(const struct scan *scan, size_t number, struct meter_row *row)
{
    const struct cell *cell = &scan->cells[number];
    struct period period = period_of(cell, scan->query);
    row->value = tally_value(&cell->tally, scan->kind, DEC_INVALID);
    row->from = period.from;
    row->to = period.to;
    row->dimensions = ARENA_ARRAY(scan->arena, text, scan->group_count);
    text key = scan->cell_keys.entries[number].key;
    key = text_slice(key, sizeof(int64_t), key.len);
    size_t count = 0;
    for (size_t i = 0; i < scan->group_count; i++) {
        text part = take_part(&key);
        size_t owner = 0;
        switch (scan->groups[i].kind) {
        case GROUP_SUBJECT:
            row->subject = part;
            break;
        case GROUP_CUSTOMER:
            memcpy(&owner, part.ptr, sizeof(owner));
            row->customer = &scan->query->customers.items[owner];
            break;
        case GROUP_DIMENSION:
            row->dimensions[count++] = part;
            break;
        }
    }
}

static int compare_rows(const void *left, const void *right, void *state)
{
    const struct meter_row *a = left;
    const struct meter_row *b = right;
    const struct meter_result *result = state;
    if (!instant_equal(a->from, b->from))
        return instant_before(a->from, b->from) ? -1 : 1;
    int order = text_compare(a->subject, b->subject);
    if (order == 0 && result->has_customer)
        order = memcmp(a->customer->id.bytes, b->customer->id.bytes, sizeof(a->customer->id));
    for (size_t i = 0; order == 0 && i < result->dimensions.count; i++)
        order = text_compare(a->dimensions[i], b->dimensions[i]);
    return order;
}

static struct meter_result result_of(const struct scan *scan)
{
    const struct text_list *names = &scan->query->group_by;
    struct meter_result result = {
        .from = scan->query->from,
        .to = scan->query->to,
        .window = scan->query->window,
        .dimensions = { ARENA_ARRAY(scan->arena, text, names->count), 0 },
        .rows = ARENA_ARRAY(scan->arena, struct meter_row, scan->cell_keys.count),
        .count = scan->cell_keys.count,
    };
    for (size_t i = 0; i < names->count; i++) {
        result.has_subject |= scan->groups[i].kind == GROUP_SUBJECT;
        result.has_customer |= scan->groups[i].kind == GROUP_CUSTOMER;
        if (scan->groups[i].kind == GROUP_DIMENSION)
            result.dimensions.items[result.dimensions.count++] = names->items[i];
    }
    for (size_t i = 0; i < result.count; i++)
        fill_row(scan, i, &result.rows[i]);
    if (result.count > 1)
        qsort_r(result.rows, result.count, sizeof(*result.rows), compare_rows, &result);
    return result;
}

enum err meter_query_run(struct cx *cx, const struct meter *meter, const struct meter_query *query,
                         struct meter_result *ret)
{
    CHECK(cx != NULL && meter != NULL && query != NULL && ret != NULL);
    CHECK(query->window >= 0 && query->window < METER_WINDOW_COUNT);
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
    struct scan scan = scan_of(cx, meter, query, scratch);
    enum err err = run_scan(cx, &scan);
    if (err != OK)
        return err;
    struct meter_result result = result_of(&scan);
    for (size_t i = 0; i < result.count; i++) {
        if (!dec_is_valid(result.rows[i].value))
            return problem_refuse(&cx->problem, FAULT_AMOUNT_OVERFLOW,
                                  "a sum of meter %.*s has more than %d digits",
                                  TEXT_ARG(meter->key), DEC_DIGITS_MAX);
    }
    *ret = result;
    return OK;
}

enum err meter_usage_total(struct cx *cx, const struct meter *meter,
                           const struct meter_usage *usage, dec *ret)
{
    CHECK(usage != NULL && ret != NULL);
    struct meter_query query = METER_QUERY_ALL;
    query.from = usage->from;
    query.to = usage->to;
    query.subjects = usage->subjects;
    query.has_subjects = true;
    query.filters = usage->filters;
    query.sequence_max = usage->sequence_max;
    struct meter_result result;
    enum err err = meter_query_run(cx, meter, &query, &result);
    if (err != OK)
        return err;
    CHECK(result.count <= 1);
    *ret = result.count == 1 ? result.rows[0].value : DEC_ZERO;
    return OK;
}
