/* sync_flow.c: lines kept in step with subscriptions: gather, decide, apply. */
#include "bill/bill_rows.h"
#include "bill/billing.h"
#include "bill/invoicing.h"

/* What the lines of a subscription are decided from. */
struct sync_material {
    struct subscription subscription; /* cut at its end */
    struct list present;              /* of struct pending_line */
    instant synced_to;                /* INSTANT_NONE: never */
};

/* Up to where lines are to be there, and when to look again. */
struct sync_plan {
    instant horizon; /* INSTANT_NONE: it has not begun, nothing to do */
    instant next;    /* INSTANT_NONE: never */
};

static struct sync_plan sync_decide(const struct sync_material *material, instant as_of)
{
    const struct subscription *subscription = &material->subscription;
    struct period current;
    struct sync_plan plan = { INSTANT_NONE, INSTANT_NONE };
    if (instant_before(as_of, subscription->active_from)) {
        plan.next = subscription->active_from;
        return plan;
    }
    if (subscription_period_at(subscription, as_of, &current)) {
        plan.horizon = current.to;
        bool goes_on = instant_is_none(subscription->active_to) ||
                       instant_before(current.to, subscription->active_to);
        plan.next = goes_on ? current.to : INSTANT_NONE;
    } else {
        CHECK(!instant_is_none(subscription->active_to));
        plan.horizon = subscription->active_to;
    }
    /* What was made once is made again, however late this run is. */
    if (!instant_is_none(material->synced_to) && instant_before(plan.horizon, material->synced_to))
        plan.horizon = material->synced_to;
    return plan;
}

static enum err sync_gather(struct cx *cx, struct store_tx *tx, text id, struct sync_material *ret)
{
    enum err err = subscription_load(cx, tx, id, &ret->subscription);
    if (err == OK)
        err = bill_rows_lines_of_subscription(cx, tx, ret->subscription.id, &ret->present);
    if (err == OK)
        err = bill_rows_synced_to(cx, tx, ret->subscription.id, &ret->synced_to);
    return err;
}

static enum err lines_add(struct cx *cx, struct store_tx *tx,
                          const struct subscription *subscription, const struct list *added)
{
    struct customer customer;
    struct gathering gathering;
    enum err err = OK;
    if (added->count == 0)
        return OK;
    err = customer_need(cx, tx, ulid_text(cx->arena, subscription->customer_id.ulid), &customer);
    if (err == OK)
        err = bill_rows_gather(cx, tx, &customer, subscription->invoice_currency, &gathering);
    for (size_t i = 0; i < added->count && err == OK; i++) {
        struct pending_line line = ((const struct pending_line *)added->items)[i];
        line.id = (struct line_id){ cx_ulid(cx) };
        line.invoice_id = gathering.id;
        line.created_at = cx->now;
        line.updated_at = cx->now;
        err = bill_rows_line_insert(tx, &line);
    }
    if (err == OK)
        err = bill_rows_touch(cx, tx, gathering.id);
    return err;
}

static enum err lines_change(struct cx *cx, struct store_tx *tx, const struct line_changes *changes)
{
    enum err err = OK;
    for (size_t i = 0; i < changes->changed.count && err == OK; i++) {
        struct pending_line line = ((const struct pending_line *)changes->changed.items)[i];
        line.updated_at = cx->now;
        err = bill_rows_line_update(tx, &line);
        if (err == OK)
            err = bill_rows_touch(cx, tx, line.invoice_id);
    }
    for (size_t i = 0; i < changes->removed.count && err == OK; i++) {
        const struct pending_line *line = (const struct pending_line *)changes->removed.items + i;
        err = bill_rows_line_delete(cx, tx, line->id);
        if (err == OK)
            err = bill_rows_touch(cx, tx, line->invoice_id);
    }
    return err;
}

static enum err sync_apply(struct cx *cx, struct store_tx *tx, const struct sync_material *material,
                           const struct sync_plan *plan)
{
    const struct subscription *subscription = &material->subscription;
    struct list wanted;
    enum fault fault = lines_wanted(subscription, plan->horizon, cx->arena, &wanted);
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "subscription %.*s",
                              TEXT_ARG(ulid_text(cx->arena, subscription->id.ulid)));
    struct line_changes changes = lines_compare(&material->present, &wanted, cx->arena);
    enum err err = lines_add(cx, tx, subscription, &changes.added);
    if (err == OK)
        err = lines_change(cx, tx, &changes);
    if (err == OK && changes.removed.count > 0)
        err = bill_rows_drop_empty(cx, tx, subscription->customer_id);
    if (err == OK)
        err = bill_rows_set_synced(cx, tx, subscription->id, plan->horizon);
    return err;
}

/* The lines as of an instant, which is the present or a past at which work fell due. */
static enum err sync_run(struct cx *cx, struct store_tx *tx, text id, instant as_of)
{
    struct sync_material material;
    enum err err = sync_gather(cx, tx, id, &material);
    if (err != OK)
        return err;
    struct sync_plan plan = sync_decide(&material, as_of);
    if (!instant_is_none(plan.horizon))
        err = sync_apply(cx, tx, &material, &plan);
    if (err == OK && !instant_is_none(plan.next))
        err = due_schedule(cx, tx, TEXT(DUE_SUBSCRIPTION_SYNC), material.subscription.id.ulid,
                           plan.next);
    return err;
}

enum err bill_sync_subscription(struct cx *cx, struct store_tx *tx,
                                struct subscription_id subscription)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(!ulid_is_zero(subscription.ulid));
    return sync_run(cx, tx, ulid_text(cx->arena, subscription.ulid), cx->now);
}

enum err bill_sync_started(struct cx *cx, struct store_tx *tx,
                           const struct subscription *subscription)
{
    CHECK(cx != NULL && tx != NULL && subscription != NULL);
    instant as_of = cx->now;
    if (instant_before(subscription->active_from, as_of))
        as_of = subscription->active_from;
    return sync_run(cx, tx, ulid_text(cx->arena, subscription->id.ulid), as_of);
}

enum err bill_run_due(struct cx *cx, const struct due_row *row)
{
    CHECK(cx != NULL && row != NULL);
    CHECK(ulid_equal(cx->org.ulid, row->org_id.ulid));
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    if (!text_equal(row->kind, TEXT(DUE_SUBSCRIPTION_SYNC)))
        return bill_run_invoice_due(cx, row);
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = due_done(tx, row, cx->arena);
    if (err == ERR_ABSENT)
        return OK;
    if (err == OK)
        err = sync_run(cx, tx, ulid_text(cx->arena, row->subject_id.ulid), row->due_at);
    return store_finish(&tx, err);
}
