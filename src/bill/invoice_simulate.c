/* invoice_simulate.c: prices and times of simulated lines. */
#include "bill/invoice_simulate.h"

/* Where a line stands in the request. */
struct line_place {
    struct problem *problem;
    size_t index;
    bool is_refused;
};

static void fault_add(void *state, const char *member, const struct problem_field *field)
{
    struct line_place *place = state;
    struct problem_field own = *field;
    own.field = text_format(place->problem->arena, "lines[%zu].%s", place->index, member);
    own.source = SOURCE_BODY;
    problem_add_field(place->problem, &own);
    place->is_refused = true;
}

/* Of the rate card: its members stand beneath it. */
static void card_fault_add(void *state, const char *member, const struct problem_field *field)
{
    struct line_place *place = state;
    fault_add(place, text_format(place->problem->arena, "rateCard.%s", member).ptr, field);
}

static void refuse(struct line_place *place, const char *member, const char *reason)
{
    fault_add(place, member,
              &(struct problem_field){ .rule = TEXT("invalid"), .reason = text_of(reason) });
}

static void discounts_check(const struct price_terms *terms, struct line_place *place)
{
    dec percentage = terms->percentage_discount;
    dec free_units = terms->usage_discount;
    if (dec_is_valid(percentage) &&
        (dec_sign(percentage) < 0 || dec_compare(percentage, dec_of_int(100)) > 0))
        refuse(place, "rateCard.discounts.percentage.percentage", "must be from 0 to 100");
    if (dec_is_valid(free_units) && terms->price.type == PRICE_FLAT)
        refuse(place, "rateCard.discounts.usage", "a flat price has no usage to discount");
    if (dec_is_valid(free_units) && dec_sign(free_units) < 0)
        refuse(place, "rateCard.discounts.usage.quantity", "must not be less than nothing");
}

static void card_settle(struct simulated_line *line, struct line_place *place)
{
    struct pricing_faults faults = { card_fault_add, place, place->problem->arena };
    struct pricing *pricing = &line->rate_card.pricing;
    if (line->has_price && !line->has_rate_card) {
        pricing->price_v1 = line->price;
        pricing->has_price_v1 = true;
    }
    if (text_is_empty(line->rate_card.feature_key))
        line->rate_card.feature_key = line->feature_key;
    if (!line->has_tax && line->rate_card.has_tax) {
        line->has_tax = true;
        line->tax = line->rate_card.tax;
    }
    line->payment_term = TERM_IN_ADVANCE;
    if (pricing->has_price_v1 && pricing->price_v1.payment_term != FIELD_ENUM_NONE)
        line->payment_term = (enum payment_term)pricing->price_v1.payment_term;
    line->terms = pricing_settle_v1(pricing, &faults);
    if (!place->is_refused && line->terms.price.type == PRICE_FREE)
        refuse(place, "rateCard.price", "is a required field");
    discounts_check(&line->terms, place);
}

static void times_settle(struct simulated_line *line, struct line_place *place)
{
    line->period.from = instant_floor(line->period.from, NS_PER_SECOND);
    line->period.to = instant_floor(line->period.to, NS_PER_SECOND);
    line->invoice_at = instant_floor(line->invoice_at, NS_PER_SECOND);
    if (instant_before(line->period.to, line->period.from))
        refuse(place, "period.to", "must not be before from");
}

bool invoice_simulation_settle(struct invoice_simulation *simulation, struct problem *problem)
{
    CHECK(simulation != NULL && problem != NULL);
    bool is_refused = false;
    for (size_t i = 0; i < simulation->lines.count; i++) {
        struct simulated_line *line = (struct simulated_line *)simulation->lines.items + i;
        struct line_place place = { .problem = problem, .index = i };
        card_settle(line, &place);
        times_settle(line, &place);
        is_refused = is_refused || place.is_refused;
    }
    if (text_is_empty(simulation->number))
        simulation->number = TEXT("INV-SIMULATED");
    return !is_refused;
}
