/* addon_rules.h: what makes an add-on impossible, or not yet fit to be published. Pure. */
#ifndef CATALOG_ADDON_RULES_H
#define CATALOG_ADDON_RULES_H

#include "catalog/addon.h"
#include "catalog/plan_rules.h"

/* All that is wrong: the add-on's own rules, then those of its rate cards, of which there is one
 * fact each. A list of struct plan_issue. */
struct list addon_issues(const struct addon *addon, const struct plan_facts *facts,
                         struct arena *arena);

/* What v1 has no words for: a list of struct plan_issue, empty when it can print the whole. */
struct list addon_issues_of_v1(const struct addon *addon, struct arena *arena);

#endif
