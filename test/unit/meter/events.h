/* events.h: events for the tests of this module. */
#ifndef TEST_UNIT_METER_EVENTS_H
#define TEST_UNIT_METER_EVENTS_H

#include "lib/fixture.h"
#include "lib/tap.h"
#include "meter/query.h"

/* An event with a new id, of subject "c1" and source "test", that arrives now. */
static inline struct usage_event event_new(struct fixture *f, text type, instant at, text data)
{
    return (struct usage_event){
        .org = f->cx.org,
        .id = ulid_text(f->cx.arena, cx_ulid(&f->cx)),
        .source = TEXT("test"),
        .type = type,
        .subject = TEXT("c1"),
        .data = data,
        .time = at,
        .ingested_at = f->cx.now,
    };
}

static inline struct usage_receipt events_send(struct fixture *f, const struct usage_event *events,
                                               size_t count)
{
    struct usage_receipt receipt = { 0 };
    MUST(usage_append_wait(f->cx.usage, events, count, &receipt) == OK);
    MUST(receipt.err == OK);
    return receipt;
}

static inline instant instant_must(text t)
{
    instant at;
    MUST(instant_parse(t, &at));
    return at;
}

#endif
