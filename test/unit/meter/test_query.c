/* test_query.c: queries over a real event store, by the scenarios of query.vec, and their rules. */
#include "lib/table.h"
#include "lib/tap.h"
#include "unit/meter/events.h"

/* ---- scenarios ---------------------------------------------------------------------------- */

struct scenario {
    struct fixture *f;
    text name;
    struct meter meter;
    struct meter_result result;
    size_t next_row;
    bool has_result;
};

/* A meter of an event type of its own, from "sum $.v" and "a=$.a b=$.b". */
static void start_meter(struct scenario *s, struct table *t)
{
    struct arena *arena = s->f->cx.arena;
    text path = t->cells[1];
    text parameter = text_cut(&path, ' ');
    int word = words_find(meter_aggregation_words, text_cut(&parameter, '/'));
    MUST(word != FIELD_ENUM_NONE);
    s->name = t->cells[3];
    s->meter = (struct meter){
        .org = s->f->cx.org,
        .key = TEXT("m"),
        .aggregation = (enum meter_aggregation)word,
        .event_type = text_format(arena, "type%d", t->line),
        .events_from = INSTANT_NONE,
        .value_property = path,
        .time_unit = METER_TIME_UNIT_NONE,
    };
    if (s->meter.aggregation == METER_QUANTILE)
        MUST(dec_parse(parameter, &s->meter.quantile));
    else if (s->meter.aggregation == METER_INTEGRAL)
        s->meter.time_unit = (enum meter_time_unit)words_find(meter_time_unit_words, parameter);
    else if (s->meter.aggregation == METER_SLIDING_UNIQUE_COUNT)
        MUST(span_parse(parameter, &s->meter.sliding_window));
    struct text_map *dimensions = &s->meter.dimensions;
    dimensions->items = ARENA_ARRAY(arena, struct text_pair, 8);
    text rest = text_equal(t->cells[2], TEXT("-")) ? TEXT_NONE : t->cells[2];
    while (rest.ptr != NULL) {
        text value = text_cut(&rest, ' ');
        text name = text_cut(&value, '=');
        dimensions->items[dimensions->count++] = (struct text_pair){ name, value };
    }
}

static void send_event(struct scenario *s, struct table *t)
{
    bool has_data = !text_equal(t->cells[3], TEXT("-"));
    struct usage_event event = event_new(s->f, s->meter.event_type, instant_must(t->cells[1]),
                                         has_data ? t->cells[3] : TEXT_NONE);
    event.subject = t->cells[2];
    (void)events_send(s->f, &event, 1);
}

static struct period period_of(text t)
{
    struct period period = { INSTANT_NONE, INSTANT_NONE };
    text from = text_cut(&t, ' ');
    (void)text_cut(&t, ' ');
    if (!text_equal(from, TEXT("*")))
        period.from = instant_must(from);
    if (!text_equal(t, TEXT("*")))
        period.to = instant_must(t);
    return period;
}

static struct text_list list_of(struct arena *arena, text t)
{
    struct text_list list = { ARENA_ARRAY(arena, text, 16), 0 };
    while (t.ptr != NULL && t.len > 0)
        list.items[list.count++] = text_cut(&t, ',');
    return list;
}

/* Subjects, of a customer: "c1,c2/to", the times being those in which it is his. */
static void add_customer(struct arena *arena, struct meter_query *query, text value)
{
    struct meter_customer *customer = &query->customers.items[query->customers.count++];
    customer->key = text_cut(&value, ':');
    customer->id.bytes[15] = (uint8_t)customer->key.ptr[0];
    customer->subjects = list_of(arena, value);
    struct period *periods = ARENA_ARRAY(arena, struct period, customer->subjects.count);
    for (size_t i = 0; i < customer->subjects.count; i++) {
        text period = customer->subjects.items[i];
        customer->subjects.items[i] = text_cut(&period, '@');
        text from = text_cut(&period, '/');
        periods[i] = (struct period){ INSTANT_NONE, INSTANT_NONE };
        if (from.len > 1)
            periods[i].from = instant_must(from);
        if (period.len > 1)
            periods[i].to = instant_must(period);
    }
    customer->periods = periods;
    query->has_customers = true;
}

static void add_option(struct arena *arena, struct meter_query *query, text option)
{
    text value = option;
    text name = text_cut(&value, '=');
    if (text_equal(name, TEXT("group"))) {
        query->group_by = list_of(arena, value);
    } else if (text_equal(name, TEXT("subject"))) {
        query->subjects = list_of(arena, value);
        query->has_subjects = true;
    } else if (text_equal(name, TEXT("customer"))) {
        add_customer(arena, query, value);
    } else {
        struct filter_entry *entry = &query->filters.items[query->filters.count++];
        *entry = (struct filter_entry){ name, { .op = FILTER_EQ, .value = value } };
    }
}

static struct meter_query query_of(struct arena *arena, struct table *t)
{
    struct meter_query query = METER_QUERY_ALL;
    struct period period = period_of(t->cells[1]);
    query.from = period.from;
    query.to = period.to;
    text zone = t->cells[2];
    int window = words_find(meter_window_words, text_cut(&zone, ' '));
    if (window != FIELD_ENUM_NONE)
        query.window = (enum meter_window)window;
    query.time_zone = zone;
    query.customers.items = ARENA_ARRAY(arena, struct meter_customer, 4);
    query.filters.items = ARENA_ARRAY(arena, struct filter_entry, 4);
    text rest = text_equal(t->cells[3], TEXT("-")) ? TEXT_NONE : t->cells[3];
    while (rest.ptr != NULL)
        add_option(arena, &query, text_cut(&rest, ' '));
    return query;
}

/* All rows of the query before have been looked at. */
static void end_query(struct scenario *s)
{
    if (s->has_result)
        OK(s->next_row == s->result.count, "%.*s: %zu rows", TEXT_ARG(s->name), s->next_row);
    s->has_result = false;
}

static void run_query(struct scenario *s, struct table *t)
{
    struct cx *cx = &s->f->cx;
    struct meter_query query = query_of(cx->arena, t);
    meter_query_normalize(&query, cx->arena);
    MUST(meter_query_check(&s->meter, &query, DIALECT_V3, &cx->problem));
    enum err err = meter_query_run(cx, &s->meter, &query, &s->result);
    MUST(err == OK);
    s->next_row = 0;
    s->has_result = true;
}

static text groups_of(struct arena *arena, const struct meter_result *result,
                      const struct meter_row *row)
{
    struct buffer out = { .arena = arena };
    if (result->has_subject)
        buffer_format(&out, " subject=%.*s", TEXT_ARG(row->subject));
    if (result->has_customer)
        buffer_format(&out, " customer=%.*s", TEXT_ARG(row->customer->key));
    for (size_t i = 0; i < result->dimensions.count; i++)
        buffer_format(&out, " %.*s=%.*s", TEXT_ARG(result->dimensions.items[i]),
                      TEXT_ARG(row->dimensions[i]));
    return out.len == 0 ? TEXT("-") : text_slice(buffer_text(&out), 1, out.len);
}

static void check_row(struct scenario *s, struct table *t)
{
    struct arena *arena = s->f->cx.arena;
    text want = text_format(arena, "%.*s | %.*s | %.*s", TEXT_ARG(t->cells[1]),
                            TEXT_ARG(t->cells[2]), TEXT_ARG(t->cells[3]));
    text got = TEXT("no row");
    if (s->next_row < s->result.count) {
        const struct meter_row *row = &s->result.rows[s->next_row++];
        got = text_format(
            arena, "%.*s | %.*s .. %.*s | %.*s", TEXT_ARG(dec_text(arena, row->value)),
            TEXT_ARG(instant_text(arena, row->from)), TEXT_ARG(instant_text(arena, row->to)),
            TEXT_ARG(groups_of(arena, &s->result, row)));
    }
    if (!OK(text_equal(got, want), "%.*s: %s:%d", TEXT_ARG(s->name), t->path, t->line))
        printf("# got  %.*s\n# want %.*s\n", TEXT_ARG(got), TEXT_ARG(want));
}

static void test_scenarios(struct fixture *f, const char *path)
{
    struct scenario s = { .f = f };
    struct table t = table_open(f->cx.arena, path, 4);
    while (table_next(&t)) {
        text verb = t.cells[0];
        if (!text_equal(verb, TEXT("row")))
            end_query(&s);
        if (text_equal(verb, TEXT("now")))
            f->cx.now = instant_must(t.cells[1]);
        else if (text_equal(verb, TEXT("meter")))
            start_meter(&s, &t);
        else if (text_equal(verb, TEXT("event")))
            send_event(&s, &t);
        else if (text_equal(verb, TEXT("query")))
            run_query(&s, &t);
        else
            check_row(&s, &t);
    }
    end_query(&s);
    table_close(&t);
}

/* ---- what a table does not say ------------------------------------------------------------ */

static struct meter sum_meter(struct fixture *f, text type)
{
    return (struct meter){
        .org = f->cx.org,
        .key = TEXT("m"),
        .aggregation = METER_SUM,
        .event_type = type,
        .events_from = INSTANT_NONE,
        .value_property = TEXT("$.v"),
    };
}

static void test_replay(struct fixture *f)
{
    struct cx *cx = &f->cx;
    struct meter meter = sum_meter(f, TEXT("replay"));
    struct usage_event first = event_new(
        f, meter.event_type, instant_must(TEXT("2025-01-01T00:00:00Z")), TEXT("{\"v\":1}"));
    struct usage_event other = first;
    other.data = TEXT("{\"v\":100}");
    OK(events_send(f, &first, 1).accepted == 1, "35: the first is kept");
    struct usage_receipt receipt = events_send(f, &other, 1);
    OK(receipt.accepted == 0 && receipt.duplicates == 1 && receipt.conflicts == 1,
       "35: another payload is a conflicting duplicate");
    static const int64_t later[] = { 25, 35 * 24, 400 * 24 };
    for (size_t i = 0; i < COUNT_OF(later); i++) {
        struct usage_event again = first;
        again.ingested_at.ns += later[i] * NS_PER_HOUR;
        again.time.ns += later[i] * NS_PER_HOUR;
        OK(events_send(f, &again, 1).accepted == 0, "37: still once after %lld hours",
           (long long)later[i]);
    }
    struct meter_query query = METER_QUERY_ALL;
    struct meter_result result;
    OK(meter_query_run(cx, &meter, &query, &result) == OK && result.count == 1 &&
           dec_equal(result.rows[0].value, dec_of_int(1)),
       "35, 37, M5: counted once");
}

/* The value of the one row of a query; 0 when there is none. */
static enum err total_of(struct cx *cx, const struct meter *meter, const struct meter_query *query,
                         dec *ret)
{
    struct meter_result result;
    enum err err = meter_query_run(cx, meter, query, &result);
    if (err == OK)
        *ret = result.count == 1 ? result.rows[0].value : DEC_ZERO;
    return err;
}

static void test_total(struct fixture *f)
{
    struct cx *cx = &f->cx;
    struct meter meter = sum_meter(f, TEXT("total"));
    instant at = instant_must(TEXT("2025-01-01T00:00:00Z"));
    struct usage_event event = event_new(f, meter.event_type, at, TEXT("{\"v\":2.50}"));
    uint64_t before = events_send(f, &event, 1).sequence_last;
    event = event_new(f, meter.event_type, at, TEXT("{\"v\":0.25}"));
    (void)events_send(f, &event, 1);
    text subjects[] = { TEXT("c1"), TEXT("c9") };
    struct meter_query query = { .window = METER_WINDOW_NONE,
                                 .subjects = { subjects, 2 },
                                 .has_subjects = true,
                                 .from = at,
                                 .to = { at.ns + NS_PER_DAY } };
    dec total = DEC_INVALID;
    OK(total_of(cx, &meter, &query, &total) == OK, "a total is computed");
    IS_TEXT(dec_text(cx->arena, total), "2.75", "a total adds all subjects");
    query.sequence_max = before;
    OK(total_of(cx, &meter, &query, &total) == OK && dec_equal(total, dec_of_parts(25, 1)),
       "c: a total at a sequence number does not see later events");
    query.subjects.count = 0;
    OK(total_of(cx, &meter, &query, &total) == OK && dec_is_zero(total),
       "4.3: a customer without subjects has no usage, not everyone's");
    meter.aggregation = METER_COUNT;
    meter.value_property = TEXT_NONE;
    query = (struct meter_query){ .window = METER_WINDOW_NONE,
                                  .subjects = { subjects, 2 },
                                  .has_subjects = true,
                                  .from = { 0 },
                                  .to = { 1 } };
    OK(total_of(cx, &meter, &query, &total) == OK && dec_is_zero(total),
       "M2: a count without events is 0");
}

static void test_events_from(struct fixture *f)
{
    struct cx *cx = &f->cx;
    struct meter meter = sum_meter(f, TEXT("start"));
    instant at = instant_must(TEXT("2025-01-01T00:00:00Z"));
    for (int i = 0; i < 3; i++) {
        instant moment = { at.ns + i * NS_PER_DAY };
        struct usage_event event = event_new(f, meter.event_type, moment, TEXT("{\"v\":1}"));
        (void)events_send(f, &event, 1);
    }
    meter.events_from = (instant){ at.ns + NS_PER_DAY };
    struct meter_query query = METER_QUERY_ALL;
    struct meter_result result;
    query.from = at;
    OK(meter_query_run(cx, &meter, &query, &result) == OK && result.count == 1 &&
           dec_equal(result.rows[0].value, dec_of_int(2)),
       "4.3: events before the meter's start do not count");
    OK(instant_equal(result.rows[0].from, at), "4.3: the row speaks of the period asked for");
    query.to = meter.events_from;
    OK(meter_query_run(cx, &meter, &query, &result) == OK && result.count == 0,
       "4.3: nor is there anything before it");
}

static void test_overflow(struct fixture *f)
{
    struct cx *cx = &f->cx;
    struct meter meter = sum_meter(f, TEXT("overflow"));
    for (int i = 0; i < 2; i++) {
        struct usage_event event = event_new(
            f, meter.event_type, cx->now, TEXT("{\"v\":90000000000000000000000000000000000000}"));
        (void)events_send(f, &event, 1);
    }
    struct meter_query query = METER_QUERY_ALL;
    struct meter_result result;
    OK(meter_query_run(cx, &meter, &query, &result) == ERR_REFUSED &&
           cx->problem.fault == FAULT_AMOUNT_OVERFLOW,
       "47: a sum that does not fit is refused, never wrong");
    fixture_forget(f);
}

static void test_values(struct fixture *f)
{
    struct cx *cx = &f->cx;
    struct meter meter = sum_meter(f, TEXT("values"));
    struct text_pair pair = { TEXT("model"), TEXT("$.m") };
    meter.dimensions = (struct text_map){ &pair, 1 };
    static const char *const rows[][2] = { { "c2", "{\"m\":\"b\"}" },
                                           { "c1", "{\"m\":\"a\"}" },
                                           { "c2", "{}" },
                                           { "c1", "{\"m\":\"b\"}" } };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct usage_event event = event_new(f, meter.event_type, cx->now, text_of(rows[i][1]));
        event.subject = text_of(rows[i][0]);
        (void)events_send(f, &event, 1);
    }
    struct text_list list;
    OK(meter_subjects(cx, &meter, INSTANT_NONE, INSTANT_NONE, &list) == OK && list.count == 2 &&
           text_equal(list.items[0], TEXT("c1")) && text_equal(list.items[1], TEXT("c2")),
       "4.3: distinct subjects, sorted");
    struct meter_values_query query = { TEXT("model"), INSTANT_NONE, INSTANT_NONE };
    OK(meter_values(cx, &meter, &query, &list) == OK && list.count == 3 && list.items[0].len == 0 &&
           text_equal(list.items[2], TEXT("b")),
       "4.3: distinct values, sorted");
    query.from = (instant){ cx->now.ns + 1 };
    OK(meter_values(cx, &meter, &query, &list) == OK && list.count == 0, "4.3: values of a period");
    query.dimension = TEXT("color");
    OK(meter_values(cx, &meter, &query, &list) == ERR_REFUSED &&
           cx->problem.fault == FAULT_QUERY_INVALID,
       "4.3: an unknown dimension is refused");
    fixture_forget(f);
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2025-06-15T12:00:00Z");
    test_scenarios(&f, "test/vectors/meter/query.vec");
    test_scenarios(&f, "test/vectors/meter/aggregation.vec");
    fixture_at(&f, "2025-06-15T12:00:00Z");
    test_replay(&f);
    test_total(&f);
    test_events_from(&f);
    test_overflow(&f);
    test_values(&f);
    fixture_close(&f);
    return tap_end();
}
