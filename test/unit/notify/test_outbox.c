/* The outbox: written with the change, numbered without gaps, handed out in order. */
#include "lib/fixture.h"
#include "lib/tap.h"
#include "notify/outbox_hold.h"
#include "notify/outbox_retention.h"

#include <pthread.h>
#include <stdatomic.h>

struct thing {
    int64_t a;
};
static const struct field thing_rows[] = { FIELD(struct thing, a, INT) };
static const struct fields thing_fields = FIELDS("Thing", struct thing, thing_rows);

static enum err add(struct fixture *f, struct store_tx *tx, const char *type, ulid subject)
{
    struct thing thing = { 1 };
    struct outbox_news news = {
        .type = text_of(type),
        .subject_id = { subject },
        .table = &thing_fields,
        .object = &thing,
    };
    return outbox_tell(&f->cx, tx, &news);
}

static void publish(struct fixture *f, const char *type, ulid subject)
{
    struct store_tx *tx;
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    MUST(add(f, tx, type, subject) == OK);
    MUST(store_commit(tx) == OK);
}

static const struct outbox_event *listed(struct fixture *f, const struct outbox_query *query,
                                         size_t *ret_count)
{
    struct list list;
    MUST(outbox_list(&f->cx, query, &list) == OK);
    *ret_count = list.count;
    return list.items;
}

static void test_numbers(struct fixture *f, ulid one, ulid other)
{
    struct store_tx *tx;
    size_t count;
    publish(f, "customer.created", one);
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    MUST(add(f, tx, "customer.updated", one) == OK);
    store_rollback(tx);
    publish(f, "subscription.created", other);
    publish(f, "customer.updated", one);
    const struct outbox_event *all = listed(f, &(struct outbox_query){ .limit = 10 }, &count);
    OK(count == 3, "what was rolled back is not there: %zu", count);
    OK(all[0].sequence == 1 && all[1].sequence == 2 && all[2].sequence == 3,
       "the organization's numbers have no gap");
    OK(all[0].subject_sequence == 1 && all[2].subject_sequence == 2, "nor have those of a thing");
    OK(all[1].subject_sequence == 1, "which are its own");
    IS_TEXT(all[1].subject_kind, "subscription", "the type's first word is the kind");
    IS_TEXT(all[0].payload, "{\"a\":1}", "the payload is kept as it was");
    OK(instant_equal(all[0].created_at, f->cx.now), "the context's time is its time");
}

static void test_filters(struct fixture *f, ulid one)
{
    size_t count;
    text types[] = { TEXT("customer.updated"), TEXT("subscription.created") };
    text kinds[] = { TEXT("customer") };
    text subjects[] = { ulid_text(f->cx.arena, one) };
    struct outbox_query query = { .types = { types, 2 }, .limit = 10 };
    const struct outbox_event *found = listed(f, &query, &count);
    OK(count == 2 && found[0].sequence == 2, "by one of two types");
    query = (struct outbox_query){ .kinds = { kinds, 1 }, .subjects = { subjects, 1 }, .limit = 1 };
    found = listed(f, &query, &count);
    OK(count == 1 && found[0].sequence == 1, "by kind and thing, as many as were asked for");
    query.after = 1;
    found = listed(f, &query, &count);
    OK(count == 1 && found[0].sequence == 3, "and from there on");
    types[0] = TEXT("customer");
    query = (struct outbox_query){ .types = { types, 1 }, .limit = 10 };
    (void)listed(f, &query, &count);
    OK(count == 0, "a part of a type is no type");
}

static enum err next(struct fixture *f, const char *now, struct outbox_event *ret)
{
    return outbox_next(f->cx.store, fixture_instant(now), f->cx.arena, ret);
}

static enum err done(struct fixture *f, const struct outbox_event *event)
{
    struct store_tx *tx = NULL;
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    enum err err = outbox_done(tx, event, f->cx.now, f->cx.arena);
    return store_finish(&tx, err);
}

static void test_delivery(struct fixture *f)
{
    struct outbox_event first, second, stale, third;
    instant until = fixture_instant("2026-01-01T00:01:00Z");
    MUST(next(f, "2026-01-01T00:00:00Z", &first) == OK);
    OK(first.sequence == 1, "the oldest comes first");
    stale = first;
    OK(outbox_claim(f->cx.store, &first, until, f->cx.arena) == OK, "it is claimed");
    OK(outbox_claim(f->cx.store, &stale, until, f->cx.arena) == ERR_ABSENT, "by one only");
    OK(next(f, "2026-01-01T00:00:00Z", &second) == OK && second.sequence == 2,
       "meanwhile other things go on, and the second event of the same thing waits");
    MUST(outbox_claim(f->cx.store, &second, until, f->cx.arena) == OK);
    OK(next(f, "2026-01-01T00:00:59Z", &third) == ERR_ABSENT, "nothing else is free");
    fixture_restart(f);
    OK(next(f, "2026-01-01T00:01:00Z", &third) == OK && third.sequence == 1 && third.attempts == 1,
       "whoever claimed it was killed: it is handed out again");
    MUST(outbox_claim(f->cx.store, &third, until, f->cx.arena) == OK);
    OK(done(f, &first) == ERR_ABSENT, "a claim that was lost marks nothing");
    OK(done(f, &third) == OK, "the new one does");
    OK(done(f, &third) == ERR_ABSENT, "once");
    OK(outbox_retry(f->cx.store, &second, fixture_instant("2026-01-01T01:00:00Z"), f->cx.arena) ==
           OK,
       "one that could not be delivered waits");
    OK(next(f, "2026-01-01T00:59:00Z", &first) == OK && first.sequence == 3,
       "the thing's next event follows the one that is done");
    MUST(outbox_claim(f->cx.store, &first, until, f->cx.arena) == OK);
    MUST(done(f, &first) == OK);
    OK(next(f, "2026-01-01T01:00:00Z", &second) == OK && second.sequence == 2 &&
           second.attempts == 1,
       "then its time comes");
}

static int64_t pruned(struct fixture *f, int64_t limit)
{
    int64_t count = -1;
    MUST(outbox_prune(&f->cx, limit, &count) == OK);
    return count;
}

/* After test_delivery: 1 and 3 are done, 2 is being delivered. */
static void test_retention(struct fixture *f, ulid one, ulid other)
{
    struct outbox_event second;
    struct outbox_retention retention;
    size_t count;
    MUST(outbox_retention_get(&f->cx, &retention) == OK);
    OK(span_equal(retention.outbox_retention, (span){ .days = 90 }), "it is kept for 90 days");
    MUST(next(f, "2026-01-01T02:00:00Z", &second) == OK);
    MUST(outbox_claim(f->cx.store, &second, fixture_instant("2026-01-01T03:00:00Z"), f->cx.arena) ==
         OK);
    fixture_at(f, "2026-03-31T23:59:59Z");
    publish(f, "customer.updated", one);
    OK(pruned(f, 10) == 0, "what is 89 days old stays");
    fixture_at(f, "2026-04-01T00:00:01Z");
    OK(pruned(f, 10) == 1, "what is older goes, up to what is being delivered");
    MUST(done(f, &second) == OK);
    OK(pruned(f, 1) == 1, "as many as may go at once");
    OK(pruned(f, 10) == 1, "the rest");
    OK(pruned(f, 10) == 0, "and no younger one");
    fixture_at(f, "2027-01-01T00:00:00Z");
    OK(pruned(f, 10) == 0, "the newest stays");
    publish(f, "subscription.updated", other);
    publish(f, "customer.updated", one);
    OK(pruned(f, 10) == 1, "until there is a newer one");
    const struct outbox_event *all = listed(f, &(struct outbox_query){ .limit = 10 }, &count);
    OK(count == 2 && all[0].sequence == 5 && all[1].sequence == 6,
       "the organization's numbers go on");
    OK(all[0].subject_sequence == 2 && all[1].subject_sequence == 4,
       "and those of things whose events are gone");
}

/* An id tells when an event was written; its own time may be a test clock's. */
static void test_prunable(struct fixture *f)
{
    instant now = fixture_instant("2026-01-01T00:00:00.005Z");
    instant later = fixture_instant("2026-01-01T00:00:00.006Z");
    struct outbox_event events[] = {
        { .id = { ids_next(f->cx.ids, now) }, .created_at = later, .done_at = INSTANT_NONE },
        { .id = { ids_next(f->cx.ids, now) }, .attempts = 1, .done_at = now },
        { .id = { ids_next(f->cx.ids, later) }, .done_at = INSTANT_NONE },
        { .id = { ids_next(f->cx.ids, later) }, .attempts = 1, .done_at = INSTANT_NONE },
    };
    struct list all = { events, COUNT_OF(events) };
    OK(outbox_prunable(&all, now) == 0, "not one that was made in that instant");
    OK(outbox_prunable(&all, later) == 2, "those from before it");
    OK(outbox_prunable(&all, fixture_instant("2027-01-01T00:00:00Z")) == 3,
       "none that is being delivered");
    OK(outbox_prunable(&(struct list){ 0 }, later) == 0, "of none, none");
}

/* ---- held back ------------------------------------------------------------------------------ */

struct helper {
    struct outbox_hold *hold;
    atomic_bool is_over;
};

static void *help(void *state)
{
    struct helper *helper = state;
    while (!atomic_load(&helper->is_over))
        (void)outbox_hold_help(helper->hold);
    return NULL;
}

/* What is held back is written in the order in which it was told, whoever printed it; and nothing
 * of it when the transaction is given up. */
static void test_held(struct fixture *f, ulid thing)
{
    enum { HELD = 300 };
    struct helper helper = { .hold = outbox_hold_new() };
    struct store_tx *tx;
    pthread_t thread;
    size_t count;
    struct outbox_query query = { .after = 0, .limit = 1000 };
    MUST(pthread_create(&thread, NULL, help, &helper) == 0);
    (void)listed(f, &query, &count);
    size_t before = count;
    f->cx.outbox_hold = helper.hold;
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    for (int i = 0; i < HELD; i++)
        MUST(add(f, tx, i % 2 == 0 ? "thing.even" : "thing.odd", thing) == OK);
    OK(outbox_hold_write(&f->cx, tx, helper.hold) == OK, "what was held back is written");
    MUST(store_commit(tx) == OK);
    for (int i = 0; i < HELD; i++)
        outbox_hold_add(helper.hold,
                        &(struct outbox_news){ .type = TEXT("thing.gone"),
                                               .subject_id = { thing },
                                               .table = &thing_fields,
                                               .object = &(struct thing){ i } },
                        f->cx.now);
    outbox_hold_drop(helper.hold);
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    OK(outbox_hold_write(&f->cx, tx, helper.hold) == OK, "what was dropped is not");
    MUST(store_commit(tx) == OK);
    f->cx.outbox_hold = NULL;
    atomic_store(&helper.is_over, true);
    MUST(pthread_join(thread, NULL) == 0);
    outbox_hold_free(helper.hold);
    const struct outbox_event *found = listed(f, &query, &count);
    OK(count == before + HELD, "each once");
    int64_t base = before > 0 ? found[before - 1].sequence : 0;
    bool is_in_order = count == before + HELD;
    for (size_t i = before; i < count; i++)
        is_in_order = is_in_order && found[i].sequence == base + (int64_t)(i - before) + 1 &&
                      text_equal(found[i].payload, TEXT("{\"a\":1}")) &&
                      text_equal(found[i].type,
                                 (i - before) % 2 == 0 ? TEXT("thing.even") : TEXT("thing.odd"));
    OK(is_in_order, "in order, and whole");
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    ulid one = cx_ulid(&f.cx);
    ulid other = cx_ulid(&f.cx);
    test_prunable(&f);
    test_numbers(&f, one, other);
    test_filters(&f, one);
    test_delivery(&f);
    test_retention(&f, one, other);
    test_held(&f, cx_ulid(&f.cx));
    fixture_close(&f);
    return tap_end();
}
