/* plan_rules.h: what makes a plan impossible, or not yet fit to be published. Pure.
 *
 * The rules look at a plan and at what is known of the features and currencies that it names; the
 * caller gathers the latter. Each rule has the wire contract's error code (plan_issue.h).
 */
#ifndef CATALOG_PLAN_RULES_H
#define CATALOG_PLAN_RULES_H

#include "catalog/plan.h"
#include "catalog/plan_card_rules.h"

struct plan_facts {
    struct card_facts *cards; /* one per rate card: the phases' cards one after the other */
    size_t count;
    struct currency_facts currency; /* of the plan's, when that is a custom one */
    text addon_currency; /* for rate_card_list_issues: what holds for cards without their own */
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

/* What v1 has no words for: a list of struct plan_issue with the contract's codes, empty when it
 * can print the whole plan. */
struct list plan_issues_of_v1(const struct plan *plan, struct arena *arena);

#endif
