/* lines.c: what each line of an invoice should be, and what should have a line. */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "taxes.h"

#define A_BIT     NS_PER_SECOND
#define LATE      TEXT(", late")
#define CORRECTED TEXT(", corrected")
#define LATE_DAYS 90 /* that what came late is looked for, at the least */

static text say(struct world *world, int64_t ns)
{
    return ns == OPEN ? TEXT("open") : instant_text(world->keep, (instant){ ns });
}

/* ---- whose ---------------------------------------------------------------------------------- */

struct customer *customer_of(struct world *world, text id)
{
    for (int i = 0; i < world->customer_count; i++)
        if (text_equal(text_of(world->customers[i].id), id))
            return &world->customers[i];
    return NULL;
}

struct stint *stint_of(struct customer *customer, text id)
{
    for (int i = 0; customer && i < customer->stint_count; i++)
        if (text_equal(text_of(customer->stints[i].id), id))
            return &customer->stints[i];
    return NULL;
}

int64_t item_end(const struct stint *stint, const struct item *item)
{
    return item->to < stint->to ? item->to : stint->to;
}

int item_at(const struct stint *stint, text key, int64_t t)
{
    for (int i = 0; i < stint->item_count; i++) {
        const struct item *item = &stint->items[i];
        if (text_equal(text_of(item->card->key), key) && item->from <= t && t < item->to)
            return i;
    }
    return -1;
}

/* ---- usage ---------------------------------------------------------------------------------- */

/* Whose the subject was at `t`. */
static int owner_at(const struct subject *subject, int64_t t)
{
    int i = subject->tenure_count - 1;
    while (subject->tenures[i].from > t)
        i--;
    return subject->tenures[i].customer;
}

static bool was_theirs(const struct subject *subject, int customer)
{
    for (int i = 0; i < subject->tenure_count; i++)
        if (subject->tenures[i].customer == customer)
            return true;
    return false;
}

/* Everything used in the period that was acknowledged before the snapshot, each once. */
static int64_t used(struct world *world, const struct customer *customer, int meter,
                    struct billed period, int64_t snapshot)
{
    int index = (int)(customer - world->customers);
    int64_t sum = 0;
    for (int i = 0; i < world->subject_count; i++) {
        const struct subject *subject = &world->subjects[i];
        if (!was_theirs(subject, index))
            continue;
        for (int k = 0; k < subject->fact_count; k++) {
            const struct fact *fact = &subject->facts[k];
            if (fact->meter == meter && period.from <= fact->time && fact->time < period.to &&
                fact->acked_at < snapshot && owner_at(subject, fact->time) == index)
                sum += fact->quantity;
        }
    }
    return sum;
}

/* ---- one line ------------------------------------------------------------------------------- */

struct billed part_at(const struct stint *stint, int item, int64_t from)
{
    const struct item *it = &stint->items[item];
    struct period grid = stint_grid(stint, from);
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
    bool is_lost;     /* some of it is on a draft that is gone, or an invoice that is void */
    bool is_end_lost; /* its last piece is, to which what comes late is added */
};

/* All of it, what came late included when that is asked for; of pieces, those that begin before
 * `limit`. */
static struct before before_of(struct world *world, const struct stint *stint,
                               const struct billed *part, int64_t limit, bool with_late)
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
        bool is_lost = line->invoice < 0 || world->invoices[line->invoice]->is_voided;
        before.is_lost |= is_lost;
        before.is_end_lost = line->is_late ? before.is_end_lost : is_lost;
    }
    return before;
}

/* Whether a line lies where the stint should have one: where the one before ends. What was billed
 * ahead was billed for all of the billing period; usage may be billed in pieces; what came late is
 * billed for the whole part. */
static bool is_in_place(struct world *world, const struct customer *customer,
                        const struct stint *stint, const struct billed *line)
{
    struct billed part = part_at(stint, line->item, line->from);
    const struct card *card = stint->items[line->item].card;
    struct before before = before_of(world, stint, &part, part.to, false);
    if (line->is_late)
        return card_is_metered(card) && line->to == part.to && before.upto == part.to &&
               !before.is_end_lost;
    if (line->from != before.upto || line->from >= line->to)
        return false;
    if (card->kind == CARD_FLAT_ADVANCE && line->to == stint_cycle_end(stint, line->from))
        return true;
    return card_is_splittable(card) && customer->is_progressive ? line->to <= part.to
                                                                : line->to == part.to;
}

int64_t line_worth(struct world *world, const struct customer *customer, const struct stint *stint,
                   struct billed *line, int64_t snapshot)
{
    const struct card *card = stint->items[line->item].card;
    struct billed part = part_at(stint, line->item, line->from);
    struct period grid = stint_grid(stint, line->from);
    struct before before = before_of(world, stint, &part, line->from, false);
    struct charge charge = {
        .is_later = line->from > part.from,
        .is_open = line->to < part.to,
        .part = card_is_metered(card) ? part.to - part.from : line->to - line->from,
        .whole = grid.to.ns - grid.from.ns,
        .prior_cents = before.cents,
    };
    if (!card_is_metered(card))
        return card_cents(card, &charge);
    part.to = line->to;
    charge.quantity = used(world, customer, card->meter, part, snapshot);
    if (line->is_late) {
        before = before_of(world, stint, &part, part.to, true);
        line->quantity = charge.quantity - before.quantity;
        return card_cents(card, &charge) - before.cents;
    }
    /* What came late for an earlier piece is billed with this one. */
    charge.prior = before.quantity;
    charge.quantity -= before.quantity;
    line->quantity = charge.quantity;
    return card_cents(card, &charge);
}

static bool is_billed(struct world *world, const struct stint *stint, const struct billed *part)
{
    return before_of(world, stint, part, part->to, false).upto >= part->to;
}

static void fail_place(struct world *world, const struct stint *stint, const struct billed *line,
                       const struct json *json)
{
    struct billed part = part_at(stint, line->item, line->from);
    struct before before = before_of(world, stint, &part, part.to, false);
    world_fail(world, "a line out of place: of %.*s to %.*s is billed up to %.*s: %.*s",
               TEXT_ARG(say(world, part.from)), TEXT_ARG(say(world, part.to)),
               TEXT_ARG(say(world, before.upto)), TEXT_ARG(json->raw));
}

/* A line as the house has it, and when its quantity was taken. */
struct reading {
    const struct json *json;
    int64_t snapshot;
};

/* A line of a subscription; the card that it bills. NULL when it is wrong. */
static const struct card *take_charge(struct world *world, const struct customer *customer,
                                      struct stint *stint, struct billed *line,
                                      const struct reading *reading)
{
    const struct json *json = reading->json;
    const struct card *card = stint->items[line->item].card;
    int64_t expected;

    if (!is_in_place(world, customer, stint, line)) {
        fail_place(world, stint, line, json);
        return NULL;
    }
    if (line->is_late) /* it names the last piece */
        line->from = part_at(stint, line->item, line->from).from;
    if (card_is_metered(card) && reading->snapshot < line->to)
        world_fail(world, "billed before the period was over: %.*s", TEXT_ARG(json->raw));
    expected = line_worth(world, customer, stint, line, reading->snapshot);
    if (line->cents != expected)
        world_fail(world, "%s should come to %lld for %lld thousandths by %.*s: %.*s",
                   customer->key, (long long)expected, (long long)line->quantity,
                   TEXT_ARG(say(world, reading->snapshot)), TEXT_ARG(json->raw));
    *ADD_ONE(stint->billed, stint->billed_count) = *line;
    return card;
}

/* A line of nobody: one that is billed again. */
static enum tax take_again(struct world *world, struct customer *customer,
                           const struct billed *line, const struct json *json)
{
    for (int i = 0; i < customer->again_count; i++) {
        struct again *again = &customer->again[i];
        if (again->is_billed || again->cents != line->cents || again->from != line->from ||
            again->to != line->to || !text_equal(text_of(again->name), text_member(json, "name")))
            continue;
        again->is_billed = true;
        memcpy(again->line, line->id, sizeof again->line);
        return again->tax;
    }
    world_fail(world, "nobody's line of %lld: %.*s", (long long)line->cents, TEXT_ARG(json->raw));
    return TAX_NONE;
}

/* ---- all lines of an invoice ---------------------------------------------------------------- */

static struct taxed line_take(struct world *world, struct customer *customer, int invoice,
                              const struct json *json, int64_t snapshot)
{
    int digits = currencies[customer->currency].digits;
    struct stint *stint = stint_of(customer, text_at(json, "subscription", "id"));
    const struct json *details = json_member(json, TEXT("detailed_lines"));
    struct billed line = {
        .invoice = invoice,
        .from = instant_at(json, "service_period", "from"),
        .to = instant_at(json, "service_period", "to"),
    };
    struct taxed taxed = {
        .at = line.from < line.to ? line.to - 1 : line.from,
        .added = cents_at(json, "totals", "taxes_exclusive_total", digits),
        .contained = cents_at(json, "totals", "taxes_inclusive_total", digits),
        .details = details ? (int64_t)details->count : 0,
    };
    text name = text_member(json, "name");
    const struct card *card = NULL;

    world->counts.lines++;
    world_keep_id(line.id, text_member(json, "id"));
    taxed.amount = line.cents = cents_at(json, "totals", "total", digits) - taxed.added;
    if (!stint) {
        taxed.tax = take_again(world, customer, &line, json);
        return taxed;
    }
    if (text_ends_with(name, LATE) || text_ends_with(name, CORRECTED)) {
        line.is_late = true;
        name.len -= text_ends_with(name, LATE) ? LATE.len : CORRECTED.len;
    }
    line.item = item_at(stint, name, line.from);
    if (line.item < 0)
        world_fail(world, "no item's line: %.*s", TEXT_ARG(json->raw));
    else
        card = take_charge(world, customer, stint, &line, &(struct reading){ json, snapshot });
    taxed.tax = card ? card->tax : TAX_NONE;
    return taxed;
}

/* Whenever an invoice is made, everything that has come late for parts that were billed before is
 * put on it, or on its neighbour: so all that had come by the invoice before this one is billed. */
static void audit_late(struct world *world, struct customer *customer, int64_t now)
{
    int64_t made_at = customer->invoiced_at;
    int64_t patience = customer->collection + customer->draft + A_BIT;

    if (customer->is_by_hand || now < made_at + 2 * patience)
        return;
    customer->invoiced_at = now;
    for (int i = 0; i < customer->stint_count; i++) {
        const struct stint *stint = &customer->stints[i];
        for (int k = 0; k < stint->billed_count; k++) {
            struct billed part = part_at(stint, stint->billed[k].item, stint->billed[k].from);
            const struct card *card = stint->items[part.item].card;
            struct before before = before_of(world, stint, &part, part.to, true);
            int64_t quantity;
            if (!card_is_metered(card) || part.to + patience > made_at ||
                part.to + LATE_DAYS * NS_PER_DAY < made_at || before.upto < part.to ||
                before.is_lost)
                continue;
            quantity = used(world, customer, card->meter, part, made_at);
            if (quantity > before.quantity)
                world_fail(world,
                           "%s: of %lld thousandths of %s used from %.*s, %s bills %lld, though "
                           "an invoice was made at %.*s",
                           customer->key, (long long)quantity, card->key,
                           TEXT_ARG(say(world, part.from)), stint->id, (long long)before.quantity,
                           TEXT_ARG(say(world, made_at)));
        }
    }
}

void lines_take(struct world *world, const struct seen *invoice, const struct json *json)
{
    struct customer *customer = &world->customers[invoice->customer];
    int digits = currencies[customer->currency].digits;
    const struct json *lines = json_member(json, TEXT("lines"));
    int count = lines ? (int)lines->count : 0;
    struct taxed *taxed = calloc((size_t)count + 1, sizeof *taxed);
    int64_t total = 0;

    MUST(taxed);
    for (int i = 0; i < count; i++) {
        taxed[i] = line_take(world, customer, world->invoice_count - 1, &lines->items[i],
                             instant_member(json, "quantity_snapshotted_at"));
        total += cents_at(&lines->items[i], "totals", "total", digits);
    }
    if (!world->failure)
        taxes_audit(world, taxed, count);
    free(taxed);
    audit_late(world, customer, instant_member(json, "created_at"));
    if (total != invoice->cents ||
        !text_equal(text_member(json, "currency"), text_of(currencies[customer->currency].code)))
        world_fail(world, "lines of %lld: %.*s", (long long)total, TEXT_ARG(json->raw));
}

/* ---- what should be there ------------------------------------------------------------------- */

/* The time from which on a part has to be on an invoice: when its billing period ends, or the
 * subscription. An item that ended before the subscription waits for its period all the same. */
static int64_t due_at(struct world *world, const struct customer *customer,
                      const struct stint *stint, const struct billed *part)
{
    const struct item *item = &stint->items[part->item];
    int64_t due = stint_cycle_end(stint, part->from);
    if (due > stint->to && item->to >= stint->to)
        due = stint->to;
    if (item->card->kind == CARD_FLAT_ADVANCE)
        due = before_of(world, stint, part, part->to, false).upto; /* the rest, where it begins */
    return (due > stint->changed_at ? due : stint->changed_at) + customer->collection +
           customer->draft + A_BIT;
}

static void fail_unbilled(struct world *world, const struct customer *customer,
                          const struct stint *stint, const struct billed *part)
{
    const struct item *item = &stint->items[part->item];
    text target = text_format(world->keep, V3 "/customers/%s/invoices/preview", customer->id);
    struct answer answer = house_ask(&world->house, world->keep, HTTP_GET, target, TEXT_NONE);
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
    int64_t now = customer_now(world, customer);
    int64_t from = stint->items[item].from;

    while (from < item_end(stint, &stint->items[item])) {
        struct billed part = part_at(stint, item, from);
        if (part.from > now)
            return;
        from = stint_grid(stint, from).to.ns;
        if (due_at(world, customer, stint, &part) > now || is_billed(world, stint, &part))
            continue;
        if (card_is_metered(stint->items[item].card) ||
            line_worth(world, customer, stint, &part, now) != 0)
            fail_unbilled(world, customer, stint, &part);
    }
}

void lines_audit(struct world *world, const struct customer *customer)
{
    if (customer->is_by_hand && !world->is_settling)
        return; /* there is no saying when a draft is approved */
    for (int i = 0; i < customer->stint_count && !world->failure; i++) {
        const struct stint *stint = &customer->stints[i];
        for (int item = 0; item < stint->item_count; item++)
            audit_item(world, customer, stint, item);
    }
    for (int i = 0; i < customer->again_count && !world->failure; i++) {
        const struct again *again = &customer->again[i];
        if (!again->is_billed && again->since + customer->collection + customer->draft + A_BIT <
                                     customer_now(world, customer))
            world_fail(world, "%s: %s of %lld is not billed again", customer->key, again->name,
                       (long long)again->cents);
    }
}
