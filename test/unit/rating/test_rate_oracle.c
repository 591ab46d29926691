/* 100,000 seeded price lists against a slow oracle in exact rationals (GMP), and the laws of
 * prices: lines add up, a maximum is never exceeded, a minimum never undercut, graduated prices
 * never fall as usage grows, the same input gives the same answer. */
#include <gmp.h>
#include <string.h>

#include "unit/rating/random_terms.h"

#define ROUNDS 100000

static void set_dec(mpq_t ret, dec value)
{
    char digits[DEC_TEXT_MAX];
    size_t length = dec_print(value, digits);
    char *point = strchr(digits, '.');
    size_t scale = 0;
    if (point != NULL) {
        scale = (size_t)(digits + length - point) - 1;
        memmove(point, point + 1, scale + 1);
    }
    MUST(mpz_set_str(mpq_numref(ret), digits, 10) == 0);
    mpz_ui_pow_ui(mpq_denref(ret), 10, scale);
    mpq_canonicalize(ret);
}

/* To cents, half away from zero; values are not negative. */
static void round_cents(mpq_t value)
{
    mpz_t n, d;
    mpz_inits(n, d, NULL);
    mpz_mul_ui(n, mpq_numref(value), 200);
    mpz_add(n, n, mpq_denref(value));
    mpz_mul_ui(d, mpq_denref(value), 2);
    mpz_fdiv_q(mpq_numref(value), n, d);
    mpz_set_ui(mpq_denref(value), 100);
    mpq_canonicalize(value);
    mpz_clears(n, d, NULL);
}

/* What the oracle works with. */
struct oracle {
    const struct price_terms *terms;
    mpq_t quantity, sum, line, t;
};

/* Adds a line of units times price, rounded, less its percentage, rounded. */
static void add_line(struct oracle *o, mpq_t units, dec price)
{
    set_dec(o->t, price);
    mpq_mul(o->line, units, o->t);
    round_cents(o->line);
    mpq_add(o->sum, o->sum, o->line);
    if (!dec_is_valid(o->terms->percentage_discount))
        return;
    set_dec(o->t, o->terms->percentage_discount);
    mpq_mul(o->line, o->line, o->t);
    mpq_set_ui(o->t, 100, 1);
    mpq_div(o->line, o->line, o->t);
    round_cents(o->line);
    mpq_sub(o->sum, o->sum, o->line);
}

static void add_fee(struct oracle *o, dec fee)
{
    mpq_t one;
    mpq_init(one);
    mpq_set_ui(one, 1, 1);
    if (dec_is_valid(fee))
        add_line(o, one, fee);
    mpq_clear(one);
}

static const struct price_tier *tiers_of(const struct oracle *o)
{
    return o->terms->price.tiers.items;
}

/* Compares with a dec; an open end is larger than everything. */
static int compare(struct oracle *o, mpq_t value, dec limit)
{
    if (!dec_is_valid(limit))
        return -1;
    set_dec(o->t, limit);
    return mpq_cmp(value, o->t);
}

static void price_graduated(struct oracle *o)
{
    mpq_t from, to;
    mpq_inits(from, to, NULL);
    for (size_t i = 0; i < o->terms->price.tiers.count; i++) {
        const struct price_tier *tier = &tiers_of(o)[i];
        if (i > 0 && mpq_cmp(o->quantity, from) <= 0)
            break;
        mpq_set(to, o->quantity);
        if (compare(o, o->quantity, tier->up_to) > 0)
            set_dec(to, tier->up_to);
        mpq_sub(from, to, from);
        add_line(o, from, tier->unit_price);
        add_fee(o, tier->flat_price);
        mpq_set(from, to);
    }
    mpq_clears(from, to, NULL);
}

static void price_volume(struct oracle *o)
{
    size_t i = 0;
    while (compare(o, o->quantity, tiers_of(o)[i].up_to) > 0)
        i++;
    add_fee(o, tiers_of(o)[i].flat_price);
    add_line(o, o->quantity, tiers_of(o)[i].unit_price);
}

static void price_package(struct oracle *o)
{
    mpq_t packages;
    mpq_init(packages);
    set_dec(packages, o->terms->price.package_size);
    mpq_div(packages, o->quantity, packages);
    mpz_cdiv_q(mpq_numref(packages), mpq_numref(packages), mpq_denref(packages));
    mpz_set_ui(mpq_denref(packages), 1);
    add_line(o, packages, o->terms->price.amount);
    mpq_clear(packages);
}

static void clamp(struct oracle *o)
{
    if (dec_is_valid(o->terms->maximum_amount) && compare(o, o->sum, o->terms->maximum_amount) > 0)
        set_dec(o->sum, o->terms->maximum_amount);
    if (dec_is_valid(o->terms->minimum_amount) && compare(o, o->sum, o->terms->minimum_amount) < 0)
        set_dec(o->sum, o->terms->minimum_amount);
}

/* The total of a whole period, into o->sum. */
static void oracle_run(struct oracle *o, dec quantity)
{
    set_dec(o->quantity, quantity);
    mpq_set_ui(o->sum, 0, 1);
    if (dec_is_valid(o->terms->usage_discount)) {
        set_dec(o->t, o->terms->usage_discount);
        mpq_sub(o->quantity, o->quantity, o->t);
        if (mpq_sgn(o->quantity) < 0)
            mpq_set_ui(o->quantity, 0, 1);
    }
    switch ((int)o->terms->price.type) {
    case PRICE_UNIT:
        add_line(o, o->quantity, o->terms->price.amount);
        break;
    case PRICE_GRADUATED:
        price_graduated(o);
        break;
    case PRICE_VOLUME:
        price_volume(o);
        break;
    case PRICE_PACKAGE:
        price_package(o);
        break;
    default:
        MUST(o->terms->price.type == PRICE_DYNAMIC);
        add_line(o, o->quantity, o->terms->price.multiplier);
        break;
    }
    clamp(o);
}

struct counts {
    int oracle, lines, maximum, minimum, graduated, repeat;
};

static bool is_above(dec a, dec b)
{
    return dec_is_valid(b) && dec_compare(a, b) > 0;
}

static void check_lines(const struct rate_result *result, struct counts *faults)
{
    struct rate_totals sum = rate_totals_zero(currency_find(TEXT("USD")));
    for (size_t i = 0; i < result->count; i++)
        sum = rate_totals_add(&sum, &result->details[i].totals);
    faults->lines +=
        !dec_equal(sum.total, result->totals.total) ||
        !dec_equal(sum.amount, result->totals.amount) ||
        !dec_equal(dec_sub(dec_add(sum.amount, sum.charges_total), sum.discounts_total),
                   result->totals.total);
}

/* More of the same never costs less by tiers, without a percentage that rounds. */
static void check_growth(struct rate_input *input, const struct rate_result *less,
                         struct arena *arena, struct counts *faults)
{
    struct rate_result more;
    if (input->terms->price.type != PRICE_GRADUATED ||
        dec_is_valid(input->terms->percentage_discount))
        return;
    input->quantity = dec_add(input->quantity, dec_of_parts(between(0, 100), 1));
    MUST(rate_line(input, arena, &more) == FAULT_NONE);
    faults->graduated += dec_compare(more.totals.total, less->totals.total) < 0;
}

static void check_one(struct oracle *o, struct arena *arena, struct counts *faults)
{
    struct row row = { 0 };
    struct rate_result result, again;
    mpq_t got;
    random_terms(&row);
    struct rate_input input = {
        .terms = &row.terms,
        .name = TEXT("x"),
        .quantity = dec_of_parts(between(0, 100000), (int32_t)between(0, 4)),
        .currency = currency_find(TEXT("USD")),
    };
    o->terms = &row.terms;
    MUST(rate_line(&input, arena, &result) == FAULT_NONE);
    MUST(rate_line(&input, arena, &again) == FAULT_NONE);
    oracle_run(o, input.quantity);
    mpq_init(got);
    set_dec(got, result.totals.total);
    faults->oracle += mpq_equal(got, o->sum) == 0;
    mpq_clear(got);
    check_lines(&result, faults);
    faults->maximum += is_above(result.totals.total, row.terms.maximum_amount);
    faults->minimum += dec_is_valid(row.terms.minimum_amount) &&
                       dec_compare(result.totals.total, row.terms.minimum_amount) < 0;
    faults->repeat += !dec_equal(result.totals.total, again.totals.total) ||
                      result.totals.total.scale != again.totals.total.scale ||
                      result.count != again.count;
    check_growth(&input, &result, arena, faults);
    arena_reset(arena);
}

int main(void)
{
    struct arena *arena = arena_new();
    struct counts faults = { 0 };
    struct oracle oracle;
    random_seed();
    mpq_inits(oracle.quantity, oracle.sum, oracle.line, oracle.t, NULL);
    for (int i = 0; i < ROUNDS; i++)
        check_one(&oracle, arena, &faults);
    mpq_clears(oracle.quantity, oracle.sum, oracle.line, oracle.t, NULL);
    OK(faults.oracle == 0, "the total is what exact rationals say");
    OK(faults.lines == 0, "lines add up to the totals");
    OK(faults.maximum == 0, "a maximum is never exceeded");
    OK(faults.minimum == 0, "a minimum is never undercut");
    OK(faults.graduated == 0, "a graduated price never falls as usage grows");
    OK(faults.repeat == 0, "the same input gives the same answer");
    arena_free(arena);
    return tap_end();
}
