/* Work that falls due: once, in order, retried and set aside. */
#include "bill/billing.h"
#include "lib/fixture.h"
#include "lib/tap.h"

static const char kind[] = DUE_SUBSCRIPTION_SYNC;

static void schedule(struct fixture *f, ulid subject, const char *due_at)
{
    struct store_tx *tx;
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    MUST(due_schedule(&f->cx, tx, text_of(kind), subject, fixture_instant(due_at)) == OK);
    MUST(store_commit(tx) == OK);
}

static enum err done(struct fixture *f, const struct due_row *row)
{
    struct store_tx *tx;
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    enum err err = due_done(tx, row, f->cx.arena);
    MUST(store_commit(tx) == OK);
    return err;
}

static enum err next(struct fixture *f, const char *now, struct due_row *ret)
{
    return due_next(f->cx.store, fixture_instant(now), f->cx.arena, ret);
}

static void test_order(struct fixture *f)
{
    struct due_row row;
    instant first;
    ulid one = cx_ulid(&f->cx);
    ulid other = cx_ulid(&f->cx);
    OK(due_next_at(f->cx.store, &first) == OK && instant_is_none(first), "nothing is due ever");
    schedule(f, one, "2026-03-01T00:00:00Z");
    schedule(f, other, "2026-02-01T00:00:00Z");
    schedule(f, other, "2026-02-01T00:00:00Z");
    OK(due_next_at(f->cx.store, &first) == OK &&
           instant_equal(first, fixture_instant("2026-02-01T00:00:00Z")),
       "the earliest is known");
    OK(next(f, "2026-01-31T23:59:59Z", &row) == ERR_ABSENT, "before it nothing is due");
    OK(next(f, "2026-04-01T00:00:00Z", &row) == OK && ulid_equal(row.subject_id.ulid, other),
       "later the oldest comes first");
    OK(done(f, &row) == OK, "it is done");
    OK(done(f, &row) == ERR_ABSENT, "and cannot be done again");
    OK(next(f, "2026-04-01T00:00:00Z", &row) == OK && ulid_equal(row.subject_id.ulid, one),
       "what was scheduled twice was there once: the other one follows");
}

static void test_retry_and_park(struct fixture *f)
{
    struct due_row row;
    struct list parked;
    MUST(next(f, "2026-04-01T00:00:00Z", &row) == OK);
    OK(due_retry(f->cx.store, &row, fixture_instant("2026-04-01T00:10:00Z"), f->cx.arena) == OK,
       "work that failed waits");
    OK(next(f, "2026-04-01T00:09:59Z", &row) == ERR_ABSENT, "it is not asked for meanwhile");
    OK(next(f, "2026-04-01T00:10:00Z", &row) == OK && row.attempts == 1 &&
           instant_equal(row.due_at, fixture_instant("2026-03-01T00:00:00Z")),
       "then it comes again, with the time it was due at");
    OK(due_park(f->cx.store, &row, TEXT("amount_overflow"), f->cx.arena) == OK,
       "work that cannot be done is set aside");
    OK(next(f, "2027-01-01T00:00:00Z", &row) == ERR_ABSENT, "and comes no more");
    OK(due_parked(&f->cx, &parked) == OK && parked.count == 1, "but is there to be seen");
    IS_TEXT(((struct due_row *)parked.items)->parked_reason, "amount_overflow", "with its reason");
    struct store_tx *tx;
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    OK(due_cancel(&f->cx, tx, text_of(kind), ((struct due_row *)parked.items)->subject_id.ulid) ==
           OK,
       "it can be taken back");
    MUST(store_commit(tx) == OK);
    OK(due_parked(&f->cx, &parked) == OK && parked.count == 0, "and is gone then");
}

static void test_bad_work(struct fixture *f)
{
    struct due_row row;
    schedule(f, cx_ulid(&f->cx), "2026-05-01T00:00:00Z");
    MUST(next(f, "2026-05-01T00:00:00Z", &row) == OK);
    OK(bill_run_due(&f->cx, &row) == ERR_REFUSED && fixture_fault(f) == FAULT_SUBSCRIPTION_ABSENT,
       "work on what does not exist is refused");
    fixture_forget(f);
    OK(next(f, "2026-05-01T00:00:00Z", &row) == OK, "and stays, for the caller to park");
    row.kind = TEXT("unheard.of");
    OK(bill_run_due(&f->cx, &row) == ERR_REFUSED && fixture_fault(f) == FAULT_DUE_KIND_UNKNOWN,
       "so is work of a kind that is not known");
    MUST(done(f, &row) == OK);
    fixture_forget(f);
    row.kind = text_of(kind);
    OK(bill_run_due(&f->cx, &row) == OK, "work that somebody else did is no fault");
}

static void test_unpark(struct fixture *f)
{
    struct due_row row;
    struct list parked;
    int64_t count;
    ulid subject = cx_ulid(&f->cx);
    schedule(f, subject, "2026-05-01T00:00:00Z");
    MUST(due_parked(&f->cx, &parked) == OK);
    size_t before = parked.count;
    do
        MUST(next(f, "2026-06-01T00:00:00Z", &row) == OK);
    while (!ulid_equal(row.subject_id.ulid, subject) && done(f, &row) == OK);
    MUST(due_park(f->cx.store, &row, TEXT("broken"), f->cx.arena) == OK);
    OK(due_parked_count(f->cx.store, &count) == OK && count == (int64_t)before + 1,
       "parked rows are counted");
    OK(due_unpark(&f->cx, row.id) == OK, "a parked row can be set going again");
    OK(due_unpark(&f->cx, row.id) == ERR_REFUSED && f->cx.problem.fault == FAULT_DUE_ABSENT,
       "once");
    OK(next(f, "2026-06-01T00:00:00Z", &row) == OK && ulid_equal(row.subject_id.ulid, subject) &&
           row.attempts == 0 && !row.parked_reason.ptr,
       "and is asked for like a new one");
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    test_order(&f);
    test_retry_and_park(&f);
    test_bad_work(&f);
    test_unpark(&f);
    fixture_close(&f);
    return tap_end();
}
