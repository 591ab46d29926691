/* rate.c: the steps of rating one line, and its totals. */
#include "rating/rate_inside.h"

/* ---- totals -------------------------------------------------------------------------------- */

struct rate_totals rate_totals_zero(const struct currency *currency)
{
    CHECK(currency != NULL);
    CHECK(currency->digits >= 0 && currency->digits <= DEC_SCALE_MAX);
    dec zero = dec_of_parts(0, currency->digits);
    return (struct rate_totals){
        .amount = zero,
        .charges_total = zero,
        .discounts_total = zero,
        .credits_total = zero,
        .taxes_inclusive_total = zero,
        .taxes_exclusive_total = zero,
        .taxes_total = zero,
        .total = zero,
    };
}

struct rate_totals rate_totals_add(const struct rate_totals *a, const struct rate_totals *b)
{
    CHECK(a != NULL && b != NULL);
    return (struct rate_totals){
        .amount = dec_add(a->amount, b->amount),
        .charges_total = dec_add(a->charges_total, b->charges_total),
        .discounts_total = dec_add(a->discounts_total, b->discounts_total),
        .credits_total = dec_add(a->credits_total, b->credits_total),
        .taxes_inclusive_total = dec_add(a->taxes_inclusive_total, b->taxes_inclusive_total),
        .taxes_exclusive_total = dec_add(a->taxes_exclusive_total, b->taxes_exclusive_total),
        .taxes_total = dec_add(a->taxes_total, b->taxes_total),
        .total = dec_add(a->total, b->total),
    };
}

/* What is left of a detail after its discounts. */
static dec detail_total(const struct rate_detail *detail)
{
    return dec_sub(dec_sub(detail->amount, detail->percentage_discount), detail->maximum_discount);
}

/* The detail's own totals, added to those of the line. Nothing is taxed or credited here. */
static void detail_close(struct rating *rating, struct rate_detail *detail,
                         const struct rate_totals *zero)
{
    struct rate_totals *line = &rating->result.totals;
    struct rate_totals *own = &detail->totals;

    *own = *zero;
    if (detail->category == RATE_COMMITMENT)
        own->charges_total = detail->amount;
    else
        own->amount = detail->amount;
    own->discounts_total = dec_add(detail->percentage_discount, detail->maximum_discount);
    own->total = detail_total(detail);
    line->amount = dec_add(line->amount, own->amount);
    line->charges_total = dec_add(line->charges_total, own->charges_total);
    line->discounts_total = dec_add(line->discounts_total, own->discounts_total);
    line->total = dec_add(line->total, own->total);
}

/* ---- proration ----------------------------------------------------------------------------- */

struct proration rate_proration(const struct rate_input *input)
{
    CHECK(input != NULL);
    return (struct proration){
        .service = input->service_period,
        .full = input->full_service_period,
        .unit = input->proration_unit,
        .zone = input->zone,
    };
}

dec rate_commitment(const struct rate_input *input, dec amount)
{
    struct proration proration = rate_proration(input);

    return input->keeps_commitments ? money_round(amount, input->currency)
                                    : prorate(amount, &proration, input->currency);
}

/* ---- the steps ----------------------------------------------------------------------------- */

dec rate_zero(const struct rating *rating)
{
    return dec_of_parts(0, rating->input->currency->digits);
}

struct rate_detail *rate_add(struct rating *rating, text child_id, dec quantity, dec unit_amount)
{
    const struct currency *currency = rating->input->currency;
    struct rate_detail *detail = &rating->result.details[rating->result.count++];

    *detail = (struct rate_detail){
        .child_id = child_id,
        .quantity = quantity,
        .unit_amount = unit_amount,
        .amount = dec_mul_round(quantity, unit_amount, currency->digits, ROUND_HALF_AWAY),
        .percentage_discount = rate_zero(rating),
        .maximum_discount = rate_zero(rating),
        .category = RATE_REGULAR,
    };
    return detail;
}

/* Step 4: each detail by itself. */
static void discount_percentage(struct rating *rating, dec percentage)
{
    const struct currency *currency = rating->input->currency;
    const dec hundred = dec_of_int(100);

    for (size_t i = 0; i < rating->result.count; i++) {
        struct rate_detail *detail = &rating->result.details[i];

        detail->percentage_discount =
            dec_mul_div(detail->amount, percentage, hundred, currency->digits, ROUND_HALF_AWAY);
    }
}

/* Step 5: what goes beyond the maximum is taken off where it is reached, and from there on. */
static void limit_to_maximum(struct rating *rating, dec maximum)
{
    dec running = rating->input->prior_total;

    for (size_t i = 0; i < rating->result.count; i++) {
        struct rate_detail *detail = &rating->result.details[i];
        dec total = detail_total(detail);
        dec beyond = dec_sub(dec_add(running, total), maximum);

        if (!dec_is_valid(beyond))
            return;
        if (dec_sign(beyond) > 0 && dec_sign(total) > 0)
            detail->maximum_discount = dec_min(beyond, total);
        running = dec_add(running, detail_total(detail));
    }
}

/* Step 6: the last part makes up for what is missing in all of them. */
static void raise_to_minimum(struct rating *rating, dec minimum)
{
    const struct rate_input *input = rating->input;
    dec sum = input->prior_total;
    dec missing;
    struct rate_detail *detail;

    for (size_t i = 0; i < rating->result.count; i++)
        sum = dec_add(sum, detail_total(&rating->result.details[i]));
    missing = dec_sub(minimum, sum);
    if (!dec_is_valid(missing) || dec_sign(missing) <= 0)
        return;
    detail = rate_add(rating, TEXT("min-spend"), dec_of_int(1), missing);
    detail->name = text_format(rating->arena, "%.*s: minimum spend", TEXT_ARG(input->name));
    detail->category = RATE_COMMITMENT;
}

static void adjust(struct rating *rating)
{
    const struct rate_input *input = rating->input;
    const struct price_terms *terms = input->terms;
    bool is_metered = price_is_metered(terms->price.type);

    if (dec_is_valid(terms->percentage_discount))
        discount_percentage(rating, terms->percentage_discount);
    if (is_metered && dec_is_valid(terms->maximum_amount))
        limit_to_maximum(rating, rate_commitment(input, terms->maximum_amount));
    if (is_metered && dec_is_valid(terms->minimum_amount) && !input->is_open_part)
        raise_to_minimum(rating, rate_commitment(input, terms->minimum_amount));
}

static void check_input(const struct rate_input *input)
{
    const struct price *price = &input->terms->price;
    bool has_amount = price->type == PRICE_FLAT || price->type == PRICE_UNIT ||
                      price->type == PRICE_PACKAGE || price->type == PRICE_CAPACITY ||
                      price->type == PRICE_SEAT;
    bool has_tiers = price->type == PRICE_GRADUATED || price->type == PRICE_VOLUME;

    CHECK(input->currency != NULL);
    CHECK(dec_is_valid(input->prior_total));
    CHECK(!has_amount || dec_is_valid(price->amount));
    CHECK(has_tiers == (price->tiers.count > 0));
    CHECK(price->type != PRICE_PACKAGE || dec_sign(price->package_size) > 0);
    CHECK(price->type != PRICE_DYNAMIC || dec_is_valid(price->multiplier));
    CHECK(price->type != PRICE_PERCENTAGE || dec_is_valid(price->percentage.rate));
    CHECK(price->type != PRICE_CAPACITY || dec_is_valid(price->included_quantity));
    CHECK(price->type != PRICE_CAPACITY || dec_is_valid(price->overage_amount));
}

enum fault rate_line(const struct rate_input *input, struct arena *arena, struct rate_result *ret)
{
    CHECK(input != NULL && arena != NULL && ret != NULL);
    check_input(input);
    const struct price_terms *terms = input->terms;
    bool is_split = price_split_of(terms->price.type) != PRICE_SPLIT_NONE;
    size_t room = terms->price.tiers.count * RATE_DETAILS_PER_TIER + input->share_count + 3;
    if (is_split && (terms->has_unit_config || dec_is_valid(terms->usage_discount)))
        return FAULT_PRICE_NOT_SPLITTABLE;
    struct rating rating = {
        .input = input,
        .arena = arena,
        .result = { .details = ARENA_ARRAY(arena, struct rate_detail, room),
                    .totals = rate_totals_zero(input->currency) },
    };
    rate_quantities(&rating);
    enum fault fault = rate_price(&rating);
    if (fault != FAULT_NONE)
        return fault;
    adjust(&rating);
    CHECK(rating.result.count <= room);
    const struct rate_totals zero = rating.result.totals;
    for (size_t i = 0; i < rating.result.count; i++)
        detail_close(&rating, &rating.result.details[i], &zero);
    if (!dec_is_valid(rating.result.totals.total))
        return FAULT_AMOUNT_OVERFLOW;
    *ret = rating.result;
    return FAULT_NONE;
}
