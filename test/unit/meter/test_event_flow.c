/* test_event_flow.c: events listed with what is wrong about each. */
#include "meter/event_flow.h"
#include "meter/meter_flow.h"
#include "unit/meter/events.h"

static void make_meter(struct fixture *f, const char *key, const char *path)
{
    struct meter wanted = {
        .key = text_of(key),
        .name = text_of(key),
        .aggregation = METER_SUM,
        .event_type = TEXT("request"),
        .events_from = INSTANT_NONE,
        .value_property = text_of(path),
    };
    struct meter made;
    MUST(meter_create(&f->cx, &wanted, &made) == OK);
}

static void send(struct fixture *f, const char *type, const char *at, const char *data)
{
    struct usage_event event = event_new(f, text_of(type), fixture_instant(at), text_of(data));
    (void)events_send(f, &event, 1);
}

static struct event_page list(struct fixture *f, const struct event_query *query)
{
    struct event_page page = { 0 };
    MUST(event_list(&f->cx, query, &page) == OK);
    return page;
}

static ulid customer_of(void *state, text subject, instant time)
{
    ulid customer = { { 0 } };
    MUST(state != NULL && !instant_is_none(time));
    customer.bytes[15] = text_equal(subject, TEXT("c1")) ? 7 : 0;
    return customer;
}

/* M3: six events; five have a fault. */
static void test_faults(struct fixture *f)
{
    static const char *const data[] = { "null",
                                        "",
                                        "{}",
                                        "{\"duration_ms\":\"NaN\"}",
                                        "{\"duration_ms\":\"Inf\"}",
                                        "{\"duration_ms\":\"100\"}" };
    static const char *const want[] = {
        "",
        "invalid event: value cannot be infinity",
        "invalid event: value cannot be NaN",
        "invalid event: missing value property: \"$.duration_ms\"",
        "invalid event: null and missing value property",
        "invalid event: null and missing value property",
    };
    make_meter(f, "duration", "$.duration_ms");
    for (size_t i = 0; i < COUNT_OF(data); i++)
        send(f, "request", "2025-06-01T00:00:00Z", data[i]);
    struct event_query query = EVENT_QUERY_ALL;
    struct event_page page = list(f, &query);
    OK(page.count == 6 && !page.next.is_set, "M3: all six are listed, no page follows");
    for (size_t i = 0; i < page.count; i++) {
        const struct text_list *errors = &page.items[i].errors;
        text got = errors->count > 0 ? errors->items[0] : TEXT_NONE;
        IS_TEXT(got, want[i], "M3: newest first, each with its fault");
    }
}

static void test_strangers(struct fixture *f)
{
    int state = 1;
    struct usage_event event =
        event_new(f, TEXT("unknown"), fixture_instant("2025-06-02T00:00:00Z"), TEXT("{}"));
    event.subject = TEXT("stranger");
    (void)events_send(f, &event, 1);
    struct event_query query = EVENT_QUERY_ALL;
    query.limit = 2;
    query.customer_of = customer_of;
    query.customer_state = &state;
    struct event_page page = list(f, &query);
    OK(page.items[0].errors.count == 2, "3.4: no meter and no customer are two faults");
    IS_TEXT(page.items[0].errors.items[0], "no meter found for event type: unknown",
            "3.4: no meter for the type");
    IS_TEXT(page.items[0].errors.items[1], "no customer found for event subject: stranger",
            "3.4: no customer for the subject");
    OK(page.items[1].errors.count == 0 && page.items[1].customer.bytes[15] == 7,
       "3.4: the customer of a subject");
    struct buffer out = { .arena = f->cx.arena };
    struct json_writer w = json_writer_of(&out);
    page.items[0].event.id = TEXT("x");
    event_row_write(&w, DIALECT_V1, &page.items[0]);
    IS_TEXT(buffer_text(&out),
            "{\"event\":{\"id\":\"x\",\"source\":\"test\",\"specversion\":\"1.0\","
            "\"type\":\"unknown\",\"datacontenttype\":\"application/json\","
            "\"subject\":\"stranger\",\"time\":\"2025-06-02T00:00:00Z\",\"data\":{}},"
            "\"ingestedAt\":\"2025-06-15T12:00:00Z\",\"storedAt\":\"2025-06-15T12:00:00Z\","
            "\"validationError\":\"no meter found for event type: unknown\\n"
            "no customer found for event subject: stranger\"}",
            "3.4: a row of v1");
    out.len = 0;
    w = json_writer_of(&out);
    event_write(&w, &page.items[0].event);
    size_t behind = sizeof("{\"event\":,") - 1 + out.len;
    out.len = 0;
    w = json_writer_of(&out);
    page.items[0].customer.bytes[15] = 1;
    event_row_write(&w, DIALECT_V3, &page.items[0]);
    IS_TEXT(text_slice(buffer_text(&out), behind, out.len),
            "\"customer\":{\"id\":\"00000000000000000000000001\"},"
            "\"ingested_at\":\"2025-06-15T12:00:00Z\",\"stored_at\":\"2025-06-15T12:00:00Z\","
            "\"validation_errors\":[{\"code\":\"validation_error\",\"message\":"
            "\"no meter found for event type: unknown\"},{\"code\":\"validation_error\","
            "\"message\":\"no customer found for event subject: stranger\"}]}",
            "3.4: a row of v3");
}

static void test_filters(struct fixture *f)
{
    struct filter type = { .op = FILTER_EQ, .value = TEXT("unknown") };
    struct event_query query = EVENT_QUERY_ALL;
    query.type = &type;
    OK(list(f, &query).count == 1, "3.4: by type");
    query = EVENT_QUERY_ALL;
    query.from = fixture_instant("2025-06-02T00:00:00Z");
    OK(list(f, &query).count == 1, "3.4: from an instant, inclusive");
    query = EVENT_QUERY_ALL;
    query.to = fixture_instant("2025-06-02T00:00:00Z");
    OK(list(f, &query).count == 6, "3.4: to an instant, exclusive");
    query = EVENT_QUERY_ALL;
    query.ingested_from = (instant){ f->cx.now.ns + 1 };
    OK(list(f, &query).count == 0, "3.4: by time of arrival");
    text subject = TEXT("stranger");
    query = EVENT_QUERY_ALL;
    query.has_subjects = true;
    OK(list(f, &query).count == 0, "3.4: customers without subjects have no events");
    query.subjects = (struct text_list){ &subject, 1 };
    struct event_page page = list(f, &query);
    OK(page.count == 1, "3.4: by subject");
    struct period times[] = { { INSTANT_NONE, fixture_instant("2025-06-02T00:00:00Z") } };
    query = EVENT_QUERY_ALL;
    query.has_owned = true;
    OK(list(f, &query).count == 0, "3.4: who owns nothing has no events");
    query.owned = (struct text_list){ &subject, 1 };
    query.owned_times = times;
    OK(list(f, &query).count == 0, "E28: an event after the subject was given away is not theirs");
    times[0] = (struct period){ fixture_instant("2025-06-02T00:00:00Z"), INSTANT_NONE };
    OK(list(f, &query).count == 1, "E28: but who has it from then on");
    text id = page.items[0].event.id;
    query = EVENT_QUERY_ALL;
    query.id_contains = text_slice(id, 3, id.len);
    page = list(f, &query);
    OK(page.count >= 1 && text_ends_with(page.items[0].event.id, query.id_contains),
       "3.4: by a part of the id");
    struct filter source = { .op = FILTER_NE, .value = TEXT("test") };
    query = EVENT_QUERY_ALL;
    query.source = &source;
    OK(list(f, &query).count == 0, "3.4: by source");
}

/* Walks all pages; the events must come in order, each once. */
static void test_pages(struct fixture *f, enum event_sort sort, bool is_ascending)
{
    struct event_query query = EVENT_QUERY_ALL;
    struct event_page page;
    int64_t before = is_ascending ? INT64_MIN : INT64_MAX;
    size_t seen = 0;
    bool is_ordered = true;
    query.limit = 7;
    query.sort = sort;
    query.is_ascending = is_ascending;
    do {
        page = list(f, &query);
        for (size_t i = 0; i < page.count; i++) {
            const struct usage_event *event = &page.items[i].event;
            int64_t key = sort == EVENT_SORT_TIME ? event->time.ns : (int64_t)event->sequence;
            is_ordered &= is_ascending ? before <= key : before >= key;
            before = key;
        }
        seen += page.count;
        query.after = page.next;
        if (page.next.is_set) {
            text cursor = event_cursor_text(f->cx.arena, page.next);
            MUST(event_cursor_parse(f->cx.arena, cursor, &query.after));
        }
    } while (page.next.is_set);
    OK(seen == 67 && is_ordered, "1.4: pages by %s, %s, hold each event once",
       event_sort_words[sort], is_ascending ? "ascending" : "descending");
}

static void test_cursors(struct fixture *f)
{
    struct event_cursor cursor;
    instant at = fixture_instant("2025-06-01T00:00:00.25Z");
    text printed = event_cursor_text(f->cx.arena, (struct event_cursor){ at, 42, true });
    IS_TEXT(printed, "MjAyNS0wNi0wMVQwMDowMDowMC4yNVosNDI=", "1.4: base64 of time and number");
    OK(event_cursor_parse(f->cx.arena, printed, &cursor) && instant_equal(cursor.at, at) &&
           cursor.sequence == 42,
       "1.4: and back");
    static const char *const bad[] = { "",         "x",    "####",
                                       "MjAyNQ==", "LDQy", "MjAyNS0wNi0wMVQwMDowMDowMC4yNVosLTE=" };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        OK(!event_cursor_parse(f->cx.arena, text_of(bad[i]), &cursor), "1.4: '%s' is no cursor",
           bad[i]);
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2025-06-15T12:00:00Z");
    test_faults(&f);
    test_strangers(&f);
    test_filters(&f);
    for (int i = 0; i < 60; i++) {
        char at[INSTANT_TEXT_MAX];
        snprintf(at, sizeof(at), "2025-05-%02dT00:00:%02dZ", 1 + i * 7 % 28, i % 3);
        send(&f, "request", at, "{\"duration_ms\":1}");
    }
    for (int sort = 0; sort < EVENT_SORT_COUNT; sort++) {
        test_pages(&f, (enum event_sort)sort, false);
        test_pages(&f, (enum event_sort)sort, true);
    }
    test_cursors(&f);
    fixture_close(&f);
    return tap_end();
}
