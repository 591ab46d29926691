/* subscription_view.c: fills what the two dialects print and no rule reads. */
#include "subscribe/subscription_inside.h"

/* v1 prints the parts of the card on the item: they are taken from the card's v1 form. */
static void item_view(struct subscription_item *item, text currency, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    struct json_fault fault;
    struct json card;
    rate_card_mirror(&item->rate_card, arena);
    fields_write(&rate_card_fields, DIALECT_V1, &w, &item->rate_card);
    MUST(json_parse(arena, buffer_text(&out), &card, &fault));
    const struct json *price = json_member(&card, TEXT("price"));
    const struct json *cadence = json_member(&card, TEXT("billingCadence"));
    item->price = price != NULL ? price->raw : TEXT("null");
    item->billing_cadence = cadence != NULL ? cadence->raw : TEXT("null");
    const struct json *discounts = json_member(&card, TEXT("discounts"));
    const struct json *tax = json_member(&card, TEXT("taxConfig"));
    item->discounts = discounts != NULL ? discounts->raw : TEXT_NONE;
    item->tax_config = tax != NULL ? tax->raw : TEXT_NONE;
    item->feature_key = TEXT_NONE;
    if (!text_is_empty(item->rate_card.feature_key))
        item->feature_key = item->rate_card.feature_key;
    item->currency = item->rate_card.terms.price.type == PRICE_FREE ? TEXT_NONE : currency;
}

/* Whether the item is the first of its key; items of a key stand together. */
static bool is_first_of_key(const struct subscription_phase *phase, size_t index)
{
    return index == 0 || !text_equal(subscription_item_at(phase, index - 1)->key,
                                     subscription_item_at(phase, index)->key);
}

/* All versions, by key. */
static text timelines_print(const struct subscription_phase *phase, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    json_object_begin(&w);
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        if (is_first_of_key(phase, i)) {
            json_key(&w, item->key);
            json_array_begin(&w);
        }
        fields_write(&subscription_item_fields, DIALECT_V1, &w, item);
        if (i + 1 == phase->items.count || is_first_of_key(phase, i + 1))
            json_array_end(&w);
    }
    json_object_end(&w);
    return buffer_text(&out);
}

/* Which of the versions of a key, from `first` on, is shown: of a phase that is over the last one,
 * of one to come the first one, of the current one that which is active; NULL when none is. */
static const struct subscription_item *item_shown(const struct subscription_phase *phase,
                                                  size_t first, instant now)
{
    struct period times = subscription_span(phase->active_from, phase->active_to);
    const struct subscription_item *shown = NULL;
    for (size_t i = first; i < phase->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        if (i > first && is_first_of_key(phase, i))
            break;
        bool is_active = period_holds(subscription_span(item->active_from, item->active_to), now);
        bool is_over = !instant_before(now, times.to);
        bool is_to_come = instant_before(now, times.from);
        if (is_active || is_over || (is_to_come && shown == NULL))
            shown = item;
    }
    return shown;
}

static void phase_view(struct subscription_phase *phase, text currency, instant now,
                       struct arena *arena)
{
    size_t count = 0;
    struct subscription_item *shown =
        ARENA_ARRAY(arena, struct subscription_item, phase->items.count);
    for (size_t i = 0; i < phase->items.count; i++)
        item_view(subscription_item_at(phase, i), currency, arena);
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *item = is_first_of_key(phase, i) ? item_shown(phase, i, now)
                                                                         : NULL;
        if (item != NULL)
            shown[count++] = *item;
    }
    phase->shown = (struct list){ shown, count };
    phase->item_timelines = timelines_print(phase, arena);
}

void subscription_view(struct subscription *subscription, instant now, struct arena *arena)
{
    CHECK(subscription != NULL && arena != NULL);
    CHECK(!instant_is_none(now));
    subscription_cut(subscription);
    for (size_t i = 0; i < subscription->phases.count; i++)
        phase_view(subscription_phase_at(subscription, i), subscription->invoice_currency, now,
                   arena);
    subscription->status =
        subscription_status_at(subscription->active_from, subscription->active_to, now);
    subscription->has_plan = !ulid_is_zero(subscription->plan_id.ulid);
    subscription->plan = (struct subscription_plan){ subscription->plan_id, subscription->plan_key,
                                                     subscription->plan_version };
    subscription->pro_rating.is_enabled = subscription->is_pro_rating;
    subscription->pro_rating.mode = PRORATION_PRORATE_PRICES;
    struct period period;
    subscription->has_current_period = subscription_period_at(subscription, now, &period);
    if (subscription->has_current_period)
        subscription->current_period = (struct subscription_period){ period.from, period.to };
    subscription->alignment = (struct subscription_alignment){
        .billables_must_align = true,
        .has_current_period = subscription->has_current_period,
        .current_period = subscription->current_period,
    };
}
