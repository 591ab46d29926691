/* definition.h: a view, copied, with its paths parsed: what runs are built by.
 *
 * Private to rollup/.
 */
#ifndef ROLLUP_DEFINITION_H
#define ROLLUP_DEFINITION_H

#include "codec/fields.h"
#include "rollup/run.h"

struct definition {
    struct rollup_view view; /* everything in the arena */
    struct text_list dimensions;
    struct usage_paths paths; /* the value's, unless it is a count, then the dimensions' */
    size_t first_dimension;   /* among the paths */
    uint64_t fingerprint;     /* of all that makes a difference to the runs */
};

/* A copy of the view in the arena. False when a path is none. */
NODISCARD bool definition_of(const struct rollup_view *view, struct arena *arena,
                             struct definition *ret);

#endif
