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
static void detail_convert(struct invoice_detail *detail, dec rate, const struct currency *currency)
{
    struct rate_totals totals = rate_totals_zero(currency);
    struct invoice_discount *discounts = detail->discounts.amounts.items;
    for (size_t i = 0; i < detail->discounts.amounts.count; i++) {
        discounts[i].amount = convert(discounts[i].amount, rate, currency);
        totals.discounts_total = dec_add(totals.discounts_total, discounts[i].amount);
    }
    totals.amount = convert(detail->totals.amount, rate, currency);
    totals.charges_total = convert(detail->totals.charges_total, rate, currency);
    totals.total = dec_sub(dec_add(totals.amount, totals.charges_total), totals.discounts_total);
    detail->unit_price = dec_mul(detail->unit_price, rate);
    detail->totals = totals;
}

enum fault line_convert(struct invoice_line *line, dec rate, const struct currency *currency)
{
    CHECK(line != NULL && currency != NULL);
    CHECK(dec_is_valid(rate) && dec_sign(rate) > 0);
    struct rate_totals totals = rate_totals_zero(currency);
    struct invoice_detail *details = line->details.items;
    for (size_t i = 0; i < line->details.count; i++) {
        detail_convert(&details[i], rate, currency);
        if (!dec_is_valid(details[i].unit_price))
            return FAULT_AMOUNT_OVERFLOW;
        totals = rate_totals_add(&totals, &details[i].totals);
    }
    if (!dec_is_valid(totals.total))
        return FAULT_AMOUNT_OVERFLOW;
    line->totals = totals;
    return FAULT_NONE;
}
