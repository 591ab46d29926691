/* Prices lines with terms around the price, whole and in parts, from a table. */
#include "unit/rating/terms.h"

enum { RULE, TERMS, QUANTITY, PART, DETAILS, TOTALS, COLUMNS };

/* The first N of M days. */
static void read_days(struct rate_input *input, text *rest)
{
    dec service = number(text_cut(rest, ' '));
    dec full = number(text_cut(rest, ' '));
    input->service_period.to.ns = (int64_t)service.coefficient * NS_PER_DAY;
    input->full_service_period.to.ns = (int64_t)full.coefficient * NS_PER_DAY;
}

static void read_part(struct row *row, text rest)
{
    struct rate_input *input = &row->input;
    while (!text_is_empty(rest)) {
        text word = text_cut(&rest, ' ');
        if (text_equal(word, TEXT("first")) || text_equal(word, TEXT("mid")))
            input->is_open_part = true;
        if (text_equal(word, TEXT("last")) || text_equal(word, TEXT("mid")))
            input->is_later_part = true;
        if (text_equal(word, TEXT("pre")))
            input->prior_quantity = number(text_cut(&rest, ' '));
        if (text_equal(word, TEXT("billed")))
            input->prior_total = number(text_cut(&rest, ' '));
        if (text_equal(word, TEXT("days")))
            read_days(input, &rest);
        if (text_equal(word, TEXT("by_days")))
            input->proration_unit = PRORATE_DAYS;
        if (text_equal(word, TEXT("keeps")))
            input->keeps_commitments = true;
    }
}

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
        .quantity = number(t->cells[QUANTITY]),
        .currency = currency_find(TEXT("USD")),
    };
    read_terms(&row, t->cells[TERMS]);
    if (!text_equal(t->cells[PART], TEXT("-")))
        read_part(&row, t->cells[PART]);
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

/* R24, R25: what is recorded of the free units. */
static void test_usage_discount(struct arena *arena)
{
    static const struct {
        const char *quantity, *prior, *free_units, *want;
    } rows[] = {
        { "15", "5", "10", "10 0 5 5" },       { "15", "20", "10", "15 10 0 10" },
        { "50", "0", "110", "0 0 50 0" },      { "75", "50", "110", "15 0 60 50" },
        { "30", "125", "110", "30 15 0 110" },
    };

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct price_terms terms = price_terms_of(PRICE_UNIT, dec_of_int(1));
        struct rate_result result;
        terms.usage_discount = number(text_of(rows[i].free_units));
        const struct rate_input input = {
            .terms = &terms,
            .name = TEXT("feature"),
            .quantity = number(text_of(rows[i].quantity)),
            .prior_quantity = number(text_of(rows[i].prior)),
            .is_later_part = true,
            .currency = currency_find(TEXT("USD")),
        };
        MUST(rate_line(&input, arena, &result) == FAULT_NONE);
        text got = text_format(arena, "%.*s %.*s %.*s %.*s",
                               TEXT_ARG(dec_text(arena, result.quantity)),
                               TEXT_ARG(dec_text(arena, result.prior_quantity)),
                               TEXT_ARG(dec_text(arena, result.discounted_quantity)),
                               TEXT_ARG(dec_text(arena, result.discounted_prior)));
        IS_TEXT(got, rows[i].want, "R24, R25: quantity and what is free");
    }
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/rating/terms.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    test_usage_discount(arena);
    arena_free(arena);
    return tap_end();
}
