/* rate_quantity.c: from what was metered to what is priced: the unit conversion, then the usage
 * discount. Each part of a period is converted by itself, as the contract has it. */
#include "rating/rate_inside.h"

/* Digits of a quotient that does not end, when nothing says how to round it. */
#define QUOTIENT_SCALE 19

static enum rounding rounding_of(enum unit_rounding rounding)
{
    switch (rounding) {
    case UNIT_ROUND_CEILING:
        return ROUND_CEILING;
    case UNIT_ROUND_FLOOR:
        return ROUND_FLOOR;
    case UNIT_ROUND_NONE:
    case UNIT_ROUND_HALF_UP: /* half away from zero */
        return ROUND_HALF_AWAY;
    }
    UNREACHABLE();
}

static dec convert(const struct unit_config *config, dec quantity)
{
    bool is_exact = config->rounding == UNIT_ROUND_NONE;
    int32_t scale = is_exact ? QUOTIENT_SCALE : (int32_t)config->precision;
    enum rounding rounding = rounding_of(config->rounding);
    dec converted;

    CHECK(dec_sign(config->conversion_factor) > 0);
    if (config->operation == UNIT_DIVIDE)
        converted = dec_div(quantity, config->conversion_factor, scale, rounding);
    else if (is_exact)
        converted = dec_mul(quantity, config->conversion_factor);
    else
        converted = dec_mul_round(quantity, config->conversion_factor, scale, rounding);
    return dec_is_valid(converted) ? dec_trim(converted) : converted;
}

/* Takes the free units off, first those used before this part. */
static void discount(struct rate_reckoning *result, dec free_units)
{
    dec prior = result->prior_quantity;
    dec quantity = result->quantity;
    dec left;

    if (!dec_is_valid(prior) || !dec_is_valid(quantity))
        return;
    left = dec_max(dec_sub(free_units, prior), DEC_ZERO);
    result->prior_quantity = dec_max(dec_sub(prior, free_units), DEC_ZERO);
    result->quantity = dec_max(dec_sub(quantity, left), DEC_ZERO);
    result->discounted_prior = dec_sub(prior, result->prior_quantity);
    result->discounted_quantity = dec_sub(quantity, result->quantity);
}

void rate_quantities(struct rating *rating)
{
    const struct rate_input *input = rating->input;
    const struct price_terms *terms = input->terms;
    struct rate_reckoning *result = &rating->result;
    bool is_converted = terms->has_unit_config;

    CHECK(dec_is_valid(input->quantity) && dec_is_valid(input->prior_quantity));
    result->quantity = is_converted ? convert(&terms->unit_config, input->quantity)
                                    : input->quantity;
    result->prior_quantity = is_converted ? convert(&terms->unit_config, input->prior_quantity)
                                          : input->prior_quantity;
    result->converted_quantity = result->quantity;
    result->discounted_quantity = DEC_ZERO;
    result->discounted_prior = DEC_ZERO;
    if (dec_is_valid(terms->usage_discount))
        discount(result, terms->usage_discount);
}
