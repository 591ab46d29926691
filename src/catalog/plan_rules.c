/* plan_rules.c: one walk through the plan, in its order. */
#include "catalog/plan_rules.h"

#include "catalog/cadence.h"
#include "catalog/plan_currency.h"

static bool phase_is_duplicate(const struct plan *plan, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (text_equal(plan_phase_at(plan, i)->key, plan_phase_at(plan, index)->key))
            return true;
    }
    return false;
}

static void walk_duration(struct plan_issues *issues, const struct issue_place *place,
                          span duration, bool is_last)
{
    bool has_duration = !span_is_zero(duration);
    if (!has_duration && !is_last)
        issue_add(issues, place, RULE_PHASE_NEEDS_DURATION, "duration", "duration");
    if (has_duration && is_last)
        issue_add(issues, place, RULE_LAST_PHASE_HAS_DURATION, "duration", "duration");
    if (has_duration && !cadence_is_hour_or_more(duration))
        issue_add(issues, place, RULE_PHASE_TOO_SHORT, "duration", "duration");
}

static void walk_plan(struct plan_issues *issues, const struct plan *plan,
                      const struct currency_facts *currency)
{
    const struct issue_place root = issue_root();
    enum plan_currency_kind kind = plan_currency_kind(plan->currency);
    if (kind == PLAN_CURRENCY_INVALID)
        issue_add(issues, &root, RULE_CURRENCY_INVALID, "currency", "currency");
    if (kind == PLAN_CURRENCY_CUSTOM && !currency->is_found)
        issue_add(issues, &root, RULE_CURRENCY_ABSENT, "currency", "currency");
    if (!cadence_is_plan_cadence(plan->billing_cadence))
        issue_add(issues, &root, RULE_BILLING_CADENCE, "billing_cadence", "billingCadence");
    if (plan->has_alignment && !plan->alignment.billables_must_align)
        issue_add(issues, &root, RULE_UNALIGNED_SUBSCRIPTION, "alignment.billables_must_align",
                  "alignment.billablesMustAlign");
    if (plan->phases.count == 0)
        issue_add(issues, &root, RULE_NO_PHASES, "phases", "phases");
}

size_t plan_card_count(const struct plan *plan)
{
    CHECK(plan != NULL);
    size_t count = 0;
    for (size_t p = 0; p < plan->phases.count; p++)
        count += plan_phase_at(plan, p)->rate_cards.count;
    return count;
}

/* The phase's place in the plan. */
static struct issue_place phase_place(const struct plan_phase *phase, struct arena *arena)
{
    const struct issue_place root = issue_root();
    return issue_item(&root, "phases", "phases", phase->key, arena);
}

/* The card's place in its phase. */
static struct issue_place card_place(const struct issue_place *phase, const struct rate_card *card,
                                     struct arena *arena)
{
    return issue_item(phase, "rate_cards", "rateCards", card->key, arena);
}

/* The rate cards of one list. */
static void walk_cards(struct plan_issues *issues, const struct issue_place *in,
                       const struct list *cards, const struct card_facts *facts,
                       const struct card_setting *setting)
{
    const struct rate_card *items = cards->items;
    for (size_t c = 0; c < cards->count; c++) {
        const struct issue_place at = card_place(in, &items[c], issues->arena);
        if (rate_card_is_duplicate(items, c))
            issue_add(issues, &at, RULE_CARD_DUPLICATED, "key", "key");
        card_issues_add(issues, &at, &items[c], &facts[c], setting);
    }
}

static void walk_phase(struct plan_issues *issues, const struct plan *plan, size_t index,
                       const struct card_facts *facts)
{
    const struct plan_phase *phase = plan_phase_at(plan, index);
    const struct issue_place place = phase_place(phase, issues->arena);
    const struct card_setting setting = {
        .currency = plan->currency,
        .billing_cadence = plan->billing_cadence,
        .is_settled_by_credits = plan->settlement_mode == SETTLEMENT_CREDIT_ONLY,
    };
    if (phase_is_duplicate(plan, index))
        issue_add(issues, &place, RULE_PHASE_DUPLICATED, "key", "key");
    walk_duration(issues, &place, phase->duration, index + 1 == plan->phases.count);
    if (phase->rate_cards.count == 0)
        issue_add(issues, &place, RULE_PHASE_EMPTY, "rate_cards", "rateCards");
    walk_cards(issues, &place, &phase->rate_cards, facts, &setting);
}

struct list rate_card_list_issues(const struct list *cards, const struct plan_facts *facts,
                                  struct arena *arena)
{
    CHECK(cards != NULL && facts != NULL);
    CHECK(facts->count == cards->count);
    struct plan_issues issues = { .arena = arena };
    const struct issue_place root = issue_root();
    const struct card_setting setting = { .currency = facts->addon_currency };
    walk_cards(&issues, &root, cards, facts->cards, &setting);
    return (struct list){ issues.items, issues.count };
}

struct list plan_issues(const struct plan *plan, const struct plan_facts *facts,
                        struct arena *arena)
{
    CHECK(plan != NULL && facts != NULL);
    CHECK(facts->count == plan_card_count(plan));
    struct plan_issues issues = { .arena = arena };
    const struct card_facts *cards = facts->cards;
    walk_plan(&issues, plan, &facts->currency);
    for (size_t p = 0; p < plan->phases.count; p++) {
        walk_phase(&issues, plan, p, cards);
        cards += plan_phase_at(plan, p)->rate_cards.count;
    }
    return (struct list){ issues.items, issues.count };
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

struct list plan_issues_of_v1(const struct plan *plan, struct arena *arena)
{
    CHECK(plan != NULL && arena != NULL);
    struct plan_issues issues = { .arena = arena };
    const struct issue_place root = issue_root();
    if (plan_currency_kind(plan->currency) != PLAN_CURRENCY_FIAT)
        issue_add(&issues, &root, RULE_V1_CURRENCY, "currency", "currency");
    for (size_t p = 0; p < plan->phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(plan, p);
        const struct issue_place place = phase_place(phase, arena);
        for (size_t c = 0; c < phase->rate_cards.count; c++) {
            const struct issue_place at = card_place(&place, rate_card_at(phase, c), arena);
            card_issues_of_v1(&issues, &at, rate_card_at(phase, c));
        }
    }
    return (struct list){ issues.items, issues.count };
}
