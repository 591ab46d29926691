/* plan.c: reading plans: parts, status, views. */
#include "catalog/plan.h"

#include "catalog/plan_rules.h"

const char *const plan_status_words[] = { "draft",     "active",  "archived",
                                          "scheduled", "invalid", NULL };
const char *const plan_sort_words[] = { "created_at", "updated_at", "id", "key",
                                        "version",    "name",       NULL };

_Static_assert(COUNT_OF(plan_status_words) == PLAN_STATUS_COUNT + 1, "one word per status");
_Static_assert(COUNT_OF(plan_sort_words) == PLAN_SORT_COUNT + 1, "one word per order");

struct plan_phase *plan_phase_at(const struct plan *plan, size_t i)
{
    CHECK(plan != NULL);
    CHECK(i < plan->phases.count);
    return (struct plan_phase *)plan->phases.items + i;
}

struct rate_card *rate_card_at(const struct plan_phase *phase, size_t i)
{
    CHECK(phase != NULL);
    CHECK(i < phase->rate_cards.count);
    return (struct rate_card *)phase->rate_cards.items + i;
}

/* The wire contract compares strictly, so that a plan is "invalid" at the very instant it becomes
 * effective. Here the period is half-open like every other one: a plan that was published at an
 * instant is active at that instant, also when the (test) clock has not moved since. */
enum plan_status plan_status_at(instant effective_from, instant effective_to, instant t)
{
    CHECK(!instant_is_none(t));
    bool has_end = !instant_is_none(effective_to);
    if (instant_is_none(effective_from))
        return has_end ? PLAN_INCONSISTENT : PLAN_DRAFT;
    if (has_end && instant_before(effective_to, effective_from))
        return PLAN_INCONSISTENT;
    if (instant_before(t, effective_from))
        return PLAN_SCHEDULED;
    return has_end && !instant_before(t, effective_to) ? PLAN_ARCHIVED : PLAN_ACTIVE;
}

void plan_mirror(struct plan *plan, struct arena *arena)
{
    CHECK(plan != NULL);
    const struct list unfit = plan_issues_of_v1(plan, arena);
    plan->v1_refusal = unfit.count > 0 ? ((const struct plan_issue *)unfit.items)->code : TEXT_NONE;
    plan->has_pro_rating = true;
    plan->pro_rating = (struct plan_pro_rating){ plan->is_pro_rating, PRO_RATING_PRICES };
    for (size_t p = 0; p < plan->phases.count; p++) {
        const struct plan_phase *phase = plan_phase_at(plan, p);
        for (size_t c = 0; c < phase->rate_cards.count; c++)
            rate_card_mirror(rate_card_at(phase, c), arena);
    }
}
