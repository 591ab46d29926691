/* test_query_limit.c: an answer of too many rows is refused, not cut. */
#include "base/limits.h"
#include "lib/fixture.h"
#include "lib/tap.h"
#include "meter/query.h"

#define BATCH 10000

/* Appends `count` events, each of a subject of its own, from number `first` on. */
static void append(struct fixture *f, size_t first, size_t count)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct usage_event *events = ARENA_ARRAY(arena, struct usage_event, count);
    struct usage_receipt receipt;

    for (size_t i = 0; i < count; i++) {
        text name = text_format(arena, "s-%zu", first + i);

        events[i] = (struct usage_event){
            .org = f->cx.org,
            .id = name,
            .source = TEXT("test"),
            .type = TEXT("t"),
            .subject = name,
            .time = f->cx.now,
            .ingested_at = f->cx.now,
        };
    }
    MUST(usage_append_wait(f->cx.usage, events, count, &receipt) == OK);
    MUST(receipt.accepted == count);
}

int main(void)
{
    struct fixture f;
    struct meter_result result;
    text by_subject = TEXT("subject");
    struct meter_query query = METER_QUERY_ALL;

    fixture_open(&f, "2026-01-01T00:00:00Z");
    struct meter meter = {
        .org = f.cx.org,
        .key = TEXT("m"),
        .aggregation = METER_COUNT,
        .event_type = TEXT("t"),
        .events_from = INSTANT_NONE,
    };
    query.group_by = (struct text_list){ &by_subject, 1 };
    for (size_t first = 0; first < LIMIT_QUERY_ROWS; first += BATCH)
        append(&f, first, BATCH);
    OK(meter_query_run(&f.cx, &meter, &query, &result) == OK && result.count == LIMIT_QUERY_ROWS,
       "as many rows as the limit allows");
    append(&f, LIMIT_QUERY_ROWS, 1);
    OK(meter_query_run(&f.cx, &meter, &query, &result) == ERR_REFUSED &&
           fixture_fault(&f) == FAULT_QUERY_TOO_LARGE,
       "one more is refused");
    fixture_close(&f);
    return tap_end();
}
