/* Payments on a real store: dunning, reports of a program outside in any order (hard case f), and
 * that money is conserved. */
#include "bill/app_external.h"
#include "bill/billing.h"
#include "bill/override.h"
#include "bill/payment.h"
#include "lib/shop.h"
#include "lib/tap.h"
#include "notify/outbox.h"

/* Does all work due up to `to`, as the worker does. */
static void run_to(struct fixture *f, const char *to)
{
    instant end = fixture_instant(to);
    for (;;) {
        struct due_row row;
        instant next;
        MUST(due_next_at(f->cx.store, &next) == OK);
        if (instant_is_none(next) || instant_before(end, next))
            break;
        if (instant_before(clock_now(&f->clock), next))
            clock_set(&f->clock, next);
        f->cx.now = clock_now(&f->clock);
        MUST(due_next(f->cx.store, f->cx.now, f->cx.arena, &row) == OK);
        MUST(bill_run_due(&f->cx, &row) == OK);
    }
    fixture_at(f, to);
}

static struct customer subscribed(struct fixture *f, const char *key)
{
    struct customer customer = shop_customer(f, key, key);
    struct subscription_body input;
    struct subscription made;
    shop_read(
        f, &subscription_body_v3_fields,
        text_format(f->cx.arena, "{\"customer\":{\"key\":\"%s\"},\"plan\":{\"key\":\"pro\"}}", key),
        &input);
    MUST(bill_subscription_create(&f->cx, &input, &made) == OK);
    return customer;
}

static void set_billing(struct fixture *f, const struct customer *customer, const char *body)
{
    struct customer_billing input;
    struct override_details details;
    shop_read(f, &customer_billing_fields, text_of(body), &input);
    struct override override = { .profile_id = input.billing_profile.id,
                                 .workflow = input.workflow };
    struct list data = app_data_items_of(&input.app_data, TEXT(""), f->cx.arena);
    text id = ulid_text(f->cx.arena, customer->id.ulid);
    MUST(override_put_with_data(&f->cx, id, &override, &data, &details) == OK);
}

/* The customer's only standard invoice. */
static struct invoice_id invoice_of(struct fixture *f, const struct customer *customer)
{
    struct invoice_id ret = { 0 };
    struct list events;
    struct outbox_query query = { .limit = 1000 };
    MUST(outbox_list(&f->cx, &query, &events) == OK);
    const struct outbox_event *items = events.items;
    for (size_t i = 0; i < events.count; i++) {
        text owner = ulid_text(f->cx.arena, customer->id.ulid);
        if (text_equal(items[i].type, TEXT(OUTBOX_INVOICE_CREATED)) &&
            text_contains(items[i].payload, owner))
            ret.ulid = items[i].subject_id.ulid;
    }
    MUST(!ulid_is_zero(ret.ulid));
    return ret;
}

static struct invoice_balance balance_of(struct fixture *f, struct invoice_id id)
{
    struct invoice_balance balance;
    MUST(payment_balance_get(&f->cx, id, &balance) == OK);
    return balance;
}

static bool refuses(struct fixture *f, enum err err, enum fault fault)
{
    bool is_so = err == ERR_REFUSED && f->cx.problem.fault == fault;
    fixture_forget(f);
    return is_so;
}

static size_t count_of(struct fixture *f, struct invoice_id id)
{
    struct list list;
    int64_t total;
    MUST(payment_list(&f->cx, id, (struct page){ 1, 100 }, &list, &total) == OK);
    return (size_t)total;
}

static void test_declined(struct fixture *f)
{
    struct customer customer = subscribed(f, "declined");
    set_billing(f, &customer,
                "{\"app_data\":{\"sandbox\":{\"test_card\":\"4000000000000002\"}},\"workflow\":"
                "{\"payment\":{\"dunning\":{\"retry_after\":[\"P1D\",\"P3D\"],\"after_retries\":"
                "\"uncollectible\"}}}}");
    run_to(f, "2026-01-01T01:00:00Z");
    struct invoice_id id = invoice_of(f, &customer);
    IS_TEXT(balance_of(f, id).status, "payment_processing.failed", "the card is declined");
    run_to(f, "2026-01-03T00:00:00Z");
    OK(balance_of(f, id).sums.failures == 2, "after a day it is declined again");
    run_to(f, "2026-01-05T00:00:00Z");
    struct invoice_balance last = balance_of(f, id);
    IS_TEXT(last.status, "uncollectible", "after the last attempt the money is given up");
    OK(last.sums.failures == 3 && instant_is_none(last.next_retry_at), "and nothing is planned");
    run_to(f, "2026-01-10T00:00:00Z");
    OK(count_of(f, id) == 3, "nor tried");
}

/* What was planned when a card was declined is not done once the invoice is paid. */
static void test_paid_between(struct fixture *f)
{
    struct customer customer = subscribed(f, "between");
    set_billing(f, &customer, "{\"app_data\":{\"sandbox\":{\"test_card\":\"4000000000000002\"}}}");
    run_to(f, "2026-01-10T01:00:00Z");
    struct invoice_id id = invoice_of(f, &customer);
    struct payment_body body = { .type = PAYMENT_MANUAL, .received_at = INSTANT_NONE };
    struct payment made;
    body.amount = dec_of_int(100);
    OK(!instant_is_none(balance_of(f, id).next_retry_at), "another attempt is planned");
    MUST(payment_record(&f->cx, id, &body, &made) == OK);
    struct invoice_balance balance = balance_of(f, id);
    IS_TEXT(balance.status, "paid", "a payment by hand pays it");
    OK(instant_is_none(balance.next_retry_at), "and no attempt is planned any more");
    run_to(f, "2026-01-20T01:00:00Z");
    OK(count_of(f, id) == 2, "nor made");
    OK(refuses(f, payment_give_up(&f->cx, id, &balance), FAULT_INVOICE_ACTION),
       "what is paid is not given up");
}

static void test_reports(struct fixture *f)
{
    const struct app_install install = { .type = APP_EXTERNAL_INVOICING,
                                         .name = TEXT("Ours"),
                                         .create_billing_profile = true };
    const struct external_payment paid = { EXTERNAL_PAID };
    const struct external_payment failed = { EXTERNAL_FAILED };
    struct app_installed installed;
    struct list profiles;
    struct profile_query query = { .sort = PROFILE_SORT_CREATED_AT,
                                   .is_descending = true,
                                   .page = { 1, 1 } };
    int64_t total;
    MUST(app_install(&f->cx, &install, &installed) == OK);
    MUST(profile_list(&f->cx, &query, &profiles, &total) == OK);
    const struct profile *profile = profiles.items;
    struct customer customer = subscribed(f, "outside");
    set_billing(
        f, &customer,
        text_cstr(f->cx.arena, text_format(f->cx.arena, "{\"billing_profile\":{\"id\":\"%.*s\"}}",
                                           TEXT_ARG(ulid_text(f->cx.arena, profile->id.ulid)))));
    run_to(f, "2026-01-20T02:00:00Z");
    struct invoice_id id = invoice_of(f, &customer);
    IS_TEXT(balance_of(f, id).status, "payment_processing.pending", "the payment is its business");
    MUST(external_payment_status(&f->cx, id, &paid) == OK);
    MUST(external_payment_status(&f->cx, id, &paid) == OK);
    OK(refuses(f, external_payment_status(&f->cx, id, &failed), FAULT_PAYMENT_TRIGGER),
       "f: an older failure comes too late");
    struct invoice_balance balance = balance_of(f, id);
    IS_TEXT(balance.status, "paid", "f: it stays paid");
    OK(dec_compare(balance.sums.paid, dec_of_int(100)) == 0 && count_of(f, id) == 1,
       "f: and is paid once");
}

int main(void)
{
    struct fixture f;
    fixture_open(&f, "2026-01-01T00:00:00Z");
    shop_simple_plan(&f, "pro", "USD", shop_fee_card(&f, "100", "in_advance"));
    test_declined(&f);
    test_paid_between(&f);
    test_reports(&f);
    fixture_close(&f);
    return tap_end();
}
