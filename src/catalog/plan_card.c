/* plan_card.c: reading rate cards, and their views. */
#include "catalog/plan_card.h"

bool rate_card_is_metered(const struct rate_card *card)
{
    CHECK(card != NULL);
    return price_is_metered(card->terms.price.type);
}

/* v1's kind of a card that was not made through v1. */
static enum rate_card_type card_type_of(const struct rate_card *card)
{
    bool is_free_recurring = card->terms.price.type == PRICE_FREE &&
                             !span_is_zero(card->billing_cadence);
    return rate_card_is_metered(card) || is_free_recurring ? RATE_CARD_USAGE_BASED
                                                           : RATE_CARD_FLAT_FEE;
}

static void entitlement_mirror(struct rate_card_entitlement *entitlement)
{
    if (entitlement->type == RATE_CARD_METERED)
        entitlement->has_is_soft_limit = true;
    entitlement->config_text = entitlement->config;
}

static void tax_mirror(struct rate_card *card)
{
    struct rate_card_tax *tax = &card->tax_config;
    tax->has_code = !ulid_is_zero(tax->code.id.ulid);
    tax->has_stripe = !text_is_empty(tax->stripe.code);
    tax->has_custom_invoicing = !text_is_empty(tax->custom_invoicing.code);
    card->has_tax_config_v3 = card->has_tax_config && tax->has_code;
}

void rate_card_mirror(struct rate_card *card, struct arena *arena)
{
    CHECK(card != NULL);
    if (ulid_is_zero(card->feature_id.ulid) && card->has_feature)
        card->feature_id = card->feature.id;
    card->feature = (struct rate_card_feature){ .id = card->feature_id };
    card->has_feature = !ulid_is_zero(card->feature_id.ulid);
    card->pricing = pricing_mirror(&card->terms, card->payment_term, arena);
    if (card->has_entitlement)
        entitlement_mirror(&card->entitlement);
    tax_mirror(card);
    if (card->type == FIELD_ENUM_NONE)
        card->type = (int)card_type_of(card);
    CHECK(card->type >= 0 && card->type < RATE_CARD_TYPE_COUNT);
}
