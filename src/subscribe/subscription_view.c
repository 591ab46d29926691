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
    item->feature_key = TEXT_NONE;
    if (!text_is_empty(item->rate_card.feature_key))
        item->feature_key = item->rate_card.feature_key;
    item->currency = item->rate_card.terms.price.type == PRICE_FREE ? TEXT_NONE : currency;
}

static void phase_view(struct subscription_phase *phase, text currency, struct arena *arena)
{
    struct buffer out = { .arena = arena };
    struct json_writer w = json_writer_of(&out);
    json_object_begin(&w);
    for (size_t i = 0; i < phase->items.count; i++) {
        struct subscription_item *item = subscription_item_at(phase, i);
        item_view(item, currency, arena);
        json_key(&w, item->key);
        json_array_begin(&w);
        fields_write(&subscription_item_fields, DIALECT_V1, &w, item);
        json_array_end(&w);
    }
    json_object_end(&w);
    phase->item_timelines = buffer_text(&out);
}

void subscription_view(struct subscription *subscription, instant now, struct arena *arena)
{
    CHECK(subscription != NULL && arena != NULL);
    CHECK(!instant_is_none(now));
    subscription_cut(subscription);
    for (size_t i = 0; i < subscription->phases.count; i++)
        phase_view(subscription_phase_at(subscription, i), subscription->invoice_currency, arena);
    subscription->status =
        subscription_status_at(subscription->active_from, subscription->active_to, now);
    subscription->cost_basis_mode = COST_BASIS_DYNAMIC;
    subscription->cost_basis_pins = (struct text_list){ 0 };
    subscription->has_plan = true;
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
