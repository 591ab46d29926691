/* law.h: laws: statements that hold for all inputs, tried on many random ones.
 *
 *   law_seed();
 *   struct law law = { .name = "a sum does not depend on the order" };
 *   for (int i = 0; i < 20000; i++) {
 *       dec a = …, b = …;
 *       law_case(&law, dec_equal(dec_add(a, b), dec_add(b, a)), "%d", i);
 *   }
 *   law_end(&law);
 *
 * The seed is printed; SEED=n in the environment repeats a run.
 */
#ifndef TEST_LIB_LAW_H
#define TEST_LIB_LAW_H

#include <stdlib.h>

#include "base/random.h"
#include "lib/tap.h"

#define LAW_SHOWN_MAX 3 /* counterexamples printed */

struct law {
    const char *name;
    int cases;
    int failures;
};

static struct random law_random;

/* Seeds the generator; call once, first. */
static inline void law_seed(void)
{
    const char *given = getenv("SEED");
    struct random system = random_system();
    uint64_t seed = 0;
    if (given != NULL)
        seed = strtoull(given, NULL, 10);
    else
        random_fill(&system, &seed, sizeof(seed));
    law_random = random_seeded(seed);
    printf("# SEED=%llu\n", (unsigned long long)seed);
}

/* A uniform number from `low` to `high`, both inside. */
static inline int64_t law_between(int64_t low, int64_t high)
{
    uint64_t width = (uint64_t)high - (uint64_t)low;
    uint64_t step = 0;
    if (width == UINT64_MAX)
        random_fill(&law_random, &step, sizeof(step));
    else
        step = random_below(&law_random, width + 1);
    return (int64_t)((uint64_t)low + step);
}

/* Counts a case, and shows the first that break the law. */
PRINTF_LIKE(3, 4)

static inline void law_case(struct law *law, bool is_kept, const char *format, ...)
{
    va_list values;
    law->cases++;
    if (is_kept)
        return;
    law->failures++;
    if (law->failures > LAW_SHOWN_MAX)
        return;
    printf("# broken by ");
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    printf("\n");
}

/* The result of the law; one without cases does not hold. */
static inline void law_end(const struct law *law)
{
    OK(law->failures == 0 && law->cases > 0, "%s (%d cases)", law->name, law->cases);
}

#endif
