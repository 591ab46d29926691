/* From an event to an invoice's lines, on a real store: the walk-throughs E1 and E2, months that
 * go by, cancelations, proration, and subjects that move. */
#include "bill/payer.h"
#include "lib/due.h"
#include "lib/shop.h"
#include "lib/tap.h"

static struct subscription subscribe(struct fixture *f, const char *body)
{
    struct subscription_body input;
    struct subscription made;
    shop_read(f, &subscription_body_v3_fields, text_of(body), &input);
    MUST(bill_subscription_create(&f->cx, &input, &made) == OK);
    return made;
}

static text id_of(struct fixture *f, ulid id)
{
    return ulid_text(f->cx.arena, id);
}

static struct list preview(struct fixture *f, const char *customer)
{
    struct list invoices;
    fixture_forget(f);
    MUST(invoice_preview(&f->cx, text_of(customer), &invoices) == OK);
    return invoices;
}

/* The only invoice of a customer. */
static const struct invoice *invoice_of(struct fixture *f, const char *customer)
{
    struct list invoices = preview(f, customer);
    MUST(invoices.count == 1);
    return invoices.items;
}

static const struct invoice_line *line_at(const struct invoice *invoice, size_t i)
{
    MUST(i < invoice->lines.count);
    return (const struct invoice_line *)invoice->lines.items + i;
}

static text printed(struct fixture *f, enum dialect dialect, const struct invoice *invoice)
{
    struct buffer out = { .arena = f->cx.arena };
    struct json_writer w = json_writer_of(&out);
    fields_write(&invoice_fields, dialect, &w, invoice);
    return buffer_text(&out);
}

static void total_is(struct fixture *f, const char *customer, const char *total, const char *rule)
{
    IS_TEXT(dec_text(f->cx.arena, invoice_of(f, customer)->totals.total), total, rule);
}

static bool holds(text t, const char *part)
{
    return text_contains(t, text_of(part));
}

/* Moves the clock to `to` as the worker does: from one due time to the next. Returns the steps. */
static int run_to(struct fixture *f, const char *to)
{
    instant end = fixture_instant(to);
    int steps = 0;
    for (;;) {
        struct due_row row;
        instant next;
        MUST(due_next_at(f->cx.store, &next) == OK);
        if (instant_is_none(next) || instant_before(end, next))
            break;
        clock_set(&f->clock, next);
        f->cx.now = clock_now(&f->clock);
        MUST(due_next(f->cx.store, f->cx.now, f->cx.arena, &row) == OK);
        steps += due_run_lines_only(f, &row);
    }
    fixture_at(f, to);
    return steps;
}

/* ---- the walk-throughs --------------------------------------------------------------------- */

static void agent_run(struct fixture *f, const char *id, const char *time)
{
    shop_send(f, (struct shop_event){ id, "agent_run", "acme-inc", time,
                                      "{\"agent_name\":\"summarizer\"}" });
}

static void e1_shape(struct fixture *f)
{
    const struct invoice *invoice = invoice_of(f, "acme-inc");
    text v1 = printed(f, DIALECT_V1, invoice);
    text v3 = printed(f, DIALECT_V3, invoice);
    IS_TEXT(invoice->number, "GATHER-ACIN-USD-1", "E1: the number");
    OK(holds(v1, "\"statusDetails\":{\"immutable\":false,\"failed\":false,"
                 "\"extendedStatus\":\"gathering\",\"availableActions\":{\"invoice\":{}}}"),
       "E1: v1 says what can be done");
    OK(holds(v1, "\"type\":\"usage_based\"") && holds(v1, "\"meteredQuantity\":\"3\"") &&
           holds(v1, "\"perUnitAmount\":\"1\"") && holds(v1, "\"children\":[{"),
       "E1: v1 says how it came about");
    OK(holds(v1, "\"usageAttribution\":{\"subjectKeys\":[]}"), "E1: v1 says whose usage it is");
    OK(holds(v3, "\"type\":\"standard_line\"") && holds(v3, "\"unit_price\":\"1\"") &&
           holds(v3, "\"usage_quantity_detail\":{\"raw_quantity\":\"3\","
                     "\"invoiced_quantity\":\"3\"}"),
       "E1: v3 too");
    IS_TEXT(printed(f, DIALECT_V3, invoice_of(f, "acme-inc")), text_cstr(f->cx.arena, v3),
            "E1: a second preview is equal byte for byte");
}

/* E1: bill AI agent runs. */
static void test_agent_runs(struct fixture *f)
{
    shop_meter(f, "{\"key\":\"agent_runs_total\",\"name\":\"Count agent runs\","
                  "\"event_type\":\"agent_run\",\"aggregation\":\"count\","
                  "\"dimensions\":{\"agent_name\":\"$.agent_name\"}}");
    struct feature feature =
        shop_feature(f, "agent_runs_total", "{\"key\":\"agent_runs\",\"name\":\"Agent Runs\"}");
    shop_simple_plan(f, "premium_plan", "USD", shop_unit_card(f, &feature, "1"));
    shop_customer(f, "acme-inc", "Acme Inc");
    OK(preview(f, "acme-inc").count == 0, "E1: without a subscription there is nothing to bill");
    agent_run(f, "before", "2026-01-10T09:59:59Z");
    subscribe(f, "{\"customer\":{\"key\":\"acme-inc\"},\"plan\":{\"key\":\"premium_plan\"}}");
    total_is(f, "acme-inc", "0.00", "E1: before the first event nothing is owed");
    fixture_at(f, "2026-01-10T10:05:00Z");
    agent_run(f, "1", "2026-01-10T10:00:00Z");
    agent_run(f, "2", "2026-01-10T10:04:00Z");
    agent_run(f, "3", "2026-01-10T10:05:00Z");
    const struct invoice_line *line = line_at(invoice_of(f, "acme-inc"), 0);
    IS_TEXT(line->name, "Agent Runs", "E1: the line");
    IS_TEXT(dec_text(f->cx.arena, line->quantity), "3", "E1: quantity 3");
    total_is(f, "acme-inc", "3.00",
             "E1: amount 3.00; what happened before the start is not billed");
    agent_run(f, "3", "2026-01-10T10:05:00Z");
    total_is(f, "acme-inc", "3.00", "E1: an event sent again is not billed again");
    shop_send(f, (struct shop_event){ "4", "agent_run", "stranger", "2026-01-10T10:05:00Z", "" });
    total_is(f, "acme-inc", "3.00", "E1: the usage of others is not billed");
    e1_shape(f);
}

static void active(struct fixture *f, const char *id, const char *user)
{
    char data[80];
    snprintf(data, sizeof data, "{\"user_id\":\"%s\"}", user);
    shop_send(f,
              (struct shop_event){ id, "user_activity", "seats-co", "2026-01-10T10:06:00Z", data });
}

/* E2: bill active users. */
static void test_active_users(struct fixture *f)
{
    shop_meter(f, "{\"key\":\"active_users_total\",\"name\":\"Active users total\","
                  "\"event_type\":\"user_activity\",\"aggregation\":\"unique_count\","
                  "\"value_property\":\"$.user_id\"}");
    struct feature feature = shop_feature(f, "active_users_total",
                                          "{\"key\":\"active_users\",\"name\":\"active-users\"}");
    shop_simple_plan(f, "per_seat", "USD", shop_unit_card(f, &feature, "1"));
    shop_customer(f, "seats-co", "Seats");
    subscribe(f, "{\"customer\":{\"key\":\"seats-co\"},\"plan\":{\"key\":\"per_seat\"}}");
    active(f, "u1", "alice");
    active(f, "u2", "bob");
    active(f, "u3", "carol");
    active(f, "u4", "alice");
    const struct invoice_line *line = line_at(invoice_of(f, "seats-co"), 0);
    IS_TEXT(line->name, "active-users", "E2: the line");
    IS_TEXT(dec_text(f->cx.arena, line->quantity), "3", "E2: alice counts once");
    IS_TEXT(invoice_of(f, "seats-co")->number, "GATHER-SEAT-USD-2", "E2: the next number");
}

/* ---- months -------------------------------------------------------------------------------- */

static void test_months(struct fixture *f)
{
    OK(run_to(f, "2026-02-20T00:00:00Z") == 2, "each subscription has a period that ends");
    agent_run(f, "feb", "2026-02-11T00:00:00Z");
    agent_run(f, "edge", "2026-02-10T10:00:00Z");
    agent_run(f, "last", "2026-02-10T09:59:59.999999999Z");
    const struct invoice *invoice = invoice_of(f, "acme-inc");
    OK(invoice->lines.count == 2, "the month that is over and the one that runs");
    IS_TEXT(dec_text(f->cx.arena, line_at(invoice, 0)->quantity), "4",
            "the first month has all before its end");
    IS_TEXT(dec_text(f->cx.arena, line_at(invoice, 1)->quantity), "2",
            "the second begins with its first instant");
    OK(instant_equal(invoice->period.from, fixture_instant("2026-01-10T10:00:00Z")) &&
           instant_equal(invoice->period.to, fixture_instant("2026-03-10T10:00:00Z")),
       "the invoice covers both");
    OK(run_to(f, "2026-05-20T00:00:00Z") == 6, "three months are three steps for each");
    OK(invoice_of(f, "acme-inc")->lines.count == 5, "one line for each month");
}

/* A worker that was away does the same work late, one period after the other. */
static void test_late_worker(struct fixture *f)
{
    struct due_row row;
    int steps = 0;
    fixture_at(f, "2026-08-01T00:00:00Z");
    while (due_next(f->cx.store, f->cx.now, f->cx.arena, &row) == OK) {
        steps += due_run_lines_only(f, &row);
    }
    OK(steps == 4, "two months for two subscriptions, one by one");
    OK(invoice_of(f, "acme-inc")->lines.count == 7, "and no line is missing");
}

static void lines_sync(struct fixture *f, const struct subscription *one)
{
    struct store_tx *tx;
    MUST(store_begin_write(f->cx.store, &tx) == OK);
    MUST(bill_sync_subscription(&f->cx, tx, one->id) == OK);
    MUST(store_commit(tx) == OK);
}

/* ---- fees ---------------------------------------------------------------------------------- */

/* S6: a fee of 20 in advance, from 21 January 21:55:18, billed on the first. */
static void test_prorated_fee(struct fixture *f)
{
    struct subscription changed;
    fixture_at(f, "2027-01-21T21:55:18Z");
    shop_simple_plan(f, "fee_usd", "USD", shop_fee_card(f, "20", "in_advance"));
    shop_simple_plan(f, "fee_jpy", "JPY", shop_fee_card(f, "1000", "in_advance"));
    shop_customer(f, "fee", "Fee");
    shop_customer(f, "yen", "Yen");
    struct subscription one =
        subscribe(f, "{\"customer\":{\"key\":\"fee\"},\"plan\":{\"key\":\"fee_usd\"},"
                     "\"billing_anchor\":\"2027-01-01T00:00:00Z\"}");
    subscribe(f, "{\"customer\":{\"key\":\"yen\"},\"plan\":{\"key\":\"fee_jpy\"},"
                 "\"billing_anchor\":\"2027-01-01T00:00:00Z\"}");
    const struct invoice *invoice = invoice_of(f, "fee");
    OK(invoice->lines.count == 2, "S6: the rest of January, and February in advance");
    IS_TEXT(dec_text(f->cx.arena, line_at(invoice, 0)->totals.total), "6.51", "S6: 6.51");
    total_is(f, "fee", "26.51", "S6: and 20");
    IS_TEXT(dec_text(f->cx.arena, line_at(invoice_of(f, "yen"), 0)->totals.total), "325",
            "the yen has no fraction");
    text before = printed(f, DIALECT_V1, invoice_of(f, "fee"));
    lines_sync(f, &one);
    lines_sync(f, &one);
    IS_TEXT(printed(f, DIALECT_V1, invoice_of(f, "fee")), text_cstr(f->cx.arena, before),
            "bringing the lines up to date again changes nothing, not an id");
    MUST(bill_subscription_cancel(&f->cx, &(struct subscription_target){ id_of(f, one.id.ulid), 0 },
                                  TEXT("next_billing_cycle"), &changed) == OK);
    total_is(f, "fee", "6.51", "S6: cancelled for the first, February is not owed");
    MUST(bill_subscription_continue(
             &f->cx, &(struct subscription_target){ id_of(f, one.id.ulid), 0 }, &changed) == OK);
    total_is(f, "fee", "26.51", "taken back, it is again");
    fixture_at(f, "2027-01-22T00:00:00Z");
    MUST(bill_subscription_cancel(&f->cx, &(struct subscription_target){ id_of(f, one.id.ulid), 0 },
                                  TEXT("immediate"), &changed) == OK);
    total_is(f, "fee", "0.06", "cancelled at once, the part that ran is owed: 20 * 7482 s / 31 d");
}

/* A cancelation in the middle of a month ends the counting. */
static void test_cancel_usage(struct fixture *f)
{
    struct subscription changed;
    struct subscription_query query = { .plan_key = TEXT("premium_plan"), .page = { 1, 10 } };
    struct list list;
    int64_t total;
    run_to(f, "2027-02-20T00:00:00Z");
    MUST(subscription_list(&f->cx, &query, &list, &total) == OK && total == 1);
    const struct subscription *one = list.items;
    size_t before = invoice_of(f, "acme-inc")->lines.count;
    agent_run(f, "in", "2027-02-15T00:00:00Z");
    agent_run(f, "out", "2027-02-21T00:00:00Z");
    IS_TEXT(dec_text(f->cx.arena, line_at(invoice_of(f, "acme-inc"), before - 1)->quantity), "2",
            "two runs in the month");
    MUST(bill_subscription_cancel(&f->cx,
                                  &(struct subscription_target){ id_of(f, one->id.ulid), 0 },
                                  TEXT("immediate"), &changed) == OK);
    const struct invoice_line *line = line_at(invoice_of(f, "acme-inc"), before - 1);
    IS_TEXT(dec_text(f->cx.arena, line->quantity), "1", "what happens after the end is not billed");
    OK(instant_equal(line->service_period.to, f->cx.now), "the line ends with the subscription");
    run_to(f, "2027-06-01T00:00:00Z");
    OK(invoice_of(f, "acme-inc")->lines.count == before, "no line follows");
}

/* One that has not begun has no lines until it does; deleted before, it never has. */
static void test_scheduled(struct fixture *f)
{
    struct subscription_body input = { 0 };
    struct subscription made;
    struct subscription gone;
    shop_customer(f, "later", "Later");
    input.customer_key = TEXT("later");
    input.plan.key = TEXT("fee_usd");
    input.timing = TEXT("2027-06-15T00:00:00Z");
    input.billing_anchor = INSTANT_NONE;
    MUST(bill_subscription_create(&f->cx, &input, &made) == OK);
    OK(preview(f, "later").count == 0, "before it begins nothing is owed");
    MUST(bill_subscription_delete(
             &f->cx, &(struct subscription_target){ id_of(f, made.id.ulid), 0 }) == OK);
    input.timing = TEXT("2027-06-20T00:00:00Z");
    MUST(bill_subscription_create(&f->cx, &input, &gone) == OK);
    run_to(f, "2027-06-18T00:00:00Z");
    OK(preview(f, "later").count == 0, "deleted before it began, it never is");
    run_to(f, "2027-06-20T00:00:00Z");
    total_is(f, "later", "40.00", "when it begins there is this month and the next");
    fixture_forget(f);
    OK(payer_delete(&f->cx, TEXT("later")) == ERR_REFUSED,
       "the customer is not deleted with lines");
}

/* An invoice that loses its last line goes; a new one has a new number. */
static void test_empty_invoice(struct fixture *f)
{
    struct subscription changed;
    shop_customer(f, "brief", "Brief");
    struct subscription one =
        subscribe(f, "{\"customer\":{\"key\":\"brief\"},\"plan\":{\"key\":\"fee_usd\"}}");
    text first = invoice_of(f, "brief")->number;
    MUST(bill_subscription_cancel(&f->cx, &(struct subscription_target){ id_of(f, one.id.ulid), 0 },
                                  TEXT("immediate"), &changed) == OK);
    OK(preview(f, "brief").count == 0, "a subscription without a second owes nothing");
    subscribe(f, "{\"customer\":{\"key\":\"brief\"},\"plan\":{\"key\":\"fee_usd\"}}");
    OK(!text_equal(invoice_of(f, "brief")->number, first), "the next invoice has its own number");
}

/* ---- what goes wrong ----------------------------------------------------------------------- */

static void test_meter_gone(struct fixture *f)
{
    MUST(meter_delete(&f->cx, TEXT("active_users_total")) == OK);
    const struct invoice *invoice = invoice_of(f, "seats-co");
    OK(invoice->issues.count == invoice->lines.count, "each line has its issue");
    IS_TEXT(((const struct invoice_issue *)invoice->issues.items)->code,
            "invoice_line_snapshot_failed", "which says what failed");
    IS_TEXT(dec_text(f->cx.arena, invoice->totals.total), "0.00", "and nothing is made up");
    OK(!problem_is_set(&f->cx.problem), "the request goes well all the same");
}

static void test_unknown_customer(struct fixture *f)
{
    struct list list;
    OK(invoice_preview(&f->cx, TEXT("nobody"), &list) == ERR_REFUSED &&
           fixture_fault(f) == FAULT_CUSTOMER_ABSENT,
       "an unknown customer is refused");
    fixture_forget(f);
}

/* ---- subjects that move -------------------------------------------------------------------- */

static void subject_set(struct fixture *f, const char *customer, const char *subject)
{
    text key = text_of(subject ? subject : "");
    struct customer body = { .key = text_of(customer), .name = text_of(customer) };
    struct customer changed;
    body.has_usage_attribution = true;
    body.usage_attribution.subject_keys = (struct text_list){ &key, subject ? 1 : 0 };
    struct customer_change change = { .body = &body };
    fixture_forget(f);
    MUST(customer_update(&f->cx, text_of(customer), &change, &changed) == OK);
}

static void moved_event(struct fixture *f, const char *id, const char *time)
{
    shop_send(f, (struct shop_event){ id, "agent_run", "roamer", time, "{}" });
}

/* Hard case 53: a subject moves from one customer to another; no usage is lost or billed twice. */
static void test_moved_subject(struct fixture *f)
{
    fixture_at(f, "2027-07-01T00:00:00Z");
    shop_customer(f, "one", "one");
    shop_customer(f, "two", "two");
    subject_set(f, "one", "roamer");
    subscribe(f, "{\"customer\":{\"key\":\"one\"},\"plan\":{\"key\":\"premium_plan\"}}");
    subscribe(f, "{\"customer\":{\"key\":\"two\"},\"plan\":{\"key\":\"premium_plan\"}}");
    moved_event(f, "m1", "2027-07-05T00:00:00Z");
    moved_event(f, "m2", "2027-07-09T23:59:59Z");
    fixture_at(f, "2027-07-10T00:00:00Z");
    subject_set(f, "one", NULL);
    subject_set(f, "two", "roamer");
    moved_event(f, "m3", "2027-07-10T00:00:00Z");
    total_is(f, "one", "2.00", "before the move it is the first one's usage");
    total_is(f, "two", "1.00", "from the move on the second one's");
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-10T10:00:00.5Z");
    test_agent_runs(&f);
    test_active_users(&f);
    test_months(&f);
    test_late_worker(&f);
    test_prorated_fee(&f);
    test_cancel_usage(&f);
    test_scheduled(&f);
    test_empty_invoice(&f);
    test_meter_gone(&f);
    test_unknown_customer(&f);
    test_moved_subject(&f);
    fixture_close(&f);
    return tap_end();
}
