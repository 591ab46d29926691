/* advice.h: which timing suits a change of plan, and why. Pure but for the last function.
 *
 * What is good for the customer should be had at once, what takes something away should wait for
 * the end of what was paid for. A change that brings features or higher limits is an upgrade, one
 * that takes some is a downgrade. When both plans give the same, the fees decide: to another plan,
 * more is an upgrade; to another version of the plan, more is for the same and can wait.
 */
#ifndef SUBSCRIBE_ADVICE_H
#define SUBSCRIBE_ADVICE_H

#include "subscribe/subscription_command.h"

enum change_effect { EFFECT_UPGRADE, EFFECT_DOWNGRADE, EFFECT_NEUTRAL, EFFECT_COUNT };

/* NULL-terminated: "upgrade", "downgrade", "neutral". */
extern const char *const change_effect_words[];

struct timing_advice {
    enum timing_kind timing; /* immediate or next_billing_cycle */
    enum change_effect effect;
    text reason;
    struct text_list gained; /* keys of items */
    struct text_list lost;
    dec fees_before; /* of a year, flat and recurring; before discounts and taxes */
    dec fees_after;
    instant takes_effect_at;
};

extern const struct fields timing_advice_fields;

/* What the customer has: a list of struct rate_card. */
struct advice_question {
    const struct list *before;
    const struct list *after;
    bool is_same_plan;
};

/* All but takes_effect_at. In the arena. FAULT_AMOUNT_OVERFLOW when the fees of a year do not fit.
 */
NODISCARD enum fault timing_advise(const struct advice_question *question, struct arena *arena,
                                   struct timing_advice *ret);

/* The advice for a change that a body (its timing is not looked at) would make: from what runs now
 * to the last phase of the plan. Faults: SUBSCRIPTION_ABSENT, AMOUNT_OVERFLOW, those of
 * the body's plan. */
NODISCARD enum err subscription_advise(struct cx *cx, text id, const struct subscription_body *body,
                                       struct timing_advice *ret);

extern const struct fields subscription_advice_body_fields;

#endif
