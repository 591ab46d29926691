/* plan_input.h: from what a request wrote to what rules read. Pure.
 *
 * The dialects write prices, payment terms, features and proration in different shapes. fields_read
 * leaves them in a plan's views; here they are moved into its plain members, and what no field
 * table can say is refused: a free price with an amount, a flat fee charged by unit, and those
 * members of v1 that change what is owed and that this catalog does not know (v1 ignores unknown
 * properties otherwise; to ignore a discount would be to bill too much).
 */
#ifndef CATALOG_PLAN_INPUT_H
#define CATALOG_PLAN_INPUT_H

#include "catalog/plan.h"

/* Copies `input`, with phases and rate cards of its own, into `ret` and settles it. Adds every
 * fault to `problem` under the dialect's names; returns whether there was none. */
NODISCARD bool plan_input_settle(const struct plan *input, enum dialect dialect,
                                 struct problem *problem, struct plan *ret);

/* The same for rate cards that are in no phase, those of an add-on: a copy, settled. */
NODISCARD bool rate_cards_settle(const struct list *input, enum dialect dialect,
                                 struct problem *problem, struct list *ret);

/* Settles one rate card that v3's table has read, in place. `member` is where it stood. */
NODISCARD bool rate_card_settle_v3(struct rate_card *card, const char *member,
                                   struct problem *problem);

#endif
