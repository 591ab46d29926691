/* rate_card_flow.h: what the flows of plans and of add-ons have in common: gathering what the rules
 * have to know about rate cards, and refusing by the rules' issues.
 */
#ifndef CATALOG_RATE_CARD_FLOW_H
#define CATALOG_RATE_CARD_FLOW_H

#include "catalog/plan_rules.h"

/* Looks up the tax code, the currency and the feature of each card of a list, the feature by id
 * where there is one, else by key; fills the card's id and key from what was found. `currency` is
 * that of the plan or add-on. `ret` has room for one fact per card. */
NODISCARD enum err card_facts_gather(struct cx *cx, struct store_tx *tx, const struct list *cards,
                                     text currency, struct card_facts *ret);

/* Looks up a custom currency and its rate in a fiat one, now. Nothing is found of other codes. */
NODISCARD enum err currency_facts_gather(struct cx *cx, struct store_tx *tx, text code, text fiat,
                                         struct currency_facts *ret);

/* Refuses with the fault and every issue of the list, of which there is one at least, named in the
 * dialect. */
enum err issues_refuse(struct cx *cx, enum fault fault, enum dialect dialect,
                       const struct list *issues);

#endif
