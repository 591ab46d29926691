/* advice_flow.c: what runs and what is wanted, gathered for an advice. */
#include "subscribe/advice.h"
#include "subscribe/subscription_inside.h"

/* As printed and as asked for. */
static const struct field advice_rows[] = {
    FIELD_WORD(struct timing_advice, timing, timing_words, .flags = FIELD_REQUIRED,
               .about = "What to preselect."),
    FIELD_WORD(struct timing_advice, effect, change_effect_words, .flags = FIELD_REQUIRED),
    FIELD(struct timing_advice, reason, TEXT, .flags = FIELD_REQUIRED),
    FIELD(struct timing_advice, gained, TEXT_LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .about = "Keys of items that are new, or have higher limits."),
    FIELD(struct timing_advice, lost, TEXT_LIST, .flags = FIELD_REQUIRED | FIELD_ALWAYS,
          .about = "Keys of items that go, or have lower limits."),
    FIELD_AS(struct timing_advice, fees_before, "yearly_fees_before", DEC, .flags = FIELD_REQUIRED),
    FIELD_AS(struct timing_advice, fees_after, "yearly_fees_after", DEC, .flags = FIELD_REQUIRED),
    FIELD(struct timing_advice, takes_effect_at, INSTANT, .flags = FIELD_REQUIRED,
          .about = "When the change would be, with that timing."),
};
const struct fields timing_advice_fields =
    FIELDS("SubscriptionTimingAdvice", struct timing_advice, advice_rows);

static struct list running_cards(const struct subscription *subscription, instant now,
                                 struct arena *arena)
{
    size_t index = subscription_phase_index_at(subscription, now);
    struct list cards = { 0 };
    if (index == subscription->phases.count)
        return cards;
    const struct subscription_phase *phase = subscription_phase_at(subscription, index);
    cards.items = ARENA_ARRAY(arena, struct rate_card, phase->items.count);
    for (size_t i = 0; i < phase->items.count; i++) {
        const struct subscription_item *item = subscription_item_at(phase, i);
        if (period_holds(subscription_span(item->active_from, item->active_to), now))
            ((struct rate_card *)cards.items)[cards.count++] = item->rate_card;
    }
    return cards;
}

static enum err advise(struct cx *cx, struct store_tx *tx, const struct subscription *subscription,
                       const struct subscription_body *body, struct timing_advice *ret)
{
    struct plan plan;
    enum err err = subscription_plan_gather(cx, tx, body, &plan);
    if (err != OK)
        return err;
    struct list before = running_cards(subscription, cx->now, cx->arena);
    CHECK(plan.phases.count > 0);
    const struct advice_question question = {
        .before = &before,
        .after = &plan_phase_at(&plan, plan.phases.count - 1)->rate_cards,
        .is_same_plan = !text_is_empty(subscription->plan_key) &&
                        text_equal(subscription->plan_key, plan.key),
    };
    struct timing_advice advice;
    enum fault fault = timing_advise(&question, cx->arena, &advice);
    if (fault != FAULT_NONE)
        return problem_refuse(&cx->problem, fault, "the fees of a year");
    err = subscription_time(cx, subscription, text_of(timing_words[advice.timing]),
                            TIMING_OF_CHANGE, &advice.takes_effect_at);
    if (err == OK)
        *ret = advice;
    return err;
}

enum err subscription_advise(struct cx *cx, text id, const struct subscription_body *body,
                             struct timing_advice *ret)
{
    CHECK(cx != NULL && body != NULL && ret != NULL);
    struct subscription subscription;
    struct store_tx *tx CLEANUP(store_tx_cleanup) = NULL;
    const struct subscription_target target = { id, 0 };
    const struct subscription_need need = { SUBSCRIPTION_ACTIVE, "update" };
    enum err err = store_begin_read(cx->store, &tx);
    if (err == OK)
        err = subscription_gather(cx, tx, &target, need, &subscription);
    if (err == OK)
        err = advise(cx, tx, &subscription, body, ret);
    return err;
}
