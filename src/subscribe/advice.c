/* advice.c: what a change brings and takes. */
#include "subscribe/advice.h"

const char *const change_effect_words[] = { "upgrade", "downgrade", "neutral", NULL };

_Static_assert(COUNT_OF(change_effect_words) == EFFECT_COUNT + 1, "one word per effect");

#define YEAR_SECONDS  31536000 /* 365 days */
#define MONTH_SECONDS 2628000  /* a twelfth of them */

static const struct rate_card *card_at(const struct list *cards, size_t i)
{
    CHECK(i < cards->count);
    return (const struct rate_card *)cards->items + i;
}

static const struct rate_card *card_find(const struct list *cards, text key)
{
    for (size_t i = 0; i < cards->count; i++)
        if (text_equal(card_at(cards, i)->key, key))
            return card_at(cards, i);
    return NULL;
}

static int64_t cadence_seconds(span cadence)
{
    return (int64_t)cadence.years * YEAR_SECONDS + (int64_t)cadence.months * MONTH_SECONDS +
           (int64_t)cadence.weeks * 604800 + (int64_t)cadence.days * 86400 +
           (int64_t)cadence.hours * 3600 + (int64_t)cadence.minutes * 60 + cadence.seconds;
}

/* The flat fees of a year. What is charged once, and what depends on usage, is not known here. */
static dec fees_of(const struct list *cards)
{
    dec sum = DEC_ZERO;
    for (size_t i = 0; i < cards->count; i++) {
        const struct rate_card *card = card_at(cards, i);
        int64_t seconds = cadence_seconds(card->billing_cadence);
        if (card->terms.price.type != PRICE_FLAT || seconds == 0)
            continue;
        sum = dec_add(sum, dec_mul_div(card->terms.price.amount, dec_of_int(YEAR_SECONDS),
                                       dec_of_int(seconds), 2, ROUND_HALF_AWAY));
    }
    return sum;
}

/* How the limits of two cards compare: above 0 when the second has more. A soft limit or none is
 * more than any. */
static int limit_compare(const struct rate_card *before, const struct rate_card *after)
{
    const struct rate_card *both[] = { before, after };
    bool is_bounded[2];
    for (size_t i = 0; i < 2; i++)
        is_bounded[i] = both[i]->has_entitlement &&
                        both[i]->entitlement.type == RATE_CARD_METERED &&
                        !both[i]->entitlement.is_soft_limit &&
                        dec_is_valid(both[i]->entitlement.issue_after_reset);
    if (!is_bounded[0] || !is_bounded[1])
        return (is_bounded[0] ? 1 : 0) - (is_bounded[1] ? 1 : 0);
    return dec_compare(after->entitlement.issue_after_reset, before->entitlement.issue_after_reset);
}

/* The keys of `cards` that the others do not have, or have less of. */
static struct text_list more_of(const struct list *cards, const struct list *others,
                                struct arena *arena)
{
    struct text_list keys = { ARENA_ARRAY(arena, text, cards->count), 0 };
    for (size_t i = 0; i < cards->count; i++) {
        const struct rate_card *card = card_at(cards, i);
        const struct rate_card *other = card_find(others, card->key);
        bool is_thing = !text_is_empty(card->feature_key) || card->has_entitlement;
        if ((other == NULL && is_thing) || (other != NULL && limit_compare(other, card) > 0))
            keys.items[keys.count++] = card->key;
    }
    return keys;
}

/* The prices of usage that both have: above 0 when they go up. */
static int usage_compare(const struct list *before, const struct list *after)
{
    int sum = 0;
    for (size_t i = 0; i < before->count; i++) {
        const struct rate_card *card = card_at(before, i);
        const struct rate_card *other = card_find(after, card->key);
        if (other != NULL && card->terms.price.type == PRICE_UNIT &&
            other->terms.price.type == PRICE_UNIT)
            sum += dec_compare(other->terms.price.amount, card->terms.price.amount);
    }
    return sum;
}

static void decide(struct timing_advice *advice, enum timing_kind timing, enum change_effect effect,
                   const char *reason)
{
    advice->timing = timing;
    advice->effect = effect;
    advice->reason = text_of(reason);
}

enum fault timing_advise(const struct advice_question *question, struct arena *arena,
                         struct timing_advice *ret)
{
    CHECK(question != NULL && arena != NULL && ret != NULL);
    struct timing_advice advice = {
        .gained = more_of(question->after, question->before, arena),
        .lost = more_of(question->before, question->after, arena),
        .fees_before = fees_of(question->before),
        .fees_after = fees_of(question->after),
        .takes_effect_at = INSTANT_NONE,
    };
    if (!dec_is_valid(advice.fees_before) || !dec_is_valid(advice.fees_after))
        return FAULT_AMOUNT_OVERFLOW;
    int cost = dec_compare(advice.fees_after, advice.fees_before);
    if (cost == 0)
        cost = usage_compare(question->before, question->after);
    if (advice.lost.count > 0)
        decide(&advice, TIMING_NEXT_CYCLE, EFFECT_DOWNGRADE,
               "the customer would lose something: let the current period run out");
    else if (advice.gained.count > 0)
        decide(&advice, TIMING_IMMEDIATE, EFFECT_UPGRADE,
               "the customer gains something and loses nothing: at once");
    else if (cost == 0)
        decide(&advice, TIMING_IMMEDIATE, EFFECT_NEUTRAL, "the customer gets and pays the same");
    else if (question->is_same_plan && cost > 0)
        decide(&advice, TIMING_NEXT_CYCLE, EFFECT_DOWNGRADE,
               "the same for more money: let the current period run out");
    else if (question->is_same_plan)
        decide(&advice, TIMING_IMMEDIATE, EFFECT_UPGRADE, "the same for less money: at once");
    else if (cost > 0)
        decide(&advice, TIMING_IMMEDIATE, EFFECT_UPGRADE, "to a higher plan: at once");
    else
        decide(&advice, TIMING_NEXT_CYCLE, EFFECT_DOWNGRADE,
               "to a lower plan: let the current period run out");
    *ret = advice;
    return FAULT_NONE;
}
