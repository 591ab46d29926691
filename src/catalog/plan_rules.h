/* plan_rules.h: what makes a plan impossible, or not yet fit to be published. Pure.
 *
 * The rules look at a plan and at what is known of the features that its rate cards name; the
 * caller gathers the latter. Each rule has the wire contract's error code.
 */
#ifndef CATALOG_PLAN_RULES_H
#define CATALOG_PLAN_RULES_H

#include "catalog/plan.h"

/* What is known of the feature that one rate card refers to. All false: the card has no feature. */
struct card_facts {
    bool has_reference;
    bool is_found;
    bool is_archived;
    bool is_metered; /* the feature has a meter */
    struct feature_id id;
    text key;
};

/* One per rate card: the phases' cards one after the other. */
struct plan_facts {
    struct card_facts *cards;
    size_t count;
};

/* Number of rate cards in all phases. */
size_t plan_card_count(const struct plan *plan);

/* All that is wrong, in the order of the plan: a list of struct plan_issue. */
struct list plan_issues(const struct plan *plan, const struct plan_facts *facts,
                        struct arena *arena);

/* What is wrong with rate cards that belong to no plan, those of an add-on: one fact per card, the
 * places begin at the list, and no cadence is there to align with. */
struct list rate_card_list_issues(const struct list *cards, const struct plan_facts *facts,
                                  struct arena *arena);

/* Those of the issues that are critical, or those that are not. */
struct list plan_issues_select(const struct list *issues, bool is_critical, struct arena *arena);

#endif
