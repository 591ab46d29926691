/* due_rows.c: due work in the store. */
#include "bill/due.h"

#include "identity/audit.h"

static const struct field due_rows[] = {
    FIELD_ID(struct due_row, id),
    FIELD_ID(struct due_row, org_id, .flags = FIELD_NOT_JSON),
    FIELD(struct due_row, kind, TEXT),
    FIELD_ID(struct due_row, subject_id),
    FIELD(struct due_row, due_at, INSTANT),
    FIELD(struct due_row, attempts, INT),
    FIELD(struct due_row, retry_at, INSTANT),
    FIELD(struct due_row, parked_reason, TEXT),
    FIELD(struct due_row, created_at, INSTANT),
    FIELD_ID_AS(struct due_row, clock_id, "clock_id",
                .about = "The test clock on which it is due; the server's when absent."),
};
const struct fields due_row_fields = FIELDS("DueWork", struct due_row, due_rows);

enum err due_schedule(struct cx *cx, struct store_tx *tx, text kind, ulid subject, instant due_at)
{
    CHECK(tx != NULL && !text_is_empty(kind));
    CHECK(!ulid_is_zero(subject) && !instant_is_none(due_at));
    struct store_call call = {
        .args = STORE_ARGS(
            store_ulid("id", cx_ulid(cx), cx->arena), store_ulid("org_id", cx->org.ulid, cx->arena),
            store_text("kind", kind), store_ulid("subject_id", subject, cx->arena),
            store_instant("due_at", due_at, cx->arena), store_instant("now", cx->now, cx->arena),
            store_ulid("clock_id", cx->test_clock.ulid, cx->arena)),
    };
    return store_run(tx, SQL_DUE_WORK_INSERT, &call, NULL);
}

enum err due_cancel(struct cx *cx, struct store_tx *tx, text kind, ulid subject)
{
    CHECK(tx != NULL && !text_is_empty(kind));
    CHECK(!ulid_is_zero(subject));
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena), store_text("kind", kind),
                           store_ulid("subject_id", subject, cx->arena)),
    };
    return store_run(tx, SQL_DUE_WORK_CANCEL, &call, NULL);
}

enum err due_next(struct store *store, instant now, struct arena *arena, struct due_row *ret)
{
    CHECK(store != NULL && ret != NULL);
    CHECK(!instant_is_none(now));
    struct store_call call = { .args = STORE_ARGS(store_instant("now", now, arena)) };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    if (err == OK)
        err = store_one(tx, SQL_DUE_WORK_NEXT, &call, STORE_AS(&due_row_fields, arena), ret);
    return err;
}

enum err due_next_batch(struct store *store, instant now, int64_t limit, struct arena *arena,
                        struct list *ret)
{
    CHECK(store != NULL && ret != NULL);
    CHECK(!instant_is_none(now) && limit > 0);
    struct list rows = { 0 };
    struct store_call call = { .args = STORE_ARGS(store_instant("now", now, arena),
                                                  store_int("limit", limit)) };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    if (err == OK)
        err =
            store_all(tx, SQL_DUE_WORK_NEXT_BATCH, &call, STORE_AS(&due_row_fields, arena), &rows);
    if (err != OK)
        return err;
    const struct due_row *row = rows.items;
    size_t count = rows.count > 0 ? 1 : 0;
    while (count < rows.count && text_equal(row[count].kind, row[0].kind) &&
           ulid_equal(row[count].org_id.ulid, row[0].org_id.ulid))
        count++;
    *ret = (struct list){ rows.items, count };
    return OK;
}

enum err due_backlog(struct store *store, instant now, int64_t *ret_count, instant *ret_since)
{
    CHECK(store != NULL && ret_count != NULL && ret_since != NULL);
    struct due_row row;
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct store_call call = { .args = STORE_ARGS(store_instant("now", now, arena)) };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    if (err == OK)
        err = store_number(tx, SQL_DUE_WORK_DUE_TOTAL, &call, ret_count);
    if (err == OK)
        err = store_one(tx, SQL_DUE_WORK_NEXT, &call, STORE_AS(&due_row_fields, arena), &row);
    if (err != OK && err != ERR_ABSENT)
        return err;
    *ret_since = err == OK ? row.retry_at : INSTANT_NONE;
    return OK;
}

enum err due_next_at(struct store *store, instant *ret)
{
    CHECK(store != NULL && ret != NULL);
    struct due_row row;
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    if (err == OK)
        err = store_one(tx, SQL_DUE_WORK_FIRST, NULL, STORE_AS(&due_row_fields, arena), &row);
    if (err != OK && err != ERR_ABSENT)
        return err;
    *ret = err == OK ? row.retry_at : INSTANT_NONE;
    return OK;
}

enum err due_first_of_clock(struct store *store, struct test_clock_id clock, struct arena *arena,
                            struct due_row *ret)
{
    CHECK(store != NULL && ret != NULL);
    CHECK(!ulid_is_zero(clock.ulid));
    struct store_call call = { .args = STORE_ARGS(store_ulid("clock_id", clock.ulid, arena)) };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    if (err == OK)
        err = store_one(tx, SQL_DUE_WORK_FIRST_OF_CLOCK, &call, STORE_AS(&due_row_fields, arena),
                        ret);
    return err;
}

enum err due_done(struct store_tx *tx, const struct due_row *row, struct arena *arena)
{
    CHECK(tx != NULL && row != NULL);
    int64_t changed = 0;
    struct store_call call = { .args = STORE_ARGS(store_ulid("id", row->id.ulid, arena)) };
    enum err err = store_run(tx, SQL_DUE_WORK_DELETE, &call, &changed);
    if (err != OK)
        return err;
    return changed == 1 ? OK : ERR_ABSENT;
}

static enum err row_change(struct store *store, enum sql statement, const struct store_call *call)
{
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(store, &tx);
    if (err == OK)
        err = store_run(tx, statement, call, NULL);
    return store_finish(&tx, err);
}

enum err due_retry(struct store *store, const struct due_row *row, instant retry_at,
                   struct arena *arena)
{
    CHECK(store != NULL && row != NULL);
    CHECK(!instant_is_none(retry_at));
    struct store_call call = { .args = STORE_ARGS(store_ulid("id", row->id.ulid, arena),
                                                  store_instant("retry_at", retry_at, arena)) };
    return row_change(store, SQL_DUE_WORK_RETRY, &call);
}

enum err due_park(struct store *store, const struct due_row *row, text reason, struct arena *arena)
{
    CHECK(store != NULL && row != NULL);
    CHECK(!text_is_empty(reason));
    struct store_call call = { .args = STORE_ARGS(store_ulid("id", row->id.ulid, arena),
                                                  store_text("reason", reason)) };
    return row_change(store, SQL_DUE_WORK_PARK, &call);
}

enum err due_parked(struct cx *cx, struct list *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_call call = { .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena)) };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = store_all(tx, SQL_DUE_WORK_PARKED, &call, STORE_AS(&due_row_fields, cx->arena), ret);
    return err;
}

enum err due_unpark(struct cx *cx, struct due_id id)
{
    CHECK(cx != NULL && !ulid_is_zero(id.ulid));
    int64_t changed = 0;
    struct store_call call = {
        .args = STORE_ARGS(store_ulid("org_id", cx->org.ulid, cx->arena),
                           store_ulid("id", id.ulid, cx->arena),
                           store_instant("now", cx_server_now(cx), cx->arena)),
    };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = store_run(tx, SQL_DUE_WORK_UNPARK, &call, &changed);
    if (err == OK && changed == 0)
        err = problem_refuse(&cx->problem, FAULT_DUE_ABSENT, "%.*s",
                             TEXT_ARG(ulid_text(cx->arena, id.ulid)));
    if (err == OK)
        err = audit_write(cx, tx, TEXT("due_work.retry"), id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

enum err due_parked_count(struct store *store, int64_t *ret)
{
    CHECK(store != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    if (err == OK)
        err = store_number(tx, SQL_DUE_WORK_PARKED_TOTAL, NULL, ret);
    return err;
}
