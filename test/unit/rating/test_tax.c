/* Divides amounts and reckons taxes, from tables; and the laws that both add up. */
#include "rating/allocate.h"
#include "rating/tax.h"

#include "lib/law.h"
#include "lib/table.h"

enum { RULE, CURRENCY };

static dec number(text t)
{
    dec value;
    MUST(dec_parse(t, &value));
    return value;
}

/* ---- dividing ------------------------------------------------------------------------------ */

enum { AMOUNT = CURRENCY + 1, WEIGHTS, SHARES, ALLOCATE_COLUMNS };

static void allocate_row(struct arena *arena, const struct table *t)
{
    const struct currency *currency = currency_find(t->cells[CURRENCY]);
    struct buffer out = { .arena = arena };
    dec weights[8], shares[8];
    size_t count = 0;
    for (text rest = t->cells[WEIGHTS]; !text_is_empty(rest); count++)
        weights[count] = number(text_cut(&rest, ' '));
    dec amount = dec_round(number(t->cells[AMOUNT]), currency->digits, ROUND_HALF_AWAY);
    const struct allocation allocation = { amount, weights, count, currency };
    if (!allocate_by_weight(&allocation, arena, shares))
        buffer_add(&out, TEXT("overflow"));
    else
        for (size_t i = 0; i < count; i++)
            buffer_format(&out, "%s%.*s", i > 0 ? " " : "", TEXT_ARG(dec_text(arena, shares[i])));
    tap_is_text(buffer_text(&out), t->cells[SHARES], __FILE__, __LINE__, table_name(t));
}

/* ---- taxes --------------------------------------------------------------------------------- */

enum { CATEGORIES = CURRENCY + 1, LINES, GROUPS, LINE_TAXES, TAX_COLUMNS };

#define MANY 8

struct tax_row {
    text names[MANY];
    struct tax_category categories[MANY];
    struct tax_rate rates[MANY][MANY];
    struct tax_line lines[MANY];
    struct tax_input input;
};

static void read_category(struct tax_row *row, text cell)
{
    size_t at = row->input.category_count++;
    struct tax_category *category = &row->categories[at];
    text head = text_cut(&cell, ' ');
    row->names[at] = text_cut(&head, ':');
    category->is_inclusive = text_equal(head, TEXT("in"));
    category->rates = row->rates[at];
    for (text rest = cell; !text_is_empty(rest);) {
        text rate = text_cut(&rest, ',');
        text name = text_cut(&rate, '=');
        row->rates[at][category->rate_count++] = (struct tax_rate){ name, number(rate) };
    }
}

static size_t category_of(const struct tax_row *row, text name)
{
    for (size_t i = 0; i < row->input.category_count; i++) {
        if (text_equal(row->names[i], name))
            return i;
    }
    return TAX_NO_CATEGORY;
}

static void read_row(struct tax_row *row, const struct table *t)
{
    row->input = (struct tax_input){ .categories = row->categories,
                                     .lines = row->lines,
                                     .currency = currency_find(t->cells[CURRENCY]) };
    for (text rest = t->cells[CATEGORIES]; !text_is_empty(rest);)
        read_category(row, text_trim(text_cut(&rest, ';')));
    for (text rest = t->cells[LINES]; !text_is_empty(rest);) {
        text line = text_cut(&rest, ' ');
        text amount = text_cut(&line, '@');
        row->lines[row->input.line_count++] =
            (struct tax_line){ category_of(row, line), number(amount) };
    }
}

static void tax_row_test(struct arena *arena, const struct table *t)
{
    struct tax_row row = { 0 };
    struct buffer groups = { .arena = arena }, taxes = { .arena = arena };
    struct tax_result result;
    read_row(&row, t);
    enum fault fault = tax_reckon(&row.input, arena, &result);
    if (fault != FAULT_NONE) {
        MUST(fault == FAULT_AMOUNT_OVERFLOW);
        tap_is_text(TEXT("overflow"), t->cells[GROUPS], __FILE__, __LINE__, table_name(t));
        return;
    }
    if (result.group_count == 0)
        buffer_add(&groups, TEXT("none"));
    for (size_t i = 0; i < result.group_count; i++) {
        const struct tax_group *group = &result.groups[i];
        buffer_format(&groups, "%s%.*s/%.*s %.*s %.*s", i > 0 ? "; " : "",
                      TEXT_ARG(row.names[group->category]),
                      TEXT_ARG(row.rates[group->category][group->rate].name),
                      TEXT_ARG(dec_text(arena, group->base)),
                      TEXT_ARG(dec_text(arena, group->tax)));
    }
    for (size_t line = 0; line < row.input.line_count; line++) {
        dec sum = DEC_ZERO;
        for (size_t i = 0; i < result.share_count; i++) {
            if (result.shares[i].line == line)
                sum = dec_add(sum, result.shares[i].tax);
        }
        buffer_format(&taxes, "%s%.*s", line > 0 ? " " : "", TEXT_ARG(dec_text(arena, sum)));
    }
    tap_is_text(buffer_text(&groups), t->cells[GROUPS], __FILE__, __LINE__, table_name(t));
    tap_is_text(buffer_text(&taxes), t->cells[LINE_TAXES], __FILE__, __LINE__, table_name(t));
}

/* ---- laws ---------------------------------------------------------------------------------- */

static bool adds_up(const struct tax_input *input, const struct tax_result *result)
{
    for (size_t group = 0; group < result->group_count; group++) {
        dec sum = DEC_ZERO;
        for (size_t i = 0; i < result->share_count; i++) {
            if (result->shares[i].group == group)
                sum = dec_add(sum, result->shares[i].tax);
        }
        if (!dec_equal(sum, result->groups[group].tax))
            return false;
    }
    return input->line_count > 0;
}

/* Whether every share is within a cent of its exact value: tax on top only. */
static bool is_near(const struct tax_input *input, const struct tax_result *result)
{
    const dec cent = dec_of_parts(1, 2);
    for (size_t i = 0; i < result->share_count; i++) {
        const struct tax_share *share = &result->shares[i];
        const struct tax_group *group = &result->groups[share->group];
        const struct tax_category *category = &input->categories[group->category];
        dec exact = dec_mul(input->lines[share->line].amount,
                            dec_mul(category->rates[group->rate].percentage, cent));
        if (!category->is_inclusive && dec_compare(dec_abs(dec_sub(share->tax, exact)), cent) >= 0)
            return false;
    }
    return true;
}

static void tax_laws(void)
{
    struct law sums = { .name = "the shares of a group add up to its tax" };
    struct law near = { .name = "a share is less than a cent from its exact value" };
    for (int i = 0; i < 20000; i++) {
        CLEANUP(arena_cleanup) struct arena *arena = arena_new();
        struct tax_row row = { .input = { .category_count = (size_t)law_between(1, 3),
                                          .line_count = (size_t)law_between(1, MANY),
                                          .currency = currency_find(TEXT("USD")) } };
        struct tax_result result;
        row.input.categories = row.categories;
        row.input.lines = row.lines;
        for (size_t c = 0; c < row.input.category_count; c++) {
            size_t rates = (size_t)law_between(1, 3);
            row.categories[c] =
                (struct tax_category){ law_between(0, 1) == 1, row.rates[c], rates };
            for (size_t r = 0; r < rates; r++)
                row.rates[c][r].percentage = dec_of_parts(law_between(0, 30000), 3);
        }
        for (size_t l = 0; l < row.input.line_count; l++)
            row.lines[l] = (struct tax_line){
                (size_t)law_between(0, (int64_t)row.input.category_count - 1),
                dec_of_parts(law_between(-10000, 100000), 2),
            };
        MUST(tax_reckon(&row.input, arena, &result) == FAULT_NONE);
        law_case(&sums, adds_up(&row.input, &result), "case %d", i);
        law_case(&near, is_near(&row.input, &result), "case %d", i);
    }
    law_end(&sums);
    law_end(&near);
}

int main(void)
{
    CLEANUP(arena_cleanup) struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/rating/allocate.vec", ALLOCATE_COLUMNS);
    while (table_next(&t))
        allocate_row(arena, &t);
    table_close(&t);
    t = table_open(arena, "test/vectors/rating/tax.vec", TAX_COLUMNS);
    while (table_next(&t))
        tax_row_test(arena, &t);
    table_close(&t);
    law_seed();
    tax_laws();
    return tap_end();
}
