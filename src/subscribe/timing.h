/* timing.h: when a change takes effect. Pure.
 *
 * A request says immediate, next_billing_cycle or an instant; what that means depends on the
 * billing period the subscription is in and on what is to be done.
 */
#ifndef SUBSCRIBE_TIMING_H
#define SUBSCRIBE_TIMING_H

#include "subscribe/subscription.h"

enum timing_kind { TIMING_IMMEDIATE, TIMING_NEXT_CYCLE, TIMING_AT, TIMING_COUNT };

/* NULL-terminated: "immediate", "next_billing_cycle". */
extern const char *const timing_words[];

struct timing {
    enum timing_kind kind;
    instant at; /* TIMING_AT, cut to whole seconds */
};

/* Reads a word of timing_words or RFC 3339; an empty text is immediate. */
NODISCARD bool timing_parse(text t, struct timing *ret);

/* What is to be done. */
enum timing_use { TIMING_OF_CANCEL, TIMING_OF_EDIT, TIMING_OF_CHANGE, TIMING_OF_ADDON };

struct timing_question {
    struct timing timing;
    enum timing_use use;
    instant now;
};

/* The instant, in whole seconds and not before the subscription begins. `subscription` is cut and
 * runs at the question's `now`. On a refusal (FAULT_SUBSCRIPTION_INVALID) `*ret_why` says why: a
 * time in the past, a cancelation inside a billing period, an edit at a time of its own or in
 * another phase. */
NODISCARD enum fault timing_resolve(const struct subscription *subscription,
                                    const struct timing_question *question, instant *ret,
                                    const char **ret_why);

#endif
