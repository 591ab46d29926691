/* auditor.c: invoices against the world, and the outbox against itself. */
#include "auditor.h"

#include "accounts.h"
#include "editor.h"
#include "lines.h"

#include <stdlib.h>

#define PAGE 200

static struct answer look(struct world *world, struct arena *arena, text target)
{
    struct answer answer = house_ask(&world->house, arena, HTTP_GET, target, TEXT_NONE);
    if (answer.status != 200)
        world_fail(world, "%.*s: %d %.*s", TEXT_ARG(target), answer.status, TEXT_ARG(answer.body));
    return answer;
}

/* ---- one invoice ---------------------------------------------------------------------------- */

static uint64_t frozen_hash(const struct json *invoice)
{
    static const char *const members[] = { "id",       "number",    "currency",  "customer",
                                           "supplier", "lines",     "totals",    "service_period",
                                           "due_at",   "issued_at", "created_at" };
    uint64_t hash = WORLD_HASH;
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        const struct json *value = json_member(invoice, text_of(members[i]));
        hash = world_hash(hash, value ? value->raw : TEXT("-"));
    }
    return hash;
}

/* Numbers end in digits: the place in the series. */
static int64_t number_of(const struct json *invoice)
{
    text number = text_member(invoice, "number");
    int64_t n = 0;
    size_t digits = number.len;
    while (digits > 0 && number.ptr[digits - 1] >= '0' && number.ptr[digits - 1] <= '9')
        digits--;
    return text_to_int(text_slice(number, digits, number.len), &n) ? n : 0;
}

static int digits_of(struct world *world, const struct seen *seen)
{
    return currencies[world->customers[seen->customer].currency].digits;
}

static void audit_issued(struct world *world, struct seen *seen, const struct json *invoice)
{
    seen->number = number_of(invoice);
    seen->frozen = frozen_hash(invoice);
    seen->cents = cents_at(invoice, "totals", "total", digits_of(world, seen));
    *ADD_ONE(world->invoices, world->invoice_count) = seen;
    world->counts.invoices++;
    if (seen->number > world->number_max)
        world->number_max = seen->number;
    lines_take(world, seen, invoice);
    if (world->failure && world->is_telling)
        printf("# %.*s\n", TEXT_ARG(invoice->raw));
}

/* The other contract says the same. */
static void audit_v1(struct world *world, struct arena *arena, const struct seen *seen,
                     const struct json *invoice)
{
    struct answer answer =
        look(world, arena, text_format(arena, V1 "/billing/invoices/%s", seen->id));
    if (!text_equal(text_member(&answer.json, "number"), text_member(invoice, "number")) ||
        cents_at(&answer.json, "totals", "total", digits_of(world, seen)) != seen->cents)
        world_fail(world, "the contracts differ: %.*s and %.*s", TEXT_ARG(invoice->raw),
                   TEXT_ARG(answer.body));
}

static void note_draft(struct world *world, struct seen *seen, const struct json *invoice)
{
    text status = text_member(invoice, "status");
    if (text_equal(status, TEXT("deleted")))
        seen->is_deleted = true;
    if (seen->is_draft || !text_equal(status, TEXT("draft")))
        return;
    seen->is_draft = true;
    *ADD_ONE(world->drafts, world->draft_count) = seen;
}

/* An invoice as it is now; nothing of one that is not issued. */
struct found {
    struct seen *seen;
    struct json json;
    int64_t number;
};

/* What is looked at in one go. */
struct news {
    struct arena *arena;
    struct found *items;
    int count;
};

static void find_invoice(struct world *world, struct news *news, struct seen *seen)
{
    struct answer answer =
        look(world, news->arena, text_format(news->arena, V3 "/billing/invoices/%s", seen->id));
    struct customer *customer = customer_of(world, text_at(&answer.json, "customer", "id"));

    if (answer.status != 200)
        return;
    if (!customer) {
        world_fail(world, "nobody's invoice: %.*s", TEXT_ARG(answer.body));
        return;
    }
    seen->customer = (int)(customer - world->customers);
    if (instant_member(&answer.json, "issued_at") == OPEN)
        note_draft(world, seen, &answer.json);
    else
        *ADD_ONE(news->items, news->count) =
            (struct found){ seen, answer.json, number_of(&answer.json) };
}

static void audit_found(struct world *world, struct arena *arena, const struct found *found)
{
    struct seen *seen = found->seen;
    if (seen->frozen == 0) {
        audit_issued(world, seen, &found->json);
        if (seen->number % 8 == 0)
            audit_v1(world, arena, seen, &found->json);
    } else if (seen->frozen != frozen_hash(&found->json)) {
        world_fail(world, "an issued invoice has changed: %.*s", TEXT_ARG(found->json.raw));
    }
}

static int by_number(const void *a, const void *b)
{
    int64_t x = ((const struct found *)a)->number, y = ((const struct found *)b)->number;
    return (x > y) - (x < y);
}

/* In the order in which they were issued, in which one builds on the other. */
static void audit_invoices(struct world *world, struct news *news)
{
    if (news->count > 1)
        qsort(news->items, (size_t)news->count, sizeof *news->items, by_number);
    for (int i = 0; i < news->count && !world->failure; i++)
        audit_found(world, news->arena, &news->items[i]);
}

/* ---- the outbox ----------------------------------------------------------------------------- */

static void audit_entry(struct world *world, const struct json *entry)
{
    struct seen *seen = world_seen(world, text_member(entry, "subject_id"));
    int64_t sequence = 0, of_subject = 0;

    if (!text_to_int(text_member(entry, "sequence"), &sequence) ||
        !text_to_int(text_member(entry, "subject_sequence"), &of_subject) ||
        sequence != world->outbox + 1 || of_subject != seen->sequence + 1)
        world_fail(world, "out of order in the outbox: %.*s", TEXT_ARG(entry->raw));
    world->outbox = sequence;
    seen->sequence = of_subject;
}

/* Whether there may be more. */
static bool audit_outbox(struct world *world, struct news *news)
{
    struct arena *arena = news->arena;
    text target = text_format(arena, V3 "/outbox?page[size]=%d", PAGE);
    struct answer answer;
    const struct json *data;

    if (world->outbox > 0)
        target =
            text_format(arena, "%.*s&page[after]=%lld", TEXT_ARG(target), (long long)world->outbox);
    answer = look(world, arena, target);
    data = json_member(&answer.json, TEXT("data"));
    for (size_t i = 0; data && i < data->count; i++)
        audit_entry(world, &data->items[i]);
    for (size_t i = 0; data && i < data->count && !world->failure; i++) {
        struct seen *seen = world_seen(world, text_member(&data->items[i], "subject_id"));
        if (!text_equal(text_member(&data->items[i], "subject_kind"), TEXT("invoice")) ||
            seen->looked_at == world->looks)
            continue;
        seen->looked_at = world->looks;
        find_invoice(world, news, seen);
    }
    return data && data->count == PAGE && !world->failure;
}

void audit_news(struct world *world)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct news news = { .arena = arena };

    world->looks++;
    while (audit_outbox(world, &news)) {
    }
    audit_invoices(world, &news);
    free(news.items);
    if (world->number_max != world->invoice_count)
        world_fail(world, "%d invoices have numbers up to %lld", world->invoice_count,
                   (long long)world->number_max);
}

/* ---- what should be there ------------------------------------------------------------------- */

static void audit_customer(struct world *world, const struct customer *customer, bool is_whole)
{
    lines_audit(world, customer);
    for (int i = 0; i < customer->stint_count && !world->failure; i++) {
        accounts_audit_stint(world, customer, &customer->stints[i]);
        editor_audit(world, customer, &customer->stints[i]);
    }
    if (!world->failure)
        accounts_audit_credit(world, customer, is_whole);
}

static void audit_parked(struct world *world)
{
    struct worker_stats stats;
    worker_stats(world->house.worker, &stats);
    if (stats.parked + world->house.parked > 0)
        world_fail(world, "work was set aside");
}

void audit_step(struct world *world)
{
    audit_news(world);
    audit_parked(world);
    if (world->customer_count > 0 && !world->failure)
        audit_customer(world, &world->customers[world_pick(world, world->customer_count)], false);
    if (world->invoice_count > 0 && !world->failure)
        accounts_audit_invoice(world, world->invoices[world_pick(world, world->invoice_count)]);
}

void audit_all(struct world *world)
{
    audit_news(world);
    audit_parked(world);
    for (int i = 0; i < world->customer_count && !world->failure; i++)
        audit_customer(world, &world->customers[i], true);
    for (int i = 0; i < world->invoice_count && !world->failure; i++) {
        struct arena *arena CLEANUP(arena_cleanup) = arena_new();
        struct news news = { .arena = arena };
        find_invoice(world, &news, world->invoices[i]);
        audit_invoices(world, &news);
        free(news.items);
        accounts_audit_invoice(world, world->invoices[i]);
    }
}
