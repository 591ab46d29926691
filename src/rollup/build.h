/* build.h: a run from raw events.
 *
 * Private to rollup/. Events come as columns. They are grouped by numbers (of subjects and of the
 * values of dimensions), which are looked up once for each distinct value of a block; the texts are
 * compared only to put the numbers in order. Then the events are sorted by series and minute and
 * counted in one pass, and sorted once more for "everyone".
 *
 * EVERYONE is there on the levels on which its cells are at most a quarter of those that a reader
 * of the level would have to take of all subjects. A run of fewer than BUILD_FEW_EVENTS has all
 * levels: from so few nothing can be told, and what is not there cannot be merged.
 */
#ifndef ROLLUP_BUILD_H
#define ROLLUP_BUILD_H

#include <stdatomic.h>

#include "rollup/definition.h"
#include "rollup/series.h"

#define BUILD_EVENTS     262144U /* of a run, about: a run ends with a block */
#define BUILD_FEW_EVENTS 65536U

#define BUILD_EVERYONE_AUTO UINT32_MAX

struct build {
    struct usage *usage;
    struct usage_io *io;
    const struct definition *definition;
    uint64_t first, last;            /* sequences to look at */
    const char *path;                /* of the run's file */
    uint32_t everyone;               /* the levels, or BUILD_EVERYONE_AUTO */
    const _Atomic bool *is_stopping; /* gives up with ERR_STOPPED when true; or NULL */
};

/* Writes a run of events from `first` on. `ret_last` is how far it reaches: to `last`, or less when
 * there are more than BUILD_EVENTS. ERR_CONFLICT when events were erased meanwhile: to be
 * tried again. */
NODISCARD enum err build_run(const struct build *build, uint64_t *ret_last);

/* Whether runs like this have days of subjects alone. */
bool build_keeps_alone(const struct run_summary *summary);

/* Whether a level of everyone is worth its cells. */
bool build_keeps_everyone(const struct run_summary *summary, enum rollup_level level,
                          uint64_t cells);

#endif
