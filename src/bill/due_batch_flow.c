/* due_batch_flow.c: many pieces of due work of one kind in one transaction, so that the disk is
 * waited for once. All is gathered and measured before the transaction begins. */
#include "bill/billing.h"
#include "bill/due_inside.h"
#include "bill/quantity.h"

/* One piece, with a context of its own: its customer may live in another time. */
struct piece {
    const struct due_row *row;
    struct meters_read *read; /* of the whole batch */
    struct cx cx;
    bool is_collect;
    bool is_move;
    struct collection collection;
    struct invoice_move move;
    struct invoice_work work;
};

static enum err piece_gather(struct piece *piece)
{
    piece->is_collect = text_equal(piece->row->kind, TEXT(DUE_INVOICE_COLLECT));
    piece->is_move = due_move_of(piece->row, &piece->move);
    piece->move.read = piece->read;
    problem_init(&piece->cx.problem, piece->cx.arena);
    if (piece->is_collect)
        return collect_gather(&piece->cx, piece->row, piece->read, &piece->collection);
    return piece->is_move ? invoice_move_gather(&piece->cx, &piece->move, &piece->work) : OK;
}

static enum err piece_apply(struct piece *piece, struct store_tx *tx)
{
    if (piece->is_move)
        return invoice_move_apply(&piece->cx, tx, &piece->move, &piece->work);
    if (!piece->is_collect)
        return bill_sync_due(&piece->cx, tx, piece->row);
    enum err err = due_done(tx, piece->row, piece->cx.arena);
    if (err == OK)
        err = collection_apply(&piece->cx, tx, &piece->collection);
    return err;
}

enum err bill_run_due_batch(struct cx *cx, const struct due_row *rows, size_t count)
{
    CHECK(cx != NULL && rows != NULL && count > 0);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct piece *pieces = ARENA_ARRAY(cx->arena, struct piece, count);
    struct meters_read read = { 0 };
    enum err err = OK;
    for (size_t i = 0; i < count && err == OK; i++) {
        CHECK(text_equal(rows[i].kind, rows[0].kind));
        pieces[i] = (struct piece){ .row = &rows[i], .read = &read, .cx = *cx };
        err = piece_gather(&pieces[i]);
    }
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    for (size_t i = 0; i < count && err == OK; i++) {
        err = piece_apply(&pieces[i], tx);
        if (err == ERR_ABSENT)
            err = OK;
    }
    return store_finish(&tx, err);
}
