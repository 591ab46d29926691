#include "rollup/radix.h"

#define DIGIT_BITS 11U
#define DIGITS     (1U << DIGIT_BITS)

/* One pass: orders by the digit at `shift`. */
static void sort_digit(const struct radix_item *from, struct radix_item *to, size_t count,
                       unsigned shift)
{
    size_t starts[DIGITS] = { 0 };
    size_t start = 0;
    for (size_t i = 0; i < count; i++)
        starts[(from[i].key >> shift) & (DIGITS - 1)]++;
    for (size_t i = 0; i < DIGITS; i++) {
        size_t size = starts[i];
        starts[i] = start;
        start += size;
    }
    for (size_t i = 0; i < count; i++)
        to[starts[(from[i].key >> shift) & (DIGITS - 1)]++] = from[i];
}

void radix_sort(struct radix_item *items, struct radix_item *scratch, size_t count, unsigned bits)
{
    CHECK(bits <= 64);
    struct radix_item *from = items;
    struct radix_item *to = scratch;
    for (unsigned shift = 0; shift < bits; shift += DIGIT_BITS) {
        sort_digit(from, to, count, shift);
        struct radix_item *sorted = to;
        to = from;
        from = sorted;
    }
    if (from != items && count > 0)
        memcpy(items, from, count * sizeof(*items));
}
