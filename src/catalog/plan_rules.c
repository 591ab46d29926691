/* plan_rules.c: one walk through the plan, in its order; one row per rule. */
#include "catalog/plan_rules.h"

#include "base/money.h"
#include "catalog/cadence.h"

enum plan_rule {
    RULE_CURRENCY_INVALID,
    RULE_BILLING_CADENCE,
    RULE_UNALIGNED_SUBSCRIPTION,
    RULE_NO_PHASES,
    RULE_PHASE_DUPLICATED,
    RULE_PHASE_NEEDS_DURATION,
    RULE_LAST_PHASE_HAS_DURATION,
    RULE_PHASE_TOO_SHORT,
    RULE_PHASE_EMPTY,
    RULE_CARD_DUPLICATED,
    RULE_CARD_KEY,
    RULE_FEATURE_ABSENT,
    RULE_FEATURE_ARCHIVED,
    RULE_USAGE_WITHOUT_FEATURE,
    RULE_USAGE_WITHOUT_METER,
    RULE_ENTITLEMENT_WITHOUT_FEATURE,
    RULE_CARD_CADENCE,
    RULE_CARD_UNALIGNED,
    RULE_PERCENTAGE,
    RULE_FREE_UNITS_OF_FEE,
    RULE_UNIT_CONFIG_OF_FEE,
    RULE_COUNT
};

static const struct {
    const char *code;
    const char *message;
    bool is_critical;
} rules[] = {
    [RULE_CURRENCY_INVALID] = { "currency_invalid", "the currency is not an ISO 4217 code", true },
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
    [RULE_CARD_DUPLICATED] = { "rate_card_duplicated_key",
                               "another rate card of the phase has the same key", true },
    [RULE_CARD_KEY] = { "rate_card_key_feature_key_mismatch",
                        "the rate card's key must be its feature's key", true },
    [RULE_FEATURE_ABSENT] = { "rate_card_feature_not_found", "there is no such feature", true },
    [RULE_FEATURE_ARCHIVED] = { "rate_card_feature_archived", "the feature is archived", true },
    [RULE_USAGE_WITHOUT_FEATURE] = { "usage_based_price_with_no_feature",
                                     "a price per unit needs a feature to measure", false },
    [RULE_USAGE_WITHOUT_METER] = { "usage_based_price_with_feature_and_no_meter",
                                   "a price per unit needs a feature with a meter", false },
    [RULE_ENTITLEMENT_WITHOUT_FEATURE] = { "entitlement_template_with_no_feature",
                                           "an entitlement needs a feature to allow", false },
    [RULE_CARD_CADENCE] = { "billing_cadence_invalid_value",
                            "the billing cadence must be an hour or longer; a price per unit "
                            "needs one",
                            false },
    [RULE_CARD_UNALIGNED] = { "rate_card_billing_cadence_unaligned",
                              "the billing cadence must divide the plan's, or be divided by it",
                              false },
    [RULE_PERCENTAGE] = { "percentage_discount_invalid_value",
                          "a percentage discount is between 0 and 100", true },
    [RULE_FREE_UNITS_OF_FEE] = { "usage_discount_with_flat_price",
                                 "a flat price has no usage to discount", false },
    [RULE_UNIT_CONFIG_OF_FEE] = { "unit_config_requires_usage_based_price",
                                  "only a unit, graduated or volume price has units to convert",
                                  false },
};

_Static_assert(COUNT_OF(rules) == RULE_COUNT, "one row per rule");

/* The issues found so far, and where the walk through the plan stands. */
struct walk {
    struct arena *arena;
    const struct plan_phase *phase; /* NULL at the plan itself */
    const struct rate_card *card;   /* NULL at the phase itself */
    struct plan_issue *items;
    size_t count;
    size_t room;
};

static text place_text(const struct walk *walk, const char *cards, const char *member)
{
    struct buffer b = { .arena = walk->arena };
    buffer_add_cstr(&b, "$");
    if (walk->phase != NULL)
        buffer_format(&b, ".phases[?(@.key=='%.*s')]", TEXT_ARG(walk->phase->key));
    if (walk->card != NULL)
        buffer_format(&b, ".%s[?(@.key=='%.*s')]", cards, TEXT_ARG(walk->card->key));
    if (member[0] != '\0')
        buffer_format(&b, ".%s", member);
    return buffer_text(&b);
}

/* Adds an issue at the member where the walk stands, under its names in v3 and v1; "" for the
 * place itself. */
static void issue_add(struct walk *walk, enum plan_rule rule, const char *member,
                      const char *member_v1)
{
    CHECK((int)rule >= 0 && rule < RULE_COUNT);
    if (walk->count == walk->room) {
        size_t room = walk->room == 0 ? 8 : walk->room * 2;
        struct plan_issue *items = ARENA_ARRAY(walk->arena, struct plan_issue, room);
        for (size_t i = 0; i < walk->count; i++)
            items[i] = walk->items[i];
        walk->items = items;
        walk->room = room;
    }
    walk->items[walk->count++] = (struct plan_issue){
        .code = text_of(rules[rule].code),
        .message = text_of(rules[rule].message),
        .field = place_text(walk, "rate_cards", member),
        .field_v1 = place_text(walk, "rateCards", member_v1),
        .is_critical = rules[rule].is_critical,
    };
}

static void walk_feature(struct walk *walk, const struct card_facts *facts)
{
    const struct rate_card *card = walk->card;
    if (!facts->has_reference) {
        if (rate_card_is_metered(card))
            issue_add(walk, RULE_USAGE_WITHOUT_FEATURE, "feature", "featureKey");
        if (card->has_entitlement)
            issue_add(walk, RULE_ENTITLEMENT_WITHOUT_FEATURE, "entitlement", "entitlementTemplate");
        return;
    }
    if (!facts->is_found) {
        issue_add(walk, RULE_FEATURE_ABSENT, "feature", "featureKey");
        return;
    }
    if (facts->is_archived)
        issue_add(walk, RULE_FEATURE_ARCHIVED, "feature", "featureKey");
    if (!text_equal(card->key, facts->key))
        issue_add(walk, RULE_CARD_KEY, "key", "key");
    if (rate_card_is_metered(card) && !facts->is_metered)
        issue_add(walk, RULE_USAGE_WITHOUT_METER, "feature", "featureKey");
}

static void walk_cadence(struct walk *walk, span plan_cadence)
{
    const struct rate_card *card = walk->card;
    bool is_once = span_is_zero(card->billing_cadence);
    bool is_invalid = is_once ? rate_card_is_metered(card)
                              : !cadence_is_hour_or_more(card->billing_cadence);
    if (is_invalid)
        issue_add(walk, RULE_CARD_CADENCE, "billing_cadence", "billingCadence");
    if (is_invalid || is_once || card->terms.price.type == PRICE_FREE)
        return;
    if (!span_is_zero(plan_cadence) && !cadence_aligns(plan_cadence, card->billing_cadence))
        issue_add(walk, RULE_CARD_UNALIGNED, "billing_cadence", "billingCadence");
}

static void walk_terms(struct walk *walk)
{
    const struct price_terms *terms = &walk->card->terms;
    bool is_metered = price_is_metered(terms->price.type);
    dec percentage = terms->percentage_discount;

    if (dec_is_valid(percentage) &&
        (dec_sign(percentage) < 0 || dec_compare(percentage, dec_of_int(100)) > 0))
        issue_add(walk, RULE_PERCENTAGE, "discounts.percentage", "discounts.percentage");
    if (dec_is_valid(terms->usage_discount) && !is_metered)
        issue_add(walk, RULE_FREE_UNITS_OF_FEE, "discounts.usage", "discounts.usage");
    if (terms->has_unit_config && !is_metered)
        issue_add(walk, RULE_UNIT_CONFIG_OF_FEE, "unit_config", "unitConfig");
}

static bool card_is_duplicate(const struct plan_phase *phase, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (text_equal(rate_card_at(phase, i)->key, rate_card_at(phase, index)->key))
            return true;
    }
    return false;
}

static bool phase_is_duplicate(const struct plan *plan, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (text_equal(plan_phase_at(plan, i)->key, plan_phase_at(plan, index)->key))
            return true;
    }
    return false;
}

static void walk_duration(struct walk *walk, bool is_last)
{
    bool has_duration = !span_is_zero(walk->phase->duration);
    if (!has_duration && !is_last)
        issue_add(walk, RULE_PHASE_NEEDS_DURATION, "duration", "duration");
    if (has_duration && is_last)
        issue_add(walk, RULE_LAST_PHASE_HAS_DURATION, "duration", "duration");
    if (has_duration && !cadence_is_hour_or_more(walk->phase->duration))
        issue_add(walk, RULE_PHASE_TOO_SHORT, "duration", "duration");
}

static void walk_plan(struct walk *walk, const struct plan *plan)
{
    if (currency_find(plan->currency) == NULL)
        issue_add(walk, RULE_CURRENCY_INVALID, "currency", "currency");
    if (!cadence_is_plan_cadence(plan->billing_cadence))
        issue_add(walk, RULE_BILLING_CADENCE, "billing_cadence", "billingCadence");
    if (plan->has_alignment && !plan->alignment.billables_must_align)
        issue_add(walk, RULE_UNALIGNED_SUBSCRIPTION, "alignment.billables_must_align",
                  "alignment.billablesMustAlign");
    if (plan->phases.count == 0)
        issue_add(walk, RULE_NO_PHASES, "phases", "phases");
}

/* The rate cards of a phase; `cadence` is what theirs has to align with, zero: nothing. */
static void walk_cards(struct walk *walk, const struct plan_phase *phase,
                       const struct card_facts *facts, span cadence)
{
    for (size_t c = 0; c < phase->rate_cards.count; c++) {
        walk->card = rate_card_at(phase, c);
        if (card_is_duplicate(phase, c))
            issue_add(walk, RULE_CARD_DUPLICATED, "key", "key");
        walk_feature(walk, &facts[c]);
        walk_cadence(walk, cadence);
        walk_terms(walk);
    }
}

struct list rate_card_list_issues(const struct list *cards, const struct plan_facts *facts,
                                  struct arena *arena)
{
    CHECK(cards != NULL && facts != NULL);
    CHECK(facts->count == cards->count);
    struct walk walk = { .arena = arena };
    const struct plan_phase phase = { .rate_cards = *cards };
    walk_cards(&walk, &phase, facts->cards, SPAN_NONE);
    return (struct list){ walk.items, walk.count };
}

size_t plan_card_count(const struct plan *plan)
{
    CHECK(plan != NULL);
    size_t count = 0;
    for (size_t p = 0; p < plan->phases.count; p++)
        count += plan_phase_at(plan, p)->rate_cards.count;
    return count;
}

struct list plan_issues(const struct plan *plan, const struct plan_facts *facts,
                        struct arena *arena)
{
    CHECK(plan != NULL && facts != NULL);
    CHECK(facts->count == plan_card_count(plan));
    struct walk walk = { .arena = arena };
    const struct card_facts *card_facts = facts->cards;
    walk_plan(&walk, plan);
    for (size_t p = 0; p < plan->phases.count; p++) {
        walk.phase = plan_phase_at(plan, p);
        walk.card = NULL;
        if (phase_is_duplicate(plan, p))
            issue_add(&walk, RULE_PHASE_DUPLICATED, "key", "key");
        walk_duration(&walk, p + 1 == plan->phases.count);
        if (walk.phase->rate_cards.count == 0)
            issue_add(&walk, RULE_PHASE_EMPTY, "rate_cards", "rateCards");
        walk_cards(&walk, walk.phase, card_facts, plan->billing_cadence);
        card_facts += walk.phase->rate_cards.count;
    }
    return (struct list){ walk.items, walk.count };
}

struct list plan_issues_select(const struct list *issues, bool is_critical, struct arena *arena)
{
    CHECK(issues != NULL);
    const struct plan_issue *items = issues->items;
    struct plan_issue *selected = ARENA_ARRAY(arena, struct plan_issue, issues->count);
    size_t count = 0;
    for (size_t i = 0; i < issues->count; i++) {
        if (items[i].is_critical == is_critical)
            selected[count++] = items[i];
    }
    CHECK(count <= issues->count);
    return (struct list){ selected, count };
}
