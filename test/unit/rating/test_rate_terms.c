/* Prices lines with terms around the price, whole and in parts, from a table. */
#include "unit/rating/terms.h"

enum { RULE, TERMS, QUANTITY, PART, DETAILS, TOTALS, COLUMNS };

static void add_discount(struct buffer *b, const char *word, dec amount)
{
    char printed[DEC_TEXT_MAX];
    if (dec_is_zero(amount))
        return;
    (void)dec_print(amount, printed);
    buffer_format(b, " %s -%s", word, printed);
}

static text details_text(struct arena *arena, const struct rate_result *result)
{
    struct buffer b = { .arena = arena };
    for (size_t i = 0; i < result->count; i++) {
        const struct rate_detail *d = &result->details[i];
        buffer_format(&b, "%s%.*s %.*s %.*s %.*s", i > 0 ? ", " : "", TEXT_ARG(d->child_id),
                      TEXT_ARG(dec_text(arena, d->quantity)),
                      TEXT_ARG(dec_text(arena, d->unit_amount)),
                      TEXT_ARG(dec_text(arena, d->amount)));
        add_discount(&b, "percent", d->percentage_discount);
        add_discount(&b, "max", d->maximum_discount);
    }
    return result->count > 0 ? buffer_text(&b) : TEXT("none");
}

static text totals_text(struct arena *arena, const struct rate_totals *totals)
{
    return text_format(arena, "%.*s %.*s %.*s %.*s", TEXT_ARG(dec_text(arena, totals->amount)),
                       TEXT_ARG(dec_text(arena, totals->charges_total)),
                       TEXT_ARG(dec_text(arena, totals->discounts_total)),
                       TEXT_ARG(dec_text(arena, totals->total)));
}

static void test_row(struct arena *arena, const struct table *t)
{
    struct row row = { 0 };
    struct rate_result result = { 0 };
    row.input = (struct rate_input){
        .terms = &row.terms,
        .name = TEXT("feature"),
        .currency = currency_find(TEXT("USD")),
    };
    read_row(&row, t->cells[TERMS], t->cells[QUANTITY], t->cells[PART]);
    enum fault fault = rate_line(&row.input, arena, &result);
    if (fault != FAULT_NONE) {
        tap_is_text(text_of(fault_info(fault)->slug), t->cells[DETAILS], __FILE__, __LINE__,
                    table_name(t));
        return;
    }
    tap_is_text(details_text(arena, &result), t->cells[DETAILS], __FILE__, __LINE__, table_name(t));
    tap_is_text(totals_text(arena, &result.totals), t->cells[TOTALS], __FILE__, __LINE__,
                table_name(t));
}

enum { FREE = 1, PRICED_QUANTITY, BEFORE, FOUR, FREE_COLUMNS = FOUR + 4 };

/* R24, R25: what is recorded of the free units. */
static void test_usage_discount(struct arena *arena, const struct table *t)
{
    struct price_terms terms = price_terms_of(PRICE_UNIT, dec_of_int(1));
    struct rate_result result;
    terms.usage_discount = number(t->cells[FREE]);
    const struct rate_input input = {
        .terms = &terms,
        .name = TEXT("feature"),
        .quantity = number(t->cells[PRICED_QUANTITY]),
        .prior_quantity = number(t->cells[BEFORE]),
        .is_later_part = true,
        .currency = currency_find(TEXT("USD")),
    };
    MUST(rate_line(&input, arena, &result) == FAULT_NONE);
    const dec got[] = { result.quantity, result.prior_quantity, result.discounted_quantity,
                        result.discounted_prior };
    for (size_t i = 0; i < COUNT_OF(got); i++)
        tap_is_text(dec_text(arena, got[i]), t->cells[FOUR + i], __FILE__, __LINE__, table_name(t));
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/rating/terms.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    t = table_open(arena, "test/vectors/rating/usage_discount.vec", FREE_COLUMNS);
    while (table_next(&t))
        test_usage_discount(arena, &t);
    table_close(&t);
    arena_free(arena);
    return tap_end();
}
