/* line.c: which pending lines a subscription should have. */
#include "bill/line.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

/* A list that grows in the arena. */
struct line_list {
    struct arena *arena;
    struct pending_line *items;
    size_t count;
    size_t room;
};

static void line_add(struct line_list *list, const struct pending_line *line)
{
    ARENA_GROW(list->arena, list);
    list->items[list->count++] = *line;
}

static struct list line_list_end(const struct line_list *list)
{
    return (struct list){ list->items, list->count };
}

/* An item of a subscription, and where its lines go. */
struct item_place {
    const struct subscription *subscription;
    const struct subscription_phase *phase;
    const struct subscription_item *item;
    const struct currency *currency;
    const struct line_scope *scope;
};

/* A fee is for the part of its period, unless the subscription's end is what cuts it and the
 * profile has the last period billed in full. */
static bool charge_is_prorated(const struct item_place *place, const struct item_charge *charge)
{
    const struct subscription *subscription = place->subscription;
    bool is_last = !instant_is_none(subscription->active_to) &&
                   instant_equal(charge->service.to, subscription->active_to);
    return subscription->is_pro_rating &&
           !(is_last && place->scope->end_proration == END_BILLS_FULL_PERIOD);
}

static struct item_schedule schedule_of(const struct subscription *subscription,
                                        const struct subscription_phase *phase,
                                        const struct subscription_item *item)
{
    const struct rate_card *card = &item->rate_card;
    return (struct item_schedule){
        .grid = subscription_grid(subscription),
        .cadence = card->billing_cadence,
        .phase = subscription_span(phase->active_from, phase->active_to),
        .active = subscription_span(item->active_from, item->active_to),
        .is_in_advance = card->terms.price.type == PRICE_FLAT &&
                         card->payment_term == TERM_IN_ADVANCE,
    };
}

int64_t line_first_index(const struct subscription *subscription,
                         const struct subscription_phase *phase,
                         const struct subscription_item *item, instant settled_to)
{
    CHECK(subscription != NULL && phase != NULL && item != NULL);
    struct item_schedule schedule = schedule_of(subscription, phase, item);
    if (instant_is_none(settled_to))
        return 0;
    return item_charge_index_at(&schedule, (instant){ settled_to.ns - 1 });
}

bool line_item_is_open(const struct subscription_item *item, instant settled_to)
{
    CHECK(item != NULL);
    return instant_is_none(settled_to) || instant_is_none(item->active_to) ||
           !instant_before(item->active_to, settled_to);
}

/* The card's terms, with the currency that its price is in when that is its own. */
struct price_terms line_terms_of(const struct rate_card *card)
{
    CHECK(card != NULL);
    struct price_terms terms = card->terms;
    terms.currency = text_is_empty(card->currency) ? TEXT_NONE : card->currency;
    return terms;
}

static struct pending_line line_of(const struct item_place *place, const struct item_charge *charge)
{
    const struct rate_card *card = &place->item->rate_card;
    return (struct pending_line){
        .org_id = place->subscription->org_id,
        .subscription_id = place->subscription->id,
        .phase_id = place->phase->id,
        .item_id = place->item->id,
        .period_index = charge->index,
        .name = place->item->name,
        .description = place->item->description,
        .feature_id = card->feature_id,
        .feature_key = text_is_empty(card->feature_key) ? TEXT_NONE : card->feature_key,
        .currency = place->subscription->invoice_currency,
        .terms = line_terms_of(card),
        .payment_term = card->payment_term,
        .is_pro_rating = charge_is_prorated(place, charge),
        .service_from = charge->service.from,
        .service_to = charge->service.to,
        .full_from = charge->full_service.from,
        .full_to = charge->full_service.to,
        .billing_from = charge->billing.from,
        .billing_to = charge->billing.to,
        .invoice_at = charge->invoice_at,
        .managed_by = MANAGED_BY_SUBSCRIPTION,
        .has_tax = card->has_tax_config,
        .tax = card->tax_config,
        .collect_at = INSTANT_NONE,
        .deleted_at = INSTANT_NONE,
    };
}

static text reference_of(const struct item_place *place, int64_t index, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    buffer_add(&out, ulid_text(arena, place->subscription->id.ulid));
    buffer_format(&out, "/%.*s/%.*s/v[%lld]", TEXT_ARG(place->phase->key),
                  TEXT_ARG(place->item->key), (long long)place->item->version);
    if (!span_is_zero(place->item->rate_card.billing_cadence))
        buffer_format(&out, "/period[%lld]", (long long)index);
    return buffer_text(&out);
}

/* A custom currency's digits are not known here: what would round to nothing in the finest one is
 * nothing in all. */
static const struct currency finest_currency = { .digits = LIMIT_CURRENCY_PRECISION_MAX };

/* Whether a flat fee for this charge is more than nothing. */
static enum fault fee_is_due(const struct item_place *place, const struct item_charge *charge,
                             bool *ret)
{
    const struct rate_card *card = &place->item->rate_card;
    struct rate_input input = {
        .service_period = charge->service,
        .full_service_period = charge_is_prorated(place, charge) ? charge->full_service
                                                                 : charge->service,
    };
    pricing_prorate(&card->terms, &input);
    const struct proration proration = rate_proration(&input);
    dec fee = prorate(card->terms.price.amount, &proration,
                      text_is_empty(card->currency) ? place->currency : &finest_currency);
    if (!dec_is_valid(fee))
        return FAULT_AMOUNT_OVERFLOW;
    bool is_empty = card->payment_term == TERM_IN_ARREARS && period_is_empty(charge->full_service);
    *ret = !is_empty && !dec_is_zero(fee);
    return FAULT_NONE;
}

static enum fault charge_is_due(const struct item_place *place, const struct item_charge *charge,
                                bool *ret)
{
    if (place->item->rate_card.terms.price.type == PRICE_FLAT)
        return fee_is_due(place, charge, ret);
    *ret = !period_is_empty(charge->service);
    return FAULT_NONE;
}

static enum fault item_lines(const struct item_place *place, struct line_list *list)
{
    const struct rate_card *card = &place->item->rate_card;
    instant settled_to = place->scope->settled_to;
    struct item_schedule schedule = schedule_of(place->subscription, place->phase, place->item);
    schedule.first_index =
        line_first_index(place->subscription, place->phase, place->item, settled_to);
    if (card->terms.price.type == PRICE_FREE)
        return FAULT_NONE;
    struct list charges = item_charges(&schedule, place->scope->horizon, list->arena);
    for (size_t i = 0; i < charges.count; i++) {
        const struct item_charge *charge = (const struct item_charge *)charges.items + i;
        bool is_due = false;
        enum fault fault = charge_is_due(place, charge, &is_due);
        if (fault != FAULT_NONE)
            return fault;
        if (!is_due)
            continue;
        struct pending_line line = line_of(place, charge);
        line.reference = reference_of(place, charge->index, list->arena);
        line_add(list, &line);
    }
    return FAULT_NONE;
}

/* Of one phase, cut where the subscription ends. Whether an item is looked at depends on its own
 * end, as it does for the lines that are there. */
static enum fault phase_lines(const struct item_place *outer,
                              const struct subscription_phase *whole, struct line_list *list)
{
    instant end = outer->subscription->active_to;
    struct item_place place = *outer;
    struct subscription_phase phase = *whole;
    phase.active_to = subscription_end(phase.active_to, end);
    place.phase = &phase;
    for (size_t k = 0; k < phase.items.count; k++) {
        struct subscription_item item = *subscription_item_at(&phase, k);
        bool is_open = line_item_is_open(&item, place.scope->settled_to);
        item.active_to = subscription_end(item.active_to, end);
        if (!is_open || !instant_before(item.active_from, subscription_end(INSTANT_MAX, end)))
            continue;
        place.item = &item;
        enum fault fault = item_lines(&place, list);
        if (fault != FAULT_NONE)
            return fault;
    }
    return FAULT_NONE;
}

enum fault lines_wanted(const struct subscription *subscription, const struct line_scope *scope,
                        struct arena *arena, struct list *ret)
{
    CHECK(subscription != NULL && scope != NULL && ret != NULL);
    CHECK(!instant_is_none(scope->horizon));
    struct line_list list = { .arena = arena };
    struct item_place place = { .subscription = subscription, .scope = scope };
    place.currency = currency_find(subscription->invoice_currency);
    CHECK(place.currency != NULL);
    for (size_t i = 0; i < subscription->phases.count; i++) {
        enum fault fault = phase_lines(&place, subscription_phase_at(subscription, i), &list);
        if (fault != FAULT_NONE)
            return fault;
    }
    *ret = line_list_end(&list);
    return FAULT_NONE;
}

/* Of a fee that was billed up to an end that was taken back, the rest of the period is billed by a
 * line of its own: the k-th of period i is numbered -(64 i + k). */
#define RESTS_OF_PERIOD 64

static int64_t period_of(const struct pending_line *line)
{
    return line->period_index < 0 ? -line->period_index / RESTS_OF_PERIOD : line->period_index;
}

static int64_t rest_of(const struct pending_line *line)
{
    return line->period_index < 0 ? -line->period_index % RESTS_OF_PERIOD : 0;
}

static int number_order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int period_order(const void *left, const void *right)
{
    const struct pending_line *a = left;
    const struct pending_line *b = right;
    int order = memcmp(a->item_id.ulid.bytes, b->item_id.ulid.bytes, sizeof a->item_id.ulid.bytes);
    return order != 0 ? order : number_order(period_of(a), period_of(b));
}

/* By what names a line: item, period and part. */
static int line_order(const void *left, const void *right)
{
    const struct pending_line *a = left;
    const struct pending_line *b = right;
    int order = period_order(a, b);
    if (order == 0)
        order = number_order(rest_of(a), rest_of(b));
    return order != 0 ? order : number_order(a->part_index, b->part_index);
}

/* Ordered, without corrections. */
static struct list line_sorted(const struct list *lines, struct arena *arena)
{
    struct line_list kept = { .arena = arena };
    for (size_t i = 0; i < lines->count; i++) {
        const struct pending_line *line = (const struct pending_line *)lines->items + i;
        if (ulid_is_zero(line->adjusts_id.ulid) && !ulid_is_zero(line->item_id.ulid))
            line_add(&kept, line);
    }
    if (kept.count > 1)
        qsort(kept.items, kept.count, sizeof *kept.items, line_order);
    return line_list_end(&kept);
}

static const struct pending_line *line_find(const struct list *sorted,
                                            const struct pending_line *wanted)
{
    if (sorted->count == 0)
        return NULL;
    return bsearch(wanted, sorted->items, sorted->count, sizeof *wanted, period_order);
}

bool line_is_pending(const struct pending_line *line)
{
    CHECK(line != NULL);
    return line->invoice_state == STATE_GATHERING && instant_is_none(line->deleted_at);
}

/* Whether the line is still what its subscription makes of it. */
static bool line_follows(const struct pending_line *line)
{
    return line_is_pending(line) && line->managed_by == MANAGED_BY_SUBSCRIPTION;
}

/* Whether it is on a draft that can still be made anew. */
static bool line_is_drafted(const struct pending_line *line)
{
    bool is_open = invoice_state_is_editable(line->invoice_state) ||
                   line->invoice_state == STATE_DRAFT_UPDATING;
    return is_open && !line_is_pending(line) && instant_is_none(line->deleted_at) &&
           line->managed_by == MANAGED_BY_SUBSCRIPTION;
}

/* Only times change: price and names are the item's for ever. */
static bool line_has_service_of(const struct pending_line *a, const struct pending_line *b)
{
    return instant_equal(a->service_from, b->service_from) &&
           instant_equal(a->service_to, b->service_to) &&
           instant_equal(a->full_from, b->full_from) && instant_equal(a->full_to, b->full_to) &&
           a->is_pro_rating == b->is_pro_rating;
}

static bool line_has_times_of(const struct pending_line *a, const struct pending_line *b)
{
    return line_has_service_of(a, b) && instant_equal(a->billing_from, b->billing_from) &&
           instant_equal(a->billing_to, b->billing_to) &&
           instant_equal(a->invoice_at, b->invoice_at);
}

/* ---- what is on standard invoices ---------------------------------------------------------- */

/* Lists a line on a draft with what is wanted of it; `wanted` is NULL when nothing is. When it was
 * taken (which may have been before it was due) stays, unless it would now have been due before. */
static void drafted_note(struct list *drafted, const struct pending_line *line,
                         const struct pending_line *wanted)
{
    if (wanted != NULL && line_has_service_of(line, wanted))
        return;
    struct line_drafted *note = (struct line_drafted *)drafted->items + drafted->count++;
    *note = (struct line_drafted){ .line = *line, .is_withdrawn = wanted == NULL };
    if (wanted == NULL)
        return;
    note->line.service_from = wanted->service_from;
    note->line.service_to = wanted->service_to;
    note->line.full_from = wanted->full_from;
    note->line.full_to = wanted->full_to;
    note->line.billing_from = wanted->billing_from;
    note->line.billing_to = wanted->billing_to;
    note->line.is_pro_rating = wanted->is_pro_rating;
    if (instant_before(wanted->invoice_at, line->invoice_at))
        note->line.invoice_at = wanted->invoice_at;
}

dec line_fee(const struct pending_line *line, struct arena *arena)
{
    CHECK(line != NULL && arena != NULL);
    struct rate_reckoning reckoned;
    struct period service = { line->service_from, line->service_to };
    struct period full = { line->full_from, line->full_to };
    struct rate_input input = {
        .terms = &line->terms,
        .quantity = DEC_ZERO,
        .prior_quantity = DEC_ZERO,
        .prior_total = DEC_ZERO,
        .payment_term = line->payment_term,
        .currency = currency_find(line->currency),
        .service_period = service,
        .full_service_period = line->is_pro_rating ? full : service,
    };
    CHECK(line->terms.price.type == PRICE_FLAT);
    if (!text_is_empty(line->terms.currency) || input.currency == NULL)
        return DEC_INVALID;
    pricing_prorate(&line->terms, &input);
    if (rate_reckon(&input, arena, &reckoned) != FAULT_NONE)
        return DEC_INVALID;
    return reckoned.totals.total;
}

/* Whether the line is on an invoice that is not edited any more, as its subscription once made it.
 */
static bool line_is_settled(const struct pending_line *line)
{
    return !line_is_pending(line) && !line_is_drafted(line) && instant_is_none(line->deleted_at) &&
           line->managed_by == MANAGED_BY_SUBSCRIPTION && line->terms.price.type == PRICE_FLAT;
}

/* Lists the difference between a settled line and what is wanted of it; `wanted` is NULL when
 * nothing is. */
static void credit_note_of(struct list *credits, const struct pending_line *line,
                           const struct pending_line *wanted, struct arena *arena)
{
    if (!line_is_settled(line) || (wanted != NULL && line_has_times_of(line, wanted)))
        return;
    struct line_credit credit = {
        .line_id = line->id,
        .invoice_id = line->invoice_id,
        .subscription_id = line->subscription_id,
        .reference = line->reference,
        .currency = line->currency,
        .original = line_fee(line, arena),
        .kept_to = wanted == NULL ? INSTANT_NONE : wanted->service_to,
        .effective_at = INSTANT_NONE,
    };
    /* Nothing is printed with as many digits as what was paid. */
    credit.kept = wanted == NULL ? dec_sub(credit.original, credit.original)
                                 : line_fee(wanted, arena);
    credit.amount = dec_sub(credit.original, credit.kept);
    if (!dec_is_valid(credit.amount) || dec_is_zero(credit.amount))
        return;
    ((struct line_credit *)credits->items)[credits->count++] = credit;
}

/* Two sets of lines under comparison. */
struct comparison {
    struct arena *arena;
    struct line_list added;
    struct line_list changed;
    struct line_list removed;
    struct list drafted;
    struct list credits;
};

/* A line, and what is wanted of it: NULL when nothing is. */
static void line_compare(struct comparison *comparison, const struct pending_line *old,
                         const struct pending_line *wanted)
{
    if (line_follows(old) && wanted == NULL)
        line_add(&comparison->removed, old);
    if (line_follows(old) && wanted != NULL && !line_has_times_of(old, wanted)) {
        struct pending_line line = *wanted;
        line.id = old->id;
        line.invoice_id = old->invoice_id;
        line_add(&comparison->changed, &line);
    }
    if (line_is_drafted(old))
        drafted_note(&comparison->drafted, old, wanted);
    credit_note_of(&comparison->credits, old, wanted, comparison->arena);
}

/* Whether a fee was billed up to an earlier end than there is now, and for less. */
static bool line_is_short(const struct comparison *comparison, const struct pending_line *old,
                          const struct pending_line *wanted)
{
    if (!line_is_settled(old) || !wanted->is_pro_rating ||
        !instant_before(old->service_to, wanted->service_to) || rest_of(old) + 1 >= RESTS_OF_PERIOD)
        return false;
    dec billed = line_fee(old, comparison->arena);
    dec fee = line_fee(wanted, comparison->arena);
    return dec_is_valid(billed) && dec_is_valid(fee) && dec_sign(dec_sub(fee, billed)) > 0;
}

/* What is left of a period behind a line that is on an invoice. */
static void rest_add(struct comparison *comparison, const struct pending_line *old,
                     const struct pending_line *wanted)
{
    struct pending_line rest = *wanted;
    rest.period_index = -(period_of(old) * RESTS_OF_PERIOD + rest_of(old) + 1);
    rest.service_from = old->service_to;
    dec fee = line_fee(&rest, comparison->arena);
    if (dec_is_valid(fee) && !dec_is_zero(fee))
        line_add(&comparison->added, &rest);
}

/* The lines of one period, in order. Of usage that is billed in parts the last one is looked at. */
static void period_compare(struct comparison *comparison, const struct pending_line *lines,
                           size_t count, const struct pending_line *wanted)
{
    CHECK(count > 0);
    bool is_fee = lines[0].terms.price.type == PRICE_FLAT;
    size_t last = count - 1;
    if (wanted == NULL) {
        for (size_t i = is_fee ? 0 : last; i < count; i++)
            line_compare(comparison, &lines[i], NULL);
        return;
    }
    while (is_fee && last > 0 && !instant_before(lines[last].service_from, wanted->service_to))
        line_compare(comparison, &lines[last--], NULL);
    struct pending_line line = *wanted;
    if (lines[last].part_index > 0 || rest_of(&lines[last]) > 0)
        line.service_from = lines[last].service_from;
    if (last + 1 == count && line_is_short(comparison, &lines[last], &line))
        rest_add(comparison, &lines[last], &line);
    else
        line_compare(comparison, &lines[last], &line);
}

struct line_changes lines_compare(const struct list *present, const struct list *wanted,
                                  struct arena *arena)
{
    CHECK(present != NULL && wanted != NULL && arena != NULL);
    struct comparison comparison = {
        .arena = arena,
        .added = { .arena = arena },
        .changed = { .arena = arena },
        .removed = { .arena = arena },
        .drafted = { ARENA_ARRAY(arena, struct line_drafted, present->count), 0 },
        .credits = { ARENA_ARRAY(arena, struct line_credit, present->count), 0 },
    };
    struct list present_sorted = line_sorted(present, arena);
    struct list wanted_sorted = line_sorted(wanted, arena);
    for (size_t i = 0; i < wanted->count; i++) {
        const struct pending_line *line = (const struct pending_line *)wanted->items + i;
        if (line_find(&present_sorted, line) == NULL)
            line_add(&comparison.added, line);
    }
    const struct pending_line *lines = present_sorted.items;
    for (size_t i = 0, count; i < present_sorted.count; i += count) {
        for (count = 1; i + count < present_sorted.count; count++)
            if (period_order(&lines[i], &lines[i + count]) != 0)
                break;
        period_compare(&comparison, &lines[i], count, line_find(&wanted_sorted, &lines[i]));
    }
    return (struct line_changes){ line_list_end(&comparison.added),
                                  line_list_end(&comparison.changed),
                                  line_list_end(&comparison.removed), comparison.drafted,
                                  comparison.credits };
}
