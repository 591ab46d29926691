/* payer.c: payments and credit notes, each sent under a key until it is answered, so each is made
 * once. */
#include "payer.h"

static void take_card(struct world *world, const struct customer *customer)
{
    static const char *const cards[] = {
        "4242424242424242", "5555555555554444", "4000000000000002",
        "4000002500003155", "4000000000000259", "4000000000000069"
    };
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/customers/%s/billing/app-data", customer->id);
    text body = text_format(arena, "{\"sandbox\":{\"test_card\":\"%s\"}}",
                            cards[world_pick(world, COUNT_OF(cards))]);
    struct answer answer = put_again(world, arena, target, body);

    (void)is_good(world, &answer, target);
}

static text amount_text(struct arena *arena, int64_t cents, int digits)
{
    struct buffer out = { .arena = arena };
    amount_write(&out, cents, digits);
    return buffer_text(&out);
}

/* A part of it, or more than all. */
static void pay(struct world *world, const struct customer *customer, struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int64_t cents = 1 + world_pick(world, invoice->cents + invoice->cents / 4);
    text target = text_format(arena, V3 "/billing/invoices/%s/payments", invoice->id);
    text amount = amount_text(arena, cents, currencies[customer->currency].digits);
    struct answer answer = ask_once(world, arena, target,
                                    text_format(arena, "{\"amount\":\"%.*s\"}", TEXT_ARG(amount)));

    if (is_refusal(&answer, "payment_state") && invoice->is_voided)
        return;
    if (is_good(world, &answer, target))
        invoice->by_hand += cents;
}

/* What was paid too much goes back. */
static void pay_back(struct world *world, const struct customer *customer, struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    int digits = currencies[customer->currency].digits;
    text target = text_format(arena, V3 "/billing/invoices/%s/balance", invoice->id);
    struct answer answer = ask_again(world, arena, target);
    int64_t due = cents_member(&answer.json, "refund_due", digits);
    text amount;

    if (!is_good(world, &answer, target) || due <= 0)
        return;
    due = 1 + world_pick(world, due);
    amount = amount_text(arena, due, digits);
    target = text_format(arena, V3 "/billing/invoices/%s/payments", invoice->id);
    answer =
        ask_once(world, arena, target,
                 text_format(arena, "{\"type\":\"refund\",\"amount\":\"%.*s\"}", TEXT_ARG(amount)));
    if (is_good(world, &answer, target))
        invoice->given_back += due;
}

/* ---- credit notes --------------------------------------------------------------------------- */

/* A part of one line, or all that is left of it. */
static text note_of_line(struct world *world, struct arena *arena, const struct customer *customer,
                         const struct seen *invoice)
{
    int digits = currencies[customer->currency].digits;
    text target = text_format(arena, V3 "/billing/invoices/%s", invoice->id);
    struct answer answer = ask_again(world, arena, target);
    const struct json *lines = json_member(&answer.json, TEXT("lines"));
    const struct json *line;
    struct buffer out = { .arena = arena };
    int64_t total;

    if (!is_good(world, &answer, target) || !lines || lines->count == 0)
        return TEXT("{}");
    line = &lines->items[world_pick(world, (int64_t)lines->count)];
    total = cents_at(line, "totals", "total", digits);
    buffer_format(&out, "{\"lines\":[{\"line_id\":\"%.*s\"", TEXT_ARG(text_member(line, "id")));
    if (total > 0 && world_pick(world, 3) > 0) {
        buffer_add_cstr(&out, ",\"amount\":\"");
        amount_write(&out, 1 + world_pick(world, total), digits);
        buffer_add_cstr(&out, "\"");
    }
    buffer_format(&out, "}],\"settlement\":\"%s\"}", world_pick(world, 2) ? "refund" : "balance");
    return buffer_text(&out);
}

/* There may be nothing left, or less than is asked for: then it is refused. */
static void take_back(struct world *world, const struct customer *customer, struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/billing/invoices/%s/credit-notes", invoice->id);
    text body = world_pick(world, 2) ? TEXT("{\"settlement\":\"refund\"}")
                                     : TEXT("{\"settlement\":\"balance\"}");
    struct answer answer;

    if (world_does(world, HABIT_NOTES) && world_pick(world, 4) > 0)
        body = note_of_line(world, arena, customer, invoice);
    answer = ask_once(world, arena, target, body);
    if (is_refusal(&answer, "credit_state") && invoice->is_voided)
        return;
    if (!is_refusal(&answer, "credit_too_large") && !is_refusal(&answer, "validation_error"))
        (void)is_good(world, &answer, target);
}

/* ---- the end of hope ------------------------------------------------------------------------ */

static void give_up(struct world *world, struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/billing/invoices/%s/uncollectible", invoice->id);
    struct answer answer = ask_once(world, arena, target, TEXT_NONE);
    if (answer.status != 409 && answer.status != 400)
        (void)is_good(world, &answer, target);
}

/* What notes took back of a line before. */
static int64_t noted(const struct json *notes, text line, int digits)
{
    int64_t sum = 0;
    for (size_t i = 0; notes && i < notes->count; i++) {
        const struct json *lines = json_member(&notes->items[i], TEXT("lines"));
        for (size_t k = 0; lines && k < lines->count; k++)
            if (text_equal(text_member(&lines->items[k], "line_id"), line))
                sum += cents_member(&lines->items[k], "amount", digits);
    }
    return sum;
}

/* The tax of the card that the line bills. */
static enum tax tax_of(const struct customer *customer, text line)
{
    for (int i = 0; i < customer->stint_count; i++) {
        const struct stint *stint = &customer->stints[i];
        for (int k = 0; k < stint->billed_count; k++)
            if (text_equal(text_of(stint->billed[k].id), line))
                return stint->items[stint->billed[k].item].card->tax;
    }
    for (int i = 0; i < customer->again_count; i++)
        if (text_equal(text_of(customer->again[i].line), line))
            return customer->again[i].tax;
    return TAX_NONE;
}

/* What is left of each line is to be billed again, as a fee. */
static void bill_again(struct world *world, struct customer *customer, const struct json *lines,
                       const struct json *notes)
{
    int digits = currencies[customer->currency].digits;
    for (size_t i = 0; lines && i < lines->count; i++) {
        const struct json *line = &lines->items[i];
        text id = text_member(line, "id");
        int64_t cents = cents_at(line, "totals", "total", digits) -
                        cents_at(line, "totals", "taxes_exclusive_total", digits) -
                        noted(notes, id, digits);
        enum tax tax = tax_of(customer, id);
        struct again *again;
        if (cents == 0)
            continue;
        again = ADD_ONE(customer->again, customer->again_count);
        *again = (struct again){ .tax = tax,
                                 .from = instant_at(line, "service_period", "from"),
                                 .to = instant_at(line, "service_period", "to"),
                                 .cents = cents,
                                 .since = customer_now(world, customer) };
        world_keep_id(again->name, text_member(line, "name"));
    }
}

static void declare_void(struct world *world, struct customer *customer, struct seen *invoice)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    bool is_again = world_pick(world, 2) == 0;
    text path = text_format(arena, V3 "/billing/invoices/%s", invoice->id);
    text target = text_format(arena, "%.*s/void", TEXT_ARG(path));
    struct answer before = ask_again(world, arena, path);
    struct answer notes = ask_again(
        world, arena, text_format(arena, "%.*s/credit-notes?page[size]=100", TEXT_ARG(path)));
    struct answer answer =
        ask_once(world, arena, target,
                 text_format(arena,
                             "{\"reason\":\"wrong\",\"action\":{\"percentage\":100,"
                             "\"action\":{\"type\":\"%s\"}}}",
                             is_again ? "pending" : "discard"));

    if (answer.status == 409 || answer.status == 400)
        return; /* it is paid, or was voided before */
    if (!is_good(world, &answer, target) || !is_good(world, &before, path))
        return;
    invoice->is_voided = true;
    if (is_again)
        bill_again(world, customer, json_member(&before.json, TEXT("lines")),
                   json_member(&notes.json, TEXT("data")));
}

/* ---- by chance ------------------------------------------------------------------------------ */

static struct seen *invoice_any(struct world *world, const struct customer *customer)
{
    for (int tries = 0; tries < 8 && world->invoice_count > 0; tries++) {
        struct seen *invoice = world->invoices[world_pick(world, world->invoice_count)];
        if (&world->customers[invoice->customer] == customer)
            return invoice;
    }
    return NULL;
}

void payer_act(struct world *world, struct customer *customer)
{
    struct seen *invoice = invoice_any(world, customer);
    int64_t what = world_pick(world, 12);

    if (!invoice || invoice->cents <= 0 || what < 4)
        take_card(world, customer);
    else if (what < 7)
        pay(world, customer, invoice);
    else if (what < 8)
        pay_back(world, customer, invoice);
    else if (what < 10)
        take_back(world, customer, invoice);
    else if (what < 11 && world_does(world, HABIT_VOID))
        give_up(world, invoice);
    else if (world_does(world, HABIT_VOID))
        declare_void(world, customer, invoice);
}
