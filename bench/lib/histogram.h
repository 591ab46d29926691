/* histogram.h: many durations in little room: each is kept to within 1/64 of itself. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include "base/base.h"

#define HISTOGRAM_PLACES 4096U

struct histogram {
    uint64_t count;
    int64_t max_ns;
    uint32_t places[HISTOGRAM_PLACES];
};

/* Counts one duration, zero or more. */
void histogram_add(struct histogram *histogram, int64_t ns);

/* The duration that `per_mille` thousandths of all do not exceed; 0 when there are none. */
int64_t histogram_at(const struct histogram *histogram, uint64_t per_mille);

#endif
