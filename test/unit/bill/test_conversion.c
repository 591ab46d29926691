/* Lines priced in a custom currency: their amounts in the invoice's, from a table. */
#include "bill/conversion.h"

#include "lib/table.h"
#include "lib/tap.h"

static dec number(text cell)
{
    dec value;
    MUST(dec_parse(cell, &value));
    return value;
}

static void test_amounts(struct arena *arena)
{
    struct table t = table_open(arena, "test/vectors/bill/conversion.vec", 10);
    while (table_next(&t)) {
        const struct currency *currency = currency_find(t.cells[1]);
        struct rate_detail details[2] = {
            {
                .unit_amount = dec_of_int(1),
                .amount = number(t.cells[3]),
                .percentage_discount = number(t.cells[5]),
                .maximum_discount = DEC_ZERO,
                .totals = { .amount = number(t.cells[3]), .charges_total = number(t.cells[4]) },
            },
            {
                .unit_amount = dec_of_int(1),
                .amount = DEC_ZERO,
                .percentage_discount = DEC_ZERO,
                .maximum_discount = DEC_ZERO,
                .totals = rate_totals_zero(currency),
            },
        };
        struct rate_result rated = { .details = details, .count = 2 };
        OK(rate_convert(&rated, number(t.cells[2]), currency) == FAULT_NONE, "%s", table_name(&t));
        const struct rate_totals *totals = &details[0].totals;
        dec discount = details[0].percentage_discount;
        IS_TEXT(dec_text(arena, totals->amount), text_cstr(arena, t.cells[6]), table_name(&t));
        IS_TEXT(dec_text(arena, totals->charges_total), text_cstr(arena, t.cells[7]),
                table_name(&t));
        IS_TEXT(dec_text(arena, discount), text_cstr(arena, t.cells[8]), table_name(&t));
        IS_TEXT(dec_text(arena, rated.totals.total), text_cstr(arena, t.cells[9]), table_name(&t));
        OK(dec_equal(rated.totals.discounts_total, discount), "%s: discounts add up",
           table_name(&t));
    }
    table_close(&t);
}

static void test_overflow(void)
{
    dec huge = number(TEXT("99999999999999999999999999999999"));
    struct rate_detail detail = {
        .unit_amount = dec_of_int(1),
        .amount = huge,
        .percentage_discount = DEC_ZERO,
        .maximum_discount = DEC_ZERO,
        .totals = { .amount = huge, .charges_total = DEC_ZERO },
    };
    struct rate_result rated = { .details = &detail, .count = 1 };
    OK(rate_convert(&rated, huge, currency_find(TEXT("USD"))) == FAULT_AMOUNT_OVERFLOW,
       "an amount that does not fit is refused");
    detail.unit_amount = huge;
    detail.amount = detail.totals.amount = DEC_ZERO;
    OK(rate_convert(&rated, huge, currency_find(TEXT("USD"))) == FAULT_AMOUNT_OVERFLOW,
       "so is a price of one unit");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_amounts(arena);
    test_overflow();
    return tap_end();
}
