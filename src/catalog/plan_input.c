/* plan_input.c: requests of both dialects become one plan. */
#include "catalog/plan_input.h"

#include "catalog/plan_currency.h"

/* v1 has no currencies but those of ISO 4217. What is no currency at all is for the rules. */
static bool currency_settle_v1(const struct plan *plan, struct problem *problem)
{
    static const struct problem_field field = {
        .field = TEXT_INIT("currency"),
        .rule = TEXT_INIT("invalid"),
        .reason = TEXT_INIT("a custom currency is v3's"),
        .code = TEXT_INIT("currency_not_representable"),
        .source = SOURCE_BODY,
    };

    if (plan_currency_kind(plan->currency) != PLAN_CURRENCY_CUSTOM)
        return true;
    problem_add_field(problem, &field);
    return false;
}

static bool phases_settle(struct plan *plan, enum dialect dialect, struct problem *problem)
{
    bool is_settled = true;

    for (size_t p = 0; p < plan->phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(plan, p);
        for (size_t c = 0; c < phase->rate_cards.count; c++) {
            text place = text_format(problem->arena, "phases[%zu].%s[%zu]", p,
                                     dialect == DIALECT_V1 ? "rateCards" : "rate_cards", c);
            is_settled &= rate_card_settle(rate_card_at(phase, c), dialect, place, problem);
        }
    }
    return is_settled;
}

/* A list of the plan's own, so that settling leaves the request alone. */
static struct list list_copy(struct arena *arena, const struct list *from, size_t size)
{
    if (from->count == 0)
        return (struct list){ NULL, 0 };
    return (struct list){ arena_copy(arena, from->items, from->count * size), from->count };
}

bool plan_input_settle(const struct plan *input, enum dialect dialect, struct problem *problem,
                       struct plan *ret)
{
    CHECK(input != NULL && problem != NULL && ret != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    struct plan plan = *input;
    plan.phases = list_copy(problem->arena, &input->phases, sizeof(struct plan_phase));
    for (size_t p = 0; p < plan.phases.count; p++) {
        struct plan_phase *phase = plan_phase_at(&plan, p);
        phase->rate_cards = list_copy(problem->arena, &phase->rate_cards, sizeof(struct rate_card));
    }
    bool is_settled = phases_settle(&plan, dialect, problem);
    if (dialect == DIALECT_V1) {
        is_settled &= currency_settle_v1(&plan, problem);
        plan.is_pro_rating = !plan.has_pro_rating || plan.pro_rating.is_enabled;
    } else {
        plan.has_alignment = false;
    }
    if (!is_settled)
        return false;
    *ret = plan;
    return true;
}
