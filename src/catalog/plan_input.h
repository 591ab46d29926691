/* plan_input.h: from what a request wrote to what rules read. Pure.
 *
 * The dialects write prices, payment terms, features and proration in different shapes. fields_read
 * leaves them in a plan's views; here they are moved into its plain members, and what no field
 * table can say is refused (plan_card_input.h).
 */
#ifndef CATALOG_PLAN_INPUT_H
#define CATALOG_PLAN_INPUT_H

#include "catalog/plan.h"
#include "catalog/plan_card_input.h"

/* Copies `input`, with phases and rate cards of its own, into `ret` and settles it. Adds every
 * fault to `problem` under the dialect's names; returns whether there was none. */
NODISCARD bool plan_input_settle(const struct plan *input, enum dialect dialect,
                                 struct problem *problem, struct plan *ret);

#endif
