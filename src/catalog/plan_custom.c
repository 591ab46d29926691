/* plan_custom.c: plans and rate cards that are not kept in the catalog. */
#include "catalog/plan_custom.h"

#include "catalog/plan_input.h"
#include "catalog/plan_inside.h"
#include "catalog/rate_card_flow.h"

enum err plan_custom_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                           const struct plan *input, struct plan *ret)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(input != NULL && ret != NULL);
    struct plan plan;
    struct plan_facts facts;
    if (!plan_input_settle(input, dialect, &cx->problem, &plan))
        return ERR_REFUSED;
    enum err err = plan_gather_facts(cx, tx, &plan, &facts);
    if (err != OK)
        return err;
    struct list issues = plan_issues(&plan, &facts, cx->arena);
    if (issues.count > 0)
        return issues_refuse(cx, FAULT_PLAN_INVALID, dialect, &issues);
    plan.id = (struct plan_id){ 0 };
    plan.key = TEXT_NONE;
    plan.version = 0;
    plan_mirror(&plan, cx->arena);
    *ret = plan;
    return OK;
}

enum err rate_card_custom_check(struct cx *cx, struct store_tx *tx, enum dialect dialect,
                                const struct card_custom_setting *setting, struct rate_card *card)
{
    CHECK(cx != NULL && tx != NULL);
    CHECK(setting != NULL && card != NULL);
    struct card_facts facts;
    struct list one = { card, 1 };
    struct plan_issues issues = { .arena = cx->arena };
    const struct card_setting where = {
        .currency = setting->currency,
        .billing_cadence = setting->billing_cadence,
        .is_settled_by_credits = setting->is_settled_by_credits,
    };
    enum err err = card_facts_gather(cx, tx, &one, setting->currency, &facts);
    if (err != OK)
        return err;
    const struct issue_place root = issue_root();
    const struct issue_place place =
        issue_item(&root, "rate_cards", "rateCards", card->key, cx->arena);
    card_issues_add(&issues, &place, card, &facts, &where);
    struct list found = { issues.items, issues.count };
    if (found.count > 0)
        return issues_refuse(cx, FAULT_PLAN_INVALID, dialect, &found);
    rate_card_mirror(card, cx->arena);
    return OK;
}
