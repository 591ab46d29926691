/* due_batch_flow.c: much due work of one kind at once, a part of it in each transaction, so that
 * the disk is waited for once in a part.
 *
 * While this thread writes a part, another reads and reckons the next ones: one writer is all that
 * the store has, so what is not writing is kept from it. Between the two a part waits; what
 * somebody else changed of it meanwhile is found out when it is written, by the versions of what
 * was read.
 */
#include <pthread.h>

#include "bill/billing.h"
#include "bill/due_inside.h"
#include "bill/quantity.h"
#include "bill/sync_inside.h"
#include "notify/outbox_hold.h"

/* How many parts are in memory at once: one is written, one is ready, one is being gathered. */
#define PARTS_AT_ONCE 3

/* One piece, with a context of its own: its customer may live in another time. */
struct piece {
    const struct due_row *row;
    struct cx cx;
    bool is_sync;
    bool is_collect;
    bool is_move;
    struct sync_work sync;
    struct collection collection;
    struct invoice_move move;
    struct invoice_work work;
};

/* What goes into one transaction. */
struct part {
    struct arena *arena; /* what its pieces are made of */
    struct meters_read read;
    struct piece *pieces;
    size_t count;
    enum err err; /* of its gathering */
};

struct batch {
    const struct cx *cx;
    const struct due_batch *due;
    struct part parts[PARTS_AT_ONCE]; /* the k-th part is in place k modulo that */
    pthread_mutex_t lock;
    pthread_cond_t moved;
    size_t gathered; /* parts that are ready or past that */
    size_t written;
    bool is_over;             /* no more are to be gathered */
    struct outbox_hold *hold; /* the events of the part that is being written */
};

/* ---- gather -------------------------------------------------------------------------------- */

static enum err sync_read(struct cx *cx, const struct due_row *row, struct sync_work *ret)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err =
            sync_gather(cx, tx, (struct subscription_id){ row->subject_id.ulid }, row->due_at, ret);
    return err;
}

static enum err piece_gather(struct piece *piece, struct meters_read *read)
{
    piece->is_sync = text_equal(piece->row->kind, TEXT(DUE_SUBSCRIPTION_SYNC));
    piece->is_collect = text_equal(piece->row->kind, TEXT(DUE_INVOICE_COLLECT));
    piece->is_move = due_move_of(piece->row, &piece->move);
    piece->move.read = read;
    problem_init(&piece->cx.problem, piece->cx.arena);
    if (piece->is_sync)
        return sync_read(&piece->cx, piece->row, &piece->sync);
    if (piece->is_collect)
        return collect_gather(&piece->cx, piece->row, read, &piece->collection);
    /* Other kinds are not done in batches. */
    return piece->is_move ? invoice_move_gather(&piece->cx, &piece->move, &piece->work)
                          : ERR_CONFLICT;
}

static void part_gather(const struct batch *batch, size_t first, struct part *part)
{
    size_t left = batch->due->count - first;
    arena_reset(part->arena);
    part->read = (struct meters_read){ 0 };
    part->count = left < DUE_PART ? left : DUE_PART;
    part->pieces = ARENA_ARRAY(part->arena, struct piece, part->count);
    part->err = OK;
    for (size_t i = 0; i < part->count && part->err == OK; i++) {
        struct piece *piece = &part->pieces[i];
        *piece = (struct piece){ .row = &batch->due->rows[first + i], .cx = *batch->cx };
        piece->cx.arena = part->arena;
        CHECK(text_equal(piece->row->kind, batch->due->rows[0].kind));
        part->err = piece_gather(piece, &part->read);
        while (outbox_hold_help(batch->hold))
            continue;
    }
}

static size_t part_total(const struct batch *batch)
{
    return (batch->due->count + DUE_PART - 1) / DUE_PART;
}

/* Helps the writer until so many parts are written; false when all is over. */
static bool wait_for_written(struct batch *batch, size_t count)
{
    for (;;) {
        MUST(pthread_mutex_lock(&batch->lock) == 0);
        bool is_over = batch->is_over;
        bool is_written = batch->written >= count;
        if (!is_over && !is_written)
            MUST(pthread_cond_wait(&batch->moved, &batch->lock) == 0);
        MUST(pthread_mutex_unlock(&batch->lock) == 0);
        if (is_over || is_written)
            return !is_over;
        while (outbox_hold_help(batch->hold))
            continue;
    }
}

static void gather_ahead(struct batch *batch)
{
    for (size_t k = 0; k < part_total(batch); k++) {
        size_t needed = k < PARTS_AT_ONCE ? 0 : k - PARTS_AT_ONCE + 1;
        if (!wait_for_written(batch, needed))
            return;
        part_gather(batch, k * DUE_PART, &batch->parts[k % PARTS_AT_ONCE]);
        MUST(pthread_mutex_lock(&batch->lock) == 0);
        batch->gathered = k + 1;
        MUST(pthread_cond_broadcast(&batch->moved) == 0);
        MUST(pthread_mutex_unlock(&batch->lock) == 0);
    }
}

static void *help_thread(void *state)
{
    struct batch *batch = state;
    gather_ahead(batch);
    wait_for_written(batch, part_total(batch));
    return NULL;
}

/* ---- apply --------------------------------------------------------------------------------- */

static enum err sync_write(struct piece *piece, struct store_tx *tx)
{
    bool still_holds = false;
    enum err err = sync_still_holds(&piece->cx, tx, &piece->sync, &still_holds);
    if (err == OK && !still_holds)
        return bill_sync_due(&piece->cx, tx, piece->row);
    if (err == OK)
        err = due_done(tx, piece->row, piece->cx.arena);
    return err == OK ? sync_apply(&piece->cx, tx, &piece->sync) : err;
}

static enum err piece_apply(struct piece *piece, struct store_tx *tx)
{
    if (piece->is_move)
        return invoice_move_apply(&piece->cx, tx, &piece->move, &piece->work);
    if (piece->is_sync)
        return sync_write(piece, tx);
    enum err err = due_done(tx, piece->row, piece->cx.arena);
    if (err == OK)
        err = collection_apply(&piece->cx, tx, &piece->collection);
    return err;
}

static enum err part_apply(struct batch *batch, const struct part *part)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    struct cx *cx = NULL;
    enum err err = part->err;
    if (err == OK)
        err = store_begin_write(batch->cx->store, &tx);
    for (size_t i = 0; i < part->count && err == OK; i++) {
        cx = &part->pieces[i].cx;
        cx->outbox_hold = batch->hold;
        err = piece_apply(&part->pieces[i], tx);
        /* Somebody else has done it meanwhile. */
        if (err == ERR_ABSENT)
            err = OK;
        MUST(pthread_cond_signal(&batch->moved) == 0);
    }
    if (err == OK)
        err = outbox_hold_write(cx, tx, batch->hold);
    else
        outbox_hold_drop(batch->hold);
    return store_finish(&tx, err);
}

/* ---- both ---------------------------------------------------------------------------------- */

static void batch_init(struct batch *batch, const struct cx *cx, const struct due_batch *due)
{
    *batch = (struct batch){ .cx = cx, .due = due, .hold = outbox_hold_new() };
    for (size_t i = 0; i < PARTS_AT_ONCE; i++)
        batch->parts[i].arena = arena_new();
    MUST(pthread_mutex_init(&batch->lock, NULL) == 0);
    MUST(pthread_cond_init(&batch->moved, NULL) == 0);
}

static void batch_end(struct batch *batch)
{
    for (size_t i = 0; i < PARTS_AT_ONCE; i++)
        arena_free(batch->parts[i].arena);
    outbox_hold_free(batch->hold);
    MUST(pthread_mutex_destroy(&batch->lock) == 0);
    MUST(pthread_cond_destroy(&batch->moved) == 0);
}

/* Writes part after part as they come, until one does not go through. */
static enum err write_all(struct batch *batch, size_t *done)
{
    enum err err = OK;
    for (size_t k = 0; k < part_total(batch) && err == OK; k++) {
        const struct part *part = &batch->parts[k % PARTS_AT_ONCE];
        MUST(pthread_mutex_lock(&batch->lock) == 0);
        while (batch->gathered <= k)
            MUST(pthread_cond_wait(&batch->moved, &batch->lock) == 0);
        MUST(pthread_mutex_unlock(&batch->lock) == 0);
        err = part_apply(batch, part);
        if (err == OK)
            *done += part->count;
        if (err == OK && batch->due->is_stopping && *batch->due->is_stopping)
            err = ERR_STOPPED;
        MUST(pthread_mutex_lock(&batch->lock) == 0);
        batch->written = k + 1;
        batch->is_over = err != OK;
        MUST(pthread_cond_broadcast(&batch->moved) == 0);
        MUST(pthread_mutex_unlock(&batch->lock) == 0);
    }
    return err;
}

enum err bill_run_due_batch(const struct cx *cx, const struct due_batch *due, size_t *ret_done)
{
    CHECK(cx != NULL && due != NULL && ret_done != NULL);
    CHECK(due->rows != NULL && due->count > 0);
    struct batch batch;
    pthread_t thread;
    enum err err;
    bool is_long = due->count > DUE_PART;
    *ret_done = 0;
    batch_init(&batch, cx, due);
    if (is_long)
        MUST(pthread_create(&thread, NULL, help_thread, &batch) == 0);
    else
        gather_ahead(&batch);
    err = write_all(&batch, ret_done);
    if (is_long)
        MUST(pthread_join(thread, NULL) == 0);
    batch_end(&batch);
    return err;
}
