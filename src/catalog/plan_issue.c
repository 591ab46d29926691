/* plan_issue.c: one row per rule, and the list of what was found. */
#include "catalog/plan_issue.h"

static const struct {
    const char *code;
    const char *message;
    bool is_critical;
} rules[] = {
    [RULE_CURRENCY_INVALID] = { "currency_invalid",
                                "the currency is neither an ISO 4217 code nor a custom one", true },
    [RULE_CURRENCY_ABSENT] = { "currency_not_found", "there is no such custom currency", true },
    [RULE_BILLING_CADENCE] = { "plan_billing_cadence_invalid",
                               "the billing cadence must be one of P1W, P2W, P4W, P1M, P3M, P6M, "
                               "P12M, P1Y",
                               true },
    [RULE_UNALIGNED_SUBSCRIPTION] = { "deprecated_unaligned_subscription",
                                      "subscriptions are always aligned", false },
    [RULE_NO_PHASES] = { "plan_with_no_phases", "the plan has no phase", false },
    [RULE_PHASE_DUPLICATED] = { "plan_phase_duplicated_key",
                                "another phase of the plan has the same key", true },
    [RULE_PHASE_NEEDS_DURATION] = { "plan_has_non_last_phase_with_no_duration",
                                    "every phase but the last needs a duration", false },
    [RULE_LAST_PHASE_HAS_DURATION] = { "plan_has_last_phase_with_duration",
                                       "the last phase must not have a duration", false },
    [RULE_PHASE_TOO_SHORT] = { "plan_phase_duration_less_then_an_hour",
                               "a phase must last an hour or longer", false },
    [RULE_PHASE_EMPTY] = { "plan_phase_has_no_rate_cards", "the phase has no rate card", false },
    [RULE_CARD_DUPLICATED] = { "rate_card_duplicated_key", "another rate card has the same key",
                               true },
    [RULE_CARD_KEY] = { "rate_card_key_feature_key_mismatch",
                        "the rate card's key must be its feature's key", true },
    [RULE_FEATURE_ABSENT] = { "rate_card_feature_not_found", "there is no such feature", true },
    [RULE_FEATURE_ARCHIVED] = { "rate_card_feature_archived", "the feature is archived", true },
    [RULE_FEATURE_MISMATCH] = { "rate_card_feature_mismatch",
                                "the feature with this id has another key", true },
    [RULE_USAGE_WITHOUT_FEATURE] = { "usage_based_price_with_no_feature",
                                     "a price per unit needs a feature to measure", false },
    [RULE_USAGE_WITHOUT_METER] = { "usage_based_price_with_feature_and_no_meter",
                                   "a price per unit needs a feature with a meter", false },
    [RULE_CARD_CADENCE] = { "billing_cadence_invalid_value",
                            "the billing cadence must be an hour or longer; a price per unit "
                            "needs one",
                            false },
    [RULE_CARD_UNALIGNED] = { "rate_card_billing_cadence_unaligned",
                              "the billing cadence must divide the plan's, or be divided by it",
                              false },
    [RULE_PERCENTAGE] = { "percentage_discount_invalid_value",
                          "a percentage discount is between 0 and 100", true },
    [RULE_FREE_UNITS_NEGATIVE] = { "usage_discount_negative_quantity",
                                   "there cannot be fewer than no units free of charge", false },
    [RULE_FREE_UNITS_OF_FEE] = { "usage_discount_with_flat_price",
                                 "a flat price has no usage to discount", false },
    [RULE_UNIT_CONFIG_OF_FEE] = { "unit_config_requires_usage_based_price",
                                  "only a unit, graduated or volume price has units to convert",
                                  false },
    [RULE_CARD_CURRENCY_ON_CUSTOM] = { "rate_card_currency_override_not_allowed",
                                       "a custom currency cannot be replaced by another", false },
    [RULE_CARD_CURRENCY_REDUNDANT] = { "rate_card_currency_override_redundant",
                                       "the currency is the one that holds anyway", false },
    [RULE_CARD_CURRENCY_FREE] = { "rate_card_currency_requires_price",
                                  "what is free has no currency", false },
    [RULE_FIAT_CURRENCIES] = { "plan_multiple_fiat_currencies",
                               "a plan has one fiat currency; only a custom one can replace it",
                               false },
    [RULE_COST_BASIS_ABSENT] = { "currency_cost_basis_not_found",
                                 "the custom currency has no rate in the plan's currency now",
                                 false },
    [RULE_TAX_CODE_ABSENT] = { "tax_code_not_found", "there is no such tax code", true },
    [RULE_ENTITLEMENT_WITHOUT_FEATURE] = { "entitlement_template_with_no_feature",
                                           "an entitlement needs a feature to allow", false },
    [RULE_ENTITLEMENT_PRIORITY] = { "entitlement_template_invalid_issue_after_reset_with_priority",
                                    "a priority needs a limit that is granted with it", false },
    [RULE_ENTITLEMENT_LIMIT] = { "entitlement_template_issue_after_reset_required",
                                 "a metered entitlement needs a limit", false },
    [RULE_ENTITLEMENT_NO_PERIOD] = { "entitlement_template_negative_usage_period",
                                     "a metered entitlement needs a usage period, since there is "
                                     "no billing cadence to take it from",
                                     false },
    [RULE_ENTITLEMENT_PERIOD] = { "entitlement_template_usage_period_less_then_an_hour",
                                  "the usage period must be an hour or longer", false },
    [RULE_ENTITLEMENT_CONFIG] = { "entitlement_template_invalid_json_config",
                                  "the config must be a JSON object", true },
    [RULE_V1_CURRENCY] = { "currency_not_representable", "v1 has no custom currencies", true },
    [RULE_V1_CARD_CURRENCY] = { "rate_card_currency_not_representable",
                                "v1 has no currency of a rate card", true },
    [RULE_V1_UNIT_CONFIG] = { "unit_config_not_representable", "v1 has no unit conversion", true },
};

_Static_assert(COUNT_OF(rules) == PLAN_RULE_COUNT, "one row per rule");

#define ITEMS_DEEP_MAX 4 /* as deep as lists of items stand in each other */

struct text_map plan_issue_attributes(text field, struct arena *arena)
{
    static const text opening = TEXT_INIT("[?(@.key=='");
    struct text_pair *pairs = ARENA_ARRAY(arena, struct text_pair, ITEMS_DEEP_MAX);
    size_t count = 0;
    size_t dot = 0;
    for (size_t i = 0; i < field.len && count < ITEMS_DEEP_MAX; i++) {
        if (field.ptr[i] == '.')
            dot = i;
        if (!text_starts_with(text_slice(field, i, field.len), opening))
            continue;
        text rest = text_slice(field, i + opening.len, field.len);
        /* "rate_cards" are named after one of them. */
        text list = text_slice(field, dot + 1, i - dot - 1);
        pairs[count++] =
            (struct text_pair){ text_slice(list, 0, list.len - 1), text_cut(&rest, '\'') };
        i += opening.len;
    }
    return (struct text_map){ pairs, count };
}

struct issue_place issue_root(void)
{
    return (struct issue_place){ TEXT("$"), TEXT("$") };
}

struct issue_place issue_item(const struct issue_place *in, const char *list, const char *list_v1,
                              text key, struct arena *arena)
{
    CHECK(in != NULL && list != NULL && list_v1 != NULL);
    return (struct issue_place){
        .v3 =
            text_format(arena, "%.*s.%s[?(@.key=='%.*s')]", TEXT_ARG(in->v3), list, TEXT_ARG(key)),
        .v1 = text_format(arena, "%.*s.%s[?(@.key=='%.*s')]", TEXT_ARG(in->v1), list_v1,
                          TEXT_ARG(key)),
    };
}

static text member_of(text place, const char *member, struct arena *arena)
{
    return member[0] == '\0' ? place : text_format(arena, "%.*s.%s", TEXT_ARG(place), member);
}

void issue_add(struct plan_issues *issues, const struct issue_place *place, enum plan_rule rule,
               const char *member, const char *member_v1)
{
    CHECK(issues != NULL && place != NULL);
    CHECK((int)rule >= 0 && rule < PLAN_RULE_COUNT);
    ARENA_GROW(issues->arena, issues);
    issues->items[issues->count++] = (struct plan_issue){
        .code = text_of(rules[rule].code),
        .message = text_of(rules[rule].message),
        .field = member_of(place->v3, member, issues->arena),
        .field_v1 = member_of(place->v1, member_v1, issues->arena),
        .is_critical = rules[rule].is_critical,
        .attributes = plan_issue_attributes(place->v3, issues->arena),
    };
}
