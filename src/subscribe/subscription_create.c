/* subscription_create.c: starting a subscription: gather, decide, apply. */
#include "catalog/plan_currency.h"
#include "identity/audit.h"
#include "subscribe/subscription_inside.h"
#include "subscribe/subscription_rows.h"
#include "subscribe/subscription_settings.h"

/* How far back a start may lie: clocks differ, requests take their time. */
#define START_TOLERANCE_NS (2 * NS_PER_MINUTE)

static enum err invalid(struct cx *cx, text field, const char *why)
{
    return subscription_refuse_at(cx, FAULT_SUBSCRIPTION_INVALID, field, text_of(why));
}

static text plan_member(const struct subscription_body *body)
{
    if (body->has_custom_plan)
        return subscription_member(body->dialect, "custom_plan", "customPlan");
    return TEXT("plan");
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
        return invalid(cx, subscription_member(body->dialect, "customer", "customerId"),
                       "the customer's id or key is required");
    return customer_need(cx, tx, key, ret);
}

static enum err plan_find_active(struct cx *cx, const struct subscription_body *body,
                                 struct plan *ret)
{
    enum err err;
    if (!ulid_is_zero(body->plan.id.ulid))
        err = plan_get(cx, body->plan.id, ret);
    else if (!text_is_empty(body->plan.key))
        err = plan_find_version(cx, body->plan.key, body->plan.version, ret);
    else
        return invalid(cx, TEXT("plan"), "the plan's id or key is required");
    if (err != OK)
        return err;
    if (!instant_is_none(ret->deleted_at))
        return problem_refuse(&cx->problem, FAULT_PLAN_STATUS, "the plan has been deleted");
    if (ret->status != PLAN_ACTIVE)
        return problem_refuse(&cx->problem, FAULT_PLAN_STATUS,
                              "the plan is %s: only an active plan can be subscribed to",
                              plan_status_words[ret->status]);
    return OK;
}

enum err subscription_plan_gather(struct cx *cx, struct store_tx *tx,
                                  const struct subscription_body *body, struct plan *ret)
{
    CHECK(body != NULL && ret != NULL);
    enum err err = body->has_custom_plan
                       ? plan_custom_check(cx, tx, body->dialect, &body->custom_plan, ret)
                       : plan_find_active(cx, body, ret);
    if (err != OK)
        return err;
    if (ret->settlement_mode == SETTLEMENT_CREDIT_ONLY ||
        body->settlement_mode == (int)SETTLEMENT_CREDIT_ONLY)
        return invalid(cx, plan_member(body),
                       "credits are not enabled, so nothing can be settled by them only");
    if (plan_currency_kind(ret->currency) != PLAN_CURRENCY_FIAT)
        return invalid(cx, plan_member(body),
                       "invoices are in a fiat currency, and the plan's is a custom one");
    return OK;
}

/* When the subscription starts, in whole seconds. */
static enum err start_decide(struct cx *cx, text timing,
                             const struct subscription_settings *settings, instant *ret)
{
    struct timing parsed;
    if (!timing_parse(timing, &parsed))
        return invalid(cx, TEXT("timing"), "timing must be immediate or an RFC 3339 time");
    switch (parsed.kind) {
    case TIMING_IMMEDIATE:
        *ret = instant_floor(cx->now, NS_PER_SECOND);
        return OK;
    case TIMING_NEXT_CYCLE:
        return invalid(cx, TEXT("timing"),
                       "next_billing_cycle has no meaning before there is a subscription");
    case TIMING_AT:
        if (!settings->may_start_in_past &&
            parsed.at.ns < instant_floor(cx->now, NS_PER_SECOND).ns - START_TOLERANCE_NS)
            return invalid(cx, TEXT("timing"), "timing is more than 2 minutes in the past");
        *ret = parsed.at;
        return OK;
    case TIMING_COUNT:
        break;
    }
    UNREACHABLE();
}

static enum err phase_decide(struct cx *cx, const struct subscription_beginning *beginning,
                             size_t *ret)
{
    const struct plan *plan = beginning->plan;
    text starting = beginning->body->starting_phase;
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
    return invalid(cx,
                   subscription_member(beginning->body->dialect, "starting_phase", "startingPhase"),
                   "the plan has no phase of that key");
}

static bool spec_is_paid(const struct subscription *spec)
{
    for (size_t i = 0; i < spec->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(spec, i);
        for (size_t k = 0; k < phase->items.count; k++) {
            if (subscription_item_at(phase, k)->rate_card.terms.price.type != PRICE_FREE)
                return true;
        }
    }
    return false;
}

void subscription_number(struct cx *cx, struct subscription *spec)
{
    CHECK(cx != NULL && spec != NULL);
    for (size_t i = 0; i < spec->phases.count; i++) {
        struct subscription_phase *phase = subscription_phase_at(spec, i);
        if (ulid_is_zero(phase->id.ulid)) {
            phase->id = (struct phase_id){ cx_ulid(cx) };
            phase->created_at = cx->now;
            phase->updated_at = cx->now;
        }
        for (size_t k = 0; k < phase->items.count; k++) {
            struct subscription_item *item = subscription_item_at(phase, k);
            item->phase_id = phase->id;
            if (!ulid_is_zero(item->id.ulid))
                continue;
            item->id = (struct item_id){ cx_ulid(cx) };
            item->created_at = cx->now;
            item->updated_at = cx->now;
        }
    }
}

enum err subscription_decide(struct cx *cx, struct store_tx *tx,
                             const struct subscription_beginning *beginning,
                             struct subscription *ret)
{
    CHECK(cx != NULL && beginning != NULL && ret != NULL);
    const struct subscription_body *body = beginning->body;
    const struct subscription_edits wanted = {
        .edits = &body->customizations,
        .dialect = body->dialect,
        .when = { beginning->start, false },
    };
    size_t starting = 0;
    enum err err = phase_decide(cx, beginning, &starting);
    if (err != OK)
        return err;
    const struct zone *zone = zone_utc();
    if (!text_is_empty(beginning->customer->time_zone))
        zone = zone_find(beginning->customer->time_zone);
    CHECK(zone != NULL);
    struct subscription spec =
        spec_of_plan(beginning->plan, starting, beginning->start, zone, cx->arena);
    spec.id = (struct subscription_id){ cx_ulid(cx) };
    spec.org_id = cx->org;
    spec.customer_id = beginning->customer->id;
    spec.time_zone = beginning->customer->time_zone;
    spec.labels = body->labels;
    spec.created_at = cx->now;
    spec.updated_at = cx->now;
    if (!text_is_empty(body->name))
        spec.name = body->name;
    if (!text_is_empty(body->description))
        spec.description = body->description;
    spec.billing_anchor = instant_is_none(body->billing_anchor)
                              ? beginning->anchor
                              : instant_floor(body->billing_anchor, NS_PER_SECOND);
    if (body->customizations.count > 0)
        err = subscription_customize(cx, tx, &wanted, &spec);
    if (err != OK)
        return err;
    if (spec_is_paid(&spec) && !text_is_empty(beginning->customer->currency) &&
        !text_equal(beginning->customer->currency, spec.invoice_currency))
        return invalid(cx, plan_member(body), "the plan's currency is not the customer's");
    spec.cost_basis_mode = body->cost_basis_mode == (int)COST_BASIS_PINNED ? COST_BASIS_PINNED
                                                                           : COST_BASIS_DYNAMIC;
    err = subscription_pin(cx, tx, &spec);
    if (err != OK)
        return err;
    subscription_number(cx, &spec);
    *ret = spec;
    return OK;
}

enum err subscription_store(struct cx *cx, struct store_tx *tx, const struct customer *customer,
                            const struct subscription *subscription)
{
    CHECK(customer != NULL && subscription != NULL);
    enum err err = subscription_rows_insert(cx, tx, subscription);
    if (err == OK && spec_is_paid(subscription) && text_is_empty(customer->currency))
        err = customer_set_currency(cx, tx, customer->id, subscription->invoice_currency);
    return err;
}

enum err subscription_create(struct cx *cx, struct store_tx *tx,
                             const struct subscription_body *body, struct subscription *ret)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(body != NULL && ret != NULL);
    struct customer customer;
    struct plan plan;
    struct subscription subscription;
    struct subscription_settings settings;
    struct subscription_beginning beginning = { .body = body,
                                                .customer = &customer,
                                                .plan = &plan };
    enum err err = customer_gather(cx, tx, body, &customer);
    if (err == OK)
        err = subscription_plan_gather(cx, tx, body, &plan);
    if (err == OK)
        err = subscription_settings_load(cx, tx, &settings);
    if (err == OK)
        err = start_decide(cx, body->timing, &settings, &beginning.start);
    if (err != OK)
        return err;
    beginning.anchor = beginning.start;
    err = subscription_decide(cx, tx, &beginning, &subscription);
    if (err == OK)
        err = subscription_check_overlap(cx, tx, &subscription, subscription.active_to);
    if (err == OK)
        err = subscription_store(cx, tx, &customer, &subscription);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("subscription.create"), subscription.id.ulid, TEXT_NONE);
    if (err != OK)
        return err;
    subscription_view(&subscription, cx->now, cx->arena);
    *ret = subscription;
    return OK;
}
