/* plan_card_rules.h: what makes a rate card impossible, or not yet fit to be published. Pure.
 *
 * The rules look at the card, at what it stands in, and at what is known of the feature and the
 * currency that it names; the caller gathers the latter.
 */
#ifndef CATALOG_PLAN_CARD_RULES_H
#define CATALOG_PLAN_CARD_RULES_H

#include "catalog/plan_card.h"
#include "catalog/plan_issue.h"

/* What is known of a custom currency. */
struct currency_facts {
    bool is_found;
    bool has_cost_basis; /* a rate in the fiat currency that holds now */
};

/* What is known of what one rate card refers to. All false: it has no feature. */
struct card_facts {
    bool has_reference;
    bool is_found;
    bool is_archived;
    bool is_metered; /* the feature has a meter */
    bool is_other;   /* the card names id and key, of two features */
    struct feature_id id;
    text key;
    bool has_unknown_tax_code;
    struct currency_facts currency; /* of the card's own, when that is a custom one */
};

/* What the card stands in. */
struct card_setting {
    text currency;              /* that holds when the card has none */
    span billing_cadence;       /* which the card's has to fit; zero: none */
    bool is_settled_by_credits; /* credit_only: no rate into money is needed */
};

/* Adds all that is wrong with a card at `place`, in the card's order. */
void card_issues_add(struct plan_issues *issues, const struct issue_place *place,
                     const struct rate_card *card, const struct card_facts *facts,
                     const struct card_setting *setting);

/* Adds what v1 has no words for. */
void card_issues_of_v1(struct plan_issues *issues, const struct issue_place *place,
                       const struct rate_card *card);

/* Whether one of the cards before has the same key. */
bool rate_card_is_duplicate(const struct rate_card *cards, size_t index);

#endif
