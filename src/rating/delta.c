#include "rating/delta.h"

#define REVERSAL "#reversal:"

/* The reference without the mark of a reversal. */
static text reference_of(const struct rate_detail *detail)
{
    text rest = detail->child_id;

    return text_cut(&rest, '#');
}

static bool is_same_line(const struct rate_detail *a, const struct rate_detail *b)
{
    return text_equal(reference_of(a), reference_of(b)) && a->category == b->category &&
           dec_equal(a->unit_amount, b->unit_amount);
}

/* Member-wise difference; the sum of a commitment's or a discount's parts stays true. */
static struct rate_totals totals_sub(const struct rate_totals *a, const struct rate_totals *b)
{
    return (struct rate_totals){
        .amount = dec_sub(a->amount, b->amount),
        .charges_total = dec_sub(a->charges_total, b->charges_total),
        .discounts_total = dec_sub(a->discounts_total, b->discounts_total),
        .credits_total = dec_sub(a->credits_total, b->credits_total),
        .taxes_inclusive_total = dec_sub(a->taxes_inclusive_total, b->taxes_inclusive_total),
        .taxes_exclusive_total = dec_sub(a->taxes_exclusive_total, b->taxes_exclusive_total),
        .taxes_total = dec_sub(a->taxes_total, b->taxes_total),
        .total = dec_sub(a->total, b->total),
    };
}

/* `detail` less what was booked for the same line. */
static struct rate_detail less_booked(const struct rate_detail *detail,
                                      const struct rate_booked *booked)
{
    struct rate_detail rest = *detail;

    for (size_t i = 0; i < booked->count; i++) {
        const struct rate_detail *old = &booked->details[i];

        if (!is_same_line(detail, old))
            continue;
        rest.quantity = dec_sub(rest.quantity, old->quantity);
        rest.amount = dec_sub(rest.amount, old->amount);
        rest.percentage_discount = dec_sub(rest.percentage_discount, old->percentage_discount);
        rest.maximum_discount = dec_sub(rest.maximum_discount, old->maximum_discount);
        rest.totals = totals_sub(&rest.totals, &old->totals);
    }
    return rest;
}

/* Adds a line to the delta, when there is money in it; false when a number of it, or of the sums,
 * does not fit. */
static bool delta_add(struct rate_result *delta, const struct rate_detail *detail)
{
    const struct rate_totals *own = &detail->totals;
    struct rate_totals *sum = &delta->totals;

    if (!dec_is_valid(detail->quantity) || !dec_is_valid(detail->amount) ||
        !dec_is_valid(own->discounts_total) || !dec_is_valid(own->total))
        return false;
    if (dec_is_zero(detail->amount) && dec_is_zero(own->discounts_total))
        return true;
    *sum = rate_totals_add(sum, own);
    delta->details[delta->count++] = *detail;
    return dec_is_valid(sum->amount) && dec_is_valid(sum->discounts_total) &&
           dec_is_valid(sum->total);
}

static bool has_line(const struct rate_detail *details, size_t count,
                     const struct rate_detail *detail)
{
    for (size_t i = 0; i < count; i++) {
        if (is_same_line(&details[i], detail))
            return true;
    }
    return false;
}

/* The line as if nothing of it were left, for taking off what was booked. */
static struct rate_detail emptied(const struct rate_detail *old, const struct currency *currency,
                                  struct arena *arena)
{
    const dec zero = dec_of_parts(0, currency->digits);
    const char *category = old->category == RATE_COMMITMENT ? "commitment" : "regular";
    struct rate_detail empty = *old;

    empty.child_id = text_format(arena, "%.*s" REVERSAL "category=%s:per_unit_amount=%.*s",
                                 TEXT_ARG(reference_of(old)), category,
                                 TEXT_ARG(dec_text(arena, old->unit_amount)));
    empty.quantity = DEC_ZERO;
    empty.amount = zero;
    empty.percentage_discount = zero;
    empty.maximum_discount = zero;
    empty.totals = rate_totals_zero(currency);
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
        struct rate_detail empty = emptied(old, currency, arena);
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
