/* payer.c: payments, each sent under a key until it is answered, so each is made once. */
#include "payer.h"

#include "asking.h"

static void take_card(struct world *world)
{
    static const char *const cards[] = { "4242424242424242", "5555555555554444", "4000000000000002",
                                         "4000002500003155" };
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    const struct customer *customer = &world->customers[world_pick(world, world->customer_count)];
    text target = text_format(arena, V3 "/customers/%s/billing/app-data", customer->id);
    text body = text_format(arena, "{\"sandbox\":{\"test_card\":\"%s\"}}",
                            cards[world_pick(world, COUNT_OF(cards))]);
    struct answer answer = { 0 };

    while (answer.status == 0)
        answer = ask(world, arena, HTTP_PUT, target, body);
    (void)is_good(world, &answer, target);
}

/* A part of it, or more than all. */
static void pay(struct world *world, struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int64_t cents = 1 + world_pick(world, invoice->cents + invoice->cents / 4);
    text target = text_format(arena, V3 "/billing/invoices/%s/payments", invoice->id);
    struct answer answer =
        ask_once(world, arena, target,
                 text_format(arena, "{\"amount\":\"%lld.%02lld\"}", (long long)(cents / 100),
                             (long long)(cents % 100)));

    if (is_good(world, &answer, target))
        invoice->by_hand += cents;
}

/* All that is left of an invoice. There may be nothing: then it is refused. */
static void take_back(struct world *world, struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/billing/invoices/%s/credit-notes", invoice->id);
    struct answer answer = ask_once(world, arena, target,
                                    world_pick(world, 2) ? TEXT("{\"settlement\":\"refund\"}")
                                                         : TEXT("{\"settlement\":\"balance\"}"));

    if (!text_equal(text_member(&answer.json, "code"), TEXT("credit_too_large")))
        (void)is_good(world, &answer, target);
}

void payer_act(struct world *world)
{
    struct seen *invoice = NULL;
    if (world->invoice_count > 0)
        invoice = world->invoices[world_pick(world, world->invoice_count)];
    if (!invoice || invoice->cents <= 0 || world_pick(world, 3) == 0)
        take_card(world);
    else if (world_pick(world, 3) > 0)
        pay(world, invoice);
    else
        take_back(world, invoice);
}

/* ---- accounts ------------------------------------------------------------------------------- */

static struct answer rows_of(struct world *world, struct arena *arena, const struct seen *invoice,
                             const char *what)
{
    text target = text_format(arena, V3 "/billing/invoices/%s/%s", invoice->id, what);
    struct answer answer = house_ask(&world->house, arena, HTTP_GET, target, TEXT_NONE);
    (void)is_good(world, &answer, target);
    return answer;
}

struct sums {
    int64_t by_hand, charged, from_credit, refunded;
};

static struct sums sum_payments(const struct json *data)
{
    struct sums sums = { 0 };
    for (size_t i = 0; data && i < data->count; i++) {
        text type = text_member(&data->items[i], "type");
        int64_t cents = cents_member(&data->items[i], "amount");
        if (!text_equal(text_member(&data->items[i], "status"), TEXT("succeeded")))
            continue;
        if (text_equal(type, TEXT("manual")))
            sums.by_hand += cents;
        else if (text_equal(type, TEXT("charge")))
            sums.charged += cents;
        else if (text_equal(type, TEXT("credit")))
            sums.from_credit += cents;
        else
            sums.refunded += cents;
    }
    return sums;
}

static int64_t sum_notes(const struct json *data)
{
    int64_t sum = 0;
    for (size_t i = 0; data && i < data->count; i++)
        sum += cents_member(json_member(&data->items[i], TEXT("totals")), "total");
    return sum;
}

void payer_audit(struct world *world, struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct answer payments = rows_of(world, arena, invoice, "payments?page[size]=100");
    struct answer notes = rows_of(world, arena, invoice, "credit-notes?page[size]=100");
    struct answer balance = rows_of(world, arena, invoice, "balance");
    struct sums sums = sum_payments(json_member(&payments.json, TEXT("data")));
    int64_t noted = sum_notes(json_member(&notes.json, TEXT("data")));
    int64_t owed = cents_member(&balance.json, "owed");
    int64_t paid = cents_member(&balance.json, "paid");
    int64_t refunded = cents_member(&balance.json, "refunded");
    int64_t outstanding = cents_member(&balance.json, "outstanding");
    int64_t refund_due = cents_member(&balance.json, "refund_due");
    int64_t asked = invoice->cents > 0 ? invoice->cents : 0; /* less than nothing becomes credit */
    bool is_sound = sums.by_hand == invoice->by_hand && sums.charged <= asked &&
                    paid == sums.by_hand + sums.charged + sums.from_credit && outstanding >= 0 &&
                    refund_due >= 0 && (outstanding == 0 || refund_due == 0) &&
                    outstanding - refund_due == owed - paid + refunded;

    if (invoice->cents > 0)
        is_sound = is_sound && owed == (invoice->cents > noted ? invoice->cents - noted : 0);
    if (!is_sound)
        world_fail(world,
                   "accounts of %lld cents, %lld paid by hand, do not add up: %.*s %.*s %.*s",
                   (long long)invoice->cents, (long long)invoice->by_hand, TEXT_ARG(balance.body),
                   TEXT_ARG(payments.body), TEXT_ARG(notes.body));
}
