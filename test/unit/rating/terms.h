/* terms.h: price terms as the tables of test/vectors/rating write them: see terms.vec. */
#ifndef TEST_UNIT_RATING_TERMS_H
#define TEST_UNIT_RATING_TERMS_H

#include "lib/table.h"
#include "lib/tap.h"
#include "rating/rate.h"

#define TIERS_MAX 8

struct row {
    struct price_terms terms;
    struct price_tier tiers[TIERS_MAX];
    struct rate_input input;
};

static inline dec number(text t)
{
    dec value;
    MUST(dec_parse_numeric(text_trim(t), &value));
    return value;
}

static inline int word_index(const char *const *words, text word)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (text_equal(word, text_of(words[i])))
            return i;
    }
    UNREACHABLE();
}

/* "5:100+0", "10:50", "15:+5", "inf:+1" */
static inline struct price_tier tier_of(text t)
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

static inline void read_tiers(struct row *row, text rest)
{
    size_t count = 0;
    while (!text_is_empty(rest)) {
        MUST(count < TIERS_MAX);
        row->tiers[count++] = tier_of(text_cut(&rest, ','));
    }
    row->terms.price.tiers = (struct list){ row->tiers, count };
}

static inline void read_conversion(struct unit_config *config, text rest)
{
    text factor = text_cut(&rest, ' ');
    config->operation = factor.ptr[0] == '/' ? UNIT_DIVIDE : UNIT_MULTIPLY;
    config->conversion_factor = number(text_slice(factor, 1, factor.len - 1));
    config->rounding = (enum unit_rounding)word_index(unit_rounding_words, text_cut(&rest, ' '));
    MUST(text_to_int(rest, &config->precision));
}

static inline void read_price(struct row *row, text type, text rest)
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

static inline void read_term(struct row *row, text term)
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

/* Reads all terms of a cell, with ';' between them. */
static inline void read_terms(struct row *row, text rest)
{
    row->terms = price_terms_free();
    while (!text_is_empty(rest))
        read_term(row, text_cut(&rest, ';'));
}

#endif
