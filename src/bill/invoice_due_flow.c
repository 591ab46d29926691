/* invoice_due_flow.c: what time alone does to invoices. */
#include "bill/bill_rows.h"
#include "bill/due_inside.h"
#include "bill/invoice_collect_inside.h"
#include "bill/invoice_move.h"
#include "bill/invoice_rows.h"

#define COLLECT_ATTEMPTS 5

/* ---- collecting ---------------------------------------------------------------------------- */

/* Whose the gathering invoice is; ERR_ABSENT when it is gone, as its lines are. */
static enum err owner_of(struct cx *cx, struct invoice_id id, struct customer_id *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct gathering gathering;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = bill_rows_gathering_get(cx, tx, id, &gathering);
    if (err == OK)
        *ret = gathering.customer_id;
    return err;
}

/* As of the time at which it was due, however late it is now: so that what was missed goes by
 * period by period. */
enum err collect_gather(struct cx *cx, const struct due_row *row, struct meters_read *read,
                        struct collection *ret)
{
    struct invoice_id gathering = { row->subject_id.ulid };
    struct customer_id customer;
    struct collect_wish wish = {
        .as_of = row->due_at, .only = gathering, .is_automatic = true, .read = read
    };
    enum err err = owner_of(cx, gathering, &customer);
    *ret = (struct collection){ 0 };
    if (err == ERR_ABSENT)
        return OK;
    if (err == OK)
        err = late_gather(cx, customer, row->due_at);
    if (err == OK)
        err = collection_gather(cx, customer, &wish, ret);
    return err;
}

static enum err collect_once(struct cx *cx, const struct due_row *row)
{
    struct collection collection;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = collect_gather(cx, row, NULL, &collection);
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = due_done(tx, row, cx->arena);
    if (err == OK)
        err = collection_apply(cx, tx, &collection);
    return store_finish(&tx, err);
}

static enum err run_collect(struct cx *cx, const struct due_row *row)
{
    enum err err = ERR_CONFLICT;
    for (int i = 0; i < COLLECT_ATTEMPTS && err == ERR_CONFLICT; i++)
        err = collect_once(cx, row);
    return err == ERR_ABSENT ? OK : err;
}

/* ---- the rest ------------------------------------------------------------------------------ */

bool due_move_of(const struct due_row *row, struct invoice_move *ret)
{
    static const struct {
        const char *kind;
        enum invoice_trigger trigger;
    } kinds[] = {
        { DUE_INVOICE_ADVANCE, TRIGGER_NEXT },
        { DUE_INVOICE_RETRY, TRIGGER_RETRY },
        { DUE_INVOICE_OVERDUE, TRIGGER_OVERDUE },
    };

    CHECK(row != NULL && ret != NULL);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!text_equal(row->kind, text_of(kinds[i].kind)))
            continue;
        *ret = (struct invoice_move){ .id = { row->subject_id.ulid },
                                      .trigger = kinds[i].trigger,
                                      .due = row };
        return true;
    }
    return false;
}

enum err bill_run_invoice_due(struct cx *cx, const struct due_row *row)
{
    CHECK(cx != NULL && row != NULL);
    CHECK(ulid_equal(cx->org.ulid, row->org_id.ulid));
    if (text_equal(row->kind, TEXT(DUE_INVOICE_COLLECT)))
        return run_collect(cx, row);
    struct invoice_move move;
    struct invoice_work work;
    if (!due_move_of(row, &move))
        return problem_refuse(&cx->problem, FAULT_DUE_KIND_UNKNOWN, "%.*s", TEXT_ARG(row->kind));
    enum err err = invoice_move_run(cx, &move, &work);
    return err == ERR_ABSENT ? OK : err;
}
