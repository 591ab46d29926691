/* Laws of rating over random inputs, with a second, independent computation in exact rationals
 * (GMP). The seed is printed; SEED=n repeats a run. */
#include "rating/rate.h"

#include "base/clock.h"

#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "lib/tap.h"

#define ROUNDS 100000

static uint64_t state;

/* splitmix64: enough for tests, and the same everywhere. */
static uint64_t next_number(void)
{
    state += 0x9e3779b97f4a7c15u;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int64_t between(int64_t low, int64_t high)
{
    return low + (int64_t)(next_number() % (uint64_t)(high - low + 1));
}

static dec random_dec(int64_t most, int32_t scale_most)
{
    return dec_of_parts(between(0, most), (int32_t)between(0, scale_most));
}

static const struct currency *random_currency(void)
{
    static const char *const codes[] = { "USD", "JPY", "BHD", "EUR" };
    return currency_find(text_of(codes[between(0, 3)]));
}

static void mpq_of_dec(mpq_t ret, dec value)
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

/* Rounds half away from zero to `digits` in exact arithmetic and compares with what we got. */
static bool is_rounded(mpq_t exact, int32_t digits, dec got)
{
    mpq_t scaled, want;
    mpz_t power, doubled, rest;
    mpq_inits(scaled, want, NULL);
    mpz_inits(power, doubled, rest, NULL);
    mpz_ui_pow_ui(power, 10, (unsigned long)digits);
    mpq_set_z(want, power);
    mpq_mul(scaled, exact, want);
    bool is_negative = mpq_sgn(scaled) < 0;
    mpq_abs(scaled, scaled);
    mpz_mul_ui(doubled, mpq_numref(scaled), 2);
    mpz_add(doubled, doubled, mpq_denref(scaled));
    mpz_mul_ui(rest, mpq_denref(scaled), 2);
    mpz_fdiv_q(doubled, doubled, rest);
    if (is_negative)
        mpz_neg(doubled, doubled);
    mpz_set(mpq_numref(want), doubled);
    mpz_set(mpq_denref(want), power);
    mpq_canonicalize(want);
    mpq_of_dec(scaled, got);
    bool is_equal = mpq_equal(want, scaled) != 0;
    mpz_clears(power, doubled, rest, NULL);
    mpq_clears(scaled, want, NULL);
    return is_equal;
}

/* Terms live in the arena. */
static struct rate_input input_of(struct arena *arena, enum price_type type, dec price,
                                  dec quantity)
{
    struct price_terms terms = price_terms_of(type, type == PRICE_FREE ? DEC_INVALID : price);
    return (struct rate_input){
        .terms = arena_copy(arena, &terms, sizeof terms),
        .name = TEXT("x"),
        .quantity = quantity,
        .currency = random_currency(),
    };
}

/* Each line is price times quantity, rounded once: against exact rationals. */
static int count_unit_faults(struct arena *arena)
{
    int faults = 0;
    mpq_t a, b;
    mpq_inits(a, b, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        dec quantity = random_dec(1000000000000, 9);
        if (i % 3 == 0)
            quantity = dec_negate(quantity);
        struct rate_input input =
            input_of(arena, PRICE_UNIT, random_dec(1000000000000, 12), quantity);
        struct rate_result result;
        MUST(rate_line(&input, arena, &result) == FAULT_NONE);
        mpq_of_dec(a, input.terms->price.amount);
        mpq_of_dec(b, input.quantity);
        mpq_mul(a, a, b);
        faults += !is_rounded(a, input.currency->digits, result.totals.total);
        arena_reset(arena);
    }
    mpq_clears(a, b, NULL);
    return faults;
}

static int count_prorate_faults(void)
{
    int faults = 0;
    mpq_t exact, part;
    mpq_inits(exact, part, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        int64_t start = between(-1000000000, 2000000000) * NS_PER_SECOND;
        int64_t full = between(1, 400 * NS_PER_DAY);
        int64_t from = between(0, full);
        int64_t to = between(from, full);
        struct period whole = { { start }, { start + full } };
        struct period service = { { start + from }, { start + to } };
        dec amount = random_dec(100000000000, 6);
        const struct currency *currency = random_currency();
        const struct proration share = { .service = service, .full = whole };
        mpq_of_dec(exact, amount);
        mpq_of_dec(part, dec_of_int(to - from));
        mpq_mul(exact, exact, part);
        mpq_of_dec(part, dec_of_int(full));
        mpq_div(exact, exact, part);
        faults += !is_rounded(exact, currency->digits, prorate(amount, &share, currency));
    }
    mpq_clears(exact, part, NULL);
    return faults;
}

/* The detailed lines add up to the totals, and every amount has the currency's digits. */
static int count_sum_faults(struct arena *arena)
{
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct rate_input input = input_of(arena, (enum price_type)between(PRICE_FREE, PRICE_UNIT),
                                           random_dec(1000000, 8), random_dec(1000000, 4));
        struct rate_result result;
        MUST(rate_line(&input, arena, &result) == FAULT_NONE);
        dec sum = rate_totals_zero(input.currency).amount;
        for (size_t d = 0; d < result.count; d++) {
            sum = dec_add(sum, result.details[d].amount);
            faults += result.details[d].amount.scale != input.currency->digits;
        }
        faults += !dec_equal(sum, result.totals.amount) || !dec_equal(sum, result.totals.total);
        arena_reset(arena);
    }
    return faults;
}

/* With a price above zero, more units never cost less. */
static int count_order_faults(struct arena *arena)
{
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        dec price = random_dec(1000000, 9);
        dec few = random_dec(1000000, 6);
        dec more = dec_add(few, random_dec(1000, 6));
        struct rate_input input = input_of(arena, PRICE_UNIT, price, few);
        struct rate_result cheap, dear;
        MUST(rate_line(&input, arena, &cheap) == FAULT_NONE);
        input.quantity = more;
        MUST(rate_line(&input, arena, &dear) == FAULT_NONE);
        faults += dec_compare(cheap.totals.total, dear.totals.total) > 0;
        arena_reset(arena);
    }
    return faults;
}

/* A flat price split at random instants adds up to the whole within one minor unit per part. */
static int count_split_faults(void)
{
    int faults = 0;
    for (int i = 0; i < ROUNDS; i++) {
        const struct currency *currency = random_currency();
        dec amount = random_dec(10000000, 4);
        struct period whole = { { 0 }, { between(100, 366 * NS_PER_DAY) } };
        int64_t parts = between(1, 6);
        dec sum = DEC_ZERO;
        struct period service = { { 0 }, { 0 } };
        for (int64_t p = 1; p <= parts; p++) {
            service.from = service.to;
            service.to.ns = p == parts ? whole.to.ns : between(service.from.ns, whole.to.ns);
            const struct proration share = { .service = service, .full = whole };
            sum = dec_add(sum, prorate(amount, &share, currency));
        }
        dec gap = dec_abs(dec_sub(sum, money_round(amount, currency)));
        faults += dec_compare(gap, dec_of_parts(parts, currency->digits)) > 0;
    }
    return faults;
}

int main(void)
{
    const char *seed = getenv("SEED");
    state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)clock_monotonic_ns();
    printf("# SEED=%llu\n", (unsigned long long)state);
    struct arena *arena = arena_new();
    OK(count_unit_faults(arena) == 0, "a unit line is the exact product, rounded once");
    OK(count_prorate_faults() == 0, "proration is the exact share, rounded once");
    OK(count_sum_faults(arena) == 0, "details add up to the totals");
    OK(count_order_faults(arena) == 0, "more units never cost less");
    OK(count_split_faults() == 0, "the parts of a split price add up to the whole");
    arena_free(arena);
    return tap_end();
}
