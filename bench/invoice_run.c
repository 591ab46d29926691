/* invoice_run.c: the end of a month: how many invoices a second are written, durably.
 *
 * Build and run:
 *
 *   make V=release build/release/bench/invoice_run
 *   build/release/bench/invoice_run DIRECTORY [CUSTOMERS] [EVENTS] [COLLECTION]
 *
 * DIRECTORY must not be there; state, events and rollups are made in it. CUSTOMERS (100000) have
 * one monthly subscription of three rate cards each (a fee in arrears, a price per unit, tiers) and
 * EVENTS (10) events of each of two types. COLLECTION (PT1H) is how long late events are waited
 * for: with PT0S a draft is issued in the transaction that makes it. Then a manual clock goes over
 * the end of the month, and the program's own worker does what is due, as in the server: lines,
 * gathering, measuring, rating, issue, payment by the sandbox. What is printed: the rate, processor
 * time by invoice, and how much memory the run took in each tenth.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "bill/billing.h"
#include "bill/profile.h"
#include "catalog/feature.h"
#include "catalog/plan.h"
#include "identity/org.h"
#include "meter/meter_flow.h"
#include "meter/meter_rollup.h"
#include "rollup/rollup.h"
#include "subscribe/subscription_body.h"
#include "worker/worker.h"

#define CUSTOMERS_USUAL 100000
#define EVENTS_USUAL    10
#define MADE_AT_ONCE    500 /* customers in one transaction */
#define SENT_AT_ONCE    10000
#define SEED            20260101U

struct bench {
    struct store *store;
    struct usage *usage;
    struct rollup *rollup;
    struct worker *worker;
    struct clock clock;
    struct random random;
    struct ids *ids;
    struct org_id org;
    int64_t customers;
    int64_t events;
    text collection;
};

static void must(enum err err, const char *what)
{
    if (err == OK)
        return;
    fprintf(stderr, "invoice_run: %s: %s\n", what, err_name(err));
    exit(1);
}

static struct cx bench_cx(struct bench *bench, struct arena *arena)
{
    struct cx cx = {
        .arena = arena,
        .store = bench->store,
        .usage = bench->usage,
        .rollup = bench->rollup,
        .ids = bench->ids,
        .random = &bench->random,
        .org = bench->org,
        .role = ROLE_ADMIN,
        .actor = TEXT("bench"),
        .now = clock_now(&bench->clock),
    };
    problem_init(&cx.problem, arena);
    return cx;
}

/* ---- making ready -------------------------------------------------------------------------- */

static void open_all(struct bench *bench, const char *directory)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    instant start;
    char *why = NULL;
    MUST(instant_parse(TEXT("2026-01-01T00:00:00Z"), &start));
    if (mkdir(directory, 0700) != 0) {
        fprintf(stderr, "invoice_run: %s: cannot be made, or is there\n", directory);
        exit(1);
    }
    clock_init_manual(&bench->clock, start);
    bench->random = random_system();
    bench->ids = ids_new(&bench->random);
    struct store_config store = { .readers = 4, .busy_ms = 5000 };
    store.path = text_cstr(arena, text_format(arena, "%s/state.db", directory));
    must(store_open(&store, &bench->store, &why), "the state");
    struct usage_config usage = { 0 };
    usage.directory = text_cstr(arena, text_format(arena, "%s/usage", directory));
    must(usage_open(&usage, &bench->usage, NULL), "the events");
    struct rollup_config rollup = { .usage = bench->usage };
    rollup.directory = text_cstr(arena, text_format(arena, "%s/rollup", directory));
    must(rollup_open(&rollup, &bench->rollup), "the rollups");
    must(org_ensure_default(bench->store, bench->ids, start, &bench->org), "the organization");
    struct worker_config worker = {
        .store = bench->store,
        .usage = bench->usage,
        .rollup = bench->rollup,
        .clock = &bench->clock,
        .ids = bench->ids,
        .random = &bench->random,
    };
    bench->worker = worker_new(&worker);
}

static struct json json_of(struct arena *arena, text body)
{
    struct json json;
    struct json_fault fault;
    MUST(json_parse(arena, body, &json, &fault));
    return json;
}

static struct feature_id make_feature(struct cx *cx, const char *key, const char *aggregation)
{
    bool is_sum = strcmp(aggregation, "sum") == 0;
    struct json body =
        json_of(cx->arena, text_format(cx->arena,
                                       "{\"key\":\"%s\",\"name\":\"%s\",\"aggregation\":\"%s\","
                                       "\"event_type\":\"%s\"%s}",
                                       key, key, aggregation, key,
                                       is_sum ? ",\"value_property\":\"$.n\"" : ""));
    struct meter wanted;
    struct meter meter;
    struct feature made;
    MUST(meter_create_read(DIALECT_V3, cx->arena, &body, &cx->problem, &wanted));
    must(meter_create(cx, &wanted, &meter), "a meter");
    struct feature_meter facts = { .id = meter.id.ulid,
                                   .key = meter.key,
                                   .aggregation = text_of(aggregation) };
    struct feature feature = {
        .key = text_of(key), .name = text_of(key), .has_meter = true, .archived_at = INSTANT_NONE
    };
    feature.meter.id = (struct feature_meter_id){ meter.id.ulid };
    must(feature_create(cx, DIALECT_V3, &feature, &facts, &made), "a feature");
    return made.id;
}

static void make_catalog(struct bench *bench)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct cx cx = bench_cx(bench, arena);
    text calls = ulid_text(arena, make_feature(&cx, "calls", "count").ulid);
    text tokens = ulid_text(arena, make_feature(&cx, "tokens", "sum").ulid);
    struct plan plan;
    struct plan made;
    struct json body = json_of(
        arena,
        text_format(arena,
                    "{\"key\":\"pro\",\"name\":\"Pro\",\"currency\":\"USD\","
                    "\"billing_cadence\":\"P1M\",\"phases\":[{\"key\":\"main\",\"name\":\"Main\","
                    "\"rate_cards\":["
                    "{\"key\":\"fee\",\"name\":\"Fee\",\"billing_cadence\":\"P1M\","
                    "\"payment_term\":\"in_arrears\","
                    "\"price\":{\"type\":\"flat\",\"amount\":\"20\"}},"
                    "{\"key\":\"calls\",\"name\":\"Calls\",\"billing_cadence\":\"P1M\","
                    "\"feature\":{\"id\":\"%.*s\"},"
                    "\"price\":{\"type\":\"unit\",\"amount\":\"0.01\"}},"
                    "{\"key\":\"tokens\",\"name\":\"Tokens\",\"billing_cadence\":\"P1M\","
                    "\"feature\":{\"id\":\"%.*s\"},"
                    "\"price\":{\"type\":\"graduated\",\"tiers\":["
                    "{\"up_to_amount\":\"1000\","
                    "\"unit_price\":{\"type\":\"unit\",\"amount\":\"0.002\"}},"
                    "{\"unit_price\":{\"type\":\"unit\",\"amount\":\"0.001\"}}]}}]}]}",
                    TEXT_ARG(calls), TEXT_ARG(tokens)));
    MUST(fields_read(&plan_fields, DIALECT_V3, &body, &cx.problem, &plan));
    must(plan_create(&cx, DIALECT_V3, &plan, &made), "the plan");
    must(plan_publish(&cx, DIALECT_V3, made.id, &made), "the plan, published");
    cx = bench_cx(bench, arena);
    must(meter_rollups_keep(&cx), "the meters");
}

/* Sets for how long the default profile waits for late events. */
static void set_collection(struct bench *bench)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct cx cx = bench_cx(bench, arena);
    struct store_tx *tx = NULL;
    struct profile profile;
    must(profile_ensure(&cx), "a profile");
    must(store_begin_read(bench->store, &tx), "a transaction");
    must(profile_default(&cx, tx, &profile), "the profile");
    store_rollback(tx);
    profile.workflow.collection.interval = bench->collection;
    must(profile_update(&cx, profile.id, &profile, DIALECT_V1, &profile), "the profile's change");
}

static text key_of(struct arena *arena, int64_t number)
{
    return text_format(arena, "customer-%07lld", (long long)number);
}

static void make_customer(struct cx *cx, int64_t number)
{
    struct customer customer = {
        .key = key_of(cx->arena, number),
        .name = text_format(cx->arena, "Customer %lld", (long long)number),
        .deleted_at = INSTANT_NONE,
        .clock_now = INSTANT_NONE,
    };
    struct customer made;
    must(customer_create(cx, &customer, &made), "a customer");
    struct json json = json_of(
        cx->arena,
        text_format(cx->arena, "{\"customer\":{\"id\":\"%.*s\"},\"plan\":{\"key\":\"pro\"}}",
                    TEXT_ARG(ulid_text(cx->arena, made.id.ulid))));
    struct subscription_body body;
    struct subscription subscription;
    MUST(fields_read(&subscription_body_v3_fields, DIALECT_V3, &json, &cx->problem, &body));
    MUST(subscription_body_settle(&body, DIALECT_V3, &cx->problem));
    must(bill_subscription_create(cx, &body, &subscription), "a subscription");
}

static void make_customers(struct bench *bench)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    for (int64_t first = 0; first < bench->customers; first += MADE_AT_ONCE) {
        struct store_tx *tx = NULL;
        must(store_begin_write(bench->store, &tx), "a transaction");
        store_enclose(tx);
        for (int64_t i = first; i < first + MADE_AT_ONCE && i < bench->customers; i++) {
            arena_reset(arena);
            struct cx cx = bench_cx(bench, arena);
            make_customer(&cx, i);
        }
        store_disclose(tx);
        must(store_commit(tx), "a commit");
    }
}

/* A number from the seed and a place. */
static uint64_t draw(uint64_t place)
{
    uint64_t x = place * UINT64_C(0x9e3779b97f4a7c15) + SEED;
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static struct usage_event event_of(struct bench *bench, struct arena *arena, int64_t number)
{
    const uint64_t month_seconds = 31 * 86400;
    uint64_t drawn = draw((uint64_t)number);
    int64_t second = (int64_t)(drawn % month_seconds);
    instant start = clock_now(&bench->clock);
    instant time = { start.ns + second * NS_PER_SECOND };
    return (struct usage_event){
        .org = bench->org,
        .id = text_format(arena, "event-%lld", (long long)number),
        .source = TEXT("bench"),
        .type = number % 2 == 0 ? TEXT("calls") : TEXT("tokens"),
        .subject = key_of(arena, number / 2 % bench->customers),
        .data = text_format(arena, "{\"n\":%llu}", (unsigned long long)(drawn >> 40) % 500),
        .time = time,
        .ingested_at = time,
        .is_time_given = true,
    };
}

static void send_events(struct bench *bench)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const int64_t all = bench->customers * bench->events * 2;
    for (int64_t first = 0; first < all; first += SENT_AT_ONCE) {
        struct usage_receipt receipt;
        size_t count = 0;
        arena_reset(arena);
        struct usage_event *events = ARENA_ARRAY(arena, struct usage_event, SENT_AT_ONCE);
        for (int64_t i = first; i < first + SENT_AT_ONCE && i < all; i++)
            events[count++] = event_of(bench, arena, i);
        must(usage_append_wait(bench->usage, events, count, &receipt), "events");
    }
}

/* ---- the run ------------------------------------------------------------------------------- */

static int64_t processor_ns(void)
{
    struct rusage usage;
    MUST(getrusage(RUSAGE_SELF, &usage) == 0);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * NS_PER_SECOND +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000;
}

/* Resident memory now. */
static int64_t resident_kb(void)
{
    long long pages = 0;
    long long resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    MUST(file != NULL && fscanf(file, "%lld %lld", &pages, &resident) == 2);
    (void)fclose(file);
    return resident * sysconf(_SC_PAGESIZE) / 1024;
}

/* Rows of the worker are done in batches; between them memory is looked at by a thread of its own.
 */
struct watch {
    struct bench *bench;
    _Atomic bool is_over;
    int64_t peak_kb;
    int64_t first_kb; /* after the first tenth of a second */
};

static void *watch_run(void *state)
{
    struct watch *watch = state;
    const struct timespec pause = { 0, 100 * 1000 * 1000 };
    while (!watch->is_over) {
        (void)nanosleep(&pause, NULL);
        int64_t now = resident_kb();
        if (watch->first_kb == 0)
            watch->first_kb = now;
        if (now > watch->peak_kb)
            watch->peak_kb = now;
    }
    return NULL;
}

static int64_t invoices_issued(struct bench *bench)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct cx cx = bench_cx(bench, arena);
    struct invoice_search search = invoice_search_all((struct page){ 1, 1 });
    struct list page;
    int64_t total = 0;
    text states[] = { TEXT("paid") };
    search.states = (struct text_list){ states, 1 };
    must(invoice_list(&cx, &search, &page, &total), "the invoices");
    return total;
}

static void run(struct bench *bench)
{
    struct watch watch = { .bench = bench };
    pthread_t thread;
    instant month_end;
    MUST(instant_parse(TEXT("2026-02-02T00:00:00Z"), &month_end));
    MUST(malloc_trim(0) >= 0);
    int64_t before_kb = resident_kb();
    MUST(pthread_create(&thread, NULL, watch_run, &watch) == 0);
    int64_t processor = processor_ns();
    int64_t begun = clock_monotonic_ns();
    must(worker_advance(bench->worker, month_end), "the end of the month");
    int64_t elapsed = clock_monotonic_ns() - begun;
    processor = processor_ns() - processor;
    watch.is_over = true;
    MUST(pthread_join(thread, NULL) == 0);
    int64_t issued = invoices_issued(bench);
    printf("customers                      %lld\n", (long long)bench->customers);
    printf("invoices issued and paid       %lld\n", (long long)issued);
    printf("wall clock, ms                 %lld\n", (long long)(elapsed / 1000000));
    printf("invoices a second              %lld\n",
           (long long)(issued * NS_PER_SECOND / (elapsed > 0 ? elapsed : 1)));
    printf("processor, us an invoice       %lld\n",
           (long long)(processor / 1000 / (issued > 0 ? issued : 1)));
    printf("resident before, kB            %lld\n", (long long)before_kb);
    printf("resident at most, kB           %lld\n", (long long)watch.peak_kb);
}

int main(int argc, char **argv)
{
    struct bench bench = { .customers = CUSTOMERS_USUAL,
                           .events = EVENTS_USUAL,
                           .collection = TEXT("PT1H") };
    if (argc < 2 || argc > 5) {
        fprintf(stderr, "usage: invoice_run DIRECTORY [CUSTOMERS] [EVENTS] [COLLECTION]\n");
        return 2;
    }
    if (argc > 2 && (!text_to_int(text_of(argv[2]), &bench.customers) || bench.customers < 1))
        return 2;
    if (argc > 3 && (!text_to_int(text_of(argv[3]), &bench.events) || bench.events < 0))
        return 2;
    if (argc > 4)
        bench.collection = text_of(argv[4]);
    open_all(&bench, argv[1]);
    make_catalog(&bench);
    set_collection(&bench);
    int64_t begun = clock_monotonic_ns();
    make_customers(&bench);
    send_events(&bench);
    must(usage_seal(bench.usage), "sealing");
    must(rollup_catch_up(bench.rollup), "rollups");
    printf("made ready in, ms              %lld\n",
           (long long)((clock_monotonic_ns() - begun) / 1000000));
    run(&bench);
    worker_free(bench.worker);
    rollup_close(bench.rollup);
    usage_close(bench.usage);
    store_close(bench.store);
    ids_free(bench.ids);
    return 0;
}
