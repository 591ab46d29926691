/* plan_card_rules.c: the rules of one rate card, in its order. */
#include "catalog/plan_card_rules.h"

#include "catalog/cadence.h"
#include "catalog/plan_currency.h"

/* A card and where issues about it go. */
struct card_walk {
    struct plan_issues *issues;
    const struct issue_place *place;
    const struct rate_card *card;
};

static void add(const struct card_walk *walk, enum plan_rule rule, const char *member,
                const char *member_v1)
{
    issue_add(walk->issues, walk->place, rule, member, member_v1);
}

static void walk_feature(const struct card_walk *walk, const struct card_facts *facts)
{
    const struct rate_card *card = walk->card;
    if (!facts->has_reference) {
        if (rate_card_is_metered(card))
            add(walk, RULE_USAGE_WITHOUT_FEATURE, "feature", "featureKey");
        if (card->has_entitlement)
            add(walk, RULE_ENTITLEMENT_WITHOUT_FEATURE, "entitlement", "entitlementTemplate");
        return;
    }
    if (!facts->is_found) {
        add(walk, RULE_FEATURE_ABSENT, "feature", "featureKey");
        return;
    }
    if (facts->is_other)
        add(walk, RULE_FEATURE_MISMATCH, "feature", "featureKey");
    if (facts->is_archived)
        add(walk, RULE_FEATURE_ARCHIVED, "feature", "featureKey");
    if (!text_equal(card->key, facts->key))
        add(walk, RULE_CARD_KEY, "key", "key");
    if (rate_card_is_metered(card) && !facts->is_metered)
        add(walk, RULE_USAGE_WITHOUT_METER, "feature", "featureKey");
}

static void walk_cadence(const struct card_walk *walk, span whole)
{
    const struct rate_card *card = walk->card;
    bool is_once = span_is_zero(card->billing_cadence);
    bool is_invalid = is_once ? rate_card_is_metered(card)
                              : !cadence_is_hour_or_more(card->billing_cadence);
    if (is_invalid)
        add(walk, RULE_CARD_CADENCE, "billing_cadence", "billingCadence");
    if (is_invalid || is_once || span_is_zero(whole) || card->terms.price.type == PRICE_FREE)
        return;
    if (!cadence_aligns(whole, card->billing_cadence))
        add(walk, RULE_CARD_UNALIGNED, "billing_cadence", "billingCadence");
}

static void walk_terms(const struct card_walk *walk)
{
    const struct price_terms *terms = &walk->card->terms;
    bool is_metered = price_is_metered(terms->price.type);
    dec percentage = terms->percentage_discount;
    bool has_usage = dec_is_valid(terms->usage_discount);

    if (dec_is_valid(percentage) &&
        (dec_sign(percentage) < 0 || dec_compare(percentage, dec_of_int(100)) > 0))
        add(walk, RULE_PERCENTAGE, "discounts.percentage", "discounts.percentage");
    if (has_usage && dec_sign(terms->usage_discount) < 0)
        add(walk, RULE_FREE_UNITS_NEGATIVE, "discounts.usage", "discounts.usage");
    if (has_usage && !is_metered)
        add(walk, RULE_FREE_UNITS_OF_FEE, "discounts.usage", "discounts.usage");
    if (terms->has_unit_config && !is_metered)
        add(walk, RULE_UNIT_CONFIG_OF_FEE, "unit_config", "unitConfig");
}

/* A custom currency in place of a fiat one. */
static void walk_custom_currency(const struct card_walk *walk, const struct currency_facts *facts,
                                 const struct card_setting *setting)
{
    if (!facts->is_found)
        add(walk, RULE_CURRENCY_ABSENT, "currency", "currency");
    else if (!facts->has_cost_basis && !setting->is_settled_by_credits)
        add(walk, RULE_COST_BASIS_ABSENT, "currency", "currency");
}

static void walk_currency(const struct card_walk *walk, const struct currency_facts *facts,
                          const struct card_setting *setting)
{
    text currency = walk->card->currency;
    enum plan_currency_kind kind = plan_currency_kind(currency);

    if (text_is_empty(currency))
        return;
    if (walk->card->terms.price.type == PRICE_FREE)
        add(walk, RULE_CARD_CURRENCY_FREE, "currency", "currency");
    if (kind == PLAN_CURRENCY_INVALID)
        add(walk, RULE_CURRENCY_INVALID, "currency", "currency");
    else if (plan_currency_kind(setting->currency) == PLAN_CURRENCY_CUSTOM)
        add(walk, RULE_CARD_CURRENCY_ON_CUSTOM, "currency", "currency");
    else if (text_equal(currency, setting->currency))
        add(walk, RULE_CARD_CURRENCY_REDUNDANT, "currency", "currency");
    else if (kind == PLAN_CURRENCY_FIAT)
        add(walk, RULE_FIAT_CURRENCIES, "currency", "currency");
    else
        walk_custom_currency(walk, facts, setting);
}

static bool config_is_object(text config, struct arena *arena)
{
    struct json json;
    struct json_fault fault;
    return json_parse(arena, config, &json, &fault) && json.kind == JSON_OBJECT;
}

static void walk_metered(const struct card_walk *walk, const struct rate_card_entitlement *metered)
{
    bool has_limit = dec_is_valid(metered->issue_after_reset);
    if (!has_limit)
        add(walk, RULE_ENTITLEMENT_LIMIT, "entitlement.limit",
            "entitlementTemplate.issueAfterReset");
    if (!has_limit && metered->issue_after_reset_priority > 0)
        add(walk, RULE_ENTITLEMENT_PRIORITY, "entitlement.limit",
            "entitlementTemplate.issueAfterReset");
    if (span_is_zero(metered->usage_period))
        add(walk, RULE_ENTITLEMENT_NO_PERIOD, "entitlement.usage_period",
            "entitlementTemplate.usagePeriod");
    else if (!cadence_is_hour_or_more(metered->usage_period))
        add(walk, RULE_ENTITLEMENT_PERIOD, "entitlement.usage_period",
            "entitlementTemplate.usagePeriod");
}

static void walk_entitlement(const struct card_walk *walk)
{
    const struct rate_card_entitlement *entitlement = &walk->card->entitlement;
    if (!walk->card->has_entitlement)
        return;
    switch (entitlement->type) {
    case RATE_CARD_METERED:
        walk_metered(walk, entitlement);
        return;
    case RATE_CARD_STATIC:
        if (!config_is_object(entitlement->config, walk->issues->arena))
            add(walk, RULE_ENTITLEMENT_CONFIG, "entitlement.config", "entitlementTemplate.config");
        return;
    case RATE_CARD_BOOLEAN:
        return;
    case RATE_CARD_ENTITLEMENT_COUNT:
        break;
    }
    UNREACHABLE();
}

void card_issues_add(struct plan_issues *issues, const struct issue_place *place,
                     const struct rate_card *card, const struct card_facts *facts,
                     const struct card_setting *setting)
{
    CHECK(issues != NULL && place != NULL && card != NULL);
    CHECK(facts != NULL && setting != NULL);
    const struct card_walk walk = { issues, place, card };
    walk_feature(&walk, facts);
    walk_currency(&walk, &facts->currency, setting);
    walk_cadence(&walk, setting->billing_cadence);
    walk_terms(&walk);
    if (facts->has_unknown_tax_code)
        add(&walk, RULE_TAX_CODE_ABSENT, "tax_config.code", "taxConfig.taxCodeId");
    walk_entitlement(&walk);
}

bool rate_card_is_duplicate(const struct rate_card *cards, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (text_equal(cards[i].key, cards[index].key))
            return true;
    }
    return false;
}

void card_issues_of_v1(struct plan_issues *issues, const struct issue_place *place,
                       const struct rate_card *card)
{
    CHECK(issues != NULL && place != NULL && card != NULL);
    if (!text_is_empty(card->currency))
        issue_add(issues, place, RULE_V1_CARD_CURRENCY, "currency", "currency");
    if (card->terms.has_unit_config)
        issue_add(issues, place, RULE_V1_UNIT_CONFIG, "unit_config", "unitConfig");
}
