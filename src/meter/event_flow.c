/* event_flow.c: events listed. Two passes over the log: the first finds which rows are on the page,
 * keeping times and sequence numbers only; the second copies those rows. So memory is bounded by
 * the page, not by the log. */
#include "meter/event_flow.h"

#include <sodium.h>

#include "meter/meter_rows.h"
#include "meter/value.h"

const char *const event_sort_words[] = { "time", "ingested_at", "stored_at", NULL };
_Static_assert(COUNT_OF(event_sort_words) == EVENT_SORT_COUNT + 1, "a word per sort field");

/* ---- cursors ------------------------------------------------------------------------------ */

text event_cursor_text(struct arena *arena, struct event_cursor cursor)
{
    char printed[INSTANT_TEXT_MAX + 32];
    char at[INSTANT_TEXT_MAX];
    CHECK(cursor.is_set && !instant_is_none(cursor.at));
    (void)instant_print(cursor.at, at);
    int size =
        snprintf(printed, sizeof(printed), "%s,%llu", at, (unsigned long long)cursor.sequence);
    MUST(size > 0 && (size_t)size < sizeof(printed));
    size_t room = sodium_base64_encoded_len((size_t)size, sodium_base64_VARIANT_ORIGINAL);
    char *encoded = arena_alloc(arena, room);
    (void)sodium_bin2base64(encoded, room, (const unsigned char *)printed, (size_t)size,
                            sodium_base64_VARIANT_ORIGINAL);
    return text_of(encoded);
}

bool event_cursor_parse(struct arena *arena, text t, struct event_cursor *ret)
{
    CHECK(arena != NULL && ret != NULL);
    if (text_is_empty(t))
        return false;
    char *decoded = arena_alloc(arena, t.len);
    size_t len = 0;
    const char *end = NULL;
    int outcome = sodium_base642bin((unsigned char *)decoded, t.len, t.ptr, t.len, NULL, &len, &end,
                                    sodium_base64_VARIANT_ORIGINAL);
    if (outcome != 0 || end != t.ptr + t.len)
        return false;
    text rest = { decoded, len };
    text at = text_cut(&rest, ',');
    struct event_cursor cursor = { .is_set = true };
    int64_t sequence = 0;
    if (!instant_parse(at, &cursor.at) || !text_to_int(rest, &sequence) || sequence < 0)
        return false;
    cursor.sequence = (uint64_t)sequence;
    *ret = cursor;
    return true;
}

/* ---- first pass: which events ------------------------------------------------------------- */

/* A place in the listing. */
struct mark {
    instant at;
    uint64_t sequence;
};

struct finder {
    const struct event_query *query;
    struct mark marks[EVENT_LIST_LIMIT_MAX]; /* in the order of the listing */
    size_t count;
    struct event_row *rows; /* second pass: one for each mark */
    size_t filled;
    struct arena *arena;
};

static struct mark mark_of(const struct event_query *query, const struct usage_event *event)
{
    instant at = query->sort == EVENT_SORT_TIME ? event->time : event->ingested_at;
    return (struct mark){ at, event->sequence };
}

/* Whether `a` is listed before `b`. Storing follows the sequence alone. */
static bool is_before(const struct event_query *query, struct mark a, struct mark b)
{
    bool is_less = a.sequence < b.sequence;
    if (query->sort != EVENT_SORT_STORED_AT && !instant_equal(a.at, b.at))
        is_less = instant_before(a.at, b.at);
    bool is_same = a.sequence == b.sequence;
    return !is_same && is_less == query->is_ascending;
}

static bool is_within(instant t, instant from, instant to)
{
    bool is_early = !instant_is_none(from) && instant_before(t, from);
    bool is_late = !instant_is_none(to) && !instant_before(t, to);
    return !is_early && !is_late;
}

static bool passes(const struct filter *filter, text value)
{
    return filter == NULL || filter_match(filter, value);
}

static bool is_owned(const struct event_query *query, const struct usage_event *event)
{
    for (size_t i = 0; i < query->owned.count; i++) {
        const struct period *time = &query->owned_times[i];
        if (text_equal(query->owned.items[i], event->subject) &&
            is_within(event->time, time->from, time->to))
            return true;
    }
    return false;
}

static bool is_wanted(const struct event_query *query, const struct usage_event *event)
{
    if (!is_within(event->time, query->from, query->to))
        return false;
    if (!is_within(event->ingested_at, query->ingested_from, query->ingested_to))
        return false;
    if (query->id_contains.ptr != NULL && !text_contains(event->id, query->id_contains))
        return false;
    if (query->has_subjects && !text_list_holds(&query->subjects, event->subject))
        return false;
    if (query->has_owned && !is_owned(query, event))
        return false;
    bool is_passing = passes(query->id, event->id) && passes(query->source, event->source) &&
                      passes(query->subject, event->subject) && passes(query->type, event->type);
    return is_passing && (query->choice == NULL || query->choice(query->choice_state, event));
}

static bool visit_to_find(void *state, const struct usage_event *event)
{
    struct finder *finder = state;
    const struct event_query *query = finder->query;
    if (!is_wanted(query, event))
        return true;
    struct mark mark = mark_of(query, event);
    struct mark after = { query->after.at, query->after.sequence };
    if (query->after.is_set && !is_before(query, after, mark))
        return true;
    size_t limit = (size_t)query->limit;
    if (finder->count == limit && !is_before(query, mark, finder->marks[limit - 1]))
        return true;
    size_t place = finder->count < limit ? finder->count++ : limit - 1;
    while (place > 0 && is_before(query, mark, finder->marks[place - 1])) {
        finder->marks[place] = finder->marks[place - 1];
        place--;
    }
    finder->marks[place] = mark;
    /* By sequence, what comes later in the scan is listed later. */
    return query->sort != EVENT_SORT_STORED_AT || finder->count < limit;
}

/* The newest come first, and mostly from the last hour: so that is looked through first, then ever
 * longer stretches before it, and nothing once the page is full. */
#define STRETCH_FIRST_NS NS_PER_HOUR
#define STRETCH_GROWTH   16
#define STRETCHES_MAX    5 /* then all that is left */

/* Where the first stretch ends at the latest; open when it is unknown. */
static instant newest_possible(const struct event_query *query)
{
    instant to = query->to;
    bool is_earlier = query->after.is_set && query->after.at.ns < INSTANT_MAX.ns &&
                      (instant_is_none(to) || instant_before(query->after.at, to));
    return is_earlier ? (instant){ query->after.at.ns + 1 } : to;
}

static enum err find_newest(struct cx *cx, struct finder *finder, struct usage_filter filter)
{
    const struct event_query *query = finder->query;
    int64_t length_ns = STRETCH_FIRST_NS;
    enum err err = OK;
    filter.to = newest_possible(query);
    instant start = cx->now;
    if (!instant_is_none(filter.to) && instant_before(filter.to, start))
        start = filter.to;
    for (int i = 0; err == OK && finder->count < (size_t)query->limit; i++) {
        bool is_last = i == STRETCHES_MAX || start.ns <= INT64_MIN + length_ns;
        filter.from = is_last ? INSTANT_NONE : (instant){ start.ns - length_ns };
        if (!instant_is_none(query->from) && !instant_before(query->from, filter.from)) {
            filter.from = query->from;
            is_last = true;
        }
        bool is_empty = !instant_is_none(filter.to) && !instant_before(filter.from, filter.to);
        if (!is_empty)
            err = usage_scan(cx->usage, &filter, visit_to_find, finder);
        if (is_last)
            break;
        start = filter.to = filter.from;
        length_ns *= STRETCH_GROWTH;
    }
    return err;
}

/* Narrows the filter to the marks found: the second pass need not look any further. */
static void narrow(const struct finder *finder, struct usage_filter *filter)
{
    uint64_t first = UINT64_MAX;
    uint64_t last = 0;
    CHECK(finder->count > 0);
    for (size_t i = 0; i < finder->count; i++) {
        uint64_t sequence = finder->marks[i].sequence;
        first = sequence < first ? sequence : first;
        last = sequence > last ? sequence : last;
    }
    filter->sequence_after = first - 1;
    filter->sequence_max = last;
    if (finder->query->sort != EVENT_SORT_TIME)
        return;
    instant one = finder->marks[0].at;
    instant other = finder->marks[finder->count - 1].at;
    instant newest = instant_before(one, other) ? other : one;
    filter->from = instant_before(one, other) ? one : other;
    filter->to = newest.ns < INSTANT_MAX.ns ? (instant){ newest.ns + 1 } : INSTANT_NONE;
}

/* ---- second pass: their contents ---------------------------------------------------------- */

static struct usage_event copy_event(struct arena *arena, const struct usage_event *event)
{
    struct usage_event copy = *event;
    copy.id = text_copy(arena, event->id);
    copy.source = text_copy(arena, event->source);
    copy.type = text_copy(arena, event->type);
    copy.subject = text_copy(arena, event->subject);
    copy.data_schema = text_copy(arena, event->data_schema);
    copy.data = text_copy(arena, event->data);
    return copy;
}

static bool visit_to_fill(void *state, const struct usage_event *event)
{
    struct finder *finder = state;
    for (size_t i = 0; i < finder->count; i++) {
        if (finder->marks[i].sequence == event->sequence) {
            finder->rows[i].event = copy_event(finder->arena, event);
            finder->filled++;
        }
    }
    return finder->filled < finder->count;
}

static enum err find_rows(struct cx *cx, struct finder *finder)
{
    const struct event_query *query = finder->query;
    struct usage_filter filter = {
        .org = cx->org,
        .from = query->from,
        .to = query->to,
        .sequence_max = query->sequence_max > 0 ? query->sequence_max : usage_sequence(cx->usage),
        .is_newest_first = !query->is_ascending,
    };
    bool is_empty = (query->has_subjects && query->subjects.count == 0) ||
                    (query->has_owned && query->owned.count == 0);
    bool is_backwards = !instant_is_none(query->from) && !instant_is_none(query->to) &&
                        query->to.ns <= query->from.ns;
    if (is_empty || is_backwards || filter.sequence_max == 0)
        return OK;
    if (query->type != NULL && query->type->op == FILTER_EQ)
        filter.type = query->type->value;
    bool is_newest = query->sort == EVENT_SORT_TIME && !query->is_ascending;
    enum err err = is_newest ? find_newest(cx, finder, filter)
                             : usage_scan(cx->usage, &filter, visit_to_find, finder);
    if (err != OK || finder->count == 0)
        return err;
    narrow(finder, &filter);
    finder->rows = ARENA_ARRAY(cx->arena, struct event_row, finder->count);
    err = usage_scan(cx->usage, &filter, visit_to_fill, finder);
    CHECK(err != OK || finder->filled == finder->count);
    return err;
}

/* ---- what is wrong with each -------------------------------------------------------------- */

/* The living meters of the organization, ready to read values. */
struct meters {
    struct value_reader *readers;
    size_t count;
};

static enum err load_meters(struct cx *cx, struct meters *ret)
{
    CLEANUP(store_tx_cleanup) struct store_tx *tx = NULL;
    struct list list;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = meter_load_all(tx, cx->org, cx->arena, &list);
    if (err != OK)
        return err;
    const struct meter *meters = list.items;
    struct meters found = { ARENA_ARRAY(cx->arena, struct value_reader, list.count), 0 };
    for (size_t i = 0; i < list.count; i++) {
        if (instant_is_none(meters[i].deleted_at))
            found.readers[found.count++] = value_reader_of(&meters[i], cx->arena);
    }
    *ret = found;
    return OK;
}

static void add_error(struct event_row *row, text sentence)
{
    if (!text_is_empty(sentence))
        row->errors.items[row->errors.count++] = sentence;
}

static void judge(struct cx *cx, const struct event_query *query, const struct meters *meters,
                  struct event_row *row)
{
    const struct usage_event *event = &row->event;
    size_t matching = 0;
    row->errors.items = ARENA_ARRAY(cx->arena, text, meters->count + 2);
    for (size_t i = 0; i < meters->count; i++) {
        const struct value_reader *reader = &meters->readers[i];
        if (text_equal(reader->meter->event_type, event->type)) {
            matching++;
            add_error(row, value_fault(reader, event, cx->arena));
        }
    }
    if (matching == 0)
        add_error(row, text_format(cx->arena, "no meter found for event type: %.*s",
                                   TEXT_ARG(event->type)));
    if (query->customer_of == NULL)
        return;
    row->customer = query->customer_of(query->customer_state, event->subject, event->time);
    if (ulid_is_zero(row->customer))
        add_error(row, text_format(cx->arena, "no customer found for event subject: %.*s",
                                   TEXT_ARG(event->subject)));
}

enum err event_list(struct cx *cx, const struct event_query *query, struct event_page *ret)
{
    CHECK(cx != NULL && query != NULL && ret != NULL);
    CHECK(query->limit >= 1 && query->limit <= EVENT_LIST_LIMIT_MAX);
    struct finder finder = { .query = query, .arena = cx->arena };
    struct meters meters;
    enum err err = find_rows(cx, &finder);
    if (err == OK)
        err = load_meters(cx, &meters);
    if (err != OK)
        return err;
    for (size_t i = 0; i < finder.count; i++)
        judge(cx, query, &meters, &finder.rows[i]);
    struct event_page page = { .items = finder.rows, .count = finder.count };
    if (finder.count == (size_t)query->limit) {
        struct mark last = finder.marks[finder.count - 1];
        page.next = (struct event_cursor){ last.at, last.sequence, true };
    }
    *ret = page;
    return OK;
}

/* ---- printing ----------------------------------------------------------------------------- */

static void write_times(struct json_writer *w, const struct event_row *row, const char *ingested,
                        const char *stored)
{
    json_key(w, text_of(ingested));
    json_instant(w, row->event.ingested_at);
    json_key(w, text_of(stored));
    json_instant(w, row->event.ingested_at);
}

static void write_row_v1(struct json_writer *w, struct arena *arena, const struct event_row *row)
{
    if (!ulid_is_zero(row->customer))
        json_member_text(w, "customerId", ulid_text(arena, row->customer));
    write_times(w, row, "ingestedAt", "storedAt");
    if (row->errors.count == 0)
        return;
    struct buffer joined = { .arena = arena };
    for (size_t i = 0; i < row->errors.count; i++) {
        if (i > 0)
            buffer_add_char(&joined, '\n');
        buffer_add(&joined, row->errors.items[i]);
    }
    json_member_text(w, "validationError", buffer_text(&joined));
}

static void write_row_v3(struct json_writer *w, struct arena *arena, const struct event_row *row)
{
    if (!ulid_is_zero(row->customer)) {
        json_key(w, TEXT("customer"));
        json_object_begin(w);
        json_member_text(w, "id", ulid_text(arena, row->customer));
        json_object_end(w);
    }
    write_times(w, row, "ingested_at", "stored_at");
    if (row->errors.count == 0)
        return;
    json_key(w, TEXT("validation_errors"));
    json_array_begin(w);
    for (size_t i = 0; i < row->errors.count; i++) {
        json_object_begin(w);
        json_member_text(w, "code", TEXT("validation_error"));
        json_member_text(w, "message", row->errors.items[i]);
        json_object_end(w);
    }
    json_array_end(w);
}

void event_row_write(struct json_writer *w, enum dialect dialect, const struct event_row *row)
{
    CHECK(w != NULL && row != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    struct arena *arena = w->out->arena;
    json_object_begin(w);
    json_key(w, TEXT("event"));
    event_write(w, &row->event);
    if (dialect == DIALECT_V1)
        write_row_v1(w, arena, row);
    else
        write_row_v3(w, arena, row);
    json_object_end(w);
}
