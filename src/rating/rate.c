/* rate.c: each price type makes its detailed lines; each line is rounded once. */
#include "rating/rate.h"

const char *const price_type_words[] = { "free", "flat", "unit", NULL };
const char *const payment_term_words[] = { "in_advance", "in_arrears", NULL };

_Static_assert(COUNT_OF(price_type_words) == PRICE_TYPE_COUNT + 1, "one word per price type");
_Static_assert(COUNT_OF(payment_term_words) == TERM_COUNT + 1, "one word per payment term");

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

/* A period's length in nanoseconds. A dec, because the longest one does not fit into 64 bits. */
static dec period_length(struct period p)
{
    if (period_is_empty(p))
        return DEC_ZERO;
    return dec_of_parts((dec_coefficient)p.to.ns - p.from.ns, 0);
}

/* Whether a flat price is billed in full. */
static bool is_whole_period(struct period service, struct period full)
{
    bool is_same = instant_equal(service.from, full.from) && instant_equal(service.to, full.to);
    return is_same || period_is_empty(full);
}

dec rate_prorate(dec amount, struct period service, struct period full,
                 const struct currency *currency)
{
    CHECK(currency != NULL);
    CHECK(dec_is_valid(amount));
    if (is_whole_period(service, full))
        return money_round(amount, currency);
    return dec_mul_div(amount, period_length(service), period_length(full), currency->digits,
                       ROUND_HALF_AWAY);
}

/* The one detailed line of a flat price; its amount is invalid on overflow, zero when there is
 * nothing to bill. A prorated fee is shown as it is billed: one times the part. */
static struct rate_detail detail_flat(const struct rate_input *input)
{
    dec billed = rate_prorate(input->price.amount, input->service_period,
                              input->full_service_period, input->currency);
    bool is_whole = is_whole_period(input->service_period, input->full_service_period);
    return (struct rate_detail){
        .child_id = TEXT("flat-price"),
        .name = input->name,
        .quantity = dec_of_int(1),
        .unit_amount = is_whole ? input->price.amount : billed,
        .amount = billed,
        .category = RATE_REGULAR,
    };
}

/* The one detailed line of a unit price; its amount is invalid on overflow. */
static struct rate_detail detail_unit(const struct rate_input *input, struct arena *arena)
{
    CHECK(dec_is_valid(input->quantity));
    return (struct rate_detail){
        .child_id = TEXT("unit-price-usage"),
        .name = text_format(arena, "%.*s: usage in period", TEXT_ARG(input->name)),
        .quantity = input->quantity,
        .unit_amount = input->price.amount,
        .amount = dec_mul_round(input->quantity, input->price.amount, input->currency->digits,
                                ROUND_HALF_AWAY),
        .category = RATE_REGULAR,
    };
}

/* Prices into `ret`; returns whether there is a detailed line at all. */
static bool detail_of(const struct rate_input *input, struct arena *arena, struct rate_detail *ret)
{
    switch (input->price.type) {
    case PRICE_FREE:
        return false;
    case PRICE_FLAT:
        *ret = detail_flat(input);
        return !dec_is_valid(ret->amount) || !dec_is_zero(ret->amount);
    case PRICE_UNIT:
        *ret = detail_unit(input, arena);
        return !dec_is_zero(ret->quantity);
    case PRICE_TYPE_COUNT:
        break;
    }
    UNREACHABLE();
}

/* The totals of a line whose details are regular ones: nothing is taxed, discounted or credited
 * yet, so the total is the amount. */
static struct rate_totals totals_of(const struct rate_detail *details, size_t count,
                                    const struct currency *currency)
{
    struct rate_totals totals = rate_totals_zero(currency);
    for (size_t i = 0; i < count; i++) {
        CHECK(details[i].category == RATE_REGULAR);
        totals.amount = dec_add(totals.amount, details[i].amount);
    }
    dec charged =
        dec_add(dec_add(totals.amount, totals.charges_total), totals.taxes_exclusive_total);
    totals.total = dec_sub(dec_sub(charged, totals.discounts_total), totals.credits_total);
    return totals;
}

enum fault rate_line(const struct rate_input *input, struct arena *arena, struct rate_result *ret)
{
    CHECK(input != NULL && arena != NULL && ret != NULL);
    CHECK(input->currency != NULL);
    CHECK(input->price.type == PRICE_FREE || dec_is_valid(input->price.amount));
    struct rate_detail *details = ARENA_ARRAY(arena, struct rate_detail, 1);
    size_t count = detail_of(input, arena, details) ? 1 : 0;
    struct rate_totals totals = totals_of(details, count, input->currency);
    if (!dec_is_valid(totals.total))
        return FAULT_AMOUNT_OVERFLOW;
    CHECK(count > 0 || dec_is_zero(totals.total));
    *ret = (struct rate_result){ .details = details, .count = count, .totals = totals };
    return FAULT_NONE;
}
