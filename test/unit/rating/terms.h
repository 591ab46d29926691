/* terms.h: price terms as the tables of test/vectors/rating write them: see terms.vec. */
#ifndef TEST_UNIT_RATING_TERMS_H
#define TEST_UNIT_RATING_TERMS_H

#include "lib/table.h"
#include "lib/tap.h"
#include "rating/rate.h"

#define TIERS_MAX  12
#define SHARES_MAX 8

struct row {
    struct price_terms terms;
    struct price_tier tiers[TIERS_MAX];
    struct price_cell cells[TIERS_MAX];
    struct price_window windows[TIERS_MAX];
    text texts[2 * TIERS_MAX];
    size_t text_count;
    struct rate_share shares[SHARES_MAX];
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
    MUST(text_to_int(text_cut(&rest, ' '), &config->precision));
    config->display_unit = rest;
}

/* Words between separators, kept in the row. */
static inline struct text_list read_words(struct row *row, text rest, char separator)
{
    struct text_list words = { row->texts + row->text_count, 0 };
    while (!text_is_empty(rest)) {
        MUST(row->text_count < COUNT_OF(row->texts));
        row->texts[row->text_count++] = text_cut(&rest, separator);
        words.count++;
    }
    return words;
}

/* "2.9", then any of "fixed 0.30", "least 0.50", "most 5" */
static inline void read_percentage(struct price_percentage *percentage, text rest)
{
    percentage->rate = number(text_cut(&rest, ' '));
    while (!text_is_empty(rest)) {
        text word = text_cut(&rest, ' ');
        dec value = number(text_cut(&rest, ' '));
        if (text_equal(word, TEXT("fixed")))
            percentage->fixed_amount = value;
        else if (text_equal(word, TEXT("least")))
            percentage->minimum_amount = value;
        else
            percentage->maximum_amount = value;
    }
}

/* "model,region large/eu=2 small/eu=1 other=0.5": dimensions, cells, and what no cell has */
static inline void read_cells(struct row *row, text rest)
{
    struct price *price = &row->terms.price;
    price->dimensions = read_words(row, text_cut(&rest, ' '), ',');
    price->cells.items = row->cells;
    while (!text_is_empty(rest)) {
        text amount = text_cut(&rest, ' ');
        text values = text_cut(&amount, '=');
        if (text_equal(values, TEXT("other")))
            price->amount = number(amount);
        else
            row->cells[price->cells.count++] =
                (struct price_cell){ read_words(row, values, '/'), number(amount) };
    }
}

/* Minutes of "HH:MM". */
static inline int64_t minute_of(text t)
{
    int64_t hours = 0;
    int64_t minutes = 0;
    text first = text_cut(&t, ':');
    MUST(text_to_int(first, &hours) && text_to_int(t, &minutes));
    return hours * 60 + minutes;
}

/* "peak/1111100/08:00-20:00=2 other=1": name, days from Monday on, minutes, amount */
static inline void read_windows(struct row *row, text rest)
{
    struct price *price = &row->terms.price;
    price->windows.items = row->windows;
    while (!text_is_empty(rest)) {
        text amount = text_cut(&rest, ' ');
        text window = text_cut(&amount, '=');
        text name = text_cut(&window, '/');
        text days = text_cut(&window, '/');
        struct price_window *next = &row->windows[price->windows.count];
        if (text_equal(name, TEXT("other"))) {
            price->amount = number(amount);
            continue;
        }
        price->windows.count++;
        *next = (struct price_window){ .name = name, .unit_amount = number(amount) };
        for (size_t day = 0; day < days.len; day++)
            next->days |= days.ptr[day] == '1' ? 1 << day : 0;
        next->from_minute = minute_of(text_cut(&window, '-'));
        next->to_minute = minute_of(window);
    }
}

/* "A with N over B" */
static inline void read_capacity(struct price *price, text rest)
{
    price->amount = number(text_cut(&rest, ' '));
    (void)text_cut(&rest, ' ');
    price->included_quantity = number(text_cut(&rest, ' '));
    (void)text_cut(&rest, ' ');
    price->overage_amount = number(rest);
}

static inline void read_price(struct row *row, text type, text rest)
{
    struct price *price = &row->terms.price;
    price->type = (enum price_type)word_index(price_type_words, type);
    if (price->type == PRICE_GRADUATED || price->type == PRICE_VOLUME) {
        read_tiers(row, rest);
    } else if (price->type == PRICE_DYNAMIC) {
        price->multiplier = number(rest);
    } else if (price->type == PRICE_PERCENTAGE) {
        read_percentage(&price->percentage, rest);
    } else if (price->type == PRICE_MATRIX) {
        read_cells(row, rest);
    } else if (price->type == PRICE_TIME_OF_USE) {
        read_windows(row, rest);
    } else if (price->type == PRICE_CAPACITY) {
        read_capacity(price, rest);
    } else if (price->type != PRICE_FREE) {
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
    else if (text_equal(word, TEXT("free")) && !text_is_empty(rest))
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

/* The first N of M days. */
static inline void read_days(struct rate_input *input, text *rest)
{
    dec service = number(text_cut(rest, ' '));
    dec full = number(text_cut(rest, ' '));
    input->service_period.to.ns = (int64_t)service.coefficient * NS_PER_DAY;
    input->full_service_period.to.ns = (int64_t)full.coefficient * NS_PER_DAY;
}

static inline void read_part(struct row *row, text rest)
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

/* A number, or shares: "VALUE*COUNT" of transactions, "PLACE*QUANTITY" of cells and windows. */
static inline void read_quantity(struct row *row, text rest)
{
    const bool is_by_value = row->terms.price.type == PRICE_PERCENTAGE;
    struct rate_input *input = &row->input;
    if (price_split_of(row->terms.price.type) == PRICE_SPLIT_NONE) {
        input->quantity = number(rest);
        return;
    }
    input->shares = row->shares;
    while (!text_is_empty(rest) && !text_equal(rest, TEXT("-"))) {
        text quantity = text_cut(&rest, ' ');
        text value = text_cut(&quantity, '*');
        struct rate_share *share = &row->shares[input->share_count++];
        int64_t place = 0;
        MUST(input->share_count <= SHARES_MAX);
        share->quantity = number(quantity);
        if (is_by_value)
            share->value = number(value);
        else
            MUST(text_to_int(value, &place));
        share->place = (size_t)place;
    }
}

/* Reads the cells of a row of one line. */
static inline void read_row(struct row *row, text terms, text quantity, text part)
{
    read_terms(row, terms);
    read_quantity(row, quantity);
    if (!text_equal(part, TEXT("-")))
        read_part(row, part);
}

#endif
