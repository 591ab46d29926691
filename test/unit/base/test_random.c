/* Chance: the seeded kind repeats itself, the kernel's does not, and bounds are kept. */
#include "base/random.h"

#include "lib/law.h"

static uint64_t next(struct random *random)
{
    uint64_t n;
    random_fill(random, &n, sizeof n);
    return n;
}

static void test_known(void)
{
    /* From the authors' own programs: splitmix64 seeded with 0, xoshiro256** from 1, 2, 3, 4. */
    static const uint64_t states[] = { 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f,
                                       0xf88bb8a8724c81ec };
    static const uint64_t numbers[] = {
        11520, 0, 1509978240, 1215971899390074240, 1216172134540287360, 607988272756665600
    };
    struct random random = random_seeded(0);
    bool is_same = true;
    OK(memcmp(random.state, states, sizeof states) == 0, "the seed is spread by splitmix64");
    for (size_t i = 0; i < COUNT_OF(random.state); i++)
        random.state[i] = i + 1;
    for (size_t i = 0; i < COUNT_OF(numbers); i++)
        is_same &= next(&random) == numbers[i];
    OK(is_same, "the sequence is that of xoshiro256**");
}

static void test_repeats(void)
{
    struct random one = random_seeded(42), same = random_seeded(42), other = random_seeded(43);
    bool is_same = true;
    int equal = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t n = next(&one);
        is_same &= n == next(&same);
        equal += n == next(&other);
    }
    OK(is_same, "a seed gives the same sequence again");
    OK(equal == 0, "another seed another one");
    unsigned char bytes[21], again[21];
    one = random_seeded(5);
    same = random_seeded(5);
    random_fill(&one, bytes, sizeof bytes);
    random_fill(&same, again, sizeof again);
    OK(memcmp(bytes, again, sizeof bytes) == 0, "also in pieces that are no multiple of a word");
}

static void test_fill(void)
{
    struct random kinds[] = { random_system(), random_seeded(1) };
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        unsigned char guarded[34];
        unsigned char seen[32] = { 0 };
        bool is_touched = false;
        memset(guarded, 0x5a, sizeof guarded);
        for (int i = 0; i < 64; i++) {
            random_fill(&kinds[k], guarded + 1, 32);
            for (size_t b = 0; b < sizeof seen; b++)
                seen[b] |= guarded[b + 1];
        }
        for (size_t b = 0; b < sizeof seen; b++)
            is_touched |= seen[b] != 0xff;
        OK(!is_touched, "every bit that was asked for is filled (%s)", k ? "seeded" : "system");
        OK(guarded[0] == 0x5a && guarded[33] == 0x5a, "and none beyond");
        random_fill(&kinds[k], guarded, 0);
        OK(guarded[0] == 0x5a, "asking for nothing changes nothing");
    }
    struct random a = random_system(), b = random_system();
    OK(next(&a) != next(&b), "the kernel's numbers do not repeat");
}

static void test_below(void)
{
    struct law bound = { .name = "a number stays below its bound" };
    for (int i = 0; i < 20000; i++) {
        uint64_t limit = next(&law_random) >> law_between(0, 63);
        limit += limit == 0;
        uint64_t n = random_below(&law_random, limit);
        law_case(&bound, n < limit, "%llu of %llu", (unsigned long long)n,
                 (unsigned long long)limit);
    }
    law_end(&bound);
    OK(random_below(&law_random, 1) == 0, "below 1 there is only 0");
    OK(random_below(&law_random, UINT64_MAX) < UINT64_MAX, "the largest bound");

    struct random random = random_seeded(3);
    int counts[6] = { 0 };
    for (int i = 0; i < 60000; i++)
        counts[random_below(&random, 6)]++;
    bool is_even = true;
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        is_even &= counts[i] > 9600 && counts[i] < 10400;
    OK(is_even, "a die falls on each side about as often");
    /* Three quarters of 2^64: without care the first half of the numbers came twice as often as
     * the rest. */
    int low = 0;
    for (int i = 0; i < 30000; i++)
        low += random_below(&random, 3ULL << 62) < (1ULL << 62);
    OK(low > 9600 && low < 10400, "a large bound favours no numbers");
}

int main(void)
{
    law_seed();
    test_known();
    test_repeats();
    test_fill();
    test_below();
    return tap_end();
}
