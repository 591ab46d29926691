/* rating.c: how many rate cards are rated a second, on one core: five graduated tiers with fees
 * and unit prices, a percentage discount and a minimum, all lines of the answer. Nothing is
 * allocated but in an arena that is emptied after each.
 *
 *   make V=release build/release/bench/rating
 *   build/release/bench/rating DIRECTORY      (which it does not need)
 */
#include <stdio.h>

#include "base/clock.h"
#include "rating/rate.h"

#define ROUNDS 1000000

static const int ends[] = { 100, 1000, 5000, 20000 };

static void fill(struct price_tier *tiers, struct price_terms *terms)
{
    *terms = price_terms_free();
    for (int i = 0; i < 5; i++)
        tiers[i] = (struct price_tier){
            i < 4 ? dec_of_int(ends[i]) : DEC_INVALID,
            dec_of_int(5),
            dec_of_parts(50 - 9 * i, 4),
        };
    terms->price.type = PRICE_GRADUATED;
    terms->price.tiers = (struct list){ tiers, 5 };
    terms->percentage_discount = dec_of_parts(125, 1);
    terms->minimum_amount = dec_of_int(100);
}

int main(void)
{
    struct price_tier tiers[5];
    struct price_terms terms;
    struct arena *arena = arena_new();
    const struct currency *currency = currency_find(TEXT("USD"));
    int64_t start, elapsed;
    uint64_t lines = 0;

    fill(tiers, &terms);
    start = clock_monotonic_ns();
    for (int i = 0; i < ROUNDS; i++) {
        const struct rate_input input = {
            .terms = &terms,
            .name = TEXT("API calls"),
            .quantity = dec_of_int(i % 30000),
            .currency = currency,
        };
        struct rate_result result;

        MUST(rate_line(&input, arena, &result) == FAULT_NONE);
        lines += result.count;
        arena_reset(arena);
    }
    elapsed = clock_monotonic_ns() - start;
    printf("rate cards, one core    %lld a second, %.1f detailed lines each, %lld ns a line\n",
           (long long)(ROUNDS * NS_PER_SECOND / elapsed), (double)lines / ROUNDS,
           (long long)((uint64_t)elapsed / lines));
    arena_free(arena);
    return 0;
}
