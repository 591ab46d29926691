/* test_query_laws.c: what holds for every query, tried on seeded random events:
 *
 *   a slow computation written down a second time gives the same rows;
 *   the order of arrival does not matter (but for LATEST at one instant), nor does sending twice;
 *   the groups of a sum add up to the total, and so do its windows;
 *   reading the log again after a restart gives the same rows.
 */
#include "rollup/tally.h"
#include "unit/meter/events.h"

#define EVENTS_MAX 24
#define CASES      2000

/* An event as the law sees it. */
struct sample {
    instant at;
    int subject;
    int dimension; /* -1: missing */
    int kind;      /* of the value: 0 number, 1 numeric string, 2 null, 3 missing, 4 word */
    int64_t number;
    int32_t scale;
};

struct trial {
    struct fixture *f;
    struct random *random;
    struct meter meter;
    struct sample samples[EVENTS_MAX];
    size_t count;
};

static const char *const zones[] = { "UTC", "Europe/Budapest", "America/New_York", "Asia/Kolkata" };

static struct sample sample_of(struct random *random)
{
    /* Two days around a change of the clock in Europe, to half a minute. */
    int64_t start = 1743206400 * NS_PER_SECOND;
    return (struct sample){
        .at = { start + (int64_t)random_below(random, 2 * 24 * 120) * (30 * NS_PER_SECOND) },
        .subject = (int)random_below(random, 3),
        .dimension = (int)random_below(random, 4) - 1,
        .kind = (int)random_below(random, 7) % 5,
        .number = (int64_t)random_below(random, 2001) - 1000,
        .scale = (int32_t)random_below(random, 4),
    };
}

static text data_of(struct arena *arena, const struct sample *s)
{
    struct buffer out = { .arena = arena };
    text number = dec_text(arena, dec_of_parts(s->number, s->scale));
    buffer_add_cstr(&out, "{");
    if (s->dimension >= 0)
        buffer_format(&out, "\"d\":\"d%d\",", s->dimension);
    if (s->kind == 0)
        buffer_format(&out, "\"v\":%.*s,", TEXT_ARG(number));
    else if (s->kind == 1)
        buffer_format(&out, "\"v\":\"%.*s\",", TEXT_ARG(number));
    else if (s->kind == 2)
        buffer_add_cstr(&out, "\"v\":null,");
    else if (s->kind == 4)
        buffer_add_cstr(&out, "\"v\":\"word\",");
    buffer_add_cstr(&out, "\"x\":0}");
    return buffer_text(&out);
}

static struct usage_event event_of(struct trial *t, const struct sample *s, text type)
{
    struct arena *arena = t->f->cx.arena;
    struct usage_event event = event_new(t->f, type, s->at, data_of(arena, s));
    event.subject = text_format(arena, "c%d", s->subject);
    return event;
}

/* ---- the second computation --------------------------------------------------------------- */

/* The value of a sample for the meter; false when it has none. Texts count by their form. */
static bool oracle_value(const struct trial *t, const struct sample *s, dec *ret, text *ret_text)
{
    struct arena *arena = t->f->cx.arena;
    *ret = dec_of_parts(s->number, s->scale);
    *ret_text = s->kind <= 1 ? dec_text(arena, *ret) : s->kind == 4 ? TEXT("word") : TEXT("");
    if (t->meter.aggregation == METER_COUNT)
        return true;
    if (t->meter.aggregation == METER_UNIQUE_COUNT)
        return s->kind != 2;
    return s->kind <= 1;
}

/* Whether the sample is in the row, by its window and groups. */
static bool oracle_in_row(const struct sample *s, const struct meter_result *result,
                          const struct meter_row *row, struct arena *arena)
{
    if (instant_before(s->at, row->from) || !instant_before(s->at, row->to))
        return false;
    text subject = text_format(arena, "c%d", s->subject);
    if (result->has_subject && !text_equal(subject, row->subject))
        return false;
    text dimension = s->dimension >= 0 ? text_format(arena, "d%d", s->dimension) : TEXT("");
    return result->dimensions.count == 0 || text_equal(dimension, row->dimensions[0]);
}

struct answer {
    dec value;
    int64_t count;
    instant latest;
    struct text_list seen;
};

static void oracle_add(struct answer *answer, enum meter_aggregation aggregation,
                       const struct sample *s, dec value)
{
    bool is_first = answer->count == 0;
    answer->count++;
    if (is_first)
        answer->value = value;
    else if (aggregation == METER_MIN && dec_compare(value, answer->value) < 0)
        answer->value = value;
    else if (aggregation == METER_MAX && dec_compare(value, answer->value) > 0)
        answer->value = value;
    else if (aggregation == METER_SUM || aggregation == METER_AVG)
        answer->value = dec_add(answer->value, value);
    else if (aggregation == METER_LATEST && s->at.ns >= answer->latest.ns)
        answer->value = value;
    if (is_first || s->at.ns > answer->latest.ns)
        answer->latest = s->at;
}

/* The row's value, by looking at all samples in the order of arrival. */
static dec oracle_row(const struct trial *t, const struct meter_result *result,
                      const struct meter_row *row)
{
    struct arena *arena = t->f->cx.arena;
    struct answer answer = { .seen = { ARENA_ARRAY(arena, text, t->count), 0 } };
    for (size_t i = 0; i < t->count; i++) {
        dec value;
        text form;
        const struct sample *s = &t->samples[i];
        if (!oracle_in_row(s, result, row, arena) || !oracle_value(t, s, &value, &form))
            continue;
        if (!text_list_holds(&answer.seen, form))
            answer.seen.items[answer.seen.count++] = form;
        oracle_add(&answer, t->meter.aggregation, s, value);
    }
    if (answer.count == 0)
        return DEC_INVALID;
    if (t->meter.aggregation == METER_COUNT)
        return dec_of_int(answer.count);
    if (t->meter.aggregation == METER_UNIQUE_COUNT)
        return dec_of_int((int64_t)answer.seen.count);
    if (t->meter.aggregation == METER_AVG)
        return dec_div(answer.value, dec_of_int(answer.count), TALLY_AVG_SCALE, ROUND_HALF_AWAY);
    return answer.value;
}

/* How many samples with a value the rows hold between them; each is in one row. */
static size_t oracle_members(const struct trial *t, const struct meter_result *result)
{
    size_t members = 0;
    for (size_t i = 0; i < t->count; i++) {
        dec value;
        text form;
        if (!oracle_value(t, &t->samples[i], &value, &form))
            continue;
        for (size_t row = 0; row < result->count; row++)
            members +=
                oracle_in_row(&t->samples[i], result, &result->rows[row], t->f->cx.arena) ? 1 : 0;
    }
    return members;
}

static size_t oracle_with_value(const struct trial *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++) {
        dec value;
        text form;
        count += oracle_value(t, &t->samples[i], &value, &form) ? 1 : 0;
    }
    return count;
}

/* ---- trials ------------------------------------------------------------------------------- */

static struct meter_result run(struct trial *t, const struct meter_query *query)
{
    struct meter_result result = { 0 };
    struct cx *cx = &t->f->cx;
    MUST(meter_query_check(&t->meter, query, DIALECT_V3, &cx->problem));
    MUST(meter_query_run(cx, &t->meter, query, &result) == OK);
    return result;
}

static struct trial trial_start(struct fixture *f, struct random *random, int number)
{
    struct trial t = { .f = f, .random = random };
    struct text_pair *pair = ARENA_NEW(f->cx.arena, struct text_pair);
    *pair = (struct text_pair){ TEXT("d"), TEXT("$.d") };
    t.meter = (struct meter){
        .org = f->cx.org,
        .key = TEXT("m"),
        .aggregation = (enum meter_aggregation)random_below(random, METER_QUANTILE),
        .event_type = text_format(f->cx.arena, "t%d", number),
        .events_from = INSTANT_NONE,
        .dimensions = { pair, 1 },
    };
    if (t.meter.aggregation != METER_COUNT)
        t.meter.value_property = TEXT("$.v");
    t.count = 1 + random_below(random, EVENTS_MAX);
    for (size_t i = 0; i < t.count; i++)
        t.samples[i] = sample_of(random);
    return t;
}

static void trial_send(struct trial *t, bool is_backwards, text type)
{
    struct usage_event events[2 * EVENTS_MAX];
    size_t sent = 0;
    for (size_t i = 0; i < t->count; i++) {
        size_t place = is_backwards ? t->count - 1 - i : i;
        events[sent++] = event_of(t, &t->samples[place], type);
        if (random_below(t->random, 4) == 0) {
            events[sent] = events[sent - 1]; /* a client that sends twice */
            sent++;
        }
    }
    (void)events_send(t->f, events, sent);
}

static struct meter_query query_random(struct trial *t)
{
    static text names[] = { TEXT_INIT("subject"), TEXT_INIT("d") };
    struct meter_query query = METER_QUERY_ALL;
    query.window = (enum meter_window)random_below(t->random, METER_WINDOW_NONE);
    query.time_zone = text_of(zones[random_below(t->random, COUNT_OF(zones))]);
    query.group_by.items = names + random_below(t->random, 2);
    query.group_by.count = random_below(t->random, 2);
    if (random_below(t->random, 3) == 0)
        query.group_by = (struct text_list){ names, 2 };
    return query;
}

static bool is_same(const struct meter_result *a, const struct meter_result *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!dec_equal(a->rows[i].value, b->rows[i].value) ||
            !instant_equal(a->rows[i].from, b->rows[i].from) ||
            !text_equal(a->rows[i].subject, b->rows[i].subject))
            return false;
    }
    return true;
}

static bool matches_oracle(struct trial *t, const struct meter_result *result)
{
    for (size_t i = 0; i < result->count; i++) {
        dec want = oracle_row(t, result, &result->rows[i]);
        if (!dec_is_valid(want) || !dec_equal(want, result->rows[i].value))
            return false;
    }
    return oracle_members(t, result) == oracle_with_value(t);
}

static dec sum_of(const struct meter_result *result)
{
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < result->count; i++)
        sum = dec_add(sum, result->rows[i].value);
    return sum;
}

/* Of one trial, which laws failed. */
struct verdict {
    int oracle, order, groups;
};

/* LATEST depends on arrival when two events share an instant. */
static bool has_ties(const struct trial *t)
{
    for (size_t i = 0; i < t->count; i++) {
        for (size_t j = i + 1; j < t->count; j++) {
            if (instant_equal(t->samples[i].at, t->samples[j].at))
                return true;
        }
    }
    return false;
}

static void run_trial(struct trial *t, struct verdict *verdict)
{
    trial_send(t, false, t->meter.event_type);
    struct meter_query query = query_random(t);
    struct meter_result result = run(t, &query);
    verdict->oracle += !matches_oracle(t, &result);
    struct meter backwards = t->meter;
    backwards.event_type =
        text_format(t->f->cx.arena, "%.*s_backwards", TEXT_ARG(t->meter.event_type));
    trial_send(t, true, backwards.event_type);
    struct trial other = *t;
    other.meter = backwards;
    struct meter_result again = run(&other, &query);
    if (t->meter.aggregation != METER_LATEST || !has_ties(t))
        verdict->order += !is_same(&result, &again);
    if (t->meter.aggregation != METER_SUM && t->meter.aggregation != METER_COUNT)
        return;
    query = METER_QUERY_ALL;
    struct meter_result total = run(t, &query);
    MUST(total.count <= 1);
    verdict->groups += !dec_equal(sum_of(&result), sum_of(&total));
}

static void test_restart(struct fixture *f, struct random *random)
{
    struct trial t = trial_start(f, random, CASES);
    struct meter_query query = METER_QUERY_ALL;
    query.window = METER_WINDOW_HOUR;
    trial_send(&t, false, t.meter.event_type);
    struct meter_result before = run(&t, &query);
    fixture_restart(f);
    struct meter_result after = run(&t, &query);
    OK(is_same(&before, &after), "39: the same rows after a restart");
}

int main(void)
{
    const char *text_seed = getenv("SEED");
    uint64_t seed = text_seed != NULL ? strtoull(text_seed, NULL, 10) : 20250329;
    struct random random = random_seeded(seed);
    struct fixture f;
    struct verdict failures = { 0 };
    printf("# SEED=%llu\n", (unsigned long long)seed);
    fixture_open(&f, "2025-06-15T12:00:00Z");
    for (int i = 0; i < CASES; i++) {
        struct verdict verdict = { 0 };
        struct trial t = trial_start(&f, &random, i);
        run_trial(&t, &verdict);
        if (failures.oracle + failures.order + failures.groups == 0 &&
            verdict.oracle + verdict.order + verdict.groups > 0)
            printf("# first failure in trial %d, %s\n", i,
                   meter_aggregation_words[t.meter.aggregation]);
        failures.oracle += verdict.oracle;
        failures.order += verdict.order;
        failures.groups += verdict.groups;
    }
    OK(failures.oracle == 0, "4.3: rows are those of the slow computation, in %d trials", CASES);
    OK(failures.order == 0, "42: order of arrival and sending twice change nothing");
    OK(failures.groups == 0, "groups and windows of a sum add up to the total");
    test_restart(&f, &random);
    fixture_close(&f);
    return tap_end();
}
