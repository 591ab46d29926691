/* histogram.c: see histogram.h. */
#include "lib/histogram.h"

#define FINE_BITS 6U

/* Powers of two, each cut into 64 places. */
static uint32_t place_of(uint64_t ns)
{
    if (ns < 1U << FINE_BITS)
        return (uint32_t)ns;
    uint32_t power = 63U - (uint32_t)__builtin_clzll(ns);
    uint32_t fine = (uint32_t)(ns >> (power - FINE_BITS)) & ((1U << FINE_BITS) - 1);
    return ((power - FINE_BITS + 1) << FINE_BITS) + fine;
}

/* The longest duration of a place. */
static int64_t place_end(uint32_t place)
{
    if (place < 1U << FINE_BITS)
        return place;
    uint32_t shift = (place >> FINE_BITS) - 1;
    uint64_t fine = (place & ((1U << FINE_BITS) - 1)) + (1U << FINE_BITS);
    return (int64_t)(((fine + 1) << shift) - 1);
}

void histogram_add(struct histogram *histogram, int64_t ns)
{
    uint32_t place = place_of((uint64_t)ns);
    CHECK(ns >= 0 && place < HISTOGRAM_PLACES);
    histogram->places[place]++;
    histogram->count++;
    if (ns > histogram->max_ns)
        histogram->max_ns = ns;
}

int64_t histogram_at(const struct histogram *histogram, uint64_t per_mille)
{
    uint64_t wanted = (histogram->count * per_mille + 999) / 1000;
    uint64_t seen = 0;

    CHECK(per_mille <= 1000);
    if (histogram->count == 0)
        return 0;
    for (uint32_t i = 0; i < HISTOGRAM_PLACES; i++) {
        seen += histogram->places[i];
        if (seen >= wanted)
            return place_end(i) < histogram->max_ns ? place_end(i) : histogram->max_ns;
    }
    return histogram->max_ns;
}
