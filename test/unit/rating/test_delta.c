/* Bills periods bit by bit by deltas, from a table; and the law that deltas add up to the whole. */
#include "rating/delta.h"

#include "unit/rating/random_terms.h"

enum { RULE, TERMS, QUANTITIES, DELTAS, COLUMNS };

#define BOOKED_MAX 64

/* A period that is billed bit by bit. */
struct ledger {
    struct row row;
    struct rate_detail booked[BOOKED_MAX];
    size_t count;
};

/* Rates the period up to a quantity, takes off what was booked, books the rest. */
static enum fault step(struct ledger *ledger, dec quantity, bool is_end, struct arena *arena,
                       struct rate_result *ret)
{
    struct rate_input *input = &ledger->row.input;
    struct rate_result delta;
    enum fault fault;
    input->terms = &ledger->row.terms;
    input->name = TEXT("feature");
    input->quantity = quantity;
    if (input->currency == NULL)
        input->currency = currency_find(TEXT("USD"));
    const struct rate_booked booked = { ledger->booked, ledger->count };
    fault = rate_so_far(input, is_end, &booked, arena, &delta);
    if (fault != FAULT_NONE)
        return fault;
    for (size_t i = 0; i < delta.count; i++) {
        MUST(ledger->count < BOOKED_MAX);
        ledger->booked[ledger->count++] = delta.details[i];
    }
    *ret = delta;
    return FAULT_NONE;
}

static void add_step(struct buffer *out, const struct rate_result *delta, struct arena *arena)
{
    if (delta->count == 0)
        buffer_add(out, TEXT("none"));
    for (size_t i = 0; i < delta->count; i++) {
        const struct rate_detail *d = &delta->details[i];
        buffer_format(out, "%s%.*s %.*s %.*s %.*s", i > 0 ? ", " : "", TEXT_ARG(d->child_id),
                      TEXT_ARG(dec_text(arena, d->quantity)),
                      TEXT_ARG(dec_text(arena, dec_add(d->amount, DEC_ZERO))),
                      TEXT_ARG(dec_text(arena, d->totals.total)));
    }
}

static void test_row(struct arena *arena, const struct table *t)
{
    struct ledger ledger = { 0 };
    struct buffer out = { .arena = arena };
    text rest = t->cells[QUANTITIES];
    read_terms(&ledger.row, t->cells[TERMS]);
    while (!text_is_empty(rest)) {
        text word = text_cut(&rest, ' ');
        bool is_end = word.ptr[word.len - 1] == '.';
        text digits = is_end ? text_slice(word, 0, word.len - 1) : word;
        struct rate_result delta;
        enum fault fault = step(&ledger, number(digits), is_end, arena, &delta);
        if (out.len > 0)
            buffer_add(&out, TEXT("; "));
        if (fault != FAULT_NONE)
            buffer_add(&out, text_of(fault_info(fault)->slug));
        else
            add_step(&out, &delta, arena);
    }
    tap_is_text(buffer_text(&out), t->cells[DELTAS], __FILE__, __LINE__, table_name(t));
}

/* The sum of what was booked, member by member, is what rating once gives. */
static bool adds_up(struct ledger *ledger, dec quantity, struct arena *arena)
{
    struct rate_totals sum = rate_totals_zero(ledger->row.input.currency);
    struct rate_input whole = ledger->row.input;
    struct rate_result once;
    whole.quantity = quantity;
    MUST(rate_line(&whole, arena, &once) == FAULT_NONE);
    for (size_t i = 0; i < ledger->count; i++)
        sum = rate_totals_add(&sum, &ledger->booked[i].totals);
    return dec_equal(sum.amount, once.totals.amount) &&
           dec_equal(sum.charges_total, once.totals.charges_total) &&
           dec_equal(sum.discounts_total, once.totals.discounts_total) &&
           dec_equal(sum.total, once.totals.total);
}

static int count_faults(struct arena *arena, int rounds)
{
    int faults = 0;
    for (int i = 0; i < rounds; i++) {
        struct ledger ledger = { 0 };
        dec quantity = DEC_ZERO;
        int64_t steps = between(1, 5);
        random_terms(&ledger.row);
        for (int64_t k = 1; k <= steps; k++) {
            /* Now and then less than before: a correction. */
            quantity = dec_max(dec_add(quantity, dec_of_parts(between(-100, 300), 1)), DEC_ZERO);
            struct rate_result delta;
            MUST(step(&ledger, quantity, k == steps, arena, &delta) == FAULT_NONE);
        }
        faults += !adds_up(&ledger, quantity, arena);
        arena_reset(arena);
    }
    return faults;
}

/* A line of another category is another line, whatever it is called. */
static void test_category(struct arena *arena)
{
    const struct currency *currency = currency_find(TEXT("USD"));
    const struct price_terms terms = price_terms_of(PRICE_UNIT, dec_of_int(10));
    const struct rate_input input = {
        .terms = &terms, .name = TEXT("x"), .quantity = dec_of_int(5), .currency = currency
    };
    struct rate_result whole, delta;
    MUST(rate_line(&input, arena, &whole) == FAULT_NONE);
    struct rate_detail other = whole.details[0];
    other.category = RATE_COMMITMENT;
    const struct rate_booked booked = { &other, 1 };
    MUST(rate_delta(&whole, &booked, currency, arena, &delta) == FAULT_NONE);
    OK(delta.count == 2, "a line of another category is not taken off");
    IS_TEXT(delta.details[1].child_id,
            "unit-price-usage#reversal:category=commitment:per_unit_amount=10",
            "it is reversed by itself");
}

int main(void)
{
    struct arena *arena = arena_new();
    struct table t = table_open(arena, "test/vectors/rating/delta.vec", COLUMNS);
    while (table_next(&t))
        test_row(arena, &t);
    table_close(&t);
    test_category(arena);
    random_seed();
    OK(count_faults(arena, 100000) == 0, "deltas add up to the whole, to the cent");
    arena_free(arena);
    return tap_end();
}
