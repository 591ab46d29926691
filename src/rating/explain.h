/* explain.h: the arithmetic behind a rated line, in words, step by step. Pure.
 *
 * For people who check an invoice: every number that stands in the result is led back to the
 * numbers that went in. The steps are those of rate.h, in their order; one that changes nothing is
 * left out.
 */
#ifndef RATING_EXPLAIN_H
#define RATING_EXPLAIN_H

#include "rating/rate.h"

/* Sentences, growing in the arena. Start with { .arena = a }. */
struct explain_steps {
    struct arena *arena;
    text *items;
    size_t count;
    size_t room;
};

/* Adds a sentence, printf-like. */
void explain_step(struct explain_steps *steps, const char *format, ...) PRINTF_LIKE(2, 3);

/* A quantity or a price as sentences have it: without zeros at its end. */
text explain_number(const struct explain_steps *steps, dec value);

/* An amount: with the digits that it has. */
text explain_amount(const struct explain_steps *steps, dec value);

/* Adds the steps. `result` is what rate_line made of `input`. */
void rate_explain(const struct rate_input *input, const struct rate_result *result,
                  struct explain_steps *steps);

#endif
