/* plan_card_input.h: a rate card, from what a request wrote to what rules read. Pure.
 *
 * fields_read leaves price, feature, entitlement and tax in the views of its dialect; here they are
 * moved into the card's plain members, and what no field table can say is refused: a free price
 * with an amount, a flat fee charged by unit, a limit of an entitlement that has none.
 */
#ifndef CATALOG_PLAN_CARD_INPUT_H
#define CATALOG_PLAN_CARD_INPUT_H

#include "catalog/plan_card.h"

/* Settles, in place, a card that the dialect's table has read. `place` is where it stood:
 * "phases[0].rate_cards[1]". Adds every fault to `problem` under the dialect's names; returns
 * whether there was none. */
NODISCARD bool rate_card_settle(struct rate_card *card, enum dialect dialect, text place,
                                struct problem *problem);

/* The same for rate cards that are in no phase, those of an add-on: a copy, settled. */
NODISCARD bool rate_cards_settle(const struct list *input, enum dialect dialect,
                                 struct problem *problem, struct list *ret);

/* The same for a card of v3 that is to be priced as it stands, without a plan whose rules would
 * look at its discounts: they are bounded here. */
NODISCARD bool rate_card_settle_v3(struct rate_card *card, const char *member,
                                   struct problem *problem);

#endif
