/* plan_card_input.c: rate cards of both dialects become one. */
#include "catalog/plan_card_input.h"

/* Where a rate card stands in the request. */
struct card_place {
    struct problem *problem;
    text place;
    size_t fault_count;
};

/* For struct pricing_faults. */
static void fault_add(void *state, const char *member, const struct problem_field *fault)
{
    struct card_place *place = state;
    struct problem_field field = *fault;

    field.field = text_format(place->problem->arena, "%.*s.%s", TEXT_ARG(place->place), member);
    field.source = SOURCE_BODY;
    problem_add_field(place->problem, &field);
    place->fault_count++;
}

static void refuse(struct card_place *place, const char *member, const char *rule,
                   const char *reason)
{
    fault_add(place, member,
              &(struct problem_field){ .rule = text_of(rule), .reason = text_of(reason) });
}

static struct pricing_faults faults_of(struct card_place *place)
{
    return (struct pricing_faults){ fault_add, place, place->problem->arena };
}

/* ---- entitlements -------------------------------------------------------------------------- */

static void deny(struct card_place *place, const char *member, bool is_there)
{
    if (is_there)
        refuse(place, member, "unknown_property", "is not a property of this type of entitlement");
}

/* v3 knows the members of each type; v1 reads over those of the other types. */
static void deny_others_v3(struct card_place *place, const struct rate_card_entitlement *from)
{
    if (from->type != RATE_CARD_METERED) {
        deny(place, "entitlement.is_soft_limit", from->has_is_soft_limit);
        deny(place, "entitlement.limit", dec_is_valid(from->issue_after_reset));
        deny(place, "entitlement.usage_period", !span_is_zero(from->usage_period));
    }
    if (from->type != RATE_CARD_STATIC)
        deny(place, "entitlement.config", from->config.ptr != NULL);
}

/* The entitlement with the members of its type only. */
static struct rate_card_entitlement entitlement_of_type(const struct rate_card_entitlement *from,
                                                        span billing_cadence)
{
    struct rate_card_entitlement only = {
        .type = from->type,
        .labels = from->labels,
        .issue_after_reset = DEC_INVALID,
    };

    if (from->type == RATE_CARD_STATIC)
        only.config = from->config;
    if (from->type != RATE_CARD_METERED)
        return only;
    only.is_soft_limit = from->is_soft_limit;
    only.has_is_soft_limit = true;
    only.issue_after_reset = from->issue_after_reset;
    only.issue_after_reset_priority = from->issue_after_reset_priority;
    only.preserve_overage_at_reset = from->preserve_overage_at_reset;
    only.has_preserve_overage = from->has_preserve_overage;
    only.usage_period = span_is_zero(from->usage_period) ? billing_cadence : from->usage_period;
    return only;
}

static void entitlement_settle(struct card_place *place, struct rate_card *card,
                               enum dialect dialect)
{
    struct rate_card_entitlement *entitlement = &card->entitlement;
    bool is_v1 = dialect == DIALECT_V1;

    if (!card->has_entitlement)
        return;
    if (is_v1)
        entitlement->config = entitlement->config_text;
    else
        deny_others_v3(place, entitlement);
    if (entitlement->type == RATE_CARD_STATIC && entitlement->config.ptr == NULL)
        refuse(place, is_v1 ? "entitlementTemplate.config" : "entitlement.config", "required",
               "is a required field");
    *entitlement = entitlement_of_type(entitlement, card->billing_cadence);
}

/* ---- taxes --------------------------------------------------------------------------------- */

static void tax_settle_v1(struct card_place *place, struct rate_card *card)
{
    struct rate_card_tax *tax = &card->tax_config;
    bool has_code = !ulid_is_zero(tax->code.id.ulid);

    if (tax->has_stripe && !tax_mapping_is_valid(TAX_APP_STRIPE, tax->stripe.code))
        refuse(place, "taxConfig.stripe.code", "matches_regex",
               "must match the pattern ^txcd_\\d{8}$");
    if (tax->has_custom_invoicing &&
        !tax_mapping_is_valid(TAX_APP_EXTERNAL_INVOICING, tax->custom_invoicing.code))
        refuse(place, "taxConfig.customInvoicing.code", "invalid", "must have 1 to 64 bytes");
    /* An empty one says nothing. */
    card->has_tax_config = card->has_tax_config &&
                           (has_code || tax->has_stripe || tax->has_custom_invoicing ||
                            tax->behavior != FIELD_ENUM_NONE);
}

/* ---- cards --------------------------------------------------------------------------------- */

static void settle_v1(struct card_place *place, struct rate_card *card)
{
    static const char *const flat_only[] = { "flat", NULL };
    const struct pricing_faults faults = faults_of(place);
    const struct price_v1 *price = &card->pricing.price_v1;

    card->feature_id = (struct feature_id){ 0 };
    card->has_feature = false;
    card->currency = TEXT_NONE;
    card->payment_term = TERM_IN_ARREARS;
    card->terms = pricing_settle_v1(&card->pricing, &faults);
    tax_settle_v1(place, card);
    if (!card->pricing.has_price_v1)
        return;
    if (price->type == PRICE_V1_FLAT)
        card->payment_term = price->payment_term == FIELD_ENUM_NONE
                                 ? TERM_IN_ADVANCE
                                 : (enum payment_term)price->payment_term;
    else if (card->type == (int)RATE_CARD_FLAT_FEE)
        fault_add(place, "price.type",
                  &(struct problem_field){ .rule = TEXT("enum"),
                                           .reason = TEXT("a flat fee has a flat price"),
                                           .choices = flat_only });
}

/* The setting of proration, which is part of the terms; v1 has none. */
static void proration_settle_v3(struct card_place *place, const struct price_terms *said,
                                struct price_terms *terms)
{
    if (!said->has_proration)
        return;
    if (said->proration.unit != PRORATE_DAYS && !text_is_empty(said->proration.time_zone))
        refuse(place, "proration.time_zone", "invalid", "is of proration by days only");
    terms->has_proration = true;
    terms->proration = said->proration;
}

static void settle_v3(struct card_place *place, struct rate_card *card)
{
    const struct pricing_faults faults = faults_of(place);
    const struct price_terms said = card->terms;

    card->type = FIELD_ENUM_NONE;
    card->feature_id = card->has_feature ? card->feature.id : (struct feature_id){ 0 };
    card->feature_key = card->has_feature ? card->feature.key : TEXT_NONE;
    if (card->has_feature && ulid_is_zero(card->feature_id.ulid) &&
        text_is_empty(card->feature_key))
        refuse(place, "feature.id", "required", "is a required field");
    card->terms = pricing_settle_v3(&card->pricing, &faults);
    proration_settle_v3(place, &said, &card->terms);
    card->has_tax_config = card->has_tax_config_v3;
    /* A charge by usage cannot be known in advance. */
    if (rate_card_is_metered(card))
        card->payment_term = TERM_IN_ARREARS;
}

bool rate_card_settle(struct rate_card *card, enum dialect dialect, text place,
                      struct problem *problem)
{
    struct card_place state = { .problem = problem, .place = place };

    CHECK(card != NULL && problem != NULL);
    CHECK(dialect == DIALECT_V1 || dialect == DIALECT_V3);
    if (dialect == DIALECT_V1)
        settle_v1(&state, card);
    else
        settle_v3(&state, card);
    entitlement_settle(&state, card, dialect);
    return state.fault_count == 0;
}

bool rate_card_settle_v3(struct rate_card *card, const char *member, struct problem *problem)
{
    struct card_place state = { .problem = problem, .place = text_of(member) };
    bool is_settled = rate_card_settle(card, DIALECT_V3, state.place, problem);
    dec usage = card->terms.usage_discount;
    dec percentage = card->terms.percentage_discount;

    if (dec_is_valid(usage) && dec_sign(usage) < 0)
        refuse(&state, "discounts.usage", "invalid", "must not be less than 0");
    if (dec_is_valid(percentage) &&
        (dec_sign(percentage) < 0 || dec_compare(percentage, dec_of_int(100)) > 0))
        refuse(&state, "discounts.percentage", "invalid", "must be between 0 and 100");
    return is_settled && state.fault_count == 0;
}

bool rate_cards_settle(const struct list *input, enum dialect dialect, struct problem *problem,
                       struct list *ret)
{
    CHECK(input != NULL && problem != NULL && ret != NULL);
    const char *name = dialect == DIALECT_V1 ? "rateCards" : "rate_cards";
    size_t count = input->count;
    struct rate_card *cards = ARENA_ARRAY(problem->arena, struct rate_card, count);
    bool is_settled = true;
    for (size_t i = 0; i < count; i++) {
        cards[i] = ((const struct rate_card *)input->items)[i];
        text place = text_format(problem->arena, "%s[%zu]", name, i);
        is_settled &= rate_card_settle(&cards[i], dialect, place, problem);
    }
    if (is_settled)
        *ret = (struct list){ cards, count };
    return is_settled;
}
