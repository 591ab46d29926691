/* event_reports.c: reports about the stream of events: repetitions that contradict, today's counts,
 * and the progress of queries. */
#include <xxhash.h>

#include "api/handlers.h"

#include "base/limits.h"

/* ---- conflicts ----------------------------------------------------------------------------- */

struct conflict {
    text source, id;
    instant first_time, first_ingested_at;
    text first_digest;
    instant second_time, second_ingested_at;
    text second_digest;
};

static const struct field conflict_rows[] = {
    FIELD(struct conflict, source, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct conflict, id, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct conflict, first_time, INSTANT, .flags = FIELD_REQUIRED,
          .about = "Of the event that counts."),
    FIELD(struct conflict, first_ingested_at, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct conflict, first_digest, TEXT, .flags = FIELD_REQUIRED,
          .about = "Of its type, subject, data schema and data, to tell them apart."),
    FIELD(struct conflict, second_time, INSTANT, .flags = FIELD_REQUIRED,
          .about = "Of the repetition, which was dropped."),
    FIELD(struct conflict, second_ingested_at, INSTANT, .flags = FIELD_REQUIRED),
    FIELD(struct conflict, second_digest, TEXT, .flags = FIELD_REQUIRED),
};
const struct fields conflict_fields = FIELDS("EventConflict", struct conflict, conflict_rows);

enum err usage_conflicts_list(struct api_call *call)
{
    struct usage_conflict *found;
    size_t count = usage_conflicts(call->cx.usage, call->cx.org, call->cx.arena, &found);
    struct conflict *rows = ARENA_ARRAY(call->cx.arena, struct conflict, count);

    for (size_t i = 0; i < count; i++)
        rows[i] = (struct conflict){
            .source = found[i].source,
            .id = found[i].id,
            .first_time = found[i].first.time,
            .first_ingested_at = found[i].first.ingested_at,
            .first_digest = text_of(found[i].first.digest),
            .second_time = found[i].second.time,
            .second_ingested_at = found[i].second.ingested_at,
            .second_digest = text_of(found[i].second.digest),
        };
    return reply_data(call, &conflict_fields, &(struct list){ rows, count });
}

/* ---- today's counts ------------------------------------------------------------------------ */

struct subject_count {
    text subject;
    uint64_t events;
};

/* Subjects met so far: open addressing over `rows`, doubled at half full. */
struct today {
    struct arena *arena;
    instant midnight;
    struct subject_count *rows;
    size_t count, room;
    uint32_t *slots; /* index + 1 into rows; 0: free */
    bool is_over;
};

#define TODAY_ROOM_FIRST 256

/* Requests are answered in another order than they arrived in, but not by so much. */
#define DISORDER_NS (60 * NS_PER_SECOND)

static uint32_t *today_slot(struct today *today, text subject)
{
    size_t mask = 2 * today->room - 1;
    size_t at = XXH3_64bits(subject.ptr, subject.len) & mask;

    while (today->slots[at] != 0 && !text_equal(today->rows[today->slots[at] - 1].subject, subject))
        at = (at + 1) & mask;
    return &today->slots[at];
}

static void today_grow(struct today *today)
{
    size_t room = today->room ? 2 * today->room : TODAY_ROOM_FIRST;
    struct subject_count *rows = ARENA_ARRAY(today->arena, struct subject_count, room);

    if (today->count > 0)
        memcpy(rows, today->rows, today->count * sizeof *rows);
    today->rows = rows;
    today->room = room;
    today->slots = ARENA_ARRAY(today->arena, uint32_t, 2 * room);
    for (size_t i = 0; i < today->count; i++)
        *today_slot(today, rows[i].subject) = (uint32_t)i + 1;
}

static bool today_event(void *state, const struct usage_event *event)
{
    struct today *today = state;
    uint32_t *slot;

    if (instant_before(event->ingested_at, today->midnight))
        return event->ingested_at.ns > today->midnight.ns - DISORDER_NS;
    if (today->count == LIMIT_QUERY_ROWS) {
        today->is_over = true;
        return false;
    }
    if (today->count == today->room)
        today_grow(today);
    slot = today_slot(today, event->subject);
    if (*slot == 0) {
        today->rows[today->count++].subject = text_copy(today->arena, event->subject);
        *slot = (uint32_t)today->count;
    }
    today->rows[*slot - 1].events++;
    return true;
}

static int by_subject(const void *a, const void *b)
{
    return text_compare(((const struct subject_count *)a)->subject,
                        ((const struct subject_count *)b)->subject);
}

/* A label's value, as OpenMetrics escapes it. */
static void add_label(struct buffer *b, text value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];

        if (c == '\\' || c == '"' || c == '\n')
            buffer_add_char(b, '\\');
        buffer_add_char(b, c == '\n' ? 'n' : c);
    }
}

enum err events_debug_metrics(struct api_call *call)
{
    struct usage_filter filter = USAGE_FILTER_ALL;
    struct today today = { .arena = call->cx.arena,
                           .midnight = instant_floor(call->cx.now, NS_PER_DAY) };
    struct buffer b = call_buffer(call);
    enum err err;

    filter.org = call->cx.org;
    filter.is_newest_first = true;
    err = usage_scan(call->cx.usage, &filter, today_event, &today);
    if (err != OK)
        return err;
    if (today.is_over)
        return problem_refuse(&call->cx.problem, FAULT_QUERY_TOO_LARGE, "%s", "");
    if (today.count > 0)
        qsort(today.rows, today.count, sizeof *today.rows, by_subject);
    buffer_add_cstr(&b, "# HELP openmeter_events Events ingested since midnight UTC.\n"
                        "# TYPE openmeter_events counter\n");
    for (size_t i = 0; i < today.count; i++) {
        buffer_add_cstr(&b, "openmeter_events_total{subject=\"");
        add_label(&b, today.rows[i].subject);
        buffer_format(&b, "\"} %llu\n", (unsigned long long)today.rows[i].events);
    }
    buffer_add_cstr(&b, "# EOF\n");
    return reply_body(call, TEXT("text/plain; charset=utf-8"), buffer_text(&b));
}

/* ---- progress ------------------------------------------------------------------------------ */

/* A query is answered before anybody could ask how far it is, so none is ever tracked. */
enum err progress_get(struct api_call *call)
{
    return problem_refuse(&call->cx.problem, FAULT_PROGRESS_ABSENT, "%.*s",
                          TEXT_ARG(call->path_params[0]));
}
