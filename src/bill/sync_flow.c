/* sync_flow.c: lines kept in step with subscriptions: gather, decide, apply. */
#include "bill/bill_rows.h"
#include "bill/credit_note.h"
#include "bill/draft_follow.h"
#include "bill/invoicing.h"
#include "bill/plan_migration.h"
#include "bill/sync_inside.h"

static struct sync_plan sync_decide(const struct sync_material *material, instant as_of)
{
    const struct subscription *subscription = &material->cut;
    struct period current;
    struct sync_plan plan = { INSTANT_NONE, INSTANT_NONE, instant_floor(as_of, NS_PER_SECOND) };
    if (instant_before(as_of, subscription->active_from)) {
        plan.next = subscription->active_from;
        return plan;
    }
    if (subscription_period_at(subscription, as_of, &current)) {
        plan.horizon = current.to;
        if (instant_before(current.from, plan.settled_to))
            plan.settled_to = current.from;
        bool goes_on = instant_is_none(subscription->active_to) ||
                       instant_before(current.to, subscription->active_to);
        plan.next = goes_on ? current.to : INSTANT_NONE;
    } else {
        CHECK(!instant_is_none(subscription->active_to));
        plan.horizon = subscription->active_to;
    }
    /* What was made once is made again, however late this run is. */
    instant synced_to = material->state.synced_to;
    if (!instant_is_none(synced_to) && instant_before(plan.horizon, synced_to))
        plan.horizon = synced_to;
    if (!instant_is_none(material->state.settled_to) &&
        instant_before(plan.settled_to, material->state.settled_to))
        plan.settled_to = material->state.settled_to;
    return plan;
}

/* Adds the lines of one list to another. */
static void lines_join(struct list *all, const struct list *more, struct arena *arena)
{
    struct pending_line *items;
    if (more->count == 0)
        return;
    items = ARENA_ARRAY(arena, struct pending_line, all->count + more->count);
    for (size_t i = 0; i < all->count; i++)
        items[i] = ((const struct pending_line *)all->items)[i];
    for (size_t i = 0; i < more->count; i++)
        items[all->count + i] = ((const struct pending_line *)more->items)[i];
    *all = (struct list){ items, all->count + more->count };
}

/* The lines that can still change: not those of periods that were over when it was last looked. */
static enum err present_gather(struct cx *cx, struct store_tx *tx, const struct subscription *whole,
                               instant settled_to, struct list *ret)
{
    struct list found;
    enum err err = sync_rows_lines_of_removed(cx, tx, whole->id, ret);
    for (size_t i = 0; i < whole->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(whole, i);
        for (size_t k = 0; k < phase->items.count && err == OK; k++) {
            const struct subscription_item *item = subscription_item_at(phase, k);
            if (!line_item_is_open(item, settled_to))
                continue;
            err = sync_rows_lines_of_item(cx, tx, item->id,
                                          line_first_index(whole, phase, item, settled_to), &found);
            if (err == OK)
                lines_join(ret, &found, cx->arena);
        }
    }
    return err;
}

static enum err material_gather(struct cx *cx, struct store_tx *tx, text id,
                                struct sync_material *ret)
{
    struct subscription whole;
    enum err err = subscription_find(cx, tx, id, &whole);
    if (err == OK)
        err = sync_rows_state(cx, tx, whole.id, &ret->state);
    if (err == OK)
        err = present_gather(cx, tx, &whole, ret->state.settled_to, &ret->present);
    if (err == OK)
        err = sync_rows_credits(cx, tx, whole.id, &ret->credits);
    if (err == OK)
        err = bill_workflow_of(cx, tx, whole.customer_id, &ret->workflow);
    if (err != OK)
        return err;
    ret->subscription = whole;
    ret->cut = spec_copy(&whole, cx->arena);
    subscription_cut(&ret->cut);
    return OK;
}

/* When an item ends; INSTANT_NONE when it does not, or is not there. */
static instant item_end(const struct subscription *cut, struct item_id id)
{
    for (size_t i = 0; i < cut->phases.count; i++) {
        const struct subscription_phase *phase = subscription_phase_at(cut, i);
        for (size_t k = 0; k < phase->items.count; k++) {
            const struct subscription_item *item = subscription_item_at(phase, k);
            if (ulid_equal(item->id.ulid, id.ulid))
                return item->active_to;
        }
    }
    return INSTANT_NONE;
}

/* What a line is to give back is given when its item ends: a change to come can be taken back until
 * then, a credit note never. */
static void credits_date(struct sync_work *work)
{
    const struct pending_line *lines = work->material.present.items;
    struct line_credit *credits = work->changes.credits.items;
    for (size_t k = 0; k < work->changes.credits.count; k++) {
        for (size_t i = 0; i < work->material.present.count; i++) {
            if (ulid_equal(credits[k].line_id.ulid, lines[i].id.ulid))
                credits[k].effective_at = item_end(&work->material.cut, lines[i].item_id);
        }
    }
}

enum err sync_gather(struct cx *cx, struct store_tx *tx, struct subscription_id id, instant as_of,
                     struct sync_work *ret)
{
    CHECK(cx != NULL && tx != NULL && ret != NULL);
    struct sync_work work = { .as_of = as_of };
    struct list wanted;
    text printed = ulid_text(cx->arena, id.ulid);
    enum err err = material_gather(cx, tx, printed, &work.material);
    if (err != OK)
        return err;
    work.plan = sync_decide(&work.material, as_of);
    if (!instant_is_none(work.plan.horizon)) {
        const struct line_scope scope = {
            .settled_to = work.material.state.settled_to,
            .horizon = work.plan.horizon,
            .end_proration = work.material.workflow.end_proration,
        };
        enum fault fault = lines_wanted(&work.material.subscription, &scope, cx->arena, &wanted);
        if (fault != FAULT_NONE)
            return problem_refuse(&cx->problem, fault, "subscription %.*s", TEXT_ARG(printed));
        work.changes = lines_compare(&work.material.present, &wanted, cx->arena);
        credits_date(&work);
    }
    *ret = work;
    return OK;
}

static enum err lines_add(struct cx *cx, struct store_tx *tx, const struct sync_work *work)
{
    const struct subscription *subscription = &work->material.subscription;
    const struct list *added = &work->changes.added;
    struct customer customer;
    struct gathering gathering;
    if (added->count == 0)
        return OK;
    enum err err =
        customer_need(cx, tx, ulid_text(cx->arena, subscription->customer_id.ulid), &customer);
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
        err = bill_rows_added(cx, tx, &gathering, &work->material.workflow, added);
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

static const struct pending_line *present_find(const struct sync_work *work, struct line_id id)
{
    const struct pending_line *lines = work->material.present.items;
    size_t i = 0;
    while (i < work->material.present.count && !ulid_equal(lines[i].id.ulid, id.ulid))
        i++;
    CHECK(i < work->material.present.count);
    return &lines[i];
}

/* When a line on a draft changes: it gets shorter when its item ends, as what is issued is credited
 * then; until that the change can be taken back. INSTANT_NONE: at once. */
static instant drafted_at(const struct sync_work *work, const struct line_drafted *drafted)
{
    const struct pending_line *old = present_find(work, drafted->line.id);
    if (!drafted->is_withdrawn && instant_before(old->service_to, drafted->line.service_to))
        return INSTANT_NONE;
    return item_end(&work->material.cut, old->item_id);
}

/* Lines on drafts; those whose time has not come are looked at again then. */
static enum err drafts_apply(struct cx *cx, struct store_tx *tx, const struct sync_work *work)
{
    const struct line_drafted *items = work->changes.drafted.items;
    size_t count = work->changes.drafted.count;
    struct line_drafted *due = ARENA_ARRAY(cx->arena, struct line_drafted, count);
    struct list now = { due, 0 };
    enum err err = OK;
    for (size_t i = 0; i < count && err == OK; i++) {
        instant at = drafted_at(work, &items[i]);
        if (!instant_is_none(at) && instant_before(work->as_of, at))
            err = due_schedule(cx, tx, TEXT(DUE_SUBSCRIPTION_SYNC),
                               work->material.subscription.id.ulid, at);
        else
            due[now.count++] = items[i];
    }
    return err == OK && now.count > 0 ? draft_follow(cx, tx, &now) : err;
}

static const struct line_credit *credit_find(const struct list *credits, struct line_id line)
{
    for (size_t i = 0; i < credits->count; i++) {
        const struct line_credit *credit = (const struct line_credit *)credits->items + i;
        if (ulid_equal(credit->line_id.ulid, line.ulid))
            return credit;
    }
    return NULL;
}

/* Whether there is something to be given back now: it is listed, or was noted for this time. */
static bool is_giving_back(const struct sync_work *work)
{
    const struct line_credit *noted = work->material.credits.items;
    for (size_t i = 0; i < work->material.credits.count; i++) {
        if (instant_equal(noted[i].effective_at, work->as_of))
            return true;
    }
    return work->changes.credits.count > 0;
}

/* Has the lines looked at again when something is to be given back. */
static enum err credits_schedule(struct cx *cx, struct store_tx *tx, const struct sync_work *work)
{
    const struct line_credit *credits = work->changes.credits.items;
    enum err err = OK;
    for (size_t i = 0; i < work->changes.credits.count && err == OK; i++) {
        if (instant_before(work->as_of, credits[i].effective_at))
            err = due_schedule(cx, tx, TEXT(DUE_SUBSCRIPTION_SYNC), credits[i].subscription_id.ulid,
                               credits[i].effective_at);
    }
    return err;
}

/* Notes what issued lines are to give back, and forgets what they are not any more. */
static enum err credits_apply(struct cx *cx, struct store_tx *tx,
                              const struct sync_material *material, const struct list *wanted)
{
    enum err err = OK;
    for (size_t i = 0; i < wanted->count && err == OK; i++) {
        const struct line_credit *credit = (const struct line_credit *)wanted->items + i;
        const struct line_credit *old = credit_find(&material->credits, credit->line_id);
        if (old == NULL || !dec_equal(old->kept, credit->kept) ||
            !instant_equal(old->effective_at, credit->effective_at))
            err = sync_rows_credit_set(cx, tx, credit);
    }
    for (size_t i = 0; i < material->present.count && err == OK; i++) {
        struct line_id id = ((const struct pending_line *)material->present.items)[i].id;
        if (credit_find(&material->credits, id) != NULL && credit_find(wanted, id) == NULL)
            err = sync_rows_credit_delete(cx, tx, id);
    }
    return err;
}

static enum err changes_apply(struct cx *cx, struct store_tx *tx, const struct sync_work *work)
{
    const struct line_changes *changes = &work->changes;
    const struct subscription *subscription = &work->material.subscription;
    const struct sync_state state = { work->plan.horizon, work->plan.settled_to };
    enum err err = lines_add(cx, tx, work);
    if (err == OK)
        err = lines_change(cx, tx, changes);
    if (err == OK && changes->drafted.count > 0)
        err = drafts_apply(cx, tx, work);
    if (err == OK)
        err = credits_schedule(cx, tx, work);
    if (err == OK)
        err = credits_apply(cx, tx, &work->material, &changes->credits);
    if (err == OK && changes->removed.count > 0)
        err = bill_rows_drop_empty(cx, tx, subscription->customer_id);
    if (err == OK)
        err = sync_rows_set_state(cx, tx, subscription->id, &state);
    if (err == OK && is_giving_back(work))
        err = credit_subscription(cx, tx, subscription->id);
    return err;
}

enum err sync_apply(struct cx *cx, struct store_tx *tx, const struct sync_work *work)
{
    CHECK(cx != NULL && tx != NULL && work != NULL);
    enum err err = OK;
    if (!instant_is_none(work->plan.horizon))
        err = changes_apply(cx, tx, work);
    if (err == OK && !instant_is_none(work->plan.next))
        err = due_schedule(cx, tx, TEXT(DUE_SUBSCRIPTION_SYNC), work->material.subscription.id.ulid,
                           work->plan.next);
    return err;
}

enum err sync_still_holds(struct cx *cx, struct store_tx *tx, const struct sync_work *work,
                          bool *ret)
{
    CHECK(work != NULL && ret != NULL);
    const struct sync_material *material = &work->material;
    *ret = false;
    if (work->changes.changed.count > 0 || work->changes.removed.count > 0 ||
        work->changes.drafted.count > 0 || work->changes.credits.count > 0 ||
        material->credits.count > 0)
        return OK;
    return sync_rows_is_at(cx, tx, &material->subscription, &material->state, ret);
}

static enum err sync_run(struct cx *cx, struct store_tx *tx, struct subscription_id id,
                         instant as_of)
{
    struct sync_work work;
    enum err err = sync_gather(cx, tx, id, as_of, &work);
    return err == OK ? sync_apply(cx, tx, &work) : err;
}

enum err bill_sync_subscription(struct cx *cx, struct store_tx *tx,
                                struct subscription_id subscription)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(!ulid_is_zero(subscription.ulid));
    return sync_run(cx, tx, subscription, cx->now);
}

enum err bill_sync_started(struct cx *cx, struct store_tx *tx,
                           const struct subscription *subscription)
{
    CHECK(cx != NULL && tx != NULL && subscription != NULL);
    instant as_of = cx->now;
    if (instant_before(subscription->active_from, as_of))
        as_of = subscription->active_from;
    return sync_run(cx, tx, subscription->id, as_of);
}

enum err bill_subscription_credits(struct cx *cx, text id, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct subscription subscription;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = subscription_find(cx, tx, id, &subscription);
    if (err == OK)
        err = sync_rows_credits(cx, tx, subscription.id, ret);
    return err;
}

enum err bill_sync_due(struct cx *cx, struct store_tx *tx, const struct due_row *row)
{
    CHECK(cx != NULL && tx != NULL && row != NULL);
    enum err err = due_done(tx, row, cx->arena);
    if (err == OK)
        err = sync_run(cx, tx, (struct subscription_id){ row->subject_id.ulid }, row->due_at);
    return err;
}

enum err bill_run_due(struct cx *cx, const struct due_row *row)
{
    CHECK(cx != NULL && row != NULL);
    CHECK(ulid_equal(cx->org.ulid, row->org_id.ulid));
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    if (text_equal(row->kind, TEXT(DUE_SUBSCRIPTION_MIGRATE)))
        return plan_migration_run(cx, row);
    if (!text_equal(row->kind, TEXT(DUE_SUBSCRIPTION_SYNC)))
        return bill_run_invoice_due(cx, row);
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = bill_sync_due(cx, tx, row);
    if (err == ERR_ABSENT)
        return OK;
    return store_finish(&tx, err);
}
