/* dunning.h: when a payment that failed is tried again, and what becomes of an invoice whose
 * payment failed for the last time. Pure.
 *
 * A schedule is a list of durations, each counted from the first failure: P1D P3D P5D P7D. The n-th
 * failure is followed by the attempt at the n-th of them, however late the n-th attempt was made;
 * the last failure by none.
 */
#ifndef BILL_DUNNING_H
#define BILL_DUNNING_H

#include "base/span.h"
#include "codec/fields.h"

/* What follows a failure. */
enum dunning_step {
    DUNNING_RETRY, /* another attempt, at retry_at */
    DUNNING_WAIT,  /* no further attempt: the invoice stays open and is overdue in its time */
    DUNNING_UNCOLLECTIBLE, /* no further attempt: the money is given up */
    DUNNING_STEP_COUNT
};

struct dunning {
    struct text_list retry_after; /* ISO 8601 durations, growing */
    bool gives_up;                /* the money, after the last failure */
};

struct dunning_next {
    enum dunning_step step;
    instant retry_at; /* of DUNNING_RETRY; else INSTANT_NONE */
};

/* What follows the `failures`-th failure (1 is the first) when the first one was at `first`.
 * Durations follow the calendar of the zone. */
struct dunning_next dunning_after(const struct dunning *dunning, instant first, int64_t failures,
                                  const struct zone *zone);

#endif
