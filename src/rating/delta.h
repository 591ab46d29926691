/* delta.h: billing a period bit by bit without drift: what is new since it was last rated. Pure.
 *
 * The whole of a period so far is rated anew each time, and what was booked before is taken off,
 * line by line. So the sum of all deltas is what rating once would have given,
 * to the cent, whatever rounding, discounts, maximums and tiers do; and a quantity that shrinks
 * gives money back. Rating part by part (rate_input's prior quantities) rounds each part by itself
 * instead.
 *
 * Lines are the same when reference, unit price and category are. What was booked and is not there
 * any more is reversed: a negative line with "#reversal:category=…:per_unit_amount=…" behind its
 * reference.
 */
#ifndef RATING_DELTA_H
#define RATING_DELTA_H

#include "rating/rate.h"

/* Details of earlier deltas, in any order; reversals among them. */
struct rate_booked {
    const struct rate_detail *details;
    size_t count;
};

/* Rates a period up to now, as `input` has it (without prior quantities), and takes off what was
 * booked. `is_end`: the period is over; until then a minimum is not made up for and a fee in
 * arrears not charged, but the tier of a volume price is looked at anew each time. Faults as of
 * rate_line. */
NODISCARD enum fault rate_so_far(const struct rate_input *input, bool is_end,
                                 const struct rate_booked *booked, struct arena *arena,
                                 struct rate_result *ret);

/* What is new in `whole`, which rates all of the period so far, over what was booked. Lines of
 * which nothing is left but a quantity are dropped. In the arena. FAULT_AMOUNT_OVERFLOW. */
NODISCARD enum fault rate_delta(const struct rate_result *whole, const struct rate_booked *booked,
                                const struct currency *currency, struct arena *arena,
                                struct rate_result *ret);

#endif
