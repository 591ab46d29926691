/* Test clocks: whose time it is, how far they go, who lives on them. */
#include "base/limits.h"
#include "customer/customer.h"
#include "customer/test_clock.h"
#include "lib/fixture.h"
#include "lib/tap.h"

static enum err make(struct fixture *f, const char *name, const char *now, struct test_clock *ret)
{
    struct test_clock body = {
        .name = text_of(name),
        .now = now != NULL ? fixture_instant(now) : INSTANT_NONE,
    };
    fixture_forget(f);
    return test_clock_create(&f->cx, &body, ret);
}

static enum err settle(struct fixture *f, const char *name, struct test_clock_id clock,
                       struct customer *ret)
{
    struct customer body = { .name = text_of(name), .test_clock_id = clock };
    fixture_forget(f);
    return customer_create(&f->cx, &body, ret);
}

static bool now_is(const struct fixture *f, const char *rfc3339)
{
    return instant_equal(f->cx.now, fixture_instant(rfc3339));
}

/* Each of two customers brings its own time into the context. */
static void test_enter(struct fixture *f, const struct test_clock *clock)
{
    struct customer clocked, plain, got;
    struct store_tx *tx = NULL;
    OK(settle(f, "On the clock", clock->id, &clocked) == OK, "a customer is made on a clock");
    OK(now_is(f, "2030-05-01T00:00:00Z"), "which is the present from then on");
    OK(instant_equal(clocked.created_at, clock->now), "it is made at that time");
    OK(instant_equal(cx_server_now(&f->cx), fixture_instant("2026-01-01T00:00:00Z")),
       "the server's time is still known");
    cx_enter_clock(&f->cx, (struct test_clock_id){ 0 }, INSTANT_NONE);
    MUST(settle(f, "Not on it", (struct test_clock_id){ 0 }, &plain) == OK);
    OK(customer_get(&f->cx, ulid_text(f->cx.arena, clocked.id.ulid), &got) == OK &&
           now_is(f, "2030-05-01T00:00:00Z"),
       "whoever is found brings the own time");
    OK(customer_get(&f->cx, ulid_text(f->cx.arena, plain.id.ulid), &got) == OK &&
           now_is(f, "2026-01-01T00:00:00Z"),
       "and another one brings the server's back");
    MUST(store_begin_read(f->cx.store, &tx) == OK);
    OK(customer_enter_id(&f->cx, tx, clocked.id) == OK && now_is(f, "2030-05-01T00:00:00Z"),
       "by id, too");
    OK(customer_enter_id(&f->cx, tx, plain.id) == OK && now_is(f, "2026-01-01T00:00:00Z"),
       "and back");
    f->cx.is_now_asked = true;
    f->cx.now = fixture_instant("2020-01-01T00:00:00Z");
    OK(customer_enter_id(&f->cx, tx, clocked.id) == OK && now_is(f, "2020-01-01T00:00:00Z"),
       "a question about another time is not turned into one about the present");
    store_rollback(tx);
    f->cx.is_now_asked = false;
    f->cx.now = f->cx.server_now = fixture_instant("2026-01-01T00:00:00Z");
    cx_enter_clock(&f->cx, (struct test_clock_id){ 0 }, INSTANT_NONE);
}

/* Each from a clock of its own, which stands where the given one does. */
static void test_range(struct fixture *f)
{
    static const struct {
        const char *to;
        enum fault fault;
        bool is_long;
    } cases[] = {
        { "2030-05-01T00:00:00Z", FAULT_NONE, false },
        { "2032-05-01T00:00:00Z", FAULT_NONE, false },
        { "2032-05-01T00:00:00.000000001Z", FAULT_NONE, true },
        { "2050-05-01T00:00:00Z", FAULT_NONE, true },
        { "2050-05-01T00:00:00.000000001Z", FAULT_TEST_CLOCK_RANGE, false },
        { "2030-04-30T23:59:59.999999999Z", FAULT_CLOCK_BACKWARDS, false },
        { "2200-01-01T00:00:00Z", FAULT_TEST_CLOCK_RANGE, false },
        { "1969-12-31T23:59:59Z", FAULT_TEST_CLOCK_RANGE, false },
    };
    struct test_clock made, got;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool is_long = false;
        MUST(make(f, "Range", "2030-05-01T00:00:00Z", &made) == OK);
        fixture_forget(f);
        enum err err = test_clock_send(&f->cx, made.id, fixture_instant(cases[i].to), &is_long);
        OK((err == OK) == (cases[i].fault == FAULT_NONE) && fixture_fault(f) == cases[i].fault &&
               is_long == cases[i].is_long,
           "advance to %s: fault %d", cases[i].to, (int)fixture_fault(f));
    }
    MUST(make(f, "On its way", "2030-05-01T00:00:00Z", &made) == OK);
    instant to = fixture_instant("2030-06-01T00:00:00Z");
    bool is_long = false;
    fixture_forget(f);
    MUST(test_clock_send(&f->cx, made.id, to, &is_long) == OK);
    OK(test_clock_send(&f->cx, made.id, to, &is_long) == OK, "sent there twice is once");
    OK(test_clock_send(&f->cx, made.id, fixture_instant("2030-07-01T00:00:00Z"), &is_long) ==
               ERR_REFUSED &&
           fixture_fault(f) == FAULT_TEST_CLOCK_ADVANCING,
       "and elsewhere it is not sent meanwhile");
    MUST(test_clock_arrive(&f->cx, made.id, to) == OK);
    OK(test_clock_get(&f->cx, made.id, &got) == OK && instant_equal(got.now, to) &&
           instant_is_none(got.advancing_to),
       "there it stands");
    fixture_forget(f);
    OK(make(f, "Early", "1970-01-01T00:00:00Z", &made) == OK, "the first time there is");
    OK(make(f, "Late", "2199-12-31T23:59:59Z", &made) == OK, "and the last");
    OK(make(f, "Later", "2200-01-01T00:00:00Z", &made) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_TEST_CLOCK_RANGE,
       "not behind it");
}

static void test_move(struct fixture *f, const struct test_clock *clock)
{
    struct test_clock got;
    MUST(test_clock_move(&f->cx, clock->id, fixture_instant("2030-06-01T00:00:00Z")) == OK);
    OK(test_clock_get(&f->cx, clock->id, &got) == OK &&
           instant_equal(got.now, fixture_instant("2030-06-01T00:00:00Z")),
       "a clock moves on");
    MUST(test_clock_move(&f->cx, clock->id, fixture_instant("2030-05-15T00:00:00Z")) == OK);
    OK(test_clock_get(&f->cx, clock->id, &got) == OK &&
           instant_equal(got.now, fixture_instant("2030-06-01T00:00:00Z")),
       "and never back");
    fixture_restart(f);
    OK(test_clock_get(&f->cx, clock->id, &got) == OK &&
           instant_equal(got.now, fixture_instant("2030-06-01T00:00:00Z")),
       "also not over a restart");
}

static void test_full(struct fixture *f)
{
    struct test_clock crowded, got;
    struct customer customer;
    MUST(make(f, "Crowded", NULL, &crowded) == OK);
    OK(instant_equal(crowded.now, fixture_instant("2026-01-01T00:00:00Z")),
       "without a time it stands where the server is");
    for (int i = 0; i < LIMIT_TEST_CLOCK_CUSTOMERS_MAX; i++)
        MUST(settle(f, "One of many", crowded.id, &customer) == OK);
    OK(settle(f, "One too many", crowded.id, &customer) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_TEST_CLOCK_FULL,
       "so many and no more live on one");
    fixture_forget(f);
    OK(test_clock_delete(&f->cx, crowded.id) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_TEST_CLOCK_IN_USE,
       "it cannot go while they do");
    OK(test_clock_get(&f->cx, crowded.id, &got) == OK, "and is still there");
}

int main(void)
{
    struct fixture f;
    struct test_clock clock;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    MUST(make(&f, "Life", "2030-05-01T00:00:00Z", &clock) == OK);
    test_enter(&f, &clock);
    test_range(&f);
    test_move(&f, &clock);
    test_full(&f);
    fixture_close(&f);
    return tap_end();
}
