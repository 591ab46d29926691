/* draft_follow_flow.c: lines on drafts become what their subscription makes of them. */
#include "bill/draft_follow.h"

#include "bill/bill_rows.h"
#include "bill/billing.h"
#include "bill/invoice_move.h"
#include "bill/invoice_print.h"
#include "bill/invoice_rows.h"
#include "bill/sync_rows.h"

static const struct line_drafted *drafted_find(const struct list *drafted, struct line_id id)
{
    const struct line_drafted *items = drafted->items;
    for (size_t i = 0; i < drafted->count; i++) {
        if (ulid_equal(items[i].line.id.ulid, id.ulid))
            return &items[i];
    }
    return NULL;
}

/* Changes the lines of one draft; false when none of those that count is left. */
static bool lines_follow(struct cx *cx, const struct list *drafted, struct invoice_work *work)
{
    bool has_lines = false;
    for (size_t i = 0; i < work->lines.count; i++) {
        struct pending_line *line = &invoice_work_line(work, i)->line;
        const struct line_drafted *change = drafted_find(drafted, line->id);
        if (change != NULL) {
            *line = change->line;
            line->updated_at = cx->now;
            line->deleted_at = change->is_withdrawn ? cx->now : INSTANT_NONE;
        }
        has_lines |= instant_is_none(line->deleted_at);
    }
    work->has_new_lines = true;
    invoice_work_sum(work);
    return has_lines;
}

/* It cannot be issued until it was rated again. */
static void draft_hold(struct cx *cx, struct invoice_work *work)
{
    struct invoice_facts facts = invoice_facts_of(&work->record, &work->lines, cx->now);
    enum invoice_state to = STATE_DRAFT_UPDATING;
    if (work->record.state != STATE_DRAFT_UPDATING)
        MUST(invoice_state_next(work->record.state, TRIGGER_UPDATE, &facts, &to));
    work->record.state = to;
    invoice_work_dates(cx, work);
}

static enum err draft_change(struct cx *cx, struct store_tx *tx, struct invoice_id id,
                             const struct list *drafted)
{
    struct invoice_work work;
    const struct line_drafted *items = drafted->items;
    enum err err = invoice_work_read(cx, tx, id, &work);
    if (err != OK)
        return err;
    if (lines_follow(cx, drafted, &work))
        draft_hold(cx, &work);
    else
        err = invoice_work_run(cx, tx, &work, TRIGGER_DELETE);
    if (err == OK)
        err = invoice_work_store(cx, tx, &work);
    for (size_t i = 0; i < drafted->count && err == OK; i++) {
        if (items[i].is_withdrawn && ulid_equal(items[i].line.invoice_id.ulid, id.ulid))
            err = bill_rows_line_withdraw(cx, tx, items[i].line.id);
    }
    return err;
}

/* Whether an earlier line of the list is on the same draft. */
static bool is_seen(const struct line_drafted *items, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (ulid_equal(items[i].line.invoice_id.ulid, items[index].line.invoice_id.ulid))
            return true;
    }
    return false;
}

enum err draft_follow(struct cx *cx, struct store_tx *tx, const struct list *drafted)
{
    CHECK(cx != NULL && tx != NULL && drafted != NULL);
    const struct line_drafted *items = drafted->items;
    enum err err = OK;
    for (size_t i = 0; i < drafted->count && err == OK; i++) {
        if (!is_seen(items, i))
            err = draft_change(cx, tx, items[i].line.invoice_id, drafted);
    }
    return err;
}

static enum err drafts_read(struct cx *cx, struct customer_id customer, struct list *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    return err == OK ? invoice_rows_being_updated(cx, tx, customer, ret) : err;
}

void draft_settle(struct cx *cx, struct customer_id customer)
{
    CHECK(cx != NULL && !ulid_is_zero(customer.ulid));
    struct cx own = *cx;
    struct list drafts = { 0 };
    enum err err = drafts_read(&own, customer, &drafts);
    for (size_t i = 0; i < drafts.count && err == OK; i++) {
        struct invoice_work work;
        const struct invoice_move move = {
            .id = ((const struct invoice_place *)drafts.items)[i].id,
            .trigger = TRIGGER_NEXT,
            .audit = "invoice.update",
        };
        problem_init(&own.problem, own.arena);
        err = invoice_move_run(&own, &move, &work);
        if (err == ERR_REFUSED)
            err = OK;
    }
}

static enum err subscriptions_sync(struct cx *cx, struct store_tx *tx, const struct list *credits)
{
    const struct line_credit *items = credits->items;
    enum err err = OK;
    for (size_t i = 0; i < credits->count && err == OK; i++)
        err = bill_sync_subscription(cx, tx, items[i].subscription_id);
    return err;
}

void draft_resume(struct cx *cx, struct invoice_id id)
{
    CHECK(cx != NULL && !ulid_is_zero(id.ulid));
    struct cx own = *cx;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct invoice_place place = { 0 };
    struct list credits = { 0 };
    problem_init(&own.problem, own.arena);
    enum err err = store_begin_write(own.store, &tx);
    if (err == OK)
        err = invoice_rows_place(&own, tx, id, &place);
    if (err == OK && invoice_state_is_editable(place.state))
        err = sync_rows_credits_of_invoice(&own, tx, id, &credits);
    if (err == OK)
        err = subscriptions_sync(&own, tx, &credits);
    if (store_finish(&tx, err) == OK && credits.count > 0)
        draft_settle(&own, place.customer_id);
}
