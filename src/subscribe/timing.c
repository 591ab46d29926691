/* timing.c: words and instants of requests become instants of changes. */
#include "subscribe/timing.h"

const char *const timing_words[] = { "immediate", "next_billing_cycle", NULL };

_Static_assert(COUNT_OF(timing_words) == TIMING_COUNT, "one word per kind that has one");

bool timing_parse(text t, struct timing *ret)
{
    CHECK(ret != NULL);
    struct timing timing = { TIMING_IMMEDIATE, INSTANT_NONE };
    int word = words_find(timing_words, t);
    if (text_is_empty(t))
        word = TIMING_IMMEDIATE;
    if (word >= 0) {
        timing.kind = (enum timing_kind)word;
    } else {
        if (!instant_parse(t, &timing.at))
            return false;
        timing.kind = TIMING_AT;
        timing.at = instant_floor(timing.at, NS_PER_SECOND);
    }
    *ret = timing;
    return true;
}

/* Whether t is where a phase, or a billing period in one, ends. */
static bool is_period_end(const struct subscription *subscription, instant t)
{
    struct billing_grid grid = subscription_grid(subscription);
    for (size_t i = 0; i < subscription->phases.count; i++)
        if (instant_equal(subscription_phase_at(subscription, i)->active_to, t))
            return true;
    return billing_is_boundary(&grid, t);
}

static enum fault resolve_cycle(const struct subscription *subscription,
                                const struct timing_question *question, instant *ret,
                                const char **ret_why)
{
    struct period current;
    instant now = question->now;
    if (!subscription_period_at(subscription, now, &current) ||
        instant_equal(current.to, INSTANT_MAX)) {
        *ret_why = "there is no next billing cycle";
        return FAULT_SUBSCRIPTION_INVALID;
    }
    if (question->use == TIMING_OF_EDIT && subscription_phase_index_at(subscription, current.to) !=
                                               subscription_phase_index_at(subscription, now)) {
        *ret_why = "cannot edit to the next billing cycle as it falls into a different phase";
        return FAULT_SUBSCRIPTION_INVALID;
    }
    *ret = current.to;
    return FAULT_NONE;
}

static enum fault resolve_at(const struct subscription *subscription,
                             const struct timing_question *question, const char **ret_why)
{
    instant at = question->timing.at;
    if (question->use == TIMING_OF_EDIT) {
        *ret_why = "an edit is immediate or with the next_billing_cycle";
        return FAULT_SUBSCRIPTION_INVALID;
    }
    if (instant_before(at, instant_floor(question->now, NS_PER_SECOND))) {
        *ret_why = "timing is in the past";
        return FAULT_SUBSCRIPTION_INVALID;
    }
    if (question->use == TIMING_OF_CANCEL && !is_period_end(subscription, at)) {
        *ret_why = "cannot cancel aligned subscription with custom misaligned timing";
        return FAULT_SUBSCRIPTION_INVALID;
    }
    return FAULT_NONE;
}

enum fault timing_resolve(const struct subscription *subscription,
                          const struct timing_question *question, instant *ret,
                          const char **ret_why)
{
    CHECK(subscription != NULL && question != NULL);
    CHECK(ret != NULL && ret_why != NULL && !instant_is_none(question->now));
    instant at = instant_floor(question->now, NS_PER_SECOND);
    if (question->timing.kind == TIMING_NEXT_CYCLE)
        return resolve_cycle(subscription, question, ret, ret_why);
    if (question->timing.kind == TIMING_AT) {
        enum fault fault = resolve_at(subscription, question, ret_why);
        if (fault != FAULT_NONE)
            return fault;
        at = question->timing.at;
    }
    *ret = instant_before(at, subscription->active_from) ? subscription->active_from : at;
    return FAULT_NONE;
}
