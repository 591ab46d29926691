/* rate_price.c: the price types: each makes its detailed lines. */
#include "rating/rate_inside.h"

/* Whether a fee that is due once falls into this part. */
static bool is_due(const struct rate_input *input)
{
    return input->payment_term == TERM_IN_ADVANCE ? !input->is_later_part : !input->is_open_part;
}

/* A prorated fee is shown as it is billed: one times the part. */
static void price_flat(struct rating *rating)
{
    const struct rate_input *input = rating->input;
    dec fee = input->terms->price.amount;
    struct proration proration = rate_proration(input);
    dec billed = prorate(fee, &proration, input->currency);

    if (!is_due(input) || (dec_is_valid(billed) && dec_is_zero(billed)))
        return;
    (void)rate_add(rating, RATE_FEE, dec_of_int(1), proration_is_whole(&proration) ? fee : billed);
}

static void price_unit(struct rating *rating)
{
    dec quantity = rating->result.quantity;

    if (dec_is_zero(quantity))
        return;
    (void)rate_add(rating, RATE_UNITS, quantity, rating->input->terms->price.amount);
}

/* Packages begun by the end of the part, less those begun before it. */
static void price_package(struct rating *rating)
{
    const struct price *price = &rating->input->terms->price;
    dec prior = rating->input->is_later_part ? rating->result.prior_quantity : DEC_ZERO;
    dec all = dec_add(prior, rating->result.quantity);
    dec begun = dec_sub(dec_div(all, price->package_size, 0, ROUND_CEILING),
                        dec_div(prior, price->package_size, 0, ROUND_CEILING));

    if (dec_is_valid(begun) && dec_is_zero(begun))
        return;
    (void)rate_add(rating, RATE_USAGE, begun, price->amount);
}

static void price_dynamic(struct rating *rating)
{
    const struct rate_input *input = rating->input;
    dec quantity = rating->result.quantity;
    dec amount;

    if (dec_sign(quantity) <= 0)
        return;
    amount = dec_mul_round(quantity, input->terms->price.multiplier, input->currency->digits,
                           ROUND_HALF_AWAY);
    (void)rate_add(rating, RATE_USAGE, dec_of_int(1), amount);
}

/* ---- tiers --------------------------------------------------------------------------------- */

static const struct price_tier *tier_at(const struct price *price, size_t i)
{
    CHECK(i < price->tiers.count);
    return (const struct price_tier *)price->tiers.items + i;
}

/* Whether the quantity does not go beyond the tier. */
static bool is_within(const struct price_tier *tier, dec quantity)
{
    return !dec_is_valid(tier->up_to) || dec_compare(quantity, tier->up_to) <= 0;
}

/* The whole quantity at one tier, once the whole is known: in the last part. */
static enum fault price_volume(struct rating *rating)
{
    const struct price *price = &rating->input->terms->price;
    dec quantity = rating->result.quantity;
    size_t i = 0;

    if (rating->input->is_open_part)
        return FAULT_NONE;
    if (!dec_is_zero(rating->result.prior_quantity))
        return FAULT_PRICE_NOT_SPLITTABLE;
    while (!is_within(tier_at(price, i), quantity))
        i++;
    const struct price_tier *tier = tier_at(price, i);
    if (dec_is_valid(tier->flat_price))
        rate_add(rating, RATE_VOLUME_FEE, dec_of_int(1), tier->flat_price)->place = (uint32_t)i;
    if (dec_is_valid(tier->unit_price) && dec_sign(quantity) > 0)
        rate_add(rating, RATE_VOLUME_UNITS, quantity, tier->unit_price)->place = (uint32_t)i;
    return FAULT_NONE;
}

/* One tier's part of the quantity: `quantity` of it, from its lower edge on when `is_entered`. */
static void tier_add(struct rating *rating, size_t i, dec quantity, bool is_entered)
{
    const struct price_tier *tier = tier_at(&rating->input->terms->price, i);

    if (dec_is_valid(tier->unit_price))
        rate_add(rating, RATE_TIER_UNITS, quantity, tier->unit_price)->place = (uint32_t)i;
    if (is_entered && dec_is_valid(tier->flat_price))
        rate_add(rating, RATE_TIER_FEE, dec_of_int(1), tier->flat_price)->place = (uint32_t)i;
}

/* The tiers that (prior, prior + quantity] reaches into. Without any usage in the period the first
 * tier still shows, and its fee is due with the first part. */
static void price_graduated(struct rating *rating)
{
    const struct price *price = &rating->input->terms->price;
    bool is_first = !rating->input->is_later_part;
    dec from = rating->result.prior_quantity;
    dec to = dec_add(from, rating->result.quantity);
    dec edge = DEC_ZERO;

    if (!dec_is_valid(to) || dec_sign(to) <= 0) {
        tier_add(rating, 0, rating->result.quantity, is_first);
        return;
    }
    bool is_edge_in = false; /* whether the lower edge of the tier is in the part */
    bool is_last = false;
    for (size_t i = 0; i < price->tiers.count && !is_last; i++) {
        const struct price_tier *tier = tier_at(price, i);
        dec end;

        is_last = is_within(tier, to);
        is_edge_in = is_edge_in || dec_compare(from, edge) <= 0;
        end = is_last ? to : tier->up_to;
        const dec start = is_edge_in ? edge : from;
        if (dec_compare(start, end) < 0)
            tier_add(rating, i, dec_sub(end, start), is_edge_in && (i > 0 || is_first));
        edge = end;
    }
}

/* ---- prices that take the quantity apart ---------------------------------------------------- */

/* What one transaction of this value costs, exactly. */
static dec transaction_amount(const struct price_percentage *percentage, dec value)
{
    const dec hundredth = dec_of_parts(1, 2);
    dec amount = dec_mul(dec_mul(value, percentage->rate), hundredth);

    if (dec_is_valid(percentage->fixed_amount))
        amount = dec_add(amount, percentage->fixed_amount);
    if (!dec_is_valid(amount))
        return DEC_INVALID;
    if (dec_is_valid(percentage->minimum_amount))
        amount = dec_max(amount, percentage->minimum_amount);
    if (dec_is_valid(percentage->maximum_amount))
        amount = dec_min(amount, percentage->maximum_amount);
    return dec_trim(amount);
}

/* Bounds hold for each transaction, before the sum; the sum is rounded once. */
static void price_percentage(struct rating *rating)
{
    const struct rate_input *input = rating->input;
    dec sum = DEC_ZERO;

    for (size_t i = 0; i < input->share_count; i++) {
        dec one = transaction_amount(&input->terms->price.percentage, input->shares[i].value);

        sum = dec_add(sum, dec_mul(one, input->shares[i].quantity));
    }
    if (input->share_count > 0)
        (void)rate_add(rating, RATE_VALUE, dec_of_int(1), sum);
}

/* One line for each cell or window that was used, in their order. */
static void price_places(struct rating *rating, enum rate_part part, size_t places,
                         dec (*unit_amount_at)(const struct price *, size_t))
{
    const struct rate_input *input = rating->input;

    for (size_t place = 0; place <= places; place++) {
        dec unit_amount = unit_amount_at(&input->terms->price, place);

        for (size_t i = 0; i < input->share_count; i++) {
            if (input->shares[i].place != place || !dec_is_valid(unit_amount))
                continue;
            rate_add(rating, part, input->shares[i].quantity, unit_amount)->place = (uint32_t)place;
        }
    }
}

/* Invalid: such units are free. */
static dec cell_amount(const struct price *price, size_t place)
{
    const struct price_cell *cells = price->cells.items;

    return place == price->cells.count ? price->amount : cells[place].unit_amount;
}

static dec window_amount(const struct price *price, size_t place)
{
    const struct price_window *windows = price->windows.items;

    return place == price->windows.count ? price->amount : windows[place].unit_amount;
}

/* ---- capacity ------------------------------------------------------------------------------- */

/* The fee is due once, with the part that its term names; what goes beyond the quantity in it is
 * told over all parts. */
static void price_capacity(struct rating *rating)
{
    const struct price *price = &rating->input->terms->price;
    dec all = dec_add(rating->result.prior_quantity, rating->result.quantity);
    dec beyond = DEC_INVALID;

    price_flat(rating);
    if (dec_is_valid(all))
        beyond = dec_sub(dec_max(all, price->included_quantity),
                         dec_max(rating->result.prior_quantity, price->included_quantity));
    if (dec_is_valid(beyond) && dec_sign(beyond) <= 0)
        return;
    (void)rate_add(rating, RATE_OVERAGE, beyond, price->overage_amount);
}

enum fault rate_price(struct rating *rating)
{
    const struct price *price = &rating->input->terms->price;

    if (!dec_is_valid(rating->result.quantity) || !dec_is_valid(rating->result.prior_quantity))
        return FAULT_AMOUNT_OVERFLOW;
    switch (price->type) {
    case PRICE_FREE:
        return FAULT_NONE;
    case PRICE_FLAT:
        price_flat(rating);
        return FAULT_NONE;
    case PRICE_UNIT:
    case PRICE_SEAT:
        price_unit(rating);
        return FAULT_NONE;
    case PRICE_GRADUATED:
        price_graduated(rating);
        return FAULT_NONE;
    case PRICE_VOLUME:
        return price_volume(rating);
    case PRICE_PACKAGE:
        price_package(rating);
        return FAULT_NONE;
    case PRICE_DYNAMIC:
        price_dynamic(rating);
        return FAULT_NONE;
    case PRICE_PERCENTAGE:
        price_percentage(rating);
        return FAULT_NONE;
    case PRICE_MATRIX:
        price_places(rating, RATE_CELL, price->cells.count, cell_amount);
        return FAULT_NONE;
    case PRICE_CAPACITY:
        price_capacity(rating);
        return FAULT_NONE;
    case PRICE_TIME_OF_USE:
        price_places(rating, RATE_WINDOW, price->windows.count, window_amount);
        return FAULT_NONE;
    case PRICE_TYPE_COUNT:
        break;
    }
    UNREACHABLE();
}
