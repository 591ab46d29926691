/* clerk.c: invoices at once, and drafts. */
#include "clerk.h"

#include "lines.h"

#include <string.h>

/* All that is due, and usage up to now where it is billed progressively. There may be nothing. */
static void invoice_now(struct world *world, const struct customer *customer)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    bool is_v1 = world_pick(world, 2) == 0;
    text target = text_format(arena, "%s/billing/invoices/invoice", is_v1 ? V1 : V3);
    text body = is_v1 ? text_format(arena, "{\"customerId\":\"%s\"}", customer->id)
                      : text_format(arena, "{\"customer_id\":\"%s\"}", customer->id);
    struct answer answer = ask_once(world, arena, target, body);
    if (!is_refusal(&answer, "invoice_create_no_lines") && answer.status != 400)
        (void)is_good(world, &answer, body);
}

/* ---- drafts --------------------------------------------------------------------------------- */

static struct seen *draft_any(struct world *world, const struct customer *customer)
{
    for (int tries = 0; tries < 8 && world->draft_count > 0; tries++) {
        struct seen *draft = world->drafts[world_pick(world, world->draft_count)];
        if (&world->customers[draft->customer] == customer && draft->number == 0)
            return draft;
    }
    return NULL;
}

/* An action that a draft may not be open to any more. */
static bool act(struct world *world, const struct seen *draft, const char *action)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/billing/invoices/%s/%s", draft->id, action);
    struct answer answer = ask_once(world, arena, target, TEXT_NONE);
    return answer.status != 400 && answer.status != 409 && is_good(world, &answer, target);
}

/* Whether it can be left out without a trace in what is billed later: whole periods, or fees. */
static bool is_whole(struct customer *customer, const struct json *line)
{
    struct stint *stint = stint_of(customer, text_at(line, "subscription", "id"));
    int64_t from = instant_at(line, "service_period", "from");
    struct billed part;
    int item = stint ? item_at(stint, text_member(line, "name"), from) : -1;
    if (item < 0)
        return true; /* by hand, or late: if it was used it will be found again */
    part = part_at(stint, item, from);
    return !card_is_metered(stint->items[item].card) ||
           (part.from == from && part.to == instant_at(line, "service_period", "to"));
}

/* What was on it comes to nothing, for ever. */
static void line_lost(struct customer *customer, const struct json *line)
{
    struct stint *stint = stint_of(customer, text_at(line, "subscription", "id"));
    struct billed lost = {
        .invoice = -1,
        .from = instant_at(line, "service_period", "from"),
        .to = instant_at(line, "service_period", "to"),
    };
    lost.item = stint ? item_at(stint, text_member(line, "name"), lost.from) : -1;
    if (lost.item >= 0)
        *ADD_ONE(stint->billed, stint->billed_count) = lost;
    for (int i = 0; !stint && i < customer->again_count; i++) {
        struct again *again = &customer->again[i];
        if (again->is_billed || again->from != lost.from || again->to != lost.to ||
            !text_equal(text_of(again->name), text_member(line, "name")))
            continue;
        again->is_billed = true;
        return;
    }
}

static void throw_away(struct world *world, struct customer *customer, const struct seen *draft)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/billing/invoices/%s", draft->id);
    struct answer before = ask_again(world, arena, target);
    const struct json *lines = json_member(&before.json, TEXT("lines"));
    struct answer answer = { 0 };

    if (!is_good(world, &before, target) ||
        !text_equal(text_member(&before.json, "status"), TEXT("draft")))
        return;
    for (size_t i = 0; lines && i < lines->count; i++)
        if (!is_whole(customer, &lines->items[i]))
            return;
    while (answer.status == 0) {
        answer = ask(world, arena, HTTP_DELETE, target, TEXT_NONE);
        if (answer.status == 0) {
            struct answer after = ask_again(world, arena, target);
            if (text_equal(text_member(&after.json, "status"), TEXT("deleted")))
                answer.status = 204;
        }
    }
    if (!is_good(world, &answer, target))
        return;
    for (size_t i = 0; lines && i < lines->count; i++)
        line_lost(customer, &lines->items[i]);
    customer->invoiced_at = customer_now(world, customer); /* what is late waits for the next one */
}

void clerk_approve_all(struct world *world)
{
    for (int i = 0; i < world->draft_count; i++)
        if (world->drafts[i]->number == 0)
            (void)act(world, world->drafts[i], "approve");
}

void clerk_act(struct world *world, struct customer *customer)
{
    struct seen *draft = customer->is_progressive ? NULL : draft_any(world, customer);
    int64_t what = world_pick(world, 10);

    if (draft && what < 4)
        (void)act(world, draft, "approve");
    else if (draft && what < 5)
        throw_away(world, customer, draft);
    else if (draft && what < 7)
        (void)act(world, draft, "snapshot-quantities");
    else if (world_does(world, HABIT_INVOICE_NOW))
        invoice_now(world, customer);
}
