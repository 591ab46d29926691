/* test_clock_flow.c: the commands on test clocks: gather, decide, apply. */
#include "base/limits.h"
#include "base/span.h"
#include "customer/test_clock_rows.h"
#include "identity/audit.h"

/* Where clocks may stand: far enough from what an instant can say for spans to be added. */
#define CLOCK_FIRST_YEAR 1970
#define CLOCK_LAST_YEAR  2199

static enum err range_check(struct cx *cx, instant at)
{
    int32_t year = civil_of(at, zone_utc()).year;
    if (year >= CLOCK_FIRST_YEAR && year <= CLOCK_LAST_YEAR)
        return OK;
    return problem_refuse(&cx->problem, FAULT_TEST_CLOCK_RANGE, "it may stand from %d to %d",
                          CLOCK_FIRST_YEAR, CLOCK_LAST_YEAR);
}

static enum err clock_find(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                           struct test_clock *ret)
{
    enum err err = test_clock_rows_get(cx, tx, id, ret);
    if (err != ERR_ABSENT)
        return err;
    return problem_refuse(&cx->problem, FAULT_TEST_CLOCK_ABSENT, "no test clock has the id %.*s",
                          TEXT_ARG(ulid_text(cx->arena, id.ulid)));
}

/* For an answer. */
static void clock_show(struct test_clock *clock)
{
    clock->status = instant_is_none(clock->advancing_to) ? TEST_CLOCK_READY : TEST_CLOCK_ADVANCING;
}

enum err test_clock_create(struct cx *cx, const struct test_clock *body, struct test_clock *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    CHECK(!text_is_empty(body->name));
    instant now = cx_server_now(cx);
    struct list first;
    int64_t total;
    struct test_clock clock = {
        .id = { cx_ulid(cx) },
        .org_id = cx->org,
        .name = body->name,
        .now = instant_is_none(body->now) ? now : body->now,
        .advancing_to = INSTANT_NONE,
        .status = TEST_CLOCK_READY,
        .created_at = now,
        .updated_at = now,
        .deleted_at = INSTANT_NONE,
    };
    enum err err = range_check(cx, clock.now);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    if (err == OK)
        err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = test_clock_rows_page(cx, tx, (struct page){ 1, 1 }, &first, &total);
    if (err == OK && total >= LIMIT_TEST_CLOCKS_MAX)
        err = problem_refuse(&cx->problem, FAULT_TEST_CLOCK_FULL, "there are %d of them",
                             LIMIT_TEST_CLOCKS_MAX);
    if (err == OK)
        err = test_clock_rows_insert(tx, &clock);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("test_clock.create"), clock.id.ulid, TEXT_NONE);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret = clock;
    return err;
}

enum err test_clock_get(struct cx *cx, struct test_clock_id id, struct test_clock *ret)
{
    CHECK(cx != NULL && ret != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = clock_find(cx, tx, id, ret);
    if (err == OK)
        clock_show(ret);
    return err;
}

enum err test_clock_list(struct cx *cx, struct page page, struct list *ret, int64_t *ret_total)
{
    CHECK(cx != NULL && ret != NULL && ret_total != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = test_clock_rows_page(cx, tx, page, ret, ret_total);
    for (size_t i = 0; err == OK && i < ret->count; i++)
        clock_show(&((struct test_clock *)ret->items)[i]);
    return err;
}

enum err test_clock_delete(struct cx *cx, struct test_clock_id id)
{
    CHECK(cx != NULL);
    struct test_clock clock;
    int64_t customers = 0;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = clock_find(cx, tx, id, &clock);
    if (err == OK)
        err = test_clock_rows_customers(cx, tx, id, &customers);
    if (err == OK && customers > 0)
        err = problem_refuse(&cx->problem, FAULT_TEST_CLOCK_IN_USE, "%lld live on it",
                             (long long)customers);
    if (err == OK)
        err = test_clock_rows_delete(cx, tx, id);
    if (err == OK)
        err = audit_write(cx, tx, TEXT("test_clock.delete"), id.ulid, TEXT_NONE);
    return store_finish(&tx, err);
}

static enum err send_check(struct cx *cx, const struct test_clock *clock, instant to)
{
    const span most = { .years = LIMIT_TEST_CLOCK_LEAP_YEARS };
    enum err err = range_check(cx, to);
    if (err != OK)
        return err;
    if (!instant_is_none(clock->advancing_to) && !instant_equal(clock->advancing_to, to))
        return problem_refuse(&cx->problem, FAULT_TEST_CLOCK_ADVANCING, "to %.*s",
                              TEXT_ARG(instant_text(cx->arena, clock->advancing_to)));
    if (instant_before(to, clock->now))
        return problem_refuse(&cx->problem, FAULT_CLOCK_BACKWARDS, "it is %.*s",
                              TEXT_ARG(instant_text(cx->arena, clock->now)));
    instant last = span_add(clock->now, most, 1, zone_utc());
    if (instant_before(last, to))
        return problem_refuse(&cx->problem, FAULT_TEST_CLOCK_RANGE,
                              "at most %d years in one step: not after %.*s",
                              LIMIT_TEST_CLOCK_LEAP_YEARS, TEXT_ARG(instant_text(cx->arena, last)));
    return OK;
}

enum err test_clock_send(struct cx *cx, struct test_clock_id id, instant to, bool *ret_is_long)
{
    CHECK(cx != NULL && !instant_is_none(to) && ret_is_long != NULL);
    const span brief = { .years = LIMIT_TEST_CLOCK_YEARS };
    struct test_clock clock = { .now = INSTANT_NONE };
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = clock_find(cx, tx, id, &clock);
    if (err == OK)
        err = send_check(cx, &clock, to);
    if (err == OK)
        err = test_clock_rows_send(cx, tx, id, to);
    err = store_finish(&tx, err);
    if (err == OK)
        *ret_is_long = instant_before(span_add(clock.now, brief, 1, zone_utc()), to);
    return err;
}

enum err test_clock_move(struct cx *cx, struct test_clock_id id, instant to)
{
    CHECK(cx != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = test_clock_rows_move(cx, tx, id, to);
    return store_finish(&tx, err);
}

enum err test_clock_arrive(struct cx *cx, struct test_clock_id id, instant to)
{
    CHECK(cx != NULL);
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    enum err err = store_begin_write(cx->store, &tx);
    if (err == OK)
        err = test_clock_rows_move(cx, tx, id, to);
    if (err == OK)
        err = test_clock_rows_stand(cx, tx, id, to);
    return store_finish(&tx, err);
}

enum err test_clock_need(struct cx *cx, struct store_tx *tx, struct test_clock_id id,
                         struct test_clock *ret)
{
    CHECK(cx != NULL && tx != NULL);
    int64_t customers = 0;
    enum err err = clock_find(cx, tx, id, ret);
    if (err == OK)
        err = test_clock_rows_customers(cx, tx, id, &customers);
    if (err == OK && customers >= LIMIT_TEST_CLOCK_CUSTOMERS_MAX)
        err = problem_refuse(&cx->problem, FAULT_TEST_CLOCK_FULL, "%d customers live on it",
                             LIMIT_TEST_CLOCK_CUSTOMERS_MAX);
    return err;
}
