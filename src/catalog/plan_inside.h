/* plan_inside.h: what the files behind plan.h share: plan_flow.c changes drafts,
 * plan_publish_flow.c makes and ends versions. Private to the module.
 */
#ifndef CATALOG_PLAN_INSIDE_H
#define CATALOG_PLAN_INSIDE_H

#include "catalog/plan_rows.h"
#include "catalog/plan_rules.h"

/* The plan with this id; refuses when there is none, or it is deleted. */
NODISCARD enum err plan_gather(struct cx *cx, struct store_tx *tx, struct plan_id id,
                               struct plan *ret);

/* Looks up the currencies, tax codes and features that plan and rate cards name; fills the cards'
 * ids and keys from them. */
NODISCARD enum err plan_gather_facts(struct cx *cx, struct store_tx *tx, struct plan *plan,
                                     struct plan_facts *ret);

/* Whether it may still be changed: a draft or scheduled. */
bool plan_is_open(const struct plan *plan);

/* Refuses by the status that the plan has, and says those it should have. */
enum err plan_refuse_status(struct cx *cx, const struct plan *plan, const char *allowed);

/* The published versions of the plan's key that have not ended, without the plan itself. */
NODISCARD enum err plan_gather_versions(struct cx *cx, struct store_tx *tx, const struct plan *plan,
                                        struct list *ret);

/* Saves `plan` and those of the versions whose end has changed, in an order in which at no time two
 * are open. `is_published`: the plan is one of the versions from now on; else it is none. */
NODISCARD enum err plan_save_versions(struct cx *cx, struct store_tx *tx, struct plan *plan,
                                      bool is_published, const struct list *versions);

/* Audits and commits; `*tx` is over afterwards. */
NODISCARD enum err plan_finish(struct cx *cx, struct store_tx **tx, text action, struct plan_id id);

#endif
