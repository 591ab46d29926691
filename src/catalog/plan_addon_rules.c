/* plan_addon_rules.c: whether an add-on fits a plan.
 *
 * A rate card of the add-on whose key a card of the plan has, in the phases in which the add-on can
 * be bought, adds to what that card charges: so both have to charge in the same way, and flat.
 */
#include "catalog/cadence.h"
#include "catalog/plan_addon.h"

enum link_rule {
    LINK_STATUS,
    LINK_QUANTITY_UNSET,
    LINK_QUANTITY_SET,
    LINK_CURRENCY,
    LINK_PHASE,
    LINK_UNALIGNED,
    LINK_PRICE_TYPE,
    LINK_NOT_FLAT,
    LINK_PAYMENT_TERM,
    LINK_FEATURE_KEY,
    LINK_FEATURE_ID,
    LINK_CADENCE,
    LINK_UNIT_CONFIG,
    LINK_ENTITLEMENT_TYPE,
    LINK_STATIC,
    LINK_USAGE_PERIOD,
    LINK_PERCENTAGE,
    LINK_COUNT
};

static const struct {
    const char *code;
    const char *message;
} rules[] = {
    [LINK_STATUS] = { "plan_addon_incompatible_status",
                      "the plan has to be a draft, scheduled or active, and the add-on active" },
    [LINK_QUANTITY_UNSET] = { "plan_addon_max_quantity_must_be_set",
                              "the maximum quantity is 1 or more" },
    [LINK_QUANTITY_SET] = { "plan_addon_max_quantity_must_not_be_set",
                            "a single add-on has no maximum quantity" },
    [LINK_CURRENCY] = { "plan_addon_currency_mismatch", "plan and add-on have one currency" },
    [LINK_PHASE] = { "plan_addon_unknown_plan_phase_key", "the plan has no such phase" },
    [LINK_UNALIGNED] = { "rate_card_billing_cadence_unaligned",
                         "the billing cadence must divide the plan's, or be divided by it" },
    [LINK_PRICE_TYPE] = { "rate_card_price_type_mismatch",
                          "the plan's rate card of this key has another type of price" },
    [LINK_NOT_FLAT] = { "rate_card_only_flat_price_allowed",
                        "only flat prices of one key can be added up" },
    [LINK_PAYMENT_TERM] = { "rate_card_price_payment_term_mismatch",
                            "the plan's rate card of this key has another payment term" },
    [LINK_FEATURE_KEY] = { "rate_card_feature_key_mismatch",
                           "the plan's rate card of this key has another feature, or none" },
    [LINK_FEATURE_ID] = { "rate_card_feature_id_mismatch",
                          "the plan's rate card of this key has an older or newer feature" },
    [LINK_CADENCE] = { "rate_card_billing_cadence_mismatch",
                       "the plan's rate card of this key has another billing cadence" },
    [LINK_UNIT_CONFIG] = { "addon_rate_card_unit_config_mismatch",
                           "the plan's rate card of this key converts units in another way" },
    [LINK_ENTITLEMENT_TYPE] = { "rate_card_entitlement_template_type_mismatch",
                                "the plan's rate card of this key has another entitlement" },
    [LINK_STATIC] = { "rate_card_static_entitlement_template_not_allowed",
                      "static entitlements cannot be added up" },
    [LINK_USAGE_PERIOD] = { "rate_card_metered_entitlement_template_usage_period_mismatch",
                            "the plan's rate card of this key resets usage at other times" },
    [LINK_PERCENTAGE] = { "rate_card_percentage_discount_not_allowed",
                          "prices that are added up have no percentage discount" },
};

_Static_assert(COUNT_OF(rules) == LINK_COUNT, "one row per rule");

/* Issues of one card, or of the link itself: each rule once, so that a key in several phases is not
 * reported over and over. */
struct walk {
    struct arena *arena;
    struct plan_issue *items; /* with room for every rule of every card and of the link */
    size_t count;
    bool is_broken[LINK_COUNT];
};

static void add(struct walk *walk, enum link_rule rule, text field, text field_v1)
{
    CHECK((int)rule >= 0 && rule < LINK_COUNT);
    walk->items[walk->count++] = (struct plan_issue){
        .code = text_of(rules[rule].code),
        .message = text_of(rules[rule].message),
        .field = field,
        .field_v1 = field_v1,
        .attributes = plan_issue_attributes(field, walk->arena),
    };
}

static const char *const members[LINK_COUNT][2] = {
    [LINK_UNALIGNED] = { "billing_cadence", "billingCadence" },
    [LINK_PRICE_TYPE] = { "price", "price" },
    [LINK_NOT_FLAT] = { "price", "price" },
    [LINK_PAYMENT_TERM] = { "payment_term", "price.paymentTerm" },
    [LINK_FEATURE_KEY] = { "feature", "featureKey" },
    [LINK_FEATURE_ID] = { "feature", "featureKey" },
    [LINK_CADENCE] = { "billing_cadence", "billingCadence" },
    [LINK_UNIT_CONFIG] = { "unit_config", "unitConfig" },
    [LINK_ENTITLEMENT_TYPE] = { "entitlement", "entitlementTemplate" },
    [LINK_STATIC] = { "entitlement", "entitlementTemplate" },
    [LINK_USAGE_PERIOD] = { "entitlement.usage_period", "entitlementTemplate.usagePeriod" },
    [LINK_PERCENTAGE] = { "discounts.percentage", "discounts.percentage" },
};

/* Adds what was found of a card, in the order of the rules. */
static void add_of_card(struct walk *walk, const struct rate_card *card)
{
    for (size_t r = 0; r < LINK_COUNT; r++) {
        if (!walk->is_broken[r])
            continue;
        walk->is_broken[r] = false;
        add(walk, (enum link_rule)r,
            text_format(walk->arena, "$.addon.rate_cards[?(@.key=='%.*s')].%s", TEXT_ARG(card->key),
                        members[r][0]),
            text_format(walk->arena, "$.addon.rateCards[?(@.key=='%.*s')].%s", TEXT_ARG(card->key),
                        members[r][1]));
    }
}

static void walk_link(struct walk *walk, const struct plan_addon *link, const struct plan *plan,
                      const struct addon *addon)
{
    bool is_single = addon->instance_type == ADDON_SINGLE;
    if (plan->status == PLAN_ARCHIVED || plan->status == PLAN_INCONSISTENT ||
        addon->status != PLAN_ACTIVE)
        add(walk, LINK_STATUS, TEXT("$.addon"), TEXT("$.addon"));
    if (!is_single && link->max_quantity < 0)
        add(walk, LINK_QUANTITY_UNSET, TEXT("$.max_quantity"), TEXT("$.maxQuantity"));
    if (is_single && link->max_quantity != 0)
        add(walk, LINK_QUANTITY_SET, TEXT("$.max_quantity"), TEXT("$.maxQuantity"));
    if (!text_equal(plan->currency, addon->currency))
        add(walk, LINK_CURRENCY, TEXT("$.addon.currency"), TEXT("$.addon.currency"));
}

static bool unit_config_is_same(const struct price_terms *a, const struct price_terms *b)
{
    const struct unit_config *x = &a->unit_config;
    const struct unit_config *y = &b->unit_config;
    if (!a->has_unit_config || !b->has_unit_config)
        return a->has_unit_config == b->has_unit_config;
    return x->operation == y->operation && x->rounding == y->rounding &&
           x->precision == y->precision &&
           dec_compare(x->conversion_factor, y->conversion_factor) == 0;
}

static bool has_percentage(const struct rate_card *card)
{
    dec percentage = card->terms.percentage_discount;
    return dec_is_valid(percentage) && dec_sign(percentage) != 0;
}

static void compare_entitlements(bool is_broken[LINK_COUNT],
                                 const struct rate_card_entitlement *ours,
                                 const struct rate_card_entitlement *theirs)
{
    bool is_same_type = ours->type == theirs->type;
    is_broken[LINK_ENTITLEMENT_TYPE] |= !is_same_type;
    is_broken[LINK_STATIC] |= is_same_type && ours->type == RATE_CARD_STATIC;
    is_broken[LINK_USAGE_PERIOD] |= is_same_type && ours->type == RATE_CARD_METERED &&
                                    !span_equal(ours->usage_period, theirs->usage_period);
}

/* A card of the add-on against the plan's card of the same key. */
static void compare(bool is_broken[LINK_COUNT], const struct rate_card *ours,
                    const struct rate_card *theirs)
{
    enum price_type type = ours->terms.price.type;
    bool is_same_type = type == theirs->terms.price.type;
    bool is_same_feature = text_equal(ours->feature_key, theirs->feature_key);
    is_broken[LINK_PRICE_TYPE] |= !is_same_type;
    is_broken[LINK_NOT_FLAT] |= is_same_type && type != PRICE_FLAT && type != PRICE_FREE;
    is_broken[LINK_PAYMENT_TERM] |= is_same_type && type == PRICE_FLAT &&
                                    ours->payment_term != theirs->payment_term;
    is_broken[LINK_FEATURE_KEY] |= !is_same_feature;
    is_broken[LINK_FEATURE_ID] |= is_same_feature &&
                                  !ulid_equal(ours->feature_id.ulid, theirs->feature_id.ulid);
    is_broken[LINK_CADENCE] |= !span_equal(ours->billing_cadence, theirs->billing_cadence);
    is_broken[LINK_UNIT_CONFIG] |= !unit_config_is_same(&ours->terms, &theirs->terms);
    if (ours->has_entitlement && theirs->has_entitlement)
        compare_entitlements(is_broken, &ours->entitlement, &theirs->entitlement);
    is_broken[LINK_PERCENTAGE] |= has_percentage(ours) || has_percentage(theirs);
}

static void walk_card(struct walk *walk, const struct rate_card *card, const struct plan *plan,
                      size_t from)
{
    bool is_charged = card->terms.price.type != PRICE_FREE && !span_is_zero(card->billing_cadence);
    walk->is_broken[LINK_UNALIGNED] = is_charged &&
                                      !cadence_aligns(plan->billing_cadence, card->billing_cadence);
    for (size_t p = from; p < plan->phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(plan, p);
        for (size_t c = 0; c < phase->rate_cards.count; c++) {
            if (text_equal(rate_card_at(phase, c)->key, card->key))
                compare(walk->is_broken, card, rate_card_at(phase, c));
        }
    }
    add_of_card(walk, card);
}

struct list plan_addon_issues(const struct plan_addon *link, const struct plan *plan,
                              const struct addon *addon, struct arena *arena)
{
    CHECK(link != NULL && plan != NULL && addon != NULL);
    size_t room = (size_t)LINK_COUNT * (1 + addon->rate_cards.count);
    struct walk walk = { .arena = arena, .items = ARENA_ARRAY(arena, struct plan_issue, room) };
    const struct rate_card *cards = addon->rate_cards.items;
    size_t from = 0;
    while (from < plan->phases.count &&
           !text_equal(plan_phase_at(plan, from)->key, link->from_plan_phase))
        from++;
    walk_link(&walk, link, plan, addon);
    if (from == plan->phases.count)
        add(&walk, LINK_PHASE, TEXT("$.from_plan_phase"), TEXT("$.fromPlanPhase"));
    for (size_t i = 0; i < addon->rate_cards.count; i++)
        walk_card(&walk, &cards[i], plan, from);
    CHECK(walk.count <= room);
    return (struct list){ walk.items, walk.count };
}
