/* accounts.c: payments, credit notes, credit. */
#include "accounts.h"

#include <stdlib.h>
#include <string.h>

#include "lines.h"

#define PAGE 100

static struct answer rows_of(struct world *world, struct arena *arena, const struct seen *invoice,
                             const char *what)
{
    text target = text_format(arena, V3 "/billing/invoices/%s/%s", invoice->id, what);
    struct answer answer = house_ask(&world->house, arena, HTTP_GET, target, TEXT_NONE);
    (void)is_good(world, &answer, target);
    return answer;
}

static int digits_of(struct world *world, const struct seen *invoice)
{
    return currencies[world->customers[invoice->customer].currency].digits;
}

/* ---- payments ------------------------------------------------------------------------------- */

struct sums {
    int64_t by_hand, charged, from_credit;
    int64_t given_back, to_credit; /* refunds: by hand, and what is kept for later */
};

static struct sums sum_payments(const struct json *data, int digits)
{
    struct sums sums = { 0 };
    for (size_t i = 0; data && i < data->count; i++) {
        text type = text_member(&data->items[i], "type");
        int64_t cents = cents_member(&data->items[i], "amount", digits);
        bool is_kept = text_equal(text_member(&data->items[i], "method"), TEXT("credit_balance"));
        if (!text_equal(text_member(&data->items[i], "status"), TEXT("succeeded")))
            continue;
        if (text_equal(type, TEXT("manual")))
            sums.by_hand += cents;
        else if (text_equal(type, TEXT("charge")))
            sums.charged += cents;
        else if (text_equal(type, TEXT("credit")))
            sums.from_credit += cents;
        else if (is_kept)
            sums.to_credit += cents;
        else
            sums.given_back += cents;
    }
    return sums;
}

static int64_t sum_notes(const struct json *data, int digits)
{
    int64_t sum = 0;
    for (size_t i = 0; data && i < data->count; i++)
        sum += cents_at(&data->items[i], "totals", "total", digits);
    return sum;
}

/* What notes took back of a line; of them, those that its subscription asked for. */
static int64_t noted(const struct json *notes, text line, bool is_automatic, int digits)
{
    int64_t sum = 0;
    for (size_t i = 0; notes && i < notes->count; i++) {
        const struct json *lines = json_member(&notes->items[i], TEXT("lines"));
        text source = text_member(&notes->items[i], "source");
        if (is_automatic && !text_equal(source, TEXT("subscription")))
            continue;
        for (size_t k = 0; lines && k < lines->count; k++)
            if (text_equal(text_member(&lines->items[k], "line_id"), line))
                sum += cents_member(&lines->items[k], "amount", digits);
    }
    return sum;
}

/* What a line was billed for time that is not served; 0 or more. */
static int64_t surplus(struct world *world, const struct customer *customer,
                       const struct stint *stint, const struct billed *billed)
{
    const struct item *item = &stint->items[billed->item];
    struct billed kept = *billed;
    int64_t end = item_end(stint, item);
    if (billed->invoice < 0 || card_is_metered(item->card) || kept.to <= end)
        return 0;
    kept.to = end > kept.from ? end : kept.from;
    return billed->cents - line_worth(world, customer, stint, &kept, 0);
}

static void audit_notes(struct world *world, const struct seen *invoice, const struct answer *notes)
{
    const struct customer *customer = &world->customers[invoice->customer];
    const struct json *data = json_member(&notes->json, TEXT("data"));
    int digits = digits_of(world, invoice);

    for (int i = 0; i < customer->stint_count && !invoice->is_voided; i++) {
        const struct stint *stint = &customer->stints[i];
        for (int k = 0; k < stint->billed_count; k++) {
            const struct billed *billed = &stint->billed[k];
            if (billed->invoice < 0 || world->invoices[billed->invoice] != invoice)
                continue;
            text id = text_of(billed->id);
            int64_t all = noted(data, id, false, digits);
            int64_t given = noted(data, id, true, digits);
            bool is_over = item_end(stint, &stint->items[billed->item]) <=
                           customer_now(world, customer);
            int64_t due = is_over ? surplus(world, customer, stint, billed) : 0;
            if (all > (billed->cents > 0 ? billed->cents : 0) || given > due ||
                (given < due && all != billed->cents))
                world_fail(world,
                           "of a line of %lld notes took back %lld, %lld by itself of %lld: %.*s",
                           (long long)billed->cents, (long long)all, (long long)given,
                           (long long)due, TEXT_ARG(notes->body));
        }
    }
}

void accounts_audit_invoice(struct world *world, const struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct answer payments = rows_of(world, arena, invoice, "payments?page[size]=100");
    struct answer notes = rows_of(world, arena, invoice, "credit-notes?page[size]=100");
    struct answer balance = rows_of(world, arena, invoice, "balance");
    int digits = digits_of(world, invoice);
    struct sums sums = sum_payments(json_member(&payments.json, TEXT("data")), digits);
    int64_t kept = sum_notes(json_member(&notes.json, TEXT("data")), digits);
    int64_t owed = cents_member(&balance.json, "owed", digits);
    int64_t paid = cents_member(&balance.json, "paid", digits);
    int64_t refunded = cents_member(&balance.json, "refunded", digits);
    int64_t outstanding = cents_member(&balance.json, "outstanding", digits);
    int64_t refund_due = cents_member(&balance.json, "refund_due", digits);
    int64_t asked = invoice->cents > 0 ? invoice->cents : 0; /* less than nothing becomes credit */
    bool is_sound = sums.by_hand == invoice->by_hand && sums.charged <= asked &&
                    sums.given_back == invoice->given_back &&
                    paid == sums.by_hand + sums.charged + sums.from_credit &&
                    refunded == sums.given_back + sums.to_credit && outstanding >= 0 &&
                    refund_due >= 0 && (outstanding == 0 || refund_due == 0) &&
                    outstanding - refund_due == owed - paid + refunded && outstanding <= asked;

    if (!is_sound || owed != (invoice->is_voided || kept > asked ? 0 : asked - kept))
        world_fail(world,
                   "accounts of %lld, %lld paid and %lld given back by hand, do not add up: %.*s "
                   "%.*s %.*s",
                   (long long)invoice->cents, (long long)invoice->by_hand,
                   (long long)invoice->given_back, TEXT_ARG(balance.body), TEXT_ARG(payments.body),
                   TEXT_ARG(notes.body));
    audit_notes(world, invoice, &notes);
}

/* ---- credit --------------------------------------------------------------------------------- */

/* What an invoice gave to the credit of its customer, and took from it. */
struct flow {
    char invoice[ID_ROOM];
    int64_t from_invoice; /* that came to less than nothing */
    int64_t kept;         /* of notes, and when it was voided */
    int64_t used;
};

struct ledger {
    struct flow *flows;
    int flow_count;
    int64_t number, balance; /* of the entry read last */
    bool is_begun;
};

static struct flow *flow_of(struct ledger *ledger, text invoice)
{
    struct flow *flow;
    for (int i = 0; i < ledger->flow_count; i++)
        if (text_equal(text_of(ledger->flows[i].invoice), invoice))
            return &ledger->flows[i];
    flow = ADD_ONE(ledger->flows, ledger->flow_count);
    world_keep_id(flow->invoice, invoice);
    return flow;
}

/* Entries come newest first: each leads to the balance that the one before told of. */
static bool take_entry(struct ledger *ledger, const struct json *entry, int digits)
{
    text type = text_member(entry, "type");
    int64_t amount = cents_member(entry, "amount", digits);
    int64_t balance = cents_member(entry, "balance", digits);
    struct flow *flow = flow_of(ledger, text_at(entry, "invoice", "id"));
    int64_t number = 0;

    if (!text_to_int(text_member(entry, "number"), &number) || balance < 0 ||
        (ledger->is_begun && (number != ledger->number - 1 || balance != ledger->balance)))
        return false;
    *ledger = (struct ledger){ ledger->flows, ledger->flow_count, number, balance - amount, true };
    if (text_equal(type, TEXT("invoice")))
        flow->from_invoice += amount;
    else if (text_equal(type, TEXT("used")))
        flow->used -= amount;
    else
        flow->kept += amount;
    return true;
}

static void read_ledger(struct world *world, const struct customer *customer, struct ledger *ledger,
                        int64_t *ret_balance)
{
    int digits = currencies[customer->currency].digits;
    *ret_balance = 0;
    for (int page = 1;; page++) {
        struct arena *arena CLEANUP(arena_cleanup) = arena_new();
        text target = text_format(arena,
                                  V3 "/customers/%s/credit-entries?page[size]=%d&page[number]=%d",
                                  customer->id, PAGE, page);
        struct answer answer = house_ask(&world->house, arena, HTTP_GET, target, TEXT_NONE);
        const struct json *data = json_member(&answer.json, TEXT("data"));
        if (!is_good(world, &answer, target) || !data)
            return;
        if (page == 1 && data->count > 0)
            *ret_balance = cents_member(&data->items[0], "balance", digits);
        for (size_t i = 0; i < data->count; i++)
            if (!take_entry(ledger, &data->items[i], digits))
                world_fail(world, "%s: an entry of credit does not fit: %.*s", customer->key,
                           TEXT_ARG(data->items[i].raw));
        if (data->count < PAGE)
            return;
    }
}

static void audit_flow(struct world *world, const struct seen *invoice, const struct flow *flow)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct answer payments = rows_of(world, arena, invoice, "payments?page[size]=100");
    struct answer notes = rows_of(world, arena, invoice, "credit-notes?page[size]=100");
    int digits = digits_of(world, invoice);
    struct sums sums = sum_payments(json_member(&payments.json, TEXT("data")), digits);
    int64_t asked = invoice->cents > 0 ? invoice->cents : 0;
    int64_t less = invoice->cents < 0 ? -invoice->cents : 0;
    int64_t beyond = sum_notes(json_member(&notes.json, TEXT("data")), digits) - asked;
    beyond = beyond > 0 ? beyond : 0; /* what other lines had netted cannot be paid back */
    if (flow->used != sums.from_credit || flow->kept != sums.to_credit + beyond ||
        flow->from_invoice != less)
        world_fail(world, "credit of %s: %lld came of %lld, %lld was kept, %lld used: %.*s",
                   invoice->id, (long long)flow->from_invoice, (long long)invoice->cents,
                   (long long)flow->kept, (long long)flow->used, TEXT_ARG(payments.body));
}

static void audit_balance(struct world *world, const struct customer *customer, int64_t balance)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/customers/%s/credit-balances", customer->id);
    struct answer answer = house_ask(&world->house, arena, HTTP_GET, target, TEXT_NONE);
    const struct json *data = json_member(&answer.json, TEXT("data"));
    int64_t told = 0;
    if (!is_good(world, &answer, target))
        return;
    for (size_t i = 0; data && i < data->count; i++)
        told += cents_member(&data->items[i], "balance", currencies[customer->currency].digits);
    if (told != balance)
        world_fail(world, "%s has %lld to its credit: %.*s", customer->key, (long long)balance,
                   TEXT_ARG(answer.body));
}

void accounts_audit_credit(struct world *world, const struct customer *customer, bool is_whole)
{
    struct ledger ledger = { 0 };
    int64_t balance = 0, of_invoices = 0;
    const struct flow none = { 0 };

    if (customer->is_gone)
        return; /* what is a deleted one's is not told any more */
    read_ledger(world, customer, &ledger, &balance);
    if (ledger.is_begun && (ledger.number != 1 || ledger.balance != 0))
        world_fail(world, "%s: credit begins with entry %lld, from %lld", customer->key,
                   (long long)ledger.number, (long long)ledger.balance);
    audit_balance(world, customer, balance);
    for (int i = 0; i < world->invoice_count && !world->failure; i++) {
        const struct seen *invoice = world->invoices[i];
        const struct flow *flow = &none;
        if (&world->customers[invoice->customer] != customer)
            continue;
        for (int k = 0; k < ledger.flow_count; k++)
            if (strcmp(ledger.flows[k].invoice, invoice->id) == 0)
                flow = &ledger.flows[k];
        of_invoices += flow->from_invoice + flow->kept - flow->used;
        if (is_whole || world_pick(world, 8) == 0)
            audit_flow(world, invoice, flow);
    }
    if (of_invoices != balance && !world->failure)
        world_fail(world, "%s: invoices account for %lld of a credit of %lld", customer->key,
                   (long long)of_invoices, (long long)balance);
    free(ledger.flows);
}

/* ---- what is to be given back --------------------------------------------------------------- */

static bool has_open_draft(struct world *world, const struct customer *customer)
{
    for (int i = 0; i < world->draft_count; i++) {
        const struct seen *draft = world->drafts[i];
        if (&world->customers[draft->customer] == customer && draft->number == 0 &&
            !draft->is_deleted)
            return true;
    }
    return false;
}

void accounts_audit_stint(struct world *world, const struct customer *customer,
                          const struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int digits = currencies[customer->currency].digits;
    text target = text_format(arena, V3 "/subscriptions/%s/credits", stint->id);
    struct answer answer = house_ask(&world->house, arena, HTTP_GET, target, TEXT_NONE);
    const struct json *data = json_member(&answer.json, TEXT("data"));
    int64_t now = customer_now(world, customer);
    int64_t due = 0, expected = 0, got = 0;

    if (!is_good(world, &answer, target) || has_open_draft(world, customer))
        return;
    for (int i = 0; i < stint->billed_count; i++) {
        int64_t cents = surplus(world, customer, stint, &stint->billed[i]);
        bool is_over = item_end(stint, &stint->items[stint->billed[i].item]) <= now;
        due += is_over ? cents : 0;
        expected += cents;
    }
    for (size_t i = 0; data && i < data->count; i++) {
        const struct json *credit = &data->items[i];
        got += cents_member(credit, "amount", digits);
        if (cents_member(credit, "amount", digits) !=
            cents_member(credit, "original", digits) - cents_member(credit, "kept", digits))
            world_fail(world, "a credit is not original minus kept: %.*s", TEXT_ARG(credit->raw));
    }
    if (got < due || got > expected) /* what is to come may not be listed yet */
        world_fail(world, "%lld are to be given back of %s, %lld by now: %.*s", (long long)expected,
                   stint->id, (long long)due, TEXT_ARG(answer.body));
}
