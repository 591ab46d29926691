/* plan.c: reading plans: parts, status, views. */
#include "catalog/plan.h"

const char *const plan_status_words[] = { "draft",     "active",  "archived",
                                          "scheduled", "invalid", NULL };
const char *const plan_sort_words[] = { "created_at", "updated_at", "id", "key", "version", NULL };

_Static_assert(COUNT_OF(plan_status_words) == PLAN_STATUS_COUNT + 1, "one word per status");
_Static_assert(COUNT_OF(plan_sort_words) == PLAN_SORT_COUNT + 1, "one word per order");

struct plan_phase *plan_phase_at(const struct plan *plan, size_t i)
{
    CHECK(plan != NULL);
    CHECK(i < plan->phases.count);
    return (struct plan_phase *)plan->phases.items + i;
}

struct rate_card *rate_card_at(const struct plan_phase *phase, size_t i)
{
    CHECK(phase != NULL);
    CHECK(i < phase->rate_cards.count);
    return (struct rate_card *)phase->rate_cards.items + i;
}

bool rate_card_is_metered(const struct rate_card *card)
{
    CHECK(card != NULL);
    return price_is_metered(card->terms.price.type);
}

/* The wire contract compares strictly, so that a plan is "invalid" at the very instant it becomes
 * effective. Here the period is half-open like every other one: a plan that was published at an
 * instant is active at that instant, also when the (test) clock has not moved since. */
enum plan_status plan_status_at(instant effective_from, instant effective_to, instant t)
{
    CHECK(!instant_is_none(t));
    bool has_end = !instant_is_none(effective_to);
    if (instant_is_none(effective_from))
        return has_end ? PLAN_INCONSISTENT : PLAN_DRAFT;
    if (has_end && instant_before(effective_to, effective_from))
        return PLAN_INCONSISTENT;
    if (instant_before(t, effective_from))
        return PLAN_SCHEDULED;
    return has_end && !instant_before(t, effective_to) ? PLAN_ARCHIVED : PLAN_ACTIVE;
}

/* v1's kind of a card that was not made through v1. */
static enum rate_card_type card_type_of(const struct rate_card *card)
{
    bool is_free_recurring = card->terms.price.type == PRICE_FREE &&
                             !span_is_zero(card->billing_cadence);
    return rate_card_is_metered(card) || is_free_recurring ? RATE_CARD_USAGE_BASED
                                                           : RATE_CARD_FLAT_FEE;
}

void rate_card_mirror(struct rate_card *card, struct arena *arena)
{
    CHECK(card != NULL);
    if (ulid_is_zero(card->feature_id.ulid) && card->has_feature)
        card->feature_id = card->feature.id;
    card->feature.id = card->feature_id;
    card->has_feature = !ulid_is_zero(card->feature_id.ulid);
    card->pricing = pricing_mirror(&card->terms, card->payment_term, arena);
    card->tax_config = TEXT_NONE;
    if (card->type == FIELD_ENUM_NONE)
        card->type = (int)card_type_of(card);
    CHECK(card->type >= 0 && card->type < RATE_CARD_TYPE_COUNT);
}

void plan_mirror(struct plan *plan, struct arena *arena)
{
    CHECK(plan != NULL);
    plan->has_pro_rating = true;
    plan->pro_rating = (struct plan_pro_rating){ plan->is_pro_rating, PRO_RATING_PRICES };
    for (size_t p = 0; p < plan->phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(plan, p);
        for (size_t c = 0; c < phase->rate_cards.count; c++)
            rate_card_mirror(rate_card_at(phase, c), arena);
    }
}
