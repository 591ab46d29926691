/* quantity.c: a line's price decides how its meter is asked. */
#include "bill/quantity.h"

#include "bill/life.h"
#include "meter/meter_flow.h"

enum err metering_open(struct cx *cx, struct customer_id customer, struct metering *ret)
{
    struct list found;
    enum err err = customer_attributions(cx, customer, &found);
    const struct attribution *rows = found.items;
    struct period *periods;

    CHECK(ret != NULL);
    if (err != OK)
        return err;
    periods = ARENA_ARRAY(cx->arena, struct period, found.count);
    *ret = (struct metering){
        .cx = *cx,
        .customer = { .id = customer.ulid,
                      .subjects = { ARENA_ARRAY(cx->arena, text, found.count), found.count },
                      .periods = periods },
        .sequence = usage_sequence(cx->usage),
    };
    for (size_t i = 0; i < found.count; i++) {
        ret->customer.subjects.items[i] = rows[i].subject;
        periods[i] = (struct period){ rows[i].valid_from, rows[i].valid_to };
    }
    return OK;
}

/* What to ask for one line. */
struct question {
    struct metering *metering;
    const struct price *price;
    struct feature feature;
    struct meter meter;
    struct meter_query query;
};

static enum err feature_known(struct metering *metering, struct feature_id id, struct feature *ret)
{
    const struct feature *features = metering->features.items;

    for (size_t i = 0; i < metering->features.count; i++) {
        if (!ulid_equal(features[i].id.ulid, id.ulid))
            continue;
        *ret = features[i];
        return OK;
    }
    return feature_get(&metering->cx, id, ret);
}

static bool meter_was_read(const struct metering *metering, struct feature_id id,
                           struct question *question)
{
    const struct meter_read *at = metering->read ? metering->read->first : NULL;

    while (at != NULL && !ulid_equal(at->feature.id.ulid, id.ulid))
        at = at->next;
    if (at == NULL)
        return false;
    question->feature = at->feature;
    question->meter = at->meter;
    return true;
}

/* The line's feature and its meter. */
static enum err meter_find(struct metering *metering, const struct pending_line *line,
                           struct question *ret)
{
    struct cx *cx = &metering->cx;

    if (meter_was_read(metering, line->feature_id, ret))
        return OK;
    enum err err = feature_known(metering, line->feature_id, &ret->feature);
    if (err != OK)
        return err;
    if (ulid_is_zero(ret->feature.meter_id.ulid))
        return problem_refuse(&cx->problem, FAULT_METER_ABSENT, "the feature has no meter");
    err = meter_get(cx, ulid_text(cx->arena, ret->feature.meter_id.ulid), &ret->meter);
    if (err == OK && metering->read != NULL) {
        struct meter_read *read = ARENA_ARRAY(cx->arena, struct meter_read, 1);
        *read = (struct meter_read){ ret->feature, ret->meter, metering->read->first };
        metering->read->first = read;
    }
    return err;
}

/* The feature's meter, and the query for the line's period. */
static enum err question_open(struct metering *metering, const struct pending_line *line,
                              struct question *ret)
{
    *ret = (struct question){ .metering = metering, .price = &line->terms.price };
    enum err err = meter_find(metering, line, ret);

    if (err != OK)
        return err;
    ret->query = METER_QUERY_ALL;
    ret->query.from = line->service_from;
    ret->query.to = line->service_to;
    ret->query.has_customers = true;
    ret->query.customers = (struct meter_customers){ &metering->customer, 1 };
    ret->query.filters = ret->feature.conditions;
    ret->query.sequence_max = metering->sequence;
    return OK;
}

static enum err ask(struct question *question, struct meter_result *ret)
{
    return meter_query_run(&question->metering->cx, &question->meter, &question->query, ret);
}

static enum err gather_total(struct question *question, struct line_usage *ret)
{
    struct meter_result result;
    enum err err = ask(question, &result);

    if (err != OK)
        return err;
    CHECK(result.count <= 1);
    *ret = (struct line_usage){ .quantity = result.count == 1 ? result.rows[0].value : DEC_ZERO };
    return OK;
}

/* Adds to the share of a place, which is there or is made. */
static void share_add(struct line_usage *usage, size_t place, dec quantity)
{
    size_t i = 0;

    while (i < usage->share_count && usage->shares[i].place != place)
        i++;
    if (i == usage->share_count)
        usage->shares[usage->share_count++] = (struct rate_share){ place, DEC_ZERO, DEC_ZERO };
    usage->shares[i].quantity = dec_add(usage->shares[i].quantity, quantity);
    usage->quantity = dec_add(usage->quantity, quantity);
}

/* Every transaction has its value: how often each came. */
static enum err gather_values(struct question *question, struct line_usage *ret)
{
    struct cx *cx = &question->metering->cx;
    struct meter_numbers numbers;
    enum err err;

    if (!meter_has_numbers(&question->meter))
        return problem_refuse(&cx->problem, FAULT_LINE_QUANTITY,
                              "the meter counts, and a price by transaction needs values");
    err = meter_query_numbers(cx, &question->meter, &question->query, &numbers);
    if (err != OK)
        return err;
    *ret = (struct line_usage){ .quantity = DEC_ZERO,
                                .shares = ARENA_ARRAY(cx->arena, struct rate_share, numbers.count),
                                .share_count = numbers.count };
    for (size_t i = 0; i < numbers.count; i++) {
        dec count = dec_of_int(numbers.items[i].count);

        ret->shares[i] = (struct rate_share){ i, numbers.items[i].value, count };
        ret->quantity = dec_add(ret->quantity, dec_mul(numbers.items[i].value, count));
    }
    return OK;
}

static enum err gather_cells(struct question *question, struct line_usage *ret)
{
    struct cx *cx = &question->metering->cx;
    const struct price *price = question->price;
    struct meter_result result;
    enum err err;

    for (size_t i = 0; i < price->dimensions.count; i++) {
        if (text_map_get(&question->meter.dimensions, price->dimensions.items[i]).ptr == NULL)
            return problem_refuse(&cx->problem, FAULT_LINE_QUANTITY,
                                  "the meter has no dimension %.*s",
                                  TEXT_ARG(price->dimensions.items[i]));
    }
    question->query.group_by = price->dimensions;
    err = ask(question, &result);
    if (err != OK)
        return err;
    *ret = (struct line_usage){
        .quantity = DEC_ZERO,
        .shares = ARENA_ARRAY(cx->arena, struct rate_share, price->cells.count + 1),
    };
    for (size_t i = 0; i < result.count; i++) {
        const struct text_list values = { result.rows[i].dimensions, price->dimensions.count };

        share_add(ret, price_cell_find(price, &values), result.rows[i].value);
    }
    return OK;
}

/* The coarsest windows that lie within one window of the price each. */
static enum meter_window window_for(const struct price *price)
{
    const struct price_window *windows = price->windows.items;

    for (size_t i = 0; i < price->windows.count; i++) {
        if (windows[i].from_minute % 60 != 0 || windows[i].to_minute % 60 != 0)
            return METER_WINDOW_MINUTE;
    }
    return METER_WINDOW_HOUR;
}

/* 1 January 1970 was a Thursday. */
static size_t window_of(const struct price *price, instant at, const struct zone *zone)
{
    int64_t seconds = instant_floor(at, NS_PER_SECOND).ns / NS_PER_SECOND;
    int64_t minutes;

    seconds += zone_offset_seconds(zone, at);
    minutes = seconds / 60 - (seconds % 60 < 0 ? 1 : 0);
    int64_t day = minutes / (24 * 60) - (minutes % (24 * 60) < 0 ? 1 : 0);
    return price_window_find(price, (int)(((day + 3) % 7 + 7) % 7), (int)(minutes - day * 24 * 60));
}

static enum err gather_times(struct question *question, struct line_usage *ret)
{
    struct cx *cx = &question->metering->cx;
    const struct price *price = question->price;
    const struct zone *zone = zone_find(price->time_zone);
    struct meter_result result;
    enum err err;

    CHECK(zone != NULL);
    question->query.window = window_for(price);
    question->query.time_zone = price->time_zone;
    err = ask(question, &result);
    if (err != OK)
        return err;
    *ret = (struct line_usage){
        .quantity = DEC_ZERO,
        .shares = ARENA_ARRAY(cx->arena, struct rate_share, price->windows.count + 1),
    };
    for (size_t i = 0; i < result.count; i++)
        share_add(ret, window_of(price, result.rows[i].from, zone), result.rows[i].value);
    return OK;
}

/* Asks as the price wants it. */
static enum err question_answer(struct question *question, const struct pending_line *line,
                                struct line_usage *ret)
{
    enum err err = OK;

    switch (price_split_of(line->terms.price.type)) {
    case PRICE_SPLIT_NONE:
        err = gather_total(question, ret);
        break;
    case PRICE_SPLIT_VALUES:
        err = gather_values(question, ret);
        break;
    case PRICE_SPLIT_CELLS:
        err = gather_cells(question, ret);
        break;
    case PRICE_SPLIT_TIMES:
        err = gather_times(question, ret);
        break;
    }
    return err;
}

enum err quantity_gather(struct metering *metering, const struct pending_line *line,
                         struct line_usage *usage)
{
    struct question question;
    struct line_usage answer = line_usage_none();
    enum err err = question_open(metering, line, &question);

    CHECK(price_is_metered(line->terms.price.type));
    bool is_assumed = life_quantity_of(&metering->cx, line, usage->measured_from, &answer.quantity);
    if (err == OK && !instant_is_none(usage->measured_from))
        question.query.from = usage->measured_from;
    if (err == OK && !is_assumed)
        err = question_answer(&question, line, &answer);
    if (err != OK)
        return err;
    usage->quantity = dec_sub(answer.quantity, usage->prior_quantity);
    usage->shares = answer.shares;
    usage->share_count = answer.share_count;
    if (!dec_is_valid(usage->quantity))
        return problem_refuse(&metering->cx.problem, FAULT_AMOUNT_OVERFLOW, "%s", "");
    return OK;
}
