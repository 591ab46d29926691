/* auditor.c: invoices against the world, and the outbox against itself. */
#include "auditor.h"

#include "asking.h"
#include "payer.h"

#include <stdlib.h>

#define COLLECTION (NS_PER_HOUR + NS_PER_SECOND) /* how long usage is waited for, and a bit */
#define PAGE       200
#define LATE       TEXT(", late")
#define LATE_DAYS  90 /* that what came late is looked for, at the least */

static struct answer look(struct world *world, struct arena *arena, text target)
{
    struct answer answer = house_ask(&world->house, arena, HTTP_GET, target, TEXT_NONE);
    if (answer.status != 200)
        world_fail(world, "%.*s: %d %.*s", TEXT_ARG(target), answer.status, TEXT_ARG(answer.body));
    return answer;
}

/* The value at these keys, NULL ending them; NULL when there is none. */
static const struct json *at(const struct json *json, const char *key, const char *next)
{
    const struct json *value = json ? json_member(json, text_of(key)) : NULL;
    return value && next ? json_member(value, text_of(next)) : value;
}

static text text_at(const struct json *json, const char *key, const char *next)
{
    const struct json *value = at(json, key, next);
    return value ? value->text : TEXT_NONE;
}

static int64_t instant_at(const struct json *json, const char *key, const char *next)
{
    instant t;
    return instant_parse(text_at(json, key, next), &t) ? t.ns : OPEN;
}

static int64_t cents_at(const struct json *json, const char *key, const char *next)
{
    const struct json *value = next ? json_member(json, text_of(key)) : json;
    return value ? cents_member(value, next ? next : key) : NOTHING;
}

static text say(struct world *world, int64_t ns)
{
    return ns == OPEN ? TEXT("open") : instant_text(world->keep, (instant){ ns });
}

/* ---- whose ---------------------------------------------------------------------------------- */

static struct customer *customer_of(struct world *world, text id)
{
    for (int i = 0; i < world->customer_count; i++)
        if (text_equal(text_of(world->customers[i].id), id))
            return &world->customers[i];
    return NULL;
}

static struct stint *stint_of(struct customer *customer, text id)
{
    for (int i = 0; customer && i < customer->stint_count; i++)
        if (text_equal(text_of(customer->stints[i].id), id))
            return &customer->stints[i];
    return NULL;
}

/* The end of an item, as far as it is known. */
static int64_t item_end(const struct stint *stint, const struct item *item)
{
    return item->to < stint->to ? item->to : stint->to;
}

/* The item with this key that counts at `t`; -1. */
static int item_at(const struct stint *stint, text key, int64_t t)
{
    for (int i = 0; i < stint->item_count; i++) {
        const struct item *item = &stint->items[i];
        if (text_equal(text_of(item->card->key), key) && item->from <= t && t < item->to)
            return i;
    }
    return -1;
}

/* ---- one line ------------------------------------------------------------------------------- */

/* Everything used in the period that was acknowledged before the snapshot, each once. */
static int64_t used(const struct customer *customer, int meter, struct billed period,
                    int64_t snapshot)
{
    int64_t sum = 0;
    for (int i = 0; i < customer->fact_count; i++) {
        const struct fact *fact = &customer->facts[i];
        if (fact->meter == meter && period.from <= fact->time && fact->time < period.to &&
            fact->acked_at < snapshot)
            sum += fact->quantity;
    }
    return sum;
}

/* The part of the grid's period that holds `from` which the item is there for; empty when it is not
 * there. */
static struct billed part_at(const struct customer *customer, const struct stint *stint, int item,
                             int64_t from)
{
    const struct item *it = &stint->items[item];
    struct period grid = stint_grid(customer, stint, from);
    int64_t end = item_end(stint, it);
    return (struct billed){
        .item = item,
        .from = grid.from.ns > it->from ? grid.from.ns : it->from,
        .to = grid.to.ns < end ? grid.to.ns : end,
    };
}

/* What was billed of a part already. */
struct before {
    int64_t upto; /* without a gap from its beginning */
    int64_t cents;
    int64_t quantity;
};

/* All of it, what came late included when that is asked for; of pieces, those that begin before
 * `limit`. */
static struct before before_of(const struct stint *stint, const struct billed *part, int64_t limit,
                               bool with_late)
{
    struct before before = { .upto = part->from };
    for (int i = 0; i < stint->billed_count; i++) {
        const struct billed *line = &stint->billed[i];
        bool is_next = line->is_late ? with_late && line->from == part->from
                                     : line->from == before.upto && line->from < limit;
        if (line->item != part->item || !is_next)
            continue;
        before.upto = line->is_late ? before.upto : line->to;
        before.cents += line->cents;
        before.quantity += line->quantity;
    }
    return before;
}

/* Whether a line lies where the stint should have one: where the one before ends. What was billed
 * ahead was billed for all of the period; usage may be billed in pieces; what came late is billed
 * for the whole part. */
static bool is_in_place(const struct customer *customer, const struct stint *stint,
                        const struct billed *line)
{
    struct billed part = part_at(customer, stint, line->item, line->from);
    const struct card *card = stint->items[line->item].card;
    int64_t upto = before_of(stint, &part, part.to, false).upto;
    if (line->is_late)
        return card_is_metered(card) && line->to == part.to && upto == part.to;
    if (line->from != upto || line->from >= line->to)
        return false;
    if (card->kind == CARD_FLAT_ADVANCE &&
        line->to == stint_grid(customer, stint, line->from).to.ns)
        return true;
    return card_is_splittable(card) ? line->to <= part.to : line->to == part.to;
}

/* What a piece of a part comes to, after what was billed before it. Of what came late: what all of
 * the part comes to, less all that was billed. */
static int64_t worth(const struct customer *customer, const struct stint *stint,
                     struct billed *line, int64_t snapshot)
{
    const struct card *card = stint->items[line->item].card;
    struct billed part = part_at(customer, stint, line->item, line->from);
    struct period grid = stint_grid(customer, stint, line->from);
    struct before before = before_of(stint, &part, line->from, false);
    struct charge charge = {
        .is_later = line->from > part.from,
        .is_open = line->to < part.to,
        .part = (line->to > part.to || !card_is_metered(card) ? line->to : part.to) - part.from,
        .whole = grid.to.ns - grid.from.ns,
        .prior_cents = before.cents,
    };
    if (!card_is_metered(card))
        return card_cents(card, &charge);
    line->quantity = charge.quantity = used(customer, card->meter, *line, snapshot);
    if (line->is_late) {
        before = before_of(stint, &part, part.to, true);
        line->quantity -= before.quantity;
        return card_cents(card, &charge) - before.cents;
    }
    part.to = line->from;
    charge.prior = used(customer, card->meter, part, snapshot);
    return card_cents(card, &charge);
}

static bool is_billed(const struct stint *stint, const struct billed *part)
{
    return before_of(stint, part, part->to, false).upto >= part->to;
}

static void audit_line(struct world *world, struct customer *customer, const struct json *json,
                       int64_t snapshot)
{
    struct stint *stint = stint_of(customer, text_at(json, "subscription", "id"));
    struct billed line = {
        .from = instant_at(json, "service_period", "from"),
        .to = instant_at(json, "service_period", "to"),
        .cents = cents_at(json, "totals", "total"),
    };
    text name = text_at(json, "name", NULL);
    int64_t expected;

    world->counts.lines++;
    if (text_ends_with(name, LATE)) {
        line.is_late = true;
        name.len -= LATE.len;
    }
    line.item = stint ? item_at(stint, name, line.from) : -1;
    if (line.item < 0) {
        world_fail(world, "nobody's line: %.*s", TEXT_ARG(json->raw));
        return;
    }
    if (!is_in_place(customer, stint, &line)) {
        struct billed part = part_at(customer, stint, line.item, line.from);
        world_fail(world, "a line out of place: of %.*s to %.*s is billed up to %.*s: %.*s",
                   TEXT_ARG(say(world, part.from)), TEXT_ARG(say(world, part.to)),
                   TEXT_ARG(say(world, before_of(stint, &part, part.to, false).upto)),
                   TEXT_ARG(json->raw));
        return;
    }
    if (line.is_late) /* it names the last piece */
        line.from = part_at(customer, stint, line.item, line.from).from;
    if (card_is_metered(stint->items[line.item].card) && snapshot < line.to)
        world_fail(world, "billed before the period was over: %.*s", TEXT_ARG(json->raw));
    expected = worth(customer, stint, &line, snapshot);
    if (line.cents != expected)
        world_fail(world, "%s should come to %lld cents: %.*s", customer->key, (long long)expected,
                   TEXT_ARG(json->raw));
    *ADD_ONE(stint->billed, stint->billed_count) = line;
}

/* Whenever an invoice is made, everything that has come late for parts that were billed before is
 * put on it, or on its neighbour: so all that had come by the invoice before this one is billed. */
static void audit_late(struct world *world, struct customer *customer, int64_t now)
{
    int64_t made_at = customer->invoiced_at;

    if (now < made_at + 2 * COLLECTION)
        return;
    customer->invoiced_at = now;
    for (int i = 0; i < customer->stint_count; i++) {
        const struct stint *stint = &customer->stints[i];
        for (int k = 0; k < stint->billed_count; k++) {
            struct billed part =
                part_at(customer, stint, stint->billed[k].item, stint->billed[k].from);
            const struct card *card = stint->items[part.item].card;
            if (!card_is_metered(card) || part.to + COLLECTION > made_at ||
                part.to + LATE_DAYS * NS_PER_DAY < made_at || !is_billed(stint, &part))
                continue;
            if (used(customer, card->meter, part, made_at) >
                before_of(stint, &part, part.to, true).quantity)
                world_fail(world,
                           "%s: of %lld thousandths of %s used from %.*s, %s bills %lld, though an "
                           "invoice was made at %.*s",
                           customer->key, (long long)used(customer, card->meter, part, made_at),
                           card->key, TEXT_ARG(say(world, part.from)), stint->id,
                           (long long)before_of(stint, &part, part.to, true).quantity,
                           TEXT_ARG(say(world, made_at)));
        }
    }
}

/* ---- one invoice ---------------------------------------------------------------------------- */

static uint64_t frozen_hash(const struct json *invoice)
{
    static const char *const members[] = { "id",       "number",    "currency",  "customer",
                                           "supplier", "lines",     "totals",    "service_period",
                                           "due_at",   "issued_at", "created_at" };
    uint64_t hash = WORLD_HASH;
    for (size_t i = 0; i < COUNT_OF(members); i++) {
        const struct json *value = at(invoice, members[i], NULL);
        hash = world_hash(hash, value ? value->raw : TEXT("-"));
    }
    return hash;
}

/* Numbers end in digits: the place in the series. */
static int64_t number_of(const struct json *invoice)
{
    text number = text_at(invoice, "number", NULL);
    int64_t n = 0;
    size_t digits = number.len;
    while (digits > 0 && number.ptr[digits - 1] >= '0' && number.ptr[digits - 1] <= '9')
        digits--;
    return text_to_int(text_slice(number, digits, number.len), &n) ? n : 0;
}

static void audit_issued(struct world *world, struct seen *seen, const struct json *invoice)
{
    struct customer *customer = customer_of(world, text_at(invoice, "customer", "id"));
    const struct json *lines = at(invoice, "lines", NULL);
    int64_t total = 0;

    seen->number = number_of(invoice);
    seen->frozen = frozen_hash(invoice);
    seen->cents = cents_at(invoice, "totals", "total");
    *ADD_ONE(world->invoices, world->invoice_count) = seen;
    world->counts.invoices++;
    if (seen->number > world->number_max)
        world->number_max = seen->number;
    for (size_t i = 0; lines && i < lines->count; i++) {
        audit_line(world, customer, &lines->items[i],
                   instant_at(invoice, "quantity_snapshotted_at", NULL));
        total += cents_at(&lines->items[i], "totals", "total");
    }
    if (customer)
        audit_late(world, customer, instant_at(invoice, "created_at", NULL));
    if (total != cents_at(invoice, "totals", "total"))
        world_fail(world, "lines of %lld cents: %.*s", (long long)total, TEXT_ARG(invoice->raw));
}

/* The other contract says the same. */
static void audit_v1(struct world *world, struct arena *arena, const struct json *invoice)
{
    struct answer answer = look(
        world, arena,
        text_format(arena, V1 "/billing/invoices/%.*s", TEXT_ARG(text_at(invoice, "id", NULL))));
    if (!text_equal(text_at(&answer.json, "number", NULL), text_at(invoice, "number", NULL)) ||
        cents_at(&answer.json, "totals", "total") != cents_at(invoice, "totals", "total"))
        world_fail(world, "the contracts differ: %.*s and %.*s", TEXT_ARG(invoice->raw),
                   TEXT_ARG(answer.body));
}

static void audit_invoice(struct world *world, struct seen *seen)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct answer answer =
        look(world, arena, text_format(arena, V3 "/billing/invoices/%s", seen->id));
    if (answer.status != 200 || instant_at(&answer.json, "issued_at", NULL) == OPEN)
        return;
    if (seen->frozen == 0) {
        audit_issued(world, seen, &answer.json);
        if (seen->number % 8 == 0)
            audit_v1(world, arena, &answer.json);
    } else if (seen->frozen != frozen_hash(&answer.json)) {
        world_fail(world, "an issued invoice has changed: %.*s", TEXT_ARG(answer.body));
    }
}

/* ---- the outbox ----------------------------------------------------------------------------- */

static void audit_entry(struct world *world, const struct json *entry)
{
    struct seen *seen = world_seen(world, text_at(entry, "subject_id", NULL));
    int64_t sequence = 0, of_subject = 0;

    if (!text_to_int(text_at(entry, "sequence", NULL), &sequence) ||
        !text_to_int(text_at(entry, "subject_sequence", NULL), &of_subject) ||
        sequence != world->outbox + 1 || of_subject != seen->sequence + 1)
        world_fail(world, "out of order in the outbox: %.*s", TEXT_ARG(entry->raw));
    world->outbox = sequence;
    seen->sequence = of_subject;
}

/* Whether there may be more. */
static bool audit_outbox(struct world *world)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    text target = text_format(arena, V3 "/outbox?page[size]=%d", PAGE);
    struct answer answer;
    const struct json *data;

    if (world->outbox > 0)
        target =
            text_format(arena, "%.*s&page[after]=%lld", TEXT_ARG(target), (long long)world->outbox);
    answer = look(world, arena, target);
    data = at(&answer.json, "data", NULL);
    for (size_t i = 0; data && i < data->count; i++)
        audit_entry(world, &data->items[i]);
    for (size_t i = 0; data && i < data->count && !world->failure; i++)
        if (text_equal(text_at(&data->items[i], "subject_kind", NULL), TEXT("invoice")))
            audit_invoice(world, world_seen(world, text_at(&data->items[i], "subject_id", NULL)));
    return data && data->count == PAGE && !world->failure;
}

static void audit_news(struct world *world)
{
    while (audit_outbox(world)) {
    }
    if (world->number_max != world->invoice_count)
        world_fail(world, "%d invoices have numbers up to %lld", world->invoice_count,
                   (long long)world->number_max);
}

/* ---- what should be there ------------------------------------------------------------------- */

/* The time from which on a part has to be on an invoice: when its period ends, or the subscription.
 * An item that ended before the subscription waits for its period all the same. */
static int64_t due_at(const struct customer *customer, const struct stint *stint,
                      const struct billed *part)
{
    const struct item *item = &stint->items[part->item];
    int64_t due = stint_grid(customer, stint, part->from).to.ns;
    if (due > stint->to && item->to >= stint->to)
        due = stint->to;
    if (item->card->kind == CARD_FLAT_ADVANCE)
        due = part->from;
    return (due > stint->changed_at ? due : stint->changed_at) + COLLECTION;
}

static void fail_unbilled(struct world *world, const struct customer *customer,
                          const struct stint *stint, const struct billed *part)
{
    const struct item *item = &stint->items[part->item];
    struct answer answer =
        look(world, world->keep,
             text_format(world->keep, V3 "/customers/%s/invoices/preview", customer->id));
    world_fail(world,
               "not billed: %s, %s (%.*s to %.*s), %s (%.*s to %.*s), part %.*s to %.*s: %.*s",
               customer->key, stint->id, TEXT_ARG(say(world, stint->from)),
               TEXT_ARG(say(world, stint->to)), item->card->key, TEXT_ARG(say(world, item->from)),
               TEXT_ARG(say(world, item->to)), TEXT_ARG(say(world, part->from)),
               TEXT_ARG(say(world, part->to)), TEXT_ARG(answer.body));
}

/* Each part of the item's time that is due is billed. */
static void audit_item(struct world *world, const struct customer *customer,
                       const struct stint *stint, int item)
{
    int64_t now = world_now(world);
    int64_t from = stint->items[item].from;

    while (from < item_end(stint, &stint->items[item])) {
        struct billed part = part_at(customer, stint, item, from);
        if (part.from > now)
            return;
        from = stint_grid(customer, stint, from).to.ns;
        if (due_at(customer, stint, &part) > now || is_billed(stint, &part))
            continue;
        if (card_is_metered(stint->items[item].card) || worth(customer, stint, &part, now) != 0)
            fail_unbilled(world, customer, stint, &part);
    }
}

/* What was billed ahead and is not served after all is to be given back: original minus kept. */
static void audit_credits(struct world *world, const struct customer *customer,
                          const struct stint *stint)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    struct answer answer =
        look(world, arena, text_format(arena, V3 "/subscriptions/%s/credits", stint->id));
    const struct json *data = at(&answer.json, "data", NULL);
    int64_t expected = 0, got = 0;

    for (int i = 0; i < stint->billed_count; i++) {
        struct billed kept = stint->billed[i];
        int64_t end = item_end(stint, &stint->items[kept.item]);
        if (kept.to <= end)
            continue;
        kept.to = end;
        expected += stint->billed[i].cents - worth(customer, stint, &kept, 0);
    }
    for (size_t i = 0; data && i < data->count; i++) {
        const struct json *credit = &data->items[i];
        got += cents_at(credit, "amount", NULL);
        if (cents_at(credit, "amount", NULL) !=
            cents_at(credit, "original", NULL) - cents_at(credit, "kept", NULL))
            world_fail(world, "a credit is not original minus kept: %.*s", TEXT_ARG(credit->raw));
    }
    if (expected != got)
        world_fail(world, "%lld cents are to be given back: %.*s", (long long)expected,
                   TEXT_ARG(answer.body));
}

static void audit_customer(struct world *world, const struct customer *customer)
{
    for (int i = 0; i < customer->stint_count && !world->failure; i++) {
        const struct stint *stint = &customer->stints[i];
        for (int item = 0; item < stint->item_count; item++)
            audit_item(world, customer, stint, item);
        audit_credits(world, customer, stint);
    }
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
        audit_customer(world, &world->customers[world_pick(world, world->customer_count)]);
    if (world->invoice_count > 0 && !world->failure)
        payer_audit(world, world->invoices[world_pick(world, world->invoice_count)]);
}

void audit_all(struct world *world)
{
    audit_news(world);
    audit_parked(world);
    for (int i = 0; i < world->customer_count && !world->failure; i++)
        audit_customer(world, &world->customers[i]);
    for (int i = 0; i < world->invoice_count && !world->failure; i++) {
        audit_invoice(world, world->invoices[i]);
        payer_audit(world, world->invoices[i]);
    }
}
