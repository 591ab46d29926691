/* auditor.c: invoices against the world, and the outbox against itself. */
#include "auditor.h"

#include <stdlib.h>

#define V1 "/api/v1"
#define V3 "/v3/openmeter"

#define COLLECTION (NS_PER_HOUR + NS_PER_SECOND) /* how long usage is waited for, and a bit */
#define PAGE       200

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

/* "-12.34" as -1234; two digits behind the point, neither more nor less. */
static int64_t cents_at(const struct json *json, const char *key, const char *next)
{
    text t = text_at(json, key, next);
    int64_t sign = text_starts_with(t, TEXT("-")) ? -1 : 1;
    int64_t whole = 0, rest = 0;
    text digits = sign < 0 ? text_slice(t, 1, t.len) : t;
    text head = text_cut(&digits, '.');
    if (digits.len != 2 || !text_to_int(head, &whole) || !text_to_int(digits, &rest))
        return NOTHING;
    return sign * (whole * 100 + rest);
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

static int card_of(const struct stint *stint, text key)
{
    for (int i = 0; i < stint->plan->card_count; i++)
        if (text_equal(text_of(stint->plan->cards[i].key), key))
            return i;
    return -1;
}

/* The period of the grid that holds `t`. */
static struct period grid_at(const struct customer *customer, const struct stint *stint, int64_t t)
{
    int64_t k = (t - stint->anchor) / (31 * NS_PER_DAY) - 2;
    struct period period = stint_grid(customer, stint, k);
    while (period.to.ns <= t)
        period = stint_grid(customer, stint, ++k);
    return period;
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

/* Where a line lies that the stint should have there; false when there is none such. */
static bool is_in_place(const struct customer *customer, const struct stint *stint,
                        const struct card *card, const struct billed *line)
{
    struct period grid = grid_at(customer, stint, line->from);
    int64_t from = grid.from.ns > stint->from ? grid.from.ns : stint->from;
    int64_t to = grid.to.ns < stint->to ? grid.to.ns : stint->to;
    bool was_billed_ahead = card->kind == CARD_FLAT_ADVANCE && line->to == grid.to.ns;
    return line->from == from && from < to && (line->to == to || was_billed_ahead);
}

static bool is_billed(const struct stint *stint, const struct billed *line)
{
    for (int i = 0; i < stint->billed_count; i++)
        if (stint->billed[i].card == line->card && stint->billed[i].from < line->to &&
            line->from < stint->billed[i].to)
            return true;
    return false;
}

static int64_t worth(const struct customer *customer, const struct stint *stint,
                     const struct billed *line, int64_t snapshot)
{
    const struct card *card = &stint->plan->cards[line->card];
    struct period grid = grid_at(customer, stint, line->from);
    return card_cents(card,
                      card_is_metered(card) ? used(customer, card->meter, *line, snapshot) : 0,
                      line->to - line->from, grid.to.ns - grid.from.ns);
}

static void audit_line(struct world *world, struct customer *customer, const struct json *json,
                       int64_t snapshot)
{
    struct stint *stint = stint_of(customer, text_at(json, "subscription", "id"));
    struct billed line = {
        .card = stint ? card_of(stint, text_at(json, "name", NULL)) : -1,
        .from = instant_at(json, "service_period", "from"),
        .to = instant_at(json, "service_period", "to"),
        .cents = cents_at(json, "totals", "total"),
    };
    int64_t expected;

    world->counts.lines++;
    if (line.card < 0) {
        world_fail(world, "nobody's line: %.*s", TEXT_ARG(json->raw));
        return;
    }
    world_keep_id(line.line, text_at(json, "id", NULL));
    if (!is_in_place(customer, stint, &stint->plan->cards[line.card], &line)) {
        world_fail(world, "a line out of place: %.*s", TEXT_ARG(json->raw));
        return;
    }
    if (is_billed(stint, &line))
        world_fail(world, "billed twice: %.*s", TEXT_ARG(json->raw));
    if (card_is_metered(&stint->plan->cards[line.card]) && snapshot < line.to)
        world_fail(world, "billed before the period was over: %.*s", TEXT_ARG(json->raw));
    expected = worth(customer, stint, &line, snapshot);
    if (line.cents != expected)
        world_fail(world, "%s should come to %lld cents: %.*s", customer->key, (long long)expected,
                   TEXT_ARG(json->raw));
    *ADD_ONE(stint->billed, stint->billed_count) = line;
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
    world->issued++;
    world->counts.invoices++;
    if (seen->number > world->number_max)
        world->number_max = seen->number;
    for (size_t i = 0; lines && i < lines->count; i++) {
        audit_line(world, customer, &lines->items[i],
                   instant_at(invoice, "quantity_snapshotted_at", NULL));
        total += cents_at(&lines->items[i], "totals", "total");
    }
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
    if (world->number_max != world->issued)
        world_fail(world, "%lld invoices have numbers up to %lld", (long long)world->issued,
                   (long long)world->number_max);
}

/* ---- what should be there ------------------------------------------------------------------- */

/* The card's lines up to now: each period that is due is billed. */
static void audit_card(struct world *world, const struct customer *customer,
                       const struct stint *stint, int card)
{
    bool is_ahead = stint->plan->cards[card].kind == CARD_FLAT_ADVANCE;
    int64_t now = world_now(world);

    for (int64_t k = 0;; k++) {
        struct period grid = stint_grid(customer, stint, k);
        struct billed line = { .card = card, .from = grid.from.ns, .to = grid.to.ns };
        int64_t due;
        if (line.from < stint->from)
            line.from = stint->from;
        if (line.to > stint->to)
            line.to = stint->to;
        due = is_ahead ? line.from : line.to;
        if (line.from >= stint->to || due + COLLECTION > now)
            return;
        if (line.from >= line.to || is_billed(stint, &line))
            continue;
        if (card_is_metered(&stint->plan->cards[card]) || worth(customer, stint, &line, now) != 0)
            world_fail(world, "not billed: %s, %s, %s from %.*s", customer->key, stint->id,
                       stint->plan->cards[card].key,
                       TEXT_ARG(instant_text(world->keep, (instant){ line.from })));
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
        if (kept.to <= stint->to)
            continue;
        kept.to = stint->to;
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
        for (int card = 0; card < stint->plan->card_count; card++)
            audit_card(world, customer, stint, card);
        if (stint->to <= world_now(world))
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
}

void audit_all(struct world *world)
{
    audit_news(world);
    audit_parked(world);
    for (int i = 0; i < world->customer_count && !world->failure; i++)
        audit_customer(world, &world->customers[i]);
    for (int i = 0; i < SEEN_ROOM && !world->failure; i++)
        if (world->seen[i].frozen != 0)
            audit_invoice(world, &world->seen[i]);
}
