/* test_clock_rows.c: test clocks in the store. */
#include "customer/test_clock_rows.h"

static struct store_arg org_arg(struct cx *cx)
{
    CHECK(!ulid_is_zero(cx->org.ulid));
    return store_ulid("org_id", cx->org.ulid, cx->arena);
}

static struct store_arg now_arg(struct cx *cx)
{
    return store_instant("now", cx_server_now(cx), cx->arena);
}

enum err test_clock_rows_get(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                             struct test_clock *ret)
{
    CHECK(tx != NULL && ret != NULL);
    struct store_call call = { .args =
                                   STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)) };
    return store_one(tx, SQL_TEST_CLOCK_GET, &call, STORE_AS(&test_clock_fields, cx->arena), ret);
}

enum err test_clock_rows_insert(struct store_tx *tx, const struct test_clock *clock)
{
    CHECK(tx != NULL && !ulid_is_zero(clock->id.ulid));
    struct store_call call = { .fields = &test_clock_fields, .record = clock };
    return store_run(tx, SQL_TEST_CLOCK_INSERT, &call, NULL);
}

enum err test_clock_rows_delete(struct cx *cx, struct store_tx *tx, struct test_clock_id id)
{
    CHECK(tx != NULL && !ulid_is_zero(id.ulid));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                                                  now_arg(cx)) };
    return store_run(tx, SQL_TEST_CLOCK_DELETE, &call, NULL);
}

enum err test_clock_rows_move(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                              instant to)
{
    CHECK(tx != NULL && !instant_is_none(to));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                                                  store_instant("to", to, cx->arena),
                                                  now_arg(cx)) };
    return store_run(tx, SQL_TEST_CLOCK_MOVE, &call, NULL);
}

enum err test_clock_rows_send(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                              instant to)
{
    CHECK(tx != NULL && !instant_is_none(to));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                                                  store_instant("to", to, cx->arena),
                                                  now_arg(cx)) };
    return store_run(tx, SQL_TEST_CLOCK_SEND, &call, NULL);
}

enum err test_clock_rows_stand(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                               instant at)
{
    CHECK(tx != NULL && !instant_is_none(at));
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena),
                                                  store_instant("at", at, cx->arena)) };
    return store_run(tx, SQL_TEST_CLOCK_STAND, &call, NULL);
}

enum err test_clocks_advancing(struct store *store, struct arena *arena, struct list *ret)
{
    CHECK(store != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(store, &tx);
    if (err == OK)
        err =
            store_all(tx, SQL_TEST_CLOCK_UNDER_WAY, NULL, STORE_AS(&test_clock_fields, arena), ret);
    return err;
}

enum err test_clock_rows_page(struct cx *cx, struct store_tx *tx, struct page page,
                              struct list *ret, int64_t *ret_total)
{
    CHECK(page.number >= 1 && page.size >= 1);
    struct store_call call = { .args = STORE_ARGS(org_arg(cx), store_int("limit", page.size),
                                                  store_int("offset", page_offset(page))) };
    enum err err = store_number(tx, SQL_TEST_CLOCK_COUNT, &call, ret_total);
    if (err == OK)
        err =
            store_all(tx, SQL_TEST_CLOCK_PAGE, &call, STORE_AS(&test_clock_fields, cx->arena), ret);
    return err;
}

enum err test_clock_rows_customers(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                                   int64_t *ret)
{
    CHECK(tx != NULL && ret != NULL);
    struct store_call call = { .args =
                                   STORE_ARGS(org_arg(cx), store_ulid("id", id.ulid, cx->arena)) };
    return store_number(tx, SQL_TEST_CLOCK_CUSTOMERS, &call, ret);
}

enum err customer_enter_id(struct cx *cx, struct store_tx *tx, struct customer_id customer)
{
    CHECK(cx != NULL && tx != NULL);
    struct test_clock clock;
    struct store_call call = { .args = STORE_ARGS(org_arg(cx),
                                                  store_ulid("id", customer.ulid, cx->arena)) };
    enum err err = store_one(tx, SQL_TEST_CLOCK_OF_CUSTOMER, &call,
                             STORE_AS(&test_clock_fields, cx->arena), &clock);
    if (err == OK)
        cx_enter_clock(cx, clock.id, clock.now);
    else if (err == ERR_ABSENT)
        cx_enter_clock(cx, (struct test_clock_id){ 0 }, INSTANT_NONE);
    return err == ERR_ABSENT ? OK : err;
}
