/* rating.c: how many rate cards are rated a second of one core's time: five graduated tiers with
 * fees and unit prices, a percentage discount and a minimum, all lines of the answer. Once for
 * whole units, once for fractions at prices of the small change of a token. Nothing is allocated
 * but in an arena that is emptied after each; calls of malloc are counted to prove it.
 *
 *   make V=release build/release/bench/rating
 *   build/release/bench/rating DIRECTORY      (which it does not need)
 */
#include <sys/resource.h>

#include <stdio.h>

#include "base/clock.h"
#include "rating/rate.h"

#define ROUNDS 1000000

/* glibc's own, behind the one that counts. */
void *__libc_malloc(size_t size);

static uint64_t allocations;

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

static const int ends[] = { 100, 1000, 5000, 20000 };

/* What is rated: quantities are counted in parts of a unit. */
struct kind {
    const char *name;
    int32_t quantity_scale;
    int32_t price_scale;
    bool is_printed; /* with names, references and totals of each detailed line */
};

static const struct kind kinds[] = {
    { "rate cards, whole units", 0, 4, false },
    { "rate cards, fractions  ", 3, 9, false },
    { "rate cards, as printed ", 0, 4, true },
};

/* Nanoseconds of processor time that the process has had. */
static int64_t processor_ns(void)
{
    struct rusage use;

    MUST(getrusage(RUSAGE_SELF, &use) == 0);
    return (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * NS_PER_SECOND +
           (use.ru_utime.tv_usec + use.ru_stime.tv_usec) * (NS_PER_SECOND / 1000000);
}

static void fill(const struct kind *kind, struct price_tier *tiers, struct price_terms *terms)
{
    *terms = price_terms_free();
    for (int i = 0; i < 5; i++)
        tiers[i] = (struct price_tier){
            i < 4 ? dec_of_int(ends[i]) : DEC_INVALID,
            dec_of_int(5),
            dec_of_parts(50 - 9 * i, kind->price_scale),
        };
    terms->price.type = PRICE_GRADUATED;
    terms->price.tiers = (struct list){ tiers, 5 };
    terms->percentage_discount = dec_of_parts(125, 1);
    terms->minimum_amount = dec_of_int(100);
}

static void measure(const struct kind *kind, struct arena *arena)
{
    const struct currency *currency = currency_find(TEXT("USD"));
    struct price_tier tiers[5];
    struct price_terms terms;
    uint64_t lines = 0;

    fill(kind, tiers, &terms);
    (void)arena_alloc(arena, 16 * 1024); /* the block that every reset keeps */
    arena_reset(arena);
    uint64_t allocations_before = allocations;
    int64_t start = processor_ns();
    for (int i = 0; i < ROUNDS; i++) {
        const struct rate_input input = {
            .terms = &terms,
            .name = TEXT("API calls"),
            .quantity =
                dec_of_parts((dec_coefficient)i * 31 % 30000 * (kind->quantity_scale > 0 ? 997 : 1),
                             kind->quantity_scale),
            .currency = currency,
        };
        struct rate_reckoning numbers;
        struct rate_result printed;

        if (kind->is_printed) {
            MUST(rate_line(&input, arena, &printed) == FAULT_NONE);
            lines += printed.count;
        } else {
            MUST(rate_reckon(&input, arena, &numbers) == FAULT_NONE);
            lines += numbers.count;
        }
        arena_reset(arena);
    }
    int64_t spent = processor_ns() - start;
    printf("%s  %lld a second of processor time, %.1f detailed lines each, %lld ns a line, "
           "%llu allocations\n",
           kind->name, (long long)(ROUNDS * NS_PER_SECOND / spent), (double)lines / ROUNDS,
           (long long)((uint64_t)spent / lines),
           (unsigned long long)(allocations - allocations_before));
}

int main(void)
{
    struct arena *arena = arena_new();

    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        measure(&kinds[i], arena);
    arena_free(arena);
    return 0;
}
