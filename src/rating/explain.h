/* explain.h: the arithmetic behind a rated line, in words, step by step. Pure.
 *
 * For people who check an invoice: every number that stands in the result is led back to the
 * numbers that went in. The steps are those of rate.h, in their order; one that changes nothing is
 * left out.
 */
#ifndef RATING_EXPLAIN_H
#define RATING_EXPLAIN_H

#include "rating/rate.h"

/* The steps as sentences, in the arena. `result` is what rate_line made of `input`. */
struct text_list rate_explain(const struct rate_input *input, const struct rate_result *result,
                              struct arena *arena);

#endif
