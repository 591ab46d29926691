/* explain_steps.h: the arithmetic of a line in sentences. Pure. Used by this module only. */
#ifndef BILL_EXPLAIN_STEPS_H
#define BILL_EXPLAIN_STEPS_H

#include "bill/explain.h"
#include "bill/verify_derive.h"

/* The steps from what was metered to the total with taxes; `usage` is NULL for prices that do not
 * depend on it. In the arena. */
struct text_list explain_line_steps(const struct derivation *line,
                                    const struct explain_usage *usage, struct arena *arena);

#endif
