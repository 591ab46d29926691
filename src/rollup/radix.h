/* radix.h: sorts numbered items by keys of up to 64 bits, in linear time.
 *
 * Private to rollup/. Stable: items with the same key stay in order.
 */
#ifndef ROLLUP_RADIX_H
#define ROLLUP_RADIX_H

#include "base/base.h"

struct radix_item {
    uint64_t key;
    uint32_t item;
};

/* How many bits it takes to write numbers up to `n`. */
static inline unsigned radix_bits(uint64_t n)
{
    return n == 0 ? 0 : 64U - (unsigned)__builtin_clzll(n);
}

/* Sorts by the low `bits` of the key; those above are 0. `scratch` has room for as many. */
void radix_sort(struct radix_item *items, struct radix_item *scratch, size_t count, unsigned bits);

#endif
