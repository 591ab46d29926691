/* merge.h: one run of several neighbours.
 *
 * Private to rollup/. All inputs are read side by side, so memory does not depend on their size. A
 * series that only one of them has is copied as bytes. The result is what build.h would have made
 * of all the events, down to the bytes of keys and cells; but a level of "everyone" that one of
 * them (with any events) does not have is not made.
 */
#ifndef ROLLUP_MERGE_H
#define ROLLUP_MERGE_H

#include "rollup/build.h"

#define MERGE_RUNS 8U /* at once */

struct merge {
    struct usage_io *io;
    struct run *const *runs; /* ascending, each beginning where the one before ends */
    size_t count;            /* 1 to MERGE_RUNS */
    const char *path;        /* of the new run's file */
    uint64_t epoch;          /* of the whole range, from before the runs were known to be valid */
    uint32_t everyone;       /* as in struct build */
    const _Atomic bool *is_stopping;
};

/* Writes the run. ERR_CORRUPT with the input at fault in `ret_corrupt`; ERR_STOPPED. */
NODISCARD enum err merge_runs(const struct merge *merge, size_t *ret_corrupt);

#endif
