/* Prices lines with terms around the price, whole and in parts, from a table. */
#include "rating/rate.h"

#include "lib/table.h"
#include "lib/tap.h"

enum { RULE, TERMS, QUANTITY, PART, DETAILS, TOTALS, COLUMNS };

#define TIERS_MAX 8

struct row {
    struct price_terms terms;
    struct price_tier tiers[TIERS_MAX];
    struct rate_input input;
};

static dec number(text t)
{
    dec value;
    MUST(dec_parse_numeric(text_trim(t), &value));
    return value;
}

static int word_index(const char *const *words, text word)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (text_equal(word, text_of(words[i])))
            return i;
    }
    UNREACHABLE();
}

/* "5:100+0", "10:50", "15:+5", "inf:+1" */
static struct price_tier tier_of(text t)
{
    text rest = text_trim(t);
    text up_to = text_cut(&rest, ':');
    text fee = text_cut(&rest, '+');
    return (struct price_tier){
        .up_to = text_equal(up_to, TEXT("inf")) ? DEC_INVALID : number(up_to),
        .flat_price = text_is_empty(fee) ? DEC_INVALID : number(fee),
        .unit_price = text_is_empty(rest) ? DEC_INVALID : number(rest),
    };
}

static void read_tiers(struct row *row, text rest)
{
    size_t count = 0;
    while (!text_is_empty(rest)) {
        MUST(count < TIERS_MAX);
        row->tiers[count++] = tier_of(text_cut(&rest, ','));
    }
    row->terms.price.tiers = (struct list){ row->tiers, count };
}

static void read_conversion(struct unit_config *config, text rest)
{
    text factor = text_cut(&rest, ' ');
    config->operation = factor.ptr[0] == '/' ? UNIT_DIVIDE : UNIT_MULTIPLY;
    config->conversion_factor = number(text_slice(factor, 1, factor.len - 1));
    config->rounding = (enum unit_rounding)word_index(unit_rounding_words, text_cut(&rest, ' '));
    MUST(text_to_int(rest, &config->precision));
}

static void read_price(struct row *row, text type, text rest)
{
    struct price *price = &row->terms.price;
    price->type = (enum price_type)word_index(price_type_words, type);
    if (price->type == PRICE_GRADUATED || price->type == PRICE_VOLUME) {
        read_tiers(row, rest);
    } else if (price->type == PRICE_DYNAMIC) {
        price->multiplier = number(rest);
    } else {
        price->amount = number(text_cut(&rest, ' '));
        if (text_equal(rest, TEXT("in_arrears")))
            row->input.payment_term = TERM_IN_ARREARS;
        if (price->type == PRICE_PACKAGE)
            price->package_size = number(text_slice(rest, 4, rest.len - 4));
    }
}

static void read_term(struct row *row, text term)
{
    text rest = text_trim(term);
    text word = text_cut(&rest, ' ');
    if (text_equal(word, TEXT("min")))
        row->terms.minimum_amount = number(rest);
    else if (text_equal(word, TEXT("max")))
        row->terms.maximum_amount = number(rest);
    else if (text_equal(word, TEXT("percent")))
        row->terms.percentage_discount = number(rest);
    else if (text_equal(word, TEXT("free")))
        row->terms.usage_discount = number(rest);
    else if (text_equal(word, TEXT("convert"))) {
        row->terms.has_unit_config = true;
        read_conversion(&row->terms.unit_config, rest);
    } else
        read_price(row, word, rest);
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
    struct row row = { .terms = price_terms_free() };
    struct rate_result result = { 0 };
    text rest = t->cells[TERMS];
    row.input = (struct rate_input){
        .terms = &row.terms,
        .name = TEXT("feature"),
        .quantity = number(t->cells[QUANTITY]),
        .currency = currency_find(TEXT("USD")),
    };
    while (!text_is_empty(rest))
        read_term(&row, text_cut(&rest, ';'));
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
