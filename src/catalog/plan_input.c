/* plan_input.c: requests of both dialects become one plan. */
#include "catalog/plan_input.h"

/* Where a rate card stands in the request. */
struct card_place {
    struct problem *problem;
    enum dialect dialect;
    const char *member; /* NULL: in a list */
    bool is_addon;      /* the list is not in a phase of a plan */
    size_t phase;
    size_t card;
    size_t fault_count;
};

static text place_text(const struct card_place *place, const char *member)
{
    struct arena *arena = place->problem->arena;

    if (place->member != NULL)
        return text_format(arena, "%s.%s", place->member, member);
    const char *cards = place->dialect == DIALECT_V1 ? "rateCards" : "rate_cards";
    if (place->is_addon)
        return text_format(arena, "%s[%zu].%s", cards, place->card, member);
    return text_format(arena, "phases[%zu].%s[%zu].%s", place->phase, cards, place->card, member);
}

static void fault_add(struct card_place *place, const char *member, struct problem_field field)
{
    field.field = place_text(place, member);
    field.source = SOURCE_BODY;
    problem_add_field(place->problem, &field);
    place->fault_count++;
}

/* Refuses a member of v1 that would change what is owed. Empty ones change nothing. */
static void refuse_unless_empty(struct card_place *place, const char *member, text json)
{
    if (json.ptr == NULL || text_equal(text_trim(json), TEXT("{}")))
        return;
    fault_add(place, member,
              (struct problem_field){ .rule = TEXT("unknown_property"),
                                      .reason = TEXT("is not a property of this rate card") });
}

/* For struct pricing_faults. */
static void pricing_fault(void *state, const char *member, const struct problem_field *field)
{
    fault_add(state, member, *field);
}

static struct pricing_faults faults_of(struct card_place *place)
{
    return (struct pricing_faults){ pricing_fault, place, place->problem->arena };
}

static void settle_v1(struct card_place *place, struct rate_card *card)
{
    static const char *const flat_only[] = { "flat", NULL };
    const struct pricing_faults faults = faults_of(place);
    const struct price_v1 *price = &card->pricing.price_v1;

    refuse_unless_empty(place, "taxConfig", card->tax_config);
    card->feature_id = (struct feature_id){ 0 };
    card->has_feature = false;
    card->payment_term = TERM_IN_ARREARS;
    card->terms = pricing_settle_v1(&card->pricing, &faults);
    if (!card->pricing.has_price_v1)
        return;
    if (price->type == PRICE_V1_FLAT)
        card->payment_term = price->payment_term == FIELD_ENUM_NONE
                                 ? TERM_IN_ADVANCE
                                 : (enum payment_term)price->payment_term;
    else if (card->type == (int)RATE_CARD_FLAT_FEE)
        fault_add(place, "price.type",
                  (struct problem_field){ .rule = TEXT("enum"),
                                          .reason = TEXT("a flat fee has a flat price"),
                                          .choices = flat_only });
}

static void settle_v3(struct card_place *place, struct rate_card *card)
{
    const struct pricing_faults faults = faults_of(place);

    card->type = FIELD_ENUM_NONE;
    card->feature_key = TEXT_NONE;
    card->feature_id = card->has_feature ? card->feature.id : (struct feature_id){ 0 };
    card->terms = pricing_settle_v3(&card->pricing, &faults);
    /* A charge by usage cannot be known in advance. */
    if (rate_card_is_metered(card))
        card->payment_term = TERM_IN_ARREARS;
}

bool rate_card_settle_v3(struct rate_card *card, const char *member, struct problem *problem)
{
    struct card_place place = { .problem = problem, .dialect = DIALECT_V3, .member = member };

    CHECK(card != NULL && member != NULL && problem != NULL);
    settle_v3(&place, card);
    return place.fault_count == 0;
}

static void cards_settle(const struct plan_phase *phase, struct card_place *place)
{
    for (size_t c = 0; c < phase->rate_cards.count; c++) {
        place->card = c;
        if (place->dialect == DIALECT_V1)
            settle_v1(place, rate_card_at(phase, c));
        else
            settle_v3(place, rate_card_at(phase, c));
    }
}

static void phases_settle(struct plan *plan, struct card_place *place)
{
    for (size_t p = 0; p < plan->phases.count; p++) {
        place->phase = p;
        cards_settle(plan_phase_at(plan, p), place);
    }
}

/* A list of the plan's own, so that settling leaves the request alone. */
static struct list list_copy(struct arena *arena, const struct list *from, size_t size)
{
    if (from->count == 0)
        return (struct list){ NULL, 0 };
    return (struct list){ arena_copy(arena, from->items, from->count * size), from->count };
}

bool rate_cards_settle(const struct list *input, enum dialect dialect, struct problem *problem,
                       struct list *ret)
{
    CHECK(input != NULL && problem != NULL && ret != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    struct plan_phase phase = {
        .rate_cards = list_copy(problem->arena, input, sizeof(struct rate_card)),
    };
    struct card_place place = { .problem = problem, .dialect = dialect, .is_addon = true };
    cards_settle(&phase, &place);
    if (place.fault_count > 0)
        return false;
    *ret = phase.rate_cards;
    return true;
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
    struct card_place place = { .problem = problem, .dialect = dialect };
    phases_settle(&plan, &place);
    if (dialect == DIALECT_V1)
        plan.is_pro_rating = !plan.has_pro_rating || plan.pro_rating.is_enabled;
    else
        plan.has_alignment = false;
    if (place.fault_count > 0)
        return false;
    *ret = plan;
    return true;
}
