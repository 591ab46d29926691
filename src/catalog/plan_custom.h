/* plan_custom.h: what a subscription of its own is made from: a plan that is not kept, or a single
 * rate card, held against the rules of plans.
 *
 * Not here: what becomes of them (subscribe/).
 */
#ifndef CATALOG_PLAN_CUSTOM_H
#define CATALOG_PLAN_CUSTOM_H

#include "catalog/plan.h"

/* The request: a plan without a key. */
extern const struct fields plan_custom_fields;

/* Settles a plan read by plan_custom_fields and holds it against every rule that a publication is
 * held against. Refuses with FIELDS_INVALID or PLAN_INVALID, each issue named in the dialect. `ret`
 * has no id, key and version. */
NODISCARD enum err plan_custom_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                                     const struct plan *input, struct plan *ret);

/* What a card stands in. */
struct card_custom_setting {
    text currency;
    span billing_cadence;
    bool is_settled_by_credits;
};

/* The same for one settled card (rate_card_settle), in place: its feature's id and key are filled.
 */
NODISCARD enum err rate_card_custom_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                                          const struct card_custom_setting *setting,
                                          struct rate_card *card);

#endif
