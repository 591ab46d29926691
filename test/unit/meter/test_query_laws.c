/* test_query_laws.c: what holds for every query, tried on seeded random events. Of each query the
 * printed answer is the same bytes
 *
 *   as that of a slow computation written down a second time (oracle.h);
 *   whatever the order of arrival, and however often events are sent again (but for ties in time,
 *   which the order of arrival is to decide);
 *   with rollups, of which a part of the events is in sealed segments, as from raw events;
 *   after a restart.
 *
 * And the groups of a sum add up to the total, and so do its windows.
 */
#include "lib/law.h"
#include "unit/meter/oracle.h"

#include "meter/meter_rollup.h"
#include "meter/query_write.h"
#include "rollup/rollup.h"

#define WORLDS  40
#define QUERIES 250

/* Two days around a change of the clock in Europe. */
#define START (1743206400 * NS_PER_SECOND)
#define DAYS  2

static const char *const zones[] = { "UTC", "Europe/Budapest", "America/New_York", "Asia/Kolkata" };

struct trial {
    struct fixture *f;
    struct world world;
    text type;
    text type_backwards;
    bool has_ties;
    struct meter meters[METER_AGGREGATION_COUNT];
    struct rollup *rollup;
};

/* ---- events ------------------------------------------------------------------------------- */

static bool chance(int64_t of)
{
    return law_between(1, of) == 1;
}

static text dimension_random(const char *name)
{
    int64_t n = law_between(0, 3);
    static char texts[2][4][4];
    char *t = texts[name[0] == 'b'][n];
    snprintf(t, sizeof(texts[0][0]), "%s%d", name, (int)n);
    return n == 0 ? TEXT_NONE : text_of(t);
}

static struct sample sample_random(void)
{
    int64_t half_minutes = law_between(0, DAYS * 24 * 120 - 1);
    struct sample s = {
        .at = { START + half_minutes * (30 * NS_PER_SECOND) + (chance(8) ? 1 : 0) },
        .subject = (int)law_between(0, SUBJECTS - 1),
        .kind = chance(2) ? SAMPLE_NUMBER : (enum sample_kind)law_between(0, SAMPLE_WORD),
        .number = dec_of_parts(law_between(-200, 1000), (int32_t)law_between(0, 3)),
        .a = dimension_random("a"),
        .b = dimension_random("b"),
    };
    return s;
}

static text sample_data(struct arena *arena, const struct sample *s)
{
    struct buffer out = { .arena = arena };
    text number = dec_text(arena, s->number);
    buffer_add_cstr(&out, "{");
    if (s->a.ptr != NULL)
        buffer_format(&out, "\"a\":\"%.*s\",", TEXT_ARG(s->a));
    if (s->b.ptr != NULL)
        buffer_format(&out, "\"b\":{\"c\":\"%.*s\"},", TEXT_ARG(s->b));
    switch (s->kind) {
    case SAMPLE_NUMBER:
        buffer_format(&out, "\"v\":%.*s,", TEXT_ARG(number));
        break;
    case SAMPLE_STRING:
        buffer_format(&out, "\"v\":\"%.*s\",", TEXT_ARG(number));
        break;
    case SAMPLE_NULL:
        buffer_add_cstr(&out, "\"v\":null,");
        break;
    case SAMPLE_WORD:
        buffer_add_cstr(&out, "\"v\":\"word\",");
        break;
    case SAMPLE_NOTHING:
        break;
    }
    buffer_add_cstr(&out, "\"x\":0}");
    return buffer_text(&out);
}

/* Sends samples from..to in a batch, some of them twice; backwards: the last one first. */
static void send(struct trial *t, size_t from, size_t to, bool is_backwards)
{
    struct usage_event events[2 * SAMPLES_MAX];
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        const struct sample *s = &t->world.samples[is_backwards ? to - 1 - (i - from) : i];
        events[count] = event_new(t->f, is_backwards ? t->type_backwards : t->type, s->at,
                                  sample_data(t->f->cx.arena, s));
        events[count++].subject = sample_subject(s);
        if (chance(6)) {
            events[count] = events[count - 1];
            count++;
        }
    }
    if (count > 0)
        (void)events_send(t->f, events, count);
}

static bool has_ties(const struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        for (size_t k = i + 1; k < world->count; k++) {
            if (instant_equal(world->samples[i].at, world->samples[k].at))
                return true;
        }
    }
    return false;
}

/* ---- meters ------------------------------------------------------------------------------- */

static instant instant_random(void)
{
    static const int64_t units[] = { 1, NS_PER_SECOND, NS_PER_MINUTE, NS_PER_HOUR };
    instant t = { START + law_between(-NS_PER_HOUR, (DAYS * 24 + 1) * NS_PER_HOUR) };
    return instant_floor(t, units[law_between(0, COUNT_OF(units) - 1)]);
}

static void make_meters(struct trial *t)
{
    static struct text_pair dimensions[] = { { TEXT_INIT("a"), TEXT_INIT("$.a") },
                                             { TEXT_INIT("b"), TEXT_INIT("$.b.c") } };
    static const char *const windows[] = { "PT30M", "PT5H", "P1D", "PT1.5S" };
    for (int i = 0; i < METER_AGGREGATION_COUNT; i++) {
        struct meter *meter = &t->meters[i];
        *meter = (struct meter){
            .id = { cx_ulid(&t->f->cx) },
            .org = t->f->cx.org,
            .key = TEXT("m"),
            .aggregation = (enum meter_aggregation)i,
            .event_type = t->type,
            .events_from = chance(4) ? instant_random() : INSTANT_NONE,
            .dimensions = { dimensions, COUNT_OF(dimensions) },
            .quantile = dec_of_parts(law_between(1, 100), 2),
            .time_unit = (enum meter_time_unit)law_between(METER_SECOND, METER_DAY),
        };
        if (i != METER_COUNT)
            meter->value_property = TEXT("$.v");
        MUST(span_parse(text_of(windows[law_between(0, 3)]), &meter->sliding_window));
    }
}

static void make_trial(struct trial *t, struct fixture *f, struct rollup *rollup, int number)
{
    struct arena *arena = f->cx.arena;
    *t = (struct trial){ .f = f, .rollup = rollup };
    t->type = text_format(arena, "t%d", number);
    t->type_backwards = text_format(arena, "t%d_backwards", number);
    t->world.count = (size_t)law_between(1, SAMPLES_MAX);
    for (size_t i = 0; i < t->world.count; i++)
        t->world.samples[i] = sample_random();
    t->has_ties = has_ties(&t->world);
    make_meters(t);
}

/* ---- queries ------------------------------------------------------------------------------ */

static struct filter filter_random(struct arena *arena)
{
    static const enum filter_op ops[] = { FILTER_EQ,     FILTER_NE,     FILTER_IN,
                                          FILTER_NOT_IN, FILTER_EXISTS, FILTER_NOT_EXISTS };

    static text values[] = { TEXT_INIT("a1"), TEXT_INIT(""), TEXT_INIT("b2"), TEXT_INIT("a3") };
    struct filter filter = { .op = ops[law_between(0, COUNT_OF(ops) - 1)] };
    filter.value = values[law_between(0, 3)];
    filter.values = (struct text_list){ values + law_between(0, 2), 2 };
    (void)arena;
    return filter;
}

/* Two customers; c0 may move from one to the other. */
static void add_customers(struct arena *arena, struct meter_query *query)
{
    static text subjects[] = { TEXT_INIT("c0"), TEXT_INIT("c1") };
    struct meter_customer *customers = ARENA_ARRAY(arena, struct meter_customer, 2);
    struct period *periods = ARENA_ARRAY(arena, struct period, 3);
    bool is_moving = chance(2);
    instant at = instant_random();
    periods[0] = (struct period){ INSTANT_NONE, is_moving ? at : INSTANT_NONE };
    periods[1] = (struct period){ at, INSTANT_NONE };
    periods[2] = (struct period){ INSTANT_NONE, INSTANT_NONE };
    customers[0].id.bytes[0] = 1;
    customers[0].subjects = (struct text_list){ subjects, 1 };
    customers[0].periods = periods;
    customers[1].id.bytes[0] = 2;
    customers[1].subjects = (struct text_list){ subjects + !is_moving, is_moving ? 2 : 1 };
    customers[1].periods = periods + (is_moving ? 1 : 2);
    query->customers = (struct meter_customers){ customers, (size_t)law_between(1, 2) };
    query->has_customers = true;
}

static void add_period(struct meter_query *query)
{
    if (chance(2))
        query->from = instant_random();
    if (chance(2))
        query->to = instant_random();
    bool is_bounded = !instant_is_none(query->from) && !instant_is_none(query->to);
    if (query->window == METER_WINDOW_MINUTE) {
        /* A few hours at most: there are rows for windows without events. */
        query->from = instant_random();
        query->to = (instant){ query->from.ns + law_between(1, 3 * NS_PER_HOUR) };
    } else if (is_bounded && query->to.ns <= query->from.ns) {
        query->to = (instant){ query->from.ns + law_between(1, NS_PER_DAY) };
    }
}

static struct meter_query query_random(struct arena *arena)
{
    static text subjects[] = { TEXT_INIT("c0"), TEXT_INIT("c1"), TEXT_INIT("c9") };
    static text names[] = { TEXT_INIT("subject"), TEXT_INIT("a"), TEXT_INIT("b") };
    struct meter_query query = METER_QUERY_ALL;
    query.window = (enum meter_window)law_between(0, METER_WINDOW_NONE);
    query.time_zone = text_of(zones[law_between(0, COUNT_OF(zones) - 1)]);
    int64_t first = law_between(0, 2);
    query.group_by = (struct text_list){ names + first,
                                         (size_t)law_between(0, (int64_t)COUNT_OF(names) - first) };
    if (chance(3)) {
        query.has_subjects = true;
        query.subjects = (struct text_list){ subjects + law_between(0, 1), 2 };
    }
    if (chance(4))
        add_customers(arena, &query);
    query.filters.items = ARENA_ARRAY(arena, struct filter_entry, 2);
    for (size_t i = 0; i < 2; i++) {
        if (chance(4))
            query.filters.items[query.filters.count++] =
                (struct filter_entry){ names[i + 1], filter_random(arena) };
    }
    add_period(&query);
    meter_query_normalize(&query, arena);
    return query;
}

/* ---- the laws ----------------------------------------------------------------------------- */

static struct law law_oracle = { .name = "4.3: rows are those of the slow computation" };
static struct law law_order = { .name = "42: order of arrival and sending again change nothing" };
static struct law law_rollups = { .name = "rollups and raw events give the same bytes" };
static struct law law_groups = { .name = "groups add up to the total" };
static struct law law_windows = { .name = "windows add up to the period" };

static text print(struct arena *arena, const struct meter_result *result)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    meter_result_write(&w, DIALECT_V3, result);
    return buffer_text(&out);
}

static struct meter_result run(struct cx *cx, const struct meter *meter,
                               const struct meter_query *query)
{
    struct meter_result result;
    MUST(meter_query_run(cx, meter, query, &result) == OK);
    return result;
}

static void check_oracle(struct trial *t, const struct meter *meter,
                         const struct meter_query *query, const struct meter_result *result)
{
    struct cx *cx = &t->f->cx;
    struct oracle oracle = {
        .world = &t->world,
        .meter = meter,
        .query = query,
        .now = cx->now,
        .arena = cx->arena,
    };
    struct meter_result slow = *result;
    oracle_run(&oracle, &slow);
    text got = print(cx->arena, result);
    text want = print(cx->arena, &slow);
    law_case(&law_oracle, text_equal(got, want), "%s, window %d: %.*s, not %.*s",
             meter_aggregation_words[meter->aggregation], (int)query->window, TEXT_ARG(got),
             TEXT_ARG(want));
}

static void check_order(struct trial *t, const struct meter *meter, const struct meter_query *query,
                        const struct meter_result *result)
{
    struct cx *cx = &t->f->cx;
    struct meter backwards = *meter;
    backwards.event_type = t->type_backwards;
    struct meter_result other = run(cx, &backwards, query);
    text got = print(cx->arena, &other);
    text want = print(cx->arena, result);
    bool is_by_arrival = meter->aggregation == METER_LATEST ||
                         meter->aggregation == METER_INTEGRAL ||
                         meter->aggregation == METER_TIME_WEIGHTED_AVERAGE;
    if (!t->has_ties || !is_by_arrival)
        law_case(&law_order, text_equal(got, want), "%s: %.*s, not %.*s",
                 meter_aggregation_words[meter->aggregation], TEXT_ARG(got), TEXT_ARG(want));
}

static dec sum_of(const struct meter_result *result)
{
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < result->count; i++)
        sum = dec_add(sum, result->rows[i].value);
    return sum;
}

/* Sums, counts, and integrals in seconds, of which no digit is lost. */
static void check_sums(struct trial *t, const struct meter *meter, const struct meter_query *query,
                       const struct meter_result *result)
{
    struct cx *cx = &t->f->cx;
    struct meter_query whole = *query;
    bool adds_up = meter->aggregation == METER_SUM || meter->aggregation == METER_COUNT ||
                   (meter->aggregation == METER_INTEGRAL && meter->time_unit == METER_SECOND);
    if (!adds_up)
        return;
    dec sum = sum_of(result);
    whole.window = METER_WINDOW_NONE;
    struct meter_result other = run(cx, meter, &whole);
    law_case(&law_windows, dec_equal(sum, sum_of(&other)), "%s",
             meter_aggregation_words[meter->aggregation]);
    whole.group_by.count = 0;
    other = run(cx, meter, &whole);
    law_case(&law_groups, other.count <= 1 && dec_equal(sum, sum_of(&other)), "%s",
             meter_aggregation_words[meter->aggregation]);
}

static void check_rollups(struct trial *t, const struct meter *meter,
                          const struct meter_query *query, const struct meter_result *result)
{
    struct cx *cx = &t->f->cx;
    cx->rollup = t->rollup;
    struct meter_result rolled = run(cx, meter, query);
    cx->rollup = NULL;
    text got = print(cx->arena, &rolled);
    text want = print(cx->arena, result);
    law_case(&law_rollups, text_equal(got, want), "%s, window %d: %.*s, not %.*s",
             meter_aggregation_words[meter->aggregation], (int)query->window, TEXT_ARG(got),
             TEXT_ARG(want));
}

/* Seals what has been sent, and makes rollups of it. */
static void roll_up(struct trial *t)
{
    struct cx *cx = &t->f->cx;
    if (usage_sequence(cx->usage) == 0)
        return;
    MUST(usage_seal(cx->usage) == OK);
    MUST(rollup_catch_up(t->rollup) == OK);
    cx->rollup = t->rollup;
    struct meter_rollup progress = meter_rollup_progress(cx, &t->meters[METER_SUM]);
    cx->rollup = NULL;
    MUST(progress.is_kept && progress.is_complete && progress.valid_to > 0);
}

/* Sends the samples, with rollups of none, a part or all of them. */
static void send_all(struct trial *t)
{
    struct cx *cx = &t->f->cx;
    size_t first = (size_t)law_between(0, (int64_t)t->world.count);
    size_t second = (size_t)law_between((int64_t)first, (int64_t)t->world.count);
    cx->rollup = t->rollup;
    for (int i = 0; i < METER_AGGREGATION_COUNT; i++)
        meter_rollup_keep(cx, &t->meters[i]);
    cx->rollup = NULL;
    send(t, 0, first, false);
    if (!chance(8))
        roll_up(t);
    send(t, first, second, false);
    if (chance(2))
        roll_up(t);
    send(t, second, t->world.count, false);
    send(t, 0, t->world.count, true);
}

static void run_trial(struct trial *t)
{
    struct cx *cx = &t->f->cx;
    struct arena *arena = cx->arena;
    CLEANUP(arena_cleanup) struct arena *scratch = arena_new();
    send_all(t);
    cx->arena = scratch;
    for (int i = 0; i < QUERIES; i++) {
        arena_reset(scratch);
        const struct meter *meter = &t->meters[law_between(0, METER_AGGREGATION_COUNT - 1)];
        struct meter_query query = query_random(cx->arena);
        cx->now = (instant){ START + law_between(DAYS * NS_PER_DAY, (DAYS + 1) * NS_PER_DAY) };
        MUST(meter_query_check(meter, &query, DIALECT_V3, &cx->problem));
        struct meter_result result = run(cx, meter, &query);
        check_oracle(t, meter, &query, &result);
        check_rollups(t, meter, &query, &result);
        check_order(t, meter, &query, &result);
        check_sums(t, meter, &query, &result);
    }
    cx->arena = arena;
}

/* Files are not flushed here: the laws are about answers, and flushing takes most of the time. */
static int sync_nothing(struct usage_io *io, int fd)
{
    (void)io;
    (void)fd;
    return 0;
}

static int sync_no_directory(struct usage_io *io, const char *path)
{
    (void)io;
    (void)path;
    return 0;
}

/* Opens the log once more, and rollups, without flushing. */
static struct rollup *open_rollups(struct fixture *f, struct usage_io *io)
{
    static char path[DIRECTORY_PATH_MAX + 16];
    struct usage_config usage = { .directory = f->usage_path, .io = io };
    struct rollup_config config = { .directory = path, .io = io, .is_idle = true };
    struct rollup *rollup;
    *io = *usage_io_system();
    io->sync = sync_nothing;
    io->sync_directory = sync_no_directory;
    usage_close(f->cx.usage);
    MUST(usage_open(&usage, &f->cx.usage, NULL) == OK);
    snprintf(path, sizeof(path), "%s/rollup", f->directory);
    config.usage = f->cx.usage;
    MUST(rollup_open(&config, &rollup) == OK);
    return rollup;
}

static void test_restart(struct trial *t)
{
    struct meter_query query = METER_QUERY_ALL;
    struct cx *cx = &t->f->cx;
    query.window = METER_WINDOW_HOUR;
    struct meter_result result = run(cx, &t->meters[METER_SUM], &query);
    text before = print(cx->arena, &result);
    fixture_restart(t->f);
    result = run(cx, &t->meters[METER_SUM], &query);
    OK(text_equal(before, print(cx->arena, &result)), "39: the same rows after a restart");
}

int main(void)
{
    static struct trial trial;
    static struct usage_io io;
    struct fixture f;
    law_seed();
    fixture_open(&f, "2025-06-15T12:00:00Z");
    struct rollup *rollup = open_rollups(&f, &io);
    for (int i = 0; i < WORLDS; i++) {
        make_trial(&trial, &f, rollup, i);
        run_trial(&trial);
    }
    rollup_close(rollup);
    test_restart(&trial);
    law_end(&law_oracle);
    law_end(&law_order);
    law_end(&law_rollups);
    law_end(&law_groups);
    law_end(&law_windows);
    fixture_close(&f);
    return tap_end();
}
