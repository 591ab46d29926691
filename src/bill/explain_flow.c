/* explain_flow.c: what is behind a line: gathered, derived, put into words. */
#include "bill/explain.h"
#include "bill/explain_steps.h"
#include "bill/invoice_print.h"
#include "bill/quantity.h"
#include "meter/event_count.h"
#include "meter/meter_flow.h"

/* A line derived, with what it was measured by. */
struct explained {
    struct derived_invoice invoice;
    struct derivation *line;
    struct metering metering;
    struct feature feature;
    struct meter meter; /* with a zero id: it is gone */
    struct period period;
};

static bool is_metered(const struct explained *explained)
{
    return price_is_metered(explained->line->material.line.terms.price.type);
}

/* Feature and meter; one that is gone leaves what was to be read empty. */
static enum err meter_known(struct cx *cx, struct explained *ret)
{
    struct cx own = *cx;
    problem_init(&own.problem, own.arena);
    enum err err = feature_get(&own, ret->line->stored.line.feature_id, &ret->feature);
    if (err == OK && !ulid_is_zero(ret->feature.meter_id.ulid))
        err = meter_get(&own, ulid_text(own.arena, ret->feature.meter_id.ulid), &ret->meter);
    return err == ERR_REFUSED ? OK : err;
}

static enum err explained_read(struct cx *cx, const struct explain_target *target,
                               struct explained *ret)
{
    struct explained explained = { 0 };
    enum err err = derive_invoice(cx, target->invoice, target->line, &explained.invoice);
    for (size_t i = 0; err == OK && i < explained.invoice.count; i++) {
        if (ulid_equal(explained.invoice.lines[i].stored.line.id.ulid, target->line.ulid))
            explained.line = &explained.invoice.lines[i];
    }
    if (err != OK)
        return err;
    if (explained.line == NULL)
        return problem_refuse(&cx->problem, FAULT_INVOICE_LINE_ABSENT, "%.*s",
                              TEXT_ARG(ulid_text(cx->arena, target->line.ulid)));
    const struct pending_line *line = &explained.line->stored.line;
    explained.period = (struct period){ line->service_from, line->service_to };
    if (!instant_is_none(explained.line->material.usage.measured_from))
        explained.period.from = explained.line->material.usage.measured_from;
    if (is_metered(&explained))
        err = metering_open(cx, explained.invoice.stored.customer_id, &explained.metering);
    if (err == OK && is_metered(&explained))
        err = meter_known(cx, &explained);
    if (err == OK)
        *ret = explained;
    return err;
}

/* ---- in structs ---------------------------------------------------------------------------- */

/* Whether a subject was the customer's for some of the time. */
static bool is_within(const struct period *owned, const struct period *period)
{
    return !(instant_before(period->to, owned->from) || instant_equal(period->to, owned->from)) &&
           (instant_is_none(owned->to) || instant_before(period->from, owned->to));
}

static struct list subjects_of(const struct explained *explained, struct arena *arena)
{
    const struct meter_customer *customer = &explained->metering.customer;
    struct explain_subject *subjects =
        ARENA_ARRAY(arena, struct explain_subject, customer->subjects.count);
    size_t count = 0;
    for (size_t i = 0; i < customer->subjects.count; i++) {
        if (is_within(&customer->periods[i], &explained->period))
            subjects[count++] = (struct explain_subject){ customer->subjects.items[i],
                                                          customer->periods[i].from,
                                                          customer->periods[i].to };
    }
    return (struct list){ subjects, count };
}

static struct explain_meter meter_print(const struct meter *meter)
{
    if (ulid_is_zero(meter->id.ulid))
        return (struct explain_meter){ 0 };
    return (struct explain_meter){
        .id = { meter->id.ulid },
        .key = meter->key,
        .aggregation = text_of(meter_aggregation_words[meter->aggregation]),
        .event_type = meter->event_type,
        .value_property = meter->value_property,
    };
}

static struct explain_usage usage_of(const struct explained *explained,
                                     const struct explain_target *target, struct arena *arena)
{
    const struct line_usage *usage = &explained->line->material.usage;
    const struct pending_line *line = &explained->line->stored.line;
    const struct feature *feature = &explained->feature;
    return (struct explain_usage){
        .feature = { .id = { line->feature_id.ulid },
                     .key = line->feature_key,
                     .filters = feature->conditions.count > 0 ? feature->filters : TEXT_NONE },
        .meter = meter_print(&explained->meter),
        .subjects = subjects_of(explained, arena),
        .period = { explained->period.from, explained->period.to },
        .usage_sequence = (int64_t)explained->line->sequence,
        .metered_quantity = dec_add(usage->quantity, usage->prior_quantity),
        .prior_quantity = usage->prior_quantity,
        .quantity = usage->quantity,
        .is_gone = explained->line->is_unmeasured,
        .events = text_format(arena,
                              "/v3/openmeter/billing/invoices/%.*s/lines/%.*s/explain/events",
                              TEXT_ARG(ulid_text(arena, target->invoice.ulid)),
                              TEXT_ARG(ulid_text(arena, target->line.ulid))),
    };
}

static struct explain_source source_of(const struct derivation *line)
{
    const struct subscription *subscription = &line->subscription;
    const struct pending_line *stored = &line->stored.line;
    return (struct explain_source){
        .subscription_id = { subscription->id.ulid },
        .has_plan = !ulid_is_zero(subscription->plan_id.ulid),
        .plan = { { subscription->plan_id.ulid },
                  subscription->plan_key,
                  subscription->plan_version },
        .phase = { { line->phase->id.ulid }, line->phase->key },
        .item = { { line->item->id.ulid }, line->item->key, line->item->version },
        .period_index = stored->period_index,
        .part_index = stored->part_index,
        .billing_period = { stored->billing_from, stored->billing_to },
        .full_service_period = { stored->full_from, stored->full_to },
    };
}

/* Differences of the one line. */
static void differences_find(const struct explained *explained, struct arena *arena,
                             struct explanation *ret)
{
    struct verify_list list = { .arena = arena };
    struct derived_invoice one = explained->invoice;
    one.lines = explained->line;
    one.count = 1;
    one.derived = one.stored; /* of the whole invoice nothing is said here */
    if (explained->line->stored.is_rated)
        derived_compare(&one, &list);
    ret->is_same = list.count == 0;
    ret->differences = (struct list){ list.items, list.count };
}

enum err explain_line(struct cx *cx, const struct explain_target *target, struct explanation *ret)
{
    CHECK(cx != NULL && target != NULL && ret != NULL);
    struct explained explained = { 0 };
    enum err err = explained_read(cx, target, &explained);
    if (err != OK)
        return err;
    CHECK(explained.line != NULL);
    const struct derivation *line = explained.line;
    const struct pending_line *stored = &line->stored.line;
    struct rate_result rated =
        line_record_result(&line->derived, currency_find(stored->currency), cx->arena);
    struct explanation explanation = {
        .invoice_id = { target->invoice.ulid },
        .number = explained.invoice.stored.number,
        .line_id = { target->line.ulid },
        .name = stored->name,
        .reference = stored->reference,
        .currency = stored->currency,
        .service_period = { stored->service_from, stored->service_to },
        .is_stored = line->stored.is_rated,
        .has_source = line->has_item,
        .rate_card = line_print(&line->material, &rated, cx->arena).rate_card,
        .adjusts_id = { stored->adjusts_id.ulid },
        .has_usage = is_metered(&explained),
        .taxes = line->derived.taxes,
        .totals = line->derived.totals,
    };
    if (line->has_item)
        explanation.source = source_of(line);
    if (explanation.has_usage)
        explanation.usage = usage_of(&explained, target, cx->arena);
    explanation.steps =
        explain_line_steps(line, explanation.has_usage ? &explanation.usage : NULL, cx->arena);
    differences_find(&explained, cx->arena, &explanation);
    *ret = explanation;
    return OK;
}

/* ---- events -------------------------------------------------------------------------------- */

static bool is_counted(void *state, const struct usage_event *event)
{
    return event_counts(state, event, NULL, NULL);
}

static enum err events_list(struct cx *cx, const struct explained *explained,
                            const struct explain_page *page, struct explain_events *ret)
{
    struct event_counter *counter CLEANUP(event_counter_cleanup) =
        event_counter_new(&explained->meter, &explained->feature.conditions);
    const struct meter_customer *customer = &explained->metering.customer;
    const struct filter type = { .op = FILTER_EQ, .value = explained->meter.event_type };
    struct event_query query = EVENT_QUERY_ALL;
    struct event_page found;
    query.from = instant_before(explained->meter.events_from, explained->period.from)
                     ? explained->period.from
                     : explained->meter.events_from;
    query.to = explained->period.to;
    query.type = &type;
    query.has_owned = true;
    query.owned = customer->subjects;
    query.owned_times = customer->periods;
    query.sequence_max = explained->line->sequence;
    query.choice = is_counted;
    query.choice_state = counter;
    query.is_ascending = true;
    query.limit = page->limit;
    query.after = page->after;
    enum err err = event_list(cx, &query, &found);
    if (err != OK)
        return err;
    *ret = (struct explain_events){ ARENA_ARRAY(cx->arena, struct explain_event, found.count),
                                    found.count, found.next };
    for (size_t i = 0; i < found.count; i++) {
        ret->items[i].row = found.items[i];
        ret->items[i].row.customer = explained->invoice.stored.customer_id.ulid;
        MUST(event_counts(counter, &found.items[i].event, cx->arena, &ret->items[i].value));
    }
    return OK;
}

enum err explain_line_events(struct cx *cx, const struct explain_target *target,
                             const struct explain_page *page, struct explain_events *ret)
{
    CHECK(cx != NULL && target != NULL && page != NULL && ret != NULL);
    struct explained explained = { 0 };
    enum err err = explained_read(cx, target, &explained);
    if (err != OK)
        return err;
    CHECK(explained.line != NULL);
    if (!is_metered(&explained))
        return problem_refuse(&cx->problem, FAULT_INVOICE_LINE_EVENTS, "%.*s",
                              TEXT_ARG(explained.line->stored.line.name));
    *ret = (struct explain_events){ 0 };
    if (ulid_is_zero(explained.meter.id.ulid) || explained.line->sequence == 0)
        return OK;
    return events_list(cx, &explained, page, ret);
}
