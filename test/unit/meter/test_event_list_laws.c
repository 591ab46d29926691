/* test_event_list_laws.c: whatever is asked, the pages of a listing together are the events of the
 * period in order, each once. SEED=n repeats a run. */
#include "lib/law.h"
#include "meter/event_flow.h"
#include "unit/meter/events.h"

#define EVENTS 400
#define ROUNDS 300

struct known {
    instant time;
    uint64_t sequence;
};

static struct known known[EVENTS];

/* Before now or after it, by anything from a nanosecond to a century. */
static instant random_time(const struct fixture *f)
{
    int64_t reach = INT64_C(1) << law_between(0, 61);
    return (instant){ f->cx.now.ns + law_between(-reach, reach / 64) };
}

static void send_all(struct fixture *f)
{
    for (size_t i = 0; i < EVENTS; i++) {
        bool is_tie = i > 0 && law_between(0, 4) == 0;
        instant at = is_tie ? known[law_between(0, (int64_t)i - 1)].time : random_time(f);
        struct usage_event event = event_new(f, TEXT("t"), at, TEXT_NONE);
        struct usage_receipt receipt = events_send(f, &event, 1);
        known[i] = (struct known){ at, receipt.sequence_last };
    }
}

static int by_place(const void *a, const void *b)
{
    const struct known *x = a;
    const struct known *y = b;
    if (!instant_equal(x->time, y->time))
        return instant_before(x->time, y->time) ? -1 : 1;
    return x->sequence < y->sequence ? -1 : 1;
}

static struct event_query random_query(const struct fixture *f)
{
    struct event_query query = EVENT_QUERY_ALL;
    if (law_between(0, 2) > 0)
        query.from = random_time(f);
    if (law_between(0, 2) > 0)
        query.to = random_time(f);
    if (law_between(0, 3) == 0)
        query.to = known[law_between(0, EVENTS - 1)].time;
    query.limit = law_between(1, 100);
    query.is_ascending = law_between(0, 3) == 0;
    return query;
}

static bool is_within(instant t, const struct event_query *query)
{
    return (instant_is_none(query->from) || !instant_before(t, query->from)) &&
           (instant_is_none(query->to) || instant_before(t, query->to));
}

/* Pages through the listing and compares it with what is known, which is sorted by time. */
static bool is_listed(struct fixture *f, struct event_query query)
{
    size_t next = 0;
    struct event_page page;
    do {
        MUST(event_list(&f->cx, &query, &page) == OK);
        for (size_t i = 0; i < page.count; i++) {
            const struct known *want = NULL;
            while (next < EVENTS && !want) {
                const struct known *one = &known[query.is_ascending ? next : EVENTS - 1 - next];
                want = is_within(one->time, &query) ? one : NULL;
                next++;
            }
            if (!want || page.items[i].event.sequence != want->sequence)
                return false;
        }
        query.after = page.next;
    } while (page.next.is_set);
    for (; next < EVENTS; next++)
        if (is_within(known[query.is_ascending ? next : EVENTS - 1 - next].time, &query))
            return false;
    return true;
}

int main(void)
{
    struct fixture f;
    struct law law = { .name = "pages hold each event of the period once, in order" };
    law_seed();
    fixture_open(&f, "2025-06-15T12:00:00Z");
    send_all(&f);
    qsort(known, EVENTS, sizeof(known[0]), by_place);
    for (int i = 0; i < ROUNDS; i++) {
        struct event_query query = random_query(&f);
        law_case(&law, is_listed(&f, query), "from %lld to %lld limit %lld %s",
                 (long long)query.from.ns, (long long)query.to.ns, (long long)query.limit,
                 query.is_ascending ? "up" : "down");
    }
    law_end(&law);
    fixture_close(&f);
    return tap_end();
}
