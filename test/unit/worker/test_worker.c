/* The worker: order, retries, what is set aside, and months that go by on a manual clock. */
#include "worker/worker.h"

#include <pthread.h>
#include <sqlite3.h>
#include <sys/socket.h>

#include "base/log.h"
#include "bill/billing.h"
#include "customer/test_clock.h"
#include "lib/shop.h"
#include "lib/tap.h"

static struct worker *worker_of(struct fixture *f, struct clock *clock)
{
    struct worker_config config = {
        .store = f->cx.store,
        .usage = f->cx.usage,
        .clock = clock,
        .ids = f->cx.ids,
        .random = &f->random,
    };
    return worker_new(&config);
}

/* "2 done, 0 retried, 1 parked". */
static text counts(struct fixture *f, struct worker *worker)
{
    struct worker_stats stats;
    worker_stats(worker, &stats);
    return text_format(f->cx.arena, "%llu done, %llu retried, %llu parked",
                       (unsigned long long)stats.done, (unsigned long long)stats.retried,
                       (unsigned long long)stats.parked);
}

static ulid schedule(struct fixture *f, const char *kind, const char *due_at)
{
    struct store_tx *tx;
    ulid subject = cx_ulid(&f->cx);
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    MUST(due_schedule(&f->cx, tx, text_of(kind), subject, fixture_instant(due_at)) == OK);
    MUST(store_commit(tx) == OK);
    return subject;
}

static struct list parked(struct fixture *f)
{
    struct list rows;
    MUST(due_parked(&f->cx, &rows) == OK);
    return rows;
}

/* ---- behind the store's back ---------------------------------------------------------------- */

/* Runs SQL on a connection of its own; the first column of the rows, joined by spaces. */
static text sql(struct fixture *f, const char *statement)
{
    struct buffer rows = { .arena = f->cx.arena };
    sqlite3 *db;
    sqlite3_stmt *prepared;
    int code;
    MUST(sqlite3_open(f->store_path, &db) == SQLITE_OK);
    MUST(sqlite3_busy_timeout(db, 5000) == SQLITE_OK);
    MUST(sqlite3_prepare_v2(db, statement, -1, &prepared, NULL) == SQLITE_OK);
    while ((code = sqlite3_step(prepared)) == SQLITE_ROW)
        buffer_format(&rows, "%s%s", rows.len > 0 ? " " : "", sqlite3_column_text(prepared, 0));
    MUST(code == SQLITE_DONE && sqlite3_finalize(prepared) == SQLITE_OK);
    MUST(sqlite3_close(db) == SQLITE_OK);
    return buffer_text(&rows);
}

/* Lets the store refuse new lines of a subscription, as a trouble of the world would. */
static void break_lines_of(struct fixture *f, const struct subscription *subscription)
{
    text statement = text_format(f->cx.arena,
                                 "CREATE TRIGGER trouble BEFORE INSERT ON invoice_line "
                                 "WHEN NEW.subscription_id = '%.*s' "
                                 "BEGIN SELECT RAISE(ABORT, 'trouble'); END",
                                 TEXT_ARG(ulid_text(f->cx.arena, subscription->id.ulid)));
    (void)sql(f, text_cstr(f->cx.arena, statement));
}

static void mend_lines(struct fixture *f)
{
    (void)sql(f, "DROP TRIGGER trouble");
}

/* ---- subscriptions -------------------------------------------------------------------------- */

/* A monthly subscription of a new customer to the plan "basic", from now on. */
static struct subscription subscribe(struct fixture *f, const char *customer)
{
    struct subscription_body input;
    struct subscription made;
    (void)shop_customer(f, customer, customer);
    text body = text_format(
        f->cx.arena, "{\"customer\":{\"key\":\"%s\"},\"plan\":{\"key\":\"basic\"}}", customer);
    shop_read(f, &subscription_body_v3_fields, body, &input);
    MUST(bill_subscription_create(&f->cx, &input, &made) == OK);
    return made;
}

static void open_shop(struct fixture *f)
{
    fixture_open(f, "2026-01-01T00:00:00Z");
    (void)shop_meter(f, "{\"key\":\"runs\",\"name\":\"Runs\",\"aggregation\":\"count\","
                        "\"event_type\":\"run\"}");
    struct feature feature = shop_feature(f, "runs", "{\"key\":\"runs\",\"name\":\"Runs\"}");
    (void)shop_simple_plan(f, "basic", "USD", shop_unit_card(f, &feature, "0.5"));
}

/* The starts of the periods of a subscription's lines. */
static text line_starts(struct fixture *f, const struct subscription *subscription)
{
    text statement = text_format(f->cx.arena,
                                 "SELECT substr(service_from, 1, 10) FROM invoice_line "
                                 "WHERE subscription_id = '%.*s' ORDER BY 1",
                                 TEXT_ARG(ulid_text(f->cx.arena, subscription->id.ulid)));
    return sql(f, text_cstr(f->cx.arena, statement));
}

static const char four_months[] = "2026-01-01 2026-02-01 2026-03-01 2026-04-01";

/* ---- tests ---------------------------------------------------------------------------------- */

static void test_order(void)
{
    static const char *const times[] = { "2026-03-01T00:00:00Z", "2026-01-15T00:00:00Z",
                                         "2026-02-01T00:00:00.5Z", "2026-02-01T00:00:00Z",
                                         "2026-04-01T00:00:00Z" };
    static const size_t order[] = { 1, 3, 2, 0 };
    struct fixture f;
    ulid subjects[COUNT_OF(times)];
    int lines[2];
    fixture_open(&f, "2026-01-01T00:00:00Z");
    struct worker *worker = worker_of(&f, &f.clock);
    for (size_t i = 0; i < COUNT_OF(times); i++)
        subjects[i] = schedule(&f, "unheard.of", times[i]);
    MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, lines) == 0);
    log_open(lines[1], LOG_FORMAT_TEXT, LOG_INFO);
    OK(worker_run_due(worker) == OK, "before anything is due there is nothing to do");
    IS_TEXT(counts(&f, worker), "0 done, 0 retried, 0 parked", "and nothing is done");
    fixture_at(&f, "2026-03-31T00:00:00Z");
    OK(worker_run_due(worker) == OK, "what is due is done, well or not");
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        static char bytes[4096];
        ssize_t got = recv(lines[0], bytes, sizeof bytes, MSG_DONTWAIT);
        text line = { bytes, got > 0 ? (size_t)got : 0 };
        OK(text_contains(line, TEXT(" WARN  work_parked kind=unheard.of ")) &&
               text_contains(line, ulid_text(f.cx.arena, subjects[order[i]])),
           "in the order of its times: %s", times[order[i]]);
    }
    IS_TEXT(counts(&f, worker), "0 done, 0 retried, 4 parked", "what lies ahead is left");
    log_open(2, LOG_FORMAT_TEXT, LOG_ERROR);
    MUST(close(lines[0]) == 0 && close(lines[1]) == 0);
    worker_free(worker);
    fixture_close(&f);
}

static void test_refusal(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    struct worker *worker = worker_of(&f, &f.clock);
    (void)schedule(&f, "unheard.of", "2026-01-01T00:00:00Z");
    (void)schedule(&f, DUE_SUBSCRIPTION_SYNC, "2026-01-01T00:00:00Z");
    MUST(worker_run_due(worker) == OK);
    IS_TEXT(counts(&f, worker), "0 done, 0 retried, 2 parked",
            "a refusal does not change by waiting: parked at once");
    struct list rows = parked(&f);
    const struct due_row *row = rows.items;
    OK(rows.count == 2, "and there to be looked at");
    OK(text_starts_with(row[0].parked_reason,
                        TEXT("there is no such kind of due work: unheard.of")),
       "with the sentence of its fault and the detail");
    OK(text_starts_with(row[1].parked_reason, TEXT("subscription not found: ")), "each its own");
    worker_free(worker);
    fixture_close(&f);
}

static void test_retry(void)
{
    struct fixture f;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    struct subscription bad = subscribe(&f, "bad");
    break_lines_of(&f, &bad);
    fixture_at(&f, "2026-02-01T00:00:00Z");
    OK(worker_run_due(worker) == OK, "a trouble of one row is none of the worker");
    IS_TEXT(counts(&f, worker), "1 done, 1 retried, 0 parked", "the row is to be tried again");
    MUST(worker_run_due(worker) == OK);
    fixture_at(&f, "2026-02-01T00:00:09.999Z");
    MUST(worker_run_due(worker) == OK);
    IS_TEXT(counts(&f, worker), "1 done, 1 retried, 0 parked", "not before ten seconds");
    for (int attempt = 2; attempt <= 4; attempt++) {
        clock_set(&f.clock, (instant){ clock_now(&f.clock).ns + 10 * NS_PER_SECOND });
        MUST(worker_run_due(worker) == OK);
    }
    IS_TEXT(counts(&f, worker), "1 done, 4 retried, 0 parked", "then again, four times in all");
    OK(parked(&f).count == 0, "so far it is not set aside");
    clock_set(&f.clock, (instant){ clock_now(&f.clock).ns + 10 * NS_PER_SECOND });
    MUST(worker_run_due(worker) == OK);
    IS_TEXT(counts(&f, worker), "1 done, 4 retried, 1 parked", "the fifth time is the last");
    struct list rows = parked(&f);
    const struct due_row *row = rows.items;
    OK(rows.count == 1 && row->attempts == 5, "the attempts are counted");
    OK(row->parked_reason.len > 0 && !text_contains(row->parked_reason, TEXT(":")),
       "the reason is the name of the trouble: %.*s", TEXT_ARG(row->parked_reason));
    IS_TEXT(line_starts(&f, &bad), "2026-01-01", "nothing was half done");
    mend_lines(&f);
    MUST(worker_run_due(worker) == OK);
    IS_TEXT(line_starts(&f, &bad), "2026-01-01", "what is set aside is not done by itself");
    worker_free(worker);
    fixture_close(&f);
}

/* A trouble that passes before the fifth time. */
static void test_recovery(void)
{
    struct fixture f;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    struct subscription bad = subscribe(&f, "bad");
    break_lines_of(&f, &bad);
    MUST(worker_advance(worker, fixture_instant("2026-02-01T00:00:25Z")) == OK);
    IS_TEXT(counts(&f, worker), "1 done, 3 retried, 0 parked", "an advance waits for retries, too");
    mend_lines(&f);
    OK(worker_advance(worker, fixture_instant("2026-04-01T00:00:00Z")) == OK,
       "when the trouble is over");
    IS_TEXT(counts(&f, worker), "8 done, 3 retried, 0 parked", "the work is done");
    IS_TEXT(line_starts(&f, &bad), four_months, "and all that came after it");
    worker_free(worker);
    fixture_close(&f);
}

static void test_advance(void)
{
    struct fixture f;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    struct subscription subscription = subscribe(&f, "acme");
    instant end = fixture_instant("2026-04-15T12:00:00Z");
    OK(worker_advance(worker, end) == OK, "three months and a half go by");
    IS_TEXT(counts(&f, worker), "9 done, 0 retried, 0 parked",
            "in three steps a month: the lines, the invoice, its issue");
    IS_TEXT(line_starts(&f, &subscription), four_months, "every period has its line");
    IS_TEXT(sql(&f, "SELECT substr(created_at, 1, 10) FROM invoice_line ORDER BY 1"), four_months,
            "made when the period before it ended, not at the end of the journey");
    OK(instant_equal(clock_now(&f.clock), end), "the clock ends where it was told to");
    OK(worker_advance(worker, fixture_instant("2026-01-01T00:00:00Z")) == OK &&
           instant_equal(clock_now(&f.clock), end),
       "and does not go back");
    MUST(worker_advance(worker, fixture_instant("2026-05-01T00:00:00Z")) == OK);
    IS_TEXT(counts(&f, worker), "11 done, 0 retried, 0 parked",
            "what is due at the very end is done");
    worker_free(worker);
    fixture_close(&f);
}

/* ---- test clocks ---------------------------------------------------------------------------- */

static struct test_clock clock_at(struct fixture *f, const char *now)
{
    struct test_clock body = { .name = TEXT("Life"), .now = fixture_instant(now) };
    struct test_clock made;
    MUST(test_clock_create(&f->cx, &body, &made) == OK);
    return made;
}

/* As subscribe, for a customer on the clock. */
static struct subscription subscribe_on(struct fixture *f, const char *key,
                                        const struct test_clock *clock)
{
    struct customer body = { .key = text_of(key),
                             .name = text_of(key),
                             .test_clock_id = clock->id };
    struct customer customer;
    struct subscription_body input;
    struct subscription made;
    fixture_forget(f);
    MUST(customer_create(&f->cx, &body, &customer) == OK);
    text wanted = text_format(f->cx.arena,
                              "{\"customer\":{\"key\":\"%s\"},\"plan\":{\"key\":\"basic\"}}", key);
    shop_read(f, &subscription_body_v3_fields, wanted, &input);
    MUST(bill_subscription_create(&f->cx, &input, &made) == OK);
    cx_enter_clock(&f->cx, (struct test_clock_id){ 0 }, INSTANT_NONE);
    return made;
}

static void test_clock_lives(void)
{
    struct fixture f;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    struct test_clock clock = clock_at(&f, "2026-01-01T00:00:00Z");
    struct test_clock other = clock_at(&f, "2026-01-01T00:00:00Z");
    struct subscription plain = subscribe(&f, "plain");
    struct subscription first = subscribe_on(&f, "first", &clock);
    struct subscription bad = subscribe_on(&f, "bad", &clock);
    struct subscription elsewhere = subscribe_on(&f, "elsewhere", &other);
    break_lines_of(&f, &bad);
    OK(worker_advance_clock(worker, f.cx.org, clock.id, fixture_instant("2026-04-15T00:00:00Z")) ==
           OK,
       "a test clock is advanced, though one of its customers is in trouble");
    IS_TEXT(line_starts(&f, &first), four_months, "its customer's periods are made");
    IS_TEXT(sql(&f, "SELECT substr(l.created_at, 1, 10) FROM invoice_line l JOIN subscription s "
                    "ON s.id = l.subscription_id JOIN customer c ON c.id = s.customer_id "
                    "WHERE c.key = 'first' ORDER BY 1"),
            four_months, "each at its own time");
    IS_TEXT(line_starts(&f, &bad), "2026-01-01", "those of the one in trouble are not");
    OK(parked(&f).count == 1, "it is set aside");
    IS_TEXT(line_starts(&f, &plain), "2026-01-01", "nothing is done for others");
    IS_TEXT(line_starts(&f, &elsewhere), "2026-01-01", "nor on another clock");
    mend_lines(&f);
    MUST(worker_advance(worker, fixture_instant("2026-02-15T00:00:00Z")) == OK);
    IS_TEXT(line_starts(&f, &plain), "2026-01-01 2026-02-01", "the server's clock moves on");
    IS_TEXT(line_starts(&f, &elsewhere), "2026-01-01", "and does nothing on test clocks");
    const struct due_row *row = parked(&f).items;
    OK(ulid_equal(row->clock_id.ulid, clock.id.ulid), "work says whose clock it is on");
    fixture_at(&f, "2026-02-15T00:00:00Z");
    MUST(due_unpark(&f.cx, row->id) == OK);
    OK(worker_advance_clock(worker, f.cx.org, clock.id, fixture_instant("2026-04-15T00:00:00Z")) ==
           OK,
       "advanced to where it is");
    IS_TEXT(line_starts(&f, &bad), four_months, "what was set going again is done");
    worker_free(worker);
    fixture_close(&f);
}

/* Sent on its way in one process, it gets there in another: by whoever waits for it, by the thread,
 * or by `work --once`. */
static void test_clock_sent(void)
{
    struct fixture f;
    struct test_clock clock;
    bool is_long = false;
    instant to = fixture_instant("2026-04-15T00:00:00Z");
    instant far = fixture_instant("2029-01-01T00:00:00Z");
    open_shop(&f);
    clock = clock_at(&f, "2026-01-01T00:00:00Z");
    struct subscription first = subscribe_on(&f, "first", &clock);
    OK(clock.status == TEST_CLOCK_READY, "a clock stands at first");
    MUST(test_clock_send(&f.cx, clock.id, to, &is_long) == OK);
    OK(!is_long, "three months are short");
    MUST(test_clock_get(&f.cx, clock.id, &clock) == OK);
    OK(clock.status == TEST_CLOCK_ADVANCING && instant_equal(clock.advancing_to, to),
       "it is on its way");
    OK(test_clock_send(&f.cx, clock.id, far, &is_long) == ERR_REFUSED &&
           fixture_fault(&f) == FAULT_TEST_CLOCK_ADVANCING,
       "and cannot be sent elsewhere");
    fixture_restart(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    MUST(test_clock_send(&f.cx, clock.id, to, &is_long) == OK);
    MUST(worker_finish_clocks(worker) == OK);
    MUST(test_clock_get(&f.cx, clock.id, &clock) == OK);
    OK(clock.status == TEST_CLOCK_READY && instant_equal(clock.now, to), "it gets there");
    IS_TEXT(line_starts(&f, &first), four_months, "and its customer with it");
    IS_TEXT(counts(&f, worker), "9 done, 0 retried, 0 parked", "nothing is done twice");
    MUST(test_clock_send(&f.cx, clock.id, far, &is_long) == OK);
    OK(is_long, "almost three years are long");
    worker_start_clocks(worker);
    worker_wake_clocks(worker);
    MUST(worker_advance_clock(worker, f.cx.org, clock.id, far) == OK);
    MUST(test_clock_get(&f.cx, clock.id, &clock) == OK);
    OK(clock.status == TEST_CLOCK_READY && instant_equal(clock.now, far),
       "who waits for it waits for the thread");
    OK(line_starts(&f, &first).len == 37 * 11 - 1, "every month is there once");
    worker_free(worker);
    fixture_close(&f);
}

/* One leap and many steps, a restart between any two of them, make the same lines. */
static void test_clock_steps(void)
{
    struct fixture f;
    struct random chance = random_seeded(7);
    open_shop(&f);
    struct test_clock leaping = clock_at(&f, "2026-01-01T00:00:00Z");
    struct test_clock stepping = clock_at(&f, "2026-01-01T00:00:00Z");
    struct subscription leap = subscribe_on(&f, "leap", &leaping);
    struct subscription steps = subscribe_on(&f, "steps", &stepping);
    instant end = fixture_instant("2027-12-31T00:00:00Z");
    instant at = stepping.now;
    struct worker *worker = worker_of(&f, &f.clock);
    MUST(worker_advance_clock(worker, f.cx.org, leaping.id, end) == OK);
    while (instant_before(at, end)) {
        at.ns += (1 + (int64_t)random_below(&chance, 60)) * NS_PER_DAY;
        if (instant_before(end, at))
            at = end;
        worker_free(worker);
        fixture_restart(&f);
        worker = worker_of(&f, &f.clock);
        MUST(worker_advance_clock(worker, f.cx.org, stepping.id, at) == OK);
    }
    text lines = line_starts(&f, &leap);
    OK(lines.len == 24 * 11 - 1, "two years are 24 periods");
    OK(text_equal(lines, line_starts(&f, &steps)), "however they are gone through");
    worker_free(worker);
    fixture_close(&f);
}

struct journey {
    pthread_t thread;
    struct worker *worker;
    const char *to;
    struct org_id org;
    struct test_clock_id clock; /* zero: the server's */
    enum err err;
};

static void *travel(void *state)
{
    struct journey *journey = state;
    instant to = fixture_instant(journey->to);
    if (ulid_is_zero(journey->clock.ulid))
        journey->err = worker_advance(journey->worker, to);
    else
        journey->err = worker_advance_clock(journey->worker, journey->org, journey->clock, to);
    return NULL;
}

static void test_two_advances(void)
{
    struct fixture f;
    struct subscription subscriptions[8];
    bool are_whole = true;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    for (size_t i = 0; i < COUNT_OF(subscriptions); i++)
        subscriptions[i] =
            subscribe(&f, text_cstr(f.cx.arena, text_format(f.cx.arena, "customer-%zu", i)));
    struct journey journeys[] = {
        { .worker = worker, .to = "2026-04-15T00:00:00Z" },
        { .worker = worker, .to = "2026-03-15T00:00:00Z" },
        { .worker = worker, .to = "2026-04-15T00:00:00Z" },
    };
    for (size_t i = 0; i < COUNT_OF(journeys); i++)
        MUST(pthread_create(&journeys[i].thread, NULL, travel, &journeys[i]) == 0);
    for (size_t i = 0; i < COUNT_OF(journeys); i++)
        MUST(pthread_join(journeys[i].thread, NULL) == 0);
    OK(journeys[0].err == OK && journeys[1].err == OK && journeys[2].err == OK,
       "three advances at once all succeed");
    IS_TEXT(counts(&f, worker), "72 done, 0 retried, 0 parked", "no work is done twice");
    for (size_t i = 0; i < COUNT_OF(subscriptions); i++)
        are_whole &= text_equal(line_starts(&f, &subscriptions[i]), text_of(four_months));
    OK(are_whole, "none is left out");
    OK(instant_equal(clock_now(&f.clock), fixture_instant("2026-04-15T00:00:00Z")),
       "the clock is where the longest journey ends");
    worker_free(worker);
    fixture_close(&f);
}

/* The server's clock and two test clocks, one of them twice, at the same time. */
static void test_clocks_together(void)
{
    struct fixture f;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    struct test_clock first = clock_at(&f, "2026-01-01T00:00:00Z");
    struct test_clock second = clock_at(&f, "2026-01-01T00:00:00Z");
    struct subscription subscriptions[] = {
        subscribe(&f, "server"),
        subscribe_on(&f, "one", &first),
        subscribe_on(&f, "two", &second),
    };
    struct journey journeys[] = {
        { .worker = worker, .to = "2026-04-15T00:00:00Z" },
        { .worker = worker, .to = "2026-04-15T00:00:00Z", .org = f.cx.org, .clock = first.id },
        { .worker = worker, .to = "2026-03-15T00:00:00Z", .org = f.cx.org, .clock = first.id },
        { .worker = worker, .to = "2026-04-15T00:00:00Z", .org = f.cx.org, .clock = second.id },
    };
    bool are_whole = true;
    for (size_t i = 0; i < COUNT_OF(journeys); i++)
        MUST(pthread_create(&journeys[i].thread, NULL, travel, &journeys[i]) == 0);
    for (size_t i = 0; i < COUNT_OF(journeys); i++) {
        MUST(pthread_join(journeys[i].thread, NULL) == 0);
        OK(journeys[i].err == OK, "journey %zu of several clocks at once", i);
    }
    for (size_t i = 0; i < COUNT_OF(subscriptions); i++)
        are_whole &= text_equal(line_starts(&f, &subscriptions[i]), text_of(four_months));
    OK(are_whole, "everybody's periods are made");
    IS_TEXT(sql(&f, "SELECT COUNT(*) FROM invoice WHERE status <> 'gathering'"), "9",
            "and invoiced, each once");
    OK(parked(&f).count == 0, "and nothing is left over");
    worker_free(worker);
    fixture_close(&f);
}

static void test_bad_customer(void)
{
    struct fixture f;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    struct subscription first = subscribe(&f, "first");
    struct subscription bad = subscribe(&f, "bad");
    struct subscription last = subscribe(&f, "last");
    break_lines_of(&f, &bad);
    OK(worker_advance(worker, fixture_instant("2026-04-15T00:00:00Z")) == OK,
       "a customer whose work fails is no reason to stop");
    IS_TEXT(counts(&f, worker), "20 done, 4 retried, 1 parked", "it is set aside");
    IS_TEXT(line_starts(&f, &first), four_months, "the customer before it is billed");
    IS_TEXT(line_starts(&f, &last), four_months, "and the one behind it");
    IS_TEXT(line_starts(&f, &bad), "2026-01-01", "the bad one stays as it was");
    struct list rows = parked(&f);
    OK(rows.count == 1 &&
           ulid_equal(((const struct due_row *)rows.items)->subject_id.ulid, bad.id.ulid),
       "and can be found");
    worker_free(worker);
    fixture_close(&f);
}

static void test_store_trouble(void)
{
    struct fixture f;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    struct subscription subscription = subscribe(&f, "acme");
    (void)sql(&f, "ALTER TABLE due_work RENAME TO away");
    OK(worker_run_due(worker) != OK, "a store that cannot be read is told");
    OK(worker_advance(worker, fixture_instant("2026-02-15T00:00:00Z")) != OK, "by an advance, too");
    OK(instant_equal(clock_now(&f.clock), f.cx.now), "which leaves the clock where it was");
    (void)sql(&f, "ALTER TABLE away RENAME TO due_work");
    OK(worker_advance(worker, fixture_instant("2026-02-15T00:00:00Z")) == OK, "later all goes on");
    IS_TEXT(line_starts(&f, &subscription), "2026-01-01 2026-02-01", "with nothing lost");
    worker_free(worker);
    fixture_close(&f);
}

static void test_thread(void)
{
    struct fixture f;
    struct worker_stats stats;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    struct worker *worker = worker_of(&f, clock_system());
    (void)schedule(&f, "unheard.of", "2026-01-01T00:00:00Z");
    int64_t start = clock_monotonic_ns();
    worker_start(worker);
    do {
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        worker_stats(worker, &stats);
    } while (stats.parked < 1 && clock_monotonic_ns() - start < 20 * NS_PER_SECOND);
    OK(stats.parked == 1, "on the system's clock a thread does what is due");
    (void)schedule(&f, "unheard.of", "2026-01-02T00:00:00Z");
    start = clock_monotonic_ns();
    do {
        nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        worker_stats(worker, &stats);
    } while (stats.parked < 2 && clock_monotonic_ns() - start < 20 * NS_PER_SECOND);
    OK(stats.parked == 2, "and what falls due later, within about a second");
    start = clock_monotonic_ns();
    worker_free(worker);
    OK(clock_monotonic_ns() - start < 10 * NS_PER_SECOND, "it stops when it is told to");
    worker = worker_of(&f, clock_system());
    worker_free(worker);
    worker_free(NULL);
    fixture_close(&f);
}

/* Three parts of a batch and a bit, of which the middle one has a customer in trouble: a part that
 * does not go through is done piece by piece, and those after it are done. */
static void test_batch(void)
{
    enum { CUSTOMERS = 3 * DUE_PART + 5 };
    struct fixture f;
    open_shop(&f);
    struct worker *worker = worker_of(&f, &f.clock);
    struct subscription bad = { 0 };
    for (int i = 0; i < CUSTOMERS; i++) {
        char key[24];
        snprintf(key, sizeof key, "customer-%03d", i);
        struct subscription made = subscribe(&f, key);
        if (i == DUE_PART + 7)
            bad = made;
    }
    break_lines_of(&f, &bad);
    OK(worker_advance(worker, fixture_instant("2026-03-01T02:00:00Z")) == OK,
       "two months go by, with %d customers", CUSTOMERS);
    text invoices = text_format(f.cx.arena, "%d", 2 * CUSTOMERS - 1);
    text lines = text_format(f.cx.arena, "%d", 3 * CUSTOMERS - 2);
    IS_TEXT(sql(&f, "SELECT COUNT(*) FROM invoice WHERE status = 'paid'"),
            text_cstr(f.cx.arena, invoices), "all but the one in trouble have both invoices");
    IS_TEXT(sql(&f, "SELECT COUNT(*) FROM invoice_line"), text_cstr(f.cx.arena, lines),
            "and their lines");
    OK(parked(&f).count == 1, "it alone is set aside");
    IS_TEXT(line_starts(&f, &bad), "2026-01-01", "as it was");
    IS_TEXT(sql(&f, "SELECT COUNT(*) - MAX(sequence) FROM outbox"), "0",
            "the events have no gap in their numbers");
    IS_TEXT(sql(&f, "SELECT COUNT(*) FROM outbox WHERE type = 'invoice.created'"),
            text_cstr(f.cx.arena, invoices), "and none is missing");
    worker_free(worker);
    fixture_close(&f);
}

int main(void)
{
    log_open(2, LOG_FORMAT_TEXT, LOG_ERROR);
    test_order();
    test_refusal();
    test_retry();
    test_recovery();
    test_advance();
    test_two_advances();
    test_clock_lives();
    test_clock_sent();
    test_clock_steps();
    test_clocks_together();
    test_bad_customer();
    test_store_trouble();
    test_batch();
    test_thread();
    return tap_end();
}
