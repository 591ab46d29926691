/* Prices lines from a table: one row, one rule of the rating chapter of the wire contract. */
#include "rating/rate.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, TYPE, AMOUNT, QUANTITY, CURRENCY, SERVICE, FULL, DETAILS, TOTAL, COLUMNS };

static bool is_none(text cell)
{
    return text_equal(cell, TEXT("-"));
}

static dec dec_cell(text cell)
{
    dec value = DEC_INVALID;
    if (!is_none(cell))
        MUST(dec_parse_numeric(cell, &value));
    return value;
}

static struct period period_cell(text cell)
{
    struct period period = { { 0 }, { 0 } };
    if (is_none(cell))
        return period;
    text from = text_cut(&cell, '/');
    MUST(instant_parse(from, &period.from) && instant_parse(cell, &period.to));
    return period;
}

static enum price_type price_type_cell(text cell)
{
    for (int i = 0; i < PRICE_TYPE_COUNT; i++) {
        if (text_equal(cell, text_of(price_type_words[i])))
            return (enum price_type)i;
    }
    UNREACHABLE();
}

static text details_text(struct arena *arena, const struct rate_result *result)
{
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < result->count; i++) {
        const struct rate_detail *d = &result->details[i];
        text quantity = dec_text(arena, d->quantity);
        text unit = dec_text(arena, d->unit_amount);
        text amount = dec_text(arena, d->amount);
        buffer_format(&b, "%s%.*s %.*s %.*s %.*s", i > 0 ? ", " : "", TEXT_ARG(d->child_id),
                      TEXT_ARG(quantity), TEXT_ARG(unit), TEXT_ARG(amount));
    }
    return result->count > 0 ? buffer_text(&b) : TEXT("none");
}

static void test_row(struct arena *arena, const struct table *t)
{
    const text *cells = t->cells;
    struct price_terms terms =
        price_terms_of(price_type_cell(cells[TYPE]), dec_cell(cells[AMOUNT]));
    struct rate_input input = {
        .terms = &terms,
        .name = TEXT("feature"),
        .quantity = dec_cell(cells[QUANTITY]),
        .currency = currency_find(cells[CURRENCY]),
        .service_period = period_cell(cells[SERVICE]),
        .full_service_period = period_cell(cells[FULL]),
    };
    struct rate_result result = { 0 };
    enum fault fault = rate_line(&input, arena, &result);
    if (fault != FAULT_NONE) {
        OK(text_equal(cells[DETAILS], text_of(fault_info(fault)->slug)), "%s", table_name(t));
        OK(result.details == NULL, "%s: the result is untouched", table_name(t));
        return;
    }
    tap_is_text(details_text(arena, &result), cells[DETAILS], __FILE__, __LINE__, table_name(t));
    tap_is_text(dec_text(arena, result.totals.total), cells[TOTAL], __FILE__, __LINE__, "total");
}

static void test_names(struct arena *arena)
{
    struct price_terms terms = price_terms_of(PRICE_UNIT, dec_of_int(2));
    struct rate_input input = {
        .terms = &terms,
        .name = TEXT("feature"),
        .quantity = dec_of_int(3),
        .currency = currency_find(TEXT("USD")),
    };
    struct rate_result result;
    MUST(rate_line(&input, arena, &result) == FAULT_NONE);
    IS_TEXT(result.details[0].name, "feature: usage in period", "8.8: the name of a usage line");
    terms.price.type = PRICE_FLAT;
    MUST(rate_line(&input, arena, &result) == FAULT_NONE);
    IS_TEXT(result.details[0].name, "feature", "8.8: the name of a flat line");
}

static void test_totals(struct arena *arena)
{
    const struct currency *currency = currency_find(TEXT("USD"));
    struct rate_totals zero = rate_totals_zero(currency);
    IS_TEXT(dec_text(arena, zero.total), "0.00", "zero totals have the currency's digits");
    struct rate_totals a = zero;
    a.amount = dec_of_int(1);
    a.charges_total = dec_of_int(2);
    a.discounts_total = dec_of_int(3);
    a.credits_total = dec_of_int(4);
    a.taxes_inclusive_total = dec_of_int(5);
    a.taxes_exclusive_total = dec_of_int(6);
    a.taxes_total = dec_of_int(7);
    a.total = dec_of_int(8);
    struct rate_totals sum = rate_totals_add(&a, &a);
    const dec got[] = { sum.amount,
                        sum.charges_total,
                        sum.discounts_total,
                        sum.credits_total,
                        sum.taxes_inclusive_total,
                        sum.taxes_exclusive_total,
                        sum.taxes_total,
                        sum.total };
    for (size_t i = 0; i < COUNT_OF(got); i++)
        OK(dec_equal(got[i], dec_of_int(2 * (int64_t)(i + 1))), "totals add member %zu", i);
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/rating/lines.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    test_names(arena);
    test_totals(arena);
    arena_free(arena);
    return tap_end();
}
