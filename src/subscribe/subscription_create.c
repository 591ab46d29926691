/* subscription_create.c: starting a subscription: gather, decide, apply. */
#include "catalog/plan_currency.h"
#include "identity/audit.h"
#include "subscribe/subscription_inside.h"
#include "subscribe/subscription_rows.h"

/* How far back a start may lie: clocks differ, requests take their time. */
#define START_TOLERANCE_NS (2 * NS_PER_MINUTE)

static enum err invalid(struct cx *cx, const char *detail)
{
    return problem_refuse(&cx->problem, FAULT_SUBSCRIPTION_INVALID, "%s", detail);
}

static enum err customer_gather(struct cx *cx, struct store_tx *tx,
                                const struct subscription_body *body, struct customer *ret)
{
    struct customer_id id = body->customer_id;
    text key = body->customer_key;
    if (body->has_customer) {
        id = body->customer.id;
        key = body->customer.key;
    }
    if (!ulid_is_zero(id.ulid))
        key = ulid_text(cx->arena, id.ulid);
    if (text_is_empty(key))
        return invalid(cx, "the customer's id or key is required");
    return customer_need(cx, tx, key, ret);
}

static enum err plan_gather(struct cx *cx, const struct subscription_body *body, struct plan *ret)
{
    enum err err;
    if (!ulid_is_zero(body->plan.id.ulid))
        err = plan_get(cx, body->plan.id, ret);
    else if (!text_is_empty(body->plan.key))
        err = plan_find_version(cx, body->plan.key, body->plan.version, ret);
    else
        return invalid(cx, "the plan's id or key is required");
    if (err != OK)
        return err;
    if (!instant_is_none(ret->deleted_at))
        return problem_refuse(&cx->problem, FAULT_PLAN_STATUS, "the plan has been deleted");
    if (ret->settlement_mode == SETTLEMENT_CREDIT_ONLY ||
        body->settlement_mode == (int)SETTLEMENT_CREDIT_ONLY)
        return invalid(cx, "credits are not enabled, so nothing can be settled by them only");
    if (plan_currency_kind(ret->currency) != PLAN_CURRENCY_FIAT)
        return invalid(cx, "invoices are in a fiat currency, and the plan's is a custom one");
    if (ret->status != PLAN_ACTIVE)
        return problem_refuse(&cx->problem, FAULT_PLAN_STATUS,
                              "the plan is %s: only an active plan can be subscribed to",
                              plan_status_words[ret->status]);
    return OK;
}

/* When the subscription starts, in whole seconds. */
static enum err start_decide(struct cx *cx, text timing, instant *ret)
{
    instant at;
    if (text_is_empty(timing) || text_equal(timing, TEXT("immediate"))) {
        *ret = instant_floor(cx->now, NS_PER_SECOND);
        return OK;
    }
    if (text_equal(timing, TEXT("next_billing_cycle")))
        return invalid(cx, "next_billing_cycle has no meaning before there is a subscription");
    if (!instant_parse(timing, &at))
        return invalid(cx, "timing must be immediate or an RFC 3339 time");
    if (at.ns < cx->now.ns - START_TOLERANCE_NS)
        return invalid(cx, "timing is more than 2 minutes in the past");
    *ret = instant_floor(at, NS_PER_SECOND);
    return OK;
}

static enum err phase_decide(struct cx *cx, const struct plan *plan, text starting, size_t *ret)
{
    if (text_is_empty(starting)) {
        *ret = 0;
        return OK;
    }
    for (size_t i = 0; i < plan->phases.count; i++) {
        if (text_equal(plan_phase_at(plan, i)->key, starting)) {
            *ret = i;
            return OK;
        }
    }
    return invalid(cx, "the plan has no phase with the key of starting_phase");
}

static bool plan_is_paid(const struct plan *plan)
{
    for (size_t i = 0; i < plan->phases.count; i++) {
        const struct plan_phase *phase = plan_phase_at(plan, i);
        for (size_t k = 0; k < phase->rate_cards.count; k++) {
            if (rate_card_at(phase, k)->terms.price.type != PRICE_FREE)
                return true;
        }
    }
    return false;
}

static struct list items_make(struct cx *cx, const struct plan_phase *from,
                              const struct subscription_phase *phase)
{
    size_t count = from->rate_cards.count;
    struct subscription_item *items = ARENA_ARRAY(cx->arena, struct subscription_item, count);
    for (size_t i = 0; i < count; i++) {
        const struct rate_card *card = rate_card_at(from, i);
        items[i] = (struct subscription_item){
            .id = { cx_ulid(cx) },
            .phase_id = phase->id,
            .key = card->key,
            .name = card->name,
            .description = card->description,
            .position = (int64_t)i,
            .active_from = phase->active_from,
            .active_to = phase->active_to,
            .rate_card = *card,
            .created_at = cx->now,
            .updated_at = cx->now,
        };
    }
    return (struct list){ items, count };
}

/* The phases with concrete times. Those that would be empty are left out. */
static struct list phases_make(struct cx *cx, const struct plan *plan, const struct period *times)
{
    size_t count = 0;
    struct subscription_phase *phases =
        ARENA_ARRAY(cx->arena, struct subscription_phase, plan->phases.count);
    for (size_t i = 0; i < plan->phases.count; i++) {
        const struct plan_phase *from = plan_phase_at(plan, i);
        if (period_is_empty(times[i]))
            continue;
        bool is_open = instant_equal(times[i].to, INSTANT_MAX);
        phases[count] = (struct subscription_phase){
            .id = { cx_ulid(cx) },
            .key = from->key,
            .name = from->name,
            .description = from->description,
            .labels = from->labels,
            .position = (int64_t)count,
            .active_from = times[i].from,
            .active_to = is_open ? INSTANT_NONE : times[i].to,
            .created_at = cx->now,
            .updated_at = cx->now,
        };
        phases[count].items = items_make(cx, from, &phases[count]);
        count++;
    }
    CHECK(count > 0);
    return (struct list){ phases, count };
}

/* What the body, the plan and the customer make together. */
static enum err subscription_decide(struct cx *cx, const struct subscription_body *body,
                                    const struct plan *plan, const struct customer *customer,
                                    struct subscription *ret)
{
    instant start;
    size_t starting = 0;
    if (plan_is_paid(plan) && !text_is_empty(customer->currency) &&
        !text_equal(customer->currency, plan->currency))
        return invalid(cx, "the plan's currency is not the customer's");
    enum err err = start_decide(cx, body->timing, &start);
    if (err == OK)
        err = phase_decide(cx, plan, body->starting_phase, &starting);
    if (err != OK)
        return err;
    const struct zone *zone = zone_utc();
    if (!text_is_empty(customer->time_zone))
        zone = zone_find(customer->time_zone);
    CHECK(zone != NULL);
    struct period *times = subscription_timeline(plan, starting, start, zone, cx->arena);
    instant end = times[plan->phases.count - 1].to;
    bool has_anchor = !instant_is_none(body->billing_anchor);
    *ret = (struct subscription){
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .name = text_is_empty(body->name) ? plan->name : body->name,
        .description = text_is_empty(body->description) ? plan->description : body->description,
        .labels = body->labels,
        .customer_id = customer->id,
        .plan_id = plan->id,
        .plan_key = plan->key,
        .plan_version = plan->version,
        .invoice_currency = plan->currency,
        .billing_cadence = plan->billing_cadence,
        .billing_anchor = has_anchor ? instant_floor(body->billing_anchor, NS_PER_SECOND) : start,
        .time_zone = customer->time_zone,
        .is_pro_rating = plan->is_pro_rating,
        .settlement_mode = plan->settlement_mode,
        .active_from = start,
        .active_to = instant_equal(end, INSTANT_MAX) ? INSTANT_NONE : end,
        .created_at = cx->now,
        .updated_at = cx->now,
        .deleted_at = INSTANT_NONE,
        .phases = phases_make(cx, plan, times),
    };
    return OK;
}

enum err subscription_create(struct cx *cx, struct store_tx *tx,
                             const struct subscription_body *body, struct subscription *ret)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(body != NULL && ret != NULL);
    struct customer customer;
    struct plan plan;
    struct subscription subscription;
    enum err err = customer_gather(cx, tx, body, &customer);
    if (err == OK)
        err = plan_gather(cx, body, &plan);
    if (err == OK)
        err = subscription_decide(cx, body, &plan, &customer, &subscription);
    if (err == OK)
        err = subscription_check_overlap(cx, tx, &subscription, subscription.active_to);
    if (err == OK)
        err = subscription_rows_insert(cx, tx, &subscription);
    if (err == OK && plan_is_paid(&plan) && text_is_empty(customer.currency))
        err = customer_set_currency(cx, tx, customer.id, plan.currency);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.create"), subscription.id.ulid, TEXT_NONE);
    if (err != OK)
        return err;
    subscription_view(&subscription, cx->now, cx->arena);
    *ret = subscription;
    return OK;
}
