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
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 8;
        struct pending_line *items = ARENA_ARRAY(list->arena, struct pending_line, room);
        for (size_t i = 0; i < list->count; i++)
            items[i] = list->items[i];
        list->items = items;
        list->room = room;
    }
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
};

/* The card's terms, with the currency that its price is in when that is its own. */
static struct price_terms terms_of(const struct rate_card *card)
{
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
        .terms = terms_of(card),
        .payment_term = card->payment_term,
        .is_pro_rating = place->subscription->is_pro_rating,
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
        .full_service_period = place->subscription->is_pro_rating ? charge->full_service
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

static enum fault item_lines(const struct item_place *place, instant horizon,
                             struct line_list *list)
{
    const struct rate_card *card = &place->item->rate_card;
    struct item_schedule schedule = {
        .grid = subscription_grid(place->subscription),
        .cadence = card->billing_cadence,
        .phase = subscription_span(place->phase->active_from, place->phase->active_to),
        .active = subscription_span(place->item->active_from, place->item->active_to),
        .is_in_advance = card->terms.price.type == PRICE_FLAT &&
                         card->payment_term == TERM_IN_ADVANCE,
    };
    if (card->terms.price.type == PRICE_FREE)
        return FAULT_NONE;
    struct list charges = item_charges(&schedule, horizon, list->arena);
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

enum fault lines_wanted(const struct subscription *subscription, instant horizon,
                        struct arena *arena, struct list *ret)
{
    CHECK(subscription != NULL && ret != NULL);
    CHECK(!instant_is_none(horizon));
    struct line_list list = { .arena = arena };
    struct item_place place = { .subscription = subscription };
    place.currency = currency_find(subscription->invoice_currency);
    CHECK(place.currency != NULL);
    for (size_t i = 0; i < subscription->phases.count; i++) {
        place.phase = subscription_phase_at(subscription, i);
        for (size_t k = 0; k < place.phase->items.count; k++) {
            place.item = subscription_item_at(place.phase, k);
            enum fault fault = item_lines(&place, horizon, &list);
            if (fault != FAULT_NONE)
                return fault;
        }
    }
    *ret = line_list_end(&list);
    return FAULT_NONE;
}

/* By what names a line: item, period and part. */
static int line_order(const void *left, const void *right)
{
    const struct pending_line *a = left;
    const struct pending_line *b = right;
    int order = memcmp(a->item_id.ulid.bytes, b->item_id.ulid.bytes, sizeof a->item_id.ulid.bytes);
    if (order != 0)
        return order;
    if (a->period_index != b->period_index)
        return a->period_index > b->period_index ? 1 : -1;
    return (a->part_index > b->part_index) - (a->part_index < b->part_index);
}

static bool line_is_same_period(const struct pending_line *a, const struct pending_line *b)
{
    return ulid_equal(a->item_id.ulid, b->item_id.ulid) && a->period_index == b->period_index;
}

/* Ordered, without corrections, and of each period the last part only. */
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
    size_t count = 0;
    for (size_t i = 0; i < kept.count; i++) {
        if (i + 1 == kept.count || !line_is_same_period(&kept.items[i], &kept.items[i + 1]))
            kept.items[count++] = kept.items[i];
    }
    return (struct list){ kept.items, count };
}

static int period_order(const void *left, const void *right)
{
    struct pending_line a = *(const struct pending_line *)left;
    struct pending_line b = *(const struct pending_line *)right;
    a.part_index = b.part_index = 0;
    return line_order(&a, &b);
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

/* Only times change: price and names are the item's for ever. */
static bool line_has_times_of(const struct pending_line *a, const struct pending_line *b)
{
    return instant_equal(a->service_from, b->service_from) &&
           instant_equal(a->service_to, b->service_to) &&
           instant_equal(a->full_from, b->full_from) && instant_equal(a->full_to, b->full_to) &&
           instant_equal(a->billing_from, b->billing_from) &&
           instant_equal(a->billing_to, b->billing_to) &&
           instant_equal(a->invoice_at, b->invoice_at);
}

struct line_changes lines_compare(const struct list *present, const struct list *wanted,
                                  struct arena *arena)
{
    CHECK(present != NULL && wanted != NULL && arena != NULL);
    struct line_list added = { .arena = arena };
    struct line_list changed = { .arena = arena };
    struct line_list removed = { .arena = arena };
    struct list present_sorted = line_sorted(present, arena);
    struct list wanted_sorted = line_sorted(wanted, arena);
    for (size_t i = 0; i < wanted->count; i++) {
        struct pending_line line = ((const struct pending_line *)wanted->items)[i];
        const struct pending_line *old = line_find(&present_sorted, &line);
        if (old == NULL) {
            line_add(&added, &line);
            continue;
        }
        line.id = old->id;
        line.invoice_id = old->invoice_id;
        if (old->part_index > 0)
            line.service_from = old->service_from;
        if (line_follows(old) && !line_has_times_of(old, &line))
            line_add(&changed, &line);
    }
    for (size_t i = 0; i < present_sorted.count; i++) {
        const struct pending_line *old = (const struct pending_line *)present_sorted.items + i;
        if (line_follows(old) && line_find(&wanted_sorted, old) == NULL)
            line_add(&removed, old);
    }
    return (struct line_changes){ line_list_end(&added), line_list_end(&changed),
                                  line_list_end(&removed) };
}
