/* addon_rules.c: the rules of add-ons; those of single rate cards are the plans'. */
#include "catalog/addon_rules.h"

#include "catalog/plan_currency.h"

enum addon_rule {
    RULE_KEY_EMPTY,
    RULE_NAME_EMPTY,
    RULE_INSTANCE_TYPE,
    RULE_CURRENCY,
    RULE_NO_SUCH_CURRENCY,
    RULE_NO_CARDS,
    RULE_MULTIPLE_PRICE,
    RULE_CADENCES,
    RULE_COUNT
};

static const struct {
    const char *code;
    const char *message;
    bool is_critical;
} rules[] = {
    [RULE_KEY_EMPTY] = { "addon_key_empty", "the add-on has no key", true },
    [RULE_NAME_EMPTY] = { "addon_name_empty", "the add-on has no name", false },
    [RULE_INSTANCE_TYPE] = { "addon_invalid_instance_type",
                             "the instance type is single or multiple", true },
    [RULE_CURRENCY] = { "currency_invalid",
                        "the currency is neither an ISO 4217 code nor a custom one", true },
    [RULE_NO_SUCH_CURRENCY] = { "currency_not_found", "there is no such custom currency", true },
    [RULE_NO_CARDS] = { "addon_has_no_rate_cards", "the add-on has no rate card", false },
    [RULE_MULTIPLE_PRICE] = { "addon_invalid_ratecard_price_for_multi_instance",
                              "an add-on that can be bought several times has flat and free prices "
                              "only",
                              false },
    [RULE_CADENCES] = { "rate_card_multiple_billing_cadence",
                        "all prices of an add-on have one billing cadence", false },
};

_Static_assert(COUNT_OF(rules) == RULE_COUNT, "one row per rule");

struct walk {
    struct arena *arena;
    struct plan_issue *items; /* with room for all there can be */
    size_t count;
};

static void add(struct walk *walk, enum addon_rule rule, text field, text field_v1)
{
    walk->items[walk->count++] = (struct plan_issue){
        .code = text_of(rules[rule].code),
        .message = text_of(rules[rule].message),
        .field = field,
        .field_v1 = field_v1,
        .is_critical = rules[rule].is_critical,
        .attributes = plan_issue_attributes(field, walk->arena),
    };
}

static void add_at_card(struct walk *walk, enum addon_rule rule, const struct rate_card *card,
                        const char *const members[2])
{
    add(walk, rule,
        text_format(walk->arena, "$.rate_cards[?(@.key=='%.*s')].%s", TEXT_ARG(card->key),
                    members[0]),
        text_format(walk->arena, "$.rateCards[?(@.key=='%.*s')].%s", TEXT_ARG(card->key),
                    members[1]));
}

static void walk_addon(struct walk *walk, const struct addon *addon,
                       const struct currency_facts *currency)
{
    enum plan_currency_kind kind = plan_currency_kind(addon->currency);
    if (text_is_empty(addon->key))
        add(walk, RULE_KEY_EMPTY, TEXT("$.key"), TEXT("$.key"));
    if (text_is_empty(addon->name))
        add(walk, RULE_NAME_EMPTY, TEXT("$.name"), TEXT("$.name"));
    if (addon->instance_type < 0 || addon->instance_type >= ADDON_INSTANCE_COUNT)
        add(walk, RULE_INSTANCE_TYPE, TEXT("$.instance_type"), TEXT("$.instanceType"));
    if (kind == PLAN_CURRENCY_INVALID)
        add(walk, RULE_CURRENCY, TEXT("$.currency"), TEXT("$.currency"));
    if (kind == PLAN_CURRENCY_CUSTOM && !currency->is_found)
        add(walk, RULE_NO_SUCH_CURRENCY, TEXT("$.currency"), TEXT("$.currency"));
    if (addon->rate_cards.count == 0)
        add(walk, RULE_NO_CARDS, TEXT("$.rate_cards"), TEXT("$.rateCards"));
}

static void walk_cards(struct walk *walk, const struct addon *addon)
{
    static const char *const price[] = { "price", "price" };
    static const char *const cadence[] = { "billing_cadence", "billingCadence" };
    const struct rate_card *cards = addon->rate_cards.items;
    span first = SPAN_NONE;
    for (size_t i = 0; i < addon->rate_cards.count; i++) {
        enum price_type type = cards[i].terms.price.type;
        if (addon->instance_type == ADDON_MULTIPLE && type != PRICE_FREE && type != PRICE_FLAT)
            add_at_card(walk, RULE_MULTIPLE_PRICE, &cards[i], price);
        if (type == PRICE_FREE || span_is_zero(cards[i].billing_cadence))
            continue;
        if (span_is_zero(first))
            first = cards[i].billing_cadence;
        else if (!span_equal(first, cards[i].billing_cadence))
            add_at_card(walk, RULE_CADENCES, &cards[i], cadence);
    }
}

struct list addon_issues(const struct addon *addon, const struct plan_facts *facts,
                         struct arena *arena)
{
    CHECK(addon != NULL && facts != NULL);
    CHECK(facts->count == addon->rate_cards.count);
    struct list of_cards = rate_card_list_issues(&addon->rate_cards, facts, arena);
    const struct plan_issue *items = of_cards.items;
    size_t room = (size_t)RULE_COUNT + 2 * addon->rate_cards.count + of_cards.count;
    struct walk walk = { arena, ARENA_ARRAY(arena, struct plan_issue, room), 0 };
    walk_addon(&walk, addon, &facts->currency);
    walk_cards(&walk, addon);
    for (size_t i = 0; i < of_cards.count; i++)
        walk.items[walk.count++] = items[i];
    CHECK(walk.count <= room);
    return (struct list){ walk.items, walk.count };
}

struct list addon_issues_of_v1(const struct addon *addon, struct arena *arena)
{
    CHECK(addon != NULL && arena != NULL);
    struct plan_issues issues = { .arena = arena };
    const struct issue_place root = issue_root();
    const struct rate_card *cards = addon->rate_cards.items;
    if (plan_currency_kind(addon->currency) != PLAN_CURRENCY_FIAT)
        issue_add(&issues, &root, RULE_V1_CURRENCY, "currency", "currency");
    for (size_t i = 0; i < addon->rate_cards.count; i++) {
        const struct issue_place at =
            issue_item(&root, "rate_cards", "rateCards", cards[i].key, arena);
        card_issues_of_v1(&issues, &at, &cards[i]);
    }
    return (struct list){ issues.items, issues.count };
}
