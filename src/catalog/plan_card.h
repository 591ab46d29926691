/* plan_card.h: rate cards: what one thing costs, what it entitles to, how it is taxed. Plans have
 * them in phases; a subscription keeps the ones that it was made from.
 *
 * Plain members are what rules and bills use. Members marked "view" say the same in the shape of
 * one dialect: rate_card_mirror fills them before a card is printed, requests come in through them
 * (plan_input.h). For who keeps cards elsewhere: after reading them through rate_card_fields from a
 * row, call rate_card_mirror on each.
 *
 * Not here: what a card may say (plan_card_rules.h), the tax codes and entitlements it leads to.
 */
#ifndef CATALOG_PLAN_CARD_H
#define CATALOG_PLAN_CARD_H

#include "base/span.h"
#include "catalog/feature.h"
#include "catalog/pricing.h"
#include "catalog/tax_code.h"

/* v1's two kinds of rate card. */
enum rate_card_type { RATE_CARD_FLAT_FEE, RATE_CARD_USAGE_BASED, RATE_CARD_TYPE_COUNT };

enum rate_card_entitlement_type {
    RATE_CARD_METERED,
    RATE_CARD_STATIC,
    RATE_CARD_BOOLEAN,
    RATE_CARD_ENTITLEMENT_COUNT
};

/* What a subscriber is entitled to by a rate card: the template of an entitlement. */
struct rate_card_entitlement {
    enum rate_card_entitlement_type type;
    struct text_map labels; /* v1's metadata */

    bool is_soft_limit;                 /* metered: access goes on beyond the limit */
    dec issue_after_reset;              /* metered: granted at each reset; invalid: not said */
    int64_t issue_after_reset_priority; /* metered: of that grant, 1 to 255; 0: not said */
    bool preserve_overage_at_reset;     /* metered: overage is taken into the next period */
    span usage_period; /* metered: between resets; the card's cadence unless said */
    text config;       /* static: a JSON object */

    bool has_is_soft_limit; /* views from here */
    bool has_preserve_overage;
    text config_text; /* v1: the config as a string */
};

enum tax_behavior { TAX_INCLUSIVE, TAX_EXCLUSIVE, TAX_BEHAVIOR_COUNT };

/* What one provider calls the tax code; v1 only. */
struct card_tax_provider {
    text code;
};

struct rate_card_tax {
    int behavior; /* enum tax_behavior, or FIELD_ENUM_NONE: the billing profile's */
    struct tax_code_reference code; /* its id is zero when the card names none */
    struct card_tax_provider stripe;
    struct card_tax_provider custom_invoicing;

    bool has_code; /* which of them are there; views of v1 and v3 */
    bool has_stripe;
    bool has_custom_invoicing;
    text code_key; /* view, in price lists: the tax code by its key */
};

/* View, v3: `feature: {id}`; a request may name the key, too, or instead. */
struct rate_card_feature {
    struct feature_id id;
    text key;
};

/* What one thing costs in a phase. */
struct rate_card {
    text key;
    text name;
    text description;
    struct text_map labels;
    struct feature_id feature_id; /* zero when the card has no feature */
    text feature_key;             /* empty when the card has no feature */
    text currency;                /* v3: in place of the plan's; empty: the plan's */
    span billing_cadence;         /* zero: once */
    struct price_terms terms;
    enum payment_term payment_term;
    bool has_entitlement;
    struct rate_card_entitlement entitlement;
    bool has_tax_config;
    struct rate_card_tax tax_config;

    bool has_feature; /* views from here */
    struct rate_card_feature feature;
    struct pricing pricing;
    int type;               /* enum rate_card_type, or FIELD_ENUM_NONE before rate_card_mirror */
    bool has_tax_config_v3; /* v3 has no tax config without a code */
};

/* The card as request, response and part of a row. */
extern const struct fields rate_card_fields;

/* How something is taxed, in either dialect; the store keeps v1's. */
extern const struct fields rate_card_tax_v1_fields;
extern const struct fields rate_card_tax_v3_fields;

/* Whether the card's charge depends on usage. */
bool rate_card_is_metered(const struct rate_card *card);

/* Fills a card's views from its plain members; what they need besides is in the arena. */
void rate_card_mirror(struct rate_card *card, struct arena *arena);

#endif
