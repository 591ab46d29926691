/* scale.h: a * b / c without losing what does not fit in 64 bits on the way. */
#ifndef BENCH_SCALE_H
#define BENCH_SCALE_H

#include "base/base.h"

__extension__ typedef unsigned __int128 scale_wide;

/* The quotient, cut; it must fit, and c must not be 0. */
static inline uint64_t scale(uint64_t a, uint64_t b, uint64_t c)
{
    return (uint64_t)((scale_wide)a * b / c);
}

#endif
