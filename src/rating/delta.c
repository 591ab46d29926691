#include "rating/delta.h"

/* `detail` less what was booked for the same line. */
static struct rate_detail less_booked(const struct rate_detail *detail,
                                      const struct rate_booked *booked)
{
    struct rate_detail rest = *detail;

    for (size_t i = 0; i < booked->count; i++) {
        const struct rate_detail *old = &booked->details[i];

        if (!rate_detail_is_same(detail, old))
            continue;
        rest.quantity = dec_sub(rest.quantity, old->quantity);
        rest.amount = dec_sub(rest.amount, old->amount);
        rest.percentage_discount = dec_sub(rest.percentage_discount, old->percentage_discount);
        rest.maximum_discount = dec_sub(rest.maximum_discount, old->maximum_discount);
    }
    return rest;
}

/* Adds a line to the delta, when there is money in it; false when an amount of it does not fit. */
static bool delta_add(struct rate_result *delta, const struct rate_detail *detail)
{
    dec discounts = dec_add(detail->percentage_discount, detail->maximum_discount);

    if (!dec_is_valid(detail->quantity) || !dec_is_valid(detail->amount) ||
        !dec_is_valid(discounts))
        return false;
    if (dec_is_zero(detail->amount) && dec_is_zero(discounts))
        return true;
    const struct rate_totals totals = rate_detail_totals(detail);
    delta->totals = rate_totals_add(&delta->totals, &totals);
    delta->details[delta->count++] = *detail;
    return dec_is_valid(delta->totals.total);
}

static bool has_line(const struct rate_detail *details, size_t count,
                     const struct rate_detail *detail)
{
    for (size_t i = 0; i < count; i++) {
        if (rate_detail_is_same(&details[i], detail))
            return true;
    }
    return false;
}

/* The line as if nothing of it were left, for taking off what was booked. */
static struct rate_detail emptied(const struct rate_detail *old, const struct currency *currency)
{
    const dec zero = dec_of_parts(0, currency->digits);
    struct rate_detail empty = *old;

    empty.is_reversal = true;
    empty.quantity = DEC_ZERO;
    empty.amount = zero;
    empty.percentage_discount = zero;
    empty.maximum_discount = zero;
    return empty;
}

enum fault rate_delta(const struct rate_result *whole, const struct rate_booked *booked,
                      const struct currency *currency, struct arena *arena, struct rate_result *ret)
{
    struct rate_result delta = *whole;

    CHECK(whole != NULL && booked != NULL && currency != NULL && ret != NULL);
    delta.details = ARENA_ARRAY(arena, struct rate_detail, whole->count + booked->count);
    delta.count = 0;
    delta.totals = rate_totals_zero(currency);
    for (size_t i = 0; i < whole->count; i++) {
        struct rate_detail rest = less_booked(&whole->details[i], booked);

        if (!delta_add(&delta, &rest))
            return FAULT_AMOUNT_OVERFLOW;
    }
    for (size_t i = 0; i < booked->count; i++) {
        const struct rate_detail *old = &booked->details[i];

        if (has_line(whole->details, whole->count, old) || has_line(booked->details, i, old))
            continue;
        struct rate_detail empty = emptied(old, currency);
        struct rate_detail rest = less_booked(&empty, booked);

        if (!delta_add(&delta, &rest))
            return FAULT_AMOUNT_OVERFLOW;
    }
    *ret = delta;
    return FAULT_NONE;
}

enum fault rate_so_far(const struct rate_input *input, bool is_end,
                       const struct rate_booked *booked, struct arena *arena,
                       struct rate_result *ret)
{
    struct rate_input now = *input;
    struct price_terms terms = *input->terms;
    struct rate_result whole;

    CHECK(!input->is_later_part && dec_is_zero(input->prior_quantity));
    now.terms = &terms;
    now.is_open_part = !is_end && !price_is_metered(terms.price.type);
    if (!is_end)
        terms.minimum_amount = DEC_INVALID;
    enum fault fault = rate_line(&now, arena, &whole);
    if (fault != FAULT_NONE)
        return fault;
    return rate_delta(&whole, booked, input->currency, arena, ret);
}
