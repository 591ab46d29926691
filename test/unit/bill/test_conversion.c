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
        struct invoice_discount discount = { .amount = number(t.cells[5]) };
        struct invoice_detail details[2] = {
            {
                .unit_price = dec_of_int(1),
                .totals = { .amount = number(t.cells[3]), .charges_total = number(t.cells[4]) },
                .discounts = { .amounts = { &discount, 1 } },
            },
            { .unit_price = dec_of_int(1), .totals = rate_totals_zero(currency) },
        };
        struct invoice_line line = { .details = { details, 2 } };
        OK(line_convert(&line, number(t.cells[2]), currency) == FAULT_NONE, "%s", table_name(&t));
        const struct rate_totals *totals = &details[0].totals;
        IS_TEXT(dec_text(arena, totals->amount), text_cstr(arena, t.cells[6]), table_name(&t));
        IS_TEXT(dec_text(arena, totals->charges_total), text_cstr(arena, t.cells[7]),
                table_name(&t));
        IS_TEXT(dec_text(arena, discount.amount), text_cstr(arena, t.cells[8]), table_name(&t));
        IS_TEXT(dec_text(arena, line.totals.total), text_cstr(arena, t.cells[9]), table_name(&t));
        OK(dec_equal(line.totals.discounts_total, discount.amount), "%s: discounts add up",
           table_name(&t));
    }
    table_close(&t);
}

static void test_overflow(void)
{
    dec huge = number(TEXT("99999999999999999999999999999999"));
    struct invoice_detail detail = {
        .unit_price = dec_of_int(1),
        .totals = { .amount = huge, .charges_total = DEC_ZERO },
    };
    struct invoice_line line = { .details = { &detail, 1 } };
    OK(line_convert(&line, huge, currency_find(TEXT("USD"))) == FAULT_AMOUNT_OVERFLOW,
       "an amount that does not fit is refused");
    detail.unit_price = huge;
    detail.totals.amount = DEC_ZERO;
    OK(line_convert(&line, huge, currency_find(TEXT("USD"))) == FAULT_AMOUNT_OVERFLOW,
       "so is a price of one unit");
}

int main(void)
{
    struct arena *arena CLEANUP(arena_cleanup) = arena_new();
    test_amounts(arena);
    test_overflow();
    return tap_end();
}
