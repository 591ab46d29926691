/* bodies.h: files of request bodies, ready to be sent, and the index that says where each begins.
 *
 * The bodies stand one behind the other in FILE; FILE.index holds one struct body each. Written by
 * bench/events, sent by bench/load.
 */
#ifndef BENCH_BODIES_H
#define BENCH_BODIES_H

#include "base/base.h"

struct body {
    uint64_t offset;
    uint32_t length;
    uint32_t events;
    uint32_t duplicates; /* of events in this body or in those before it */
    uint32_t unused;
};

#endif
