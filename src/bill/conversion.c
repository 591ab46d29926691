/* conversion.c: amounts at a rate. */
#include "bill/conversion.h"

bool line_is_converted(const struct pending_line *line)
{
    CHECK(line != NULL);
    return !text_is_empty(line->terms.currency);
}

static dec convert(dec amount, dec rate, const struct currency *currency)
{
    return money_round(dec_mul(amount, rate), currency);
}

/* Its members, each at the rate; what the totals say follows from them. */
static void detail_convert(struct rate_detail *detail, dec rate, const struct currency *currency)
{
    struct rate_totals totals = rate_totals_zero(currency);
    detail->percentage_discount = convert(detail->percentage_discount, rate, currency);
    detail->maximum_discount = convert(detail->maximum_discount, rate, currency);
    totals.discounts_total = dec_add(detail->percentage_discount, detail->maximum_discount);
    totals.amount = convert(detail->totals.amount, rate, currency);
    totals.charges_total = convert(detail->totals.charges_total, rate, currency);
    totals.total = dec_sub(dec_add(totals.amount, totals.charges_total), totals.discounts_total);
    detail->amount = convert(detail->amount, rate, currency);
    detail->unit_amount = dec_mul(detail->unit_amount, rate);
    detail->totals = totals;
}

enum fault rate_convert(struct rate_result *rated, dec rate, const struct currency *currency)
{
    CHECK(rated != NULL && currency != NULL);
    CHECK(dec_is_valid(rate) && dec_sign(rate) > 0);
    struct rate_totals totals = rate_totals_zero(currency);
    for (size_t i = 0; i < rated->count; i++) {
        struct rate_detail *detail = &rated->details[i];
        detail_convert(detail, rate, currency);
        if (!dec_is_valid(detail->unit_amount))
            return FAULT_AMOUNT_OVERFLOW;
        totals = rate_totals_add(&totals, &detail->totals);
    }
    if (!dec_is_valid(totals.total))
        return FAULT_AMOUNT_OVERFLOW;
    rated->totals = totals;
    return FAULT_NONE;
}
