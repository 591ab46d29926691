/* rate.c: the steps of rating one line, and its totals. */
#include "rating/rate_inside.h"

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

static struct rate_entry *entry_new(struct rating *rating, enum rate_part part, dec quantity,
                                    dec unit_amount)
{
    struct rate_entry *entry = &rating->result.entries[rating->result.count++];

    entry->part = part;
    entry->quantity = quantity;
    entry->unit_amount = unit_amount;
    entry->amount = dec_mul_round(quantity, unit_amount, rating->zero.scale, ROUND_HALF_AWAY);
    entry->percentage_discount = rating->zero;
    entry->maximum_discount = rating->zero;
    return entry;
}

/* Step 4: each detail by itself. */
static dec percentage_off(const struct rating *rating, dec amount)
{
    const int32_t digits = rating->zero.scale;

    if (dec_is_valid(rating->share_off))
        return dec_mul_round(amount, rating->share_off, digits, ROUND_HALF_AWAY);
    return dec_mul_div(amount, rating->input->terms->percentage_discount, dec_of_int(100), digits,
                       ROUND_HALF_AWAY);
}

struct rate_entry *rate_add(struct rating *rating, enum rate_part part, dec quantity,
                            dec unit_amount)
{
    struct rate_totals *totals = &rating->result.totals;
    struct rate_entry *entry = entry_new(rating, part, quantity, unit_amount);

    totals->amount = dec_add(totals->amount, entry->amount);
    if (rating->has_percentage) {
        entry->percentage_discount = percentage_off(rating, entry->amount);
        totals->discounts_total = dec_add(totals->discounts_total, entry->percentage_discount);
    }
    return entry;
}

/* Step 5: what goes beyond the maximum is taken off where it is reached, and from there on. */
static void limit_to_maximum(struct rating *rating, dec maximum)
{
    dec running = rating->input->prior_total;
    dec off = rating->zero;

    for (size_t i = 0; i < rating->result.count; i++) {
        struct rate_entry *entry = &rating->result.entries[i];
        dec total = dec_sub(entry->amount, entry->percentage_discount);
        dec beyond = dec_sub(dec_add(running, total), maximum);

        if (!dec_is_valid(beyond)) {
            rating->result.totals.discounts_total = DEC_INVALID;
            return;
        }
        if (dec_sign(beyond) > 0 && dec_sign(total) > 0)
            entry->maximum_discount = dec_min(beyond, total);
        running = dec_add(running, dec_sub(total, entry->maximum_discount));
        off = dec_add(off, entry->maximum_discount);
    }
    rating->result.totals.discounts_total = dec_add(rating->result.totals.discounts_total, off);
}

/* Step 6: the last part makes up for what is missing in all of them. */
static void raise_to_minimum(struct rating *rating, dec minimum)
{
    struct rate_totals *totals = &rating->result.totals;
    dec sum = dec_add(rating->input->prior_total, totals->total);
    dec missing = dec_sub(minimum, sum);
    struct rate_entry *entry;

    if (!dec_is_valid(missing))
        totals->total = DEC_INVALID;
    if (!dec_is_valid(missing) || dec_sign(missing) <= 0)
        return;
    entry = entry_new(rating, RATE_MINIMUM, dec_of_int(1), missing);
    entry->category = RATE_COMMITMENT;
    totals->charges_total = entry->amount;
    totals->total = dec_add(totals->total, entry->amount);
}

/* Steps 5 and 6, and the total. */
static void adjust(struct rating *rating)
{
    const struct rate_input *input = rating->input;
    const struct price_terms *terms = input->terms;
    struct rate_totals *totals = &rating->result.totals;
    bool is_metered = price_is_metered(terms->price.type);

    if (is_metered && dec_is_valid(terms->maximum_amount))
        limit_to_maximum(rating, rate_commitment(input, terms->maximum_amount));
    totals->total = dec_sub(totals->amount, totals->discounts_total);
    if (is_metered && dec_is_valid(terms->minimum_amount) && !input->is_open_part)
        raise_to_minimum(rating, rate_commitment(input, terms->minimum_amount));
}

/* A percentage as a factor; invalid when there is none, or it has too many digits for that. */
static dec share_off(dec percentage)
{
    if (!dec_is_valid(percentage))
        return DEC_INVALID;
    return dec_of_parts(percentage.coefficient, percentage.scale + 2);
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

enum fault rate_reckon(const struct rate_input *input, struct arena *arena,
                       struct rate_reckoning *ret)
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
        .result = { .entries = ARENA_ARRAY(arena, struct rate_entry, room),
                    .totals = rate_totals_zero(input->currency) },
        .zero = dec_of_parts(0, input->currency->digits),
        .has_percentage = dec_is_valid(terms->percentage_discount),
        .share_off = share_off(terms->percentage_discount),
    };
    rate_quantities(&rating);
    enum fault fault = rate_price(&rating);
    if (fault != FAULT_NONE)
        return fault;
    adjust(&rating);
    CHECK(rating.result.count <= room);
    if (!dec_is_valid(rating.result.totals.total))
        return FAULT_AMOUNT_OVERFLOW;
    *ret = rating.result;
    return FAULT_NONE;
}

enum fault rate_line(const struct rate_input *input, struct arena *arena, struct rate_result *ret)
{
    struct rate_reckoning reckoning;
    struct rate_detail *details;
    enum fault fault = rate_reckon(input, arena, &reckoning);

    CHECK(ret != NULL);
    if (fault != FAULT_NONE)
        return fault;
    details = ARENA_ARRAY(arena, struct rate_detail, reckoning.count);
    for (size_t i = 0; i < reckoning.count; i++)
        details[i] =
            rate_entry_print(&reckoning.entries[i], input->name, &input->terms->price, arena);
    *ret = (struct rate_result){
        .details = details,
        .count = reckoning.count,
        .totals = reckoning.totals,
        .quantity = reckoning.quantity,
        .prior_quantity = reckoning.prior_quantity,
        .converted_quantity = reckoning.converted_quantity,
        .discounted_quantity = reckoning.discounted_quantity,
        .discounted_prior = reckoning.discounted_prior,
    };
    return FAULT_NONE;
}
